"""Credits, taxes and adjustments that no key claims go where the charges they are about went."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from headway.aggregates.matching import text_of
from headway.kernel.money import ZERO, add
from headway.measures.spend.bill import LEVELS, PRICE, RESOURCE, SERVICE, Line
from headway.measures.spend.claims import Bearer

Amount = Callable[[Line], Decimal]
# By who bears it, None for nobody: the part of a credit; together 1, or nothing at all.
Parts = Mapping[Bearer | None, Fraction]


@dataclass(slots=True)
class Partners:
    """What charges cost by who bears them, under everything that a credit may be about.

    Only what costs something takes part: a resource whose charges are nothing or less leads nowhere.
    """

    _costs: dict[Hashable, dict[Bearer | None, Decimal]] = field(default_factory=dict)
    _parts: dict[Hashable, Parts] = field(default_factory=dict)

    @classmethod
    def read(cls, charges: Iterable[Line], amount: Amount) -> Partners:
        """The partners among some charges."""
        made = cls()
        for charge in charges:
            if charge.category:
                continue
            bearer = charge.bearers[0] if len(charge.bearers) == 1 else None
            for place in _places(charge):
                of = made._costs.setdefault(place, {})
                of[bearer] = add(of.get(bearer, ZERO), amount(charge))
        return made

    def place_of(self, follower: Line) -> Hashable | None:
        """What a credit is about: its resource, else its price, else its service; None: nothing charged."""
        return next((p for p in _places(follower, first=True) if self.parts(p)), None)

    def parts(self, place: Hashable | None) -> Parts:
        """Who bears what is about a place; nobody where nothing was charged for it."""
        if place not in self._parts:
            costs = {b: Fraction(c) for b, c in self._costs.get(place, {}).items() if c > 0}
            whole = sum(costs.values(), Fraction(0))
            self._parts[place] = {bearer: cost / whole for bearer, cost in costs.items()}
        return self._parts[place]


def _places(line: Line, *, first: bool = False) -> Iterator[Hashable]:
    """What a line is about, the surest first.

    Args:
        line: a charge, or a credit.
        first: of a credit: where it names an account below the one that is invoiced, only that one; a charge
            is found under both.
    """
    place = line.place or {}
    for column in (RESOURCE, PRICE):
        if place.get(column) is not None:
            yield line.currency, column, text_of(place[column])
    service, account, below, period = (place.get(c) for c in LEVELS[-1])
    if service is None:
        return
    where = (line.currency, SERVICE, service, account, period)
    if below is not None:
        yield (*where, below)
    if below is None or not first:
        yield (*where, None)


def unclaimed(lines: Iterable[Line]) -> list[Line]:
    """The credits, taxes and adjustments among some lines that nobody claims."""
    return [line for line in lines if line.category and not line.bearers]


def named(followers: Iterable[Line], column: str) -> tuple[str, ...]:
    """The values of a column that some credits are about, as texts, sorted."""
    found = {text_of(v) for f in followers if (v := (f.place or {}).get(column)) is not None}
    return tuple(sorted(found))


def homeless(followers: Iterable[Line], charges: Iterable[Line], amounts: Iterable[Amount]) -> list[Line]:
    """The credits whose bearers the charges seen so far do not tell, by any of the amounts."""
    chosen, ways = tuple(charges), tuple(amounts)
    partners = [Partners.read(chosen, amount) for amount in ways]
    return [f for f in followers if any(p.place_of(f) is None for p in partners)]
