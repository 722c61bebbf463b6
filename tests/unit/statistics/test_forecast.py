"""Forecasts: plain, chosen by what they erred before, with bounds that hold as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from headway.statistics import forecast as under_test
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.forecast import (
    conformal_bound,
    forecast,
    mean_band,
    models_of,
    naive,
    season_and_trend,
    window_mean,
)
from headway.statistics.moving_blocks import block_bins, block_interval
from headway.statistics.newsvendor import best_level, covered_share, saving, used_share

DAY, WEEK = 24, 168


def world(seed: int, days: int = 42, growth: float = 0.0, memory: float = 0.5) -> FloatArray:
    """Hours that follow the day and the week, with errors that remember the hour before."""
    chance = np.random.default_rng(seed)
    hour = np.arange(DAY * days)
    cycle = 100 * (1 + 0.5 * np.sin(2 * np.pi * hour / DAY)) * np.where(hour // DAY % 7 >= 5, 0.6, 1.0)
    errors = chance.normal(0, 10, hour.size)
    for i in range(1, hour.size):
        errors[i] += memory * errors[i - 1]
    return np.asarray(cycle + growth * hour + errors)


def test_a_week_that_repeats_is_what_was_a_week_ago() -> None:
    """Without noise the naive week has no error, and is kept before the model that has none either."""
    made = forecast(np.tile(np.arange(float(WEEK)), 8), DAY, 0.9, models_of(DAY, WEEK))
    assert made.model == "naive-168"
    assert made.errors["naive-168"] == 0.0
    assert made.values.tolist() == made.high.tolist() == list(range(DAY))


def test_a_flat_series_with_noise_is_its_mean() -> None:
    """Repeating yesterday's noise errs by half more than the mean does."""
    made = forecast(np.random.default_rng(1).normal(100, 10, DAY * 20), DAY, 0.9, models_of(DAY))
    assert made.model in ("mean-24", "season+trend")
    assert made.errors["mean-24"] < made.errors["naive-24"] / 1.2


def test_growth_is_seen_by_the_model_with_a_trend() -> None:
    """A season on a slope: only the last model follows both."""
    hour = np.arange(DAY * 30)
    series = 200 + 2.0 * hour + 30 * np.sin(2 * np.pi * hour / DAY)
    assert forecast(series, DAY, 0.9, models_of(DAY)).model == "season+trend"


@pytest.mark.parametrize("smoothing", [(0.01, 0.001, 0.3), (0.3, 0.03, 0.1)])
def test_season_and_trend_is_holt_and_winters(smoothing: tuple[float, float, float]) -> None:
    """The same numbers as statsmodels with the same smoothing, damping and start."""
    series = world(3, days=20)
    _, ours = under_test._smoothed(series, 30, DAY, smoothing)  # noqa: SLF001  the grid is not under test
    level = float(series[:DAY].mean())
    theirs = ExponentialSmoothing(
        series[DAY:],
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=DAY,
        initialization_method="known",
        initial_level=level,
        initial_trend=0.0,
        initial_seasonal=series[:DAY] - level,
    ).fit(
        smoothing_level=smoothing[0],
        # Theirs multiplies the error by it alone, ours by both.
        smoothing_trend=smoothing[1],
        smoothing_seasonal=smoothing[2],
        damping_trend=under_test.DAMPING,
        optimized=False,
    )
    # They leave the last observation out of the season of its own hour.
    own = theirs.forecast(30)
    own[DAY - 1] += smoothing[2] * theirs.resid[-1]
    assert ours == pytest.approx(own, rel=1e-6)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_bounds_hold_as_often_as_they_say(level: float) -> None:
    """Over 60 worlds the share of coming hours below the bound is its level, within four points."""
    below, above, hours = 0, 0, 0
    for seed in range(60):
        series = world(seed, days=35)
        made = forecast(series[:-DAY], DAY, level, models_of(DAY, WEEK))
        below += int((series[-DAY:] <= made.high).sum())
        above += int((series[-DAY:] >= made.low).sum())
        hours += DAY
    assert below / hours == pytest.approx(level, abs=0.04)
    assert above / hours == pytest.approx(level, abs=0.04)


def test_the_band_of_a_mean_holds_and_is_far_narrower() -> None:
    """What a week brings in all is surer than each of its days."""
    held, narrower = 0, 0
    for seed in range(80):
        daily = world(seed, days=70).reshape(-1, DAY).mean(axis=1)
        band = mean_band(daily[:-14], 14, 0.9, models_of(7))
        held += int(band.low[0] <= daily[-14:].mean() <= band.high[0])
        each = forecast(daily[:-14], 14, 0.9, models_of(7), origins=2)
        narrower += int((band.high - band.low)[0] < (each.high - each.low)[0])
    assert held / 80 >= 0.70
    assert narrower / 80 >= 0.95


