"""Promised savings are found again on folds of a public trace that the method was not chosen on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.shared.traces import TICK, fold, gpu, pods
from tests.unit.measures.plain_replay import PlainReplay

from headway.measures.spend.load import Load
from headway.measures.spend.promise import promise
from headway.measures.spend.watching import Watching
from headway.portfolio.capacity import Capacity

# 60 ticks of 57 s are taken as an hour of the scaled clock.
REPLAY = PlainReplay(hour=60 * TICK)
DEFAULT = Watching(Capacity())
AHEAD = 720 * TICK


@pytest.fixture(scope="module")
def fleet(shared_data: Path) -> list[Load]:
    """Duty of 143 GPUs."""
    return gpu(shared_data)


def kept(loads: list[Load], split: float) -> tuple[float, float]:
    """Share of workloads whose saving lies in its own interval, and the mean width of the intervals."""
    made = promise(loads, split, AHEAD / 3600, REPLAY)
    found = REPLAY(loads, split, split + AHEAD)
    ends = np.array([(i.low, i.high) for i in made.intervals if i])
    assert len(ends) == len(loads)
    inside = (found >= ends[:, 0] - 1e-9) & (found <= ends[:, 1] + 1e-9)
    return float(inside.mean()), float((ends[:, 1] - ends[:, 0]).mean())


@pytest.mark.parametrize(("name", "saving"), [("A", 0.4399), ("B", 0.4409)])
def test_the_replay_is_that_of_the_reference(fleet: list[Load], name: str, saving: float) -> None:
    """What is promised is the saving of the policy whose figures are published."""
    loads, split = fold(fleet, name)
    tests = np.array([load.between(split, math.inf).bins for load in loads])
    found = REPLAY(loads, split, split + 721 * TICK)
    assert float(found @ tests / tests.sum()) == pytest.approx(saving, abs=0.0005)


@pytest.mark.parametrize(("name", "share", "width"), [("A", 0.871, 0.17), ("B", 1.0, 0.79)])
def test_two_windows_before_the_split_are_not_enough(
    fleet: list[Load], name: str, share: float, width: float
) -> None:
    """The plain method, one window of four hours against the next, misses its promise on fold A."""
    loads, split = fold(fleet, name)
    earlier = REPLAY(loads, split - 480 * TICK, split - 240 * TICK)
    later = REPLAY(loads, split - 240 * TICK, split)
    found = REPLAY(loads, split, split + 721 * TICK)
    there = np.isfinite(earlier) & np.isfinite(later)
    assert int(there.sum()) == 101
    apart = np.sort(np.abs(later - earlier)[there])
    reach = apart[min(there.sum(), math.ceil(0.95 * (there.sum() + 1))) - 1]
    low, high = np.clip(later - reach, 0, 0.95)[there], np.clip(later + reach, 0, 0.95)[there]
    inside = (found[there] >= low) & (found[there] <= high)
    assert (inside.mean(), (high - low).mean()) == pytest.approx((share, width), abs=0.005)


@pytest.mark.parametrize("name", ["A", "B"])
def test_nine_of_ten_promises_are_kept(fleet: list[Load], name: str) -> None:
    """On both folds, and no interval is so wide that it says nothing."""
    inside, width = kept(*fold(fleet, name))
    assert inside >= 0.90
    assert width <= 0.80


@pytest.mark.parametrize("name", ["A", "B"])
def test_those_of_the_default_policy_are_kept(fleet: list[Load], name: str) -> None:
    """The policy that advises is the policy whose saving is promised."""
    loads, split = fold(fleet, name)
    made = promise(loads, split, AHEAD / 3600, DEFAULT)
    found = DEFAULT.on(loads, split).saved(split, split + AHEAD)
    ends = np.array([(i.low, i.high) for i in made.intervals if i])
    assert float(((found >= ends[:, 0] - 1e-9) & (found <= ends[:, 1] + 1e-9)).mean()) >= 0.90
    assert float((ends[:, 1] - ends[:, 0]).mean()) <= 0.80


@pytest.mark.parametrize("name", ["A", "B"])
@pytest.mark.parametrize(
    ("file", "most"), [("pod_memory_util", 1.0), ("pod_gpu_memory_used_bytes", 48 * 2.0**30)]
)
def test_they_are_kept_on_other_resources(shared_data: Path, file: str, most: float, name: str) -> None:
    """Memory of containers and of GPUs moves otherwise than duty."""
    inside, width = kept(*fold(pods(shared_data, file, "", most), name))
    assert inside >= 0.90
    assert width <= 0.80
