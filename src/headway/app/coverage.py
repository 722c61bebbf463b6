"""Verified-return coverage: how much of the spend has a measured outcome behind it, and of which grade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from headway.evidence.collect import Collected
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

Basis = Literal["metered", "declared", "budget"]
_BASES: tuple[Basis, ...] = ("metered", "declared", "budget")
# What an amount is for: a bill is of its own window, a rate of a year, a budget is spent once.
PER = {"metered": "window", "declared": "year", "budget": "once"}
_NONE = "none"
# `totals.bill` of the record: currency to the bill in it.
Bills = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Spend:
    """One amount, what it is known from, and the best grade of what stands behind it."""

    basis: Basis
    currency: str
    amount: Decimal
    initiative: str
    outcome: str = _NONE
    returned: str = _NONE


def coverage_of(portfolio: Portfolio, collected: Collected, bill: Bills) -> dict[str, Json]:
    """Spend by the grade of the outcome measured behind it; bases, currencies and grades stay apart.

    A bill is `metered`. People at their rates are `declared`, for a year. The budget of a pilot stands in
    where an initiative has neither, so that nothing is counted twice. What the effect is graded and what the
    return is graded are told apart: people at declared rates leave a return at D however well the effect is
    measured.

    Args:
        portfolio: what was declared.
        collected: the evidence.
        bill: `totals.bill` of the record.
    """
    found = [*_metered(collected, bill)]
    billed = {s.initiative for s in found}
    names = [n for n in collected.asks if portfolio.initiatives[n].live]
    for name in names:
        found += _declared(portfolio, name, collected, metered=name in billed)
    known = {s.initiative for s in found}
    bases = [
        _basis(basis, currency, [s for s in found if (s.basis, s.currency) == (basis, currency)], bill)
        for basis in _BASES
        for currency in sorted({s.currency for s in found if s.basis == basis})
    ]
    return {"bases": list(bases), "uncounted": [n for n in names if n not in known]}


def best_grade(collected: Collected, name: str, measure: str = "effect") -> str:
    """The best grade of an effect on the outcome, or of the return; ``none`` where there is none."""
    grades = [
        e.estimate.grade.value
        for e in collected.evidence.get(name, ())
        if e.measure == measure and (measure != "effect" or e.estimate.detail.get("role") == "outcome")
    ]
    return min(grades, default=_NONE)


def yearly_staff(one: Initiative, own: str) -> dict[str, Decimal]:
    """People at declared rates, a year, by currency; a rate without one is in the portfolio's own."""
    made: dict[str, Decimal] = {}
    for p in one.cost.people:
        amount = p.rate.per_year * Decimal(str(p.share)) * Decimal(str(p.of))
        currency = p.rate.currency or own
        made[currency] = add(made.get(currency, ZERO), amount)
    return made


def _metered(collected: Collected, bill: Bills) -> Iterator[_Spend]:
    for currency, one in bill.items():
        for name, amount in one["initiatives"].items():
            yield _spend("metered", currency, Decimal(amount), name, collected)
        if rest := Decimal(one["unallocated"]):
            yield _Spend("metered", currency, rest, "")


def _declared(portfolio: Portfolio, name: str, collected: Collected, *, metered: bool) -> Iterator[_Spend]:
    one = portfolio.initiatives[name]
    staff = yearly_staff(one, portfolio.settings.currency)
    for currency, amount in staff.items():
        yield _spend("declared", currency, amount, name, collected)
    budget = one.pilot.budget if one.pilot else None
    if budget and not staff and not metered:
        yield _spend("budget", budget.currency, budget.amount, name, collected)


def _spend(basis: Basis, currency: str, amount: Decimal, name: str, collected: Collected) -> _Spend:
    grades = best_grade(collected, name), best_grade(collected, name, "returns")
    return _Spend(basis, currency, amount, name, *grades)


def _basis(basis: Basis, currency: str, parts: list[_Spend], bill: Bills) -> dict[str, Json]:
    own = bill[currency] if basis == "metered" else {"from": None, "to": None}
    return {
        "basis": basis,
        "per": PER[basis],
        "currency": currency,
        "amount": exact(add(*(p.amount for p in parts))),
        "by_grade": _by((p.outcome, p.amount) for p in parts),
        "by_return_grade": _by((p.returned, p.amount) for p in parts),
        "initiatives": {p.initiative: exact(p.amount) for p in parts if p.initiative},
        "from": own["from"],
        "to": own["to"],
    }


def _by(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Json]:
    made: dict[str, Decimal] = {}
    for grade, amount in parts:
        made[grade] = add(made.get(grade, ZERO), amount)
    return {grade: exact(amount) for grade, amount in sorted(made.items()) if amount}
