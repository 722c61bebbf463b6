"""Sums merge: any split and any order of partitions gives the sums of the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx  # noqa: PT013

from headway.statistics.contrast import FloatArray
from headway.statistics.covariates import CrossMoments
from headway.statistics.log_histogram import LogHistogram
from headway.statistics.means import Moments

values = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))
parts = st.lists(st.lists(values, max_size=12), min_size=3, max_size=3)
shifts = st.floats(-1e3, 1e3, allow_nan=False)
rows = st.lists(st.tuples(values, values, values), max_size=10)
usage = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e9)), max_size=20)


def moments(part: list[float], shift: float) -> Moments:
    """Moments of the outcome from shifted sums."""
    z = np.array(part, dtype=np.float64) - shift
    return Moments.from_sums(z.size, float(z.sum()), float(z @ z), shift)


def crossed(part: list[tuple[float, float, float]]) -> CrossMoments:
    """Cross-moments of all columns."""
    z = np.array(part, dtype=np.float64).reshape(-1, 3)
    return CrossMoments.from_sums(len(z), z.sum(axis=0), z.T @ z, np.zeros(3))


def same(a: Moments, b: Moments, scale: float) -> bool:
    """Equal up to rounding."""
    return bool(
        a.n == b.n
        and a.mean == approx(b.mean, rel=1e-9, abs=1e-12 * scale)
        and a.m2 == approx(b.m2, rel=1e-9, abs=1e-12 * scale**2)
    )


@given(parts, shifts)
def test_moments_merge_to_the_whole(split: list[list[float]], shift: float) -> None:
    """Merged in any grouping and order, parts give the moments of all values."""
    a, b, c = (moments(part, shift) for part in split)
    whole = moments([y for part in split for y in part], shift)
    scale = 1 + abs(shift) + max((abs(y) for part in split for y in part), default=0.0)
    scale *= (1 + whole.n) ** 0.5
    assert same(a.merge(b).merge(c), whole, scale)
    assert same(a.merge(b.merge(c)), whole, scale)
    assert same(c.merge(a).merge(b), whole, scale)


@given(st.lists(rows, min_size=3, max_size=3))
def test_cross_moments_merge_to_the_whole(split: list[list[tuple[float, float, float]]]) -> None:
    """Merged in any grouping and order, parts give the cross-moments of all rows."""
    a, b, c = (crossed(part) for part in split)
    every = [row for part in split for row in part]
    whole = crossed(every)
    scale = (1 + max((abs(y) for row in every for y in row), default=0.0)) * (1 + whole.n) ** 0.5
    for merged in (a.merge(b).merge(c), a.merge(b.merge(c)), c.merge(a).merge(b)):
        assert merged.n == whole.n
        assert close(merged.mean, whole.mean, scale)
        assert close(merged.scatter, whole.scatter, scale**2)


def close(a: FloatArray, b: FloatArray, scale: float) -> bool:
    """Equal up to rounding."""
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-12 * scale))


@given(st.lists(usage, min_size=3, max_size=3), st.sampled_from([0.0, 0.01, 5.0]))
def test_histograms_merge_to_the_whole(split: list[list[float]], bound: float) -> None:
    """Merged in any grouping and order, histograms equal the histogram of the union exactly."""
    a, b, c = (LogHistogram.from_values(part, bound) for part in split)
    whole = LogHistogram.from_values([y for part in split for y in part], bound)
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == c.merge(b).merge(a) == whole


@given(usage.filter(bool), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise_with_the_share(part: list[float], p: float, q: float) -> None:
    """A higher share never has a lower quantile, at either edge."""
    h = LogHistogram.from_values(part, 0.01)
    low, high = min(p, q), max(p, q)
    assert h.quantile(low) <= h.quantile(high)
    assert h.quantile(low, "mid") <= h.quantile(high, "mid")
    assert h.quantile(q, "mid") <= h.quantile(q)


@given(usage.filter(bool), st.floats(1e-9, 1e10), st.floats(1e-9, 1e10))
def test_shares_rise_with_the_point(part: list[float], x: float, y: float) -> None:
    """The share below a larger point is never smaller, and stays within 0 and 1."""
    h = LogHistogram.from_values(part, 0.01)
    assert 0 <= h.share_below(min(x, y)) <= h.share_below(max(x, y)) <= 1 + 1e-12
