"""Who causes a peak: values add up to it, and samples agree with the count of all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headway.statistics.shapley import MOST_EXACT, counted_peak, sampled_peak, share_peak

demands = arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.floats(0, 1e6))


@given(demands)
def test_values_are_what_is_added_averaged_over_all_orders(demand: np.ndarray) -> None:
    """The definition, order by order."""
    orders = list(permutations(range(len(demand))))
    by_order = np.zeros(len(demand))
    for order in orders:
        together, before = np.zeros(demand.shape[1]), 0.0
        for user in order:
            together = together + demand[user]
            by_order[user] += together.max() - before
            before = together.max()
    assert counted_peak(demand) == pytest.approx(by_order / len(orders), rel=1e-9, abs=1e-3)


@given(demands)
def test_values_add_up_to_the_peak_counted_or_sampled(demand: np.ndarray) -> None:
    """Nobody bears what nobody needs."""
    peak = demand.sum(axis=0).max()
    for made in (share_peak(demand), sampled_peak(demand, 20, 3)):
        assert made.values.sum() == pytest.approx(peak, rel=1e-9, abs=1e-9)
        assert made.peak == peak


def test_two_who_take_turns_share_the_machine_that_either_needs() -> None:
    """Whoever is there at the peak of both alone bears it; one who uses nothing bears nothing."""
    assert counted_peak([[1, 0], [0, 1]]).tolist() == [0.5, 0.5]
    assert counted_peak([[3, 0], [0, 1], [0, 0]]).tolist() == [2.5, 0.5, 0.0]


def test_a_sample_lies_within_its_standard_errors() -> None:
    """Eleven users are sampled; the count of all groups is the oracle."""
    demand = np.random.default_rng(5).gamma(0.3, 1.0, (MOST_EXACT + 1, 200))
    made, oracle = share_peak(demand), counted_peak(demand)
    assert (made.permutations, len(made.values)) == (2000, MOST_EXACT + 1)
    assert (np.abs(made.values - oracle) < 4 * made.standard_errors).all()
    assert (made.standard_errors > 0).all()
    assert share_peak(demand).values.tolist() == made.values.tolist()


def test_few_users_are_counted_without_an_error() -> None:
    """Ten users have a thousand groups: no order is drawn."""
    made = share_peak(np.ones((MOST_EXACT, 3)))
    assert made.permutations == 0
    assert made.standard_errors.tolist() == [0.0] * MOST_EXACT
    assert made.values == pytest.approx(np.ones(MOST_EXACT))
    assert share_peak(np.zeros((2, 0))).values.tolist() == [0.0, 0.0]
