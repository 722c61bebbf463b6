"""The sums of a query: what an unchanged content gave before, and a scan of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from headway.aggregates.digits import STALE, coarse, far_off
from headway.aggregates.engine import PART, Bound, Read
from headway.aggregates.fuse import Query
from headway.aggregates.kept_sums import name_of, packed, unpacked
from headway.aggregates.memory import Memory
from headway.aggregates.sums import Parted, Sums, merge

# The sums over all parts are written anew once an eighth of the parts is not in them: every day would write
# everything again, and never would read every day back.
_LATE = 8


def remembered(bound: Bound, query: Query, memory: Memory) -> tuple[Sums, Read]:
    """The sums of one query over a source, of which only what is not remembered is read.

    Raises:
        Exception: whatever the engine raises.
    """
    if memory.file is None or not (bound.digest and bound.settled):
        return _scanned(bound, query)
    if bound.parts:
        return _by_parts(bound, query, memory)
    name = name_of(bound.digest, query, until=_cuts(bound.newest, query), since=True)
    kept = unpacked(memory.get_bytes(name), query)
    if kept is not None:
        return kept[0], Read(query.source, str(kept[1].get("sql", "")), query.serves, 0, remembered=True)
    sums, read = _scanned(bound, query)
    memory.put_bytes(name, packed(sums, sql=read.sql))
    return sums, read


def _by_parts(bound: Bound, query: Query, memory: Memory) -> tuple[Sums, Read]:
    """Sums of each part, those of unchanged ones as they were, added up."""
    names = _named(bound, query)
    # What it is made of is kept with it, so no end of time takes part in its name.
    latest = name_of(f"latest of {query.source}", query, until=False, since=False)
    known = _known(names, latest, query, memory)
    read = Read(query.source, known.sql, query.serves, 0, remembered=True)
    if len(known.sums) == 1 and not known.missing:
        return known.sums[0], read
    fresh: dict[str, Sums] = {}
    if known.missing:
        fresh, read = _fresh(bound, query, known.missing, known.sums[0].shift if known.sums else None)
    whole, late = _added([*known.sums, *fresh.values()], bound), known.late
    if len(fresh) < len(names) and far_off(whole, STALE):
        # What is there now lies so far from the old shift that it swallows its digits.
        fresh, read = _fresh(bound, query, list(names), None)
        whole, late = _added(fresh.values(), bound), len(names)
    for part, sums in fresh.items():
        memory.put_bytes(names[part], packed(sums, sql=read.sql))
    if late > len(names) // _LATE:
        memory.put_bytes(latest, packed(whole, sql=read.sql, parts=list(names.values())))
    return whole, read


@dataclass(frozen=True, slots=True)
class _Known:
    """What is remembered of the parts.

    Attributes:
        sums: sums of one shift; of many parts together, where they were kept so.
        missing: the parts they leave out.
        late: how many parts are not in the sums that were kept together.
        sql: the text that the sums came by.
    """

    sums: list[Sums]
    missing: list[str]
    late: int
    sql: str


def _known(names: Mapping[str, str], latest: str, query: Query, memory: Memory) -> _Known:
    """Remembered sums and what they leave out.

    The sums over many parts are kept as one value; where all of these are still there it saves reading each
    of them back.
    """
    left, known, text = dict(names), list[Sums](), ""
    kept = unpacked(memory.get_bytes(latest), query)
    if kept is not None and (rest := _without(names, kept[1].get("parts"))) is not None:
        memory.touch(names[part] for part in names.keys() - rest.keys())
        left, known, text = rest, [kept[0]], str(kept[1].get("sql", ""))
    missing = []
    for part, name in left.items():
        kept = unpacked(memory.get_bytes(name), query)
        # Sums about different shifts do not add: those of the first shift stay, the others are read again.
        if kept is None or (known and kept[0].shift != known[0].shift):
            missing.append(part)
        else:
            known.append(kept[0])
            text = text or str(kept[1].get("sql", ""))
    return _Known(known, missing, len(left), text)


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
    keys, parted = tuple(k for k in sums.keys if k != PART), Parted(sums)
    for part in parts:
        yield part, parted.rollup(keys, ((PART, part),))


def _scanned(
    bound: Bound, query: Query, parts: Sequence[str] = (), shift: Mapping[str, float] | None = None
) -> tuple[Sums, Read]:
    # Imported when a row is read: it brings the engines' packages with it.
    from headway.aggregates.read import run

    return run(bound, query, parts, shift)


def _named(bound: Bound, query: Query) -> dict[str, str]:
    """The parts that the span of a query meets, with what names the sums of each.

    An end of the span that leaves no row of a part out takes no part in its name: as days go by, the sums of
    old days stay what they were. One part is read where none is met, because its columns are asked for too.
    """
    names: dict[str, str] = {}
    for part, content in bound.parts.items():
        first, last = bound.spans.get(part, (None, bound.newest))
        if not _outside(first, last, query, known=part in bound.spans):
            since = first is None or query.since is None or first < datetime.fromisoformat(query.since[1])
            names[part] = name_of(content, query, until=_cuts(last, query), since=since)
    if not names:
        part, content = next(iter(bound.parts.items()))
        names[part] = name_of(content, query, until=True, since=True)
    return names


def _outside(first: datetime | None, last: datetime | None, query: Query, *, known: bool) -> bool:
    """Whether no row of a part lies in the span of a query; a part without any moment is read."""
    if not known or first is None or last is None:
        return False
    early = query.since is not None and last < datetime.fromisoformat(query.since[1])
    late = query.until is not None and first > datetime.fromisoformat(query.until[1])
    return early or late


def _cuts(newest: datetime | None, query: Query) -> bool:
    """Whether the last moment asked for leaves rows out: where none is after it, it does not matter."""
    if query.until is None:
        return False
    return newest is None or newest > datetime.fromisoformat(query.until[1])
