"""A promise is an interval that the same promise, given earlier, would have kept."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.measures.loads import HOUR, START, daily, load
from tests.unit.measures.plain_replay import PlainReplay

from headway.measures.spend.load import Load
from headway.measures.spend.promise import MOST, promise

REPLAY = PlainReplay()
DAYS = 3
BIN = 1200.0
SPLIT = START + DAYS * 24 * HOUR


def fleet(n: int, days: float = DAYS + 1, shift: float = 1.0, seed: int = 3) -> list[Load]:
    """Workloads that follow the day, bins of twenty minutes; all of them shift by a factor after a day."""
    chance = np.random.default_rng(seed)
    made = []
    for i in range(n):
        used = daily(days, 3, float(chance.uniform(0.1, 0.4)), seed + i)
        used = used * np.exp(np.repeat(chance.normal(0, 0.3, used.size // 3), 3))
        used[72:] *= shift
        made.append(load(np.clip(used, 0, 1), BIN, name=f"w{i}"))
    return made


@pytest.mark.parametrize("shift", [1.0, 2.0, 0.5])
def test_promises_are_kept_on_a_fleet_made_up(shift: float) -> None:
    """Nine of ten, whether or not the fleet has shifted before, and more narrowly than everything."""
    loads = fleet(25, shift=shift)
    made = promise(loads, SPLIT, 24, REPLAY)
    found = REPLAY(loads, SPLIT, SPLIT + 24 * HOUR)
    kept = [i.low <= s <= i.high for i, s in zip(made.intervals, found, strict=True) if i]
    assert np.mean(kept) >= 0.9
    assert np.mean([i.high - i.low for i in made.intervals if i]) < 0.7
    assert made.level == 0.95


def test_what_comes_after_the_moment_is_not_read() -> None:
    """The same promise with and without the days that follow."""
    loads = fleet(5)
    assert promise(loads, SPLIT, 24, REPLAY) == promise(
        [one.between(0, SPLIT) for one in loads], SPLIT, 24, REPLAY
    )


def test_the_value_promised_is_that_of_the_grant_that_is_advised() -> None:
    """One less the grant over what is held, between the ends."""
    for one, made in zip(fleet(5), promise(fleet(5), SPLIT, 24, REPLAY).intervals, strict=True):
        assert made is not None
        assert made.low <= made.value <= made.high <= MOST
        now = REPLAY([one], SPLIT, SPLIT + BIN)[0]
        assert made.value == pytest.approx(now)


def test_one_workload_cannot_carry_the_whole_level() -> None:
    """A few promises of the past carry three of four, and it is said."""
    made = promise(fleet(1), SPLIT, 24, REPLAY)
    assert made.level == pytest.approx(1 - 1 / (len(made.origins) + 1))
    assert made.level < 0.95


def test_a_workload_with_few_samples_is_promised_nothing() -> None:
    """Less than thirty samples before the moment: none; the others have theirs."""
    young = load([np.nan] * (DAYS * 72 - 20) + [0.2] * 92, BIN, name="young")
    made = promise([*fleet(3), young], SPLIT, 24, REPLAY)
    assert made.intervals[-1] is None
    assert all(made.intervals[:-1])
    assert promise([young], SPLIT, 24, REPLAY).intervals == (None,)
    assert promise([], SPLIT, 24, REPLAY).intervals == ()


def test_a_workload_that_began_late_borrows_from_the_others() -> None:
    """It was not there at earlier moments, so it is widened as the others were."""
    used = np.concatenate([np.full(DAYS * 72 - 40, np.nan), np.full(40, 0.3)])
    late = load(used, BIN, name="late")
    made = promise([*fleet(20), late], SPLIT, 24, REPLAY)
    assert made.intervals[-1] is not None
    alone = promise([late], SPLIT, 2, REPLAY)
    assert alone.intervals[0] is not None


def test_a_load_that_never_moves_is_promised_closely() -> None:
    """Nothing moved it at any earlier moment."""
    (made,) = promise([load(np.full(DAYS * 72, 0.3), BIN)], SPLIT, 24, REPLAY).intervals
    assert made is not None
    assert made.high <= MOST
    assert made.low == pytest.approx(1 - 0.33)


def test_more_than_is_held_may_be_needed() -> None:
    """Where more can be granted than is held, the saving may be negative; where not, it is not."""
    used = fleet(5)
    held = [
        Load(o.workload, o.resource, o.unit, o.at, o.value, o.count, 0.2 * o.granted, o.bin_seconds, 1.0)
        for o in used
    ]
    assert min(i.low for i in promise(held, SPLIT, 24, REPLAY).intervals if i) < 0
    assert min(i.low for i in promise(used, SPLIT, 24, REPLAY).intervals if i) >= 0


def test_bins_of_another_length_tell_the_same() -> None:
    """Bins of twenty minutes and the same load in slots of an hour promise alike."""
    fine = fleet(20)
    slots = []
    for one in fine:
        slot = START + HOUR * np.floor((one.at - START) / HOUR)
        slots.append(Load(one.workload, "gpu", "share", slot, one.value, one.count, one.granted, BIN, 1.0))
    a, b = (promise(loads, SPLIT, 24, REPLAY).intervals for loads in (fine, slots))
    ends = np.array([[(i.low, i.high) for i in made if i] for made in (a, b)])
    assert np.abs(ends[0] - ends[1]).mean() < 0.05
