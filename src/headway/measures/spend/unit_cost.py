"""The measure ``unit_cost``: what one outcome costs, on average, one more, and at the volume planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from headway.aggregates.request import Request
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade, worst
from headway.kernel.identity import Json, digest
from headway.kernel.money import ZERO, add
from headway.measures.base import Absent, Ask, Finding, Given, NoRate, Result
from headway.measures.spend.bill import bills
from headway.measures.spend.daily import (
    Daily,
    by_month,
    charges,
    charges_request,
    counts,
    counts_request,
    days_between,
    in_own,
)
from headway.measures.value.effect.base import at_midnight
from headway.portfolio.cost import CostSelector
from headway.portfolio.economics import UnitCost
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.unit_ratio import Line, Ratio, line_of_periods, ratio_of_periods

AVERAGE, MARGINAL = "unit_cost", "unit_cost_marginal"
PLANNED, TO_TARGET = "unit_cost_at_volume", "unit_cost_to_target"
STANDS = timedelta(days=35)
_BASIS = "EffectiveCost"
_PER_YEAR = Decimal(365)
_MONTHS = Decimal(12)
# So far beyond what was seen a line is no more than a claim.
_FAR = 10
_LEVEL = 0.95


class UnitCostMeasure:
    """Cost of the initiative over what its series counts, for those that declare `unit_cost:`."""

    name = "unit_cost"
    version = "1"
    after: tuple[str, ...] = ("cost",)

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """What was counted, and what was charged, by day."""
        declared = ask.initiative.unit_cost
        bound = ask.bound.get(declared.source) if declared else None
        if declared is None or bound is None or bound.fact.name != "series":
            return ()
        return (counts_request(ask, bound, declared.metric), *_charged(ask))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Average, marginal and planned, or why there is none."""
        declared, requests = ask.initiative.unit_cost, self.needs(ask)
        if declared is None:
            return _absent("none", "no unit is declared (`unit_cost:` of the initiative)")
        if not requests:
            failed = given.failed.get(declared.source)
            why = failed or f"'{declared.source}' is no source of the fact series"
            return _absent("source_failed" if failed else "none", why)
        cost = next((f for f in given.earlier["cost"].findings if f.metric == "cost"), None)
        if cost is None:
            lacks = next((a for a in given.earlier["cost"].absent if a.metric == "cost"), None)
            return _absent(lacks.reason if lacks else "none", lacks.why if lacks else "its cost is not known")
        counted = counts(given.sums[requests[0]])
        if add(*counted.values()) <= 0:
            return _no_unit(ask, declared)
        charged = _shape(ask, given, requests[1:], Decimal(str(cost.estimate.detail["exact"])))
        if isinstance(charged, str):
            return _absent("none", charged)
        return _Unit(ask, declared, cost, requests).result(_periods(ask, charged, counted))


@dataclass(frozen=True, slots=True)
class _Periods:
    """Cost and units of periods that both sides know, and how many of them a year has."""

    first: date
    last: date
    cost: FloatArray
    units: FloatArray
    a_year: Decimal
    word: str


def _charged(ask: Ask) -> list[Request]:
    return [charges_request(ask, b, _selectors(ask), _BASIS) for b in bills(ask.bound)]


def _selectors(ask: Ask) -> tuple[CostSelector, ...]:
    """The rows whose days its cost follows: its own, and those of what it uses."""
    known = ask.portfolio.components
    named = (*ask.initiative.uses, *(s.component for s in ask.initiative.cost.shared))
    parts = (known[c].cost.select for c in dict.fromkeys(named) if c in known)
    return (*ask.initiative.cost.select, *(s for part in parts for s in part))


def _shape(ask: Ask, given: Given, requests: Sequence[Request], allocated: Decimal) -> Daily | str:
    """Its cost by day: as its rows were charged, in all what was allocated to it."""
    made: Daily = {}
    for request in requests:
        if request not in given.sums:
            continue
        found = in_own(ask, charges(ask, request, given.sums[request], _selectors(ask)))
        if isinstance(found, str):
            return found
        for day, amount in found.items():
            made[day] = add(made.get(day, ZERO), amount)
    whole = add(*made.values())
    if not whole:
        return "the days of its cost are not known: no row of a bill has its keys"
    return {day: amount * allocated / whole for day, amount in made.items()}


def _periods(ask: Ask, charged: Daily, counted: Daily) -> _Periods | str:
    """Days, or months where the bill charges more rarely than every other day."""
    first, last = max(min(charged), min(counted)), min(max(charged), max(counted))
    days = days_between(first, last) if first <= last else []
    if days and 2 * sum(d in charged for d in days) >= len(days):
        rows = [(charged.get(d, ZERO), counted.get(d, ZERO)) for d in days]
        return _Periods(first, last, *_arrays(rows), _PER_YEAR, "days")
    months = by_month(charged)
    known = by_month(counted)
    # The month that still runs has not been charged whole.
    closed = sorted(m for m in months.keys() & known.keys() if m != ask.today.replace(day=1))
    if not closed:
        return "its bill and its counts share no closed day or month"
    rows = [(add(*(charged[d] for d in months[m])), add(*(counted[d] for d in known[m]))) for m in closed]
    return _Periods(closed[0], max(known[closed[-1]]), *_arrays(rows), _MONTHS, "months")


