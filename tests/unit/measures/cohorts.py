"""Small loads for the tests of right size: one line declares a workload."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

START = 1_700_000_000.0 // 86_400 * 86_400


def load(
    used: Sequence[float] | FloatArray,
    granted: float = 100.0,
    seconds: float = 60.0,
    capacity: float = np.inf,
    name: str = "pod",
) -> Load:
    """A workload that used so much in each bin; a bin that is NaN is missing."""
    value = np.asarray(used, dtype=float)
    seen = np.isfinite(value)
    at = START + seconds * np.arange(len(value))[seen]
    n = int(seen.sum())
    return Load(name, "cpu", "cores", at, value[seen], np.ones(n), np.full(n, granted), seconds, capacity)


def twin(seed: int, workloads: int = 40, bins: int = 1440) -> list[Load]:
    """A fleet of GenTD26's shape: mostly idle GPUs, bursts of minutes, one daily cycle, unequal pods."""
    draw = np.random.default_rng(seed)
    day = 0.15 + 0.85 * np.clip(np.sin(np.pi * (np.arange(bins) / bins - 0.1)), 0, 1)
    level = np.minimum(np.exp(draw.normal(3.0, 0.7, workloads)), 90)
    made = []
    for i in range(workloads):
        busy = np.repeat(draw.random(bins // 4) < 0.45 * day[::4], 4)
        size = level[i] * np.exp(draw.normal(0, 0.35, bins)) * (0.4 + 0.6 * day)
        gone = draw.random(bins) < 0.01
        made.append(
            load(np.where(gone, np.nan, np.clip(busy * size, 0, 100)), capacity=100.0, name=f"pod-{i:02d}")
        )
    return made
