"""What the cost of a shared component is divided by, read from its use: who used, held or peaked how much.

A cost C goes to initiative i as C u_i / sum of u. The default u is mean use: of simple keys it comes nearest
to the Shapley value of a capacity that is sized by its peak; what was granted comes farthest. What nobody
holds, and what others hold than the initiatives that share the cost, is never spread over them: it stays with
the platform.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np

from headway.aggregates.engine import Bound
from headway.aggregates.request import Key, Request, Slot, Term, count, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.kernel.money import add
from headway.measures.base import Ask
from headway.portfolio.sharing import Sharing
from headway.statistics.shapley import share_peak

NOBODY = ""
_NONE = Fraction(0)
_DAY = 86400
# The grain at which loads are added up to find their peak.
PEAK_SECONDS = 900
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts of one component's cost in one billing period.

    Attributes:
        weights: by initiative that shares it; together at most 1.
        others: by name, the part of those that hold something and do not share the cost.
        idle: the part that nobody holds.
        said: how it was divided, in words.
        errors: by initiative, the standard error of its part where orders were drawn.
    """

    weights: Mapping[str, Fraction] = field(default_factory=dict)
    others: Mapping[str, Fraction] = field(default_factory=dict)
    idle: Fraction = _NONE
    said: str = ""
    errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Holder:
    """What one holder used, was granted and could have been granted, and its use by slot."""

    amounts: tuple[list[Decimal], list[Decimal], list[Decimal]] = field(default_factory=lambda: ([], [], []))
    slots: dict[int, float] = field(default_factory=dict)

    @property
    def used(self) -> Fraction:
        """All it used; what is below nothing is a fault of the meter."""
        return max(Fraction(add(*self.amounts[0])), _NONE)

    @property
    def granted(self) -> Fraction:
        """All it was granted."""
        return max(Fraction(add(*self.amounts[1])), _NONE)

    @property
    def capacity(self) -> Fraction:
        """All there was to be granted."""
        return Fraction(add(*self.amounts[2]))


def driver_request(ask: Ask, sharing: Sharing) -> Request | None:
    """Sums of use by holder and time; None where the source could not be bound or says no holder."""
    bound = ask.bound.get(sharing.usage)
    if bound is None or sharing.driver is None or "holder" not in bound.columns:
        return None
    where = (("resource", sharing.driver.resource),)
    until = ("ts", instant(ask.as_of)) if "ts" in bound.columns else None
    if bound.summed:
        if sharing.driver.by == "peak":
            return None
        terms = (count(), total("sum_used"), total("sum_granted"))
        return Request(bound.source, ("holder",), terms, where, until)
    slot: Key = Slot("ts", PEAK_SECONDS if sharing.driver.by == "peak" else _DAY)
    return Request(bound.source, ("holder", slot), _terms(bound), where, until)


def _terms(bound: Bound) -> tuple[Term, ...]:
    more = (total("capacity"),) if "capacity" in bound.columns else ()
    return (count(), total("used"), total("granted"), *more)


def read_driver_sums(
    sharing: Sharing, sums: Sums, periods: Iterable[datetime | None]
) -> dict[datetime | None, Reading]:
    """The parts of a component's cost in each billing period that has readings.

    Args:
        sharing: a component that is divided by a driver.
        sums: the answer to its `driver_request`.
        periods: the starts of the billing periods of its cost; None for a bill that names none.
    """
    held = _by_period(sums, set(periods))
    made = {period: _reading(sharing, of) for period, of in held.items()}
    return {period: reading for period, reading in made.items() if reading is not None}


def _by_period(sums: Sums, periods: set[datetime | None]) -> dict[datetime | None, dict[str, _Holder]]:
    ready = total("sum_used") in sums.values
    used, granted = (total(f"sum_{c}" if ready else c) for c in ("used", "granted"))
    terms = (used, granted, *(t for t in (total("capacity"),) if t in sums.values))
    slot = next((k for k in sums.keys if isinstance(k, Slot)), None)
    starts = sorted(p for p in periods if p is not None)
    made: dict[datetime | None, dict[str, _Holder]] = {}
    for i, group in enumerate(sums.groups):
        at = group[1] if slot else None
        # Sums that arrive without time stand for every period, and all of them for a bill without periods.
        timed = {_period(starts, at * slot.seconds)} - {None} if slot and at is not None else set(starts)
        for period in (*timed, *({None} & periods)):
            holder = made.setdefault(period, {}).setdefault(str(group[0] or NOBODY), _Holder())
            for amounts, term in zip(holder.amounts, terms, strict=False):
                amounts.append(sums[term][i])
            if at is not None:
                holder.slots[at] = holder.slots.get(at, 0.0) + max(float(sums[used][i]), 0.0)
    return made


def _period(starts: list[datetime], second: int) -> datetime | None:
    """The billing period that a moment lies in: up to the same day of the next month."""
    moment = datetime.fromtimestamp(second, UTC)
    at = bisect_right(starts, moment) - 1
    if at < 0:
        return None
    start = starts[at]
    month = start.month % _MONTHS + 1
    year = start.year + (month == 1)
    first = start.replace(day=1, month=month, year=year)
    return start if moment < first + timedelta(days=start.day - 1) else None


def _reading(sharing: Sharing, held: Mapping[str, _Holder]) -> Reading | None:
    """What a component's cost is divided into; None where nothing was used or granted."""
    granted = sum((h.granted for n, h in held.items() if n != NOBODY), _NONE)
    free = max(held[NOBODY].granted, held[NOBODY].capacity) if NOBODY in held else _NONE
    idle = free / (granted + free) if granted + free else _NONE
    # Where grants say what nobody holds, what nobody uses is part of it.
    counted = {n: h for n, h in held.items() if n != NOBODY or not idle}
    parts, errors, said = _parts(sharing, counted)
    whole = sum(parts.values(), _NONE)
    if not whole:
        return Reading(idle=Fraction(1), said="nobody holds any of it") if idle else None
    shares = {n: (1 - idle) * part / whole for n, part in parts.items()}
    return Reading(
        {n: shares.get(n, _NONE) for n in sharing.sharers},
        {n: s for n, s in shares.items() if n not in sharing.sharers and n != NOBODY and s},
        idle + shares.get(NOBODY, _NONE),
        said,
        {n: e / float(whole) * float(1 - idle) for n, e in errors.items() if n in sharing.sharers},
    )


def _parts(
    sharing: Sharing, held: Mapping[str, _Holder]
) -> tuple[dict[str, Fraction], dict[str, float], str]:
    by = sharing.driver.by if sharing.driver else "used"
    used = {n: h.used for n, h in sorted(held.items())}
    if by == "granted" or not any(used.values()):
        said = "what was granted" if by == "granted" else "what was granted, as nothing was used"
        return {n: h.granted for n, h in sorted(held.items())}, {}, said
    if by == "used":
        return used, {}, "mean use"
    names = sorted(held)
    slots = {at: i for i, at in enumerate(sorted({at for h in held.values() for at in h.slots}))}
    demand = np.zeros((len(names), len(slots)))
    for row, name in enumerate(names):
        for at, value in held[name].slots.items():
            demand[row, slots[at]] = value
    found = share_peak(demand)
    drawn = f"over {found.permutations} orders" if found.permutations else "over all orders"
    values = {n: max(Fraction(float(v)), _NONE) for n, v in zip(names, found.values, strict=True)}
    errors = dict(zip(names, found.standard_errors.tolist(), strict=True))
    return values, errors if found.permutations else {}, f"the part in the joint peak (Shapley value {drawn})"
