"""One row per unit, made of its exposures and its series where they lie, as one expression.

Rows are added up per unit before anything is joined to it, so that no join multiplies. Only ROW_NUMBER, MIN,
MAX, COUNT and SUM reach an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from headway.aggregates.engine import PART
from headway.facts.unit import CROSSED
from headway.sources.event_plan import EventPlan, Span

# Units by which a shift is chosen: enough for three digits of a mean.
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one source, and the parts that need be read of them; none of a part that is not named."""

    table: ir.Table
    parts: Callable[[datetime | None, datetime | None], Sequence[str] | None] = lambda _low, _high: None


@dataclass(frozen=True, slots=True)
class Days:
    """The closing days wanted: from one moment up to, but not with, another."""

    low: datetime
    high: datetime


@dataclass(frozen=True, slots=True)
class Events:
    """The rows that a pilot's table is made of.

    Attributes:
        plan: what the pilot asks.
        exposures: every source that has exposures under its key.
        series: every source that has one of its metrics.
        shown: the fixed columns that exposures have, each with its name there.
        attributes: per source the columns that are taken from it, likewise.
        unit: the type in which all of them can name units; None where they have one type already.
    """

    plan: EventPlan
    exposures: Sequence[Rows]
    series: Sequence[Rows]
    shown: Mapping[str, str] = field(default_factory=dict)
    attributes: Sequence[tuple[ir.Table, Mapping[str, str]]] = ()
    unit: Any = None

    def wide(self, days: Days | None = None, *, few: bool = False) -> ir.Table:
        """One row per unit whose window has closed.

        Args:
            days: only units that close in these days.
            few: only the first thousand units, by their names.
        """
        first = self._first(days)
        if few:
            first = first.order_by("unit_id").limit(LOOKED_AT)
        columns = {c: first[c] for c in ("unit_id", "variant", "assigned_at", "closed_at", CROSSED)}
        columns |= {c: first[c] for c in self.shown}
        columns[PART] = first["closed_at"].date().cast("string")
        joined: Any = first
        if self.plan.spans:
            sums = self._sums(first, days)
            joined = joined.left_join(sums, first["unit_id"] == sums["of_unit"])
            for name in self.plan.spans:
                value = sums[name]
                columns[name] = value.fill_null(0.0) if self.plan.zero else value
        for table, names in self.attributes:
            one = self._attributes(table, names)
            joined = joined.left_join(one, first["unit_id"] == one["of_unit"])
            columns |= {c: one[c] for c in names}
        made: ir.Table = joined.select(**columns)
        return made

    def _first(self, days: Days | None) -> ir.Table:
        """Each unit's first exposure: its arm and moment, and whether another arm came within its window."""
        window = ibis.interval(seconds=int(self.plan.length.total_seconds()))
        shown = list(self.shown)
        rows = _all(self._exposed(one, days) for one in self.exposures)
        # Flags are evaluated again and again: what is ranked is how a unit first met each arm.
        met = rows.group_by(["unit_id", "variant", *shown]).aggregate(ts=rows["ts"].min())
        by_unit = ibis.window(group_by="unit_id")
        ranked = met.mutate(
            k=ibis.row_number().over(group_by="unit_id", order_by=["ts", "variant", *shown]),
            t0=met["ts"].min().over(by_unit),
        )
        ranked = ranked.filter(ranked["ts"] < ranked["t0"] + window)
        taken = {c: _where(ranked["k"] == 0, ranked[c]).max() for c in ("variant", *shown)}
        several = ranked["variant"].min() != ranked["variant"].max()
        first = ranked.group_by("unit_id").aggregate(
            **taken, assigned_at=ranked["t0"].min(), crossed=ibis.ifelse(several, 1, ibis.null("int64"))
        )
        first = first.mutate(closed_at=first["assigned_at"] + window).rename({CROSSED: "crossed"})
        first = first.filter(first["closed_at"] <= _moment(self.plan.cut))
        if days:
            inside = (first["closed_at"] >= _moment(days.low)) & (first["closed_at"] < _moment(days.high))
            first = first.filter(inside)
        return first

    def _exposed(self, rows: Rows, days: Days | None) -> ir.Table:
        """Exposures of the pilot that may matter: an exposure after the last window says nothing."""
        last = min(self.plan.cut, days.high) if days else self.plan.cut
        table = _during(rows, self.plan.starts, last)
        table = table.filter(
            table["key"] == self.plan.key, table["unit_id"].notnull(), table["variant"].notnull()
        )
        fixed = {c: _plain(table[called]) for c, called in self.shown.items()}
        return table.select(
            unit_id=self._named(table), variant=table["variant"], ts=_utc(table["ts"]), **fixed
        )

    def _sums(self, first: ir.Table, days: Days | None) -> ir.Table:
        """Each unit's columns made of series, from the rows around its exposure."""
        low = days.low - self.plan.length - self.plan.reach if days else None
        if low is None and self.plan.starts:
            low = self.plan.starts - self.plan.reach
        high = min(self.plan.cut, days.high) if days else self.plan.cut
        rows = _all(self._measured(one, low, high) for one in self.series)
        units = first.select(of_unit=first["unit_id"], t0=first["assigned_at"], t1=first["closed_at"])
        near = rows.join(units, rows["unit_id"] == units["of_unit"]).select(
            units["of_unit"], units["t0"], units["t1"], rows["metric"], rows["ts"], rows["value"]
        )
        near = near.filter(near["ts"] >= near["t0"] - _interval(self.plan.reach), near["ts"] < near["t1"])
        near = near.mutate(after=near["ts"] >= near["t0"])
        if any(s.kind == "last" for s in self.plan.spans.values()):
            newest = [ibis.desc("ts"), ibis.desc("value")]
            back = ibis.row_number().over(group_by=["of_unit", "metric", "after"], order_by=newest)
            near = near.mutate(back=back)
        return near.group_by("of_unit").aggregate(**{n: _made(near, s) for n, s in self.plan.spans.items()})

    def _measured(self, rows: Rows, low: datetime | None, high: datetime) -> ir.Table:
        table = _during(rows, low, high)
        table = table.filter(table["metric"].isin(self.plan.metrics), table["value"].notnull())
        return table.select(
            unit_id=self._named(table),
            metric=table["metric"],
            ts=_utc(table["ts"]),
            value=table["value"].cast("float64"),
        )

    def _attributes(self, table: ir.Table, names: Mapping[str, str]) -> ir.Table:
        """One row per unit, whatever the source holds: a second one must not count a unit twice."""
        table = table.select(of_unit=self._named(table), **{c: _plain(table[n]) for c, n in names.items()})
        return table.group_by("of_unit").aggregate(**{c: table[c].max() for c in names})

    def _named(self, table: ir.Table) -> Any:
        """A unit's name in the type that all sources share."""
        return table["unit_id"] if self.unit is None else table["unit_id"].cast(self.unit)


