"""The whole bill of a portfolio divided: what is asked for it, and what comes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, total
from headway.aggregates.sums import Sums
from headway.kernel.money import ZERO, add
from headway.measures.base import Ask
from headway.measures.spend import bill as of_bill
from headway.measures.spend.allocation import Allocation, Rules, allocate
from headway.measures.spend.bill import BASIS, BILLED, LEVELS, Line, bills, of_cash, of_cost
from headway.measures.spend.claims import Claims, selectors_of
from headway.measures.spend.credits import homeless, named, unclaimed
from headway.measures.spend.drivers import Reading, driver_request, read_driver_sums
from headway.measures.spend.exchange import Exchanged
from headway.portfolio.sharing import Sharing, sharings

Answers = Mapping[Request, Sums]


@dataclass(frozen=True, slots=True)
class Divided:
    """A bill divided twice: as cost, on the basis that its sources name, and as cash.

    Attributes:
        cost: by the basis.
        cash: by what is invoiced; the same where the basis is that.
        lines: the lines that were divided.
        basis: the columns that cost is made of, sorted, with their sums by currency.
        exchanged: what was turned into the portfolio's currency.
        sharings: the components that are shared.
        readings: by component and billing period, how its driver divides it.
        lacking: by component, the billing periods of its cost in which its driver has no readings.
        requests: everything that was asked.
    """

    cost: Allocation
    cash: Allocation
    lines: tuple[Line, ...]
    basis: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    exchanged: Mapping[str, Exchanged] = field(default_factory=dict)
    sharings: Mapping[str, Sharing] = field(default_factory=dict)
    readings: Mapping[str, Mapping[datetime | None, Reading]] = field(default_factory=dict)
    lacking: Mapping[str, tuple[datetime | None, ...]] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()

    def shared_by(self, initiative: str) -> tuple[str, ...]:
        """The components that an initiative bears a part of."""
        return _shared_by(self.sharings, initiative)

    def lines_of(self, initiative: str) -> list[Line]:
        """The lines that its keys claim, and those of the components it shares."""
        mine = {("initiative", initiative), *(("component", n) for n in self.shared_by(initiative))}
        return [
            x for x in self.lines if len(x.bearers) == 1 and (x.bearers[0].kind, x.bearers[0].name) in mine
        ]


@dataclass(slots=True)
class _Search:
    """The charges that credits are about which nobody claims.

    Attributes:
        charges: those that were found.
        asked: the answered requests they came by.
        next: what is to be asked before the search can go on.
    """

    charges: list[Line] = field(default_factory=list)
    asked: tuple[Request, ...] = ()
    next: tuple[Request, ...] = ()


class Divider:
    """One portfolio's bill at one moment: its requests, and its division once they are answered."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._claims = Claims.read(selectors_of(ask.portfolio))
        self._sharings = sharings(ask.portfolio)
        self._bills = bills(ask.bound)
        # An answer does not change, and is looked at again at every level that credits are followed to.
        self._known: dict[Request, list[Line]] = {}

    def shared_by(self, initiative: str) -> tuple[str, ...]:
        """The components that an initiative bears a part of."""
        return _shared_by(self._sharings, initiative)

    @property
    def _drivers(self) -> dict[str, Sharing]:
        return {n: s for n, s in self._sharings.items() if s.driver}

    def first(self) -> tuple[Request, ...]:
        """What is asked before anything is known: charges, credits, and what drives shared cost."""
        if not self._bills:
            return ()
        asked = [r for b in self._bills for r in self._of_bill(b)]
        drivers = [driver_request(self._ask, s) for s in self._drivers.values()]
        return tuple(dict.fromkeys([*asked, *(r for r in drivers if r)]))

    def next(self, sums: Answers) -> tuple[Request, ...]:
        """What else is to be asked: charges that credits are about which nobody claims, level by level."""
        return self._search(sums).next

    def divide(self, sums: Answers) -> Divided | None:
        """The whole bill divided; None where no bill was answered."""
        answered = self._answered(sums)
        if not answered:
            return None
        turned: dict[str, Exchanged] = {}
        lines = [x for b in answered for x in self._lines(b, sums, turned)]
        search = self._search(sums)
        periods = {n: {x.period for x in lines if x.bears(n)} for n in self._drivers}
        readings = {n: self._readings(s, sums, periods[n]) for n, s in self._drivers.items()}
        weights = {n: {p: r.weights for p, r in of.items()} for n, of in readings.items()}
        rules = Rules(search.charges, self._sharings, weights)
        own = allocate(lines, rules, of_cost, self._whole(answered, sums, BASIS))
        alike = all(line.cost == line.billed for line in lines)
        cash = own if alike else allocate(lines, rules, of_cash, self._whole(answered, sums, BILLED))
        return Divided(
            own,
            cash,
            tuple(lines),
            _basis(lines),
            turned,
            self._sharings,
            readings,
            {n: tuple(p for p in _in_order(of) if p not in readings[n]) for n, of in periods.items()},
            (*(r for r in self.first() if r in sums), *search.asked),
        )

    def _of_bill(self, bound: Bound) -> tuple[Request, ...]:
        own = of_bill.charges(self._ask, bound, self._claims, periods=bool(self._drivers))
        about = of_bill.following(self._ask, bound, self._claims)
        return (own, about) if about else (own,)

    def _answered(self, sums: Answers) -> tuple[Bound, ...]:
        return tuple(b for b in self._bills if all(r in sums for r in self._of_bill(b)))

    def _lines(self, bound: Bound, sums: Answers, turned: dict[str, Exchanged]) -> list[Line]:
        """Charges of their own, and credits with what they are about."""
        whole, found = of_bill.exchanged(self._ask, sums[self._of_bill(bound)[0]])
        _note(turned, found)
        own = of_bill.lines(whole, self._claims, bound.columns)
        return [x for x in own if not x.category] + self._followers(bound, sums)

    def _followers(self, bound: Bound, sums: Answers) -> list[Line]:
        return [x for r in self._of_bill(bound)[1:] for x in self._read(bound, r, sums)]

    def _read(self, bound: Bound, request: Request, sums: Answers) -> list[Line]:
        if request not in self._known:
            whole, _ = of_bill.exchanged(self._ask, sums[request])
            self._known[request] = list(of_bill.lines(whole, self._claims, bound.columns))
        return self._known[request]

    def _search(self, sums: Answers) -> _Search:
        """Look for the charges that homeless credits are about, level by level."""
        left = unclaimed(x for b in self._answered(sums) for x in self._followers(b, sums))
        found = _Search()
        for level in LEVELS:
            asked = self._at_level(level, left)
            found.next = tuple(r for r in asked if r not in sums)
            if found.next:
                break
            found.asked += tuple(asked)
            found.charges += [x for r, b in asked.items() for x in self._read(b, r, sums)]
            left = homeless(left, found.charges, (of_cost, of_cash))
        return found

    def _at_level(self, level: tuple[str, ...], left: list[Line]) -> dict[Request, Bound]:
        """What is asked of every bill about the credits that are left."""
        about = named(left, level[0])
        asked = {of_bill.partners(self._ask, b, self._claims, level, about): b for b in self._bills}
        return {r: b for r, b in asked.items() if r}

    def _readings(
        self, sharing: Sharing, sums: Answers, periods: set[datetime | None]
    ) -> dict[datetime | None, Reading]:
        request = driver_request(self._ask, sharing)
        return read_driver_sums(sharing, sums[request], periods) if request and request in sums else {}

    def _whole(self, answered: tuple[Bound, ...], sums: Answers, column: str) -> dict[str, Decimal]:
        """The bill by currency as the engine counted it, whatever lines were made of it."""
        made: dict[str, Decimal] = {}
        for bound in answered:
            whole, _ = of_bill.exchanged(self._ask, sums[self._of_bill(bound)[0]])
            at = whole.keys.index(of_bill.CURRENCY)
            for group, amount in zip(whole.groups, whole[total(column)], strict=True):
                made[str(group[at])] = add(made.get(str(group[at]), ZERO), amount)
        return made


def _shared_by(sharings: Mapping[str, Sharing], initiative: str) -> tuple[str, ...]:
    return tuple(n for n, s in sorted(sharings.items()) if initiative in s.sharers)


def _in_order(periods: set[datetime | None]) -> list[datetime | None]:
    return sorted(periods, key=lambda p: (p is not None, p.timestamp() if p else 0.0))


def _basis(lines: list[Line]) -> dict[str, dict[str, Decimal]]:
    made: dict[str, dict[str, Decimal]] = {}
    for line in lines:
        of = made.setdefault(line.basis, {})
        of[line.currency] = add(of.get(line.currency, ZERO), line.cost)
    return dict(sorted(made.items()))


def _note(turned: dict[str, Exchanged], found: Mapping[str, Exchanged]) -> None:
    for currency, one in found.items():
        seen = turned.setdefault(currency, Exchanged())
        seen.billed, seen.became = add(seen.billed, one.billed), add(seen.became, one.became)
        seen.without += one.without
