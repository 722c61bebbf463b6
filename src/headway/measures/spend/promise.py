"""What saving is promised: an interval in which the saving of the coming hours is to be found again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.measures.spend.advice import Interval
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

_ORIGINS = 12
_EARLIEST, _LONGEST = 1 / 3, 1 / 3
_LOOKS_BACK = 4
_LEAST_SAMPLES = 30


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
class _Band:
    """Per workload: the saving at the moment, and between which ends it would move, before it is widened."""

    now: FloatArray
    low: FloatArray
    high: FloatArray


def promise(loads: Sequence[Load], start: float, hours: float, replay: Replay) -> Promises:
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
        replay: the policy whose saving is promised.
    """
    known = [load.between(-math.inf, start) for load in loads]
    first = min((float(load.at[0]) for load in known if load.at.size), default=start)
    able = np.array([load.bins >= _LEAST_SAMPLES for load in known], dtype=bool)
    if not able.any():
        return Promises((None,) * len(known), 0.0, (), 0.0, 0.0)
    there = [load for load, can in zip(known, able, strict=True) if can]
    horizon = hours * HOUR
    lower, upper, kept, moments = 0.0, 0.0, 0, []
    for origin, ahead in _origins(first, start, horizon):
        missed = _missed(there, first, origin, ahead, replay)
        if missed is None:
            continue
        moments.append(origin)
        kept += missed.shape[1]
        scale = _further(horizon, start - first, ahead, origin - first)
        lower, upper = (
            max(widest, scale * _conformal(side)) for widest, side in zip((lower, upper), missed, strict=True)
        )
    band = _band(there, first, start, horizon, replay)
    made = iter(_intervals(band, lower, upper, there))
    intervals = tuple(next(made) if can else None for can in able)
    return Promises(intervals, min(LEVEL, kept / (kept + 1)), tuple(moments), lower, upper)


def _origins(first: float, start: float, horizon: float) -> Iterator[tuple[float, float]]:
    """Earlier moments to promise at, and how far ahead: as far as history goes on, a third of it at least."""
    past = start - first
    latest = start - min(horizon, past * _LONGEST)
    apart = min(horizon, past / 6)
    earliest = first + past * _EARLIEST
    number = min(_ORIGINS, 1 + round((latest - earliest) / apart)) if apart > 0 else 0
    for origin in np.linspace(earliest, latest, number):
        yield float(origin), min(horizon, start - float(origin))


def _further(horizon: float, past: float, ahead: float, seen: float) -> float:
    """How much less is known now than at an earlier moment: the root of the ratio of the relative horizons.

    Load that moves on all scales of time is as uncertain an hour after an hour as a day after a day; what
    counts is how far one looks ahead over how far one looked back.
    """
    return math.sqrt(max(1.0, (horizon / past) / (ahead / seen)))


def _missed(
    loads: Sequence[Load], first: float, origin: float, ahead: float, replay: Replay
) -> FloatArray | None:
    """(2, workloads): by how much savings were found below and above the band of an earlier moment."""
    known = [load for load in loads if load.between(-math.inf, origin).bins >= _LEAST_SAMPLES]
    if not known:
        return None
    band = _band(known, first, origin, ahead, replay)
    found = replay(known, origin, origin + ahead)
    missed = np.array([band.low - found, found - band.high])
    missed = missed[:, np.isfinite(missed).all(axis=0)]
    return missed if missed.shape[1] else None


def _band(loads: Sequence[Load], first: float, origin: float, ahead: float, replay: Replay) -> _Band:
    known = [load.between(-math.inf, origin) for load in loads]
    quiet = [_followed(load, origin, ahead, 0.0) for load in known]
    even = [_followed(load, origin, ahead, float(load.value @ load.count) / load.bins) for load in known]
    busy = [_followed(load, origin, ahead, float(load.value.max())) for load in known]
    now = replay(quiet, origin, origin + min(load.bin_seconds for load in loads))
    ends = [now, *(replay(future, origin, origin + ahead) for future in (quiet, even, busy))]
    quarter = (origin - first) / _LOOKS_BACK
    length = min(quarter, ahead)
    for k in range(2, _LOOKS_BACK + 1):
        end = first + k * quarter
        ends.append(replay(known, end - length, end))
    both = np.array(ends)
    return _Band(now, np.nanmin(both, axis=0), np.nanmax(both, axis=0))


def _followed(load: Load, origin: float, ahead: float, value: float) -> Load:
    """The load, and after it a steady use for so many seconds."""
    step = step_of(load)
    n = max(1, math.ceil(ahead / step))
    return replace(
        load,
        at=np.concatenate([load.at, origin + step * np.arange(n)]),
        value=np.concatenate([load.value, np.full(n, value)]),
        count=np.concatenate([load.count, np.full(n, max(1, round(step / load.bin_seconds)))]),
        granted=np.concatenate([load.granted, np.full(n, load.granted[-1])]),
    )


def _conformal(missed: FloatArray) -> float:
    """What covers one end's part of the level for one more workload; the largest where there are too few."""
    rank = math.ceil((1 + LEVEL) / 2 * (missed.size + 1))
    return float(np.sort(missed)[min(rank, missed.size) - 1])


def _intervals(band: _Band, lower: float, upper: float, loads: Sequence[Load]) -> Iterator[Interval]:
    for now, low, high, load in zip(band.now, band.low, band.high, loads, strict=True):
        granted = float(load.granted[-1])
        # With everything granted that can be, nothing is saved, and less than that cannot be.
        least = 1 - load.capacity / granted if granted > 0 else -math.inf
        ends = (min(max(least, float(low) - lower), MOST), min(float(high) + upper, MOST))
        yield Interval(min(max(float(now), ends[0]), ends[1]), *ends)
