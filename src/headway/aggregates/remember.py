"""The sums of a query: what an unchanged content gave before, and a scan of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from headway.aggregates.digits import coarse, far_off
from headway.aggregates.engine import PART, Bound, Read
from headway.aggregates.fuse import Query
from headway.aggregates.kept_sums import as_json, from_json, name_of
from headway.aggregates.memory import Memory
from headway.aggregates.sums import Sums, merge


def remembered(bound: Bound, query: Query, memory: Memory) -> tuple[Sums, Read]:
    """The sums of one query over a source, of which only what is not remembered is read.

    Raises:
        Exception: whatever the engine raises.
    """
    if memory.file is None or not (bound.digest and bound.settled):
        return _scanned(bound, query)
    if bound.parts:
        return _by_parts(bound, query, memory)
    name = name_of(bound.digest, query, until=_cuts(bound, query))
    sums, sql = _recalled(memory.get(name), query)
    if sums is not None:
        return sums, Read(query.source, sql, query.serves, 0, remembered=True)
    sums, read = _scanned(bound, query)
    memory.put(name, {"sums": as_json(sums), "sql": read.sql})
    return sums, read


def _by_parts(bound: Bound, query: Query, memory: Memory) -> tuple[Sums, Read]:
    """Sums of each part, those of unchanged ones as they were, added up."""
    cuts = _cuts(bound, query)
    names = {part: name_of(content, query, until=cuts) for part, content in bound.parts.items()}
    known: dict[str, Sums] = {}
    text = ""
    for part, name in names.items():
        sums, sql = _recalled(memory.get(name), query)
        # Sums about different shifts do not add: the others are read again.
        if sums is not None and all(sums.shift == other.shift for other in known.values()):
            known[part], text = sums, sql
    fresh = [part for part in names if part not in known]
    read = Read(query.source, text, query.serves, 0, remembered=True)
    if fresh:
        shift = next(iter(known.values())).shift if known else None
        found, read = _scanned(bound, query, fresh, shift)
        known |= dict(_split(found, fresh))
    whole = merge(known[part] for part in names)
    whole = replace(whole, lost=coarse(whole, bound.types))
    if far_off(whole) and len(fresh) < len(names):
        # What came new lies so far from the rest that the old shift swallows its digits.
        found, read = _scanned(bound, query, list(names))
        fresh = list(names)
        known = dict(_split(found, fresh))
        whole = merge(known[part] for part in names)
        whole = replace(whole, lost=coarse(whole, bound.types))
    for part in fresh:
        memory.put(names[part], {"sums": as_json(known[part]), "sql": read.sql})
    return whole, read


def _split(sums: Sums, parts: Sequence[str]) -> Iterator[tuple[str, Sums]]:
    """The sums of each part, without the key that tells them apart."""
    keys = tuple(k for k in sums.keys if k != PART)
    for part in parts:
        yield part, sums.rollup(keys, ((PART, part),))


def _scanned(
    bound: Bound, query: Query, parts: Sequence[str] = (), shift: Mapping[str, float] | None = None
) -> tuple[Sums, Read]:
    # Imported when a row is read: it brings the engines' packages with it.
    from headway.aggregates.read import run

    return run(bound, query, parts, shift)


def _recalled(kept: Any, query: Query) -> tuple[Sums | None, str]:
    """Sums as they were kept, and the text that they came by."""
    kept = kept if isinstance(kept, dict) else {}
    return from_json(kept.get("sums"), query), str(kept.get("sql", ""))


def _cuts(bound: Bound, query: Query) -> bool:
    """Whether the last moment asked for leaves rows out: where none is after it, it does not matter."""
    if query.until is None:
        return False
    return bound.newest is None or bound.newest > datetime.fromisoformat(query.until[1])
