"""Ratios of sums: the unit is drawn, so the error comes from units and not from denominators."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tt

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments
from headway.statistics.means import Moments, welch
from headway.statistics.ratios import paired_log_ratio, ratio_cuped, ratio_of_sums


def shop(seed: int, lift: float = 0.0, n: int = 800) -> FloatArray:
    """Spend and orders of each visitor, during and before."""
    rng = np.random.default_rng(seed)
    worth = rng.lognormal(3, 0.4, n)
    orders, earlier = (1.0 + rng.poisson(2, n) for _ in range(2))
    spend = worth * np.exp(lift) * orders * rng.lognormal(0, 0.2, n)
    return np.column_stack([spend, orders, worth * earlier * rng.lognormal(0, 0.2, n), earlier])


def crossed(z: FloatArray) -> CrossMoments:
    """Cross-moments of all columns."""
    return CrossMoments.from_sums(len(z), z.sum(axis=0), z.T @ z, np.zeros(z.shape[1]))


TREATED, CONTROL = shop(1, 0.1), shop(2)


def oracle(covariates: tuple[str | None, str | None]) -> dict[str, float]:
    """What tea-tasting says of the same rows."""
    both = np.vstack([CONTROL, TREATED])
    names = ("spend", "orders", "spend_before", "orders_before")
    table = pa.table({name: both[:, i] for i, name in enumerate(names)})
    table = table.append_column("variant", pa.array(np.repeat([0, 1], [len(CONTROL), len(TREATED)])))
    metric = tt.RatioOfMeans("spend", "orders", *covariates, use_t=True, equal_var=False)
    return dict(tt.Experiment(m=metric).analyze(table)["m"]._asdict())


def test_the_delta_method_is_that_of_an_independent_library() -> None:
    """tea-tasting on the rows gives the same difference, interval and p-value."""
    found = ratio_of_sums(crossed(TREATED[:, :2]), crossed(CONTROL[:, :2]))
    expected = oracle((None, None))
    assert found.theta == pytest.approx(expected["effect_size"], rel=1e-9)
    assert found.interval(0.95) == pytest.approx(
        (expected["effect_size_ci_lower"], expected["effect_size_ci_upper"]), rel=1e-8
    )
    assert found.p_value() == pytest.approx(expected["pvalue"], rel=1e-6)


def test_four_columns_adjust_a_ratio_by_what_it_was_before() -> None:
    """tea-tasting with both covariates gives the same, and the interval narrows by a fifth."""
    found = ratio_cuped(crossed(TREATED), crossed(CONTROL))
    plain = ratio_of_sums(crossed(TREATED[:, :2]), crossed(CONTROL[:, :2]))
    expected = oracle(("spend_before", "orders_before"))
    assert found.theta == pytest.approx(expected["effect_size"], rel=1e-3)
    assert found.p_value() == pytest.approx(expected["pvalue"], rel=1e-2)
    assert found.se < 0.8 * plain.se


def test_with_every_denominator_one_it_is_the_difference_of_means() -> None:
    """Spend per visitor, as a ratio, is Welch's comparison."""
    z = [np.column_stack([rows[:, 0], np.ones(len(rows))]) for rows in (TREATED, CONTROL)]
    found = ratio_of_sums(crossed(z[0]), crossed(z[1]))
    plain = welch(*(Moments.from_sums(len(r), float(r[:, 0].sum()), float(r[:, 0] @ r[:, 0])) for r in z))
    assert (found.theta, found.se, found.df) == pytest.approx((plain.theta, plain.se, plain.df))


def test_the_log_scale_is_the_relative_lift() -> None:
    """Ln of the ratio of both ratios, its error each arm's relative error."""
    arms = crossed(TREATED[:, :2]), crossed(CONTROL[:, :2])
    found, parts = ratio_of_sums(*arms, scale="log"), 0.0
    for rows in (TREATED, CONTROL):
        ratio = rows[:, 0].sum() / rows[:, 1].sum()
        parts += (rows[:, 0] / ratio - rows[:, 1]).var(ddof=1) / len(rows) / rows[:, 1].mean() ** 2
    assert found.theta == pytest.approx(
        math.log(TREATED[:, 0].sum() / TREATED[:, 1].sum() * CONTROL[:, 1].sum() / CONTROL[:, 0].sum())
    )
    assert found.se == pytest.approx(math.sqrt(parts))


def test_a_ratio_before_that_never_varied_changes_nothing() -> None:
    """Nothing is foretold by a ratio that was the same for every unit."""
    same = [np.column_stack([z[:, :2], 20 * z[:, 3], z[:, 3]]) for z in (TREATED, CONTROL)]
    found = ratio_cuped(crossed(same[0]), crossed(same[1]))
    plain = ratio_of_sums(crossed(same[0][:, :2]), crossed(same[1][:, :2]))
    assert (found.theta, found.se) == pytest.approx((plain.theta, plain.se))


def test_pairs_share_what_moves_both() -> None:
    """Two arms measured together are compared far sharper than apart."""
    rng = np.random.default_rng(5)
    day = rng.normal(100, 20, 400)
    z = np.column_stack([1.1 * day + rng.normal(0, 1, 400), day + rng.normal(0, 1, 400)])
    found = paired_log_ratio(crossed(z))
    assert found.theta == pytest.approx(math.log(1.1), abs=3 * found.se)
    assert found.se < 0.001
    assert found.df == 399


def case(*rows: tuple[float, ...]) -> CrossMoments:
    """A few rows of an arm."""
    return crossed(np.array(rows))


@pytest.mark.parametrize(
    ("treated", "control", "scale", "reason"),
    [
        (case((1.0, 1.0)), case((1.0, 1.0), (2.0, 1.0)), "absolute", "too_few"),
        (case((1.0, 1.0), (1.0, -1.0)), case((1.0, 1.0), (2.0, 1.0)), "absolute", "near_zero_mean"),
        (case((-1.0, 1.0), (-2.0, 1.0)), case((1.0, 1.0), (2.0, 1.0)), "log", "near_zero_mean"),
        (case((2.0, 1.0), (2.0, 1.0)), case((1.0, 1.0), (1.0, 1.0)), "absolute", "zero_variance"),
    ],
)
def test_a_ratio_of_nothing_is_refused(
    treated: CrossMoments, control: CrossMoments, scale: str, reason: str
) -> None:
    """One unit, a denominator about zero, a negative ratio in logs and no variance: each by its reason."""
    with pytest.raises(Degenerate) as found:
        ratio_of_sums(treated, control, scale)  # type: ignore[arg-type]
    assert found.value.reason == reason


def test_the_columns_must_be_those_of_the_estimator() -> None:
    """Two columns for a ratio, four with the time before; a denominator before must be above zero."""
    with pytest.raises(ValueError, match="4 columns where 2 belong"):
        ratio_of_sums(crossed(TREATED), crossed(CONTROL))
    negative = [np.column_stack([z[:, :3], -z[:, 3]]) for z in (TREATED, CONTROL)]
    with pytest.raises(Degenerate, match="denominator before"):
        ratio_cuped(crossed(negative[0]), crossed(negative[1]))
