"""Differences and ratios of means come from sums as from rows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.means import Moments, log_ratio, lost_digits, satterthwaite, welch


def moments(y: FloatArray, shift: float = 0.0) -> Moments:
    """Moments from shifted sums, as an engine returns them."""
    z = y - shift
    return Moments.from_sums(y.size, float(z.sum()), float(z @ z), shift)


@pytest.fixture
def arms() -> tuple[FloatArray, FloatArray]:
    """Two skewed arms of unequal size and spread."""
    rng = np.random.default_rng(7)
    return rng.lognormal(1.1, 0.8, 220), rng.lognormal(1.0, 0.5, 150)


def test_welch_is_the_textbook_test(arms: tuple[FloatArray, FloatArray]) -> None:
    """Interval, df and p-value equal statsmodels' unequal-variance comparison."""
    treated, control = arms
    oracle = CompareMeans(DescrStatsW(treated), DescrStatsW(control))
    _, p, df = oracle.ttest_ind(usevar="unequal")
    c = welch(moments(treated), moments(control))
    assert c.df == pytest.approx(df, rel=1e-12)
    assert c.p_value() == pytest.approx(p, rel=1e-9)
    assert c.interval(0.9) == pytest.approx(oracle.tconfint_diff(alpha=0.1, usevar="unequal"), rel=1e-10)
    assert c.n == 370


def test_welch_and_lift_agree_with_tea_tasting(arms: tuple[FloatArray, FloatArray]) -> None:
    """Difference, interval, p-value and relative lift equal tea-tasting's."""
    treated, control = arms
    frame = pd.DataFrame({"variant": [1] * treated.size + [0] * control.size, "y": np.concatenate(arms)})
    oracle = tt.Experiment(y=tt.Mean("y")).analyze(frame)["y"]
    c = welch(moments(treated), moments(control))
    assert (c.theta, c.p_value()) == pytest.approx((oracle.effect_size, oracle.pvalue), rel=1e-10)
    assert c.interval(0.95) == pytest.approx(
        (oracle.effect_size_ci_lower, oracle.effect_size_ci_upper), rel=1e-10
    )
    lift = log_ratio(moments(treated), moments(control))
    assert math.expm1(lift.theta) == pytest.approx(oracle.rel_effect_size, rel=1e-12)
    assert [math.expm1(end) for end in lift.interval(0.95)] == pytest.approx(
        [oracle.rel_effect_size_ci_lower, oracle.rel_effect_size_ci_upper], rel=1e-10
    )


def test_relative_interval_covers() -> None:
    """Over 4,000 seeded experiments the 95 % relative interval holds the true lift in 94 to 96 %."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(4000):
        c = log_ratio(moments(rng.gamma(4.0, 3.0, 120)), moments(rng.gamma(4.0, 2.5, 120)))
        low, high = c.interval(0.95)
        hits += low <= math.log(1.2) <= high
    assert 0.94 <= hits / 4000 <= 0.96


def test_a_published_summary_is_as_good_as_rows(arms: tuple[FloatArray, FloatArray]) -> None:
    """Count, mean and sample variance give the same contrast as the rows behind them."""
    summaries = [Moments.from_summary(y.size, y.mean(), y.var(ddof=1)) for y in arms]
    rows = [moments(y) for y in arms]
    a, b = welch(*summaries), welch(*rows)
    assert (a.theta, a.se, a.df) == pytest.approx((b.theta, b.se, b.df), rel=1e-12)
    assert Moments.from_summary(0, 0.0, 0.0) == Moments(0, 0.0, 0.0)


def test_a_far_shift_is_noticed() -> None:
    """Values near 1e9 summed without a shift lose their variance, and the check says so."""
    y = 1e9 + np.random.default_rng(3).normal(size=1000)
    assert lost_digits(y.size, float(y.sum()), float(y @ y))
    z = y - 1.0e9
    assert not lost_digits(z.size, float(z.sum()), float(z @ z))
    assert moments(y, 1.0e9).variance == pytest.approx(np.var(y, ddof=1), rel=1e-8)
    assert not lost_digits(0, 0.0, 0.0)


def test_a_constant_column_has_no_variance() -> None:
    """Rounding in the sums of 0.1, 0.1, ... is not taken for variance."""
    assert moments(np.full(1000, 0.1)).m2 == 0.0


def test_one_constant_arm_is_enough_variance_in_the_other() -> None:
    """With no event in control the standard error is the treated arm's, df too."""
    c = welch(Moments(10, 0.4, 2.4), Moments(20, 0.0, 0.0))
    assert (c.se, c.df) == pytest.approx((math.sqrt(2.4 / 9 / 10), 9.0))


@pytest.mark.parametrize(
    ("treated", "control", "reason"),
    [
        (Moments(1, 3.0, 0.0), Moments(5, 1.0, 2.0), "too_few"),
        (Moments(5, 3.0, 2.0), Moments(0, 0.0, 0.0), "too_few"),
        (Moments(5, 3.0, 0.0), Moments(5, 1.0, 0.0), "zero_variance"),
    ],
)
@pytest.mark.parametrize("estimator", [welch, log_ratio])
def test_one_unit_or_no_variance_gives_no_estimate(
    treated: Moments, control: Moments, reason: str, estimator: object
) -> None:
    """One unit in an arm, none at all, or no variance is named, not NaN."""
    assert callable(estimator)
    with pytest.raises(Degenerate) as caught:
        estimator(treated, control)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("treated", "control"),
    [
        (Moments(100, 5.0, 99.0), Moments(100, 0.9, 99.0)),
        (Moments(100, -1.0, 99.0), Moments(100, 5.0, 99.0)),
        (Moments(100, 5.0, 99.0), Moments(100, -5.0, 99.0)),
    ],
)
def test_relative_scale_needs_a_mean_away_from_zero(treated: Moments, control: Moments) -> None:
    """A control mean below ten standard errors, or a mean below zero, has no relative lift."""
    with pytest.raises(Degenerate) as caught:
        log_ratio(treated, control)
    assert caught.value.reason == "near_zero_mean"
    assert welch(treated, control).se > 0


def test_ten_standard_errors_is_the_line() -> None:
    """A control mean of 10.01 standard errors has a relative lift, one of 9.99 has none."""
    treated = Moments.from_summary(100, 12.0, 100.0)
    assert log_ratio(treated, Moments.from_summary(100, 10.01, 100.0)).theta > 0
    with pytest.raises(Degenerate):
        log_ratio(treated, Moments.from_summary(100, 9.99, 100.0))


def test_sums_no_data_can_have_are_refused() -> None:
    """A negative count or square and a NaN are faults of the caller."""
    for n, m2 in ((-1, 1.0), (2, -1.0)):
        with pytest.raises(ValueError, match="negative"):
            Moments(n, 0.0, m2)
    with pytest.raises(Degenerate) as caught:
        Moments.from_sums(3, math.nan, 1.0)
    assert caught.value.reason == "not_finite"


def test_satterthwaite_lies_between_the_smaller_df_and_the_sum() -> None:
    """Equal parts add their df; a part of zero leaves the other's."""
    assert satterthwaite((2.0, 2.0), (7, 7)) == pytest.approx(14.0)
    assert satterthwaite((2.0, 0.0), (7, 90)) == pytest.approx(7.0)
