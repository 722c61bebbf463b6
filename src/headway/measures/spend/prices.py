"""What a component's tokens cost each: by contract, else by the bill's own unit price, else by a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count, total
from headway.aggregates.sums import Sums
from headway.facts.rate import Rate, in_force
from headway.kernel.identity import instant
from headway.kernel.money import add
from headway.measures.base import Ask, Given
from headway.measures.spend.bill import bills
from headway.measures.spend.rates import bound_rates, is_list, rate_request, read
from headway.portfolio.component import Component

_SCALES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_UNIT = re.compile(r"^(\d[\d,]*)?\s*([kmb])?\s*tokens?$", re.IGNORECASE)
_COST, _USED = "BilledCost", "ConsumedQuantity"


@dataclass(frozen=True, slots=True)
class Prices:
    """The rates of a model by where they come from, the first to be asked in front."""

    model: str
    ranked: tuple[tuple[Rate, ...], ...]

    def on(self, kinds: Iterable[str], day: date) -> dict[str, Rate]:
        """The rate of each kind of token that some source states for a day."""
        found = {kind: in_force(self.ranked, kind, day) for kind in kinds}
        return {kind: rate for kind, rate in found.items() if rate is not None}

    def ended(self, kind: str) -> date | None:
        """The day from which a kind has no price any more, where it had one."""
        ends = [r.valid_to for rates in self.ranked for r in rates if r.unit == kind and r.valid_to]
        return max(ends, default=None)


def price_requests(ask: Ask, component: Component) -> tuple[Request, ...]:
    """What is asked of the sources of prices, and of the bills."""
    declared = component.tokens
    if declared is None:
        return ()
    lists = tuple(rate_request(b, "price", declared.model) for b in bound_rates(ask, declared.prices))
    return (*lists, *(r for r, _ in _own_requests(ask, component)))


def prices_of(ask: Ask, component: Component, given: Given) -> Prices:
    """The prices in their order."""
    declared = component.tokens
    assert declared is not None  # noqa: S101  only components with prices are asked
    bound = bound_rates(ask, declared.prices)
    contract = [rate_request(b, "price", declared.model) for b in bound if not is_list(ask, b.source)]
    lists = [rate_request(b, "price", declared.model) for b in bound if is_list(ask, b.source)]
    own = tuple(
        rate
        for request, kind in _own_requests(ask, component)
        if request in given.sums
        for rate in unit_prices(given.sums[request], declared.model, kind)
    )
    return Prices(declared.model, (*read(contract, given.sums), own, *read(lists, given.sums)))


def _own_requests(ask: Ask, component: Component) -> list[tuple[Request, str]]:
    metered = component.tokens.metered if component.tokens else {}
    found = [b for b in bills(ask.bound) if metered and _tells(b)]
    return [(_own(ask, b, sku), kind) for b in found for kind, sku in sorted(metered.items())]


def _tells(bill: Bound) -> bool:
    needed = {"SkuId", "ConsumedUnit", _USED} <= set(bill.columns)
    return needed and bill.is_number(_USED)


def _own(ask: Ask, bill: Bound, sku: str) -> Request:
    until = (bill.fact.time or "", instant(ask.as_of))
    terms = (count(), total(_COST), total(_USED))
    return Request(bill.source, ("BillingCurrency", "ConsumedUnit"), terms, (("SkuId", sku),), until)


def unit_prices(sums: Sums, model: str, kind: str) -> list[Rate]:
    """What a bill charged for one token, by its currencies; none where its unit counts no tokens."""
    costs: dict[str, tuple[Decimal, Decimal]] = {}
    for (currency, unit), cost, used in zip(sums.groups, sums[total(_COST)], sums[total(_USED)], strict=True):
        scale = tokens_in(str(unit or ""))
        if scale:
            before = costs.get(str(currency), (Decimal(0), Decimal(0)))
            costs[str(currency)] = add(before[0], cost), add(before[1], Decimal(str(used)) * scale)
    return [
        Rate("price", model, kind, cost / used, currency, source="the bill")
        for currency, (cost, used) in sorted(costs.items())
        if used > 0 and cost >= 0
    ]


def tokens_in(unit: str) -> int:
    """How many tokens a bill's unit is; 0 where it is another.

    >>> tokens_in("1K Tokens"), tokens_in("tokens"), tokens_in("1,000,000 tokens"), tokens_in("Hours")
    (1000, 1, 1000000, 0)
    """
    found = _UNIT.match(unit.strip())
    if not found:
        return 0
    return int((found[1] or "1").replace(",", "")) * _SCALES[(found[2] or "").lower()]


def stated_in(rates: Sequence[Rate]) -> list[str]:
    """Where some rates come from, each once."""
    return list(dict.fromkeys(r.source for r in rates if r.source))
