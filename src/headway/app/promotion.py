"""The promotion budget in the record of a review: who is in, by count and by money, and what others need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from headway.evidence.frozen import FrozenE
from headway.evidence.shared import Shared
from headway.evidence.slots import Holder, Promotion
from headway.gates.promotion import LISTS, Standing, standings
from headway.gates.requirement import Requirement
from headway.gates.rules.base import Scene
from headway.gates.rules.promotion_budget import ASSUMES, PREDICATE, Asked, asking_now, asks_for_it
from headway.gates.rules.wording import e_words
from headway.gates.verdict import Answer
from headway.kernel.identity import Json
from headway.kernel.money import ZERO, add, exact

if TYPE_CHECKING:
    from headway.app.review import Review, Reviewed

_BY_DESIGN = "holds by design"
_KINDS = {"by_count": "initiatives", "by_money": "money"}


def promotion_json(review: Review) -> Json:
    """The budget of the year with its lists; None where no budget is declared, or that of another year."""
    promotion = review.promotion
    if promotion is None or promotion.judged != promotion.budget.year:
        return None
    budget, holders = promotion.budget, promotion.holders.values()
    share, of = Asked.of_row(_row(review).body).under(budget)
    held = [h for h in holders if h.slot is not None]
    known = {r.initiative.initiative: _known(review, promotion, r) for r in review.initiatives}
    rows = {n: r for n, r in known.items() if not isinstance(r, str)}
    rows |= {r.initiative: promotion.of(r.initiative) for r in promotion.rows}
    asked = add(ZERO, *(h.cost for h in held if h.cost is not None and h.within))
    return {
        "year": budget.year,
        "share": share,
        "of": of,
        "slots": budget.slots,
        "used": len(promotion.frozen),
        "held": len(held),
        "free": max(0, budget.slots - len(held)),
        "waiting": [h.initiative for h in holders if h.slot is None],
        "envelope": budget.envelope,
        "asked": exact(asked),
        "currency": budget.currency,
        "shared": [_shared(pair) for pair in review.collected.overlaps.pairs],
        "not_compared": [
            {"initiative": n, "why": why} for n, why in sorted(review.collected.overlaps.skipped.items())
        ],
        "lists": [_list(promotion, grade, rows, share) for grade in LISTS],
        "without": [
            {"initiative": n, "why": why}
            for n, why in known.items()
            if isinstance(why, str) and n in _held(held)
        ],
    }


def _shared(pair: Shared) -> dict[str, Json]:
    return {
        "initiatives": list(pair.pilots),
        "units": pair.units,
        "share": round(pair.share, 9),
        "cells": [{"arms": list(c.arms), "units": c.units, "means": list(c.means)} for c in pair.cells],
    }


def _held(holders: Sequence[Holder]) -> set[str]:
    return {h.initiative for h in holders}


def _row(review: Review) -> Requirement:
    """The row of the operating model that asks for the budget, or the one that headway ships."""
    found = (one for row in review.model.rows for one in asks_for_it(row))
    return next(found, Requirement(f"scale.value.{PREDICATE}", PREDICATE, {PREDICATE: "10 %"}))


def _known(review: Review, promotion: Promotion, one: Reviewed) -> Sequence[FrozenE] | str:
    """The rows of an initiative: frozen, or as they would be now; else why there are none."""
    name = one.initiative.initiative
    frozen = promotion.of(name)
    if frozen:
        return frozen
    if one.basis is None:
        return "it stands before no gate"
    basis = one.basis
    scene = Scene(basis.subject, basis.evidence, basis.missing, basis.as_of)
    found = asking_now(_row(review), scene)
    return found.saw if isinstance(found, Answer) else found


def _list(
    promotion: Promotion, grade: str, rows: dict[str, Sequence[FrozenE]], share: float
) -> dict[str, Json]:
    mine = {n: own for n, all_ in rows.items() if (own := [r for r in all_ if r.grade == grade])}
    made = [
        _asking(promotion, grade, mine[name], share) for name in sorted(mine, key=lambda n: mine[n][0].slot)
    ]
    return {
        "grade": grade,
        "holds": _BY_DESIGN if grade == LISTS[0] else ASSUMES,
        "accepted": {kind: _accepted(made, kind) for kind in _KINDS},
        "promoted": exact(add(ZERO, *_promoted(made))),
        "rows": list(made),
    }


def _accepted(rows: Sequence[dict[str, Json]], kind: str) -> int:
    """Frozen rows that are in; what is not frozen yet is only said to be."""
    return sum(bool(r["frozen"]) and bool(_standing(r, kind).get("accepted")) for r in rows)


def _promoted(rows: Sequence[dict[str, Json]]) -> Iterator[Decimal]:
    for row in rows:
        if row["frozen"] and row["cost"] is not None and _standing(row, "by_money").get("accepted"):
            yield Decimal(str(row["cost"]))


def _standing(row: dict[str, Json], kind: str) -> dict[str, Json]:
    found = row[kind]
    return dict(found) if isinstance(found, dict) else {}


def _asking(promotion: Promotion, grade: str, mine: Sequence[FrozenE], share: float) -> dict[str, Json]:
    budget, first = promotion.budget, mine[0]
    holder = promotion.holders.get(first.initiative)
    others = [r for r in promotion.rows if r.initiative != first.initiative]
    paid = budget.envelope is not None and first.cost is not None and (holder is None or holder.within)

    def standing(of: str) -> Standing:
        return next(s for s in standings(budget, mine, others, share, of) if s.grade == grade)

    count = standing("initiatives")
    return {
        "initiative": first.initiative,
        "approach": count.approach,
        "approaches": first.approaches,
        "metric": first.metric,
        "slot": first.slot,
        "frozen": first in promotion.rows,
        "look_at": first.look_at,
        "n": first.n,
        "log_e": count.log_e,
        "e": e_words(count.log_e),
        "cost": first.cost,
        "by_count": _standing_json(count),
        "by_money": _standing_json(standing("money")) if paid else None,
    }


def _standing_json(one: Standing) -> dict[str, Json]:
    return {
        "accepted": one.accepted,
        "alone": e_words(one.alone),
        "log_alone": round(one.alone, 9),
        "needed": e_words(one.needed),
        "log_needed": round(one.needed, 9),
        "beside": one.beside,
    }
