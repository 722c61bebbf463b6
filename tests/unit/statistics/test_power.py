"""An undecided question says how many units would settle it."""

from __future__ import annotations

import math

import pytest

from headway.statistics.power import units_to_settle


def test_half_the_distance_needs_four_times_the_units() -> None:
    """Units grow with the square of half-width over distance, rounded up."""
    assert units_to_settle(400, 3.0, 1.5) == 1600
    assert units_to_settle(400, 3.0, -1.5) == 1600
    assert units_to_settle(10, 1.0, 0.99) == 11


def test_the_units_named_settle_it() -> None:
    """At n* the half-width is at most the distance; at one unit less it is not."""
    n, h, d = 137, 0.31, 0.083
    settled = units_to_settle(n, h, d)
    assert settled is not None
    assert h * math.sqrt(n / settled) <= d < h * math.sqrt(n / (settled - 1))


def test_out_of_reach_is_said() -> None:
    """On the bound, or beyond a hundred times today's units, there is no number."""
    assert units_to_settle(400, 3.0, 0.0) is None
    assert units_to_settle(400, 10.0, 1.0) == 40_000
    assert units_to_settle(400, 10.01, 1.0) is None


@pytest.mark.parametrize(
    ("n", "h", "d"), [(-1, 1.0, 1.0), (1, -1.0, 1.0), (1, math.nan, 1.0), (1, 1.0, math.inf)]
)
def test_figures_are_finite_and_not_negative(n: int, h: float, d: float) -> None:
    """A negative count or width or a NaN is a fault of the caller."""
    with pytest.raises(ValueError, match="finite"):
        units_to_settle(n, h, d)
