"""What saving is promised: an interval in which the saving of the coming hours is to be found again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from headway.measures.spend.advice import Interval
from headway.measures.spend.calibration import LEAST_SAMPLES, conformal, further, origins
from headway.measures.spend.load import Load
from headway.measures.spend.timeline import HOUR, step_of
from headway.statistics.contrast import FloatArray

Replay = Callable[[Sequence[Load], float, float], FloatArray]
"""What a policy saves on each load from one moment to another (seconds since 1970), from what was before.

The saving is the share of what was granted that the policy would not have granted; NaN without a sample.
"""

LEVEL = 0.95
MOST = 0.95
"""No more than this is ever promised."""

_CELLS = 6
_ENOUGH = 100


class Watched(Protocol):
    """A policy that was run over the history of some loads."""

    def saved(self, start: float, end: float) -> FloatArray:
        """What it saved on each load between two moments."""
        ...

    def ahead(self, futures: Sequence[Load], start: float, end: float) -> FloatArray:
        """What it would save, as it stands at a moment, if the loads went on so; all of them in order."""
        ...


@runtime_checkable
class Watch(Protocol):
    """A policy that can be run once over history, and then asked for any part of it."""

    def on(self, loads: Sequence[Load], since: float) -> Watched:
        """Run it over loads, each with a sample, and be ready to answer from a moment on."""
        ...


@dataclass(frozen=True, slots=True)
class _Again:
    """A replay that is run again for every question."""

    replay: Replay
    loads: Sequence[Load]

    def saved(self, start: float, end: float) -> FloatArray:
        return self.replay(self.loads, start, end)

    def ahead(self, futures: Sequence[Load], start: float, end: float) -> FloatArray:
        return self.replay(futures, start, end)


@dataclass(frozen=True, slots=True)
class Promises:
    """One interval per workload, and what they were learnt from.

    Attributes:
        intervals: per load; None where there are fewer than 30 samples.
        level: the level that so many promises kept in the past can carry: 0.95 where they suffice.
        origins: moments of the past at which the same promise would have been given.
        lower: how far the band had to be widened towards less saving.
        upper: how far towards more.
    """

    intervals: tuple[Interval | None, ...]
    level: float
    origins: tuple[float, ...]
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class _Past:
    """Loads up to now, what the policy did on them, and where history begins."""

    loads: Sequence[Load]
    watched: Watched
    first: float
    start: float


@dataclass(frozen=True, slots=True)
class _Band:
    """Per workload, the ends between which its saving would move, before they are widened."""

    low: FloatArray
    high: FloatArray


def promise(loads: Sequence[Load], start: float, hours: float, policy: Replay | Watch) -> Promises:
    """Promise the saving of a policy from a moment on, for some hours, with the level of 95 %.

    For each workload a few things bound what may come: the savings that the policy had on it before, and the
    saving if the load stopped, if it went on without its bursts, and if its highest use stayed. The band
    between them is then widened to what would have been right at earlier moments, for each end apart, by
    "Conformalized quantile regression" (Romano, Patterson, Candès, 2019). All workloads meet the same fate
    at one moment, so workloads are counted within a moment, and of the moments the worst one is taken.

    Args:
        loads: workloads of one resource; nothing from `start` on is read.
        start: the moment from which the advice is applied, in seconds since 1970.
        hours: how long, on the source's clock, until the saving will be measured.
        policy: the policy whose saving is promised; a `Watch` is run over history once.
    """
    known = [load.between(-math.inf, start) for load in loads]
    able = [load.bins >= LEAST_SAMPLES for load in known]
    there = [load for load, can in zip(known, able, strict=True) if can]
    if not there:
        return Promises((None,) * len(known), 0.0, (), 0.0, 0.0)
    first = min(float(load.at[0]) for load in there)
    since = first + (start - first) / _CELLS
    watched = policy.on(there, since) if isinstance(policy, Watch) else _Again(policy, there)
    past = _Past(there, watched, first, start)
    return _promised(past, hours * HOUR, able)


def _promised(past: _Past, horizon: float, able: Sequence[bool]) -> Promises:
    lower, upper, kept, moments = 0.0, 0.0, 0, []
    enough = math.ceil(_ENOUGH / len(past.loads))
    for origin, ahead in origins(past.first, past.start, horizon, enough):
        missed = _missed(past, origin, ahead)
        if not missed.size:
            continue
        moments.append(origin)
        kept += missed.shape[1]
        scale = further(horizon, past.start - past.first, ahead, origin - past.first)
        below, above = (scale * conformal(side, (1 + LEVEL) / 2) for side in missed)
        lower, upper = max(lower, below), max(upper, above)
    band = _band(past, past.start, horizon)
    now = past.watched.ahead(_futures(past.loads, past.start, horizon)[0], past.start, past.start + 1)
    made = iter(_intervals(past.loads, now, _Band(band.low - lower, band.high + upper)))
    intervals = tuple(next(made) if can else None for can in able)
    return Promises(intervals, min(LEVEL, kept / (kept + 1)), tuple(moments), lower, upper)


def _missed(past: _Past, origin: float, ahead: float) -> FloatArray:
    """(2, workloads): by how much savings were found below and above the band of an earlier moment."""
    band = _band(past, origin, ahead)
    found = past.watched.saved(origin, origin + ahead)
    missed = np.array([band.low - found, found - band.high])
    seen = np.array([load.between(-math.inf, origin).bins >= LEAST_SAMPLES for load in past.loads])
    return missed[:, seen & np.isfinite(missed).all(axis=0)]


def _band(past: _Past, origin: float, ahead: float) -> _Band:
    """Ends of what was saved in parts of history before a moment, and of what three futures would save."""
    ends = [past.watched.ahead(f, origin, origin + ahead) for f in _futures(past.loads, origin, ahead)]
    cell = (past.start - past.first) / _CELLS
    # The first cell is what the policy begins with.
    for k in range(2, _CELLS + 1):
        end = past.first + k * cell
        if end <= origin + 1e-6 * cell:
            ends.append(past.watched.saved(end - min(cell, ahead), end))
    both = np.array(ends)
    known = np.isfinite(both)
    low = np.where(known, both, np.inf).min(axis=0)
    high = np.where(known, both, -np.inf).max(axis=0)
    return _Band(np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan))


def _futures(loads: Sequence[Load], origin: float, ahead: float) -> tuple[list[Load], ...]:
    """The load stops, goes on without its bursts, or stays at its highest."""
    known = [load.between(-math.inf, origin) for load in loads]
    even = [float(load.value @ load.count) / load.bins if load.bins else 0.0 for load in known]
    highest = [float(load.value.max()) if load.bins else 0.0 for load in known]
    return tuple(
        [
            _followed(load, whole, origin, ahead, value)
            for load, whole, value in zip(known, loads, use, strict=True)
        ]
        for use in ([0.0] * len(known), even, highest)
    )


def _followed(load: Load, whole: Load, origin: float, ahead: float, value: float) -> Load:
    """What was known of a load, and after it a steady use for so many seconds."""
    step = step_of(whole)
    n = max(1, math.ceil(ahead / step))
    granted = load.granted[-1] if load.granted.size else whole.granted[0]
    return replace(
        load,
        at=np.concatenate([load.at, origin + step * np.arange(n)]),
        value=np.concatenate([load.value, np.full(n, value)]),
        count=np.concatenate([load.count, np.full(n, max(1, round(step / load.bin_seconds)))]),
        granted=np.concatenate([load.granted, np.full(n, granted)]),
    )


def _intervals(loads: Sequence[Load], savings: FloatArray, band: _Band) -> Iterator[Interval]:
    for load, now, low, high in zip(loads, savings, band.low, band.high, strict=True):
        granted = float(load.granted[-1])
        # With everything granted that can be, nothing is saved, and less than that cannot be.
        least = 1 - load.capacity / granted if granted > 0 else -math.inf
        ends = (min(max(least, float(low)), MOST), min(float(high), MOST))
        yield Interval(min(max(float(now), ends[0]), ends[1]), *ends)
