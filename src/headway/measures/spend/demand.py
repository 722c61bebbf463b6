"""What many workloads use together, bin by bin: what a pool or a commitment has to cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

HOUR = 3600.0
PERCENT = ("%", "percent", "per cent")


@dataclass(frozen=True, slots=True)
class Demand:
    """Use of one resource summed over workloads, at even steps.

    Attributes:
        at: seconds since 1970 in UTC at the start of each step, evenly spaced.
        used: use in each step, in `unit`; NaN where no workload was observed.
        granted: what was granted then, likewise.
        step_seconds: how long a step is.
        workloads: how many there are.
        resource: gpu, cpu ...
        unit: of `used` and `granted`.
    """

    at: FloatArray
    used: FloatArray
    granted: FloatArray
    step_seconds: float
    workloads: int
    resource: str = ""
    unit: str = ""

    @property
    def present(self) -> FloatArray:
        """The share of steps that were observed, as a mask."""
        return np.isfinite(self.used)

    def between(self, first: int, last: int) -> Demand:
        """The steps from one up to, and without, another."""
        part = slice(first, last)
        return Demand(
            self.at[part],
            self.used[part],
            self.granted[part],
            self.step_seconds,
            self.workloads,
            self.resource,
            self.unit,
        )

    def every(self, seconds: float) -> Demand:
        """The same in longer steps, by means over what was observed of each; shorter ones cannot be had."""
        if seconds <= self.step_seconds * 1.5:
            return self
        slot = np.floor(self.at / seconds).astype(np.int64)
        used = _mean_by(slot, self.used)
        granted = _mean_by(slot, self.granted)
        at = (slot[0] + np.arange(len(used))) * seconds
        return Demand(at, used, granted, seconds, self.workloads, self.resource, self.unit)


def demand_of(loads: Sequence[Load]) -> Demand:
    """Sum loads of one resource and unit over workloads.

    A workload counts in the steps in which it was observed: one that is not there holds and uses nothing.
    Where a workload has several samples in a step, their mean counts. Per cent of a device become devices.

    Args:
        loads: of one resource and one unit; at least one with a sample.

    Returns:
        Use and grant at even steps from the first to the last sample.

    Raises:
        ValueError: no samples, or loads of different resources or units.

    Example:
        >>> one, two = np.ones(2), np.array([0.5, 0.25])
        >>> a = Load("a", "gpu", "devices", np.array([0.0, 60.0]), two, one, one, 60.0)
        >>> b = Load("b", "gpu", "devices", np.array([60.0]), one[:1], one[:1], one[:1], 60.0)
        >>> demand_of([a, b]).used.tolist()
        [0.5, 1.25]

    """
    loads = [load for load in loads if load.at.size]
    kinds = {(load.resource, load.unit) for load in loads}
    if len(kinds) != 1:
        msg = f"one resource in one unit is summed, not {sorted(kinds)}"
        raise ValueError(msg)
    step = _step(loads)
    first = min(float(load.at[0]) for load in loads)
    last = max(float(load.at[-1]) for load in loads)
    steps = round((last - first) / step) + 1
    used, granted, seen = np.zeros(steps), np.zeros(steps), np.zeros(steps, dtype=bool)
    for load in loads:
        slot = np.round((load.at - first) / step).astype(np.int64)
        weight = np.bincount(slot, load.count, steps)
        here = weight > 0
        held = np.where(here, weight, 1.0)
        used += np.bincount(slot, load.value * load.count, steps) / held
        granted += np.bincount(slot, load.granted * load.count, steps) / held
        seen |= here
    used[~seen] = granted[~seen] = np.nan
    (resource, unit) = kinds.pop()
    if unit in PERCENT:
        used, granted, unit = used / 100, granted / 100, "devices"
    at: FloatArray = first + step * np.arange(steps, dtype=np.float64)
    return Demand(at, used, granted, step, len(loads), resource, unit)


def _step(loads: Sequence[Load]) -> float:
    """The usual distance of neighbouring samples; a histogram by slot has one start for many samples."""
    gaps = [np.diff(load.at) for load in loads if load.at.size > 1]
    apart = np.concatenate(gaps) if gaps else np.zeros(0)
    apart = apart[apart > 0]
    shortest = max(load.bin_seconds for load in loads)
    return max(shortest, float(np.median(apart))) if apart.size else shortest


def _mean_by(slot: np.ndarray[tuple[int], np.dtype[np.int64]], values: FloatArray) -> FloatArray:
    at, known = slot - slot[0], np.isfinite(values)
    size = int(at[-1]) + 1
    n = np.bincount(at[known], minlength=size)
    total = np.bincount(at[known], values[known], size)
    return np.asarray(np.where(n > 0, total / np.maximum(n, 1), np.nan), dtype=np.float64)
