"""The e-value of an effect: how strongly its data speak against "it does not exceed the hurdle"."""

from __future__ import annotations

import math

from headway.kernel.identity import Json
from headway.kernel.quantity import parse_share
from headway.measures.value.effect.base import Compared, Role, Setting
from headway.measures.value.effect.wording import good_sign
from headway.statistics.sequential import log_e_one_sided, log_e_two_sided, r_star

# r is fixed here whatever level a gate asks for later (measurement.md 5.4).
ALPHA = 0.05


def e_values(setting: Setting, compared: Compared, role: Role, progress: float) -> dict[str, Json] | None:
    """Both e-values of one effect, as natural logs, with all that made them.

    Args:
        setting: the pilot.
        compared: the effect.
        role: what the metric is to the pilot; only the outcome and a guardrail have a hurdle other than 0.
        progress: share of the planned information that is in.

    Returns:
        ``log_one_sided`` (the one that promotion uses), ``log_two_sided``, ``null`` on the scale of the
        estimate, ``side``, ``r``, ``f`` and ``form``; None where the design has no e-value.
    """
    if compared.form == "none":
        return None
    good, null = good_direction(setting, compared.metric, role), hurdle(setting, compared, role)
    r = r_star(ALPHA) * progress
    made: dict[str, Json] = {
        "null": null,
        "side": "greater" if good > 0 else "less",
        "form": compared.form,
        "r": r,
        "f": progress,
    }
    if compared.form == "calibrator":
        return {**made, "log_one_sided": _calibrated(compared.p_one_sided), "log_two_sided": None}
    contrast = compared.contrast
    df = math.inf if compared.form == "normal" else contrast.df
    t = good * (contrast.theta - null) / contrast.se
    one, two = log_e_one_sided(t, df, r), log_e_two_sided(t, df, r)
    return {**made, "log_one_sided": one, "log_two_sided": two}


def hurdle(setting: Setting, compared: Compared, role: Role) -> float:
    """What an effect must exceed, on the scale of its estimate: to be promoted, or to be harmless."""
    if setting.guardrail(compared.metric) is not None:
        # Non-inferiority: the e-value speaks against "it became worse by the margin or more".
        return margin_of(setting, compared) or 0.0
    if role != "outcome":
        return 0.0
    above = parse_share(setting.pilot.promote_above)
    return math.log1p(above) if compared.scale == "log" else above


def margin_of(setting: Setting, compared: Compared) -> float | None:
    """The margin of a guardrail on the scale of its estimate; None where it is no guardrail, or not known.

    A ratio of an absolute difference, and the reverse, go by the control mean.
    """
    rail = setting.guardrail(compared.metric)
    if rail is None:
        return None
    bound, absolute = rail.bound(compared.scale), compared.scale == "absolute"
    if not rail.harm or rail.relative != absolute:
        return bound
    if not compared.control_mean:
        return None
    change = rail.bound("relative")
    if absolute:
        return change * abs(compared.control_mean)
    change /= abs(compared.control_mean)
    return math.log1p(max(change, -1 + 1e-9)) if compared.scale == "log" else change


def good_direction(setting: Setting, metric: str, role: Role) -> int:
    """+1 where more of a metric is good, -1 where less is."""
    if role == "guardrail":
        worse = next(g.worse for g in setting.pilot.guardrails if g.metric == metric)
        return -1 if worse == "up" else 1
    declared = setting.ask.portfolio.outcomes.get(setting.ask.initiative.outcome)
    better = declared.metric.better if declared and declared.metric else "higher"
    return good_sign(setting.pilot.objective.value, better)


def _calibrated(p: float | None) -> float | None:
    """E = 1 / (2 sqrt(p)), whose mean is 1 under the null (Vovk, Wang, Ann. Stat. 2021)."""
    if p is None:
        return None
    return -math.log(2) - 0.5 * math.log(max(p, 1e-300))
