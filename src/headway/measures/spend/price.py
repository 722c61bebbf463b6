"""What holding a component costs by the hour, by its rows of the bill and by what was granted of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.groups import Group
from headway.aggregates.request import Key, Request, Tag, Term, greatest, least, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.kernel.money import ZERO, add
from headway.measures.base import Ask
from headway.measures.spend.claims import selector_key
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Metered, metered
from headway.measures.value.effect.base import at_midnight
from headway.portfolio.cost import CostSelector

_START, _END = "ChargePeriodStart", "ChargePeriodEnd"
_COST = total("BilledCost")
# Capacity that is paid for and that nobody holds, as FOCUS marks it.
_UNUSED = ("CapacityReservationStatus", "CommitmentDiscountStatus")
_HOUR = 3600.0
HOURS_A_MONTH = 730.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a component costs by the hour, and how that came about.

    Attributes:
        per_hour: of the portfolio's currency.
        unused_per_hour: the part of it that is reserved or committed and used by nobody.
        units: how much of the priced resource was granted on average.
        resource: the resource that bears the whole price.
        basis: in words.
    """

    per_hour: float
    unused_per_hour: float
    units: float
    resource: str
    basis: str

    @property
    def unit_hour(self) -> float:
        """The price of one unit for an hour."""
        return (self.per_hour - self.unused_per_hour) / self.units


def price_requests(ask: Ask) -> tuple[Request, ...]:
    """Totals of every bill by the keys of the components that are metered."""
    keys = {k for of in metered(ask) for s in _selectors(ask, of)[0] for k, _ in selector_key(s)}
    bills = [b for _, b in sorted(ask.bound.items()) if b.fact.name == "cost"]
    return tuple(_request(ask, b, keys) for b in bills) if keys else ()


def held(ask: Ask, of: Metered, loads: Sequence[Load], sums: Mapping[Request, Sums]) -> Held | str:
    """What a component costs by the hour; in words why not, where that is not known."""
    chosen, whose = _selectors(ask, of)
    if not chosen:
        return f"{of.component.component} has no price: neither it nor its initiative has a key into the bill"
    rows = [
        (answer, i)
        for request in price_requests(ask)
        if (answer := sums.get(request)) is not None
        for i, group in enumerate(answer.groups)
        if _claims(chosen, answer, group)
    ]
    currency = ask.portfolio.settings.currency
    if not rows:
        return f"no row of the bill has the keys of {whose}"
    if any(_value(answer, i, "BillingCurrency") != currency for answer, i in rows):
        return f"its rows of the bill are not all in {currency}"
    amount = float(add(*(answer[_COST][i] for answer, i in rows)))
    unused = float(add(ZERO, *(answer[_COST][i] for answer, i in rows if _is_unused(answer, i))))
    hours = _hours(rows)
    resource = _priced(of, loads)
    units = granted_units([x for x in loads if x.resource == resource])
    if units <= 0 or amount <= 0:
        return f"{whose} cost nothing, or nothing was granted"
    basis = (
        f"{amount:,.2f} {currency} in {hours:,.0f} h of the bill of {whose}; {units:,.4g} granted on average"
    )
    if any(x.resource != resource for x in loads):
        basis += f"; all of it is put on {resource}, since no rates divide it"
    return Held(amount / hours, unused / hours, units, resource, basis)


def granted_units(loads: Sequence[Load]) -> float:
    """How much was granted on average from the first to the last bin of these loads."""
    if not loads:
        return 0.0
    first = min(float(x.at[0]) for x in loads)
    last = max(float(x.at[-1]) + x.bin_seconds for x in loads)
    held_seconds = sum(float((x.granted * x.count).sum()) * x.bin_seconds for x in loads)
    # The last hour of a histogram is told from its start: what it holds may reach beyond the last bin.
    longest = max(float(x.bins) * x.bin_seconds for x in loads)
    return held_seconds / max(last - first, longest)


def _selectors(ask: Ask, of: Metered) -> tuple[Sequence[CostSelector], str]:
    """The keys of a component into the bill, or those of the initiative where it is its only one."""
    own = of.component.cost.select
    if own:
        return own, of.component.component
    alone = len(metered(ask)) == 1
    return (ask.initiative.cost.select if alone else ()), ask.initiative.initiative


def _request(ask: Ask, bound: Bound, keys: set[Key]) -> Request:
    marks = tuple(c for c in _UNUSED if c in bound.columns)
    present = sorted((k for k in keys if _column(k) in bound.columns), key=repr)
    grouped: tuple[Key, ...] = tuple(dict.fromkeys(("BillingCurrency", *present, *marks)))
    terms: list[Term] = [_COST, least(_START), greatest(_START)]
    terms += [greatest(_END)] if _END in bound.columns else []
    return Request(bound.source, grouped, tuple(terms), until=(_START, instant(ask.as_of)))


def _column(key: Key) -> str:
    return key.column if isinstance(key, Tag) else str(key)


def _claims(chosen: Sequence[CostSelector], answer: Sums, group: Group) -> bool:
    values = dict(zip(answer.keys, group, strict=True))
    return any(all(k in values and str(values[k]) == v for k, v in selector_key(s)) for s in chosen)


def _value(answer: Sums, at: int, key: str) -> object:
    return answer.groups[at][answer.keys.index(key)] if key in answer.keys else None


def _is_unused(answer: Sums, at: int) -> bool:
    return any(_value(answer, at, mark) == "Unused" for mark in _UNUSED)


def _hours(rows: Sequence[tuple[Sums, int]]) -> float:
    """From the first charge to the end of the last; to the end of its day where charges have no end."""
    starts, ends = [], []
    for answer, i in rows:
        first, last = at_midnight(answer[least(_START)][i]), at_midnight(answer[greatest(_START)][i])
        end = at_midnight(answer[greatest(_END)][i]) if greatest(_END) in answer.values else None
        if first and last:
            starts.append(first)
            ends.append(end or _end_of_day(last))
    return max((max(ends) - min(starts)).total_seconds() / _HOUR, 1.0) if starts else 1.0


def _end_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _priced(of: Metered, loads: Sequence[Load]) -> str:
    """The resource that bears the price: a machine with a GPU is paid for its GPU."""
    there = {x.resource for x in loads}
    order = ("gpu", of.settings.resource, "cpu", *sorted(there))
    return next((name for name in order if name in there), "gpu")


def money(amount: float) -> Decimal:
    """An amount in cents, as it is printed."""
    return Decimal(f"{amount:.2f}")
