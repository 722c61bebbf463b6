"""The sample-ratio e-value finds a broken assignment and leaves a sound one alone."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from headway.statistics.evalues import sample_ratio_log_e


def test_it_is_a_likelihood_ratio_with_mean_one() -> None:
    """Over every outcome of six units in three arms, weighted by the null, E averages 1."""
    shares, n = [0.5, 0.3, 0.2], 6
    total = 0.0
    for counts in itertools.product(range(n + 1), repeat=3):
        if sum(counts) == n:
            chance = stats.multinomial.pmf(counts, n, shares)
            total += chance * math.exp(sample_ratio_log_e(counts, shares, concentration=4.0))
    assert total == pytest.approx(1.0, rel=1e-12)


def test_two_arms_are_the_beta_binomial() -> None:
    """With two arms it is a beta-binomial against a binomial."""
    n, x, k, theta = 900, 480, 50.0, 0.5
    mixture = stats.betabinom.logpmf(x, n, k * theta, k * (1 - theta))
    null = stats.binom.logpmf(x, n, theta)
    got = sample_ratio_log_e([x, n - x], [theta, 1 - theta], concentration=k)
    assert got == pytest.approx(mixture - null, rel=1e-9)


def test_a_two_per_cent_leak_is_found() -> None:
    """50,000 against 48,000 where 1:1 was declared is beyond 100; 50,000 against 49,800 is not."""
    assert sample_ratio_log_e([50_000, 48_000], [0.5, 0.5]) > math.log(100)
    assert sample_ratio_log_e([50_000, 49_800], [0.5, 0.5]) < 0


def test_watching_a_fair_coin_rarely_alarms() -> None:
    """Looked at after every 100 units, 300 sound experiments alarm at 1/.05 in at most 5 %."""
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        treated = rng.binomial(100, 0.5, 100).cumsum().tolist()
        looks = (
            sample_ratio_log_e([x, 100 * (i + 1) - x], [1, 1], concentration=100.0)
            for i, x in enumerate(treated)
        )
        alarms += max(looks) >= math.log(20)
    assert alarms <= 15


def test_no_unit_is_no_evidence() -> None:
    """Before the first unit E is 1, and shares may be given as weights."""
    assert sample_ratio_log_e([0, 0], [0.5, 0.5]) == 0.0
    assert sample_ratio_log_e([30, 10], [3, 1]) == sample_ratio_log_e([30, 10], [0.75, 0.25])


@pytest.mark.parametrize(
    ("counts", "shares", "concentration"),
    [
        ([1, 2], [0.5], 10.0),
        ([3], [1.0], 10.0),
        ([1, -2], [0.5, 0.5], 10.0),
        ([1, 2], [1.0, 0.0], 10.0),
        ([1, 2], [1.0, math.nan], 10.0),
        ([1, 2], [0.5, 0.5], 0.0),
    ],
)
def test_a_share_for_each_arm(counts: list[int], shares: list[float], concentration: float) -> None:
    """One arm, a missing or zero share and a negative count are refused."""
    with pytest.raises(ValueError, match="shares"):
        sample_ratio_log_e(counts, shares, concentration)
