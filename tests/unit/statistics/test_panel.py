"""Cohort sums hold all that a rollout's estimates need of its rows."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.statistics.counties import rows

from headway.statistics.contrast import Degenerate
from headway.statistics.panel import Panel, joined
from headway.statistics.staggered import cells, simple


def test_parts_add_up_to_the_whole() -> None:
    """Sums of any split of the units, added by cohort, give the same panel."""
    y, starts = rows()
    first = np.random.default_rng(5).random(len(y)) < 0.3
    parts = [Panel.from_rows(y[take], starts[take]) for take in (first, ~first)]
    raw = [p.cov + p.mean[:, :, None] * p.mean[:, None, :] for p in parts]
    whole = Panel.from_sums(
        [s for p in parts for s in p.starts],
        np.concatenate([p.n for p in parts]),
        np.concatenate([p.mean * p.n[:, None] for p in parts]),
        np.concatenate([r * p.n[:, None, None] for r, p in zip(raw, parts, strict=True)]),
    )
    expected = Panel.from_rows(y, starts)
    assert whole.starts == expected.starts
    np.testing.assert_allclose(whole.mean, expected.mean, atol=1e-12)
    np.testing.assert_allclose(whole.cov, expected.cov, atol=1e-11)


def test_large_values_keep_their_digits() -> None:
    """Twelve digits before the point do not move an effect: sums are of what is left after a shift."""
    y, starts = rows()
    plain, large = (simple(cells(Panel.from_rows(v, starts))) for v in (y, y + 1e9))
    assert large.theta[0] == pytest.approx(plain.theta[0], abs=1e-6)
    assert large.se[0] == pytest.approx(plain.se[0], abs=1e-6)


def test_late_starters_are_never_treated_here() -> None:
    """Who starts after the last period is compared with, as one cohort with the never-treated."""
    y = np.arange(12.0).reshape(4, 3)
    assert Panel.from_rows(y, np.array([1, 3, 7, 9])).starts == (1, 3)


def test_a_plain_average_ignores_size_and_a_weighted_one_does_not() -> None:
    """Two cohorts of 2 and 6 units: half and half, or one to three."""
    y = np.zeros((12, 2))
    y[:2, 1], y[2:8, 1] = 1.0, 5.0
    panel = Panel.from_rows(y + np.random.default_rng(0).normal(0, 1e-3, y.shape), np.repeat([1, 2], [8, 4]))
    found = cells(panel).effects
    both = joined([found, found])
    assert both.evenly().theta[0] == pytest.approx(found.theta[0])
    assert both.by_size([0, 0]).se[0] == pytest.approx(found.se[0])


def test_sums_that_are_no_panel_are_refused() -> None:
    """No unit, a value that is not finite, or shapes of different panels."""
    with pytest.raises(Degenerate, match="too_few"):
        Panel.from_sums([], np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2, 2)))
    with pytest.raises(Degenerate, match="not_finite"):
        Panel.from_rows(np.array([[1.0, np.inf], [2.0, 3.0]]), np.array([1, 2]))
    with pytest.raises(ValueError, match="starts"):
        Panel((1, 2), np.ones(1), np.ones((1, 2)), np.ones((1, 2, 2)))


def test_units_that_never_differ_have_no_interval() -> None:
    """Zero variance is a reason, not a standard error of zero."""
    y = np.repeat([[1.0, 2.0], [3.0, 3.0]], 5, axis=0)
    with pytest.raises(Degenerate, match="zero_variance"):
        simple(cells(Panel.from_rows(y, np.repeat([1, 2], 5)))).contrast("x")
