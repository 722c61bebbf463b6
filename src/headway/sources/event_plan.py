"""What a pilot asks of exposures and series: whose exposures, from when to when, and which columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from headway.kernel.identity import Json
from headway.portfolio.before import before
from headway.portfolio.initiative import Initiative
from headway.portfolio.pilot import Kind, Pilot, PilotWindow

# Rises when the same rows would give another table.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Span:
    """A column made of one metric's values around the first exposure.

    Attributes:
        metric: the metric.
        kind: what its values become.
        before: how far back it reaches; none for the outcome, which is watched from the exposure on.
    """

    metric: str
    kind: Kind
    before: timedelta | None = None


@dataclass(frozen=True, slots=True)
class EventPlan:
    """A pilot over events. All moments are in UTC, without a zone.

    Attributes:
        key: the pilot's key among the exposures.
        starts: the first moment of an exposure, if the pilot is dated.
        cut: windows that close after it are still open: the moment judged, or the pilot's end.
        length: how long one unit is watched.
        zero: whether a unit without rows counts as 0.
        spans: the columns made of series, by name.
        fixed: the columns taken from exposures and attributes, each with the names it may have there.
        optional: metrics that may have no row at all.
    """

    key: str
    starts: datetime | None
    cut: datetime
    length: timedelta
    zero: bool
    spans: Mapping[str, Span]
    fixed: Mapping[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are read."""
        return tuple(sorted({span.metric for span in self.spans.values()}))

    @property
    def reach(self) -> timedelta:
        """How far before its exposure a unit's rows matter."""
        return max((s.before for s in self.spans.values() if s.before), default=timedelta())

    def as_json(self) -> dict[str, Json]:
        """What shapes the table, but for the cut."""
        return {
            "version": VERSION,
            "key": self.key,
            "starts": self.starts.isoformat() if self.starts else None,
            "length": self.length.total_seconds(),
            "zero": self.zero,
            "spans": {
                name: [s.metric, s.kind, s.before.total_seconds() if s.before else 0]
                for name, s in self.spans.items()
            },
            "fixed": {name: list(called) for name, called in self.fixed.items()},
        }


def plan_of(initiative: Initiative, pilot: Pilot, window: PilotWindow, as_of: str, zone: str) -> EventPlan:
    """The plan of a pilot.

    A unit counts where its window lies inside the pilot: after the end its arm may be anything.

    Args:
        initiative: whose pilot it is.
        pilot: the pilot, over events.
        window: its window.
        as_of: the moment judged, as text.
        zone: the portfolio's time zone, in which days are cut.
    """
    named = (pilot.metric, *pilot.proxies, *(g.metric for g in pilot.guardrails))
    # Units with an error are counted, not errors.
    counted = {g.metric for g in pilot.guardrails if g.kind == "count"}
    spans = {m: Span(m, window.aggregate.get(m, "any" if m in counted else "sum")) for m in named}
    # A design finds what moves together under one name, whatever the pilot calls it.
    fixed: dict[str, tuple[str, ...]] = {}
    if pilot.cluster:
        fixed["cluster"] = (pilot.cluster, "cluster")
    for covariate in pilot.covariates:
        if past := before(covariate):
            spans[covariate] = Span(past.metric, window.aggregate.get(past.metric, "sum"), past.span)
        else:
            fixed[covariate] = (covariate,)
    fixed |= {name: (name,) for name in pilot.fixed_effects}
    cut = datetime.fromisoformat(as_of).astimezone(UTC).replace(tzinfo=None)
    starts = None
    if pilot.dates:
        starts = _midnight(pilot.dates.starts, zone)
        cut = min(cut, _midnight(pilot.dates.ends, zone))
    loose = {g.metric for g in pilot.guardrails if g.kind != "mean"} - {pilot.metric, *pilot.proxies}
    return EventPlan(
        key=pilot.key or initiative.initiative,
        starts=starts,
        cut=cut,
        length=window.length,
        zero=window.absent == "zero",
        spans=spans,
        fixed=fixed,
        optional=frozenset(loose),
    )


def _midnight(day: object, zone: str) -> datetime:
    """The moment in which a day begins."""
    local = datetime.combine(datetime.fromisoformat(str(day)).date(), time.min, ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)
