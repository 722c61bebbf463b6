"""The table of a pilot that names no source: its units, made of exposures and series.

Which sources take part is found out by what they hold: every source of `exposure` that has the pilot's key,
every source of `series` that has one of its metrics, and of `attribute` those with a column that is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING

from headway.aggregates.engine import PART, Bound, Engine, Opened
from headway.aggregates.memory import Memory
from headway.facts import UNIT
from headway.facts.unit import CROSSED
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest
from headway.portfolio.initiative import derived_name
from headway.sources.derived import Making
from headway.sources.event_days import DAY, Seen, closing_days, moment_of, seen
from headway.sources.event_plan import EventPlan, plan_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from headway.sources.event_table import Events

_OWN = ("unit_id", "variant", "assigned_at", "closed_at", "cluster", CROSSED, PART)
_SHOWN = 12


def events(making: Making) -> Bound | None:
    """The table of a pilot over events; None for every other pilot.

    Raises:
        SourceFault: HW303 a column that no source has; HW306 a source that may hold its rows failed; HW313
            the sources lie in different engines (when they are read); HW314 nothing lies under a name
            that the pilot looks for.
    """
    pilot = making.initiative.pilot
    if pilot is None or pilot.window is None or not pilot.over_events:
        return None
    zone = making.portfolio.settings.time_zone
    plan = plan_of(making.initiative, pilot, pilot.window, making.as_of, zone)
    name = derived_name(making.initiative.initiative)
    made = _Chosen(name, plan, making)
    return made.bound()


@dataclass(frozen=True)
class _Chosen:
    """The sources that a pilot's table is made of."""

    name: str
    plan: EventPlan
    making: Making

    @cached_property
    def exposures(self) -> tuple[Seen, ...]:
        """Sources with exposures under the pilot's key."""
        every = self._seen("exposure", "key")
        found = tuple(s for s in every if self.plan.key in s.names)
        if not found:
            raise self._nothing("exposure under key", self.plan.key, every, "key")
        return found

    @cached_property
    def series(self) -> tuple[Seen, ...]:
        """Sources with a metric of the pilot."""
        every = self._seen("series", "metric")
        known = frozenset(n for s in every for n in s.names)
        for metric in self.plan.metrics:
            if metric not in known and metric not in self.plan.optional:
                raise self._nothing("series of metric", metric, every, "metric")
        return tuple(s for s in every if s.names & set(self.plan.metrics))

    @cached_property
    def shown(self) -> dict[str, str]:
        """Fixed columns that every exposure source has, each with its name there."""
        every = [set(s.bound.columns) for s in self.exposures]
        shared = set.intersection(*every)
        return {c: n for c, names in self.plan.fixed.items() if (n := _first(names, shared))}

    @cached_property
    def attributes(self) -> tuple[tuple[Bound, dict[str, str]], ...]:
        """The other fixed columns, by the first source that has them."""
        taken: dict[str, dict[str, str]] = {}
        sources = self._bound("attribute")
        for column, names in self.plan.fixed.items():
            if column in self.shown:
                continue
            home = next((b for b in sources if _first(names, b.columns)), None)
            if home is None:
                raise self._no_column(names[0], sources)
            taken.setdefault(home.source, {})[column] = _first(names, home.columns) or ""
        return tuple((b, taken[b.source]) for b in sources if b.source in taken)

    @property
    def sure(self) -> frozenset[str]:
        """Columns that are never empty."""
        filled = self.plan.spans if self.plan.zero else ()
        return frozenset({"unit_id", "variant", "assigned_at", "closed_at", *filled})

    def bound(self) -> Bound:
        """The table, which is opened when a row of it is asked for."""
        if clash := [n for n in self.plan.spans if n in _OWN]:
            mend = "give the metric another name in its source"
            raise SourceFault("HW303", self.name, f"no metric can be called '{clash[0]}'", mend)
        used = [s.bound for s in (*self.exposures, *self.series)] + [b for b, _ in self.attributes]
        others: Json = [[b.digest, columns] for b, columns in self.attributes]
        settled = all(b.settled and b.digest for b in used)
        days = closing_days(self.plan, self.exposures, self.series, [others, self.shown])
        return Bound(
            source=self.name,
            fact=UNIT,
            summed=False,
            types=self._types(),
            digest=digest([self.plan.as_json(), others, days]) if settled else "",
            opening=_Opening(self),
            present=self.sure,
            newest=self.plan.cut.replace(tzinfo=UTC),
            parts=days if settled else {},
            settled=settled,
            fault=_fault(used),
            unchanged=lambda: _all_unchanged(used),
            made_of=tuple(dict.fromkeys(b.source for b in used)),
        )

    def _types(self) -> dict[str, str]:
        first = self.exposures[0].bound
        types = {
            "unit_id": first.types["unit_id"],
            "variant": "string",
            "assigned_at": "timestamp(6)",
            "closed_at": "timestamp(6)",
            CROSSED: "int64",
        }
        types |= dict.fromkeys(self.plan.spans, "float64")
        types |= {c: first.types[n] for c, n in self.shown.items()}
        types |= {c: b.types[n] for b, columns in self.attributes for c, n in columns.items()}
        return types

    def _seen(self, fact: str, column: str) -> list[Seen]:
        memory: Memory = self.making.memory
        made = []
        for bound in self._bound(fact):
            try:
                made.append(seen(bound, column, memory))
            except SourceFault:
                raise
            except Exception as error:  # every driver raises its own kind
                raise bound.fault(bound.source, error) from error
        if not made:
            what = f"no source fills the fact '{fact}', and the pilot names no source"
            raise SourceFault("HW314", self.name, what, f"declare a source with fact: {fact}")
        return made

    def _bound(self, fact: str) -> list[Bound]:
        """The sources of a fact; one that failed may hold what is missing elsewhere."""
        declared = [n for n, s in self.making.portfolio.sources.items() if s.fact == fact]
        for name in declared:
            if name not in self.making.bound:
                what = f"source '{name}' may hold rows of this pilot, and cannot be read"
                raise SourceFault("HW306", self.name, what, f"mend source '{name}' first")
        return [self.making.bound[n] for n in declared]

    def _nothing(self, what: str, wanted: str, every: Iterable[Seen], column: str) -> SourceFault:
        names = sorted({n for s in every for n in s.names})
        shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
        there = f"use one of: {shown}" if names else "see that the source holds rows"
        return SourceFault("HW314", self.name, f"no {what} '{wanted}'", f"correct the {column}, or {there}")

    def _no_column(self, column: str, sources: Sequence[Bound]) -> SourceFault:
        every = [*(s.bound for s in self.exposures), *sources]
        where = ", ".join(f"'{b.source}'" for b in every)
        what = f"no column '{column}' in {where}"
        mend = f"map it in one of them, or declare a source with fact: attribute that has '{column}'"
        return SourceFault("HW303", self.name, what, mend)


