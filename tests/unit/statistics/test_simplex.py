"""Shares that come nearest: against two solvers nobody here wrote, and where optima tie."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize, nnls

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.simplex import nearest_shares


def lawson_hanson(columns: FloatArray, target: FloatArray) -> float:
    """The same distance by non-negative least squares: a row of ones makes the cone a hull."""
    points = columns - target[:, None]
    size = float(np.sqrt((points**2).sum(axis=0).max()))
    lifted = np.vstack([points / size, np.ones(points.shape[1])])
    weights, _ = nnls(lifted, np.append(np.zeros(target.size), 1.0), maxiter=10_000)
    return float(np.linalg.norm(points @ (weights / weights.sum())))


def scenes(count: int) -> list[tuple[FloatArray, FloatArray]]:
    """Few and many donors, inside and outside the hull, a third of them with a donor twice."""
    draw = np.random.default_rng(1)
    made = []
    for at in range(count):
        columns = draw.normal(size=(draw.integers(1, 12), draw.integers(1, 20)))
        if at % 3 == 0:
            columns = np.concatenate([columns, columns[:, :1]], axis=1)
        made.append((columns, draw.normal(size=len(columns)) * draw.choice([0.2, 1.0, 3.0])))
    return made


def test_no_mixture_comes_nearer() -> None:
    """Over 300 random panels the distance is that of Lawson and Hanson's solver, and shares are shares."""
    for columns, target in scenes(300):
        found = nearest_shares(columns, target)
        assert found.weights.min() >= 0
        assert found.weights.sum() == pytest.approx(1, abs=1e-12)
        assert found.distance == pytest.approx(lawson_hanson(columns, target), abs=1e-8)


def test_a_ridge_spreads_the_shares_as_a_general_solver_does() -> None:
    """Sequential quadratic programming ends at the same shares."""
    draw = np.random.default_rng(2)
    columns, target = draw.normal(size=(8, 12)), draw.normal(size=8)
    found = nearest_shares(columns, target, ridge=0.7)

    def loss(w: FloatArray) -> float:
        return float(((columns @ w - target) ** 2).sum() + 0.7 * (w**2).sum())

    oracle = minimize(
        loss, np.full(12, 1 / 12), method="SLSQP", bounds=[(0, 1)] * 12, tol=1e-14,
        constraints=[LinearConstraint(np.ones((1, 12)), 1, 1)],
    )  # fmt: skip
    assert found.weights == pytest.approx(oracle.x, abs=1e-5)
    assert loss(found.weights) <= oracle.fun + 1e-12


def test_a_ridge_is_a_row_of_its_own_for_every_donor() -> None:
    """The dual and the active set, which share no line, agree over 200 panels and ridges from 1e-5 to 100."""
    draw = np.random.default_rng(6)
    for columns, target in scenes(200):
        ridge = float(10 ** draw.uniform(-5, 2))
        lifted = np.vstack([columns, np.sqrt(ridge) * np.eye(columns.shape[1])])
        rows = nearest_shares(lifted, np.append(target, np.zeros(columns.shape[1])))
        found = nearest_shares(columns, target, ridge)
        assert found.weights == pytest.approx(rows.weights, abs=1e-7)
        assert found.unique


def test_equal_donors_share_equally_and_are_said_to_tie() -> None:
    """Which of two equal donors comes first decides nothing."""
    columns = np.array([[0.0, 0.0, 4.0], [1.0, 1.0, 3.0]])
    found = nearest_shares(columns, np.array([1.0, 1.2]))
    assert not found.unique
    assert found.weights[0] == pytest.approx(found.weights[1], abs=1e-6)


def test_the_order_of_donors_never_matters() -> None:
    """Also where the target lies inside the hull and countless mixtures fit it perfectly."""
    draw = np.random.default_rng(3)
    columns = draw.normal(size=(3, 15))
    target = columns.mean(axis=1)
    order = draw.permutation(15)
    one, other = nearest_shares(columns, target), nearest_shares(columns[:, order], target)
    assert not one.unique
    assert one.distance < 1e-8
    assert one.weights[order] == pytest.approx(other.weights, abs=1e-6)


def test_the_smallest_shares_are_those_of_equal_weights_where_these_fit() -> None:
    """The mean of all donors as target: every donor gets the same share."""
    columns = np.random.default_rng(3).normal(size=(3, 15))
    found = nearest_shares(columns, columns.mean(axis=1))
    assert found.weights == pytest.approx(np.full(15, 1 / 15), abs=1e-5)


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
def test_the_unit_of_the_outcome_never_matters(factor: float) -> None:
    """The same shares in nanometres and in gigametres."""
    draw = np.random.default_rng(4)
    columns, target = draw.normal(size=(10, 6)), draw.normal(size=10)
    plain, scaled = nearest_shares(columns, target), nearest_shares(columns * factor, target * factor)
    assert scaled.weights == pytest.approx(plain.weights, abs=1e-9)
    assert scaled.distance == pytest.approx(plain.distance * factor, rel=1e-9)


def test_donors_that_all_equal_the_target_share_equally() -> None:
    """All zero is no fault here: any mixture is perfect."""
    found = nearest_shares(np.zeros((3, 4)), np.zeros(3))
    assert found.weights.tolist() == [0.25] * 4
    assert (found.distance, found.unique) == (0.0, False)


def test_a_point_that_adds_nothing_leaves_at_once() -> None:
    """Donors in parallel lie on a line: corners, edges and the inside of the hull are all degenerate."""
    draw = np.random.default_rng(9)
    course = draw.normal(size=20).cumsum()
    donors = course[:, None] + np.arange(12.0)
    for at in range(12):
        others = np.delete(donors, at, axis=1)
        found = nearest_shares(others, donors[:, at])
        assert found.distance == pytest.approx(np.sqrt(20) if at in (0, 11) else 0.0, abs=1e-6)
        assert found.weights.sum() == pytest.approx(1)
    for seed in range(200):
        draw = np.random.default_rng(seed)
        whole = draw.integers(-2, 3, size=(draw.integers(1, 5), draw.integers(2, 12))).astype(float)
        target = draw.integers(-2, 3, size=len(whole)).astype(float)
        found = nearest_shares(whole, target)
        if (whole != target[:, None]).any(axis=0).all():
            assert found.distance == pytest.approx(lawson_hanson(whole, target), abs=1e-7)


def test_what_has_no_answer_is_refused() -> None:
    """No donor, no period, NaN, and arrays that do not belong together."""
    for columns, target in ((np.ones((3, 0)), np.ones(3)), (np.ones((0, 3)), np.ones(0))):
        with pytest.raises(Degenerate, match="too_few"):
            nearest_shares(columns, target)
    with pytest.raises(Degenerate, match="not_finite"):
        nearest_shares(np.array([[1.0, np.nan]]), np.ones(1))
    with pytest.raises(ValueError, match="columns"):
        nearest_shares(np.ones((3, 2)), np.ones(2))
    with pytest.raises(ValueError, match="ridge"):
        nearest_shares(np.ones((3, 2)), np.ones(3), ridge=-1.0)
