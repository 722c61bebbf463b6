"""One span of bins as rows of the fact ``usage``: what a monitoring system was asked, put in order.

A bin without a sample has no row. A bin that begins at t is what the server says at its end, t + step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from headway.portfolio.source import Source
from headway.portfolio.telemetry import UsageQuery
from headway.sources.http_json import TooMuch
from headway.sources.profiles import Metric, Profile, Resource
from headway.sources.prometheus_client import Answer
from headway.sources.promql import Writer
from headway.statistics.contrast import FloatArray

Key = tuple[str, str]
Columns = dict[Key, FloatArray]
AskRange = Callable[[str, int, int, int], Answer]
NAME = "__name__"
_INPUT, _FROM_CACHE = "tokens.input", ("tokens.cache_read", "tokens.cache_write")
COLUMNS = ("used", "used_max", "granted", "capacity", "samples", "clipped")
_CLIPPED_ABOVE = 1e-9


@dataclass(frozen=True, slots=True)
class Bins:
    """A span of bins: the second at which it starts, the length of one, and how many there are."""

    start: int
    step: int
    count: int

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """The second at which each bin starts."""
        return self.start + np.arange(self.count, dtype=np.int64) * self.step

    def halves(self) -> tuple[Bins, Bins]:
        """The span in two."""
        first = self.count // 2
        return (
            Bins(self.start, self.step, first),
            Bins(self.start + first * self.step, self.step, self.count - first),
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one resource of one workload, bin by bin; NaN where there is none.

    Attributes:
        name: the metric that they were read from.
        bins: when they are.
        clipped: 1 in bins that showed more use than there is, else 0.
    """

    key: Key
    resource: str
    unit: str
    rung: str | None
    name: str
    used: FloatArray
    used_max: FloatArray | None = None
    granted: FloatArray | None = None
    capacity: FloatArray | None = None
    samples: FloatArray | None = None
    clipped: FloatArray | None = None
    bins: Bins = Bins(0, 1, 0)

    @property
    def is_empty(self) -> bool:
        """Whether no bin has a value."""
        return bool(np.isnan(self.used).all())

    def within(self, bins: Bins) -> Rows:
        """The part of them that lies in a span of the same steps."""
        first = (bins.start - self.bins.start) // bins.step
        part = slice(first, first + bins.count)
        columns: dict[str, Any] = {c: v if (v := getattr(self, c)) is None else v[part] for c in COLUMNS}
        return replace(self, bins=bins, **columns)


