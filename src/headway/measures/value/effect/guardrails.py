"""Guardrails: what must not become worse, judged against its margin at a level of its own.

The error of all guardrails of a pilot together is 5 %, apart from that of its outcome: each of m is judged at
1 - .05/m (measurement.md 5.6). A guardrail that could not be computed is missing and never 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from headway.kernel.identity import Json
from headway.measures.base import Absent, Finding, Result
from headway.measures.value.effect.base import Compared, Setting
from headway.measures.value.effect.evalue import margin_of
from headway.measures.value.effect.record import LEVEL, named, progress, shown
from headway.portfolio.guardrail import Guardrail
from headway.statistics.sequential import boundary, r_star

State = Literal["met", "missed", "inconclusive"]
Interval = tuple[float, float]


def alpha_of(setting: Setting) -> float:
    """The error that one guardrail of this pilot may make."""
    return (1 - LEVEL) / max(1, len(setting.pilot.guardrails))


def state_of(rail: Guardrail, bound: float, ends: Interval) -> State:
    """Met with the whole interval inside the margin, missed with all of it beyond, else inconclusive.

    Args:
        rail: which direction is bad.
        bound: the margin in the metric's own sign, on the scale of `ends`.
        ends: low and high end.

    Example:
        >>> rail = Guardrail(metric="complaints", worse="up")
        >>> [state_of(rail, 0.1, ends) for ends in ((-0.1, 0.1), (0.11, 0.3), (0.0, 0.2))]
        ['met', 'missed', 'inconclusive']

    """
    low, high = ends if rail.worse == "up" else (-ends[1], -ends[0])
    limit = bound if rail.worse == "up" else -bound
    if low > limit:
        return "missed"
    return "met" if high <= limit else "inconclusive"


def judged(setting: Setting, compared: Compared, made: Finding) -> Finding:
    """The finding of a mean with what its guardrail says of it, where its metric is one.

    The limit is the interval at the guardrail's own level: once, or at every look with r tuned to that level.
    """
    rail = setting.guardrail(compared.metric)
    if rail is None:
        return made
    alpha = alpha_of(setting)
    ends = _interval(setting, compared, alpha)
    bound = margin_of(setting, compared)
    state: State = "inconclusive" if bound is None or ends is None else state_of(rail, bound, ends)
    low, high = (shown(end, compared.scale) for end in ends) if ends else (None, None)
    said: dict[str, Json] = {
        "kind": rail.kind,
        "worse": rail.worse,
        "margin": None if bound is None else shown(bound, compared.scale),
        "level": 1 - alpha,
        "low": low,
        "high": high,
        "state": state,
    }
    return with_guardrail(made, said)


def with_guardrail(made: Finding, said: Mapping[str, Json]) -> Finding:
    """A finding that carries what its guardrail says; the margin becomes part of its identity."""
    estimate = replace(made.estimate, detail={**made.estimate.detail, "guardrail": dict(said)})
    margin = {key: said[key] for key in ("kind", "worse", "margin", "level")}
    return replace(made, estimate=estimate, parameters={**made.parameters, "guardrail": margin})


def not_compared(setting: Setting, result: Result) -> tuple[Absent, ...]:
    """Guardrails of which nothing was said: missing, so that no gate takes them as met."""
    told = {f.metric for f in result.findings} | {a.metric for a in result.absent}
    arms = setting.treated or ("",)
    rails = [g for g in setting.pilot.guardrails if setting.guardrail(g.metric) is g]
    names = dict.fromkeys(named(g.metric, arm, len(arms)) for g in rails for arm in arms)
    why = "this design does not compare it"
    return tuple(Absent(name, "none", why) for name in names if name not in told)


def _interval(setting: Setting, compared: Compared, alpha: float) -> Interval | None:
    """The interval at the guardrail's level; None where the design has one at its own level only."""
    contrast = compared.contrast
    if compared.ends is not None:
        return compared.ends if math.isclose(alpha, 1 - LEVEL) else None
    if setting.pilot.looks == "once":
        return contrast.interval(1 - alpha)
    reach = boundary(contrast.df, r_star(alpha) * progress(setting, compared), alpha) * contrast.se
    if not math.isfinite(reach):
        return None
    return contrast.theta - reach, contrast.theta + reach
