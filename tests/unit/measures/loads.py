"""Loads as a test declares them: one value per bin, or a day that repeats itself."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
HOUR = 3600.0


def load(
    used: list[float] | FloatArray,
    bin_seconds: float = HOUR,
    granted: float = 1.0,
    name: str = "w",
    resource: str = "gpu",
) -> Load:
    """One value per bin from the first of January 2026 on; NaN where a bin is missing."""
    values = np.asarray(used, dtype=np.float64)
    there = np.isfinite(values)
    n = int(there.sum())
    at = START + bin_seconds * np.flatnonzero(there).astype(np.float64)
    most = granted if granted > 0 else np.inf
    return Load(
        name, resource, "share", at, values[there], np.ones(n), np.full(n, granted), bin_seconds, most
    )


def daily(days: float, per_hour: int = 1, level: float = 0.4, seed: int = 1) -> FloatArray:
    """A load that follows the day, with some noise, between 0 and 1."""
    chance = np.random.default_rng(seed)
    hour = np.arange(round(24 * days * per_hour)) / per_hour
    cycle = level * (1 + 0.5 * np.sin(2 * np.pi * hour / 24))
    return np.asarray(np.clip(cycle + chance.normal(0, 0.02, hour.size), 0, 1))


def at(hours: float) -> datetime:
    """A moment so many hours after the first bin."""
    return datetime.fromtimestamp(START + hours * HOUR, UTC)
