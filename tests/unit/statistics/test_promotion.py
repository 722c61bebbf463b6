from __future__ import annotations

import math

import pytest

from headway.statistics.promotion import accepted_by_count, accepted_by_money

E_VALUES = (150, 60, 45, 30, 12, 3, 1, 1, 1, 1)
COSTS = (2, 3, 20, 5, 60, 2, 2, 2, 2, 2)
LOG_E = [math.log(e) for e in E_VALUES]


def test_by_count_the_hand_example_accepts_the_four_largest() -> None:
    """With ten slots at 10 %, four initiatives reach 1 / (4 x 0.1 x 0.1) = 25."""
    assert accepted_by_count(LOG_E, [0.1] * 10, 0.1) == (True,) * 4 + (False,) * 6


@pytest.mark.parametrize(("floor", "accepted"), [(0.0, 5), (20.0, 3)])
def test_by_money_the_floor_keeps_a_small_e_value_from_riding_on_a_large_sum(
    floor: float, accepted: int
) -> None:
    """Without a floor an e-value of 12 gets 60 of 100; with one it counts as none."""
    assert sum(accepted_by_money(LOG_E, COSTS, 100, 0.1, floor)) == accepted


def test_nobody_is_accepted_where_nobody_has_evidence() -> None:
    """An e-value that does not count yet is minus infinity, and no row of weight or cost 0 gets in."""
    assert accepted_by_count([-math.inf, -math.inf], [0.5, 0.5], 0.1) == (False, False)
    assert accepted_by_money([-math.inf, math.log(1e9)], [1, 0], 10, 0.1) == (False, False)
    assert accepted_by_count([math.log(1e9)], [0.0], 0.1) == (False,)
    assert accepted_by_count([], [], 0.1) == accepted_by_money([], [], 1, 0.1) == ()


def test_equal_e_values_are_accepted_together() -> None:
    """The order in which rows are given decides nothing."""
    log_e = [math.log(60)] * 3
    assert accepted_by_money(log_e, [1, 9, 10], 100, 0.1) == (True, True, True)


@pytest.mark.parametrize(
    ("log_e", "parts", "share"),
    [
        ([0.0], [0.5, 0.5], 0.1),
        ([math.nan], [0.5], 0.1),
        ([0.0], [-0.5], 0.1),
        ([0.0], [math.inf], 0.1),
        ([0.0], [0.5], 0.0),
        ([0.0], [1.5], 0.1),
    ],
)
def test_a_budget_that_does_not_add_up_is_refused(
    log_e: list[float], parts: list[float], share: float
) -> None:
    """Nothing is promoted under weights above 1, costs above the envelope, or a share that is none."""
    with pytest.raises(ValueError, match=r"."):
        accepted_by_count(log_e, parts, share)
    with pytest.raises(ValueError, match=r"."):
        accepted_by_money(log_e, parts, 1.0, share)


@pytest.mark.parametrize("envelope", [0.0, math.inf])
def test_an_envelope_is_a_sum_of_money(envelope: float) -> None:
    """No envelope, no promotion by money."""
    with pytest.raises(ValueError, match="envelope"):
        accepted_by_money([0.0], [0.0], envelope, 0.1)


def money_on_duds(floor: float, cut_after: float) -> float:
    """Exact expected share of promoted money on duds, in a world of twenty equally likely states.

    Twenty duds of cost 1 each: in state j dud j has E = 20 and all others 0, so each has mean 1. One
    initiative of cost 80 works and has E = 15 in every state. The envelope is 100, the share .1.
    """
    costs = [1.0] * 20 + [80.0]
    total = 0.0
    for state in range(20):
        log_e = [math.log(20) if dud == state else -math.inf for dud in range(20)] + [math.log(15)]
        taken = accepted_by_money(log_e, costs, 100.0, 0.1, floor)
        kept = [yes and e >= math.log(cut_after) for yes, e in zip(taken, log_e, strict=True)]
        spent = sum(c for c, yes in zip(costs, kept, strict=True) if yes)
        total += sum(c / spent for c, yes in zip(costs[:20], kept[:20], strict=True) if yes) / 20
    return total


def test_a_floor_after_the_selection_breaks_the_promise_and_before_it_does_not() -> None:
    """Cut after selecting, all promoted money goes to duds; cut before, or not at all, at most a tenth does.

    The dud is let in by the 80 of the initiative that works; taking that out afterwards leaves the dud alone.
    """
    assert money_on_duds(floor=0.0, cut_after=20.0) == pytest.approx(1.0)
    assert money_on_duds(floor=20.0, cut_after=20.0) == 0.0
    assert money_on_duds(floor=0.0, cut_after=1e-9) == pytest.approx(1 / 81)


def test_a_cost_named_after_the_result_breaks_the_promise() -> None:
    """Whichever dud was lucky asks for all that is left: in every state it eats 90 of the 95 promoted.

    Registered beforehand at 4.5 each, the same duds are never let in.
    """
    honest, greedy = [], []
    for state in range(20):
        log_e = [math.log(20) if dud == state else -math.inf for dud in range(20)] + [math.log(1000)]
        named_after = [90.0 if dud == state else 0.0 for dud in range(20)] + [5.0]
        honest.append(accepted_by_money(log_e, [4.5] * 20 + [5.0], 100.0, 0.1)[state])
        greedy.append(accepted_by_money(log_e, named_after, 100.0, 0.1)[state])
    assert (any(honest), all(greedy)) == (False, True)
