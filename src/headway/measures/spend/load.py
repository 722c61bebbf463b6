"""The load of workloads over time, as every sizing policy reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import FloatArray


@dataclass(frozen=True, slots=True)
class Load:
    """What one workload used of one resource: weighted samples in the order of time.

    Exact samples have count 1 each. A histogram by slot has one row per slot and bucket, at the start of the
    slot, with the bucket's upper edge as value: one code reads both.

    Attributes:
        workload: its name.
        resource: gpu, gpu.memory, cpu, memory ...
        unit: of `value` and `granted`.
        at: seconds since 1970 in UTC, ascending; equal within a slot.
        value: use, in `unit`; finite and not negative.
        count: how many bins had that value.
        granted: what was granted in those bins, in `unit`.
        bin_seconds: how long one bin is.
        capacity: the most that can be granted, in `unit`; infinite where nothing says so.
        rung: R1 to R4: how directly work was observed.
    """

    workload: str
    resource: str
    unit: str
    at: FloatArray
    value: FloatArray
    count: FloatArray
    granted: FloatArray
    bin_seconds: float
    capacity: float = np.inf
    rung: str = ""

    @property
    def bins(self) -> float:
        """How many bins it has been seen in."""
        return float(self.count.sum())

    def between(self, start: float, end: float) -> Load:
        """The part of it from a moment up to, and without, another (seconds since 1970)."""
        first, last = np.searchsorted(self.at, [start, end], side="left")
        part = slice(int(first), int(last))
        return Load(
            self.workload,
            self.resource,
            self.unit,
            self.at[part],
            self.value[part],
            self.count[part],
            self.granted[part],
            self.bin_seconds,
            self.capacity,
            self.rung,
        )
