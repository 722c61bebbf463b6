"""A bill as its measures read it: what is asked of it, and the lines that come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from headway.aggregates.engine import Bound
from headway.aggregates.request import Key, Picked, Request, Slot, Term, count, greatest, least, total
from headway.aggregates.sums import Sums
from headway.facts import COST
from headway.kernel.identity import instant
from headway.measures.base import Ask
from headway.measures.spend.claims import Bearer, Claims, Where
from headway.measures.spend.exchange import Exchanged, exchange
from headway.measures.value.effect.base import at_midnight

BILLED = "BilledCost"
# What is shown as cost where the source says which column that is: amortised cost where it is sound.
BASIS = "BasisCost"
BASIS_OF = "BasisOf"
CATEGORY = "ChargeCategory"
PERIOD = "BillingPeriodStart"
CURRENCY = "BillingCurrency"
# Charges of their own stand for use or a purchase; these are about other charges, and follow them.
FOLLOWING = ("Adjustment", "Credit", "Tax")
# By what they follow, the surest first: the resource, its price, the service within an account and period.
RESOURCE, PRICE, SERVICE = "ResourceId", "SkuId", "ServiceName"
LEVELS = ((RESOURCE,), (PRICE,), (SERVICE, "BillingAccountId", "SubAccountId", PERIOD))
# Paid for and used by nobody: a commitment's or a reservation's owner bears it.
UNUSED = ("CommitmentDiscountStatus", "CapacityReservationStatus")
_TIME = COST.time or ""
_KINDS = Picked((CATEGORY,), FOLLOWING)
_TERMS: tuple[Term, ...] = (count(), total(BILLED), least(_TIME), greatest(_TIME))


@dataclass(frozen=True, slots=True)
class Line:
    """Rows of a bill that no declared key and no rule of division tells apart.

    Attributes:
        currency: of both amounts.
        cost: on the basis that the source names.
        billed: what is invoiced.
        rows: how many there are.
        bearers: who claims them.
        basis: the column that `cost` is made of.
        category: Credit, Tax or Adjustment; empty for a charge of its own.
        unused: whether they pay for a commitment or reservation that nobody used.
        period: the start of the billing period, where it was asked for.
        place: by column of `LEVELS`, what a credit, tax or adjustment is about.
        first: the oldest charge.
        last: the newest one.
    """

    currency: str
    cost: Decimal
    billed: Decimal
    rows: int
    bearers: tuple[Bearer, ...] = ()
    basis: str = BILLED
    category: str = ""
    unused: bool = False
    period: datetime | None = None
    place: Mapping[str, Any] | None = None
    first: datetime | None = None
    last: datetime | None = None

    def bears(self, component: str) -> bool:
        """Whether a component alone claims it."""
        return self.bearers == (Bearer("component", component),)


def bills(bound: Mapping[str, Bound]) -> tuple[Bound, ...]:
    """The bound sources that fill the fact ``cost``."""
    return tuple(b for _, b in sorted(bound.items()) if b.fact.name == COST.name)


def charges(ask: Ask, bound: Bound, claims: Claims, *, periods: bool) -> Request:
    """Totals of one bill by currency and whatever a key names, up to the moment asked for.

    Args:
        ask: the portfolio and the moment.
        bound: the bill.
        claims: the declared keys.
        periods: whether billing periods are told apart.
    """
    keys = _claimed(bound, claims)
    keys += [_unused(c) for c in UNUSED if c in bound.columns]
    keys += [_KINDS] if CATEGORY in bound.columns else []
    keys += [PERIOD] if periods and PERIOD in bound.columns else []
    return _request(ask, bound, keys)


def following(ask: Ask, bound: Bound, claims: Claims) -> Request | None:
    """Credits, taxes and adjustments with what they are about: few rows, so asked apart and in full."""
    if CATEGORY not in bound.columns:
        return None
    keys = [*_claimed(bound, claims), CATEGORY, *(c for level in LEVELS for c in level if c in bound.columns)]
    return replace(_request(ask, bound, keys), where=((CATEGORY, FOLLOWING),))


def partners(
    ask: Ask, bound: Bound, claims: Claims, level: tuple[str, ...], named: tuple[str, ...]
) -> Request | None:
    """Charges by one of the `LEVELS` that credits may be about, and by who claims them.

    Args:
        ask: the portfolio and the moment.
        bound: the bill.
        claims: the declared keys.
        level: the columns of the level.
        named: the values of its first column that credits are about.
    """
    if level[0] not in bound.columns or not named:
        return None
    keys = [*_claimed(bound, claims), _KINDS, *(c for c in level if c in bound.columns)]
    return replace(_request(ask, bound, keys), where=((level[0], named),))


def _claimed(bound: Bound, claims: Claims) -> list[Key]:
    basis = [BASIS_OF] if {BASIS, BASIS_OF} <= set(bound.columns) else []
    return [CURRENCY, *claims.keys(bound.columns).values(), *basis]


def _unused(column: str) -> Key:
    return Picked((column,), ("Unused",))


def _request(ask: Ask, bound: Bound, keys: Iterable[Key]) -> Request:
    # Which currencies a bill is in is not known before it is read, so its days are asked for where rates are.
    slots = (Slot(_TIME),) if ask.portfolio.settings.exchange_rates else ()
    basis = (total(BASIS),) if BASIS in bound.columns else ()
    named = tuple(sorted(set(keys), key=repr))
    return Request(bound.source, (*named, *slots), (*_TERMS, *basis), until=(_TIME, instant(ask.as_of)))


def exchanged(ask: Ask, sums: Sums) -> tuple[Sums, Mapping[str, Exchanged]]:
    """A bill in the portfolio's currency, where there are rates."""
    # An amount without a basis of its own is what was billed.
    values = {**sums.values, total(BASIS): sums.values.get(total(BASIS), sums[total(BILLED)])}
    whole = replace(sums, values=values)
    settings = ask.portfolio.settings
    if not settings.exchange_rates:
        return whole, {}
    return exchange(whole, (BILLED, BASIS), _TIME, ask.portfolio.rates, settings.time_zone)


