"""A policy that was run once answers as if it were run again for every question."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.measures.loads import HOUR, START, daily, load

from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import follow
from headway.measures.spend.outcome import tally
from headway.measures.spend.promise import Watch, promise
from headway.measures.spend.replay import HeldOut, rolling
from headway.measures.spend.right_size import policy_of
from headway.measures.spend.watching import Watching
from headway.portfolio.capacity import Capacity, Policy

LOADS = [load(daily(4, 6, 0.1 + 0.05 * i, i), 600.0, name=f"w{i}") for i in range(6)]
SPLIT = START + 2 * 24 * HOUR


@pytest.mark.parametrize("policy", ["default", "load_weighted", "closed_loop", "peak"])
def test_savings_are_those_of_the_replay(policy: Policy) -> None:
    """Over all that is held out, per workload."""
    settings = Capacity(policy=policy)
    held = HeldOut.of(Cohort.of(LOADS), SPLIT)
    rule, loop = policy_of(settings, held.clock)
    grants = follow(held).grants if policy == "default" else rolling(held, rule, loop)
    whole = tally(held.cohort, grants, held.first)
    found = Watching(settings).on(LOADS, SPLIT).saved(SPLIT, held.end)
    assert found == pytest.approx(1 - whole.granted / whole.reference)


def test_a_part_without_samples_has_no_saving() -> None:
    """NaN, and not nought."""
    run = Watching(Capacity()).on(LOADS, SPLIT)
    assert np.isnan(run.saved(SPLIT + 90 * 24 * HOUR, SPLIT + 91 * 24 * HOUR)).all()


def test_a_future_is_sized_by_the_rule_in_force() -> None:
    """The load as it came, told as a future, saves nearly what it saved."""
    run = Watching(Capacity(policy="load_weighted")).on(LOADS, SPLIT)
    end = SPLIT + 24 * HOUR
    assert run.ahead(LOADS, SPLIT, end) == pytest.approx(run.saved(SPLIT, end), abs=1e-9)


def test_it_is_what_a_promise_asks_for() -> None:
    """The default policy promises savings that are found again."""
    watching = Watching(Capacity())
    assert isinstance(watching, Watch)
    made = promise(LOADS, SPLIT, 24, watching)
    found = watching.on(LOADS, SPLIT).saved(SPLIT, SPLIT + 24 * HOUR)
    assert all(i and i.low <= s <= i.high for i, s in zip(made.intervals, found, strict=True))
