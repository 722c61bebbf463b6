"""The days of a bill and of a series: what was charged, and what was counted, on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Day, Key, Request, Tag, count, total
from headway.aggregates.sums import Sums
from headway.facts import COST
from headway.kernel.identity import instant
from headway.kernel.money import ZERO, add
from headway.measures.base import Ask
from headway.measures.spend.claims import selector_key
from headway.portfolio.cost import CostSelector

_CURRENCY = "BillingCurrency"
_FIRST = date(1970, 1, 1)
Daily = dict[date, Decimal]


def charges_request(ask: Ask, bound: Bound, chosen: Sequence[CostSelector], cost: str) -> Request:
    """The amounts of a bill by day, currency and every column that some selectors read."""
    asked = {key for one in chosen for key, _ in selector_key(one)}
    keys: set[Key] = {k for k in asked if _column(k) in bound.columns} | {_CURRENCY}
    time = COST.time or ""
    day = Day(time, ask.portfolio.settings.time_zone)
    terms = (count(), total(cost if cost in bound.columns else "BilledCost"))
    return Request(bound.source, (*sorted(keys, key=repr), day), terms, until=(time, instant(ask.as_of)))


def charges(sums: Sums, chosen: Sequence[CostSelector]) -> dict[tuple[date, str], Decimal]:
    """What the rows of some selectors were charged, by day and currency; a row counts once."""
    wanted = [selector_key(one) for one in chosen]
    (amount,) = (t for t in sums.values if t.kind == "total")
    made: dict[tuple[date, str], Decimal] = {}
    for group, charged in zip(sums.groups, sums[amount], strict=True):
        values = dict(zip(sums.keys, group, strict=True))
        day = next(v for k, v in values.items() if isinstance(k, Day))
        if day is None or not any(all(str(values.get(k)) == v for k, v in one) for one in wanted):
            continue
        at = day_of(day), str(values[_CURRENCY])
        made[at] = add(made.get(at, ZERO), charged)
    return made


def counts_request(ask: Ask, bound: Bound, metric: str) -> Request:
    """The sum of one metric of a series by day."""
    time = bound.fact.time or ""
    day = Day(time, ask.portfolio.settings.time_zone)
    terms = (count("value"), total("value"))
    return Request(bound.source, (day,), terms, (("metric", metric),), (time, instant(ask.as_of)))


def counts(sums: Sums) -> Daily:
    """What was counted on each day."""
    return {
        day_of(group[0]): Decimal(str(n))
        for group, n in zip(sums.groups, sums[total("value")], strict=True)
        if group[0] is not None
    }


def in_own(ask: Ask, found: Mapping[tuple[date, str], Decimal]) -> Daily | str:
    """Amounts in the portfolio's currency, each at the rate of its day; or why they cannot be."""
    made: Daily = {}
    for (day, currency), amount in found.items():
        became = ask.portfolio.rates.exchange(amount, currency, day)
        if became is None:
            return f"no rate turns {currency} into {ask.portfolio.settings.currency} on {day}"
        made[day] = add(made.get(day, ZERO), became)
    return made


def day_of(number: int) -> date:
    """The day of a `Day` key."""
    return _FIRST + timedelta(days=int(number))


def days_between(first: date, last: date) -> list[date]:
    """Every day from one to another, both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def by_month(days: Iterable[date]) -> dict[date, list[date]]:
    """Days by the first of their month."""
    made: dict[date, list[date]] = {}
    for day in days:
        made.setdefault(day.replace(day=1), []).append(day)
    return made


def _column(key: Key) -> str:
    return key.column if isinstance(key, Tag) else str(key)
