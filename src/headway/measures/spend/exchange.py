"""A bill in the portfolio's currency: every charge at the rate of its own day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from headway.aggregates.groups import Group
from headway.aggregates.request import Slot, total
from headway.aggregates.sums import Sums
from headway.kernel.exchange import ExchangeRates
from headway.kernel.money import ZERO, add

QUARTER_HOUR = Slot("").seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Exchanged:
    """What was turned into the portfolio's currency, by the currency it was billed in.

    Attributes:
        billed: the amount in the bill's currency.
        became: the same in the portfolio's currency.
        without: the days of charges that no rate could turn; None where a charge has no day.
    """

    billed: Decimal = ZERO
    became: Decimal = ZERO
    without: list[date | None] = field(default_factory=list)


def exchange(
    bill: Sums, costs: tuple[str, ...], time: str, rates: ExchangeRates, zone: str
) -> tuple[Sums, dict[str, Exchanged]]:
    """Turn every group of a bill whose day has a rate; the others keep their currency.

    Args:
        bill: totals by currency, quarter hour and other keys.
        costs: the columns of amounts; what became of the first is told.
        time: the column of the quarter hours.
        rates: dated rates to the portfolio's currency.
        zone: the time zone in which days are cut.
    """
    at_currency, at_slot = bill.keys.index("BillingCurrency"), bill.keys.index(Slot(time))
    amounts = {total(c): bill[total(c)].copy() for c in costs}
    billed = bill[total(costs[0])]
    told: dict[str, Exchanged] = {}
    groups: list[Group] = []
    for at, group in enumerate(bill.groups):
        currency, day = str(group[at_currency]), _day(group[at_slot], zone)
        became = rates.exchange(billed[at], currency, day) if day else None
        if currency == rates.to or became is None:
            groups.append(group)
            if currency != rates.to:
                told.setdefault(currency, Exchanged()).without.append(day)
            continue
        seen = told.setdefault(currency, Exchanged())
        seen.billed, seen.became = add(seen.billed, billed[at]), add(seen.became, became)
        for column in amounts.values():
            column[at] = rates.exchange(column[at], currency, day) if day else None
        groups.append((*group[:at_currency], rates.to, *group[at_currency + 1 :]))
    turned = replace(bill, groups=tuple(groups), values={**bill.values, **amounts})
    return turned.rollup(tuple(k for k in bill.keys if k != Slot(time))), told


@cache
def _day(slot: int | None, zone: str) -> date | None:
    if slot is None:
        return None
    return (_EPOCH + timedelta(seconds=int(slot) * QUARTER_HOUR)).astimezone(ZoneInfo(zone)).date()
