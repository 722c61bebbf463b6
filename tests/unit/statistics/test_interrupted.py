"""Interrupted series: California alone as published, the likelihood on a grid, too narrow intervals."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from pytest import approx  # noqa: PT013

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.interrupted import RestrictedLikelihood, interrupted_series, placebo_ratios
from headway.statistics.synthetic import OneTreated

from .interrupted_worlds import covered


def wavy(points: int = 30, starts: int = 20, effect: float = -5.0, memory: float = 0.5) -> FloatArray:
    """A rising trend with AR(1) errors, and a drop from `starts` on."""
    draw = np.random.default_rng(7)
    error = draw.normal(size=points)
    for t in range(1, points):
        error[t] += memory * error[t - 1]
    return 20 + 0.3 * np.arange(points) + effect * (np.arange(points) >= starts) + error


def design(points: int, starts: int) -> FloatArray:
    """Constant, time, step, and time since the step."""
    t = np.arange(points, dtype=float)
    after = t >= starts
    return np.stack([np.ones(points), t, after, (t - (starts - 1)) * after], axis=1)


class TestCaliforniaAlone:
    """Nothing but the state's own packs: a number that must not be believed."""

    def test_the_effect_is_the_printed_one(self, prop99: OneTreated) -> None:
        """-16.93 with error 6.23, and a memory at the border of its range."""
        found = interrupted_series(prop99.treated, 19)
        assert found.contrast.theta == approx(-16.93, abs=0.005)
        assert found.contrast.se == approx(6.23, abs=0.005)
        assert found.contrast.df == 27
        assert found.at_border

    def test_made_up_dates_show_as_much(self, prop99: OneTreated) -> None:
        """1978, 80, 82 and 84 give -22.4, -16.3, -14.4, -10.8: the series was falling anyway."""
        found = interrupted_series(prop99.treated, 19)
        assert [1970 + at for at, _ in found.placebos] == [1978, 1980, 1982, 1984]
        assert [effect for _, effect in found.placebos] == approx([-22.4, -16.3, -14.4, -10.8], abs=0.06)
        assert found.drifts


def test_the_restricted_likelihood_is_that_of_the_dense_matrices() -> None:
    """At every memory it equals the formula written out with V inverted, up to the same constant."""
    y, x = wavy(), design(30, 20)
    distance = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    for memory in (-0.9, -0.3, 0.0, 0.4, 0.8, 0.949):
        v = memory**distance / (1 - memory**2)
        inverse = np.linalg.inv(v)
        cross = x.T @ inverse @ x
        beta = np.linalg.solve(cross, x.T @ inverse @ y)
        rss = float((y - x @ beta) @ inverse @ (y - x @ beta))
        dense = np.linalg.slogdet(v)[1] + np.linalg.slogdet(cross)[1] + 26 * np.log(rss)
        found = RestrictedLikelihood(y, x).at(np.array([memory]))
        assert found == approx([-dense / 2], abs=1e-9)


def test_no_memory_on_a_fine_grid_is_likelier() -> None:
    """Of 3,801 memories none has a higher likelihood than the one that was found."""
    for memory in (-0.4, 0.0, 0.5, 0.9):
        y, x = wavy(memory=memory), design(30, 20)
        likelihood, found = RestrictedLikelihood(y, x), interrupted_series(y, 20).memory
        best = likelihood.at(np.linspace(-0.95, 0.95, 3801)).max()
        assert likelihood.at(np.array([found]))[0] >= best - 1e-9


def test_statsmodels_gives_the_same_at_the_same_memory() -> None:
    """Generalised least squares with the matrix of the memory that was found."""
    y, x = wavy(), design(30, 20)
    found = interrupted_series(y, 20)
    distance = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    oracle = sm.GLS(y, x, sigma=found.memory**distance).fit()
    weights = np.array([0, 0, 1, 5.5])
    assert found.contrast.theta == approx(float(weights @ oracle.params), abs=1e-9)
    assert found.contrast.se == approx(float(np.sqrt(weights @ oracle.cov_params() @ weights)), abs=1e-9)
    assert found.counterfactual == approx(x[:, :2] @ oracle.params[:2], abs=1e-9)
    assert found.expected == approx(float((x[:, :2] @ oracle.params[:2])[20:].mean()), abs=1e-9)


