"""What is known of a source before a row of it is read: its columns, its size and the span of its parts.

It is found out once for each content and remembered, so that a source whose sums are remembered too need not
be opened at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import PART
from headway.aggregates.memory import Memory
from headway.facts import FACTS
from headway.kernel.identity import digest, instant
from headway.portfolio.source import Source
from headway.sources.base import Context

if TYPE_CHECKING:
    from headway.aggregates.engine import Opened


Ends = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is known of a content.

    Attributes:
        types: each column's type.
        raw: the same before they were made the contract's.
        present: columns that are never empty.
        rows: how many there are.
        spans: the oldest and the newest moment of each part, in the order of the parts; of all of it as one
            where it has no parts.
    """

    types: dict[str, str]
    raw: dict[str, str]
    present: frozenset[str]
    rows: int | None
    spans: tuple[Ends, ...]

    @property
    def newest(self) -> datetime | None:
        """The newest moment, where rows are dated."""
        return max((last for _, last in self.spans if last is not None), default=None)


def pinned(
    declared: Source,
    content: str,
    context: Context,
    opening: Callable[[], Opened],
    parts: Mapping[str, str] | None = None,
) -> Pinned:
    """What is known of a source: remembered under its content, or else found out now.

    Args:
        declared: the source.
        content: names what it holds and how it is read.
        context: where it is remembered.
        opening: opens it.
        parts: what names the bytes of each part, by what the column `PART` calls it; a part that was there
            before is not looked at again.

    Raises:
        SourceFault: it has to be opened and cannot be.
    """
    name = digest(["pinned", content, declared.fact, declared.summed])
    known = _read(context.memory.get(name))
    if known is None:
        known = _found(declared, opening(), parts or {}, context.memory)
        kept = {"types": known.types, "raw": known.raw, "present": sorted(known.present), "rows": known.rows}
        context.memory.put(name, {**kept, "spans": [_texts(ends) for ends in known.spans]})
    return known


@dataclass(frozen=True, slots=True)
class _Size:
    """How many rows a part has, and its first and last moment."""

    rows: int
    ends: Ends


def _found(declared: Source, opened: Opened, parts: Mapping[str, str], memory: Memory) -> Pinned:
    time = FACTS[declared.fact].time or ""
    # The dates of a file are read as those of the others are: what reads them takes part.
    kind = opened.types.get(time), opened.raw.get(declared.columns.get(time, time))
    called = {p: digest(["span", held, time, *map(str, kind)]) for p, held in parts.items()}
    sizes = {p: _sized(memory.get(name)) for p, name in called.items()}
    unknown = [p for p, size in sizes.items() if size is None]
    if unknown or not parts:
        for part, size in _looked_at(opened, time, unknown).items():
            sizes[part] = size
            if part in called:
                memory.put(called[part], {"rows": size.rows, "ends": _texts(size.ends)})
    every = [size or _Size(0, (None, None)) for size in sizes.values()]
    rows, spans = sum(size.rows for size in every), tuple(size.ends for size in every)
    return Pinned(opened.types, dict(opened.raw), opened.present, rows, spans)


def _looked_at(opened: Opened, time: str, parts: Sequence[str]) -> dict[str, _Size]:
    """Rows and span of some parts, by one query; of all there is as one part where there are none."""
    table = opened.table
    if parts:
        table = table.filter(table[PART].isin(list(parts)))
    asked = {"rows": table.count()}
    if time in table.columns:
        asked |= {"first": table[time].min(), "last": table[time].max()}
    found = table.group_by(PART).aggregate(**asked) if parts else table.aggregate(**asked)
    made = {part: _Size(0, (None, None)) for part in parts}
    for row in opened.engine.fetch(found).to_pylist():
        ends = _moment(row.get("first")), _moment(row.get("last"))
        made[str(row.get(PART, ""))] = _Size(int(row["rows"]), ends)
    return made


def _moment(value: Any) -> datetime | None:
    from headway.aggregates.read import in_utc

    found = in_utc(value)
    return found if isinstance(found, datetime) else None


def _texts(ends: Ends) -> list[str | None]:
    return [instant(at) if at else None for at in ends]


def _ends(kept: Sequence[str | None]) -> Ends:
    first, last = (datetime.fromisoformat(at) if at is not None else None for at in kept)
    return first, last


def _sized(kept: Any) -> _Size | None:
    """The size of a part as it was kept, where it has the form of it."""
    try:
        return _Size(int(kept["rows"]), _ends(kept["ends"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _read(kept: Any) -> Pinned | None:
    """What was kept, where it has the form of it."""
    try:
        types, raw = ({str(k): str(v) for k, v in kept[w].items()} for w in ("types", "raw"))
        spans = tuple(_ends(ends) for ends in kept["spans"])
        return Pinned(types, raw, frozenset(map(str, kept["present"])), int(kept["rows"]), spans)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
