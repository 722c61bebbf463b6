"""Contrasts obey their laws: arms swap, rows shuffle, units change, nothing else moves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx  # noqa: PT013

from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Contrast, FloatArray
from headway.statistics.covariates import CrossMoments, cuped, lin
from headway.statistics.means import Moments, log_ratio, welch
from headway.statistics.power import units_to_settle
from headway.statistics.sequential import boundary, log_e_two_sided

seeds = st.integers(0, 2**32 - 1)


def arms(seed: int) -> tuple[FloatArray, FloatArray]:
    """Two arms of outcome and two covariates, well above zero."""
    rng = np.random.default_rng(seed)
    n_t, n_c = rng.integers(12, 60, 2).tolist()
    return rng.normal(50, 4, (n_t, 3)), rng.normal(48, 5, (n_c, 3))


def moments(z: FloatArray, shift: float = 0.0) -> Moments:
    """Moments of the outcome from shifted sums."""
    y = z[:, 0] - shift
    return Moments.from_sums(y.size, float(y.sum()), float(y @ y), shift)


def crossed(z: FloatArray) -> CrossMoments:
    """Cross-moments of all columns."""
    return CrossMoments.from_sums(len(z), z.sum(axis=0), z.T @ z, np.zeros(z.shape[1]))


def estimates(treated: FloatArray, control: FloatArray) -> list[Contrast]:
    """Welch, log ratio, Lin, CUPED and CR2 on the same rows."""
    pairs = moments(treated), moments(control)
    crosses = crossed(treated), crossed(control)
    z = np.vstack([treated, control])
    arm = np.repeat([1.0, 0.0], [len(treated), len(control)])
    labels = np.concatenate([np.arange(len(treated)) % 5, 5 + np.arange(len(control)) % 6])
    design = np.column_stack([np.ones(len(z)), arm, z[:, 1:]])
    clustered = fit(ClusterSums.from_rows(design, z[:, 0], labels)).contrast(np.eye(4)[1])
    return [welch(*pairs), log_ratio(*pairs), lin(*crosses), cuped(*crosses), clustered]


def alike(a: Contrast, b: Contrast, sign: float = 1.0) -> bool:
    """Equal up to rounding."""
    return bool(
        a.theta == approx(sign * b.theta, rel=1e-7, abs=1e-9)
        and a.se == approx(b.se, rel=1e-7)
        and a.df == approx(b.df, rel=1e-6)
    )


@given(seeds)
def test_swapping_arms_flips_the_sign(seed: int) -> None:
    """Exchanged arms give the same size, error and df with the other sign."""
    treated, control = arms(seed)
    pairs = zip(estimates(treated, control)[:4], estimates(control, treated)[:4], strict=True)
    assert all(alike(a, b, -1.0) for a, b in pairs)


@given(seeds)
def test_swapping_labels_flips_the_clustered_sign(seed: int) -> None:
    """A clustered contrast against the other label is its mirror image."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(8), 4)
    arm = label % 2.0
    y = rng.normal(size=32) + rng.normal(size=8)[label]
    one, other = (
        fit(ClusterSums.from_rows(np.column_stack([np.ones(32), d]), y, label)).contrast(np.array([0.0, 1.0]))
        for d in (arm, 1 - arm)
    )
    assert alike(one, other, -1.0)


@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    """Shuffled rows give the same means, adjusted means and ratios."""
    treated, control = arms(seed)
    rng = np.random.default_rng(seed)
    shuffled = estimates(rng.permutation(treated), rng.permutation(control))[:4]
    assert all(alike(a, b) for a, b in zip(estimates(treated, control)[:4], shuffled, strict=True))


@given(seeds, st.floats(1e-3, 1e3))
def test_a_unit_scales_the_difference_and_leaves_the_ratio(seed: int, factor: float) -> None:
    """Hours or minutes: the difference scales, the relative lift stays."""
    treated, control = arms(seed)
    plain, scaled = estimates(treated, control), estimates(treated * factor, control * factor)
    for position in (0, 2, 3, 4):
        assert alike(plain[position].scaled_by(factor), scaled[position])
    assert alike(plain[1], scaled[1])


@given(seeds, st.sampled_from([1e9, 3.7e9, -1e9]))
def test_a_shift_keeps_eight_digits(seed: int, offset: float) -> None:
    """Values of 1e9 plus noise, summed after a shift, keep eight digits of error and df."""
    treated, control = (z.round(6) for z in arms(seed))
    far = welch(moments(treated + offset, offset + 45), moments(control + offset, offset + 45))
    # Storing a value near 1e9 rounds it; taking the offset off again is exact.
    stored = [z[:, 0] + offset - offset for z in (treated, control)]
    near = welch(*(Moments.from_summary(y.size, y.mean(), y.var(ddof=1)) for y in stored))
    # The two means are doubles near 1e9 themselves, so their difference keeps their last place.
    assert far.theta == approx(near.theta, abs=2 * np.spacing(abs(offset)))
    assert (far.se, far.df) == approx((near.se, near.df), rel=1e-8)


@given(st.floats(0.5, 1e6), st.floats(0.05, 50), st.floats(1e-6, 0.5))
def test_the_boundary_inverts_the_e_value(df: float, r: float, alpha: float) -> None:
    """Where a boundary exists, the e-value there is exactly 1/alpha."""
    t = boundary(df, r, alpha)
    if t < 1e8:
        assert log_e_two_sided(t, df, r) == approx(-np.log(alpha), rel=1e-7)
    else:
        assert log_e_two_sided(1e6, df, r) < -np.log(alpha)


@given(st.integers(1, 10**6), st.floats(0.01, 10), st.floats(0.01, 10))
def test_more_distance_needs_fewer_units(n: int, half_width: float, distance: float) -> None:
    """An estimate farther from its bound never needs more units."""
    near, far = units_to_settle(n, half_width, distance), units_to_settle(n, half_width, 2 * distance)
    assert near is None or (far is not None and far <= near <= 100 * n)
