"""Regression adjustment from cross-moments equals the regression on rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import tea_tasting as tt

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments, cuped, lin
from headway.statistics.means import Moments, welch


def crossed(z: FloatArray, shift: FloatArray | None = None) -> CrossMoments:
    """Cross-moments from shifted sums, as an engine returns them."""
    c = np.zeros(z.shape[1]) if shift is None else shift
    return CrossMoments.from_sums(len(z), (z - c).sum(axis=0), (z - c).T @ (z - c), c)


def experiment(seed: int = 1, p: int = 3) -> tuple[FloatArray, FloatArray]:
    """Two arms of (y, x1 .. xp) whose slopes differ by arm."""
    rng = np.random.default_rng(seed)
    arms = []
    for n, lift in ((140, 0.5), (90, 0.0)):
        x = rng.normal(size=(n, p)) * [1.0, 1e4, 1e-3][:p]
        y = lift + x @ (np.array([0.8, 1e-4, 300.0])[:p] * (1 + lift)) + rng.normal(size=n)
        arms.append(np.column_stack([y, x]))
    return arms[0], arms[1]


def test_lin_is_the_interacted_regression() -> None:
    """The estimate is the treatment coefficient of OLS with centred, interacted covariates."""
    treated, control = experiment()
    z = np.vstack([treated, control])
    arm = np.repeat([1.0, 0.0], [len(treated), len(control)])
    x = (z[:, 1:] - z[:, 1:].mean(axis=0)) / z[:, 1:].std(axis=0)
    ols = sm.OLS(z[:, 0], np.column_stack([np.ones(len(z)), arm, x, x * arm[:, None]])).fit()
    c = lin(crossed(treated), crossed(control))
    assert c.theta == pytest.approx(ols.params[1], rel=1e-10)
    assert c.df == len(z) - 2 * 4 == ols.df_resid
    # HC2 and the sums form estimate the same variance up to the centring term.
    hc2 = ols.get_robustcov_results("HC2").bse[1]
    assert c.se == pytest.approx(hc2, rel=0.15)


def test_lin_variance_is_two_regressions_and_the_price_of_the_common_centre() -> None:
    """Per arm residual variance over n, plus the slope gap's variance at the pooled mean."""
    treated, control = experiment(seed=2)
    fits = [sm.OLS(z[:, 0], sm.add_constant(z[:, 1:])).fit() for z in (treated, control)]
    gap = fits[0].params[1:] - fits[1].params[1:]
    pooled = np.cov(np.vstack([treated, control])[:, 1:], rowvar=False)
    total = sum(f.mse_resid / f.nobs for f in fits) + gap @ pooled @ gap / 230
    assert lin(crossed(treated), crossed(control)).se ** 2 == pytest.approx(total, rel=1e-9)


def test_lin_intervals_cover() -> None:
    """Over 3,000 seeded experiments of 100 units the 95 % interval covers in 93.5 to 96.5 %."""
    rng = np.random.default_rng(17)
    hits = 0
    for _ in range(3000):
        x = rng.exponential(size=(100, 2))
        y0 = x @ [1.0, -0.5] + rng.normal(size=100)
        y1 = y0 + 0.3 + 0.6 * (x[:, 0] - 1.0)
        t = np.zeros(100, dtype=bool)
        t[rng.choice(100, 40, replace=False)] = True
        treated, control = np.column_stack([y1, x])[t], np.column_stack([y0, x])[~t]
        low, high = lin(crossed(treated), crossed(control)).interval(0.95)
        hits += low <= 0.3 <= high
    assert 0.935 <= hits / 3000 <= 0.965


def test_cuped_is_welch_on_adjusted_rows() -> None:
    """CUPED equals Welch on y - b (x - mean) with the pooled within-arm slope."""
    treated, control = experiment(seed=3, p=1)
    centred = [z - z.mean(axis=0) for z in (treated, control)]
    slope = sum(z[:, 0] @ z[:, 1] for z in centred) / sum(z[:, 1] @ z[:, 1] for z in centred)
    adjusted = [z[:, 0] - slope * z[:, 1] for z in (treated, control)]
    rows = welch(*(Moments.from_summary(y.size, y.mean(), y.var(ddof=1)) for y in adjusted))
    c = cuped(crossed(treated), crossed(control))
    assert (c.theta, c.se, c.df) == pytest.approx((rows.theta, rows.se, rows.df), rel=1e-10)


