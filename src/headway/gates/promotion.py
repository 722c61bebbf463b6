"""The promotion list: frozen e-values and one initiative that asks now, under one budget.

Lists of different grades are never joined: the list of grade A holds by design, that of grade B only if the
assumption of each comparison in it does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from headway.evidence.frozen import Budget, FrozenE

# The grades that have a list; what nobody randomised or compared has no e-value.
LISTS = ("A", "B")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an initiative stands in the list of one grade.

    Attributes:
        grade: of the list.
        accepted: whether it is in.
        approach: the approach that is nearest to being in, or furthest inside.
        log_e: natural log of its e-value.
        alone: natural log of what it would need if nobody else asked.
        needed: natural log of what it needs beside the others.
        beside: how many others are in together with it at that bar.
    """

    grade: str
    accepted: bool
    approach: str
    log_e: float
    alone: float
    needed: float
    beside: int


def standings(
    budget: Budget, mine: Sequence[FrozenE], others: Iterable[FrozenE], share: float, of: str
) -> tuple[Standing, ...]:
    """Where an initiative stands, by the grades of its approaches.

    Args:
        budget: the slots, and the envelope where money is counted; there must be such.
        mine: its rows, frozen or as they would be if they were frozen now.
        others: frozen rows of everybody else.
        share: what may be false.
        of: ``initiatives`` or ``money``.
    """
    known, made = tuple(others), []
    for grade in LISTS:
        own = [r for r in mine if r.grade == grade]
        if own:
            rest = [r for r in known if r.grade == grade]
            made.append((_by_money if of == "money" else _by_count)(budget, own, rest, share))
    return tuple(made)


def best(found: Iterable[Standing]) -> Standing:
    """The standing that tells: an accepted one, else the one that lacks least."""
    return min(found, key=lambda s: (not s.accepted, s.needed - s.log_e))


def _weight(row: FrozenE, budget: Budget) -> float:
    return 1 / (budget.slots * row.approaches)


def _by_count(budget: Budget, own: Sequence[FrozenE], rest: Sequence[FrozenE], share: float) -> Standing:
    """Online e-BH over approaches: those of one initiative share its slot."""
    from headway.statistics.promotion import accepted_by_count
    from headway.statistics.promotion_bar import bar_by_count

    rows = sorted((*own, *rest), key=lambda r: (r.initiative, r.approach))
    taken = accepted_by_count([r.log_e for r in rows], [_weight(r, budget) for r in rows], share)
    made = []
    for row in own:
        others = [r for r in rows if r is not row]
        bar = bar_by_count(
            [r.log_e for r in others], [_weight(r, budget) for r in others], _weight(row, budget), share
        )
        alone = bar_by_count((), (), _weight(row, budget), share)
        accepted = taken[next(at for at, r in enumerate(rows) if r is row)]
        made.append(
            Standing(row.grade, accepted, row.approach, row.log_e, alone.log_e, bar.log_e, bar.beside)
        )
    return best(made)


def _by_money(budget: Budget, own: Sequence[FrozenE], rest: Sequence[FrozenE], share: float) -> Standing:
    """By money each initiative asks once, with its best approach at the part of the slot that it has.

    For the largest E over m approaches, divided by m, the promise holds for the approach that is promoted.
    """
    from headway.statistics.promotion import accepted_by_money
    from headway.statistics.promotion_bar import bar_by_money

    envelope = float(budget.envelope or 0)
    row, others = _single(own), _fitting(budget, own, rest)
    parts, costs = [_part(r) for r in others], [_cost(r) for r in others]
    taken = accepted_by_money([_part(row), *parts], [_cost(row), *costs], envelope, share)
    bar = bar_by_money(parts, costs, _cost(row), envelope, share)
    alone = bar_by_money((), (), _cost(row), envelope, share)
    split = math.log(row.approaches)
    return Standing(
        row.grade, taken[0], row.approach, row.log_e, alone.log_e + split, bar.log_e + split, bar.beside
    )


def _single(rows: Sequence[FrozenE]) -> FrozenE:
    return max(rows, key=lambda r: (_part(r), r.approach))


def _fitting(budget: Budget, own: Sequence[FrozenE], rest: Sequence[FrozenE]) -> list[FrozenE]:
    """One row per other initiative, in the order of slots, while what they ask for fits into the envelope."""
    by_slot: dict[int, list[FrozenE]] = {}
    for row in rest:
        if row.cost is not None:
            by_slot.setdefault(row.slot, []).append(row)
    left, made = Decimal(budget.envelope or 0) - Decimal(own[0].cost or 0), []
    for slot in sorted(by_slot):
        one = _single(by_slot[slot])
        if Decimal(one.cost or 0) <= left:
            left -= Decimal(one.cost or 0)
            made.append(one)
    return made


def _part(row: FrozenE) -> float:
    return row.log_e - math.log(row.approaches)


def _cost(row: FrozenE) -> float:
    return float(row.cost or 0)
