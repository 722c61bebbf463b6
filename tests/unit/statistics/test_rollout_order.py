"""A rollout in an order drawn by lot: levels count too, and anticipation shows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from tests.unit.statistics.counties import panel, rows
from tests.unit.statistics.lots import drawings

from headway.statistics.contrast import Degenerate
from headway.statistics.panel import Panel
from headway.statistics.rollout_order import anticipation, comparable, covariance, ordered
from headway.statistics.staggered import Cell, averages, cells, simple


def test_the_counties_as_if_their_order_had_been_drawn() -> None:
    """theta_0 .411346406, X .451110032, beta* 1.016160777, theta -.047053914 (.011613879)."""
    found = ordered(panel())
    assert (found.level, found.gap) == pytest.approx((0.411346406, 0.451110032), abs=1e-9)
    assert found.beta == pytest.approx(1.016160777, abs=1e-9)
    assert (found.theta, found.se) == pytest.approx((-0.047053914, 0.011613879), abs=1e-9)


def test_with_beta_one_it_is_callaway_and_sant_anna() -> None:
    """Taking off the whole gap is a difference in differences, cell by cell and on average: -.0397636256."""
    found, study = ordered(panel(), beta=1.0), averages(cells(panel()), "dynamic")
    assert found.theta == pytest.approx(-0.0397636256, abs=1e-9)
    assert found.theta == pytest.approx(simple(cells(panel())).theta[0], abs=1e-12)
    for since in range(4):
        taken = [c for c in comparable(panel()) if c.since == since]
        expected = study.effects.theta[study.labels.index(since)]
        assert ordered(panel(), taken, 1.0).theta == pytest.approx(expected, abs=1e-12)


def test_no_other_beta_has_a_smaller_standard_error() -> None:
    """A search over beta finds the one that the formula gives."""
    searched = minimize_scalar(lambda beta: ordered(panel(), beta=beta).se, bracket=(0, 2), tol=1e-10)
    assert ordered(panel()).beta == pytest.approx(searched.x, abs=1e-5)


def test_the_standard_error_is_that_of_the_rows() -> None:
    """Each unit's weighted outcomes, their variance by cohort with divisor n - 1, over n."""
    y, starts = rows()
    found, at = ordered(panel()), panel().starts
    variance = sum(
        np.var(y[starts == s] @ found.weights[k], ddof=1) / (starts == s).sum() for k, s in enumerate(at)
    )
    assert found.se == pytest.approx(variance**0.5, abs=1e-12)


def test_anticipation_is_the_placebo_just_before_the_start() -> None:
    """The event study's figure one year before the start, with the variance that a drawn order has."""
    found = anticipation(panel())
    assert found is not None
    study = averages(cells(panel()), "dynamic")
    assert found.theta == pytest.approx(study.effects.theta[study.labels.index(-1)], abs=1e-12)
    assert 0 < found.se < 0.02


def test_without_two_periods_before_the_start_anticipation_cannot_be_seen() -> None:
    """A first start in the second period and none later leaves nothing to look at."""
    y = np.random.default_rng(0).normal(size=(8, 3))
    assert anticipation(Panel.from_rows(y, np.repeat([1, 3], 4))) is None


def test_averages_of_one_panel_move_together() -> None:
    """The covariance of two averages is what the variance of their sum says it is."""
    study = [ordered(panel(), [c for c in comparable(panel()) if c.since == e]) for e in (0, 1)]
    joint = covariance(panel(), study)
    both = study[0].weights + study[1].weights
    y, starts = rows()
    variance = sum(
        np.var(y[starts == s] @ both[k], ddof=1) / (starts == s).sum() for k, s in enumerate(panel().starts)
    )
    assert joint.sum() == pytest.approx(variance)
    assert joint.diagonal() ** 0.5 == pytest.approx([one.se for one in study])


def test_outcomes_that_never_differ_before_need_no_adjustment() -> None:
    """Equal values before the start say nothing: beta is 0 and the comparison is of levels."""
    draw = np.random.default_rng(0)
    y = np.column_stack([np.ones(20), draw.normal(size=20)])
    assert ordered(Panel.from_rows(y, np.repeat([1, 2], 10))).beta == 0


def test_a_rollout_that_cannot_be_compared_has_no_estimate() -> None:
    """A cohort of one unit, nobody left to compare with, or nobody treated."""
    y = np.random.default_rng(0).normal(size=(5, 3))
    with pytest.raises(Degenerate, match="one unit"):
        ordered(Panel.from_rows(y, np.array([1, 1, 2, 3, 3])))
    alone = Panel.from_rows(y, np.array([1, 1, 2, 2, 2]))
    with pytest.raises(Degenerate, match="nobody left"):
        ordered(alone, [Cell(1, 2)])
    with pytest.raises(Degenerate, match="compared with"):
        ordered(Panel.from_rows(y, np.full(5, 9)))


def test_drawn_orders_give_the_truth_on_average_and_intervals_that_hold_it() -> None:
    """Forty orders on one matrix: no bias, intervals that hold, and never less sure than beta 1."""
    found = drawings(orders=40, units=120, persistence=0.5)
    assert found.bias < 2
    assert found.coverage >= 0.9
    assert found.se < found.se_did
