"""Sums as bytes and back, to the last digit: a line of JSON that says what follows, then numbers as they lie.

Four hundred days of five hundred pilots are tens of millions of numbers. Written as text they take longer to
read than the rows they came from.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from headway.aggregates.fuse import Query
from headway.aggregates.groups import Codes, Groups
from headway.aggregates.request import Term
from headway.aggregates.sums import Column, Sums
from headway.kernel.identity import digest

# Raised when sums are made in another way.
SUMS_VERSION = "3"
_TYPES: dict[str, Callable[[str], Any]] = {
    "decimal": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


def name_of(content: str, query: Query, *, until: bool, since: bool) -> str:
    """Names the answer to a query over a content.

    Args:
        content: the digest of the content.
        query: what is asked.
        until: whether the query's last moment takes part: it does not where no row is after it.
        since: whether its first moment does.
    """
    return digest(
        [
            "sums",
            SUMS_VERSION,
            content,
            [repr(k) for k in query.keys],
            [repr(t) for t in query.terms],
            [[column, list(values)] for column, values in query.where],
            list(query.until or ()) if until else [],
            *([["since", *query.since]] if query.since and since else []),
            *([["each", query.each]] if query.each else []),
        ]
    )


@dataclass(slots=True)
class _Writer:
    """Columns of numbers one after another; a column that is there already is named, not written again."""

    blocks: list[bytes] = field(default_factory=list)
    lies: dict[tuple[str, int, bytes], int] = field(default_factory=dict)
    size: int = 0

    def put(self, column: Column, kind: str) -> list[Any]:
        data = np.ascontiguousarray(column, dtype=_NUMBERS[kind]).tobytes()
        known = (kind, len(data), hashlib.blake2b(data, digest_size=16).digest())
        if known not in self.lies:
            self.lies[known] = self.size
            self.blocks += [data, bytes(-len(data) % _ALIGNED)]
            self.size += len(data) + -len(data) % _ALIGNED
        return [kind, self.lies[known], len(column)]


# Where a column of numbers may begin: a processor reads it slowly from anywhere else.
_ALIGNED = 8
# Numbers as they are written: counts in the narrowest form that holds them.
_NUMBERS: dict[str, Any] = {
    "u2": np.dtype("<u2"),
    "u4": np.dtype("<u4"),
    "i8": np.dtype("<i8"),
    "f8": np.dtype("<f8"),
}


def packed(sums: Sums, **beside: Any) -> bytes:
    """Sums as bytes, with JSON values beside them."""
    writer, groups = _Writer(), sums.columns
    told = {
        "rows": len(sums.groups),
        "groups": [_kept_key(writer, *key) for key in zip(groups.levels, groups.codes, strict=True)],
        "values": [_kept(writer, t, sums.values[t]) for t in sorted(sums.values)],
        "shift": dict(sums.shift),
        "excluded": dict(sums.excluded),
        "strange": {c: _kept_counts(writer, n) for c, n in sums.strange.items()},
        "lost": sorted(sums.lost),
        "beside": beside,
    }
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    line += b" " * (-(len(line) + 1) % _ALIGNED)
    return sealed(b"".join([line, b"\n", *writer.blocks]))


def sealed(body: bytes) -> bytes:
    """Bytes with their checksum before them: a flipped bit would be a wrong number, not a fault.

    >>> unsealed(sealed(b"sums")), unsealed(sealed(b"sums")[:-1])
    (b'sums', None)
    """
    return zlib.crc32(body).to_bytes(_ALIGNED, "big") + body


def unsealed(data: object) -> bytes | None:
    """The bytes that were sealed; None for anything else."""
    if not isinstance(data, bytes) or len(data) < _ALIGNED:
        return None
    body = data[_ALIGNED:]
    return body if zlib.crc32(body) == int.from_bytes(data[:_ALIGNED], "big") else None


def unpacked(data: object, query: Query) -> tuple[Sums, dict[str, Any]] | None:
    """Sums of a query read back and what was beside them; None where what was kept has not their form."""
    body = unsealed(data)
    if body is None:
        return None
    try:
        line = body[: body.index(b"\n")]
        told, reader = json.loads(line), _Reader(body, len(line) + 1)
        keys = [reader.key(k) for k in told["groups"]]
        groups = Groups([level for level, _ in keys], [at for _, at in keys], int(told["rows"]))
        terms = sorted(query.terms)
        values = {t: reader.column(t, c) for t, c in zip(terms, told["values"], strict=True)}
        strange = {str(c): reader.numbers(n).astype(np.int64) for c, n in told["strange"].items()}
        columns: Sequence[Column] = [*values.values(), *strange.values(), *groups.codes]
        if len(keys) != len(query.keys) or any(len(c) != len(groups) for c in columns):
            return None
        if len(groups.different()[0]) < len(groups):
            return None
        shift = {str(c): float(s) for c, s in told["shift"].items()}
        excluded = {str(c): int(n) for c, n in told["excluded"].items()}
        lost = frozenset(map(str, told["lost"]))
        return Sums(query.keys, groups, values, shift, excluded, strange, lost), dict(told["beside"])
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError):
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Columns of numbers read where they lie."""

    data: bytes
    start: int

    def numbers(self, told: Sequence[Any]) -> Column:
        kind, at, length = told
        found: Column = np.frombuffer(self.data, _NUMBERS[str(kind)], int(length), self.start + int(at))
        return found

    def column(self, term: Term, told: Sequence[Any]) -> Column:
        if term.kind == "count":
            return self.numbers(told).astype(np.int64)
        if term.kind == "sum":
            found = self.numbers(told)
            if found.dtype != np.float64:
                raise TypeError
            return found
        made = np.empty(len(told), dtype=object)
        made[:] = [_read(v) for v in told]
        return made

    def key(self, told: Mapping[str, Any]) -> tuple[list[Any], Codes]:
        names = [_read(v) for v in told["names"]]
        at = self.numbers(told["at"]).astype(np.intp)
        if len({(type(v), v) for v in names}) < len(names):
            raise ValueError
        if len(at) and not 0 <= int(at.min()) <= int(at.max()) < len(names):
            raise IndexError
        return names, at


def _kept(writer: _Writer, term: Term, column: Column) -> list[Any]:
    match term.kind:
        case "count":
            return _kept_counts(writer, column)
        case "sum":
            return writer.put(column, "f8")
        case _:
            return [_value(v) for v in column.tolist()]


def _kept_counts(writer: _Writer, column: Column) -> list[Any]:
    least, most = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    kinds = [k for k, top in (("u2", 2**16), ("u4", 2**32)) if least >= 0 and most < top]
    return writer.put(column, (*kinds, "i8")[0])


def _kept_key(writer: _Writer, level: Sequence[Any], codes: Codes) -> dict[str, Any]:
    """A key as the values that groups have, and which of them each has."""
    taken = np.zeros(len(level), dtype=bool)
    taken[codes] = True
    to = np.cumsum(taken) - 1
    names = [_value(v) for v, there in zip(level, taken.tolist(), strict=True) if there]
    return {"names": names, "at": _kept_counts(writer, to[codes])}


def _value(value: Any) -> Any:
    """A value with its type: a number from money and a moment from a day must be told apart."""
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case _:
            return value


def _read(value: Any) -> Any:
    match value:
        case Mapping():
            ((kind, text),) = value.items()
            return _TYPES[kind](text)
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError
