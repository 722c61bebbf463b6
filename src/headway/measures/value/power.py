"""The measure ``power``: will the pilot end with an answer, and how long would it have to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scipy.special import chdtri

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.value.effect.measure import setting_of
from headway.measures.value.effect.record import LEVEL
from headway.measures.value.outlook import Outlook, Unplannable, outlook_of
from headway.measures.value.traffic import Traffic, request_of, traffic_of
from headway.portfolio.registration import digest_of

# How long a forecast of traffic and spread is worth something (governance.md 3, pilot.value.power).
STANDS = timedelta(days=90)
_BEFORE_ITS_END = ("proposed", "framed", "piloting")


class PowerMeasure:
    """The chance that a pilot is decided by its end, what it can detect by then, and the weeks it needs."""

    name = "power"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Sums over all rows of the pilot's source, those before its start included."""
        request = _request(ask) if _running(ask) else None
        return (request,) if request else ()

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Three figures while the pilot has not ended; nothing once it has."""
        if not _running(ask):
            return Result()
        try:
            seen = look_ahead(ask, given.sums)
        except Unplannable as fault:
            pilot = ask.initiative.pilot
            told = pilot is not None and pilot.plan is not None
            return Result(absent=(Absent("decided_by_end", "none", str(fault)),) if told else ())
        return Result(_findings(ask, seen), _never(seen))


@dataclass(frozen=True, slots=True)
class Ahead:
    """An outlook, and the question its traffic came from."""

    outlook: Outlook
    request: Request | None


def look_ahead(ask: Ask, sums: Mapping[Request, Sums]) -> Ahead:
    """The outlook of a pilot from what was answered.

    Raises:
        Unplannable: with what is neither declared nor seen.
    """
    request, traffic = _request(ask), None
    setting = setting_of(ask)
    if request in sums and request is not None and setting is not None:
        traffic = traffic_of(setting, request, sums)
    return Ahead(outlook_of(ask, traffic), request if traffic else None)


def _running(ask: Ask) -> bool:
    one = ask.initiative
    if one.pilot is None or one.pilot.dates is None or one.pilot.design not in ("randomised", "clusters"):
        return False
    return one.live and one.stage in _BEFORE_ITS_END and ask.today < one.pilot.dates.ends


def _request(ask: Ask) -> Request | None:
    setting = setting_of(ask)
    return request_of(setting) if setting and setting.pilot.statistic == "mean" else None


def _never(ahead: Ahead) -> tuple[Absent, ...]:
    if ahead.outlook.length("looks") is None:
        why = "no number of weeks is enough with these clusters"
        return (Absent("weeks_needed", "none", why),)
    return ()


def _findings(ask: Ask, ahead: Ahead) -> tuple[Finding, ...]:
    made = []
    least, most = (ahead.outlook.scaled(f) for f in _spread(ahead.outlook.traffic))
    here = ahead.outlook
    chance = [one.decided_by_end() for one in (here, most, least)]
    made.append(_finding(ask, ahead, "decided_by_end", "probability", chance))
    weeks = here.weeks + here.window
    change = [one.detectable("looks", weeks) for one in (here, least, most)]
    unit = "relative change" if here.scale != "absolute" else _unit(ask)
    known = [c for c in change if c is not None]
    if len(known) == len(change):
        made.append(_finding(ask, ahead, "detectable", unit, known))
    length = [one.length("looks") for one in (here, least, most)]
    needed = [float(n) for n in length if n is not None]
    if len(needed) == len(length):
        made.append(_finding(ask, ahead, "weeks_needed", "weeks", needed))
    return tuple(made)


def _finding(ask: Ask, ahead: Ahead, metric: str, unit: str, figures: list[float]) -> Finding:
    here, pilot = ahead.outlook, ask.initiative.pilot
    value, one, other = figures
    seen = here.traffic
    detail: dict[str, Json] = {
        "smallest_effect": here.shown(here.smallest),
        "promote_above": here.shown(here.hurdle),
        "scale": here.scale,
        "sd": here.variation.sd,
        "explained": here.variation.explained,
        "icc": here.variation.icc,
        "clusters": here.variation.clusters,
        "weekly": here.weekly,
        "planned": here.planned,
        "weeks": here.weeks,
        "looks": here.looks,
    }
    estimate = Estimate(
        value=value,
        low=min(value, one, other),
        high=max(value, one, other),
        level=LEVEL,
        unit=unit,
        n=seen.units if seen else 0,
        method="quadrature over the looks; interval from that of the standard deviation",
        grade=Grade.C if seen else Grade.D,
        grade_reasons=("from rows seen so far",) if seen else ("from the plan as it is declared",),
        detail=detail,
    )
    parameters: dict[str, Json] = {"design": digest_of(pilot) if pilot else None}
    requests = (ahead.request,) if ahead.request else ()
    return Finding(metric, estimate, _window(ask, seen), STANDS, requests, parameters)


def _window(ask: Ask, seen: Traffic | None) -> tuple[datetime, datetime]:
    """The rows' own window; a plan, and rows that nothing dates, are as they are on the day judged."""
    if seen and seen.window:
        return seen.window
    today = ask.as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today, today


def _spread(traffic: Traffic | None) -> tuple[float, float]:
    """Least and most that the standard deviation may be, as factors: the chi-square interval."""
    if traffic is None:
        return 1.0, 1.0
    tail = (1 - LEVEL) / 2
    return tuple(float((traffic.df / chdtri(traffic.df, p)) ** 0.5) for p in (tail, 1 - tail))  # type: ignore[return-value]


def _unit(ask: Ask) -> str:
    outcome = ask.portfolio.outcomes.get(ask.initiative.outcome)
    metric, pilot = (outcome.metric if outcome else None), ask.initiative.pilot
    named = pilot.metric if pilot else ""
    return metric.unit if metric and metric.name == named and metric.unit else named
