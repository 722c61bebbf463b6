"""Loads of many workloads side by side, so that a replay runs over all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

IntArray = np.typing.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The samples that a policy may see at one moment, sorted by value in each row.

    Attributes:
        values: (workloads, samples); 0 where the count is 0.
        counts: (workloads, samples), 0 where a row ends.
        age: (workloads, samples), hours between a sample and the moment.
        reference: what is granted to each workload now.
    """

    values: FloatArray
    counts: FloatArray
    age: FloatArray
    reference: FloatArray

    @cached_property
    def seen(self) -> FloatArray:
        """How many bins each workload was seen in."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def peak(self) -> FloatArray:
        """The greatest use of each workload."""
        return np.asarray(self.values.max(axis=1))

    @cached_property
    def through(self) -> FloatArray:
        """Bins up to each value: what every quantile of the window starts from."""
        return np.cumsum(self.counts, axis=1)

    def through_load(self, half_life: float) -> FloatArray:
        """Decayed load up to each value; bins instead, in a row that carried none."""
        if half_life not in self._loads:
            weights = self.counts * np.exp2(-self.age / half_life)
            load = np.cumsum(weights * self.values, axis=1)
            idle = load[:, -1] <= 0
            load[idle] = np.cumsum(weights[idle], axis=1)
            self._loads[half_life] = load
        return self._loads[half_life]

    @cached_property
    def _loads(self) -> dict[float, FloatArray]:
        return {}


@dataclass(frozen=True, slots=True)
class Cohort:
    """Workloads of one resource on one clock.

    Attributes:
        names: of the workloads.
        at: (workloads, samples), seconds since 1970; infinite where a row ends.
        value: (workloads, samples), use.
        count: (workloads, samples), bins with that use; 0 where a row ends.
        step: (workloads, samples), the step of the clock that each sample belongs to.
        origin: seconds since 1970 of step 0.
        seconds: how long a step is.
        peak: (steps, workloads), largest use in a step; -1 where there was no sample.
        granted: (steps, workloads), what was granted.
        capacity: the most that can be granted, per workload.
    """

    names: tuple[str, ...]
    at: FloatArray
    value: FloatArray
    count: FloatArray
    step: IntArray
    origin: float
    seconds: float
    peak: FloatArray
    granted: FloatArray
    capacity: FloatArray

    @classmethod
    def of(cls, loads: Sequence[Load]) -> Cohort:
        """Put loads side by side; the shortest distance between two moments of any load is the clock's step.

        Raises:
            ValueError: there is no load, or one without a sample.
        """
        if not loads or not all(load.at.size for load in loads):
            msg = "a cohort needs loads, each with a sample"
            raise ValueError(msg)
        origin = min(float(load.at[0]) for load in loads)
        bin_seconds = min(load.bin_seconds for load in loads)
        # Moments jitter by parts of a bin, and slots are whole bins.
        seconds = bin_seconds * max(1, round(min(_apart(load) for load in loads) / bin_seconds))
        shape = (len(loads), max(load.at.size for load in loads))
        at, value, count = np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
        step = np.zeros(shape, dtype=np.int64)
        steps = 1 + max(round((float(load.at[-1]) - origin) / seconds) for load in loads)
        peak, granted = np.full((steps, len(loads)), -1.0), np.empty((steps, len(loads)))
        for i, load in enumerate(loads):
            n = load.at.size
            at[i, :n], value[i, :n], count[i, :n] = load.at, load.value, load.count
            mine = np.rint((load.at - origin) / seconds).astype(np.int64)
            step[i, :n] = mine
            np.maximum.at(peak[:, i], mine, load.value)
            told = np.maximum(np.searchsorted(mine, np.arange(steps), side="right") - 1, 0)
            granted[:, i] = load.granted[told]
        capacity = np.array([load.capacity for load in loads])
        names = tuple(load.workload for load in loads)
        return cls(names, at, value, count, step, origin, seconds, peak, granted, capacity)

    @property
    def steps(self) -> FloatArray:
        """Seconds since 1970 of every step."""
        return np.asarray(self.origin + self.seconds * np.arange(len(self.peak)))

    def only(self, i: int) -> Cohort:
        """One of its workloads, on the same clock."""
        row, column = slice(i, i + 1), (slice(None), slice(i, i + 1))
        return Cohort(
            self.names[row],
            self.at[row],
            self.value[row],
            self.count[row],
            self.step[row],
            self.origin,
            self.seconds,
            self.peak[column],
            self.granted[column],
            self.capacity[row],
        )

    def window(self, now: FloatArray, hours: float) -> Window:
        """What each workload used in the hours before its moment.

        Args:
            now: one moment per workload, seconds since 1970.
            hours: how far back.
        """
        first = _rank(self.at, now - hours * 3600)
        last = _rank(self.at, now)
        shape = (len(self.at), max(int((last - first).max()), 1))
        values, counts, ages = np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
        # Slices row by row are several times faster than one gather over the matrix.
        for i, (start, end) in enumerate(zip(first, last, strict=True)):
            values[i, : end - start] = self.value[i, start:end]
            counts[i, : end - start] = self.count[i, start:end]
            ages[i, : end - start] = (now[i] - self.at[i, start:end]) / 3600
        order = np.argsort(values, axis=1)
        values, counts, ages = (np.take_along_axis(part, order, axis=1) for part in (values, counts, ages))
        # Rows that end early end in samples of count 0, whose value must not be infinite.
        values[counts == 0] = 0.0
        return Window(values, counts, ages, self.granted[self.step_of(now), np.arange(len(self.at))])

    def step_of(self, moment: FloatArray) -> IntArray:
        """The step that begins at a moment, or the nearest there is."""
        step = np.rint((moment - self.origin) / self.seconds)
        return np.clip(step, 0, len(self.peak) - 1).astype(np.int64)


def _apart(load: Load) -> float:
    """Shortest distance between two moments of a load: a slot may be longer than a bin."""
    gaps = np.diff(load.at)
    gaps = gaps[gaps > 0]
    return float(gaps.min()) if gaps.size else load.bin_seconds


def _rank(at: FloatArray, moment: FloatArray) -> IntArray:
    """How many samples of each row lie before its moment."""
    return np.array([np.searchsorted(row, m) for row, m in zip(at, moment, strict=True)], dtype=np.int64)
