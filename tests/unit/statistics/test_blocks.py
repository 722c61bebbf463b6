"""A series is averaged into blocks long enough to forget each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.stattools import acf

from headway.statistics.blocks import block_means, blocked, blocked_log_ratio, memory_of
from headway.statistics.contrast import Degenerate, FloatArray


def ar1(phi: float, n: int, seed: int = 1) -> FloatArray:
    """A stationary first-order series with unit shocks."""
    shocks = np.random.default_rng(seed).normal(size=n)
    shocks[0] /= math.sqrt(1 - phi * phi)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks))


@pytest.mark.parametrize(("phi", "block"), [(0.0, 2), (0.3, 4), (0.6, 8), (0.9, 38)])
def test_a_block_is_twice_the_autocorrelation_time(phi: float, block: int) -> None:
    """On a long baseline the block is 2 (1 + phi) / (1 - phi), within a tenth or a point."""
    memory = memory_of(ar1(phi, 200_000))
    assert memory.phi == pytest.approx(phi, abs=0.01)
    assert memory.block == pytest.approx(block, rel=0.1, abs=1)


def test_the_correlation_of_neighbours_is_that_of_statsmodels() -> None:
    """The same definition, divisor n, as everywhere else."""
    series = ar1(0.6, 900)
    assert memory_of(series).phi == pytest.approx(float(acf(series, nlags=1)[1]), abs=1e-12)


def test_a_slow_cycle_makes_blocks_longer_than_its_neighbours_say() -> None:
    """Noise over a slow wave: the sum of autocorrelations sees what phi alone does not."""
    n = np.arange(20_000)
    series = np.random.default_rng(2).normal(size=n.size) + 0.7 * np.sin(2 * np.pi * n / 240)
    memory = memory_of(series)
    alone = (1 + memory.phi) / (1 - memory.phi)
    assert memory.time > 5 * alone


def test_neighbours_that_repel_need_no_longer_block() -> None:
    """With negative correlation a block has two points."""
    assert memory_of(ar1(-0.6, 5000)).block == 2


@pytest.mark.parametrize(
    ("baseline", "reason"),
    [
        (ar1(0.9, 200), "few_blocks"),
        (np.array([1.0, 2.0]), "few_blocks"),
        (np.full(500, 3.0), "zero_variance"),
        (np.array([1.0, math.nan] * 300), "not_finite"),
    ],
)
def test_a_baseline_must_tell_its_memory(baseline: FloatArray, reason: str) -> None:
    """Too short, motionless and unreadable baselines are refused, each by its reason."""
    with pytest.raises(Degenerate) as found:
        memory_of(baseline)
    assert found.value.reason == reason


def test_an_unfinished_block_is_left_out() -> None:
    """Seven points in blocks of three are two blocks, whatever comes last; columns stay columns."""
    series = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e9])
    assert block_means(series, 3).tolist() == [2.0, 5.0]
    assert block_means(np.column_stack([series, -series]), 3).tolist() == [[2.0, -2.0], [5.0, -5.0]]
    with pytest.raises(ValueError, match="block of 0"):
        block_means(series, 0)


def test_the_contrast_is_the_t_test_of_block_means() -> None:
    """Mean, standard error of numpy over blocks, and blocks - 1 degrees of freedom."""
    series = ar1(0.6, 163)
    found = blocked(series, 8)
    means = series[:160].reshape(20, 8).mean(axis=1)
    assert found.theta == pytest.approx(means.mean())
    assert found.se == pytest.approx(means.std(ddof=1) / math.sqrt(20))
    assert (found.df, found.n, found.clusters) == (19, 160, 20)


def test_the_first_look_is_at_fifteen_blocks() -> None:
    """Fourteen blocks are refused with both numbers, fifteen are not."""
    with pytest.raises(Degenerate, match="14 blocks of 8 points, the first look needs 15") as found:
        blocked(ar1(0.6, 119), 8)
    assert found.value.reason == "few_blocks"
    assert blocked(ar1(0.6, 120), 8).df == 14


def test_a_ratio_of_series_has_the_error_of_its_linear_form() -> None:
    """The same as the t-test of (treated - ratio control) / (ratio mean control) over blocks."""
    treated, control = 50 + ar1(0.6, 160, 3), 40 + ar1(0.6, 160, 4)
    found = blocked_log_ratio(treated, control, 8)
    ratio = treated.mean() / control.mean()
    line = block_means(treated - ratio * control, 8) / treated.mean()
    assert found.theta == pytest.approx(math.log(ratio))
    assert found.se == pytest.approx(line.std(ddof=1) / math.sqrt(20))
    with pytest.raises(ValueError, match="160 and 159 points"):
        blocked_log_ratio(treated, control[:-1], 8)
