"""Exact quantiles and medians of small samples, with distribution-free standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import bdtr, ndtri

from headway.statistics.contrast import Contrast, Degenerate, FloatArray

LEAST_UNITS = 5
"""Below five values the outermost order statistics cover the median too rarely."""


def quantile(values: Sequence[float] | FloatArray, q: float) -> float:
    """Exact sample quantile, linear between order statistics (type 7).

    Hyndman, Fan, "Sample Quantiles in Statistical Packages" (Am. Stat. 1996).

    Args:
        values: one number per unit, any order.
        q: share between 0 and 1; 0.5 is the median.

    Returns:
        The quantile, in the unit of `values`.

    Raises:
        Degenerate: `too_few` on no values, `not_finite` on NaN or infinity.
        ValueError: `q` is outside 0..1.

    Example:
        >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5)
        2.5

    """
    return float(np.quantile(_sorted(values, 1), q))


def median_difference(
    treated: Sequence[float] | FloatArray, control: Sequence[float] | FloatArray
) -> Contrast:
    """Difference of two medians without assuming a distribution.

    Price, Bonett, "Distribution-free confidence intervals for difference and
    ratio of medians" (J. Stat. Comput. Simul. 72, 2002).

    Args:
        treated: one number per treated unit.
        control: one number per control unit.

    Returns:
        Median of treated minus median of control; df is infinite.

    Raises:
        Degenerate: `too_few` below five units in an arm, `zero_variance` when ties
            leave no spread, `not_finite` on NaN or infinity.

    Example:
        >>> c = median_difference([3.0, 4, 5, 6, 7, 8, 9], [1.0, 2, 3, 4, 5, 6, 7])
        >>> c.theta, round(c.se, 6)
        (2.0, 1.754927)

    """
    y_t, y_c = _sorted(treated, LEAST_UNITS), _sorted(control, LEAST_UNITS)
    return Contrast(
        theta=float(np.median(y_t) - np.median(y_c)),
        se=math.hypot(_median_se(y_t), _median_se(y_c)),
        df=math.inf,
        n=y_t.size + y_c.size,
        method="median_difference",
    )


def median_log_ratio(
    treated: Sequence[float] | FloatArray, control: Sequence[float] | FloatArray
) -> Contrast:
    """Log of the ratio of two medians; exp(theta) - 1 is the relative change.

    Price, Bonett (2002), as `median_difference`, on the log scale.

    Args:
        treated: one number above zero per treated unit.
        control: one number above zero per control unit.

    Returns:
        ln(median of treated / median of control); df is infinite.

    Raises:
        Degenerate: `near_zero_mean` when a value is not above zero; otherwise as
            `median_difference`.

    Example:
        >>> c = median_log_ratio([2.0, 4, 6, 8, 10], [1.0, 2, 3, 4, 5])
        >>> round(c.theta, 6), round(c.se, 6)
        (0.693147, 0.610955)

    """
    y_t, y_c = _sorted(treated, LEAST_UNITS), _sorted(control, LEAST_UNITS)
    if y_t[0] <= 0 or y_c[0] <= 0:
        raise Degenerate(reason="near_zero_mean", detail=f"smallest values {y_t[0]} and {y_c[0]} have no log")
    return Contrast(
        theta=math.log(float(np.median(y_t)) / float(np.median(y_c))),
        se=math.hypot(_median_se(np.log(y_t)), _median_se(np.log(y_c))),
        df=math.inf,
        n=y_t.size + y_c.size,
        method="median_log_ratio",
    )


def _sorted(values: Sequence[float] | FloatArray, least: int) -> FloatArray:
    ordered = np.sort(np.asarray(values, dtype=np.float64).ravel())
    if ordered.size < least:
        raise Degenerate(reason="too_few", detail=f"{ordered.size} values, needs {least}")
    if not np.isfinite(ordered).all():
        raise Degenerate(reason="not_finite", detail="a value is NaN or infinite")
    return ordered


def _median_se(ordered: FloatArray) -> float:
    n = ordered.size
    c = max(1, math.floor((n + 1) / 2 - math.sqrt(n) + 0.5))
    # The binomial tail is the exact chance that the median lies below the c-th value.
    z = -float(ndtri(bdtr(c - 1, n, 0.5)))
    return float(ordered[n - c] - ordered[c - 1]) / (2 * z)
