"""A closed loop against the same loop written out, bin by bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.measures.spend.closed_loop import Loop, walk
from headway.measures.spend.cohort import Cohort
from headway.statistics.contrast import FloatArray

from .cohorts import load


def walked(
    used: list[float], base: float, loop: Loop, seconds: float = 60.0, most: float = 100.0
) -> FloatArray:
    """Grants of one workload whose policy alone would always grant the same."""
    cohort = Cohort.of([load(used, seconds=seconds)])
    found: FloatArray = walk(cohort, np.full((len(used), 1), base), 0, np.array([most]), loop)[:, 0]
    return found


def by_hand(used: list[float], base: float, loop: Loop, delay: int, hold: int) -> list[float]:
    """The loop as the manual tells it: every raise that was ordered is kept in a list."""
    ordered: list[tuple[int, float]] = []
    made = []
    for t, use in enumerate(used):
        raises = [level for at, level in ordered if at <= t < at + hold]
        made.append(max([base, *raises]))
        wanted = min(100.0, 1.5 * made[-1])
        waiting = any(at > t and level >= wanted * (1 - 1e-9) for at, level in ordered)
        if use > made[-1] * (1 + 1e-9) and made[-1] < 100 and not waiting:
            ordered.append((t + delay, wanted))
    return made


@settings(max_examples=200)
@given(used=st.lists(st.sampled_from([0.0, 8.0, 12.0, 20.0, 45.0, 99.0]), min_size=2, max_size=80))
def test_the_loop_is_the_one_of_the_manual(used: list[float]) -> None:
    """Half as much again from the fifth minute on, for as long as it is held; none while one waits."""
    loop = Loop(hold=0.25)
    assert walked(used, 10.0, loop).tolist() == pytest.approx(by_hand(used, 10.0, loop, delay=5, hold=15))


@pytest.mark.parametrize(("seconds", "bins"), [(15.0, 20), (60.0, 5), (300.0, 2), (3600.0, 2)])
def test_a_raise_takes_two_bins_and_five_minutes(seconds: float, bins: int) -> None:
    """Nobody resizes a workload faster than that."""
    grants = walked([50.0] + [0.0] * 40, 10.0, Loop(hold=1000.0), seconds)
    assert int(np.argmax(grants > 10)) == bins


def test_no_raise_passes_the_capacity() -> None:
    """What cannot be granted is not."""
    assert walked([100.0] * 60, 30.0, Loop(hold=10.0), most=40.0).max() == 40.0


def test_what_is_held_comes_before_more() -> None:
    """A raise ends at what is held; a breach of that, and no other, raises beyond it."""
    cohort = Cohort.of([load([130.0] * 60, granted=100.0)])
    grants = walk(cohort, np.full((60, 1), 80.0), 0, np.array([np.inf]), Loop(hold=10.0))[:, 0]
    assert sorted(set(grants.tolist())) == [80.0, 100.0, 150.0]


def test_a_patient_loop_lets_the_allowance_pass() -> None:
    """Two breaches are free; the third raises."""
    used = [50.0, 0.0, 50.0, 0.0, 50.0] + [0.0] * 20
    grants = walked(used, 10.0, Loop(hold=1000.0, free=2.0, first=1.2))
    assert int(np.argmax(grants > 10)) == 4 + 5
    assert grants.max() == pytest.approx(12.0)


def test_the_allowance_comes_back_with_time() -> None:
    """After as many bins as the budget takes for one breach, a breach is free again."""
    spent_at_once = [50.0] * 3 + [0.0] * 60
    one_an_hour = ([50.0] + [0.0] * 19) * 3
    loop = Loop(hold=1000.0, free=2.0, budget=0.05)
    assert walked(spent_at_once, 10.0, loop).max() > 10
    assert walked(one_an_hour, 10.0, loop).max() == 10


@given(used=st.lists(st.floats(0, 100), min_size=2, max_size=80), free=st.floats(0, 3))
def test_a_loop_never_grants_less_than_its_policy(used: list[float], free: float) -> None:
    """It raises; it does not save."""
    assert (walked(used, 10.0, Loop(hold=0.2, free=free)) >= 10.0).all()
