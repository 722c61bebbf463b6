"""A log histogram keeps quantiles within one per cent and merges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headway.statistics.contrast import Degenerate
from headway.statistics.log_histogram import (
    GAMMA,
    LogHistogram,
    bucket_of,
    lower_edge,
    midpoint,
    upper_edge,
)


@pytest.mark.parametrize("value", [1e-300, 3e-5, 0.999, 1.0, 7.3, 1e6, 1e300])
def test_a_value_lies_in_its_bucket(value: float) -> None:
    """Edges enclose the value, and the middle is within one per cent of it."""
    b = bucket_of(value)
    assert b == math.floor(math.log(value) / math.log(1.02))
    assert lower_edge(b) * (1 - 1e-12) <= value < upper_edge(b) * (1 + 1e-12)
    assert abs(midpoint(b) / value - 1) <= 0.01
    assert upper_edge(b) / lower_edge(b) == pytest.approx(GAMMA)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_only_values_above_zero_have_a_bucket(value: float) -> None:
    """Zero, negatives, NaN and infinity have none."""
    with pytest.raises(ValueError, match="bucket"):
        bucket_of(value)


def test_quantiles_are_within_one_per_cent_of_the_order_statistics() -> None:
    """P50, P95 and P99 at the middle err by at most 1 %; the upper edge is never below."""
    values = np.random.default_rng(4).lognormal(2.0, 2.0, 9_999)
    h = LogHistogram.from_values(values)
    ordered = np.sort(values)
    for q in (0.0, 0.01, 0.5, 0.95, 0.99, 1.0):
        exact = ordered[max(1, math.ceil(q * values.size)) - 1]
        assert h.quantile(q, "mid") == pytest.approx(exact, rel=0.01)
        assert exact <= h.quantile(q) * (1 + 1e-12) <= exact * GAMMA * (1 + 1e-9)


def test_zeros_and_near_zeros_are_counted_apart() -> None:
    """Zeros come first, then underflow at its bound, then the buckets."""
    h = LogHistogram.from_values([0, 0, 0.004, 0.006, 1, 1, 1, 5, 5, 5], underflow_below=0.01)
    assert (h.n, h.zero, h.underflow, sum(h.counts.values())) == (10, 2, 2, 6)
    assert h.quantile(0.2) == 0.0
    assert (h.quantile(0.4), h.quantile(0.4, "mid")) == (0.01, 0.005)
    assert h.quantile(0.41, "mid") == pytest.approx(1.0, rel=0.01)


def test_ranks_survive_rounding() -> None:
    """The 7 % quantile of a hundred values is the seventh, though .07 * 100 rounds up in doubles."""
    h = LogHistogram.from_values([1.1**k for k in range(100)])
    assert h.quantile(0.07, "mid") == pytest.approx(1.1**6, rel=0.01)


def test_share_below_counts_buckets_and_parts_of_one() -> None:
    """The share is exact at an edge and log-linear inside a bucket."""
    h = LogHistogram({0: 1, 10: 2}, zero=4, underflow=1, underflow_below=0.5)
    shares = [h.share_below(x) for x in (-1.0, 0.0, 0.25, 0.5, upper_edge(0), midpoint(10), 9.0)]
    assert shares == pytest.approx([0, 0, 4.5 / 8, 5 / 8, 6 / 8, 7 / 8, 1.0])


def test_share_below_follows_the_empirical_cdf() -> None:
    """On 5,000 values the share below any point is within one bucket's share of the truth."""
    values = np.random.default_rng(8).gamma(2.0, 3.0, 5_000)
    h = LogHistogram.from_values(values)
    for x in np.quantile(values, [0.05, 0.3, 0.5, 0.9, 0.99]).tolist():
        largest = h.counts[bucket_of(x)] / h.n
        assert abs(h.share_below(x) - float((values < x).mean())) <= largest


def test_underflow_without_a_bound_lies_below_everything() -> None:
    """Sums that came without their bound still rank underflow under every bucket."""
    h = LogHistogram({0: 1}, underflow=3)
    assert h.quantile(0.5) == 0.0
    assert h.share_below(0.5) == 0.75


def test_different_underflow_bounds_do_not_merge() -> None:
    """Two histograms that drew the line elsewhere are refused; an empty one is not."""
    one, other = (LogHistogram.from_values([1.0], underflow_below=u) for u in (0.1, 0.2))
    with pytest.raises(ValueError, match="underflow"):
        one.merge(other)
    assert one.merge(LogHistogram({})) == LogHistogram({}).merge(one) == one


@pytest.mark.parametrize("values", [[-1.0], [math.nan], [math.inf]])
def test_negative_and_missing_values_are_refused(values: list[float]) -> None:
    """A log histogram takes finite values from zero up."""
    with pytest.raises(ValueError, match="finite"):
        LogHistogram.from_values(values)


def test_an_empty_histogram_has_no_quantile() -> None:
    """Nothing counted means no quantile, no share, and a share above 1 means nothing."""
    empty = LogHistogram.from_values([])
    for ask in (empty.quantile, empty.share_below):
        with pytest.raises(Degenerate) as caught:
            ask(0.5)
        assert caught.value.reason == "too_few"
    with pytest.raises(ValueError, match="between"):
        LogHistogram({0: 1}).quantile(95)
    with pytest.raises(ValueError, match="negative"):
        LogHistogram({0: -1})
