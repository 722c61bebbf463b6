"""The measure ``baseline``: where the metric of an outcome stood before anybody changed something."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np

from headway.aggregates.request import Request, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Estimate, Grade
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.portfolio.outcome import Outcome, baseline_name
from headway.statistics.contrast import Degenerate
from headway.statistics.covariates import CrossMoments
from headway.statistics.ratios import ratio_of

LEVEL = 0.95
# A unit's values are a sum and a count, by the names of the table that is made for it.
_PARTS = ("total", "times")
_COMPLETE = ("total",)
# Where things stood does not change any more.
_STANDS = timedelta(days=3650)


class BaselineMeasure:
    """Mean (or share) of an outcome's values over its declared window, with an interval over units."""

    name = "baseline"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Per unit the sum and the number of its values: what a ratio of sums is made of."""
        table = baseline_name(ask.initiative.outcome)
        if table not in ask.bound:
            return ()
        firsts = [sum_of(p, complete=_COMPLETE) for p in _PARTS]
        pairs = [
            sum_of(*pair, complete=_COMPLETE) for pair in (("total", "total"), _PARTS, ("times", "times"))
        ]
        return (Request(table, (), (count(), count(*_COMPLETE), *firsts, *pairs)),)

    def estimate(self, ask: Ask, given: Given) -> Result:
        """The level, or why there is none; nothing where no baseline is to be measured."""
        outcome = ask.portfolio.outcomes.get(ask.initiative.outcome)
        base = outcome.baseline if outcome else None
        if outcome is None or outcome.metric is None or base is None or base.measure is None:
            return Result()
        requests, table = self.needs(ask), baseline_name(outcome.outcome)
        failed = given.failed.get(table) or given.failed.get(base.measure)
        if failed or not requests:
            why = failed or f"source '{base.measure}' cannot be read"
            return Result(absent=(Absent(outcome.metric.name, "source_failed", why),))
        try:
            estimate = _level(outcome, given.sums[requests[0]])
        except Degenerate as fault:
            return Result(absent=(Absent(outcome.metric.name, "below_min_n", fault.detail),))
        window = _observed(outcome)
        level = Finding(outcome.metric.name, estimate, window, _STANDS, requests)
        if window is None:
            return Result((level,))
        return Result((level, Finding("baseline_days", _days(estimate, window), window, _STANDS, requests)))


def measured(ask: Ask, outcome: Outcome, given: Given) -> Outcome:
    """The outcome with its measured level in the place of the declared one, where there is one.

    A relative change of a unit's sum is none of the mean of its values: then the declared level stands.
    """
    found = given.earlier.get("baseline", Result()).findings
    if not found or outcome.baseline is None or not _alike(ask):
        return outcome
    ends = {k: getattr(found[0].estimate, k) for k in ("value", "low", "high")}
    return outcome.model_copy(update={"baseline": outcome.baseline.model_copy(update=ends)})


def _alike(ask: Ask) -> bool:
    """Whether the pilot compares what the baseline is: means of values."""
    pilot = ask.initiative.pilot
    if pilot is None or not pilot.over_events or pilot.window is None:
        return True
    return pilot.window.aggregate.get(pilot.metric) == "mean"


def _level(outcome: Outcome, sums: Sums) -> Estimate:
    n = int(sums[count(*_COMPLETE)].sum())
    first = np.array([float(sums[sum_of(p, complete=_COMPLETE)].sum()) for p in _PARTS])
    second = np.array([[float(sums[sum_of(p, q, complete=_COMPLETE)].sum()) for q in _PARTS] for p in _PARTS])
    shift = np.array([sums.shift.get(p, 0.0) for p in _PARTS])
    moments = CrossMoments.from_sums(n, first, second, shift)
    contrast = ratio_of(moments)
    low, high = contrast.interval(LEVEL)
    unit = outcome.metric.unit if outcome.metric else ""
    return Estimate(
        value=contrast.theta,
        low=low,
        high=high,
        level=LEVEL,
        unit=unit or (outcome.metric.name if outcome.metric else ""),
        n=n,
        method="mean of all values, error over units",
        grade=Grade.C,
        grade_reasons=("a level, compared with nothing",),
        detail={"se": contrast.se, "df": contrast.df, "values": float(moments.mean[1] * n)},
    )


def _days(level: Estimate, window: tuple[datetime, datetime]) -> Estimate:
    """Over how many days a level was measured: what a gate asks before it believes one."""
    days = float((window[1] - window[0]).days)
    return Estimate(
        value=days,
        low=days,
        high=days,
        level=1.0,
        unit="days",
        n=level.n,
        method="days of the declared window",
        grade=Grade.C,
        grade_reasons=level.grade_reasons,
    )


def _observed(outcome: Outcome) -> tuple[datetime, datetime] | None:
    window = outcome.baseline.window if outcome.baseline else None
    if window is None:
        return None
    return datetime.combine(window.start, time.min, UTC), datetime.combine(window.end, time.min, UTC)
