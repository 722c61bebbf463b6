"""The measure ``token_bill``: tokens times their prices, held against the invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request
from headway.facts.rate import Rate
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact, shown
from headway.measures.base import Absent, Ask, Finding, Given, NoRate, Result
from headway.measures.spend.bill import bills
from headway.measures.spend.daily import Daily, by_month, charges, charges_request, in_own
from headway.measures.spend.prices import Prices, price_requests, prices_of
from headway.measures.spend.token_meter import REQUESTS, Counts, Metered, counted, meter_request, total_of
from headway.measures.spend.tokens import (
    INPUT,
    OUTPUT,
    PRICED,
    REASONING,
    CacheExceedsInputError,
    NoPriceError,
    billable,
    break_even,
    priced,
)
from headway.portfolio.component import Component

METRIC, RATIO = "token_bill", "self_hosting_ratio"
# A bill that differs by more is not explained by rounding and late rows (HW447).
TOLERANCE = Decimal("0.02")
STANDS = timedelta(days=35)
_GRAIN = Decimal("1e-12")
_PER = 1000
_SENT_AND_MADE = (INPUT, OUTPUT)


class TokenBillMeasure:
    """The token bill of each component with `tokens:`, reconciled with its rows of the invoice."""

    name = "token_bill"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Tokens by day, the prices of the model, and the component's rows of the bill by day."""
        return tuple(r for c in _components(ask) if (b := _meter(ask, c)) for r in _requests(ask, c, b))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """One bill a component, or why there is none."""
        found = [_one(ask, component, given) for component in _components(ask)]
        return Result(
            tuple(f for r in found for f in r.findings),
            tuple(a for r in found for a in r.absent),
            tuple(d for r in found for d in r.diagnostics),
        )


