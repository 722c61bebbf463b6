"""What a picture of a load needs: mean and peak by the hour, the grant, and what the replay granted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headway.kernel.estimate import significant
from headway.kernel.identity import Json
from headway.measures.spend.loads import SLOT_SECONDS
from headway.measures.spend.sizing import Sized
from headway.statistics.contrast import FloatArray

POINTS = 168
_DIGITS = 4


def course_json(sized: Sequence[Sized], points: int = POINTS, *, replay: bool = True) -> dict[str, Json]:
    """The loads of some workloads together, in at most so many steps of whole hours.

    Args:
        sized: workloads of one resource; each hour's peaks are added, which is the most they can have been.
        points: how many steps.
        replay: whether what the replay granted may be shown.

    Returns:
        `starts` and `step` in seconds, `split` where the replay begins or null, and per step `mean`,
        `peak`, `granted`, `replayed` and `short` (the share of bins in which use was above the replayed
        grant); null where there was no bin.
    """
    loads = [s.load for s in sized]
    first = min(float(x.at[0]) for x in loads) // SLOT_SECONDS * SLOT_SECONDS
    last = max(float(x.at[-1]) for x in loads)
    hours = int((last - first) // SLOT_SECONDS) + 1
    step = max(1, -(-hours // points)) * float(SLOT_SECONDS)
    size = int((last - first) // step) + 1
    sums = {name: np.full(size, np.nan) for name in ("mean", "peak", "granted", "replayed")}
    short, tried = np.zeros(size), np.zeros(size)
    for one in sized:
        mean, peak, granted = _steps(one, first, step, size)
        for name, part in (("mean", mean), ("peak", peak), ("granted", granted)):
            sums[name] = _added(sums[name], part)
        if one.course and replay:
            tail, grant = one.course.load, one.course.grant
            at = ((tail.at - first) // step).astype(int)
            bins = np.bincount(at, tail.count, size)
            total = np.bincount(at, tail.count * grant, size)
            part = np.where(bins > 0, total / np.maximum(bins, 1e-300), np.nan)
            sums["replayed"] = _added(sums["replayed"], part)
            short += np.bincount(at, tail.count * (tail.value > grant + 1e-9), size)
            tried += bins
    splits = [s.course.split for s in sized if s.course and replay]
    return {
        "starts": first,
        "step": step,
        "split": min(splits) if splits else None,
        **{name: _plain(values) for name, values in sums.items()},
        "short": _plain(np.where(tried > 0, short / np.maximum(tried, 1e-300), np.nan)),
    }


def _steps(one: Sized, first: float, step: float, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    load = one.load
    at = ((load.at - first) // step).astype(int)
    bins = np.bincount(at, load.count, size)
    empty = bins == 0
    under = np.where(empty, 1.0, bins)
    peak = np.full(size, -np.inf)
    np.maximum.at(peak, at, load.value if one.peak is None else one.peak)
    mean = np.bincount(at, load.count * load.value, size) / under
    granted = np.bincount(at, load.count * load.granted, size) / under
    return tuple(np.where(empty, np.nan, x) for x in (mean, peak, granted))  # type: ignore[return-value]


def _added(one: FloatArray, other: FloatArray) -> FloatArray:
    """Sums in which what is not there counts as nothing, but where nothing is there at all."""
    both = np.isnan(one) & np.isnan(other)
    return np.where(both, np.nan, np.nan_to_num(one) + np.nan_to_num(other))


def _plain(values: FloatArray) -> list[Json]:
    return [None if np.isnan(v) else significant(float(v), _DIGITS) for v in values]
