"""The measure ``cost``: what the bill says of each initiative, and the share of it that nobody claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from headway.aggregates.engine import Bound
from headway.aggregates.request import Key, Request, Slot, Tag, count, greatest, least, total
from headway.aggregates.sums import Sums, merge
from headway.facts import COST
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json, instant
from headway.kernel.money import ZERO, exact
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.allocation import Allocation, allocate, selector_key
from headway.measures.spend.exchange import Exchanged, exchange
from headway.measures.value.effect.base import at_midnight
from headway.portfolio.cost import CostSelector
from headway.portfolio.load import Portfolio

# A monthly bill stands until the next one is due, with some grace (governance.md 5).
STANDS = timedelta(days=35)
BILLED = "BilledCost"


class CostMeasure:
    """Cost by declared keys; allocated and unallocated add up to the bill to the last digit."""

    name = "cost"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """One request per bill, the same for every initiative: totals by all keys that any of them reads."""
        return tuple(bill_request(ask, bound) for bound in bills(ask.bound))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """The initiative's cost, and the unallocated share of the whole bill."""
        failed = [s for s in given.failed if _is_bill(ask.portfolio, s)]
        if failed:
            return _nothing("source_failed", given.failed[failed[0]])
        requests = self.needs(ask)
        if not requests:
            return _nothing("none", "no source fills the fact cost")
        chosen = ask.initiative.cost.select
        if not chosen:
            return _nothing("none", "the initiative declares no key into the bill (cost.select)")
        divided, bill, turned = divide(ask, given.sums)
        found = list(_twice(ask, divided))
        strange = sorted(set(divided.bill) - {ask.portfolio.settings.currency})
        if strange:
            found.append(_currency(ask, strange, turned))
            return Result(absent=(Absent("cost", "unit", found[-1].what),), diagnostics=tuple(found))
        currency = ask.portfolio.settings.currency
        mine = divided.parts[ask.initiative.initiative].get(currency, ZERO)
        if not mine and ask.initiative.initiative not in {
            n for c in divided.claimed_twice for n in c.initiatives
        }:
            return Result(
                absent=(Absent("cost", "none", "no row of the bill has its keys"),), diagnostics=tuple(found)
            )
        whole, rest = divided.bill[currency], divided.unallocated.get(currency, ZERO)
        rows = int(bill[count()].sum())
        share = float(rest / whole) if whole else 0.0
        keys: dict[str, Json] = {
            "keys": sorted(f"{k}={v}" for s in chosen for k, v in selector_key(s)),
            **ask.portfolio.rates.parameters,
        }
        window = window_of(bill, divided.groups[ask.initiative.initiative])
        findings = (
            Finding(
                "cost", _census(float(mine), currency, rows, exact(mine)), window, STANDS, requests, keys
            ),
            Finding(
                "unallocated_share",
                _census(share, "share", rows, exact(rest)),
                window_of(bill),
                STANDS,
                requests,
            ),
        )
        return Result(findings, diagnostics=tuple(found))


def bills(bound: Mapping[str, Bound]) -> tuple[Bound, ...]:
    """The bound sources that fill the fact ``cost``."""
    return tuple(b for _, b in sorted(bound.items()) if b.fact.name == "cost")


def selectors_of(portfolio: Portfolio) -> dict[str, tuple[CostSelector, ...]]:
    """The cost selectors of every initiative."""
    return {name: i.cost.select for name, i in portfolio.initiatives.items()}


def bill_request(ask: Ask, bound: Bound) -> Request:
    """Totals of one bill by currency and every declared key, up to the moment asked for."""
    keys: set[Key] = {"BillingCurrency"}
    for chosen in selectors_of(ask.portfolio).values():
        keys |= {k for selector in chosen for k, _ in selector_key(selector)}
    present = tuple(sorted((k for k in keys if _column(k) in bound.columns), key=repr))
    time = bound.fact.time or ""
    # Which currencies a bill is in is not known before it is read, so its days are asked for where rates are.
    slots = (Slot(time),) if ask.portfolio.settings.exchange_rates else ()
    terms = (count(), total(BILLED), least(time), greatest(time))
    return Request(bound.source, (*present, *slots), terms, until=(time, instant(ask.as_of)))


