"""The sums of a query: what an unchanged content gave before, and a scan of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from headway.aggregates.digits import STALE, coarse, far_off
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
    latest = name_of(f"latest of {query.source}", query, until=cuts)
    known, missing, text = _known(names, latest, query, memory)
    read = Read(query.source, text, query.serves, 0, remembered=True)
    if len(known) == 1 and not missing:
        return known[0], read
    fresh: dict[str, Sums] = {}
    if missing:
        fresh, read = _fresh(bound, query, missing, known[0].shift if known else None)
    whole = _added([*known, *fresh.values()], bound)
    if len(fresh) < len(names) and far_off(whole, STALE):
        # What is there now lies so far from the old shift that it swallows its digits.
        fresh, read = _fresh(bound, query, list(names), None)
        whole = _added(fresh.values(), bound)
    for part, sums in fresh.items():
        memory.put(names[part], {"sums": as_json(sums), "sql": read.sql})
    memory.put(latest, {"parts": list(names.values()), "sums": as_json(whole), "sql": read.sql})
    return whole, read


def _known(
    names: Mapping[str, str], latest: str, query: Query, memory: Memory
) -> tuple[list[Sums], list[str], str]:
    """Remembered sums of one shift, the parts that they leave out, and the text that they came by.

    The sum over the parts of last time is one value; where all of them are still there it saves reading
    each of them back.
    """
    kept = memory.get(latest)
    base, text = _recalled(kept, query)
    left = dict(names)
    known: list[Sums] = []
    if base is not None and (rest := _without(names, kept.get("parts"))) is not None:
        memory.touch(names[part] for part in names.keys() - rest.keys())
        left, known = rest, [base]
    missing = []
    for part, name in left.items():
        sums, sql = _recalled(memory.get(name), query)
        # Sums about different shifts do not add: those of the first shift stay, the others are read again.
        if sums is None or (known and sums.shift != known[0].shift):
            missing.append(part)
        else:
            known.append(sums)
            text = text or sql
    return known, missing, text


def _without(names: Mapping[str, str], taken: Any) -> dict[str, str] | None:
    """The parts but for those named; None where one of those named is not among them."""
    if not isinstance(taken, list):
        return None
    left = dict(names)
    # Files of equal content have one name: each is taken once.
    parts: dict[str, list[str]] = {}
    for part, name in names.items():
        parts.setdefault(name, []).append(part)
    for name in taken:
        if not (isinstance(name, str) and parts.get(name)):
            return None
        del left[parts[name].pop()]
    return left


def _fresh(
    bound: Bound, query: Query, parts: Sequence[str], shift: Mapping[str, float] | None
) -> tuple[dict[str, Sums], Read]:
    found, read = _scanned(bound, query, parts, shift)
    return dict(_split(found, parts)), read


def _added(parts: Iterable[Sums], bound: Bound) -> Sums:
    whole = merge(parts)
    return replace(whole, lost=coarse(whole, bound.types))


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