@dataclass(frozen=True)
class _Opening:
    """Opens the table once, however often it is asked for."""

    chosen: _Chosen

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        from headway.sources.event_table import Days

        made, engine = self._events()

        def within(days: Sequence[str]) -> ir.Table:
            return made.wide(Days(moment_of(min(days)), moment_of(max(days)) + DAY))

        return Opened(engine, made.wide(), self.chosen.sure, {}, within, lambda: made.wide(few=True))

    def _events(self) -> tuple[Events, Engine]:
        """The rows of all sources, which lie in one place.

        Raises:
            SourceFault: HW313 they do not.
        """
        from headway.sources.event_table import Events, Rows, shared_type

        chosen = self.chosen
        seen_ones = (*chosen.exposures, *chosen.series)
        bounds = [s.bound for s in seen_ones] + [b for b, _ in chosen.attributes]
        engine = bounds[0].opened.engine
        for bound in bounds[1:]:
            if bound.opened.engine is not engine:
                what = f"sources '{bounds[0].source}' and '{bound.source}' lie in different engines"
                mend = f"load the rows of '{bound.source}' to where those of '{bounds[0].source}' lie"
                raise SourceFault("HW313", chosen.name, what, mend)
        rows = {s.bound.source: Rows(s.bound.opened.table, s.parts) for s in seen_ones}
        made = Events(
            chosen.plan,
            [rows[s.bound.source] for s in chosen.exposures],
            [rows[s.bound.source] for s in chosen.series],
            chosen.shown,
            [(b.opened.table, columns) for b, columns in chosen.attributes],
            shared_type(b.opened.table.schema()["unit_id"] for b in bounds),
        )
        return made, engine


def _first(names: Iterable[str], columns: Iterable[str]) -> str | None:
    there = set(columns)
    return next((n for n in names if n in there), None)


def _fault(used: Sequence[Bound]) -> Callable[[str, Exception], SourceFault]:
    """A fault in the words of the engine that all of them lie in."""
    return used[0].fault


def _all_unchanged(used: Iterable[Bound]) -> None:
    for bound in used:
        bound.unchanged()
