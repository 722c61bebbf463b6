"""Credits, taxes and adjustments that no key claims go where the charges they are about went."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from headway.aggregates.matching import text_of
from headway.aggregates.request import Key, Picked
from headway.kernel.money import ZERO, add
from headway.measures.spend.bill import PERIOD, PLACES, Line
from headway.measures.spend.claims import MOST_NAMED, Bearer

Amount = Callable[[Line], Decimal]
# By who bears it, None for nobody: the part of a credit; together 1.
Parts = Mapping[Bearer | None, Fraction]


def about(followers: Iterable[Line], columns: Iterable[str]) -> dict[str, Key]:
    """The keys by which the charges have to be told apart that some credits are about.

    Args:
        followers: credits, taxes and adjustments that nobody claims.
        columns: of the bill.
    """
    chosen, made = tuple(followers), dict[str, Key]()
    for column in (c for c in PLACES if c in set(columns)):
        values = sorted({text_of(v) for f in chosen if f.place and (v := f.place.get(column)) is not None})
        if values:
            # A moment is written differently from engine to engine, so it is not compared by its text.
            named = () if column == PERIOD or len(values) > MOST_NAMED else tuple(values)
            made[column] = Picked((column,), named)
    return made


@dataclass(slots=True)
class Partners:
    """What charges cost by who bears them, under everything that a credit may be about.

    Only what costs something takes part: a resource whose charges are nothing or less leads nowhere.
    """

    _costs: dict[Hashable, dict[Bearer | None, Decimal]] = field(default_factory=dict)

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

    def of(self, follower: Line) -> Parts:
        """Who bears a credit: the resource's bearers, else the price's, else the service's; else nobody."""
        for place in _places(follower, first=True):
            costs = {b: Fraction(c) for b, c in self._costs.get(place, {}).items() if c > 0}
            whole = sum(costs.values(), Fraction(0))
            if whole > 0:
                return {bearer: cost / whole for bearer, cost in costs.items()}
        return {None: Fraction(1)}


def _places(line: Line, *, first: bool = False) -> Iterator[Hashable]:
    """What a line is about, the surest first.

    Args:
        line: a charge, or a credit.
        first: of a credit: where it names an account below the one that is invoiced, only that one; a charge
            is found under both.
    """
    place = line.place or {}
    for column in PLACES[:2]:
        if place.get(column) is not None:
            yield line.currency, column, text_of(place[column])
    account, below, service = (place.get(c) for c in PLACES[2:5])
    if service is None:
        return
    where = (line.currency, "service", account, service, place.get(PERIOD))
    if below is not None:
        yield (*where, below)
    if below is None or not first:
        yield (*where, None)


def unclaimed(lines: Sequence[Line]) -> list[Line]:
    """The credits, taxes and adjustments among some lines that nobody claims."""
    return [line for line in lines if line.category and not line.bearers]
