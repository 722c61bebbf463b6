"""Series in which nothing happens: how often the interval of an interrupted series holds nought."""

from __future__ import annotations

import numpy as np

from headway.statistics.interrupted import interrupted_series


def covered(memory: float, points: int, runs: int, seed: int = 1) -> tuple[float, float]:
    """Share of 95 % intervals that hold 0, and share of runs at the border of the memory.

    A straight trend with AR(1) errors, a third of the points treated, no effect.
    """
    draw = np.random.default_rng(seed)
    burn, starts = 50, points * 2 // 3
    held = border = 0
    for _ in range(runs):
        error = draw.normal(size=points + burn)
        for t in range(1, error.size):
            error[t] += memory * error[t - 1]
        found = interrupted_series(error[burn:] + 0.1 * np.arange(points), starts)
        low, high = found.contrast.interval(0.95)
        held += low <= 0 <= high
        border += found.at_border
    return held / runs, border / runs
