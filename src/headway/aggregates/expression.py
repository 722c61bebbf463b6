"""Keys and terms as Ibis expressions: only COUNT, SUM, MIN and MAX of plain arithmetic reach an engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from headway.aggregates.request import UNDERFLOW_BUCKET, ZERO_BUCKET, Bucket, Factor, Key, Tag, Term
from headway.statistics.log_histogram import GAMMA


def key_expression(table: ir.Table, key: Key) -> ir.Value:
    """A grouping key over a table."""
    match key:
        case Bucket():
            return _bucket(table, key)
        case Tag():
            return table[key.column].cast("json")[key.name].str
        case _:
            return table[key]


def _bucket(table: ir.Table, key: Bucket) -> ir.Value:
    value: Any = table[key.column].cast("float64")
    if key.per:
        value = value / table[key.per].cast("float64").nullif(0.0)
    inside = (value.ln() / math.log(GAMMA)).floor().cast("int64")
    return ibis.cases(
        (value.isnull(), ibis.null("int64")),
        (value <= 0, ibis.literal(ZERO_BUCKET, "int64")),
        (value < key.underflow_below, ibis.literal(UNDERFLOW_BUCKET, "int64")),
        else_=inside,
    )


def term_expression(
    table: ir.Table, term: Term, shift: Mapping[str, float], present: frozenset[str], *, guarded: bool
) -> ir.Value:
    """A sum over a table.

    Args:
        table: the bound source.
        term: what to sum.
        shift: the constant each column is shifted by.
        present: columns known to hold no empty value, for which no condition is written.
        guarded: whether values that are not finite numbers are treated as empty.
    """
    needed = [c for c in term.complete if guarded or c not in present]
    rows = [_clean(table, c, guarded=guarded).notnull() for c in needed]
    kept: Any = None
    for condition in rows:
        kept = condition if kept is None else kept & condition
    if term.kind == "count":
        return table.count() if kept is None else table.count(where=kept)
    if term.kind != "sum":
        column: Any = table[term.factors[0].column]
        return {"total": column.sum, "min": column.min, "max": column.max}[term.kind](where=kept)
    product: Any = None
    for factor in term.factors:
        value = _factor(table, factor, shift, guarded=guarded)
        product = value if product is None else product * value
    return product.sum() if kept is None else product.sum(where=kept)


def nonfinite_expression(table: ir.Table, column: str) -> ir.Value:
    """How many values of a column are NaN or infinite."""
    value: Any = table[column]
    return table.count(where=value.isnan() | value.isinf())


def is_float(table: ir.Table, column: str) -> bool:
    """Whether a column can hold values that are not finite."""
    return bool(table.schema()[column].is_floating())


def _clean(table: ir.Table, column: str, *, guarded: bool) -> Any:
    value: Any = table[column]
    if guarded and is_float(table, column):
        return ibis.ifelse(value.isnan() | value.isinf(), ibis.null(value.type()), value)
    return value


def _factor(table: ir.Table, factor: Factor, shift: Mapping[str, float], *, guarded: bool) -> Any:
    value = _clean(table, factor.column, guarded=guarded)
    if factor.missing == "flag":
        return value.isnull().cast("int32").cast("float64")
    kind = value.type()
    constant = shift.get(factor.column, 0.0)
    if kind.is_decimal():
        moved = (
            (value - ibis.literal(constant).cast(kind)).cast("float64") if constant else value.cast("float64")
        )
    else:
        number = value.cast("int32").cast("float64") if kind.is_boolean() else value.cast("float64")
        moved = number - constant if constant else number
    return moved.fill_null(0.0) if factor.missing == "zero" else moved
