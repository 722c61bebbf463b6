"""The table of a rollout: a panel turned, in its engine, into one wide row per unit.

Only sums over such rows leave the engine. A column `METRIC at PERIOD` holds a unit's outcome in a period, and
is empty for a unit that lacks an outcome in any period: such a unit takes no part, and is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headway.aggregates.engine import Bound
from headway.facts.panel import PANEL
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.initiative import derived_name
from headway.portfolio.pilot import ROLLOUTS, Pilot
from headway.sources.derived import Making

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from headway.aggregates.engine import Opened

# Sums of one metric over all cohorts; beyond it a statement is no longer one a database reads at ease.
MOST_CELLS = 20_000
_DATED = ("date", "timestamp")
_MIDNIGHT = " 00:00:00"
_SHOWN = 12


def rollout_table(making: Making) -> Bound | None:
    """The wide rows of a rollout's panel; None where the pilot is no rollout, or its source is not there.

    Raises:
        SourceFault: HW303 or HW304 a metric that the panel does not have, or that is no number; HW432 a
            source of another fact; HW420 more periods and starts than can be summed; what the engine says.
    """
    pilot = making.initiative.pilot
    if pilot is None or pilot.design not in ROLLOUTS or (pilot.source or "") not in making.bound:
        return None
    source = making.bound[pilot.source or ""]
    metrics = metrics_of(pilot)
    _refuse(source, pilot.design, metrics)
    periods, starts = _axis(making, source)
    most = min(starts, len(periods) + 1) * len(periods) * (len(periods) + 3) // 2
    if most > MOST_CELLS:
        what = (
            f"{len(periods)} periods and {starts} starts make {most:,} sums, at most {MOST_CELLS:,} are taken"
        )
        raise SourceFault("HW420", source.source, what, "sum the periods up to coarser ones, such as months")
    opening = _Wide(source, tuple(periods), metrics)
    kinds = {"unit_id": source.types["unit_id"], "starts_at": "int64"}
    for metric in metrics:
        kinds |= {f"{metric} at {period}": "float64" for period in periods}
        kinds |= {f"{metric} not finite": "int64", f"{metric} twice": "int64"}
    return Bound(
        source=derived_name(making.initiative.initiative),
        fact=PANEL,
        summed=False,
        types={**kinds, "start changes": "int64"},
        digest=digest([source.digest, "rollout", list(periods), list(metrics)]),
        opening=opening,
        settled=source.settled,
        fault=source.fault,
        unchanged=source.unchanged,
        made_of=(source.source,),
    )


def metrics_of(pilot: Pilot) -> tuple[str, ...]:
    """Every metric of a pilot, each once."""
    named = (pilot.metric, *pilot.proxies, *(g.metric for g in pilot.guardrails))
    return tuple(dict.fromkeys(named))


def _refuse(source: Bound, design: str, metrics: Sequence[str]) -> None:
    if source.fact.name != PANEL.name:
        what = f"the design '{design}' over source '{source.source}' of fact {source.fact.name}"
        raise SourceFault(
            "HW432", source.source, what, "bind a source of fact panel: one row per unit and period"
        )
    for metric in metrics:
        if metric not in source.columns:
            what = f"no column '{metric}' in source '{source.source}'"
            mend = f"map it under `columns`; the source has: {', '.join(source.columns[:_SHOWN])}"
            raise SourceFault("HW303", source.source, what, mend)
        if not source.is_number(metric):
            what = f"column '{metric}' is {source.types[metric]}, not a number"
            raise SourceFault("HW304", source.source, what, "cast it in the source's `sql`")


def _axis(making: Making, source: Bound) -> tuple[list[str], int]:
    """The periods up to the moment of the review, in order, and how many different starts there are."""
    name = digest(["rollout axis", source.digest])
    kept = making.memory.get(name) if source.settled else None
    if not isinstance(kept, dict):
        kept = _asked(source)
        if source.settled:
            making.memory.put(name, kept)
    periods = [str(p) for p in kept["periods"]]
    if source.types["period"].removeprefix("!").startswith(_DATED):
        periods = [p for p in periods if p[:10] <= making.as_of[:10]]
    return periods, int(kept["starts"])


def _asked(source: Bound) -> dict[str, Any]:
    opened = source.opened
    table = opened.table
    shown = table.filter(table.period.notnull()).select("period").distinct().order_by("period")
    texts = shown.select(period=shown.period.cast("string"))
    found = opened.engine.fetch(texts).column("period").to_pylist()
    starts = opened.engine.fetch(table.select("starts").distinct()).num_rows
    return {"periods": [str(p).removesuffix(_MIDNIGHT) for p in found], "starts": starts}


@dataclass(frozen=True)
class _Wide:
    """Opens the panel and turns it, once."""

    source: Bound
    periods: tuple[str, ...]
    metrics: tuple[str, ...]

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        # They bring DuckDB and Ibis with them.
        from headway.aggregates.engine import Opened

        opened = self.source.opened
        wide = turned(opened.table, self.periods, self.metrics)
        return Opened(opened.engine, wide, look=self._near)

    def _near(self) -> ir.Table:
        """Any outcomes of a metric in every column of it: each period's mean lies somewhere near."""
        panel = self.source.opened.table
        near = {f"{m} at {p}": panel[m].cast("float64") for m in self.metrics for p in self.periods}
        return panel.select(**near)


