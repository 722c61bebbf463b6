"""Every name that one document uses of another must be declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from headway.kernel.diagnostic import Diagnostic
from headway.portfolio.component import Component
from headway.portfolio.load import Portfolio
from headway.portfolio.wording import nearest

_PEOPLE = "person, seat or function"


class Reference(NamedTuple):
    """A name used at a place: which kind it should be of."""

    kind: str
    name: str
    path: tuple[str | int, ...]
    wanted: str
    used: str | None


def undeclared(portfolio: Portfolio) -> list[Diagnostic]:
    """The names that nothing declares, each where it is used, with the nearest name that is declared."""
    known = {kind: set(portfolio.names(kind)) for kind in ("outcome", "source", "component", "initiative")}
    known["person"] = {p.id for p in portfolio.people.persons}
    known[_PEOPLE] = set(portfolio.people.names())
    # Names in a damaged people.yaml cannot be known, so none of them is called undeclared.
    unknowable = set() if portfolio.people_known else {"person", _PEOPLE}
    found = []
    for ref in references(portfolio):
        if ref.used and ref.wanted not in unknowable and ref.used not in known[ref.wanted]:
            near = nearest(ref.used, sorted(known[ref.wanted]))
            mend = f"write '{near}'" if near else f"declare {_declared_as(ref.wanted, ref.used)}"
            what = f"no {ref.wanted} is called '{ref.used}'"
            subject = ref.name if ref.kind == "initiative" else None
            place = portfolio.place(ref.kind, ref.name, *ref.path)
            found.append(Diagnostic("HW201", what, place, mend, subject=subject))
    return found


def references(portfolio: Portfolio) -> Iterator[Reference]:
    """Every use of a name in a portfolio's sound documents."""
    settings = portfolio.settings
    yield Reference("portfolio", settings.portfolio, ("north_star",), "outcome", settings.north_star)
    yield from _of_people(portfolio)
    yield from _of_outcomes(portfolio)
    yield from _of_initiatives(portfolio)
    for name, component in portfolio.components.items():
        for index, needed in enumerate(component.depends_on):
            yield Reference("component", name, ("depends_on", index), "component", needed)
        if component.usage:
            yield Reference("component", name, ("usage",), "source", component.usage)
        for who in component.cost.shares:
            yield Reference("component", name, ("cost", "shares", who), "initiative", who)
        yield from _of_rates(name, component)


def _of_rates(name: str, component: Component) -> Iterator[Reference]:
    lists = {
        ("tokens", "prices"): component.tokens.prices if component.tokens else (),
        ("energy", "factors"): component.energy.factors if component.energy else (),
    }
    for path, sources in lists.items():
        for index, source in enumerate(sources):
            yield Reference("component", name, (*path, index), "source", source)


def _of_people(portfolio: Portfolio) -> Iterator[Reference]:
    people = portfolio.people
    for index, seat in enumerate(people.seats):
        yield Reference("people", people.people, ("seats", index, "holder"), "person", seat.holder)
        yield Reference("people", people.people, ("seats", index, "deputy"), "person", seat.deputy)
    for name, function in people.functions.items():
        yield Reference("people", people.people, ("functions", name, "lead"), _PEOPLE, function.lead)
        for index, member in enumerate(function.members):
            yield Reference("people", people.people, ("functions", name, "members", index), _PEOPLE, member)


def _of_outcomes(portfolio: Portfolio) -> Iterator[Reference]:
    for name, outcome in portfolio.outcomes.items():
        yield Reference("outcome", name, ("owner",), _PEOPLE, outcome.owner)
        if outcome.baseline:
            yield Reference("outcome", name, ("baseline", "source"), "source", outcome.baseline.source)
            yield Reference("outcome", name, ("baseline", "measure"), "source", outcome.baseline.measure)
        for index, drive in enumerate(outcome.drives):
            yield Reference("outcome", name, ("drives", index, "to"), "outcome", drive.to)
            yield Reference("outcome", name, ("drives", index, "owner"), _PEOPLE, drive.owner)
            yield Reference("outcome", name, ("drives", index, "attested_by"), _PEOPLE, drive.attested_by)


def _of_initiatives(portfolio: Portfolio) -> Iterator[Reference]:
    for name, one in portfolio.initiatives.items():
        yield Reference("initiative", name, ("outcome",), "outcome", one.outcome)
        for role in ("accountable", "sponsor", "finance_partner", "risk_manager"):
            yield Reference("initiative", name, (role,), _PEOPLE, getattr(one, role))
        for index, used in enumerate(one.uses):
            yield Reference("initiative", name, ("uses", index), "component", used)
        for index, part in enumerate(one.cost.shared):
            yield Reference(
                "initiative", name, ("cost", "shared", index, "component"), "component", part.component
            )
        if one.unit_cost:
            yield Reference("initiative", name, ("unit_cost", "source"), "source", one.unit_cost.source)
        if one.returns:
            yield Reference("initiative", name, ("returns", "users"), "source", one.returns.users)
        if one.pilot:
            yield Reference("initiative", name, ("pilot", "source"), "source", one.pilot.source)
            for index, rail in enumerate(one.pilot.guardrails):
                path = ("pilot", "guardrails", index, "source")
                yield Reference("initiative", name, path, "source", rail.source)
        if one.forecast:
            yield Reference("initiative", name, ("forecast", "line"), "outcome", one.forecast.line)


def _declared_as(wanted: str, name: str) -> str:
    if wanted == "person":
        return f"the person under persons in people.yaml: {{id: {name}}}"
    if wanted == _PEOPLE:
        return f"the seat under seats in people.yaml: {{id: {name}, holder: ...}}"
    return f"it: {wanted}: {name}"