def lines(sums: Sums, claims: Claims, columns: Iterable[str]) -> Iterator[Line]:
    """The groups of an answer as lines.

    Args:
        sums: of `charges`, `following` or `partners`, exchanged.
        claims: the declared keys.
        columns: of the bill.
    """
    at = {key: i for i, key in enumerate(sums.keys)}
    claimed: dict[Where, int] = {where: at[key] for where, key in claims.keys(columns).items()}
    places = {column: at[column] for level in LEVELS for column in level if column in at}
    kinds, basis = at.get(CATEGORY, at.get(_KINDS)), at.get(BASIS_OF)
    unused = [i for column in UNUSED if (i := at.get(_unused(column))) is not None]
    named = BASIS if BASIS in set(columns) else BILLED
    terms = (total(BASIS), total(BILLED), count(), least(_TIME), greatest(_TIME))
    known: dict[tuple[Any, ...], tuple[Bearer, ...]] = {}
    for group, cost, billed, rows, first, last in zip(sums.groups, *(sums[t] for t in terms), strict=True):
        place = {column: group[k] for column, k in places.items()}
        wanted = tuple(group[k] for k in claimed.values())
        if wanted not in known:
            known[wanted] = claims.of(dict(zip(claimed, wanted, strict=True)))
        yield Line(
            currency=str(group[at[CURRENCY]]),
            cost=cost,
            billed=billed,
            rows=int(rows),
            bearers=known[wanted],
            basis=str(group[basis] or BILLED) if basis is not None else named,
            category=str(group[kinds] or "") if kinds is not None else "",
            unused=any(group[k] is not None for k in unused),
            period=at_midnight(place.get(PERIOD)),
            place=place,
            first=at_midnight(first),
            last=at_midnight(last),
        )


def window_of(chosen: Iterable[Line]) -> tuple[datetime, datetime] | None:
    """First and last charge of some lines."""
    known = [(line.first, line.last) for line in chosen if line.first and line.last]
    return (min(f for f, _ in known), max(t for _, t in known)) if known else None


def of_cost(line: Line) -> Decimal:
    """What a line counts with as cost."""
    return line.cost


def of_cash(line: Line) -> Decimal:
    """What a line counts with as cash."""
    return line.billed