def turned(table: ir.Table, periods: Sequence[str], metrics: Sequence[str]) -> ir.Table:
    """A panel as one row per unit, in the engine.

    `starts_at` is the position of the first treated period, as many as there are periods for never; each
    metric has a column per period, empty for a unit that lacks one of them. `METRIC not finite`, `METRIC
    twice` and `start changes` are 1 or empty: an outcome that is NaN or infinite, two outcomes in one period,
    rows of one unit that start differently.
    """
    import ibis

    kind = table.period.type()
    begins = _comparable(table.starts, kind)
    where = [ibis.literal(p).cast(kind) for p in periods]
    rows = table.filter(table.period.isin(where)).mutate(starts=begins)
    rows = rows.mutate(**{f"v{i}": _finite(rows[m]) for i, m in enumerate(metrics)},
                       **{f"x{i}": _strange(rows[m]) for i, m in enumerate(metrics)})  # fmt: skip
    sums: dict[str, Any] = {
        "first_start": rows.starts.min(), "last_start": rows.starts.max(),
        "told": rows.starts.count(), "rows": rows.count(),
    }  # fmt: skip
    for i in range(len(metrics)):
        value = rows[f"v{i}"]
        sums |= {
            f"v{i}_{j}": ibis.ifelse(rows.period == p, value, ibis.null("float64")).max()
            for j, p in enumerate(where)
        }
        sums |= {f"n{i}": value.count(), f"x{i}": rows[f"x{i}"].count()}
    units = rows.group_by("unit_id").aggregate(**sums)
    # Counted once: written into each period's column, it would grow with the square of the periods.
    seen = {
        f"seen{i}": sum(
            (ibis.ifelse(units[f"v{i}_{j}"].notnull(), 1, 0) for j in range(len(where))), ibis.literal(0)
        )
        for i in range(len(metrics))
    }
    units = units.mutate(**seen)
    return units.select(**_columns(units, where, periods, metrics))


def _columns(
    units: ir.Table, where: Sequence[Any], periods: Sequence[str], metrics: Sequence[str]
) -> dict[str, Any]:
    import ibis

    def marked(what: Any) -> Any:
        return ibis.ifelse(what, 1, ibis.null("int64"))

    before = sum((ibis.ifelse(units.first_start > p, 1, 0) for p in where), start=ibis.literal(0))
    position = ibis.ifelse(units.first_start.isnull(), len(where), before).cast("int64")
    made: dict[str, Any] = {"unit_id": units.unit_id, "starts_at": position}
    for i, metric in enumerate(metrics):
        cells = [units[f"v{i}_{j}"] for j in range(len(where))]
        seen = units[f"seen{i}"]
        whole = (seen == len(where)) & (units[f"n{i}"] == len(where))
        made |= {
            f"{metric} at {p}": ibis.ifelse(whole, cell, ibis.null("float64"))
            for p, cell in zip(periods, cells, strict=True)
        }
        made[f"{metric} not finite"] = marked(units[f"x{i}"] > 0)
        made[f"{metric} twice"] = marked(units[f"n{i}"] > seen)
    changes = (units.first_start != units.last_start) | ((units.told > 0) & (units.told < units.rows))
    made["start changes"] = marked(changes)
    return made


def _comparable(starts: Any, kind: Any) -> Any:
    """Starts in a type that compares with a period: 2004.0 beside 2004 is as it should be, a text is not."""
    import ibis

    if starts.type().is_floating():
        starts = ibis.ifelse(starts.isnan(), ibis.null(starts.type()), starts)
    alike = starts.type() == kind or (starts.type().is_numeric() and kind.is_numeric())
    return starts if alike else starts.cast(kind)


def _strange(value: Any) -> Any:
    import ibis

    if not (value.type().is_floating() or value.type().is_decimal()):
        return ibis.null("int64")
    number = value.cast("float64")
    return ibis.ifelse(number.isnan() | number.isinf(), 1, ibis.null("int64"))


def _finite(value: Any) -> Any:
    import ibis

    number = value.cast("int32") if value.type().is_boolean() else value
    number = number.cast("float64")
    if not value.type().is_floating() and not value.type().is_decimal():
        return number
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