def test_a_model_that_history_is_too_short_for_takes_no_part() -> None:
    """Eight days know no second week; less than a day knows nothing."""
    made = forecast(world(1, days=8), DAY, 0.9, models_of(DAY, WEEK))
    assert "season+trend" not in made.errors
    with pytest.raises(Degenerate, match="to forecast 24 from"):
        forecast(world(1, days=1), DAY, 0.9, models_of(DAY))


def test_what_cannot_be_forecast_is_refused() -> None:
    """A hole in the series, and a level that is no chance."""
    series = world(1, days=8)
    with pytest.raises(ValueError, match=r"level 1\.2"):
        forecast(series, DAY, 1.2, models_of(DAY))
    series[3] = np.nan
    with pytest.raises(Degenerate, match="NaN"):
        forecast(series, DAY, 0.9, models_of(DAY))


def test_a_series_of_noughts_stays_nought() -> None:
    """No error can be a share of nothing: all models tie, and the simplest is taken."""
    made = forecast(np.zeros(DAY * 10), DAY, 0.9, models_of(DAY))
    assert (made.model, made.high.max()) == ("naive-24", 0.0)
    spike = np.zeros(DAY * 10)
    spike[:DAY] = 5.0
    assert forecast(spike, DAY, 0.9, models_of(DAY), origins=9).errors["naive-24"] == np.inf


def test_models_by_hand() -> None:
    """A season ago, a mean, and a season with the trend of a straight line."""
    line = np.arange(12.0)
    assert naive(line, 5, 3).tolist() == [9.0, 10.0, 11.0, 9.0, 10.0]
    assert window_mean(line, 2, 4).tolist() == [9.5, 9.5]
    assert season_and_trend(np.tile([1.0, 3.0], 6), 3, 2) == pytest.approx([1.0, 3.0, 1.0], abs=1e-6)


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=60), st.floats(0.05, 0.95))
def test_a_conformal_bound_has_its_share_below_it(errors: list[float], level: float) -> None:
    """At least `level` of the errors lie at or below it, wherever it is not the largest of them."""
    bound = conformal_bound(np.array(errors), level)
    assert bound == max(errors) or np.mean(np.array(errors) <= bound) >= level


demands = st.lists(st.integers(0, 40).map(float), min_size=1, max_size=60).map(np.array)


@given(demands, st.sampled_from([0.05, 0.28, 0.4, 0.5, 0.6, 0.72, 0.99]))
def test_the_best_level_is_what_brute_force_finds(demand: FloatArray, discount: float) -> None:
    """No level in steps of a hundredth saves more, to four decimals."""
    if not demand.sum():
        assert best_level(demand, discount) == 0.0
        return
    tried = np.arange(0, 100 * int(demand.max()) + 1) / 100
    brute = max(saving(float(level), demand, discount) for level in tried)
    assert saving(best_level(demand, discount), demand, discount) == pytest.approx(brute, abs=1e-4)


def test_what_a_commitment_saves_by_hand() -> None:
    """Two of three at half price: use, cover and saving; of no demand nothing can be saved."""
    demand = np.array([1.0, 2.0, 3.0])
    assert saving(2.0, demand, 0.5) == pytest.approx(1 - (3 + 1) / 6)
    assert used_share(2.0, demand) == pytest.approx(5 / 6)
    assert covered_share(2.0, demand) == pytest.approx(5 / 6)
    assert (used_share(0.0, demand), covered_share(1.0, np.zeros(2))) == (1.0, 0.0)
    assert (saving(0.0, np.zeros(2), 0.5), saving(1.0, np.zeros(2), 0.5)) == (0.0, -np.inf)


def test_blocks_hold_a_day_where_there_are_five() -> None:
    """Of short histories an hour, and at least ten bins; never more than there are."""
    assert block_bins(5 * 288, 300) == 288
    assert block_bins(4 * 288, 300) == 12
    assert block_bins(100, 900) == 10
    assert block_bins(4, 900) == 4


def test_intervals_of_blocks_cover_what_remembers() -> None:
    """Of 200 series whose neighbours resemble, four in five hold the mean; of single bins, few."""
    held, alone = 0, 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        errors = chance.normal(0, 1, 720)
        for i in range(1, 720):
            errors[i] += 0.9 * errors[i - 1]
        rows = np.column_stack([errors + 50, np.ones(720)])
        low, high = block_interval(rows, lambda s: s[:, 0] / s[:, 1], 60, draws=400)
        held += int(low <= 50 <= high)
        low, high = block_interval(rows, lambda s: s[:, 0] / s[:, 1], 1, draws=400)
        alone += int(low <= 50 <= high)
    assert held >= 160
    assert alone <= 130


def test_a_block_must_fit() -> None:
    """More rows than there are cannot be drawn together."""
    with pytest.raises(ValueError, match="a block of 4 rows out of 3"):
        block_interval(np.ones((3, 1)), lambda s: s[:, 0], 4)
