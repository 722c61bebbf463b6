"""What is known of a source before a row of it is read: its columns, its size and its newest moment.

It is found out once for each content and remembered, so that a source whose sums are remembered too need not
be opened at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headway.facts import FACTS
from headway.kernel.identity import digest, instant
from headway.portfolio.source import Source
from headway.sources.base import Context

if TYPE_CHECKING:
    from headway.aggregates.engine import Opened


@dataclass(frozen=True, slots=True)
class Pinned:
    """Each column's type, those that are never empty, the number of rows, and the newest moment if dated.

    `raw` holds the types before they were made the contract's.
    """

    types: dict[str, str]
    raw: dict[str, str]
    present: frozenset[str]
    rows: int | None
    newest: datetime | None


def pinned(declared: Source, content: str, context: Context, opening: Callable[[], Opened]) -> Pinned:
    """What is known of a source: remembered under its content, or else found out now.

    Raises:
        SourceFault: it has to be opened and cannot be.
    """
    name = digest(["pinned", content, declared.fact, declared.summed])
    known = _read(context.memory.get(name))
    if known is None:
        known = _found(declared, opening())
        newest = instant(known.newest) if known.newest else None
        kept = {"types": known.types, "raw": known.raw, "present": sorted(known.present), "rows": known.rows}
        context.memory.put(name, {**kept, "newest": newest})
    return known


def _found(declared: Source, opened: Opened) -> Pinned:
    table, time = opened.table, FACTS[declared.fact].time
    asked = {"rows": table.count()}
    if time in table.columns:
        asked["newest"] = table[time].max()
    found = opened.engine.fetch(table.aggregate(**asked)).to_pylist()[0]
    newest = _moment(found.get("newest"))
    return Pinned(opened.types, dict(opened.raw), opened.present, int(found["rows"]), newest)


def _moment(value: Any) -> datetime | None:
    from headway.aggregates.read import in_utc

    found = in_utc(value)
    return found if isinstance(found, datetime) else None


def _read(kept: Any) -> Pinned | None:
    """What was kept, where it has the form of it."""
    try:
        newest = datetime.fromisoformat(kept["newest"]) if kept["newest"] is not None else None
        types, raw = ({str(k): str(v) for k, v in kept[w].items()} for w in ("types", "raw"))
        return Pinned(types, raw, frozenset(map(str, kept["present"])), int(kept["rows"]), newest)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
