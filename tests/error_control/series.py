"""Two series that remember and do not differ, watched block by block and point by point."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from headway.statistics.blocks import BASELINE, FIRST_LOOK, block_means, memory_of
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.sequential import log_e_two_sided, r_star


@dataclass(frozen=True, slots=True)
class Watch:
    """Shares of null series that alarmed at some look."""

    blocked: float
    pointwise: float
    block: float
    refused: float


def nulls(phi: float, points: int, runs: int, seed: int) -> FloatArray:
    """Stationary first-order series with unit shocks."""
    shocks = np.random.default_rng(seed).normal(size=(runs, points))
    shocks[:, 0] /= math.sqrt(1 - phi * phi)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=1))


def watched(phi: float, points: int, runs: int, seed: int, alpha: float = 0.02, block: int = 0) -> Watch:
    """A look after every block from the 15th on; the block's length from a fresh baseline, or given.

    Point by point: the same t-form with each point as if independent, a look after each from the 15th on.
    """
    time = (1 + phi) / (1 - phi)
    series = nulls(phi, points, runs, seed)
    baselines = nulls(phi, math.ceil(2 * BASELINE * time), runs, seed + 1)
    alarms, refused, lengths = 0, 0, []
    for run, baseline in zip(series, baselines, strict=True):
        try:
            length = block or memory_of(baseline).block
        except Degenerate:
            refused += 1
            continue
        lengths.append(length)
        alarms += alarmed(block_means(run, length), alpha)
    pointwise = sum(alarmed(run, alpha) for run in series)
    judged = max(1, runs - refused)
    return Watch(alarms / judged, pointwise / runs, float(np.mean(lengths)), refused / runs)


def alarmed(values: FloatArray, alpha: float, step: int = 1) -> bool:
    """Whether the t-form of independent values crosses 1/alpha at some look from the 15th value on."""
    if values.size < FIRST_LOOK:
        return False
    n = np.arange(1, values.size + 1, dtype=np.float64)
    mean = values.cumsum() / n
    spread = (values * values).cumsum() - n * mean**2
    at = slice(FIRST_LOOK - 1, None, step)
    n, t = n[at], (mean / np.sqrt(np.maximum(spread, 1e-300) / np.maximum(n - 1, 1) / n))[at]
    r = r_star(alpha) * n / values.size
    # The normal boundary is below every t boundary, so only these looks can cross.
    least = np.sqrt((1 + r) / r * (np.log1p(r) - 2 * math.log(alpha)))
    return any(
        log_e_two_sided(float(t[i]), float(n[i] - 1), float(r[i])) >= -math.log(alpha)
        for i in np.flatnonzero(np.abs(t) >= least)
    )
