"""What idles long enough to be given back, and how often it would have to be started again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from headway.measures.base import Absent
from headway.measures.spend.advice import Interval
from headway.measures.spend.load import Load
from headway.measures.spend.utilisation import IDLE_BELOW
from headway.statistics.contrast import FloatArray
from headway.statistics.moving_blocks import block_bins, block_interval

GAP_BINS = 2.0
"""A longer gap ends a run: what was not observed is not idle."""

COLD_COST_SECONDS = 900.0
"""What one cold start is worth in seconds of holding, where nothing is declared: 20 loads of 45 seconds."""

LEARNS_AFTER = 14 * 86400.0
TABLE_MINUTES = (5.0, 10.0, 30.0, 60.0)
_TRIED = 200
_RESAMPLES, _SEED, _ENDS = 2000, 7, (0.025, 0.975)

BoolArray: TypeAlias = npt.NDArray[np.bool_]
Chosen = Literal["ski rental", "least cost in the past", "declared"]


@dataclass(frozen=True, slots=True)
class Option:
    """Release after so long.

    Attributes:
        after: seconds idle before it is released.
        share: share of all granted time that is saved.
        cold_starts: per workload and day.
    """

    after: float
    share: float
    cold_starts: float


@dataclass(frozen=True, slots=True)
class Released:
    """What would have been given back.

    Attributes:
        after: seconds idle before a grant is released.
        chosen: how that was chosen.
        share: share of all granted time that is saved, on what it was not chosen from.
        cold_starts: per workload and day.
        unit_hours: granted units times hours that are saved, with the interval of `share`.
        unit: of the grant.
        by_workload: the same by workload.
        table: other times to release after.
        words: the answer in one line.
    """

    after: float
    chosen: Chosen
    share: Interval
    cold_starts: float
    unit_hours: Interval
    unit: str
    by_workload: Mapping[str, float]
    table: tuple[Option, ...]
    words: str


@dataclass(frozen=True, slots=True)
class _Runs:
    """One workload, slot by slot: how long it has idled at the end of each, and what it cost to hold."""

    workload: str
    at: FloatArray
    count: FloatArray
    granted: FloatArray
    idle_for: FloatArray
    woken: FloatArray
    bin_seconds: float

    def saved(self, after: float) -> FloatArray:
        """Granted units times bins saved in each slot."""
        over = np.clip(self.idle_for - after / self.bin_seconds, 0.0, self.count)
        return np.asarray(np.where(self.idle_for > 0, over, 0.0) * self.granted, dtype=np.float64)

    def cold(self, after: float) -> FloatArray:
        """Whether each slot begins with a cold start."""
        return (self.woken > after / self.bin_seconds).astype(np.float64)

    @property
    def held(self) -> FloatArray:
        """Granted units times bins in each slot."""
        return self.count * self.granted


def release(
    loads: Sequence[Load], *, cold_cost: float | None = None, after: float | None = None
) -> Released | Absent:
    """What would have been given back, had idle grants been released.

    With two weeks or more the time is chosen on the first half, as that with the least cost of holding and
    of cold starts, and scored on the second; else by ski rental: hold for as long as a start is worth, which
    costs at most twice the best in hindsight (Karlin and others, "Competitive snoopy caching", Algorithmica,
    1988).

    Args:
        loads: of one resource and unit. Slots that hold several values count as idle if all of them are.
        cold_cost: what one cold start is worth, in seconds of holding; 15 minutes where nothing says so.
        after: a declared time in seconds, taken as it is.

    Returns:
        The replay; Absent where nothing was granted.
    """
    runs = [idle_runs(load) for load in loads if load.at.size]
    held = sum(float(r.held.sum()) for r in runs)
    if not held:
        return Absent("releasable_idle", "none", "nothing was granted")
    worth = COLD_COST_SECONDS if cold_cost is None else cold_cost
    first, last = min(r.at[0] for r in runs), max(r.at[-1] for r in runs)
    how: Chosen = "ski rental"
    chosen = worth
    scored = runs
    if after is not None:
        how, chosen = "declared", after
    elif last - first >= LEARNS_AFTER:
        middle = float(first + last) / 2
        how, chosen = "least cost in the past", least_cost([_part(r, first, middle) for r in runs], worth)
        scored = [r for r in (_part(r, middle, np.inf) for r in runs) if r.at.size]
    return _released(scored, chosen, how, loads[0].unit)


def idle_runs(load: Load) -> _Runs:
    """Slot by slot for how many bins a workload has idled, and what a slot with use was woken from."""
    slots, first = np.unique(load.at, return_index=True)
    count = np.add.reduceat(load.count, first)
    granted = np.add.reduceat(load.granted * load.count, first) / np.maximum(count, 1e-300)
    most = np.maximum.reduceat(load.value / np.maximum(load.granted, 1e-300), first)
    idle = most < IDLE_BELOW
    apart = np.concatenate([[True], _missing(slots, load.bin_seconds) > GAP_BINS - 1])
    idle_for = _within_runs(count, idle, apart)
    before = np.concatenate([[0.0], idle_for[:-1]])
    woken = np.where(~idle & ~apart, before, 0.0)
    return _Runs(load.workload, slots, count, granted, idle_for, woken, load.bin_seconds)


def least_cost(runs: Sequence[_Runs], worth: float) -> float:
    """The seconds to release after that cost least: granted bins held idle, and `worth` for each cold start.

    Only zero and the lengths of runs that use ended can be best: between two of them, holding longer only
    costs.
    """
    lengths = [r.woken[r.woken > 0] * r.bin_seconds for r in runs]
    tried = np.unique(np.concatenate([[0.0], *lengths]))
    if len(tried) > _TRIED:
        tried = np.unique(np.quantile(tried, np.linspace(0, 1, _TRIED), method="higher"))
    costs = [_cost(runs, float(t), worth) for t in tried]
    return float(tried[int(np.argmin(costs))])


def _missing(slots: FloatArray, bin_seconds: float) -> FloatArray:
    """Whole bins missing between neighbouring slots; a histogram has one slot for many bins."""
    apart = np.diff(slots)
    usual = max(bin_seconds, float(np.median(apart))) if apart.size else bin_seconds
    return np.round((apart - usual) / bin_seconds)


def _within_runs(count: FloatArray, idle: BoolArray, apart: BoolArray) -> FloatArray:
    """Bins idled at the end of each slot, counted anew after use and after a gap."""
    total = np.cumsum(np.where(idle, count, 0.0))
    # What had been counted before the run began is what the last break leaves.
    before = np.where(idle, total - count, total)
    started = np.where(~idle | apart, before, 0.0)
    return np.asarray(np.where(idle, total - np.maximum.accumulate(started), 0.0), dtype=np.float64)


def _part(runs: _Runs, start: float, end: float) -> _Runs:
    kept = (runs.at >= start) & (runs.at < end)
    return _Runs(
        runs.workload,
        runs.at[kept],
        runs.count[kept],
        runs.granted[kept],
        runs.idle_for[kept],
        runs.woken[kept],
        runs.bin_seconds,
    )


def _cost(runs: Sequence[_Runs], after: float, worth: float) -> float:
    held = sum(r.bin_seconds * float(((r.idle_for > 0) * r.held - r.saved(after)).sum()) for r in runs)
    return held + worth * sum(float((r.cold(after) * r.granted).sum()) for r in runs)


def _released(runs: Sequence[_Runs], after: float, how: Chosen, unit: str) -> Released:
    saved = np.array([float(r.saved(after).sum()) for r in runs])
    held = np.array([float(r.held.sum()) for r in runs])
    hours = sum(float(r.held.sum()) * r.bin_seconds for r in runs) / 3600.0
    option = _option(runs, after)
    low, high = _interval(runs, after, saved, held)
    words = (
        f"released after {after / 60:.0f} minutes idle, {100 * option.share:.1f} % of granted time is saved"
        f" at {option.cold_starts:.1f} cold starts per workload and day"
    )
    return Released(
        after=after,
        chosen=how,
        share=Interval(option.share, low, high),
        cold_starts=option.cold_starts,
        unit_hours=Interval(option.share * hours, low * hours, high * hours),
        unit=unit,
        by_workload={r.workload: float(s) * r.bin_seconds / 3600.0 for r, s in zip(runs, saved, strict=True)},
        table=tuple(_option(runs, minutes * 60.0) for minutes in TABLE_MINUTES),
        words=words,
    )


def _option(runs: Sequence[_Runs], after: float) -> Option:
    saved = sum(float(r.saved(after).sum()) for r in runs)
    held = sum(float(r.held.sum()) for r in runs)
    starts = sum(float(r.cold(after).sum()) for r in runs)
    ends = [r.at[-1] + r.count[-1] * r.bin_seconds for r in runs]
    days = (max(ends) - min(float(r.at[0]) for r in runs)) / 86400.0
    return Option(after, saved / held, starts / (len(runs) * days))


def _interval(
    runs: Sequence[_Runs], after: float, saved: FloatArray, held: FloatArray
) -> tuple[float, float]:
    """By resampling workloads; of one workload by blocks of time."""
    if len(runs) == 1:
        rows = np.column_stack([runs[0].saved(after), runs[0].held])
        slot = runs[0].bin_seconds * float(np.median(runs[0].count))
        return block_interval(
            rows, lambda s: s[:, 0] / np.maximum(s[:, 1], 1e-300), block_bins(len(rows), slot)
        )
    drawn = np.random.default_rng(_SEED).integers(0, len(runs), (_RESAMPLES, len(runs)))
    shares = saved[drawn].sum(axis=1) / np.maximum(held[drawn].sum(axis=1), 1e-300)
    low, high = np.quantile(shares, _ENDS)
    return float(low), float(high)
