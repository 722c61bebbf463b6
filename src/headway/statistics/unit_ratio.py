"""Cost per unit from periods: the average with its interval, and what one more unit costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from headway.statistics.contrast import Degenerate, FloatArray

LEAST_PERIODS = 3
LEAST_FOR_A_LINE = 14
# Above this spread of the denominator the delta method's interval is too symmetric to be believed.
STEADY = 0.3
RESAMPLES = 2000
# Days are resampled by weeks, so that a cycle of the week stays whole.
BLOCK = 7


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of sums with its interval, and how it was made."""

    value: float
    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class Line:
    """Cost as a fixed part a period and a part for each unit.

    Attributes:
        fixed: cost of a period without a unit.
        marginal: cost of one more unit.
        covariance: of both, in that order.
        df: degrees of freedom.
        most: the most units of any period seen.
    """

    fixed: float
    marginal: float
    covariance: FloatArray
    df: int
    most: float

    def of_one_more(self, level: float = 0.95) -> Ratio:
        """What one more unit costs."""
        return self._between(np.array([0.0, 1.0]), level, "slope of cost on units by period")

    def at(self, volume: float, level: float = 0.95) -> Ratio:
        """What one unit costs at a volume: fixed / volume + marginal.

        Args:
            volume: units in a period, above 0.
            level: of the interval.
        """
        return self._between(
            np.array([1.0 / volume, 1.0]), level, "fixed part over planned volume, plus slope"
        )

    def _between(self, weights: FloatArray, level: float, method: str) -> Ratio:
        value = float(weights @ np.array([self.fixed, self.marginal]))
        variance = max(float(weights @ self.covariance @ weights), 0.0)
        half = float(stdtrit(self.df, (1 + level) / 2)) * math.sqrt(variance)
        return Ratio(value, value - half, value + half, method)


def ratio_of_periods(
    cost: FloatArray, units: FloatArray, generator: np.random.Generator, level: float = 0.95
) -> Ratio:
    """Cost per unit over periods: delta method, or a bootstrap where the units vary much.

    Args:
        cost: of each period, in order.
        units: of each period.
        generator: draws the bootstrap.
        level: of the interval.

    Raises:
        Degenerate: `too_few` below three periods; `near_zero_mean` where the units are not above 0.

    Example:
        >>> draw = np.random.default_rng(1)
        >>> units = np.array([90.0, 110, 100, 95, 105])
        >>> found = ratio_of_periods(2 * units + np.array([1.0, -1, 0, 1, -1]), units, draw)
        >>> round(found.value, 3), found.method
        (2.0, 'delta method over 5 periods')

    """
    n, whole = len(units), float(units.sum())
    if n < LEAST_PERIODS:
        raise Degenerate(reason="too_few", detail=f"{n} periods, an interval needs {LEAST_PERIODS}")
    if whole <= 0:
        raise Degenerate(reason="near_zero_mean", detail="no unit was counted")
    value = float(cost.sum()) / whole
    if float(units.std(ddof=1)) / float(units.mean()) <= STEADY:
        residual = cost - value * units
        se = float(np.sqrt(n / (n - 1) * np.square(residual).sum())) / whole
        half = float(stdtrit(n - 1, (1 + level) / 2)) * se
        return Ratio(value, value - half, value + half, f"delta method over {n} periods")
    low, high = _bootstrap(cost, units, generator, level)
    return Ratio(value, low, high, f"{n} periods resampled {RESAMPLES} times, units vary by more than 30 %")


def _bootstrap(
    cost: FloatArray, units: FloatArray, generator: np.random.Generator, level: float
) -> tuple[float, float]:
    n = len(units)
    block = BLOCK if n >= 4 * BLOCK else 1
    starts = generator.integers(0, n, (RESAMPLES, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :n] % n
    tops, bottoms = cost[rows].sum(axis=1), units[rows].sum(axis=1)
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    low, high = np.quantile(ratios, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def line_of_periods(cost: FloatArray, units: FloatArray) -> Line:
    """Cost on units by least squares, errors by Newey and West (1987) over a week of lags.

    Raises:
        Degenerate: `too_few` below fourteen periods; `zero_variance` where every period has the same units.

    Example:
        >>> units = np.arange(20.0)
        >>> found = line_of_periods(5 + 2 * units, units)
        >>> round(found.fixed, 6), round(found.marginal, 6)
        (5.0, 2.0)

    """
    n = len(units)
    if n < LEAST_FOR_A_LINE:
        detail = f"{n} periods, a marginal cost needs {LEAST_FOR_A_LINE}"
        raise Degenerate(reason="too_few", detail=detail)
    if float(units.std()) <= 1e-12 * max(1.0, float(np.abs(units).max())):
        raise Degenerate(reason="zero_variance", detail="every period has the same number of units")
    x = np.column_stack([np.ones(n), units])
    bread = np.linalg.inv(x.T @ x)
    fixed, marginal = bread @ x.T @ cost
    scores = x * (cost - x @ np.array([fixed, marginal]))[:, None]
    lags = min(BLOCK, n // 4)
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        crossed = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (crossed + crossed.T)
    covariance = n / (n - 2) * bread @ meat @ bread
    return Line(float(fixed), float(marginal), covariance, n - 2, float(units.max()))