def per_unit(rows: Rows, metric: str, low: datetime, high: datetime) -> ir.Table:
    """Each unit's values of a metric from one moment to before another: their sum and their number."""
    table = _during(rows, low, high)
    table = table.filter(table["metric"] == metric, table["value"].notnull(), table["unit_id"].notnull())
    value = table["value"].cast("float64")
    made: ir.Table = table.group_by("unit_id").aggregate(
        total=value.sum(), times=value.count().cast("float64")
    )
    return made


def shared_type(kinds: Iterable[Any]) -> Any:
    """The type in which names of units can be compared; None where they have one type already."""
    kinds = [kind.copy(nullable=True) for kind in kinds]
    if len(set(kinds)) == 1:
        return None
    if all(kind.is_integer() for kind in kinds):
        return "int64"
    return "float64" if all(kind.is_numeric() for kind in kinds) else "string"


def _all(tables: Iterable[ir.Table]) -> ir.Table:
    return reduce(lambda one, other: one.union(other), tables)


def _made(near: ir.Table, span: Span) -> Any:
    """A column: one metric's values in one span, as what they become."""
    if span.before is None:
        inside = near["after"]
    else:
        inside = ~near["after"] & (near["ts"] >= near["t0"] - _interval(span.before))
    inside = inside & (near["metric"] == span.metric)
    value = _where(inside, near["value"])
    match span.kind:
        case "sum":
            return value.sum()
        case "mean":
            return value.sum() / value.count().nullif(0)
        case "last":
            return _where(inside & (near["back"] == 0), near["value"]).max()
        case "any":
            odd = near["value"].isnan() | near["value"].isinf()
            some = ibis.ifelse(odd, near["value"], ibis.ifelse(near["value"] == 0, 0.0, 1.0))
            return _where(inside, some).max()


def _where(where: Any, value: Any) -> Any:
    """A value where something holds, and empty elsewhere: a FILTER costs several times the sum itself."""
    return ibis.ifelse(where, value, ibis.null(value.type()))


def _plain(value: Any) -> Any:
    """A column that has a largest value on every engine."""
    return value.cast("int32") if value.type().is_boolean() else value


def _interval(span: timedelta) -> Any:
    return ibis.interval(seconds=int(span.total_seconds()))


def _moment(at: datetime) -> Any:
    return ibis.literal(at, "timestamp")


def _utc(value: Any) -> Any:
    """A moment in UTC without a zone; engines are set to UTC when they are opened."""
    return value.cast("timestamp")


def _during(rows: Rows, low: datetime | None, high: datetime) -> ir.Table:
    """The rows from one moment to before another, compared as they lie so that engines can skip the rest."""
    table = rows.table
    parts = rows.parts(low, high)
    if parts is not None:
        table = table.filter(table[PART].isin(list(parts)))
    zoned = table.schema()["ts"].timezone is not None

    def literal(at: datetime) -> Any:
        return ibis.literal(at.replace(tzinfo=UTC), "timestamp('UTC')") if zoned else _moment(at)

    if low is not None:
        table = table.filter(table["ts"] >= literal(low))
    return table.filter(table["ts"] < literal(high))