def test_cuped_agrees_with_tea_tasting() -> None:
    """Tea-tasting's slope also uses variation between arms; the contrast agrees within 1 %."""
    treated, control = experiment(seed=4, p=1)
    frame = pd.DataFrame(np.vstack([treated, control]), columns=["y", "x"])
    frame["variant"] = np.repeat([1, 0], [len(treated), len(control)])
    oracle = tt.Experiment(y=tt.Mean("y", covariate="x")).analyze(frame)["y"]
    c = cuped(crossed(treated), crossed(control))
    low, high = c.interval(0.95)
    assert c.theta == pytest.approx(oracle.effect_size, rel=0.01)
    assert high - low == pytest.approx(oracle.effect_size_ci_upper - oracle.effect_size_ci_lower, rel=0.01)


def test_a_covariate_pays_with_its_squared_correlation() -> None:
    """The variance with a covariate of correlation rho is (1 - rho^2) of the variance without."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=20_000)
    y = 0.8 * x + 0.6 * rng.normal(size=20_000)
    z = np.column_stack([y, x])
    t, c = crossed(z[:10_000]), crossed(z[10_000:])
    plain = welch(*(Moments(m.n, float(m.mean[0]), float(m.scatter[0, 0])) for m in (t, c)))
    assert (cuped(t, c).se / plain.se) ** 2 == pytest.approx(1 - 0.64, abs=0.02)


@pytest.mark.parametrize("estimator", [lin, cuped])
def test_a_constant_or_copied_covariate_changes_nothing(estimator: object) -> None:
    """A column of 0.1 and a copy in another unit leave estimate, error and df as they were."""
    assert callable(estimator)
    arms = experiment(seed=8, p=2)
    padded = [np.column_stack([z, np.full(len(z), 0.1), z[:, 1] * 1000 + 5]) for z in arms]
    plain, more = estimator(*map(crossed, arms)), estimator(*map(crossed, padded))
    assert (more.theta, more.se, more.df) == pytest.approx((plain.theta, plain.se, plain.df), rel=1e-7)


@pytest.mark.parametrize("estimator", [lin, cuped])
def test_without_covariates_it_is_the_plain_difference(estimator: object) -> None:
    """With y alone both give the difference of means and Welch's standard error."""
    assert callable(estimator)
    arms = [z[:, :1] for z in experiment(seed=9)]
    plain = welch(*(Moments.from_summary(len(z), z.mean(), z.var(ddof=1)) for z in arms))
    c = estimator(*map(crossed, arms))
    assert (c.theta, c.se) == pytest.approx((plain.theta, plain.se), rel=1e-12)


def test_a_far_shift_keeps_its_digits() -> None:
    """Columns near 1e9 summed with a shift give the same adjusted difference."""
    arms = experiment(seed=10, p=1)
    far = [crossed(z + 1e9, np.full(2, 1e9)) for z in arms]
    near = [crossed(z) for z in arms]
    assert lin(far[0], far[1]).theta == pytest.approx(lin(near[0], near[1]).theta, rel=1e-6)
    assert lin(far[0], far[1]).se == pytest.approx(lin(near[0], near[1]).se, rel=1e-6)


def test_too_few_units_are_named() -> None:
    """Four units cannot carry three covariates; one unit cannot carry any."""
    treated, control = experiment()
    with pytest.raises(Degenerate) as caught:
        lin(crossed(treated[:4]), crossed(control))
    assert caught.value.reason == "too_few"
    with pytest.raises(Degenerate) as caught:
        cuped(crossed(treated[:1]), crossed(control))
    assert caught.value.reason == "too_few"


@pytest.mark.parametrize("estimator", [lin, cuped])
def test_an_outcome_its_covariates_explain_exactly_has_no_error(estimator: object) -> None:
    """When y is a copy of x there is no variance left, and that is said."""
    assert callable(estimator)
    rng = np.random.default_rng(12)
    arms = [np.column_stack([x, x]) for x in rng.normal(size=(2, 40))]
    with pytest.raises(Degenerate) as caught:
        estimator(*map(crossed, arms))
    assert caught.value.reason == "zero_variance"


def test_shapes_and_numbers_must_fit() -> None:
    """Arms with different covariates, a wrong shape and a NaN are refused."""
    treated, control = experiment()
    for estimator in (lin, cuped):
        with pytest.raises(ValueError, match="covariates"):
            estimator(crossed(treated), crossed(control[:, :2]))
    with pytest.raises(ValueError, match="do not fit"):
        CrossMoments(3, np.zeros(2), np.zeros((3, 3)))
    with pytest.raises(Degenerate):
        CrossMoments(3, np.array([np.nan]), np.zeros((1, 1)))
