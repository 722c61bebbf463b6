"""Five hundred orders drawn by lot on a fixed matrix of outcomes."""

from __future__ import annotations

import pytest
from tests.unit.statistics.lots import drawings


@pytest.mark.soak
@pytest.mark.parametrize("persistence", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("units", [40, 120, 400])
def test_five_hundred_orders_find_the_truth(units: int, persistence: float) -> None:
    """Mean bias below two simulation errors, coverage of 93 % or more, on average no wider than beta 1."""
    found = drawings(500, units, persistence)
    print(f"\n{units} units, persistence {persistence}: {found}")  # noqa: T201 - the figures are the report
    assert found.bias < 2
    assert found.coverage >= 0.93
    assert found.se <= found.se_did


@pytest.mark.soak
@pytest.mark.parametrize("persistence", [0.5, 0.9])
@pytest.mark.parametrize("units", [12, 16, 28])
def test_few_units_per_start_have_intervals_wide_enough(units: int, persistence: float) -> None:
    """Three to seven units per start: Student's t holds where the normal limit fails."""
    found = drawings(500, units, persistence)
    print(f"\n{units} units, persistence {persistence}: {found}")  # noqa: T201 - as above
    assert found.coverage >= 0.92
