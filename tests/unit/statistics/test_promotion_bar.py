"""What an e-value needs to be accepted beside those that are there already."""

from __future__ import annotations

import math

import pytest
from tests.unit.statistics.test_promotion import COSTS, LOG_E

from headway.statistics.promotion_bar import Bar, bar_by_count, bar_by_money


def test_by_count_the_next_of_the_hand_example_needs_twenty() -> None:
    """Beside four that are in, a fifth needs 1 / (5 x 0.1 x 0.1) = 20; alone it would need 100."""
    bar = bar_by_count(LOG_E[:4], [0.1] * 4, 0.1, 0.1)
    assert (round(math.exp(bar.log_e), 9), bar.beside) == (20.0, 4)
    assert math.exp(bar_by_count((), (), 0.1, 0.1).log_e) == pytest.approx(100)


def test_by_count_others_may_be_in_only_together_with_the_new_one() -> None:
    """Two of 70 each are too little by themselves (100 are needed), and enough with a third."""
    bar = bar_by_count([math.log(70)] * 2, [0.05] * 2, 0.05, 0.1)
    assert (round(math.exp(bar.log_e), 1), bar.beside) == (66.7, 2)


def test_a_row_without_weight_helps_nobody() -> None:
    """Weight nought is no part of the budget."""
    assert bar_by_count([math.log(1e9)], [0.0], 0.1, 0.1).beside == 0


@pytest.mark.parametrize(("floor", "needed", "beside"), [(20.0, 20.0, 3), (1e-9, 1000 / 85, 3)])
def test_by_money_the_floor_is_the_least_that_is_needed(floor: float, needed: float, beside: int) -> None:
    """In the hand example 60 of 100 need 1,000 / 85 beside the three above, but never less than the floor."""
    bar = bar_by_money(LOG_E[:3], COSTS[:3], 60, 100, 0.1, floor)
    assert math.exp(bar.log_e) == pytest.approx(needed)
    assert bar.beside == beside


def test_by_money_who_asks_for_nothing_alone_is_never_in() -> None:
    """No money promoted, no share of it."""
    assert bar_by_money((), (), 0, 100, 0.1) == Bar(math.inf, 0)
