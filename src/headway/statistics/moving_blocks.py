"""Intervals for what is summed over time: neighbouring bins are drawn together, because they resemble."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from headway.statistics.contrast import FloatArray

DAY, HOUR = 86400.0, 3600.0
LEAST_BINS = 10
"""Bins that a block holds at least, however long they are."""


def block_bins(bins: int, bin_seconds: float) -> int:
    """How many bins of a series are drawn together.

    A day where there are five to draw from, since what repeats daily must stay whole; else an hour, and
    never fewer than ten bins.

    >>> block_bins(1440, 60), block_bins(24 * 17, 3600)
    (60, 24)
    """
    day = round(DAY / bin_seconds)
    length = day if bins >= 5 * day else max(round(HOUR / bin_seconds), LEAST_BINS)
    return max(1, min(length, bins))


def block_interval(
    columns: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    block: int,
    *,
    draws: int = 2000,
    seed: int = 7,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a statistic of sums, by the moving-block bootstrap.

    Künsch, "The jackknife and the bootstrap for general stationary observations" (Annals of Statistics 17,
    1989).

    Args:
        columns: one row per bin, in order of time; the columns are what the statistic is made of.
        statistic: from sums (draws × columns) to one number per draw, such as a ratio of two sums.
        block: rows drawn together, from 1 to their number.
        draws: how many resamples.
        seed: of the draws.
        level: coverage.

    Returns:
        Low and high end; the number itself twice where there is one block only.

    Raises:
        ValueError: `block` is not between 1 and the number of rows.

    Example:
        >>> made = np.column_stack([np.tile([1.0, 3.0], 50), np.ones(100)])
        >>> block_interval(made, lambda s: s[:, 0] / s[:, 1], 2)
        (2.0, 2.0)

    """
    rows = len(columns)
    if not 1 <= block <= rows:
        msg = f"a block of {block} rows out of {rows}"
        raise ValueError(msg)
    running = np.vstack([np.zeros(columns.shape[1]), np.cumsum(columns, axis=0)])
    sums = running[block:] - running[:-block]
    wanted = math.ceil(rows / block)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, wanted))
    made = statistic(sums[drawn].sum(axis=1))
    low, high = np.quantile(made, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
