"""Guardrails that watch a series per arm, such as latency by minute, by block means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Grade
from headway.kernel.identity import instant
from headway.measures.base import Absent, Result
from headway.measures.value.effect.base import Arm, Compared, Setting, at_midnight, diagnostic
from headway.measures.value.effect.guardrails import judged
from headway.measures.value.effect.record import effect_of, named
from headway.portfolio.guardrail import Guardrail
from headway.statistics.blocks import blocked, blocked_log_ratio, memory_of
from headway.statistics.contrast import Contrast, Degenerate, FloatArray

_N, _SUM = count("value"), sum_of("value")
_TERMS = (count(), _N, _SUM)
Moment = datetime
Values = Mapping[Moment, float]
_MEND = {
    "few_blocks": ("HW422", "give a longer baseline, wait, or compare units instead (kind: mean)"),
    "zero_variance": ("HW406", "wait, or choose a metric that varies"),
    "near_zero_mean": ("HW413", "use margin: {absolute: ...}"),
    "not_finite": ("HW411", "clean the source of NaN and infinite values"),
    "too_few": ("HW422", "give a longer baseline, wait, or compare units instead (kind: mean)"),
}


@dataclass(frozen=True, slots=True)
class _Series:
    """One treated arm beside the control: before the pilot, and since."""

    before: FloatArray
    treated: FloatArray
    control: FloatArray
    planned: float


def rails(setting: Setting) -> tuple[Guardrail, ...]:
    """The guardrails of a pilot that watch a series from a source that could be bound."""
    return tuple(
        g
        for g in setting.pilot.guardrails
        if g.kind == "series" and g.source in setting.ask.bound and setting.guardrail(g.metric)
    )


def needs(setting: Setting) -> tuple[Request, ...]:
    """One request per series: its values by arm and moment."""
    return tuple(_request(setting, g) for g in rails(setting) if _bound(setting, g).fact.name == "series")


def watched(setting: Setting, graded: tuple[Grade, tuple[str, ...]], sums: Mapping[Request, Sums]) -> Result:
    """Every guardrail on a series, for every treated arm; what cannot be read is missing."""
    result = Result()
    readable = rails(setting)
    for rail in (g for g in setting.pilot.guardrails if g.kind == "series" and setting.guardrail(g.metric)):
        for arm in setting.treated:
            name = named(rail.metric, arm, len(setting.treated))
            if rail not in readable or (_fits(setting, rail) and _request(setting, rail) not in sums):
                why = f"source '{rail.source}' cannot be read"
                one = Result(absent=(Absent(name, "source_failed", why),))
            elif not _fits(setting, rail):
                one = _misfit(setting, rail, name)
            else:
                one = _one(setting, rail, arm, graded, sums)
            result = Result(
                result.findings + one.findings,
                result.absent + one.absent,
                result.diagnostics + tuple(d for d in one.diagnostics if d not in result.diagnostics),
            )
    return result


def _one(
    setting: Setting,
    rail: Guardrail,
    arm: str,
    graded: tuple[Grade, tuple[str, ...]],
    sums: Mapping[Request, Sums],
) -> Result:
    request = _request(setting, rail)
    name = named(rail.metric, arm, len(setting.treated))
    values = _values(sums[request])
    series = _series(setting, values, arm)
    try:
        block = memory_of(series.before).block
        contrast = _contrast(rail, series, block)
    except Degenerate as fault:
        code, mend = _MEND[fault.reason]
        path = ("guardrails", setting.pilot.guardrails.index(rail), "metric")
        found = diagnostic(setting, code, f"{name}: {fault.detail}", mend, *path)
        reason = "below_min_n" if code == "HW422" else "source_failed"
        return Result(absent=(Absent(name, reason, fault.detail),), diagnostics=(found,))
    n = int(contrast.n)
    compared = Compared(
        rail.metric,
        arm,
        contrast,
        "log" if rail.relative else "absolute",
        float(series.control.mean()),
        {a: Arm(n, n, contrast.clusters) for a in (arm, setting.control)},
        note="guardrail only",
        beside={"block": block, "baseline": int(series.before.size)},
        planned=series.planned,
    )
    window = _window(values, arm)
    made = effect_of(setting, compared, "guardrail", graded, window, (request,))
    if isinstance(made, Absent):
        return Result(absent=(made,))
    return Result(findings=(judged(setting, compared, made),))


def _contrast(rail: Guardrail, series: _Series, block: int) -> Contrast:
    if rail.relative:
        return blocked_log_ratio(series.treated, series.control, block)
    return blocked(series.treated - series.control, block)


def _bound(setting: Setting, rail: Guardrail) -> Bound:
    return setting.ask.bound[str(rail.source)]


def _fits(setting: Setting, rail: Guardrail) -> bool:
    return _bound(setting, rail).fact.name == "series"


def _misfit(setting: Setting, rail: Guardrail, name: str) -> Result:
    what = f"source '{rail.source}' fills the fact '{_bound(setting, rail).fact.name}', not 'series'"
    path = ("guardrails", setting.pilot.guardrails.index(rail), "source")
    found = diagnostic(setting, "HW434", what, "name a source of fact series, with the arm as unit_id", *path)
    return Result(absent=(Absent(name, "source_failed", what),), diagnostics=(found,))


def _request(setting: Setting, rail: Guardrail) -> Request:
    until = ("ts", instant(setting.ask.as_of))
    return Request(str(rail.source), ("unit_id", "ts"), _TERMS, (("metric", rail.metric),), until)


def _values(answer: Sums) -> Mapping[str, Values]:
    """The mean value of every moment, by arm."""
    shift = answer.shift.get("value", 0.0)
    found: dict[str, dict[Moment, float]] = {}
    for at, (arm, moment) in enumerate(answer.groups):
        n, ts = int(answer[_N][at]), at_midnight(moment)
        if n and ts is not None:
            found.setdefault(str(arm), {})[ts] = shift + float(answer[_SUM][at]) / n
    return found


def _series(setting: Setting, values: Mapping[str, Values], arm: str) -> _Series:
    """Differences on moments that both arms have; before the pilot the control alone where it stood alone."""
    treated, control = values.get(arm, {}), values.get(setting.control, {})
    starts, ends = _dates(setting)
    both = sorted(treated.keys() & control.keys())
    before = [treated[t] - control[t] for t in both if t < starts]
    since = [t for t in both if starts <= t < ends]
    return _Series(
        np.array(before or [control[t] for t in sorted(control) if t < starts]),
        np.array([treated[t] for t in since]),
        np.array([control[t] for t in since]),
        (ends - starts) / _step(since) if len(since) > 1 else 0.0,
    )


def _dates(setting: Setting) -> tuple[Moment, Moment]:
    """First and last moment of the pilot, as days are cut in the portfolio's time zone."""
    dates: Any = setting.pilot.dates
    zone = ZoneInfo(setting.ask.portfolio.settings.time_zone)
    starts, ends = (
        datetime.combine(day, time.min, zone).astimezone(UTC) for day in (dates.starts, dates.ends)
    )
    return starts, ends + timedelta(days=1)


def _step(moments: list[Moment]) -> timedelta:
    gaps = sorted(b - a for a, b in pairwise(moments))
    return gaps[len(gaps) // 2]


def _window(values: Mapping[str, Values], arm: str) -> tuple[Moment, Moment] | None:
    seen: Any = values.get(arm)
    return (min(seen), max(seen)) if seen else None
