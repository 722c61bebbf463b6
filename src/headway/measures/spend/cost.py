"""The measure ``cost``: what the bill says of each initiative, and the share of it that nobody claims."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, exact
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.allocation import Borne
from headway.measures.spend.bill import BILLED, bills, window_of
from headway.measures.spend.claims import conditions_of
from headway.measures.spend.cost_faults import claimed_twice, in_other_currency, without_readings
from headway.measures.spend.division import Divided, Divider
from headway.portfolio.load import Portfolio

# A monthly bill stands until the next one is due, with some grace (governance.md 5).
STANDS = timedelta(days=35)
# Two standard errors of a sampled share, as an interval of 95 %.
_Z95 = 1.959964


class CostMeasure:
    """Cost by declared keys, shares and drivers; parts and rest add up to the bill, to the last digit."""

    name = "cost"
    version = "2"
    after: tuple[str, ...] = ()

    def __init__(self) -> None:
        # The bill is the same for every initiative of a review, and divided once.
        self._divider: tuple[Ask, Divider] | None = None
        self._next: tuple[Mapping[Request, Sums], tuple[Request, ...]] | None = None
        self._divided: tuple[Mapping[Request, Sums], Divided | None] | None = None

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """The same for every initiative: totals by all keys that any reads, and what drives shares."""
        return self._of(ask).first()

    def asks_again(self, ask: Ask, sums: Mapping[Request, Sums]) -> tuple[Request, ...]:
        """The charges that credits are about which nobody claims."""
        if self._next is None or self._next[0] is not sums:
            self._next = (sums, self._of(ask).next(sums))
        return self._next[1]

    def estimate(self, ask: Ask, given: Given) -> Result:
        """The initiative's cost, and the unallocated share of the whole bill."""
        name = ask.initiative.initiative
        failed = [s for s in given.failed if _is_bill(ask.portfolio, s)]
        if failed:
            return _nothing("source_failed", given.failed[failed[0]])
        if not bills(ask.bound):
            return _nothing("none", "no source fills the fact cost")
        shared = self._of(ask).shared_by(name)
        if not ask.initiative.cost.select and not shared:
            return _nothing("none", "the initiative declares no key into the bill (cost.select)")
        divided = self._all(ask, given.sums)
        if divided is None:
            return _nothing("source_failed", "the bill was not answered")
        own = ask.portfolio.settings.currency
        found = [*claimed_twice(ask, divided), *without_readings(ask, divided)]
        strange = sorted(set(divided.cost.bill) - {own})
        if strange:
            found.append(in_other_currency(ask, strange, divided.exchanged))
            return Result(absent=(Absent("cost", "unit", found[-1].what),), diagnostics=tuple(found))
        unread = [s for n in shared if (s := divided.sharings[n].usage) in given.failed]
        if unread:
            return Result(
                absent=(Absent("cost", "source_failed", given.failed[unread[0]]),), diagnostics=tuple(found)
            )
        if not divided.lines_of(name):
            claimed = any(name == b.name for c in divided.cost.claimed_twice for b in c.bearers)
            if not claimed:
                why = "no row of the bill has its keys"
                return Result(absent=(Absent("cost", "none", why),), diagnostics=tuple(found))
        return Result(_findings(ask, divided), diagnostics=tuple(found))

    def _of(self, ask: Ask) -> Divider:
        kept = self._divider
        if kept is None or any(
            old is not new
            for old, new in (
                (kept[0].portfolio, ask.portfolio),
                (kept[0].bound, ask.bound),
                (kept[0].as_of, ask.as_of),
            )
        ):
            kept = self._divider = (ask, Divider(ask))
        return kept[1]

    def _all(self, ask: Ask, sums: Mapping[Request, Sums]) -> Divided | None:
        divider = self._of(ask)
        if self._divided is None or self._divided[0] is not sums:
            self._divided = (sums, divider.divide(sums))
        return self._divided[1]


def divide(ask: Ask, sums: Mapping[Request, Sums]) -> Divided | None:
    """The whole bill divided over the portfolio; None without an answered bill."""
    return Divider(ask).divide(sums)


