"""What the parts of an event source hold, and so which of them the units of a closing day depend on.

Events lie in files that grow by a day at a time. A unit that closes on a day depends on the exposures before
that day's end and on the series around them; files of other days may come and go, and it is not read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from headway.aggregates.engine import PART, Bound
from headway.aggregates.memory import Memory
from headway.kernel.identity import Json, digest
from headway.sources.event_plan import EventPlan

# Names kept of one part: keys of pilots and names of metrics are few; a column of thousands is no such.
MOST_NAMES = 10_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a source that changes as a whole: a file, or all of it.

    Attributes:
        part: what the column `PART` calls it; empty where it is all of the source.
        content: names its rows.
        first: its earliest moment in UTC; None where it has no row.
        last: its latest.
        names: the keys or metrics that it has.
    """

    part: str
    content: str
    first: datetime | None
    last: datetime | None
    names: frozenset[str]

    def meets(self, low: datetime | None, high: datetime | None) -> bool:
        """Whether it may have a row from one moment to before another."""
        if self.first is None or self.last is None:
            return False
        return (low is None or self.last >= low) and (high is None or self.first < high)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an event source before its rows are added up."""

    bound: Bound
    pieces: tuple[Piece, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every key or metric that it has."""
        return frozenset(n for piece in self.pieces for n in piece.names)

    def parts(self, low: datetime | None, high: datetime | None) -> Sequence[str] | None:
        """The parts with a row in a span; None where they are all of it."""
        met = [piece.part for piece in self.pieces if piece.meets(low, high)]
        return met if len(met) < len(self.bound.parts) else None

    def contents(self, low: datetime | None, high: datetime | None) -> list[Json]:
        """What names the rows of a span."""
        return [piece.content for piece in self.pieces if piece.meets(low, high)]


def seen(bound: Bound, column: str, memory: Memory) -> Seen:
    """Look at the span and the names of each part of a source; what is remembered is not looked at again.

    Args:
        bound: an event source.
        column: the column of names, `key` or `metric`.
        memory: what was found out about contents before.

    Raises:
        SourceFault: it has to be opened and cannot be.
        Exception: whatever the engine raises.
    """
    contents = dict(bound.parts) or {"": bound.digest}
    remembers = bound.settled and bool(bound.digest)
    called = {part: digest(["events", column, content]) for part, content in contents.items()}
    found = {p: _read(memory.get(n), p, contents[p]) for p, n in called.items()} if remembers else {}
    unknown = [part for part in contents if found.get(part) is None]
    for part, kept in _looked_at(bound, column, unknown).items() if unknown else ():
        found[part] = _read(kept, part, contents[part])
        if remembers:
            memory.put(called[part], kept)
    return Seen(bound, tuple(piece for part in contents if (piece := found[part])))


def _looked_at(bound: Bound, column: str, parts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Per part its span, and its names if they are few, by one query."""
    opened = bound.opened
    table: Any = opened.table
    keys = [column]
    if bound.parts:
        table, keys = table.filter(table[PART].isin(list(parts))), [PART, column]
    ts = table["ts"].cast("timestamp")
    rows = opened.engine.fetch(table.group_by(keys).aggregate(first=ts.min(), last=ts.max())).to_pylist()
    kept: dict[str, dict[str, Any]] = {p: {"first": None, "last": None, "names": []} for p in parts}
    for row in rows:
        one = kept[str(row.get(PART, ""))]
        for end, choose in (("first", min), ("last", max)):
            ends = [e for e in (one[end], _text(row[end])) if e is not None]
            one[end] = choose(ends, default=None)
        if row[column] is not None and len(one["names"]) < MOST_NAMES:
            one["names"] = sorted({*one["names"], str(row[column])})
    return kept


def _text(at: datetime | None) -> str | None:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") if at is not None else None


def _read(kept: Any, part: str, content: str) -> Piece | None:
    """What was kept, where it has the form of it."""
    try:
        first, last = (
            None if kept[e] is None else datetime.fromisoformat(kept[e]) for e in ("first", "last")
        )
        return Piece(part, content, first, last, frozenset(map(str, kept["names"])))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def closing_days(
    plan: EventPlan, exposures: Iterable[Seen], series: Iterable[Seen], others: Json
) -> dict[str, str]:
    """Each day on which a window may close, with what names the rows that its units depend on."""
    exposures, series = list(exposures), list(series)
    spans = [(p.first, p.last) for s in exposures for p in s.pieces if p.first and p.last]
    if not spans:
        return {}
    first = max(filter(None, (min(a for a, _ in spans), plan.starts))) + plan.length
    last = min(max(b for _, b in spans) + plan.length, plan.cut)
    shape = digest([plan.as_json(), others])
    days: dict[str, str] = {}
    low = _day(first)
    while low <= last:
        high = low + DAY
        held: Mapping[str, Json] = {
            "shape": shape,
            "day": low.date().isoformat(),
            "cut": plan.cut.isoformat() if plan.cut < high else None,
            "exposures": [s.contents(None, high) for s in exposures],
            "series": [s.contents(low - plan.length - plan.reach, high) for s in series],
        }
        days[low.date().isoformat()] = digest(held)
        low = high
    return days


def _day(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min)


def moment_of(day: str) -> datetime:
    """The moment in which a day begins, in UTC."""
    return datetime.combine(date.fromisoformat(day), time.min, UTC).replace(tzinfo=None)
