"""The one way a query is run: one look for shifts, one scan, and another only where digits need it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from headway.aggregates.digits import coarse, far_off
from headway.aggregates.engine import PART, Bound, Engine, Opened, Read
from headway.aggregates.expression import Prepared, fitting, one_row_each, restricted
from headway.aggregates.fuse import Query
from headway.aggregates.groups import Groups
from headway.aggregates.keys import looked_up
from headway.aggregates.request import Key, Picked, Tag, Term, columns_of
from headway.aggregates.sums import Column, Sums
from headway.kernel.estimate import significant
from headway.kernel.money import ZERO, add

# Rows looked at to choose a shift: any value near the mean keeps the digits, so a few rows are enough.
SHIFT_ROWS = 1000
# Rows looked at for how many different documents there are, and the share of them that is few.
_LOOKED_AT = 20_000
_FEW = 0.1
# Some engines refuse wider answers; the rest of the sums take another scan.
MAX_TERMS = 1600


def run(
    bound: Bound, query: Query, parts: Sequence[str] = (), shift: Mapping[str, float] | None = None
) -> tuple[Sums, Read]:
    """Answer a query with one scan of the source.

    A second one happens only where the first shows that a value is not a finite number, or that the
    shift was so far off that digits were lost.

    Args:
        bound: the source.
        query: what is asked.
        parts: the parts to read, and to tell apart by a first key `PART`; none for the whole source.
        shift: constants to shift columns by, where other parts were shifted by them already.

    Raises:
        Exception: whatever the engine raises; the caller makes a fault of the source out of it.
    """
    opened = bound.opened
    where = (*query.where, *(((PART, tuple(parts)),) if parts else ()))
    asked = replace(query, keys=(PART, *query.keys)) if parts else query
    rows = opened.within(parts) if parts and opened.within else opened.table
    table = restricted(rows, where, query.until, query.since)
    fixed = shift is not None
    shift = choose_shift(opened, query.terms) if shift is None else dict(shift)
    late = _few_texts(opened, asked.keys)
    # Other engines look texts up by themselves.
    table, found = looked_up(table, asked.keys) if opened.engine.name == "duckdb" else (table, {})
    prepared = Prepared(table, shift, opened.present, guarded=False, late=late, found=found)
    if query.each:
        prepared = Prepared(one_row_each(table, query.each, asked.keys), {}, frozenset(), guarded=False)
    sums, sent = _scan(opened.engine, asked, prepared)
    scans = len(sent)
    if not _finite(sums):
        prepared = replace(prepared, guarded=True)
        sums, sent = _scan(opened.engine, asked, prepared)
        scans += len(sent)
    better = {} if fixed else {c: fitting(table, c, near) for c, near in far_off(sums).items()}
    if better:
        prepared = replace(prepared, shift={**shift, **better})
        sums, sent = _scan(opened.engine, asked, prepared)
        scans += len(sent)
    sums = replace(sums, lost=coarse(sums, bound.types))
    return sums, Read(query.source, ";\n\n".join(sent), query.serves, scans)


def choose_shift(opened: Opened, terms: Sequence[Term]) -> dict[str, float]:
    """A constant near each summed column's mean, at three digits, from the first rows (not a scan)."""
    columns = sorted({f.column for t in terms if t.kind == "sum" for f in t.factors if f.missing != "flag"})
    if not columns:
        return {}
    table = opened.look() if opened.look else opened.table
    sample = opened.engine.fetch(table.select(columns).limit(SHIFT_ROWS))
    return {c: fitting(table, c, _centre(sample.column(c))) for c in columns}


def _few_texts(opened: Opened, keys: Sequence[Key]) -> frozenset[Key]:
    """Keys that read documents of which the first rows hold few different ones: these are read once each."""
    reading = [k for k in keys if _reads_documents(k)]
    texts = {c for c, kind in opened.types.items() if kind == "string"}
    columns = sorted(texts & {column for key in reading for column in columns_of(key)})
    if not columns:
        return frozenset()
    table = opened.look() if opened.look else opened.table
    sample = opened.engine.fetch(table.select(columns).limit(_LOOKED_AT))
    most = sample.num_rows * _FEW
    few = {c for c in columns if len(set(sample.column(c).to_pylist())) <= most}
    return frozenset(k for k in reading if few.issuperset(columns_of(k)))


