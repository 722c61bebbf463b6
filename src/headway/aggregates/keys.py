"""Keys to group by as Ibis expressions: columns, tags of documents, buckets, slots and days."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from headway.aggregates.days import DAY_SECONDS, offsets
from headway.aggregates.matching import number
from headway.aggregates.request import UNDERFLOW_BUCKET, ZERO_BUCKET, Bucket, Day, Key, Picked, Slot, Tag
from headway.statistics.log_histogram import GAMMA

# From so many texts on, a column is joined with them.
_MANY = 16
# Beyond so many values, those that rows must have are handed over as one text with this between them.
_MOST_LITERALS, _BETWEEN = 500, "\n"


def _json_text(document: str, name: str) -> str:
    """The member of a JSON object as text: PostgreSQL's function, defined by the other engines."""
    raise NotImplementedError


# Ibis reads a name such as `aws:team.name` as a path; this takes it as it stands.
_json_object_field_text: Callable[[Any, str], ir.StringValue] = ibis.udf.scalar.builtin(
    _json_text, name="json_object_field_text", signature=(("json", "string"), "string")
)


def among(value: Any, wanted: Sequence[str]) -> ir.BooleanValue:
    """Whether a value is one of those that some texts name; numbers by value."""
    kind = value.type()
    if kind.is_numeric() and not kind.is_boolean():
        numbers = [n for n in (number(w) for w in wanted) if n is not None]
        options = [float(n) if kind.is_floating() else n for n in numbers]
        as_decimal = value if kind.is_floating() else value.cast("decimal(38, 9)")
        found: ir.BooleanValue = as_decimal.isin(options) if options else ibis.literal(value=False)
        return found
    written = value.cast("string")
    if len(wanted) <= _MOST_LITERALS or any(_BETWEEN in w for w in wanted):
        texts: ir.BooleanValue = written.isin(list(wanted))
        return texts
    # One text that the engine takes apart: thousands of literals take seconds to write down and to read.
    named = ibis.literal(_BETWEEN.join(wanted)).split(_BETWEEN).unnest().name("one").as_table()
    return cast("ir.BooleanValue", written.isin(named["one"]))


def key_expression(table: ir.Table, key: Key) -> ir.Value:
    """A grouping key over a table."""
    match key:
        case Bucket():
            return _bucket(table, key)
        case Tag():
            return _json_object_field_text(table[key.column].cast("json"), key.name)
        case Slot():
            return (table[key.column].epoch_seconds() / key.seconds).floor().cast("int64")
        case Day():
            return _day(table, key)
        case Picked():
            return _picked(table, key)
        case _:
            return table[key]


def _picked(table: ir.Table, key: Picked) -> ir.Value:
    # Ibis names an expression by its parts, and finds no name for a function of a bare literal.
    found: Any = ibis.coalesce(*(key_expression(table, one).name("one") for one in key.of))
    wanted = [among(found, key.among)] if key.among else []
    if key.where:
        wanted.append(among(table[key.where[0]], key.where[1]))
    for condition in wanted:
        found = ibis.ifelse(condition, found, ibis.null(found.type()))
    return cast("ir.Value", found)


def looked_up(table: ir.Table, keys: Iterable[Key]) -> tuple[ir.Table, dict[Key, str]]:
    """The table with a column per key that tells many texts of a column apart, found by a join.

    Compared with each of them in turn, a text costs ten times as much as all else that is done with its row.
    """
    columns: dict[Key, str] = {}
    for key in dict.fromkeys(keys):
        if not isinstance(key, Picked) or key.where or len(key.among) < _MANY or len(key.of) != 1:
            continue
        (of,) = key.of
        if isinstance(of, str) and table[of].type().is_string():
            columns[key] = f"headway_found_{len(columns)}"
            texts = ibis.literal(sorted(set(key.among)), "array<string>").unnest().name(columns[key])
            known = texts.as_table()
            table = table.left_join(known, table[of] == known[columns[key]])
    return table, columns


def _day(table: ir.Table, key: Day) -> ir.Value:
    """The day as plain arithmetic: an engine's own time zones cost thirty times as much, where it has any."""
    seconds: Any = table[key.column].epoch_seconds()
    moved = seconds + _ahead(seconds, offsets(key.zone))
    return (moved / (DAY_SECONDS * key.every)).floor().cast("int64")


def _ahead(seconds: Any, steps: Sequence[tuple[int, int]]) -> Any:
    """The offset of the step that a second lies in, found by halving: a few comparisons a row."""
    if len(steps) == 1:
        return ibis.literal(steps[0][1], "int64")
    half = len(steps) // 2
    return ibis.ifelse(
        seconds >= steps[half][0], _ahead(seconds, steps[half:]), _ahead(seconds, steps[:half])
    )


def _bucket(table: ir.Table, key: Bucket) -> ir.Value:
    value: Any = table[key.column].cast("float64")
    if key.per:
        value = value / table[key.per].cast("float64").nullif(0.0)
    # NaN is greater than every number, on every engine: it is not a value, and no bucket holds it.
    finite = value.notnull() & ~not_finite(value)
    inside = (ibis.ifelse(finite & (value > 0), value, ibis.null("float64")).ln() / math.log(GAMMA)).floor()
    return ibis.cases(
        (~finite, ibis.null("int64")),
        (value <= 0, ibis.literal(ZERO_BUCKET, "int64")),
        (value < key.underflow_below, ibis.literal(UNDERFLOW_BUCKET, "int64")),
        else_=inside.cast("int64"),
    )


def not_finite(value: Any) -> Any:
    """Whether a number is NaN or infinite."""
    return value.isnan() | value.isinf()
