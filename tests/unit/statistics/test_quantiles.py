"""Medians compare without a distribution, and their intervals cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from headway.statistics.contrast import Degenerate
from headway.statistics.quantiles import median_difference, median_log_ratio, quantile


def test_quantile_is_linear_between_order_statistics() -> None:
    """The exact quantile is numpy's and the spreadsheet's."""
    values = [9.0, 1.0, 5.0, 3.0]
    assert [quantile(values, q) for q in (0.0, 0.25, 0.5, 1.0)] == [1.0, 2.5, 4.0, 9.0]


@pytest.mark.parametrize(("n_t", "n_c"), [(30, 30), (25, 40)])
def test_median_intervals_cover(n_t: int, n_c: int) -> None:
    """On skewed samples of about thirty, both 95 % intervals cover in 94 to 97.5 % of 3,000 runs."""
    rng = np.random.default_rng(n_t)
    gap, ratio = math.exp(1.3) - math.exp(1.0), 0.3
    hits = np.zeros(2)
    for _ in range(3000):
        treated, control = rng.lognormal(1.3, 0.8, n_t), rng.lognormal(1.0, 0.8, n_c)
        ends = (median_difference(treated, control), median_log_ratio(treated, control))
        for k, (c, truth) in enumerate(zip(ends, (gap, ratio), strict=True)):
            low, high = c.interval(0.95)
            hits[k] += low <= truth <= high
    assert (hits / 3000 >= 0.94).all()
    assert (hits / 3000 <= 0.975).all()


def test_standard_error_approaches_the_density_formula() -> None:
    """On a large normal sample the error of a median is sqrt(pi / 2n)."""
    n = 40_000
    even = stats.norm.ppf((np.arange(n) + 0.5) / n)
    expected = math.sqrt(math.pi / n)
    assert median_difference(even, even).se == pytest.approx(expected, rel=0.01)


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffled values give the same contrast."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(10, 1, 21), rng.normal(9, 1, 18)
    assert median_difference(a, b) == median_difference(rng.permutation(a), rng.permutation(b))


def test_swapped_arms_flip_the_sign() -> None:
    """Treated and control exchanged give the same size with the other sign."""
    a, b = [1.0, 2, 4, 8, 16, 32], [3.0, 3, 5, 7, 9]
    for estimator in (median_difference, median_log_ratio):
        one, other = estimator(a, b), estimator(b, a)
        assert (one.theta, one.se) == pytest.approx((-other.theta, other.se), rel=1e-12)
        assert math.isinf(one.df)
        assert one.n == 11


@pytest.mark.parametrize(
    ("treated", "reason"),
    [
        ([1.0, 2, 3, 4], "too_few"),
        ([1.0, 2, 3, 4, math.nan], "not_finite"),
        ([2.0, 2, 2, 2, 2], "zero_variance"),
    ],
)
def test_no_median_contrast_from_too_little(treated: list[float], reason: str) -> None:
    """Four values, a NaN, or nothing but ties give no estimate."""
    with pytest.raises(Degenerate) as caught:
        median_difference(treated, [2.0, 2, 2, 2, 2])
    assert caught.value.reason == reason


def test_a_ratio_needs_values_above_zero() -> None:
    """One zero among the values leaves no logarithm."""
    with pytest.raises(Degenerate) as caught:
        median_log_ratio([0.0, 1, 2, 3, 4], [1.0, 2, 3, 4, 5])
    assert caught.value.reason == "near_zero_mean"


def test_a_quantile_needs_a_value_and_a_share() -> None:
    """No value and q = 95 are refused."""
    with pytest.raises(Degenerate):
        quantile([], 0.5)
    with pytest.raises(ValueError, match="range"):
        quantile([1.0], 95)
