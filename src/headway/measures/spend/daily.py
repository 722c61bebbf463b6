"""The days of a bill and of a series: what was charged, and what was counted, on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Day, Request, count, total
from headway.aggregates.sums import Sums
from headway.facts import COST
from headway.kernel.identity import instant
from headway.kernel.money import ZERO, add
from headway.measures.base import Ask
from headway.measures.spend.claims import Bearer, Claims
from headway.portfolio.cost import CostSelector

_CURRENCY = "BillingCurrency"
_TIME = COST.time or ""
# Whose the rows are is asked before: here all selectors are one's.
_BEARER = Bearer("initiative", "")
_FIRST = date(1970, 1, 1)
Daily = dict[date, Decimal]


def charges_request(ask: Ask, bound: Bound, chosen: Sequence[CostSelector], cost: str) -> Request:
    """The amounts of a bill by day, currency and whatever some selectors name.

    Args:
        ask: the portfolio and the moment.
        bound: the bill.
        chosen: the selectors.
        cost: the column of amounts; where the bill has none of that name, what was billed.
    """
    keys = _claims(chosen).keys(bound.columns).values()
    day = Day(_TIME, ask.portfolio.settings.time_zone)
    terms = (count(), total(cost if cost in bound.columns else "BilledCost"))
    named = tuple(sorted({_CURRENCY, *keys}, key=repr))
    return Request(bound.source, (*named, day), terms, until=(_TIME, instant(ask.as_of)))


def charges(
    ask: Ask, request: Request, sums: Sums, chosen: Sequence[CostSelector]
) -> dict[tuple[date, str], Decimal]:
    """What the rows of some selectors were charged, by day and currency; a row counts once."""
    claims = _claims(chosen)
    at = {
        where: sums.keys.index(key) for where, key in claims.keys(ask.bound[request.source].columns).items()
    }
    currency = sums.keys.index(_CURRENCY)
    amounts = next(sums[t] for t in sums.values if t.kind == "total")
    made: dict[tuple[date, str], Decimal] = {}
    for group, amount in zip(sums.groups, amounts, strict=True):
        if group[-1] is None or not claims.of({where: group[i] for where, i in at.items()}):
            continue
        day = day_of(group[-1]), str(group[currency])
        made[day] = add(made.get(day, ZERO), amount)
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


def _claims(chosen: Sequence[CostSelector]) -> Claims:
    return Claims.read({_BEARER: chosen})
