"""Whether the newest part of a series lies on another level than the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import FloatArray

NEWEST = 0.2
"""The part of the series that is held against the rest."""

LEVEL = 0.99
FACTOR = 1.5
"""A ratio beyond this, up or down, is a shift if its interval leaves out 1."""

_RESAMPLES = 1000
_SEED = 7


@dataclass(frozen=True, slots=True)
class LevelRatio:
    """Mean of the newest part over the mean of the rest, both raised by a small amount.

    Attributes:
        value: the ratio.
        low: lower end of its interval.
        high: upper end.
        newest: how many points the newest part has.
    """

    value: float
    low: float
    high: float
    newest: int

    @property
    def shifted(self) -> bool:
        """Whether the ratio is beyond `FACTOR` and its interval leaves out 1."""
        beyond = self.value > FACTOR or self.value < 1 / FACTOR
        return beyond and not self.low <= 1 <= self.high


def level_ratio(series: FloatArray, block: int, raised: float, least: int = 0) -> LevelRatio:
    """Mean of the newest fifth over that of the rest, with a 99 % interval from moving blocks.

    Künsch, "The jackknife and the bootstrap for general stationary observations" (Annals of Statistics
    17, 1989). Both parts are resampled apart from each other, 1,000 times with seed 7. Only differences
    of running sums are read, so that the cost does not grow with the length of a block.

    Args:
        series: values at even steps, in order of time; NaN where there is none.
        block: points per block, at least 1; shorter where a part is shorter.
        raised: added to both means, in the values' unit, so that a little against nothing is no shift.
        least: points that the newest part has at least: a whole cycle, or a part of one looks like a shift.

    Returns:
        The ratio. 1 with an interval from 0 to infinity where a part has no value at all.

    Raises:
        ValueError: `block` is below 1, or `raised` not above 0.

    Example:
        >>> level_ratio(np.repeat([1.0, 3.0], [80, 20]), 5, 0.01).shifted
        True

    """
    if block < 1 or not raised > 0:
        msg = f"a block of {block} points, means raised by {raised}"
        raise ValueError(msg)
    newest = max(least, round(NEWEST * series.size))
    rest, new = series[: series.size - newest], series[series.size - newest :]
    if not (np.isfinite(rest).any() and np.isfinite(new).any()):
        return LevelRatio(1.0, 0.0, float("inf"), newest)
    chance = np.random.default_rng(_SEED)
    drawn_new = _means(new, block, chance)
    drawn_rest = _means(rest, block, chance)
    ratios = (drawn_new + raised) / (drawn_rest + raised)
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = (float(np.nanmean(new)) + raised) / (float(np.nanmean(rest)) + raised)
    return LevelRatio(value, float(low), float(high), newest)


def _means(part: FloatArray, block: int, chance: np.random.Generator) -> FloatArray:
    """Means of resampled series as long as the part; a resample without any value has the part's mean."""
    n, length = part.size, min(block, part.size)
    present = np.isfinite(part)
    sums = np.concatenate([[0.0], np.cumsum(np.where(present, part, 0.0))])
    counts = np.concatenate([[0], np.cumsum(present)])
    blocks = -(-n // length)
    starts = chance.integers(0, n - length + 1, (_RESAMPLES, blocks))
    ends = starts + length
    # The last block is cut, so that a resample is as long as the part.
    ends[:, -1] = starts[:, -1] + n - (blocks - 1) * length
    total = (sums[ends] - sums[starts]).sum(axis=1)
    number = (counts[ends] - counts[starts]).sum(axis=1)
    whole = sums[-1] / counts[-1]
    found: FloatArray = np.where(number > 0, total / np.maximum(number, 1), whole)
    return found