def _reads_documents(key: Key) -> bool:
    return isinstance(key, Tag) or (isinstance(key, Picked) and any(isinstance(k, Tag) for k in key.of))


def _centre(column: pa.ChunkedArray) -> float:
    values = _floats(column)
    finite = values[np.isfinite(values)]
    return significant(float(finite.mean()), 3) if finite.size else 0.0


def _floats(column: pa.ChunkedArray) -> Column:
    """A column of numbers with NaN for what is empty; decimals and booleans have no other way to numpy."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        found: Column = column.to_numpy().astype(float)
        return found
    return np.array([math.nan if v is None else float(v) for v in column.to_pylist()], dtype=float)


def _scan(engine: Engine, query: Query, prepared: Prepared) -> tuple[Sums, list[str]]:
    """All sums of a query, in as many statements as their number takes."""
    chunks = [query.terms[i : i + MAX_TERMS] for i in range(0, len(query.terms), MAX_TERMS)] or [()]
    parts, sent = [], []
    for terms in chunks:
        expression = prepared.aggregate(query.keys, terms)
        parts.append(_sums(engine.fetch(expression), query, terms, prepared))
        sent.append(engine.sql(expression))
    whole = parts[0]
    for part in parts[1:]:
        if part.groups != whole.groups:
            message = "the source changed between two reads"
            raise RuntimeError(message)
        whole = replace(
            whole,
            values={**whole.values, **part.values},
            excluded={**whole.excluded, **part.excluded},
            strange={**whole.strange, **part.strange},
        )
    return whole, sent


def _sums(answer: pa.Table, query: Query, terms: Sequence[Term], prepared: Prepared) -> Sums:
    groups = Groups.of_arrow([answer.column(f"k{i}") for i in range(len(query.keys))], answer.num_rows)
    order = groups.in_order()
    values = {term: _values(term, answer, f"t{i}")[order] for i, term in enumerate(terms)}
    strange = {c: _counts(answer.column(f"x{i}"))[order] for i, c in enumerate(prepared.strange(terms))}
    return Sums(
        query.keys,
        groups.take(order),
        values,
        {c: s for c, s in prepared.shift.items() if s},
        {c: int(n.sum()) for c, n in strange.items()},
        strange,
    )


def _values(term: Term, answer: pa.Table, name: str) -> Column:
    column = answer.column(name)
    match term.kind:
        case "count":
            return _counts(column)
        case "sum":
            return _zeros(column)
        case "total":
            wide = answer.column(f"{name}w") if f"{name}w" in answer.column_names else None
            return _totals(column, wide)
        case _:
            return _objects([in_utc(v) for v in column.to_pylist()])


def _counts(column: pa.ChunkedArray) -> Column:
    found: Column = column.to_numpy().astype(np.int64)
    return found


def _zeros(column: pa.ChunkedArray) -> Column:
    """Sums as doubles; that of no value is 0."""
    values = _floats(column)
    empty = column.is_null().to_numpy() if column.null_count else None
    return values if empty is None else np.where(empty, 0.0, values)


def _totals(column: pa.ChunkedArray, wide: pa.ChunkedArray | None) -> Column:
    parts = [_decimal(v) for v in column.to_pylist()]
    if wide is not None:
        parts = [add(part, _decimal(v)) for part, v in zip(parts, wide.to_pylist(), strict=True)]
    return _objects(parts)


def _decimal(value: object) -> Decimal:
    return ZERO if value is None else Decimal(value if isinstance(value, str) else repr(value))


def in_utc(value: Any) -> Any:
    """Moments without a zone are UTC, so that those of two sources can be compared."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _objects(values: list[Any]) -> Column:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _finite(sums: Sums) -> bool:
    return all(_all_finite(term, column) for term, column in sums.values.items())


def _all_finite(term: Term, column: Column) -> bool:
    match term.kind:
        case "count":
            return True
        case "sum":
            return bool(np.isfinite(column).all())
        case _:
            return all(v.is_finite() if isinstance(v, Decimal) else _is_finite(v) for v in column)


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
