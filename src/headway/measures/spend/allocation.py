"""Who pays for a bill: rows go to the initiative that claims them, the rest stays visible as unallocated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from headway.aggregates.request import Key, Tag, total
from headway.aggregates.sums import Sums
from headway.kernel.money import ZERO, add
from headway.portfolio.cost import CostSelector


@dataclass(frozen=True, slots=True)
class Claimed:
    """A group of cost rows that more than one initiative claims (HW445)."""

    initiatives: tuple[str, ...]
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """A bill divided, exactly: for every currency the parts and `unallocated` add up to `bill`.

    Attributes:
        bill: sum of the bill by currency.
        parts: by initiative, then currency.
        unallocated: what nobody claims, by currency.
        claimed_twice: groups with two claimants; their cost stays unallocated until that is settled.
        groups: by initiative, the positions of the bill's groups that are its own.
    """

    bill: Mapping[str, Decimal]
    parts: Mapping[str, Mapping[str, Decimal]]
    unallocated: Mapping[str, Decimal]
    claimed_twice: tuple[Claimed, ...]
    groups: Mapping[str, tuple[int, ...]]

    def residual(self) -> Mapping[str, Decimal]:
        """Bill less parts less unallocated, by currency: zero everywhere, or it is our fault (HW444)."""
        return {
            c: add(whole, -self.unallocated.get(c, ZERO), *(-p.get(c, ZERO) for p in self.parts.values()))
            for c, whole in self.bill.items()
        }


def selector_key(selector: CostSelector) -> list[tuple[Key, str]]:
    """The keys a selector reads and the values it wants; several entries must all hold."""
    tags = [(Tag("Tags", name), str(value)) for name, value in (selector.tag or {}).items()]
    return [*tags, *((column, str(value)) for column, value in (selector.column or {}).items())]


def allocate(
    bill: Sums, selectors: Mapping[str, Sequence[CostSelector]], cost: str = "BilledCost"
) -> Allocation:
    """Give every group of a bill to the one initiative that claims it.

    Args:
        bill: totals by currency and by every key that any selector reads.
        selectors: by initiative; an initiative claims a group when any of its selectors holds.
        cost: the cost column that was totalled.

    >>> allocate(Sums(("BillingCurrency",), (), {total("BilledCost"): []}), {}).bill
    {}
    """
    amounts = bill[total(cost)]
    whole: dict[str, Decimal] = {}
    rest: dict[str, Decimal] = {}
    parts: dict[str, dict[str, Decimal]] = {name: {} for name in selectors}
    own: dict[str, list[int]] = {name: [] for name in selectors}
    twice: dict[tuple[tuple[str, ...], str], Decimal] = {}
    wanted = {name: [selector_key(s) for s in chosen] for name, chosen in selectors.items()}
    for at, (group, amount) in enumerate(zip(bill.groups, amounts, strict=True)):
        values = dict(zip(bill.keys, group, strict=True))
        currency = str(values["BillingCurrency"])
        whole[currency] = add(whole.get(currency, ZERO), amount)
        claimants = [
            n
            for n, chosen in wanted.items()
            if any(all(k in values and str(values[k]) == v for k, v in one) for one in chosen)
        ]
        if len(claimants) == 1:
            own[claimants[0]].append(at)
            part = parts[claimants[0]]
            part[currency] = add(part.get(currency, ZERO), amount)
            continue
        rest[currency] = add(rest.get(currency, ZERO), amount)
        if claimants:
            key = (tuple(sorted(claimants)), currency)
            twice[key] = add(twice.get(key, ZERO), amount)
    claimed = tuple(Claimed(names, amount, currency) for (names, currency), amount in sorted(twice.items()))
    return Allocation(whole, parts, rest, claimed, {n: tuple(found) for n, found in own.items()})