@dataclass
class Reader:
    """Asks for spans of one source.

    Attributes:
        declared: the source.
        profile: its profile; None where it has queries of its own.
        ask: asks the server: expression, first and last moment, step.
        warnings: what the server said beside its answers.
        warned: whether it said anything.
        bare: whether series came without the labels that name a workload.
        others: labels that such series have, the name of the metric among them.
    """

    declared: Source
    profile: Profile | None
    ask: AskRange
    warnings: dict[str, None] = field(default_factory=dict)
    warned: bool = False
    bare: bool = False
    others: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that name a workload."""
        return self.declared.workload or (self.profile.workload if self.profile else ())

    def rows(self, bins: Bins) -> list[Rows]:
        """Every resource of every workload in a span, in the order of workload, resource and rung.

        Raises:
            SourceFault: HW306, HW347.
            TooMuch: even the shortest span is too large.
        """
        found: dict[tuple[Key, str, str | None], Rows] = {}
        for one in self._every(bins):
            at = (one.key, one.resource, one.rung)
            found[at] = _filled(found[at], one) if at in found else one
        made = list(found.values())
        if not self.declared.input_includes_cache:
            made = _whole_input(made)
        dated = [replace(one, bins=bins) for one in made]
        return sorted(dated, key=lambda r: (r.key, r.resource, r.rung or ""))

    def _every(self, bins: Bins) -> Iterator[Rows]:
        if self.profile is None:
            for query in self.declared.queries:
                yield from self._own(query, bins)
            return
        holder = (self.declared.holder,) if self.declared.holder else ()
        by = (*self.labels, *holder)
        writer = Writer(self.declared.match, by, bins.step, self.declared.watts)
        for resource in self.profile.resources:
            yield from self._resource(resource, writer, bins)

    def _resource(self, resource: Resource, writer: Writer, bins: Bins) -> Iterator[Rows]:
        held: tuple[Columns, Columns] | None = None
        for at, metric in enumerate(resource.names):
            mean = self._asked(writer.mean(resource, at), bins)
            if self.bare and not self.others:
                self._look(writer.some(resource, at, bins.step * bins.count), bins)
            if not mean:
                continue
            top = writer.peak(resource, at)
            peak = self._asked(top, bins) if top else {}
            samples = self._asked(writer.samples(resource, at), bins)
            if held is None:
                held = self._held(resource.granted, writer, bins), self._held(resource.capacity, writer, bins)
            granted, capacity = held
            if resource.share:
                granted = capacity = self._asked(writer.devices(resource, at), bins)
            for key, used in mean.items():
                made = Rows(
                    key,
                    resource.resource,
                    resource.unit,
                    metric.rung,
                    metric.name,
                    used,
                    peak.get(key),
                    granted.get(key),
                    capacity.get(key),
                    samples.get(key),
                )
                yield _clipped(made) if resource.share else made

    def _look(self, expression: str, bins: Bins) -> None:
        """Which labels there are, where those that should name a workload are not."""
        at = bins.start + bins.count * bins.step
        found = self.ask(expression, at, at, bins.step).series
        self.others = tuple(sorted({label for s in found for label in s.labels} | {NAME}))

    def _held(self, metrics: Sequence[Metric], writer: Writer, bins: Bins) -> Columns:
        """The sum of several metrics, of which those that are not exported count nothing."""
        total: Columns = {}
        for metric in metrics:
            for key, values in self._asked(writer.held(metric), bins).items():
                total[key] = total[key] + np.nan_to_num(values) if key in total else values
        return total

    def _own(self, query: UsageQuery, bins: Bins) -> Iterator[Rows]:
        used = self._asked(query.used, bins)
        peak = self._asked(query.used_max, bins) if query.used_max else {}
        granted = self._asked(query.granted, bins) if query.granted else {}
        for key, values in used.items():
            yield Rows(
                key,
                query.resource,
                query.unit,
                query.rung,
                query.used,
                values,
                peak.get(key),
                granted.get(key),
            )

    def _asked(self, expression: str, bins: Bins) -> Columns:
        """What an expression says in each bin; in two where it is too much for one answer."""
        first = bins.start + bins.step
        try:
            answer = self.ask(expression, first, bins.start + bins.count * bins.step, bins.step)
        except TooMuch:
            if bins.count == 1:
                raise
            one, other = (self._asked(expression, half) for half in bins.halves())
            nothing = [np.full(half.count, np.nan) for half in bins.halves()]
            return {
                key: np.concatenate([one.get(key, nothing[0]), other.get(key, nothing[1])])
                for key in one | other
            }
        self.warnings |= dict.fromkeys(answer.warnings)
        self.warned |= bool(answer.warnings)
        found: Columns = {}
        for series in answer.series:
            key = self._key(series.labels)
            values = _placed(series.values, first, bins)
            if key is not None and not np.isnan(values).all():
                found[key] = _added(found[key], values) if key in found else values
        return found

    def _key(self, labels: dict[str, str]) -> Key | None:
        """Workload and holder; None where a label that names the workload is not there."""
        named = {k: v for k, v in labels.items() if v and k != NAME}
        parts = [named.get(label, "") for label in self.labels] or [named[k] for k in sorted(named)]
        if not parts or not all(parts):
            self.bare = True
            return None
        return "/".join(parts), named.get(self.declared.holder or "", "")


def _placed(values: list[Any], first: int, bins: Bins) -> FloatArray:
    """Values at their bins; what is not a finite number is none."""
    said = np.array(list(map(float, map(itemgetter(1), values))))
    last = first + (bins.count - 1) * bins.step
    if len(values) == bins.count and (values[0][0], values[-1][0]) == (first, last):
        # One moment per step, ascending: as many as there are bins means that none is left out.
        return np.where(np.isfinite(said), said, np.nan)
    made = np.full(bins.count, np.nan)
    at = np.array(list(map(float, map(itemgetter(0), values))))
    places = np.rint((at - first) / bins.step).astype(np.int64)
    inside = (places >= 0) & (places < bins.count) & np.isfinite(said)
    made[places[inside]] = said[inside]
    return made


def _added(one: FloatArray, other: FloatArray) -> FloatArray:
    """The sum where both are there, else what is."""
    both = np.where(np.isnan(one), other, one + np.nan_to_num(other))
    return np.asarray(both)


def _filled(first: Rows, other: Rows) -> Rows:
    """A name that was changed goes on under the other: what the first lacks, the other says."""
    lacks = np.isnan(first.used)
    joined = (lacks & ~np.isnan(other.used)).any()
    return replace(
        first,
        name=f"{first.name}, {other.name}" if joined else first.name,
        used=np.where(lacks, other.used, first.used),
        used_max=_where(lacks, other.used_max, first.used_max),
        granted=_where(lacks, other.granted, first.granted),
        capacity=_where(lacks, other.capacity, first.capacity),
        samples=_where(lacks, other.samples, first.samples),
        clipped=_where(lacks, other.clipped, first.clipped),
    )


def _where(lacks: FloatArray, other: FloatArray | None, first: FloatArray | None) -> FloatArray | None:
    if other is None and first is None:
        return None
    nothing = np.full(len(lacks), np.nan)
    return np.where(lacks, nothing if other is None else other, nothing if first is None else first)


def _clipped(rows: Rows) -> Rows:
    """A share above what there is counts as all of it: under MIG a signal may say so."""
    if rows.granted is None:
        return rows
    above = rows.used > rows.granted * (1 + _CLIPPED_ABOVE)
    top = np.fmin(rows.used_max, rows.granted) if rows.used_max is not None else None
    used = np.where(above, rows.granted, rows.used)
    return replace(rows, used=used, used_max=top, clipped=above.astype(np.float64))


def _whole_input(rows: list[Rows]) -> list[Rows]:
    """Input tokens that count what came from the cache, where they were reported apart."""
    apart = {(r.key, r.resource): np.nan_to_num(r.used) for r in rows if r.resource in _FROM_CACHE}
    made = []
    for one in rows:
        more = [apart[one.key, cache] for cache in _FROM_CACHE if (one.key, cache) in apart]
        whole = bool(more) and one.resource == _INPUT
        made.append(replace(one, used=one.used + np.sum(more, axis=0)) if whole else one)
    return made
