"""The record of an effect: from a contrast to an estimate in the words and scale a person reads."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from headway.aggregates.request import Request
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.measures.base import STANDS, Absent, Finding
from headway.measures.value.effect.base import Compared, Role, Setting
from headway.measures.value.effect.evalue import e_values
from headway.measures.value.effect.registration import named_registration
from headway.statistics.sequential import boundary, r_star

LEVEL = 0.95
# A look at a running pilot is a look only for so long (measurement.md 7).
RUNNING_STANDS = timedelta(days=7)
# The large-sample interval is not looked at before this many units stand in every arm (measurement.md 5.4).
FIRST_LOOK = 100


def named(metric: str, arm: str, arms: int) -> str:
    """The metric's name; with several treated arms, the arm beside it.

    >>> named("exam", "tutor", 2)
    'exam [tutor]'
    """
    return f"{metric} [{arm}]" if arms > 1 else metric


def effect_of(
    setting: Setting,
    compared: Compared,
    role: Role,
    graded: tuple[Grade, tuple[str, ...]],
    observed: tuple[datetime, datetime] | None,
    requests: tuple[Request, ...],
) -> Finding | Absent:
    """An effect with its interval: once at the end, or valid at every look while it runs."""
    metric = named(compared.metric, compared.arm, len(setting.treated))
    closed, early = closing(setting)
    if early:
        return Absent(metric, "none", early)
    contrast = compared.contrast
    once = compared.ends or contrast.interval(LEVEL)
    low, high, looked = *once, "once"
    if setting.pilot.looks != "once" and compared.ends is None:
        seen = {a: compared.arms[a].measured for a in (compared.arm, setting.control) if a in compared.arms}
        short = [a for a, n in seen.items() if n < FIRST_LOOK]
        if short and contrast.clusters is None:
            return Absent(
                metric, "below_min_n", f"the first look needs {FIRST_LOOK} units in arm '{short[0]}'"
            )
        reach = (
            boundary(contrast.df, r_star(1 - LEVEL) * progress(setting, compared), 1 - LEVEL) * contrast.se
        )
        if not math.isfinite(reach):
            return Absent(
                metric, "below_min_n", f"df {contrast.df:.1f} give no interval that holds at every look yet"
            )
        low, high, looked = contrast.theta - reach, contrast.theta + reach, "anytime"
    grade, reasons = graded
    detail: dict[str, Json] = {
        "arm": compared.arm,
        "role": role,
        "scale": compared.scale,
        "theta": contrast.theta,
        "se": contrast.se,
        "df": contrast.df if math.isfinite(contrast.df) else None,
        "p_value": contrast.p_value(),
        "interval": looked,
        "low_once": shown(once[0], compared.scale),
        "high_once": shown(once[1], compared.scale),
        "clusters": contrast.clusters,
        "control_mean": compared.control_mean,
        "n_per_arm": {a: c.measured for a, c in compared.arms.items()},
        "design": setting.pilot.design,
        "registration": named_registration(setting.ask),
        "e": e_values(setting, compared, role, progress(setting, compared)),
        **compared.beside,
    }
    estimate = Estimate(
        value=shown(contrast.theta, compared.scale),
        low=shown(low, compared.scale),
        high=shown(high, compared.scale),
        level=LEVEL,
        unit=unit_of(setting, compared.metric, relative=compared.scale != "absolute"),
        n=contrast.n,
        method=", ".join(w for w in (contrast.method, compared.note) if w),
        grade=grade,
        grade_reasons=reasons,
        detail=detail,
    )
    stands = STANDS[grade] if closed else RUNNING_STANDS
    return Finding(metric, estimate, observed, stands, requests, parameters_of(setting, compared.arm))


def shown(theta: float, scale: str) -> float:
    """From the scale of the estimate to a change a person reads.

    >>> round(shown(0.17260782, "log"), 4)
    0.1884
    """
    return math.expm1(theta) if scale == "log" else theta


def unit_of(setting: Setting, metric: str, *, relative: bool) -> str:
    """The unit of an effect: a relative change, or the metric's own unit."""
    if relative:
        return "relative change"
    outcome = setting.ask.portfolio.outcomes.get(setting.ask.initiative.outcome)
    declared = outcome.metric if outcome else None
    return declared.unit if declared and declared.name == metric and declared.unit else metric


def closing(setting: Setting) -> tuple[bool, str]:
    """Whether the pilot has ended, and why an interval that is valid once may not be shown yet."""
    dates = setting.pilot.dates
    if dates is None:
        return True, ""
    ended = setting.ask.today >= dates.ends
    if not ended and setting.pilot.looks == "once":
        return False, f"it is looked at once, on {dates.ends}"
    return ended, ""


def progress(setting: Setting, compared: Compared) -> float:
    """Share of the planned information that is in, from counts alone (measurement.md 5.4)."""
    if compared.planned:
        return compared.contrast.n / compared.planned
    plan = setting.pilot.plan
    planned = float(plan.units) if plan and plan.units else float(compared.contrast.n)
    units = float(compared.contrast.n)
    clusters = compared.contrast.clusters
    if clusters and plan and plan.icc:
        size = units / clusters
        return (units / (1 + (size - 1) * plan.icc)) / (planned / (1 + (planned / clusters - 1) * plan.icc))
    return units / planned


def parameters_of(setting: Setting, arm: str) -> dict[str, Json]:
    """What shaped the estimate besides its sums; part of the evidence's identity."""
    pilot = setting.pilot
    return {
        "arm": arm,
        "control": setting.control,
        "design": pilot.design,
        "statistic": pilot.statistic,
        "scale": pilot.objective.scale,
        "covariates": list(pilot.covariates),
        "fixed_effects": list(pilot.fixed_effects),
        "looks": pilot.looks,
        "level": LEVEL,
    }
