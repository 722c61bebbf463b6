"""Sums as JSON and back, to the last digit."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from headway.aggregates.fuse import Query
from headway.aggregates.request import Term
from headway.aggregates.sums import Column, Sums
from headway.kernel.identity import digest

# Raised when sums are made in another way.
SUMS_VERSION = "2"
_TYPES: dict[str, Callable[[str], Any]] = {
    "decimal": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


def name_of(content: str, query: Query, *, until: bool) -> str:
    """Names the answer to a query over a content.

    Args:
        content: the digest of the content.
        query: what is asked.
        until: whether the query's last moment takes part: it does not where no row is after it.
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
            *([["since", *query.since]] if query.since else []),
            *([["each", query.each]] if query.each else []),
        ]
    )


def as_json(sums: Sums) -> dict[str, Any]:
    """Sums as a JSON value."""
    return {
        "groups": [[_value(v) for v in group] for group in sums.groups],
        "values": [_kept(t, sums.values[t]) for t in sorted(sums.values)],
        "shift": dict(sums.shift),
        "excluded": dict(sums.excluded),
        "strange": {c: n.tolist() for c, n in sums.strange.items()},
        "lost": sorted(sums.lost),
    }


def from_json(data: Any, query: Query) -> Sums | None:
    """Sums of a query read back, or None where what was kept has not their form."""
    try:
        groups = tuple(tuple(_read(v) for v in group) for group in data["groups"])
        terms = sorted(query.terms)
        values = {t: _column(t, c) for t, c in zip(terms, data["values"], strict=True)}
        strange = {str(c): np.array(n, dtype=np.int64) for c, n in data["strange"].items()}
        columns: Sequence[Column] = [*values.values(), *strange.values()]
        if any(len(g) != len(query.keys) for g in groups) or any(len(c) != len(groups) for c in columns):
            return None
        if len(set(groups)) < len(groups):
            return None
        shift = {str(c): float(s) for c, s in data["shift"].items()}
        excluded = {str(c): int(n) for c, n in data["excluded"].items()}
        return Sums(query.keys, groups, values, shift, excluded, strange, frozenset(map(str, data["lost"])))
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        return None


# As they lie in memory: a hundred days of wide sums are millions of numbers, and reading them as text takes
# longer than summing the rows again.
_NUMBERS = {"count": np.dtype("<i8"), "sum": np.dtype("<f8")}


def _kept(term: Term, column: Column) -> str | list[Any]:
    if term.kind in _NUMBERS:
        return b64encode(column.astype(_NUMBERS[term.kind]).tobytes()).decode()
    return [_value(v) for v in column.tolist()]


def _column(term: Term, kept: str | Sequence[Any]) -> Column:
    if term.kind in _NUMBERS:
        if not isinstance(kept, str):
            raise TypeError
        return np.frombuffer(b64decode(kept, validate=True), _NUMBERS[term.kind])
    if isinstance(kept, str):
        raise TypeError
    made = np.empty(len(kept), dtype=object)
    made[:] = [_read(v) for v in kept]
    return made


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