def test_an_iterated_fit_of_another_kind_comes_near() -> None:
    """Statsmodels' GLSAR estimates the memory from residuals: the effect differs by less than an error."""
    y, x = wavy(points=120, starts=80), design(120, 80)
    found = interrupted_series(y, 80)
    oracle = sm.GLSAR(y, x, rho=1).iterative_fit(50)
    weights = np.array([0, 0, 1, 20.5])
    assert found.contrast.theta == approx(float(weights @ oracle.params), abs=found.contrast.se)
    assert found.memory == approx(float(oracle.model.rho[0]), abs=0.15)


def test_one_treated_point_has_no_slope() -> None:
    """A single point after: the step alone, with one degree of freedom more."""
    found = interrupted_series(wavy(starts=29), 29)
    assert found.contrast.df == 30 - 3


def test_a_level_and_a_trend_never_matter() -> None:
    """Whatever straight line is added, and in whatever unit, the effect is the same."""
    y = wavy()
    plain = interrupted_series(y, 20)
    moved = interrupted_series(1e6 + 3.0 * np.arange(30) + y, 20)
    assert moved.contrast.theta == approx(plain.contrast.theta, abs=1e-6)
    assert interrupted_series(y * 1e9, 20).contrast.theta == approx(plain.contrast.theta * 1e9, rel=1e-6)


def test_short_pasts_allow_no_made_up_dates() -> None:
    """Seven points before treatment are too few to cut in two; eight are enough."""
    assert interrupted_series(wavy(points=16, starts=7), 7).placebos == ()
    assert not interrupted_series(wavy(points=16, starts=7), 7).drifts
    assert len(interrupted_series(wavy(points=16, starts=8), 8).placebos) == 4


def test_a_past_without_error_shows_nothing() -> None:
    """Straight before, wavy after: made-up dates have no effect, and that is no fault."""
    y = np.append(np.arange(12.0), [3.0, 9.0, 4.0, 11.0])
    assert interrupted_series(y, 12).placebos == tuple((at, 0.0) for at in (5, 6, 8, 9))


def test_placebo_ratios_leave_each_donor_out_of_its_own_mean() -> None:
    """The ratio is the fit of a donor less the mean of the others; a perfect line counts as the largest."""
    donors = np.stack([wavy(effect=0.0), np.arange(30.0), np.arange(30.0) ** 2], axis=1)
    fitted = interrupted_series(donors[:, 0] - donors[:, 1:].mean(axis=1), 20).contrast
    assert placebo_ratios(donors, 20)[0] == approx(fitted.theta / fitted.se, abs=1e-9)
    lines = np.stack([np.arange(30.0), np.ones(30)], axis=1)
    assert placebo_ratios(lines, 20).tolist() == [np.inf, np.inf]


def test_intervals_are_too_narrow_where_errors_remember() -> None:
    """24 points, 150 series each: of 95 % about 92 % hold without memory, below 90 % at phi .8."""
    free, _ = covered(0.0, 24, 150)
    bound, border = covered(0.8, 24, 150)
    assert 0.87 < free < 0.98
    assert bound < 0.92
    assert border > 0.1


def test_what_allows_no_trend_is_refused() -> None:
    """Eleven points, one before, none after, NaN, and lines without error."""
    y = wavy()
    nan = np.where(np.arange(30) == 4, np.nan, y)
    for series, starts, reason in (
        (y[:11], 8, "too_few"),
        (y, 1, "too_few"),
        (y, 30, "too_few"),
        (nan, 20, "not_finite"),
        (np.zeros(30), 20, "zero_variance"),
        (np.arange(30.0), 20, "zero_variance"),
    ):
        with pytest.raises(Degenerate, match=reason):
            interrupted_series(series, starts)