def divide(ask: Ask, sums: Mapping[Request, Sums]) -> tuple[Allocation, Sums, Mapping[str, Exchanged]]:
    """The whole bill divided over the portfolio, the sums it was divided from, and what was exchanged."""
    requests = [bill_request(ask, b) for b in bills(ask.bound) if bill_request(ask, b) in sums]
    keys = tuple(sorted({k for r in requests for k in r.keys}, key=repr))
    bill = merge([_widened(sums[r], keys) for r in requests])
    turned: Mapping[str, Exchanged] = {}
    settings = ask.portfolio.settings
    if settings.exchange_rates:
        bill, turned = exchange(bill, BILLED, COST.time or "", ask.portfolio.rates, settings.time_zone)
    return allocate(bill, selectors_of(ask.portfolio)), bill, turned


def window_of(bill: Sums, groups: Iterable[int] | None = None) -> tuple[datetime, datetime] | None:
    """First and last charge of some groups of a bill, or of all of it."""
    time = COST.time or ""
    chosen = range(len(bill.groups)) if groups is None else groups
    first = [v for i in chosen if (v := at_midnight(bill[least(time)][i])) is not None]
    last = [v for i in chosen if (v := at_midnight(bill[greatest(time)][i])) is not None]
    return (min(first), max(last)) if first and last else None


def _column(key: Key) -> str:
    return key.column if isinstance(key, Tag) else str(key)


def _widened(sums: Sums, keys: tuple[Key, ...]) -> Sums:
    """The same sums under more keys: a bill without a column has no value for it."""
    groups = tuple(
        tuple(g[sums.keys.index(k)] if k in sums.keys else None for k in keys) for g in sums.groups
    )
    return Sums(keys, groups, sums.values, sums.shift, sums.excluded)


def _is_bill(portfolio: Portfolio, source: str) -> bool:
    declared = portfolio.sources.get(source)
    return declared is not None and declared.fact == "cost"


def _census(value: float, unit: str, rows: int, amount: str) -> Estimate:
    return Estimate(
        value=value,
        low=value,
        high=value,
        level=1.0,
        unit=unit,
        n=rows,
        method="sum of BilledCost by declared keys",
        grade=Grade.C,
        grade_reasons=("a count of the whole bill",),
        detail={"exact": amount},
    )


def _nothing(reason: str, why: str) -> Result:
    return Result(absent=(Absent("cost", reason, why), Absent("unallocated_share", reason, why)))


def _twice(ask: Ask, divided: Allocation) -> list[Diagnostic]:
    name = ask.initiative.initiative
    place = ask.portfolio.place("initiative", name, "cost", "select")
    return [
        Diagnostic(
            "HW445",
            f"{_list(c.initiatives)} claim the same {exact(c.amount)} {c.currency} of the bill",
            place,
            "narrow one of the selectors; until then the amount stays unallocated",
            subject=name,
        )
        for c in divided.claimed_twice
        if name == c.initiatives[0]
    ]


def _currency(ask: Ask, strange: list[str], turned: Mapping[str, Exchanged]) -> Diagnostic:
    name = ask.initiative.initiative
    own, file = ask.portfolio.settings.currency, ask.portfolio.settings.exchange_rates
    place = ask.portfolio.place("initiative", name, "cost")
    what = f"the bill is in {', '.join(strange)}, the portfolio in {own}, and no dated rate joins them"
    mend = f"bind the bill in {own}, or name a file of rates: exchange_rates: data/fx.csv"
    if file:
        days = sorted({day for c in strange for day in turned[c].without if day})
        many = f" and {len(days) - 1} more days" if len(days) > 1 else ""
        what += f": {', '.join(strange)} on {days[0]}{many}" if days else ": a charge has no day"
        mend = f"add rates of {', '.join(strange)} to {file}; a rate holds for seven days"
    return Diagnostic("HW343", what, place, mend, subject=name)


def _list(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