def _findings(ask: Ask, divided: Divided) -> tuple[Finding, ...]:
    name, own = ask.initiative.initiative, ask.portfolio.settings.currency
    mine, paid = divided.cost.of(name, own), divided.cash.of(name, own)
    whole, rest = divided.cost.bill.get(own, ZERO), divided.cost.unallocated(own)
    share = float(rest / whole) if whole else 0.0
    keys: dict[str, Json] = {
        "keys": sorted(str(c) for s in ask.initiative.cost.select for c in conditions_of(s)),
        "shared": [_declared(divided, n) for n in divided.shared_by(name)],
        **ask.portfolio.rates.parameters,
    }
    window = window_of(divided.lines_of(name))
    rows = sum(line.rows for line in divided.lines)
    detail = _detail(divided, mine, own)
    if paid.total != mine.total:
        detail["billed"] = exact(paid.total)
    cost = _estimate(float(mine.total), own, rows, detail, divided)
    error = _error(divided, name, own, mine)
    if error:
        cost = _widened(cost, error)
    unclaimed = _estimate(share, "share", rows, {"exact": exact(rest)}, divided)
    return (
        Finding("cost", cost, window, STANDS, divided.requests, keys),
        Finding("unallocated_share", unclaimed, window_of(divided.lines), STANDS, divided.requests),
    )


def basis_of(divided: Divided) -> str:
    """The columns that cost is made of, in words."""
    return " and ".join(divided.basis) or BILLED


def _detail(divided: Divided, mine: Borne, currency: str) -> dict[str, Json]:
    detail: dict[str, Json] = {"exact": exact(mine.total)}
    if mine.followed:
        detail["followed"] = exact(mine.followed)
    if mine.shared:
        detail["shared"] = {n: exact(a) for n, a in mine.shared.items()}
    if len(divided.basis) > 1:
        sums = {c: exact(of[currency]) for c, of in divided.basis.items() if currency in of}
        detail["basis"] = sums
    return detail


def _error(divided: Divided, name: str, currency: str, mine: Borne) -> float:
    """The standard error that sampled orders leave in a cost; those of its parts add in squares."""
    squares = 0.0
    for component in mine.shared:
        for period, reading in divided.readings.get(component, {}).items():
            if error := reading.errors.get(name, 0.0):
                cost = sum(
                    float(x.cost)
                    for x in divided.lines
                    if x.currency == currency and x.period == period and not x.unused and x.bears(component)
                )
                squares += (error * cost) ** 2
    return float(squares**0.5)


def _declared(divided: Divided, component: str) -> Json:
    sharing = divided.sharings[component]
    shares: dict[str, Json] = {n: exact(s) for n, s in sorted(sharing.shares.items())}
    return [component, str(sharing.driver) if sharing.driver else shares]


def _estimate(value: float, unit: str, rows: int, detail: dict[str, Json], divided: Divided) -> Estimate:
    shared = " and shares of components" if "shared" in detail else ""
    return Estimate(
        value=value,
        low=value,
        high=value,
        level=1.0,
        unit=unit,
        n=rows,
        method=f"sum of {basis_of(divided)} by declared keys{shared}",
        grade=Grade.C,
        grade_reasons=("a count of the whole bill",),
        detail=detail,
    )


def _widened(cost: Estimate, error: float) -> Estimate:
    return Estimate(
        value=cost.value,
        low=cost.value - _Z95 * error,
        high=cost.value + _Z95 * error,
        level=0.95,
        unit=cost.unit,
        n=cost.n,
        method=f"{cost.method}; parts in a joint peak by sampled orders",
        grade=cost.grade,
        grade_reasons=cost.grade_reasons,
        detail={**cost.detail, "sampling_error": error},
    )


def _is_bill(portfolio: Portfolio, source: str) -> bool:
    declared = portfolio.sources.get(source)
    return declared is not None and declared.fact == "cost"


def _nothing(reason: str, why: str) -> Result:
    return Result(absent=(Absent("cost", reason, why), Absent("unallocated_share", reason, why)))
