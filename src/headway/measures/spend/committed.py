"""The measure ``commitments``: what is committed against the use that is to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from headway.aggregates.engine import Bound
from headway.aggregates.request import Key, Request, greatest, least
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic, Severity
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json, instant
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.commitments import Committed, Offer, levels
from headway.measures.spend.coverage import Terms, coverage
from headway.measures.spend.demand import HOUR, Demand, demand_of
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Meter, load_request, metered
from headway.measures.spend.utilisation import usage_sources
from headway.measures.value.effect.base import at_midnight
from headway.statistics.contrast import Degenerate
from headway.statistics.forecast import mean_band, models_of

SHARE, SAVING = "committed_share", "commitment_saving"
STANDS = timedelta(days=30)
BAND = 0.9
"""Coverage of each end of the band of expected use; of both together 0.8."""

OFFERED = "Offered"
_DAY, _WEEK_DAYS = 86400.0, 7
_LONGEST_DAYS = 28
# A band that reaches down to nothing would make the share infinite.
_LEAST_SHARE = 0.01
_ID, _UNIT = "ContractCommitmentId", "ContractCommitmentUnit"
_CATEGORY, _OF = "ContractCommitmentCategory", "ContractCommitmentApplicability"
_STATUS = "ContractCommitmentLifecycleStatus"
_QUANTITY, _DISCOUNT = "ContractCommitmentQuantity", "DiscountPercentage"
_START, _END = "ContractCommitmentPeriodStart", "ContractCommitmentPeriodEnd"


@dataclass(frozen=True, slots=True)
class Held:
    """A commitment as its source tells it.

    Attributes:
        name: its id.
        source: where it stands.
        resource: what it covers.
        level: units held at once.
        discount: share off the price on demand; None where nothing says it.
        start: from when it binds.
        end: until when.
        offered: whether it is only on offer.
        category: Usage, or Spend.
    """

    name: str
    source: str
    resource: str
    level: float
    discount: float | None
    start: datetime
    end: datetime
    offered: bool
    category: str

    @property
    def hours(self) -> float:
        """How long it binds."""
        return (self.end - self.start).total_seconds() / HOUR


class CommitmentsMeasure:
    """Per resource what is committed over the expected use, and what the commitments save.

    Only a history that carries standing advice says anything about a commitment (spend-and-capacity.md 5).
    """

    name = "commitments"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """The commitments, and the loads by the hour of what the initiative uses."""
        asked = tuple(_request(ask, b) for b in _sources(ask))
        loads = tuple(load_request(ask, of) for of in metered(ask) if of.dated)
        return (*asked, *loads) if asked else ()

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Shares of the expected use that are committed; nought where nothing is."""
        declared = [n for n, s in ask.portfolio.sources.items() if s.fact == "commitment"]
        failed = [s for s in (*declared, *(usage_sources(ask) if declared else ())) if s in given.failed]
        if failed:
            return _nothing("source_failed", given.failed[failed[0]])
        sources = _sources(ask)
        if not sources:
            return _nothing("none", "no source fills the fact commitment")
        held = [h for b in sources for h in _held(b.source, given.sums[_request(ask, b)])]
        bought = [h for h in held if not h.offered and h.start <= ask.as_of < h.end]
        if not bought:
            return Result((Finding(SHARE, _none_held(), None, STANDS, self.needs(ask)),))
        loads = [
            load
            for of in metered(ask)
            if of.dated
            for load in Meter.of(given.sums[load_request(ask, of)]).loads(of.settings.granted)
        ]
        results = [
            _of_resource(ask, resource, [h for h in bought if h.resource == resource], loads)
            for resource in sorted({h.resource for h in bought})
        ]
        findings = tuple(replace(f, requests=self.needs(ask)) for r in results for f in r.findings)
        told = tuple(d for r in results for d in r.diagnostics)
        return Result(findings, tuple(a for r in results for a in r.absent), told)


def _sources(ask: Ask) -> tuple[Bound, ...]:
    return tuple(b for _, b in sorted(ask.bound.items()) if b.fact.name == "commitment")


def _request(ask: Ask, bound: Bound) -> Request:
    keys: tuple[Key, ...] = (_ID, *(c for c in (_CATEGORY, _UNIT, _OF, _STATUS) if c in bound.columns))
    discount = (greatest(_DISCOUNT),) if _DISCOUNT in bound.columns else ()
    terms = (greatest(_QUANTITY), least(_START), greatest(_END), *discount)
    owner = (("owner", ask.initiative.initiative),) if "owner" in bound.columns else ()
    return Request(bound.source, keys, terms, owner, (_START, instant(ask.as_of)))


def _held(source: str, answer: Sums) -> list[Held]:
    made = []
    for at, group in enumerate(answer.groups):
        named = {str(k): "" if v is None else str(v) for k, v in zip(answer.keys, group, strict=True)}
        start, end = at_midnight(answer[least(_START)][at]), at_midnight(answer[greatest(_END)][at])
        quantity = answer[greatest(_QUANTITY)][at]
        if start is None or end is None or end <= start or quantity is None:
            continue
        hours = (end - start).total_seconds() / HOUR
        over_period = named.get(_UNIT, "").lower().endswith("hours")
        percent = answer[greatest(_DISCOUNT)][at] if greatest(_DISCOUNT) in answer.values else None
        made.append(
            Held(
                named[_ID],
                source,
                named.get(_OF) or "gpu",
                float(quantity) / hours if over_period else float(quantity),
                None if percent is None else float(percent) / 100,
                start,
                end,
                named.get(_STATUS, "") == OFFERED,
                named.get(_CATEGORY, ""),
            )
        )
    return made


