"""Loads on an even clock: what any rule on time reads, whatever bins and order the samples came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

HOUR = 3600.0
_LEAST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Timeline:
    """The mean load of one or more workloads at even steps.

    Attributes:
        start: seconds since 1970 of the first step.
        step: seconds from one step to the next: a bin, or a slot of several bins.
        mean: mean use over the workloads that report in a step; NaN where none does.
        samples: how many bins were seen in all.
        present: share of the bins that are there, of each workload between its first and its last.
    """

    start: float
    step: float
    mean: FloatArray
    samples: float
    present: float

    @property
    def hours(self) -> float:
        """From the first step to the end of the last, in hours."""
        return self.mean.size * self.step / HOUR

    @property
    def end(self) -> float:
        """End of the last step, in seconds since 1970."""
        return self.start + self.mean.size * self.step

    def hourly(self) -> FloatArray:
        """Means by hour from the start on, or by step where that is longer; NaN where there is none."""
        per = max(HOUR, self.step)
        hour = np.floor(np.arange(self.mean.size) * self.step / per + 1e-9).astype(np.int64)
        there = np.isfinite(self.mean)
        total = np.bincount(hour[there], self.mean[there], hour[-1] + 1)
        number = np.bincount(hour[there], minlength=hour[-1] + 1)
        return np.where(number > 0, total / np.maximum(number, 1), np.nan)

    def lagged(self, hours: float) -> float:
        """Correlation of the hourly means with themselves some hours earlier; NaN where that is not known.

        Pairs of hours that both have a value count; their own means and spreads are used, so that a series
        that grows is not taken for one that repeats itself.
        """
        means = self.hourly()
        lag = round(hours * HOUR / max(HOUR, self.step))
        if not 0 < lag < means.size:
            return float("nan")
        late, early = means[lag:], means[:-lag]
        both = np.isfinite(late) & np.isfinite(early)
        if both.sum() < _LEAST_PAIRS or not (np.ptp(late[both]) > 0 and np.ptp(early[both]) > 0):
            return float("nan")
        return float(np.corrcoef(late[both], early[both])[0, 1])


def timeline(loads: Sequence[Load]) -> Timeline | None:
    """Put the samples of loads onto an even clock; several of one moment are averaged.

    Samples may come in any order, more than once, and off the even clock by parts of a bin. None where there
    is no sample at all.
    """
    filled = [load for load in loads if load.at.size]
    if not filled:
        return None
    start = min(float(load.at.min()) for load in filled)
    step = float(np.median([step_of(load) for load in filled]))
    size = 1 + max(round((float(load.at.max()) - start) / step) for load in filled)
    total, number = np.zeros(size), np.zeros(size)
    samples = expected = there = 0.0
    for load in filled:
        once = _once(load)
        at = np.rint((load.at[once] - start) / step).astype(np.int64)
        count = np.bincount(at, load.count[once], size)
        used = np.bincount(at, load.count[once] * load.value[once], size)
        seen = count > 0
        total[seen] += used[seen] / count[seen]
        number += seen
        # A moment that is told twice is one bin; a slot holds as many bins as fit into it.
        bins = max(1, round(step / load.bin_seconds))
        one = np.minimum(count[seen], bins) if bins > 1 else np.ones(int(seen.sum()))
        samples += float(one.sum())
        there += float(one.sum())
        expected += (int(at.max()) - int(at.min()) + 1) * bins
    mean = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return Timeline(start, step, mean, samples, there / expected)


def _once(load: Load) -> np.typing.NDArray[np.int64]:
    """Positions of the samples, those that are told again left out; buckets of one slot differ in value."""
    order = np.lexsort((load.value, load.at))
    at, value = load.at[order], load.value[order]
    again = np.zeros(order.size, dtype=bool)
    again[1:] = (at[1:] == at[:-1]) & (value[1:] == value[:-1])
    return np.asarray(order[~again], dtype=np.int64)


def step_of(load: Load) -> float:
    """Whole bins from one moment to the next, as most of them are apart."""
    gaps = np.diff(np.unique(load.at))
    if not gaps.size:
        return load.bin_seconds
    return load.bin_seconds * max(1, round(float(np.median(gaps)) / load.bin_seconds))