@dataclass(slots=True)
class _Bill:
    """What tokens cost: by day and currency of their prices, and by kind; and where the prices stand."""

    daily: dict[tuple[date, str], Decimal] = field(default_factory=dict)
    by_kind: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    rates: dict[Rate, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A component's bill in the portfolio's currency: of everybody by day, and of the initiative."""

    metered: Metered
    bill: _Bill
    whole: Daily
    own: Decimal


class _UnpricedError(Exception):
    """Tokens of a kind were used on a day for which nothing states a price."""

    def __init__(self, kind: str, day: date) -> None:
        super().__init__(kind)
        self.kind, self.day = kind, day


def _components(ask: Ask) -> list[Component]:
    known = ask.portfolio.components
    return [known[c] for c in ask.initiative.uses if c in known and known[c].tokens]


def _meter(ask: Ask, component: Component) -> Bound | None:
    bound = ask.bound.get(component.usage or "")
    return bound if bound is not None and bound.fact.name == "usage" and not bound.summed else None


def _requests(ask: Ask, component: Component, bound: Bound) -> Iterator[Request]:
    yield meter_request(ask, bound)
    yield from price_requests(ask, component)
    yield from _invoices(ask, component)


def _invoices(ask: Ask, component: Component) -> list[Request]:
    chosen = component.cost.select
    return [charges_request(ask, b, chosen, "BilledCost") for b in bills(ask.bound)] if chosen else []


def _one(ask: Ask, component: Component, given: Given) -> Result:
    reckoned = _reckoned(ask, component, given)
    if isinstance(reckoned, Result):
        return reckoned
    compared = _compared(ask, component, given, reckoned.whole)
    told = _apart(ask, component, compared) if compared else ()
    findings = [_finding(ask, component, reckoned, compared)]
    try:
        findings += _self_hosted(ask, component, reckoned)
    except NoRate as fault:
        return Result(
            tuple(findings), (Absent(f"{RATIO} [{component.component}]", "unit", str(fault)),), told
        )
    return Result(tuple(findings), diagnostics=told)


def _reckoned(ask: Ask, component: Component, given: Given) -> _Reckoned | Result:
    name, bound = component.component, _meter(ask, component)
    failed = next(
        (given.failed[s] for s in (component.usage or "", *component.rates) if s in given.failed), ""
    )
    if failed or bound is None:
        why = failed or f"no source meters the tokens of {name} (`usage:` of the component)"
        return _absent(component, "source_failed" if failed else "none", why)
    metered = counted(ask, name, given.sums[meter_request(ask, bound)])
    if isinstance(metered, str) or not metered.whole:
        why = metered if isinstance(metered, str) else f"'{bound.source}' counts no tokens"
        return _absent(component, "none", why)
    prices = prices_of(ask, component, given)
    includes = ask.portfolio.sources[bound.source].rows_include_cache
    try:
        both = [_bill(m, prices, includes_cache=includes) for m in (metered.whole, metered.own)]
    except _UnpricedError as fault:
        return _unpriced(ask, component, prices, fault)
    except CacheExceedsInputError as fault:
        return _absent(component, "unit", f"the cache exceeds the input that should include it: {fault}")
    whole, own = (in_own(ask, one.daily) for one in both)
    if isinstance(whole, str) or isinstance(own, str):
        return _absent(component, "unit", whole if isinstance(whole, str) else str(own))
    return _Reckoned(metered, both[1], whole, add(*own.values()))


def _bill(days: Counts, prices: Prices, *, includes_cache: bool) -> _Bill:
    """The tokens of each day at the prices of that day.

    Raises:
        _UnpricedError: a kind without a price on its day.
        CacheExceedsInputError: as `billable`.
    """
    made = _Bill()
    for day, counts in sorted(days.items()):
        rates = prices.on((*PRICED, REASONING), day)
        tokens = billable(counts, input_includes_cache=includes_cache, reasoning_apart=REASONING in rates)
        try:
            costs = priced(tokens, {k: r.value for k, r in rates.items() if r.value is not None})
        except NoPriceError as fault:
            raise _UnpricedError(fault.kind, day) from None
        for kind, cost in costs.items():
            currency = rates[kind].currency
            made.daily[day, currency] = add(made.daily.get((day, currency), ZERO), cost)
            made.by_kind[kind, currency] = add(made.by_kind.get((kind, currency), ZERO), cost)
            made.rates[rates[kind]] = None
    return made


def _absent(component: Component, reason: str, why: str, *told: Diagnostic) -> Result:
    return Result(absent=(Absent(f"{METRIC} [{component.component}]", reason, why),), diagnostics=told)


def _unpriced(ask: Ask, component: Component, prices: Prices, fault: _UnpricedError) -> Result:
    ended = prices.ended(fault.kind)
    why = f": the one there was held until {ended}" if ended and ended <= fault.day else ": a blank is not 0"
    what = f"no price of {fault.kind} of '{prices.model}' is stated for {fault.day}{why}"
    place = ask.portfolio.place("component", component.component, "tokens", "model")
    mend = "state it in a source of fact rate, and name that source under tokens.prices"
    return _absent(
        component, "none", what, Diagnostic("HW351", what, place, mend, subject=component.component)
    )


def _compared(ask: Ask, component: Component, given: Given, metered: Daily) -> tuple[Decimal, Decimal] | None:
    """What was billed and what was metered over the days, or else the months, that both know."""
    chosen, billed = component.cost.select, Daily()
    for request in _invoices(ask, component):
        if request not in given.sums:
            return None
        found = in_own(ask, charges(ask, request, given.sums[request], chosen))
        if isinstance(found, str):
            return None
        for day, amount in found.items():
            billed[day] = add(billed.get(day, ZERO), amount)
    both = metered.keys() & billed.keys()
    # A bill that charges more rarely than the meter counts is compared by months.
    if 2 * len(both) < len(metered):
        metered, billed = _monthly(metered), _monthly(billed)
        both = metered.keys() & billed.keys()
    sums = add(*(billed[d] for d in both)), add(*(metered[d] for d in both))
    return sums if both and sums[1] > 0 else None


def _monthly(daily: Daily) -> Daily:
    return {month: add(*(daily[d] for d in days)) for month, days in by_month(daily).items()}


def _apart(ask: Ask, component: Component, compared: tuple[Decimal, Decimal]) -> tuple[Diagnostic, ...]:
    """HW447, once for each component."""
    billed, metered = compared
    name = component.component
    first = next(n for n, i in ask.portfolio.initiatives.items() if name in i.uses)
    if abs(billed / metered - 1) <= TOLERANCE or first != ask.initiative.initiative:
        return ()
    currency = ask.portfolio.settings.currency
    what = (
        f"the invoice has {shown(billed)} {currency} for '{name}', its tokens at their prices make "
        f"{shown(metered)} {currency} in the same time: a ratio of {billed / metered:.3f}; the bill wins"
    )
    mend = "add the contract price to a source of fact rate, or see which tokens the meter does not count"
    place = ask.portfolio.place("component", name, "tokens")
    return (Diagnostic("HW447", what, place, mend, subject=name),)


def _finding(
    ask: Ask, component: Component, reckoned: _Reckoned, compared: tuple[Decimal, Decimal] | None
) -> Finding:
    amount, metered, bound = reckoned.own, reckoned.metered, _meter(ask, component)
    assert bound is not None  # noqa: S101  it was reckoned from
    wins = compared is not None and abs(compared[0] / compared[1] - 1) > TOLERANCE
    if compared and wins:
        amount = (amount * compared[0] / compared[1]).quantize(_GRAIN)
    requests = total_of(metered.own, REQUESTS)
    detail: dict[str, Json] = {
        "exact": exact(amount),
        "model": component.tokens.model if component.tokens else "",
        "tokens": exact(total_of(metered.own, *_SENT_AND_MADE)),
        "by_kind": {f"{k} ({c})": exact(v) for (k, c), v in sorted(reckoned.bill.by_kind.items())},
        "prices": [_told(r) for r in reckoned.bill.rates],
    }
    if requests:
        detail["per_1000_requests"] = exact((amount * _PER / requests).quantize(_GRAIN))
    if compared:
        detail |= {"billed": exact(compared[0]), "metered": exact(compared[1])}
        detail["ratio"] = exact((compared[0] / compared[1]).quantize(_GRAIN))
    reason = "held against the invoice" if compared else "not held against an invoice"
    estimate = _census(
        float(amount),
        ask.portfolio.settings.currency,
        metered.rows,
        "tokens by kind times price" + (", scaled to the invoice" if wins else ""),
        (Grade.C, (reason,), detail),
    )
    requests_asked = tuple(_requests(ask, component, bound))
    return Finding(
        f"{METRIC} [{component.component}]",
        estimate,
        metered.window,
        STANDS,
        requests_asked,
        _parameters(ask, component),
    )


def _self_hosted(ask: Ask, component: Component, reckoned: _Reckoned) -> list[Finding]:
    """The cost of devices of one's own over that of the tokens, at the load as it was.

    Raises:
        NoRate: their price is in a currency without a rate.
    """
    own = component.tokens.self_hosted if component.tokens else None
    bound, metered = _meter(ask, component), reckoned.metered
    cost = add(*reckoned.whole.values())
    if own is None or bound is None or not cost or not metered.hours:
        return []
    hourly = ask.in_own(own.device_hour.amount, own.device_hour.currency) * own.devices
    tokens = total_of(metered.whole, *_SENT_AND_MADE)
    found = break_even(hourly, cost, tokens, metered.hours)
    detail: dict[str, Json] = {
        "break_even_tokens_per_hour": round(float(found.tokens_per_hour)),
        "served_tokens_per_hour": round(float(found.served_per_hour)),
        "devices": own.devices,
        "device_hour": str(own.device_hour),
    }
    method = (
        f"{own.devices} devices held all the time; they pay from {found.tokens_per_hour:,.0f} tokens "
        f"an hour on, {found.served_per_hour:,.0f} were served"
    )
    reasons = ("the price of a device is declared", "the load as it was, not as the devices could serve")
    estimate = _census(
        float(found.ratio), "times the token bill", metered.rows, method, (Grade.D, reasons, detail)
    )
    requests = (meter_request(ask, bound), *price_requests(ask, component))
    name = f"{RATIO} [{component.component}]"
    return [Finding(name, estimate, metered.window, STANDS, requests, _parameters(ask, component))]


def _census(
    value: float, unit: str, n: int, method: str, known: tuple[Grade, tuple[str, ...], dict[str, Json]]
) -> Estimate:
    grade, reasons, detail = known
    return Estimate(
        value=value,
        low=value,
        high=value,
        level=1.0,
        unit=unit,
        n=n,
        method=method,
        grade=grade,
        grade_reasons=reasons,
        detail=detail,
    )


def _told(rate: Rate) -> Json:
    """A price with where it stands."""
    per = f"{rate.value.normalize():f}" if rate.value is not None else ""
    return f"{rate.unit} {per} {rate.currency} ({rate.source or 'a source of the house'})"


def _parameters(ask: Ask, component: Component) -> Mapping[str, Json]:
    """What shapes the bill besides rows: the component's document, and the rates of currencies."""
    written = ask.portfolio.documents["component", component.component].digest
    return {"component": written, **ask.portfolio.rates.parameters}