def _of_resource(ask: Ask, resource: str, held: Sequence[Held], loads: Sequence[Load]) -> Result:
    names = (f"{SHARE} [{resource}]", f"{SAVING} [{resource}]")
    spend = [h.name for h in held if h.category == "Spend"]
    if spend:
        return _absent(
            names, "unit", f"{', '.join(spend)} commits to money; only commitments to use are read"
        )
    own = [load for load in loads if load.resource == resource]
    if not own:
        return _absent(names, "none", f"no use of {resource} is metered by the hour")
    seen = coverage(own, ask.as_of, Terms(asked="static"))
    if seen.level != "static":
        return _absent(names, "coverage", seen.reason or "the history is too short for a commitment")
    demand = demand_of(own).every(HOUR)
    window = _window(demand)
    level = sum(h.level for h in held)
    try:
        share = _share(demand, level, held)
    except Degenerate as fault:
        return _absent(names, "coverage", fault.detail)
    made = [Finding(names[0], share, window, STANDS)]
    absent: list[Absent] = []
    known = [h for h in held if h.discount is not None]
    if len(known) < len(held):
        absent.append(Absent(names[1], "none", "a commitment without its DiscountPercentage"))
        return Result(tuple(made), tuple(absent))
    answers = levels(demand, [_offer(h, level) for h in held])
    if isinstance(answers, Absent):
        return Result(tuple(made), (Absent(names[1], answers.reason, answers.why),))
    made.append(Finding(names[1], _saving(answers, held, demand), window, STANDS))
    told = [d for h, a in zip(held, answers, strict=True) for d in _told(ask, h, a, level)]
    return Result(tuple(made), (), tuple(told))


def _offer(held: Held, level: float) -> Offer:
    return Offer(held.name, held.discount or 0.0, held.hours, level)


def _share(demand: Demand, level: float, held: Sequence[Held]) -> Estimate:
    """What is committed over the mean use that the coming weeks will bring."""
    daily = demand.every(_DAY)
    used = daily.used[daily.present]
    # Whole weeks, so that no day of the week counts twice.
    horizon = max(_WEEK_DAYS, min(_LONGEST_DAYS, len(used) // 4 // _WEEK_DAYS * _WEEK_DAYS))
    band = mean_band(used, horizon, BAND, models_of(_WEEK_DAYS))
    mean = max(float(band.values[0]), 1e-12)
    low, high = (max(float(e[0]), _LEAST_SHARE * mean) for e in (band.low, band.high))
    detail: dict[str, Json] = {
        "committed": level,
        "unit": demand.unit,
        "expected": [float(band.low[0]), float(band.values[0]), float(band.high[0])],
        "days": horizon,
        "forecast": band.model,
        "origins": band.origins,
        "commitments": [h.name for h in held],
    }
    return Estimate(
        value=level / mean,
        low=level / high,
        high=level / low,
        level=2 * BAND - 1,
        unit="share",
        n=len(used),
        method=f"committed over the forecast mean use of {horizon} days ({band.model}, split conformal)",
        grade=Grade.C,
        grade_reasons=("observed use; what was held may have shaped what was used",),
        detail=detail,
    )


def _saving(answers: Sequence[Committed], held: Sequence[Held], demand: Demand) -> Estimate:
    """What all commitments of a resource save together, at the least of their discounts."""
    least_off = int(np.argmin([h.discount or 0.0 for h in held]))
    one = answers[least_off]
    detail: dict[str, Json] = {
        "commit_to": {a.offer.name: a.level for a in answers},
        "best_level_at_upper_bound": {a.offer.name: a.upper for a in answers},
        "buy_now": {a.offer.name: a.now for a in answers},
        "break_even_use": {a.offer.name: a.break_even for a in answers},
    }
    return Estimate(
        value=one.held.value,
        low=one.held.low,
        high=one.held.high,
        level=0.95,
        unit="share",
        n=int(demand.present.sum()),
        method=f"at {100 * one.offer.discount:.0f} % off, against buying on demand; weeks of use resampled",
        grade=Grade.C,
        grade_reasons=("replayed on use that was observed",),
        detail=detail,
    )


def _told(ask: Ask, held: Held, answer: Committed, level: float) -> list[Diagnostic]:
    place = ask.portfolio.place("source", held.source)
    name = ask.initiative.initiative
    made = []
    if "HW751" in answer.codes:
        what = (
            f"{level:g} of {held.resource} are committed, and at {100 * answer.offer.discount:.0f} % off no"
            f" more than {answer.upper:.3g} pay even at the upper bound of the forecast"
        )
        mend = f"let '{held.name}' lapse or move it to other work; do not renew it at this level"
        made.append(Diagnostic("HW751", what, place, mend, subject=name))
    if "HW752" in answer.codes:
        days = round(held.hours / 24)
        what = f"'{held.name}' binds {days} days, more than four times the history of its use"
        mend = f"buy in stages: {answer.now:.3g} now, more when as much more is known"
        made.append(Diagnostic("HW752", what, place, mend, severity=Severity.WARNING, subject=name))
    return made


def _none_held() -> Estimate:
    return Estimate(
        value=0.0,
        low=0.0,
        high=0.0,
        level=1.0,
        unit="share",
        n=0,
        method="no commitment of its own binds today",
        grade=Grade.C,
        grade_reasons=("a count of all commitments",),
    )


def _window(demand: Demand) -> tuple[datetime, datetime] | None:
    first, last = float(demand.at[0]), float(demand.at[-1])
    return datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)


def _absent(names: Sequence[str], reason: str, why: str) -> Result:
    return Result(absent=tuple(Absent(name, reason, why) for name in names))


def _nothing(reason: str, why: str) -> Result:
    return _absent((SHARE, SAVING), reason, why)
