"""The measure ``promises``: what saving applied advice promised, and what was realised, per recommender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headway.aggregates.request import Request
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json, instant
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Meter, history_of, load_request, metered
from headway.measures.spend.realised import (
    Applied,
    Outcome,
    Record,
    applied_to,
    outcomes,
    records,
    share_interval,
)
from headway.measures.spend.utilisation import usage_sources
from headway.statistics.contrast import FloatArray

REALISED, KEPT = "realised_saving", "promises_kept"
STANDS = timedelta(days=90)
_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of all that was applied, and the records by recommender."""

    found: tuple[Outcome, ...]
    records: tuple[Record, ...]


class PromisesMeasure:
    """Realised saving and promises kept, over the advice that the ledger says was applied.

    An advice counts once its saving was measured over a whole season after it. The grade is A where every
    one of them went to workloads that were drawn by lot, which its entry says before anything was measured.
    """

    name = "promises"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Loads by the hour of the components that something was applied to."""
        components = {one.component for one in _applied(ask)}
        return tuple(
            load_request(ask, of) for of in metered(ask) if of.dated and of.component.component in components
        )

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Mean realised saving and the share of promises kept, over all recommenders."""
        applied = _applied(ask)
        if not applied:
            return _absent("none", "no advice was recorded as applied (`headway applied`)")
        failed = [s for s in usage_sources(ask) if s in given.failed]
        if failed:
            return _absent("source_failed", given.failed[failed[0]])
        found = outcomes(applied, _loads(ask, given), ask.as_of)
        told = tuple(_missed(ask, one) for one in found if one.inside is False)
        closed = [one for one in found if one.realised is not None]
        if not closed:
            waiting = [one for one in found if one.state == "open"]
            why = waiting[0].why if waiting else found[-1].why
            return _absent("coverage", f"{len(found)} applied; {why}")
        judged = _Judged(found, records(found))
        made = [_realised(judged, closed)]
        absent: list[Absent] = []
        if any(one.inside is not None for one in closed):
            made.append(_kept(judged, closed))
        else:
            absent.append(Absent(KEPT, "none", "no advice that was applied promised an interval"))
        return Result(tuple(made), tuple(absent), told)


def _applied(ask: Ask) -> tuple[Applied, ...]:
    return applied_to(ask.acts, set(ask.initiative.uses), ask.as_of)


def _absent(reason: str, why: str) -> Result:
    return Result(absent=tuple(Absent(metric, reason, why) for metric in (REALISED, KEPT)))


def _loads(ask: Ask, given: Given) -> list[Load]:
    """The loads of all components that something was applied to."""
    made: list[Load] = []
    for of in metered(ask):
        request = load_request(ask, of)
        if request in given.sums:
            made += Meter.of(given.sums[request], history_of(ask, of)).loads(of.settings.granted)
    return made


def _realised(judged: _Judged, closed: Sequence[Outcome]) -> Finding:
    savings = np.array([one.realised for one in closed], dtype=np.float64)
    several = savings.size > 1
    low, high = _resampled(savings) if several else (float(savings[0]), float(savings[0]))
    estimate = Estimate(
        value=float(savings.mean()),
        low=low,
        high=high,
        level=0.95 if several else 1.0,
        unit="share",
        n=savings.size,
        method=f"{savings.size} applied advices, each over one season after it",
        grade=_grade(closed)[0],
        grade_reasons=_grade(closed)[1],
        detail=_detail(judged),
    )
    return Finding(REALISED, estimate, _window(closed), STANDS, parameters=_named(closed))


def _resampled(savings: FloatArray) -> tuple[float, float]:
    drawn = np.random.default_rng(_SEED).integers(0, savings.size, (_RESAMPLES, savings.size))
    low, high = np.quantile(savings[drawn].mean(axis=1), _ENDS)
    return float(low), float(high)


def _kept(judged: _Judged, closed: Sequence[Outcome]) -> Finding:
    inside = [one.inside for one in closed if one.inside is not None]
    share = share_interval(sum(inside), len(inside))
    estimate = Estimate(
        value=share.value,
        low=share.low,
        high=share.high,
        level=0.95,
        unit="share",
        n=len(inside),
        method="applied advices whose saving was found in its promised interval (Wilson)",
        grade=_grade(closed)[0],
        grade_reasons=_grade(closed)[1],
        detail=_detail(judged),
    )
    return Finding(KEPT, estimate, _window(closed), STANDS, parameters=_named(closed))


def _grade(closed: Sequence[Outcome]) -> tuple[Grade, tuple[str, ...]]:
    if all(one.applied.randomised for one in closed):
        return Grade.A, ("the workloads that got it first were drawn by lot, as their entries say",)
    return Grade.C, ("who got it first was chosen: something else may have changed what was needed",)


def _detail(judged: _Judged) -> dict[str, Json]:
    return {
        "recommenders": [
            {
                "recommender": one.recommender,
                "open": one.open,
                "closed": one.closed,
                "promised": one.promised,
                "realised": one.realised,
                "inside": one.inside,
                "judged": one.judged,
            }
            for one in judged.records
        ],
        "open": [
            {"entry": one.applied.seq, "workload": one.applied.workload, "why": one.why}
            for one in judged.found
            if one.state != "closed"
        ],
    }


def _window(closed: Sequence[Outcome]) -> tuple[datetime, datetime]:
    return min(one.applied.at for one in closed), max(one.applied.due for one in closed)


def _named(closed: Sequence[Outcome]) -> dict[str, Json]:
    return {"entries": [one.applied.seq for one in closed], "first": instant(closed[0].applied.at)}


def _missed(ask: Ask, one: Outcome) -> Diagnostic:
    """HW452, at the component."""
    applied, promised = one.applied, one.applied.promised
    ends = f"{100 * promised.low:.0f} to {100 * promised.high:.0f} %" if promised else ""
    what = (
        f"entry {applied.seq} promised a saving of {ends} on {applied.workload} [{applied.resource}],"
        f" and {100 * (one.realised or 0.0):.0f} % was realised"
    )
    return Diagnostic(
        "HW452",
        what,
        ask.portfolio.place("component", applied.component),
        f"see what was granted since, and hold the next promise of {applied.recommender} against this one",
        subject=applied.component,
    )
