"""The measure ``capacity``: what is granted and asked for against the need that a replay shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

import numpy as np

from headway.aggregates.request import Request
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade, worst
from headway.kernel.identity import Json
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.advice import Interval
from headway.measures.spend.course import course_json
from headway.measures.spend.fleet import Fleet, fleets, oversized
from headway.measures.spend.loads import holds, load_request, metered
from headway.measures.spend.price import Held, price_requests
from headway.measures.spend.utilisation import usage_sources
from headway.portfolio.load import Portfolio

STANDS = timedelta(days=30)
GRANT, VIOLATION, ASKED = "grant_over_need", "violation", "asked_over_need"
_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)
# The picture in the review is small.
_POINTS = 72
_SUMMED = "its use arrives summed, without the hours: no replay can be run on it"
_UNMETERED = "no component it uses is metered (`usage:` of a component)"


class CapacityMeasure:
    """Grants and asks over the need of a held-out replay, and how often that need would have been short.

    The need is what the component's policy would have granted over the part of history that it had not
    seen. Without enough history there is none, and what is lacking is said (spend-and-capacity.md 5).
    """

    name = "capacity"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Loads by the hour, and what the metered components cost."""
        loads = tuple(load_request(ask, of) for of in metered(ask) if of.dated)
        return (*loads, *price_requests(ask)) if loads else ()

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Per resource: granted ÷ need, share of samples short, and asked ÷ need where something is asked."""
        failed = [s for s in usage_sources(ask) if s in given.failed]
        if failed:
            return _absent("source_failed", given.failed[failed[0]])
        meters = metered(ask)
        if not meters:
            return _absent("none", _UNMETERED)
        sums = {r: s for r, s in given.sums.items() if r.source not in given.failed}
        found: list[Finding] = []
        absent: list[Absent] = []
        told: list[Diagnostic] = []
        for fleet in fleets(ask, sums):
            made, gaps = _of_fleet(ask, fleet)
            found += made
            absent += gaps
            told += autoscaled(ask.portfolio, fleet.of.component.component, (fleet.resource,))
        if not found and not absent:
            summed = not any(of.dated for of in meters)
            absent = list(
                _absent("coverage", _SUMMED if summed else "no row of its use is dated and held").absent
            )
        return Result(tuple(found), tuple(absent), tuple(told))


def _absent(reason: str, why: str) -> Result:
    return Result(absent=tuple(Absent(metric, reason, why) for metric in (GRANT, VIOLATION, ASKED)))


def _of_fleet(ask: Ask, fleet: Fleet) -> tuple[list[Finding], list[Absent]]:
    names = [f"{metric} [{fleet.resource}]" for metric in (GRANT, VIOLATION, ASKED)]
    why, reason = lacking(fleet)
    need, replayed = fleet.need, fleet.replayed
    if why or need is None or replayed is None:
        return [], [Absent(name, reason, why) for name in names]
    made = [_finding(ask, fleet, names[1], "share", replayed.violation, {"workloads_above": replayed.above})]
    absent: list[Absent] = []
    alike = not holds(ask, fleet.of) and "holder" in fleet.of.bound.columns
    if alike:
        absent = [Absent(names[0], "none", "it holds nothing of it yet")]
    else:
        over = _over(fleet.granted, need, fleet)
        made.insert(0, _finding(ask, fleet, names[0], "times", over, detail_of(fleet)))
    settings = fleet.of.settings
    asked = settings.asked if settings.asked is not None else settings.granted
    if asked is None or settings.resource != fleet.resource:
        component = fleet.of.component.component
        say = f"nothing is asked for: write capacity: {{asked: …}} of the component '{component}'"
        return made, [*absent, Absent(names[2], "none", say)]
    need = like(fleet) if alike else need
    whose = "the middle workload that others hold" if alike else "what it holds"
    beside: dict[str, Json] = {"asked": asked, "need": _ends(need), "unit": fleet.unit, "of": whose}
    return [*made, _finding(ask, fleet, names[2], "times", _over(asked, need, fleet), beside)], absent


def like(fleet: Fleet) -> Interval:
    """The grant advised for the middle workload of a fleet: what the nearest like workload needs."""
    grants = np.array([s.advice.proposed for s in fleet.advised], dtype=float)
    drawn = np.random.default_rng(_SEED).integers(0, len(grants), (_RESAMPLES, len(grants)))
    low, high = np.quantile(np.median(grants[drawn], axis=1), _ENDS)
    return Interval(float(np.median(grants)), float(low), float(high))


def lacking(fleet: Fleet) -> tuple[str, str]:
    """Why nothing may be said of a fleet, with the reason a gate prints; empty where something may."""
    if fleet.advised:
        return "", ""
    why, day = why_not(fleet)
    told = f"{why}; enough on {day.isoformat()}" if day else why
    return told, "coverage" if any(s.code for s in fleet.sized) else "none"


def why_not(fleet: Fleet) -> tuple[str, date | None]:
    """Why nothing is advised on most of a fleet, and from which day on there is enough."""
    whys = [s.why_not for s in fleet.sized if s.why_not]
    common = max(dict.fromkeys(whys), key=whys.count) if whys else "nothing was seen of it"
    waits = [s for s in fleet.sized if s.why_not == common and s.code != "HW450"]
    days = [d for s in waits if (d := s.advice.coverage.sufficient_on)]
    return common, min(days) if days else None


def _over(amount: float, need: Interval, fleet: Fleet) -> Interval:
    """An amount over a need, whose high end is the ratio's low one; no need at all is nearly none."""
    least = 1e-6 * fleet.granted or 1e-300
    return Interval(*(amount / max(n, least) for n in (need.value, need.high, need.low)))