def _arrays(rows: Sequence[tuple[Decimal, Decimal]]) -> tuple[FloatArray, FloatArray]:
    both = np.array([[float(c), float(u)] for c, u in rows])
    return both[:, 0], both[:, 1]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One initiative's unit and cost, from which the findings are made."""

    ask: Ask
    declared: UnitCost
    cost: Finding
    requests: tuple[Request, ...]

    def result(self, periods: _Periods | str) -> Result:
        if isinstance(periods, str):
            return _absent("none", periods)
        if periods.units.sum() <= 0:
            return _no_unit(self.ask, self.declared)
        seed = int(digest([self.ask.initiative.initiative, AVERAGE])[:15], 16)
        try:
            average = ratio_of_periods(
                periods.cost, periods.units, np.random.Generator(np.random.Philox(seed)), _LEVEL
            )
        except Degenerate as fault:
            return _absent("below_min_n", f"{fault.detail} ({periods.word})")
        findings = [self._finding(AVERAGE, average, periods)]
        absent: tuple[Absent, ...] = ()
        try:
            line = line_of_periods(periods.cost, periods.units)
            findings.append(self._finding(MARGINAL, line.of_one_more(_LEVEL), periods))
            findings += self._planned(line, periods)
        except Degenerate as fault:
            absent = tuple(Absent(m, "coverage", fault.detail) for m in (MARGINAL, PLANNED, TO_TARGET))
        except NoRate as fault:
            absent = (Absent(TO_TARGET, "unit", str(fault)),)
        named = {f.metric for f in findings} | {a.metric for a in absent}
        lacking = () if TO_TARGET in named else (Absent(TO_TARGET, "none", self._undeclared()),)
        return Result(tuple(findings), (*absent, *lacking))

    def _undeclared(self) -> str:
        key = "volume" if self.declared.volume is None else "target"
        return f"no {key} is declared (unit_cost.{key})"

    def _planned(self, line: Line, periods: _Periods) -> list[Finding]:
        """What one costs at the planned volume, and that over its target.

        Raises:
            NoRate: the target is in a currency without a rate.
        """
        planned = self.declared.volume
        if planned is None or planned.per_year <= 0:
            return []
        volume = float(planned.per_year / periods.a_year)
        found, times = line.at(volume, _LEVEL), volume / line.most
        beyond = (f"the planned volume is {times:.1f} times the most that was seen",) if times > 1 else ()
        grade = Grade.D if times > _FAR else Grade.C
        made = [self._finding(PLANNED, found, periods, (grade, beyond))]
        target = self.declared.target
        if target is not None and target.amount > 0:
            by = float(self.ask.in_own(target.amount, target.currency))
            ratio = Ratio(found.value / by, found.low / by, found.high / by, f"{found.method}, over {target}")
            made.append(self._finding(TO_TARGET, ratio, periods, (grade, beyond), unit="share"))
        return made

    def _finding(
        self,
        metric: str,
        found: Ratio,
        periods: _Periods,
        known: tuple[Grade, tuple[str, ...]] = (Grade.C, ()),
        unit: str = "",
    ) -> Finding:
        currency = self.ask.portfolio.settings.currency
        detail: dict[str, Json] = {
            "periods": f"{len(periods.units)} {periods.word}",
            "cost": round(float(periods.cost.sum()), 6),
            "units": float(periods.units.sum()),
            "per": self.declared.per,
        }
        reason = "observed: cost over what was counted, compared with nothing"
        estimate = Estimate(
            value=found.value,
            low=found.low,
            high=found.high,
            level=_LEVEL,
            unit=unit or f"{currency} per {self.declared.per}",
            n=round(float(periods.units.sum())),
            method=found.method,
            grade=worst(known[0], self.cost.estimate.grade),
            grade_reasons=(reason, *known[1]),
            detail=detail,
        )
        window = _moments(periods)
        parameters: Mapping[str, Json] = {**self.cost.parameters, "metric": self.declared.metric}
        return Finding(metric, estimate, window, STANDS, (*self.cost.requests, *self.requests), parameters)


def _moments(periods: _Periods) -> tuple[datetime, datetime] | None:
    first, last = at_midnight(periods.first), at_midnight(periods.last)
    return (first, last) if first and last else None


def _no_unit(ask: Ask, declared: UnitCost) -> Result:
    name = ask.initiative.initiative
    what = f"'{declared.source}' counts no '{declared.metric}' while the cost was charged: no {declared.per}"
    place = ask.portfolio.place("initiative", name, "unit_cost", "metric")
    mend = "name a metric that the series has, and that counts while the bill runs"
    return _absent("none", what, Diagnostic("HW448", what, place, mend, subject=name))


def _absent(reason: str, why: str, *told: Diagnostic) -> Result:
    return Result(absent=tuple(Absent(m, reason, why) for m in (AVERAGE, TO_TARGET)), diagnostics=told)
