"""Cost per unit: its interval covers, and its line is that of a package nobody here wrote."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from headway.statistics.contrast import Degenerate
from headway.statistics.unit_ratio import line_of_periods, ratio_of_periods


def drawn(seed: int = 1) -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("spread", [0.1, 0.6])
def test_the_interval_covers_the_ratio_as_often_as_it_says(spread: float) -> None:
    """By the delta method and, where units vary much, by the bootstrap: 95 %, as 300 draws can tell."""
    covered = 0
    for seed in range(300):
        draw = drawn(seed)
        units = draw.gamma(1 / spread**2, spread**2 * 100, 60)
        found = ratio_of_periods(2.0 * units + draw.normal(0, 20, 60), units, drawn(seed + 1000))
        covered += found.low <= 2.0 <= found.high
    assert 0.90 <= covered / 300 <= 0.985


def test_the_line_and_its_errors_are_those_of_statsmodels() -> None:
    """Newey and West's errors over seven lags, with the small-sample factor n / (n - 2)."""
    draw = drawn()
    units = draw.uniform(50, 150, 60)
    cost = 30 + 0.7 * units + draw.normal(0, 3, 60)
    found = line_of_periods(cost, units)
    fitted = sm.OLS(cost, sm.add_constant(units)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}
    )
    assert (found.fixed, found.marginal) == pytest.approx(tuple(fitted.params))
    assert found.covariance == pytest.approx(fitted.cov_params())
    at_hundred = fitted.get_prediction([[1, 100]]).se_mean[0] / 100
    half = (found.at(100).high - found.at(100).low) / 2
    assert half / at_hundred == pytest.approx(2.0017, abs=1e-3)
    assert found.at(100).value == pytest.approx(30 / 100 + 0.7, abs=0.02)


def test_more_volume_costs_less_each_while_a_fixed_part_is_paid() -> None:
    """And never less than one more costs."""
    units = np.arange(60.0, 120.0)
    line = line_of_periods(30 + 0.7 * units, units)
    prices = [line.at(v).value for v in (10, 100, 1000, 1e9)]
    assert prices == sorted(prices, reverse=True)
    assert prices[-1] == pytest.approx(line.of_one_more().value, abs=1e-6)


@pytest.mark.parametrize(
    ("cost", "units", "reason"),
    [([1.0, 2.0], [1.0, 1.0], "too_few"), ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], "near_zero_mean")],
)
def test_too_few_periods_and_no_unit_make_no_ratio(
    cost: list[float], units: list[float], reason: str
) -> None:
    """Nothing is divided by nothing."""
    with pytest.raises(Degenerate) as found:
        ratio_of_periods(np.array(cost), np.array(units), drawn())
    assert found.value.reason == reason


@pytest.mark.parametrize(("units", "reason"), [(range(13), "too_few"), ([5] * 20, "zero_variance")])
def test_a_line_needs_fourteen_periods_that_differ(units: list[int], reason: str) -> None:
    """One number of units tells no slope."""
    chosen = np.array(units, dtype=float)
    with pytest.raises(Degenerate) as found:
        line_of_periods(chosen + 1, chosen)
    assert found.value.reason == reason


def test_few_periods_that_vary_much_are_resampled_one_by_one() -> None:
    """Weeks are kept whole only where there are four of them."""
    units = np.array([10.0, 100.0, 20.0, 90.0, 30.0])
    found = ratio_of_periods(2 * units, units, drawn())
    assert found.low == pytest.approx(2)
    assert found.high == pytest.approx(2)