def _finding(
    ask: Ask, fleet: Fleet, metric: str, unit: str, ends: Interval, detail: dict[str, Json]
) -> Finding:
    replayed = fleet.replayed
    several = replayed is not None and replayed.workloads > 1
    grades, reasons = _graded(fleet)
    estimate = Estimate(
        value=ends.value,
        low=min(ends.low, ends.value),
        high=max(ends.high, ends.value),
        level=0.95 if several else 1.0,
        unit=unit,
        n=replayed.samples if replayed else 0,
        method=f"held-out replay of the policy '{fleet.of.settings.policy}' on "
        + (
            f"{replayed.workloads} workloads, resampled 2000 times"
            if several and replayed
            else "one workload"
        ),
        grade=grades,
        grade_reasons=reasons,
        detail=detail,
    )
    settings: dict[str, Json] = fleet.of.settings.model_dump(mode="json")
    parameters: dict[str, Json] = {"component": fleet.of.component.component, "capacity": settings}
    return Finding(metric, estimate, window(fleet), STANDS, _requests(ask, fleet), parameters)


def _requests(ask: Ask, fleet: Fleet) -> tuple[Request, ...]:
    own = (load_request(ask, fleet.of),)
    return (*own, *price_requests(ask)) if isinstance(fleet.price, Held) else own


def _graded(fleet: Fleet) -> tuple[Grade, tuple[str, ...]]:
    advices = [s.advice for s in fleet.sized]
    reasons = tuple(dict.fromkeys(r for a in advices for r in a.grade_reasons))
    return worst(*(a.grade for a in advices)), reasons


def window(fleet: Fleet) -> tuple[datetime, datetime]:
    """First and last moment of its loads."""
    windows = [s.advice.window for s in fleet.sized]
    return min(w[0] for w in windows), max(w[1] for w in windows)


def detail_of(fleet: Fleet) -> dict[str, Json]:
    """What a page shows beside the ratio, and what the measure `waste` goes on with."""
    replayed, need, over = fleet.replayed, fleet.need, oversized(fleet)
    assert replayed is not None  # noqa: S101  `_of_fleet` has looked
    assert need is not None  # noqa: S101
    directions = [s.advice.direction for s in fleet.advised]
    return {
        "granted": fleet.granted,
        "need": _ends(need),
        "unit": fleet.unit,
        "workloads": len(fleet.sized),
        "advised": {d: directions.count(d) for d in ("up", "down", "keep")},
        "saving": _ends(replayed.saving),
        "workloads_above": replayed.above,
        "oversized": _ends(over[0]) if over else None,
        "unknown_share": over[1] if over else None,
        "cost_per_hour": fleet.price.per_hour if isinstance(fleet.price, Held) else None,
        "unused_per_hour": fleet.price.unused_per_hour if isinstance(fleet.price, Held) else None,
        "price": fleet.price.basis if isinstance(fleet.price, Held) else fleet.price,
        "idle": _idle(fleet),
        "released": _ends(fleet.released.share) if fleet.released else None,
        "release": fleet.released.words if fleet.released and fleet.released.share.value else "",
        "course": course_json(fleet.sized, _POINTS),
    }


def _idle(fleet: Fleet) -> Json:
    if fleet.idle is None:
        return None
    holding = fleet.idle.holding
    return {"share": fleet.idle.share, "holding": _ends(holding) if holding else None}


def _ends(of: Interval) -> list[Json]:
    return [of.value, of.low, of.high]


def autoscaled(portfolio: Portfolio, component: str, resources: Collection[str]) -> Iterable[Diagnostic]:
    """HW450 for every resource that is metered and that an autoscaler is driven by."""
    settings = portfolio.components[component].capacity
    for at, resource in enumerate(settings.hpa if settings else ()):
        if resource in resources:
            yield Diagnostic(
                "HW450",
                f"an autoscaler follows the {resource} of '{component}', so that no grant of it is advised",
                portfolio.place("component", component, "capacity", "hpa", at),
                "size another resource, or let the autoscaler follow something else than use over the grant",
                subject=component,
            )
