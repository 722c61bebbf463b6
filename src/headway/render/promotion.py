"""The promotion budget in words: who is in, by count and by money, and what the others need."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from headway.render.base import Record
from headway.render.figures import money, significant
from headway.render.people import titled

KINDS = {"by_count": "by count", "by_money": "by money"}
_COUNTED = {"initiatives": "promotions", "money": "promoted money"}
_FEW = 4
# Beyond 1e12 only its size matters.
_LARGEST = math.log(1e12)


@dataclass(frozen=True, slots=True)
class Line:
    """One initiative of a list as a row.

    Attributes:
        rank: its place by e-value, from 1, in the row's list.
        name: the initiative.
        title: for people, with its approach where it has several.
        e: its e-value in words.
        look: the day of that look, and whether it is frozen.
        count: by count: in, or what it needs.
        money: by money, likewise; empty where money is not counted.
        cost: what it asks for.
        inside: whether it is in, as the portfolio counts.
    """

    rank: int
    name: str
    title: str
    e: str
    look: str
    count: str
    money: str
    cost: str
    inside: bool


def promotion_bars(promotion: Record | None) -> dict[str, dict[str, float]]:
    """The e-value that each initiative needs to be in, as the portfolio counts, by initiative and metric."""
    if promotion is None:
        return {}
    kind = "by_money" if promotion["of"] == "money" else "by_count"
    rows = [row for one in promotion["lists"] for row in one["rows"] if row[kind]]
    return {r["initiative"]: {r["metric"]: math.exp(min(r[kind]["log_needed"], _LARGEST))} for r in rows}


def lead(record: Record) -> list[str]:
    """The budget in sentences; none where no budget is declared."""
    budget = record["promotion"]
    if budget is None:
        return []
    made = [
        f"At most {budget['share'] * 100:g} % of {_COUNTED[budget['of']]} in {budget['year']} may be false.",
        _slots(record),
    ]
    if budget["envelope"] is not None:
        asked, whole = (
            money(budget["asked"], budget["currency"]),
            money(budget["envelope"], budget["currency"]),
        )
        made.append(f"{asked} of the envelope of {whole} are asked for.")
    return made


def _slots(record: Record) -> str:
    budget = record["promotion"]
    held = f"{budget['held']} of {budget['slots']} slots are taken, {budget['used']} with a frozen e-value"
    waiting = titled(record, budget["waiting"])
    if not waiting:
        return f"{held}, {budget['free']} are free."
    shown = waiting[:_FEW]
    more = f" and {len(waiting) - _FEW} more" if len(waiting) > _FEW else ""
    return f"{held}; waiting for the next year: {', '.join(shown)}{more}."


def lists(record: Record) -> Iterator[tuple[str, str, list[Line]]]:
    """Each list that has a row: its title, what it accepts, and its rows by e-value."""
    budget = record["promotion"]
    for one in budget["lists"]:
        if one["rows"]:
            ranked = sorted(one["rows"], key=lambda r: (-r["log_e"], r["initiative"]))
            rows = [_line(record, row, at) for at, row in enumerate(ranked, 1)]
            yield f"List {one['grade']}, which {one['holds']}", _accepted(record, one), rows


def _accepted(record: Record, one: Record) -> str:
    budget = record["promotion"]
    said = f"Accepted by count: {one['accepted']['by_count']}"
    if budget["envelope"] is None:
        return f"{said}."
    promoted = money(one["promoted"], budget["currency"])
    return f"{said}; by money: {one['accepted']['by_money']}, for {promoted}."


def _line(record: Record, row: Record, rank: int) -> Line:
    budget = record["promotion"]
    title = titled(record, [row["initiative"]])[0]
    of = "by_money" if budget["of"] == "money" else "by_count"
    day = (row["look_at"] or "")[:10]
    return Line(
        rank=rank,
        name=row["initiative"],
        title=f"{title} ({row['approach']})" if row["approaches"] > 1 else title,
        e=row["e"],
        look=f"{'frozen' if row['frozen'] else 'not frozen'}{f', {day}' if day else ''}",
        count=standing(row, "by_count"),
        money=standing(row, "by_money") if budget["envelope"] is not None else "",
        cost=money(row["cost"], budget["currency"]) if row["cost"] is not None else "",
        inside=bool(row[of] and row[of]["accepted"]),
    )


def standing(row: Record, kind: str) -> str:
    """In, or what it needs alone and beside the others.

    >>> told = {"accepted": False, "alone": "200", "needed": "66.7", "beside": 2}
    >>> standing({"frozen": True, "by_count": told}, "by_count")
    'needs 200 alone, 66.7 beside 2 others'
    """
    found = row[kind]
    if found is None:
        return "asks for no money that the envelope holds"
    others = f"beside {found['beside']} other{'s' if found['beside'] > 1 else ''}"
    if found["accepted"]:
        needed = f"{found['needed']} {others}" if found["beside"] else f"{found['alone']} alone"
        return f"{'accepted' if row['frozen'] else 'would be accepted'}: needed {needed}"
    both = f", {found['needed']} {others}" if found["beside"] else ""
    return f"needs {found['alone']} alone{both}"


def without(record: Record) -> list[tuple[str, str]]:
    """Initiatives that hold a slot and have no e-value, each with why."""
    budget = record["promotion"]
    return [(titled(record, [r["initiative"]])[0], r["why"]) for r in budget["without"]]


def shared(record: Record) -> list[str]:
    """Running pilots that share units, what these say by the arms they met, and who was not compared."""
    budget, made = record["promotion"], []
    for pair in budget["shared"]:
        one, two = titled(record, pair["initiatives"])
        cells = "; ".join(_cell(c) for c in pair["cells"])
        units = f"{pair['units']:,} units ({pair['share'] * 100:.1f} % of the smaller pilot)"
        made.append(f"{one} and {two} share {units}, and are frozen at their ends alone. By arms: {cells}.")
    left = ((titled(record, [row["initiative"]])[0], row["why"]) for row in budget["not_compared"])
    return [*made, *(f"{title}: units not compared, because {why}." for title, why in left)]


def _cell(cell: Record) -> str:
    means = " and ".join("not shown" if m is None else significant(m) for m in cell["means"])
    return f"{' × '.join(cell['arms'])}, {cell['units']:,} units, means {means}"
