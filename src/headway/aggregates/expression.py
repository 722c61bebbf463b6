"""Keys and sums as Ibis expressions: only COUNT, SUM, MIN and MAX of plain arithmetic reach an engine.

Every column is prepared once in an inner projection (shifted, cast, cleaned), and the sums are built from
the prepared columns. A product with an empty factor is empty and SUM leaves it out, so that conditions
are written only where no factor says the same: a FILTER per sum costs several times the sum itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import ibis
import ibis.expr.types as ir

from headway.aggregates.keys import among, key_expression, not_finite
from headway.aggregates.request import (
    Factor,
    Key,
    Term,
    columns_of,
)
from headway.facts.unit import CROSSED, REPEATED

# How a column stands in the inner projection: its value as it is, shifted as a double, shifted with 0 for
# empty, 1 where it is empty, 1 or empty as a mask, 1 where it is not a finite number.
Form: TypeAlias = Literal["value", "moved", "filled", "flag", "mask", "strange"]
Part: TypeAlias = tuple[Form, str]

# Integers beyond this are not exact as doubles, so they are shifted before the cast.
_EXACT_INTEGER = 2.0**50
# A decimal sum keeps its width: from here on, whole and broken parts are summed apart to leave room.
_WIDE_DECIMAL = 28


def restricted(
    table: ir.Table,
    where: Iterable[tuple[str, tuple[str, ...]]],
    until: tuple[str, str] | None,
    since: tuple[str, str] | None = None,
) -> ir.Table:
    """The rows whose columns have a wanted value, between two moments (moments without zone are UTC)."""
    for column, values in where:
        table = table.filter(among(table[column], values))
    if until:
        table = table.filter(table[until[0]] <= _moment(table, *until))
    if since:
        table = table.filter(table[since[0]] >= _moment(table, *since))
    return table


def _moment(table: ir.Table, column: str, text: str) -> ir.Value:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    if table.schema()[column].timezone is not None:
        return ibis.literal(moment, "timestamp('UTC')")
    return ibis.literal(moment.replace(tzinfo=None), "timestamp")


def one_row_each(table: ir.Table, column: str, keys: Sequence[Key]) -> ir.Table:
    """One row per value of a column within the keys: whether its rows are several, of one arm or of more."""
    columns = {str(k): key_expression(table, k) for k in keys}
    named = table.filter(table[column].notnull())
    inner = named.select(**columns, each=named[column], arm=named["variant"])
    arms = inner["arm"]
    one = inner.group_by([*columns, "each"]).aggregate(rows=inner.count(), first=arms.min(), last=arms.max())
    crossed = one["first"] < one["last"]
    found: ir.Table = one.select(
        *columns,
        **{
            CROSSED: ibis.ifelse(crossed, 1, ibis.null("int64")),
            REPEATED: ibis.ifelse(~crossed & (one["rows"] > 1), 1, ibis.null("int64")),
        },
    )
    return found


def can_be_strange(table: ir.Table, column: str) -> bool:
    """Whether a column can hold values that are not finite numbers (PostgreSQL's numeric holds NaN)."""
    kind = table.schema()[column]
    return bool(kind.is_floating() or kind.is_decimal())


@dataclass(frozen=True)
class Prepared:
    """A table on its way to its sums.

    Attributes:
        table: the restricted rows.
        shift: the constant each column is shifted by.
        present: columns known to hold no empty value, for which no condition is written.
        guarded: whether values that are not finite numbers are treated as empty.
        late: keys that are made once per group of the columns they read, and not once per row.
        found: keys that stand in a column of the table already, with its name.
    """

    table: ir.Table
    shift: Mapping[str, float]
    present: frozenset[str]
    guarded: bool
    late: frozenset[Key] = frozenset()
    found: Mapping[Key, str] = field(default_factory=dict)

    def aggregate(self, keys: Sequence[Key], terms: Sequence[Term]) -> ir.Table:
        """One row per group: keys as k0, k1 ..., terms as t0, t1 ..., strange values counted as x0, x1 ..."""
        recipes = [self._recipe(term) for term in terms]
        strange: list[Part] = [("strange", c) for c in self.strange(terms)]
        parts: list[Part] = sorted({part for recipe in recipes for part in recipe} | set(strange))
        names = {part: f"c{i}" for i, part in enumerate(parts)}
        early = {f"k{i}": key for i, key in enumerate(keys) if key not in self.late}
        read = sorted({column for key in keys if key in self.late for column in columns_of(key)})
        columns = {
            name: self.table[self.found[key]] if key in self.found else key_expression(self.table, key)
            for name, key in early.items()
        }
        columns |= {f"d{i}": self.table[column] for i, column in enumerate(read)}
        columns |= {names[part]: self._part(part) for part in parts}
        # A table needs a column even where rows alone are counted.
        inner = self.table.select(**(columns or {"one": ibis.literal(1)}))
        sums: dict[str, ir.Value] = {}
        for i, (term, recipe) in enumerate(zip(terms, recipes, strict=True)):
            sums |= _sum(f"t{i}", term, inner, [inner[names[part]] for part in recipe])
        sums |= {f"x{i}": inner[names[part]].count() for i, part in enumerate(strange)}
        grouped = [*early, *(f"d{i}" for i in range(len(read)))]
        answer: ir.Table = inner.group_by(grouped).aggregate(**sums) if grouped else inner.aggregate(**sums)
        if read:
            answer = _read_late(answer, keys, early, read, _merging(terms, sums))
        exact = {f"t{i}{more}" for i, t in enumerate(terms) if t.kind == "total" for more in ("", "w")}
        return _told(answer, len(keys), sums, exact)

    def strange(self, terms: Iterable[Term]) -> list[str]:
        """Columns whose strange values are counted: none unless guarded."""
        if not self.guarded:
            return []
        return sorted(c for c in {c for t in terms for c in t.columns} if can_be_strange(self.table, c))

    def _never_empty(self, column: str) -> bool:
        return column in self.present and not (self.guarded and can_be_strange(self.table, column))

    def _recipe(self, term: Term) -> tuple[Part, ...]:
        """The prepared columns of a term: its factors, then the masks that no factor stands for."""
        needed = [c for c in term.complete if not self._never_empty(c)]
        if term.kind == "count":
            return (("value", needed[0]),) if len(needed) == 1 else tuple(("mask", c) for c in needed)
        if term.kind != "sum":
            return (("value", term.factors[0].column), *(("mask", c) for c in needed))
        forms = tuple(self._form(factor) for factor in term.factors)
        dropping = {column for form, column in forms if form == "moved"}
        return (*forms, *(("mask", c) for c in needed if c not in dropping))

    def _form(self, factor: Factor) -> Part:
        if factor.missing == "flag":
            return ("flag", factor.column)
        fills = factor.missing == "zero" and not self._never_empty(factor.column)
        return ("filled" if fills else "moved", factor.column)

    def _part(self, part: Part) -> ir.Value:
        form, column = part
        value = self._clean(column)
        match form:
            case "value":
                found = value
            case "flag":
                found = ibis.ifelse(value.isnull(), 1.0, 0.0)
            case "mask":
                found = ibis.ifelse(value.isnull(), ibis.null("float64"), 1.0)
            case "strange":
                found = ibis.ifelse(not_finite(self.table[column].cast("float64")), 1, ibis.null("int64"))
            case _:
                moved = _moved(value, self.shift.get(column, 0.0))
                found = moved.fill_null(0.0) if form == "filled" else moved
        made: ir.Value = found
        return made

    def _clean(self, column: str) -> Any:
        value: Any = self.table[column]
        if self.guarded and can_be_strange(self.table, column):
            return ibis.ifelse(not_finite(value.cast("float64")), ibis.null(value.type()), value)
        return value


def fitting(table: ir.Table, column: str, constant: float) -> float:
    """A shift that a column can be shifted by exactly: one with no more decimals than the column has."""
    kind = table.schema()[column]
    return round(constant, kind.scale) if kind.is_decimal() and kind.scale is not None else constant


def _moved(value: Any, constant: float) -> Any:
    """A column less a constant, as a double; what is exact is shifted before the cast."""
    kind = value.type()
    if kind.is_boolean():
        value = value.cast("int32")
    elif constant and (kind.is_decimal() or (kind.is_integer() and abs(constant) >= _EXACT_INTEGER)):
        exact = value if kind.is_decimal() else value.cast("decimal(38, 0)")
        # As text: Ibis gives a decimal literal a type of its own, too narrow for it.
        text = f"{Decimal(repr(constant)):f}"
        return (exact - ibis.literal(text).cast(exact.type())).cast("float64")
    number = value.cast("float64")
    return number - constant if constant else number


def _sum(name: str, term: Term, inner: ir.Table, parts: Sequence[Any]) -> dict[str, ir.Value]:
    if term.kind == "count":
        return {name: inner.count() if not parts else _product(parts).count()}
    if term.kind == "sum":
        return {name: _product(parts).sum()}
    value, masks = parts[0], parts[1:]
    kept = _product(masks).notnull() if masks else None
    if value.type().is_boolean():
        value = value.cast("int32")
    if term.kind != "total":
        return {name: value.min(where=kept) if term.kind == "min" else value.max(where=kept)}
    return _total(name, value, kept)


def _total(name: str, value: Any, kept: Any) -> dict[str, ir.Value]:
    """A sum as it stands; exact ones leave as text, since no column type holds every number of digits."""
    kind = value.type()
    if kind.is_floating():
        return {name: value.sum(where=kept)}
    if not kind.is_decimal() or kind.precision is None or kind.precision <= _WIDE_DECIMAL:
        return {name: value.sum(where=kept)}
    whole = value.floor().cast("decimal(38, 0)")
    return {name: (value - whole.cast(kind)).sum(where=kept), f"{name}w": whole.sum(where=kept)}


def _merging(terms: Sequence[Term], sums: Iterable[str]) -> dict[str, str]:
    """How each sum is added up over the groups of a finer answer."""
    known = {f"t{i}": term.kind for i, term in enumerate(terms) if term.kind != "total"}
    return {name: known.get(name, "count" if name.startswith("x") else "sum") for name in sums}


def _read_late(
    finer: ir.Table,
    keys: Sequence[Key],
    early: Mapping[str, Key],
    read: Sequence[str],
    merging: Mapping[str, str],
) -> ir.Table:
    """The answer by its keys, from one by the columns that some of them read.

    A bill of millions of rows has a few hundred different texts of tags; taking one apart costs more than
    all else that is done with a row.
    """
    documents = finer.rename({column: f"d{i}" for i, column in enumerate(read)})
    made = {
        f"k{i}": documents[f"k{i}"] if f"k{i}" in early else key_expression(documents, key)
        for i, key in enumerate(keys)
    }
    inner = documents.select(**made, **{name: documents[name] for name in merging})
    found: ir.Table = inner.group_by(list(made)).aggregate(
        **{name: _merged(inner[name], how) for name, how in merging.items()}
    )
    return found


def _merged(value: Any, how: str) -> ir.Value:
    match how:
        case "min":
            found = value.min()
        case "max":
            found = value.max()
        case "count":
            found = value.sum().cast("int64")
        case _:
            found = value.sum()
    made: ir.Value = found
    return made


def _told(answer: ir.Table, keys: int, sums: Iterable[str], exact: Collection[str]) -> ir.Table:
    """The answer with exact sums as text, since no column type of an answer holds every number of digits."""
    kinds = answer.schema()
    told = {n: answer[n].cast("string") for n in sums if n in exact and not kinds[n].is_floating()}
    order = [*(f"k{i}" for i in range(keys)), *sums]
    return answer.select(**{n: told.get(n, answer[n]) for n in order}) if told else answer


def _product(parts: Sequence[Any]) -> Any:
    product = parts[0]
    for part in parts[1:]:
        product = product * part
    return product
