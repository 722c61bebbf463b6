"""Where sums are computed: the port every engine fills, and the one way a query is run on it.

An engine answers four questions: open a file or table, which columns hold no empty value, what tells
that a table has changed, and an expression's rows. Everything else is the same on all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from headway.aggregates.expression import is_float, key_expression, nonfinite_expression, term_expression
from headway.aggregates.fuse import Query
from headway.aggregates.request import Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.facts import Fact
from headway.kernel.estimate import significant
from headway.statistics.means import lost_digits

# Rows looked at to choose a shift: any value near the mean keeps the digits, so a few rows are enough.
SHIFT_ROWS = 1000


class Engine(Protocol):
    """A place where facts lie and expressions run."""

    name: str

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns that the engine knows to hold no empty value, without reading rows."""
        ...

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows."""
        ...

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        ...


@dataclass(frozen=True)
class Bound:
    """A source bound to its engine, its columns under the names of the fact's contract.

    Attributes:
        source: the source's declared name.
        fact: the contract it fills.
        summed: whether its rows are sums already.
        engine: where it lies.
        table: its rows as an Ibis table.
        digest: names its content.
        present: columns without empty values.
    """

    source: str
    fact: Fact
    summed: bool
    engine: Engine
    table: ir.Table
    digest: str
    present: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(self.table.columns)

    @cached_property
    def rows(self) -> int:
        """How many rows it has, counted by the engine when first asked."""
        return int(self.engine.fetch(self.table.aggregate(n=self.table.count())).to_pylist()[0]["n"])


@dataclass(frozen=True, slots=True)
class Read:
    """One query as it was sent, and whom it served."""

    source: str
    sql: str
    serves: tuple[str, ...]
    scans: int


def run(bound: Bound, query: Query) -> tuple[Sums, Read]:
    """Answer a query with one read of the source.

    A second read happens only where the first shows that a value is not a finite number, or that the
    shift was so far off that digits were lost.

    Raises:
        Exception: whatever the engine raises; the caller makes a fault of the source out of it.
    """
    table = _restricted(bound.table, query)
    shift = choose_shift(bound.engine, table, query.terms)
    sums, sql = _read(bound, query, table, shift, guarded=False)
    scans = 1
    if not _finite(sums):
        sums, sql = _read(bound, query, table, shift, guarded=True)
        scans += 1
    better = _better_shift(sums)
    if better:
        sums, sql = _read(bound, query, table, {**shift, **better}, guarded=bool(sums.excluded))
        scans += 1
    return sums, Read(query.source, sql, query.serves, scans)


def choose_shift(engine: Engine, table: ir.Table, terms: Sequence[Term]) -> dict[str, float]:
    """A constant near each summed column's mean, at three digits, from the first rows (pinned, not a scan)."""
    columns = sorted({f.column for t in terms if t.kind == "sum" for f in t.factors if f.missing != "flag"})
    if not columns:
        return {}
    sample = engine.fetch(table.select(columns).limit(SHIFT_ROWS))
    return {c: _centre(sample.column(c)) for c in columns}


def _centre(column: pa.ChunkedArray) -> float:
    values = np.array([float(v) for v in column.to_pylist() if v is not None], dtype=float)
    finite = values[np.isfinite(values)]
    return significant(float(finite.mean()), 3) if finite.size else 0.0


def _restricted(table: ir.Table, query: Query) -> ir.Table:
    for column, values in query.where:
        table = table.filter(table[column].cast("string").isin(list(values)))
    if query.until:
        column, moment = query.until
        table = table.filter(
            table[column] <= ibis.literal(datetime.fromisoformat(moment).replace(tzinfo=None))
        )
    return table


def _read(
    bound: Bound, query: Query, table: ir.Table, shift: Mapping[str, float], *, guarded: bool
) -> tuple[Sums, str]:
    keys = {f"k{i}": key_expression(table, key) for i, key in enumerate(query.keys)}
    terms: dict[str, ir.Value] = {
        f"t{i}": term_expression(table, term, shift, bound.present, guarded=guarded)
        for i, term in enumerate(query.terms)
    }
    floats = (
        sorted(c for c in {c for t in query.terms for c in t.columns} if is_float(table, c))
        if guarded
        else []
    )
    terms |= {f"x{i}": nonfinite_expression(table, column) for i, column in enumerate(floats)}
    expression = (
        table.group_by([k.name(n) for n, k in keys.items()]).aggregate(**terms)
        if keys
        else table.aggregate(**terms)
    )
    answer = bound.engine.fetch(expression)
    groups = tuple(zip(*(answer.column(name).to_pylist() for name in keys), strict=True)) if keys else ((),)
    order = sorted(range(len(groups)), key=lambda i: tuple((v is not None, str(v)) for v in groups[i]))
    values = {term: _column(term, answer.column(f"t{i}"))[order] for i, term in enumerate(query.terms)}
    excluded = {c: int(sum(answer.column(f"x{i}").to_pylist())) for i, c in enumerate(floats)}
    kept = {c: s for c, s in shift.items() if s}
    return Sums(query.keys, tuple(groups[i] for i in order), values, kept, excluded), bound.engine.sql(
        expression
    )


def _column(term: Term, column: pa.ChunkedArray) -> Any:
    rows = column.to_pylist()
    match term.kind:
        case "count":
            return np.array([v or 0 for v in rows], dtype=np.int64)
        case "sum":
            return np.array([0.0 if v is None else v for v in rows], dtype=float)
        case _:
            made = np.empty(len(rows), dtype=object)
            made[:] = [_decimal(v) for v in rows] if term.kind == "total" else rows
            return made


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value)) if value is not None else Decimal(0)


def _finite(sums: Sums) -> bool:
    return all(np.isfinite(c).all() for t, c in sums.values.items() if t.kind == "sum")


def _better_shift(sums: Sums) -> dict[str, float]:
    """New shifts for the columns whose squares swallowed their digits."""
    better: dict[str, float] = {}
    for term, squares in sums.values.items():
        if term.kind != "sum" or len(term.factors) != 2 or term.factors[0] != term.factors[1]:
            continue
        column, complete = term.factors[0].column, term.complete
        first = sums.values.get(sum_of(term.factors[0], complete=complete))
        rows = sums.values.get(count(*complete)) if complete else sums.values.get(count(column))
        if first is None or rows is None:
            continue
        n, s1, s2 = int(rows.sum()), math.fsum(first), math.fsum(squares)
        if n > 1 and lost_digits(n, s1, s2):
            better[column] = sums.shift.get(column, 0.0) + s1 / n
    return better


def describe(table: ir.Table) -> dict[str, str]:
    """Column names and types in words."""
    return {name: str(kind) for name, kind in table.schema().items()}


def literal_rows(rows: pa.Table) -> ir.Table:
    """Rows in memory as an Ibis table (for answers that were landed, and for tests)."""
    return ibis.memtable(rows)
