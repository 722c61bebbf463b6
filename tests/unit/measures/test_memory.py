"""Memory is granted so that few workloads exceed it once, and cut together with compute."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.measures.loads import HOUR, START, load

from headway.measures.spend.load import Load
from headway.measures.spend.memory import exceed, joint, margin_of, peak_grants

SPLIT = START + 4 * 24 * HOUR


def fleet(n: int, swing: float, seed: int = 1) -> list[Load]:
    """Workloads whose peak of each day is another one, by so much; bins of half an hour, five days."""
    chance = np.random.default_rng(seed)
    made = []
    for i in range(n):
        day = chance.lognormal(0, swing, 5).repeat(48)
        made.append(load(0.1 * day * chance.uniform(0.8, 1, 240), 1800.0, 10.0, f"w{i}"))
    return made


def test_the_margin_holds_for_the_share_of_workloads_asked() -> None:
    """On twenty fleets made up, 95 % of workloads stay below their grant the next day."""
    shares = []
    for seed in range(20):
        loads = fleet(60, 0.3, seed)
        margin = margin_of(loads, SPLIT, 24)
        shares.append(exceed(loads, SPLIT, peak_grants(loads, SPLIT, margin.share)).mean())
    assert np.mean(shares) <= 0.05
    assert np.mean([exceed(fleet(60, 0.3, s), SPLIT, peak_grants(fleet(60, 0.3, s), SPLIT, 0.0)).mean()
                    for s in range(5)]) > 0.1  # fmt: skip


def test_a_restless_fleet_gets_more() -> None:
    """The margin follows from the cohort and is nowhere typed."""
    calm, restless = (margin_of(fleet(60, swing), SPLIT, 24).share for swing in (0.05, 0.5))
    assert 0 <= calm < 0.3 < restless


def test_few_workloads_carry_less() -> None:
    """One workload and a few days cannot tell what 95 % of workloads do, and none at all tell nothing."""
    assert margin_of(fleet(1, 0.2), SPLIT, 24).level < 0.9
    assert margin_of(fleet(60, 0.2), SPLIT, 24).level == 0.95
    nothing = margin_of([load([])], SPLIT, 24)
    assert (nothing.share, nothing.level, nothing.moments) == (0.0, 0.0, 0)
    idle = margin_of([load(np.zeros(240), 1800.0)], SPLIT, 24)
    assert (idle.share, idle.moments) == (0.0, 0)


def test_a_workload_that_was_killed_is_never_granted_less_than_a_quarter_more() -> None:
    """What it used was cut off at its limit, so its peak tells nothing."""
    loads = [load([0.2] * 100, 1800.0, name="a"), load([0.2] * 100, 1800.0, name="b")]
    assert peak_grants(loads, SPLIT, 0.5, {"a": 0.4}).tolist() == pytest.approx([0.5, 0.3])
    assert peak_grants(loads, SPLIT, 0.5, {"a": 0.9}).tolist() == pytest.approx([1.0, 0.3])


def test_a_workload_that_was_not_seen_keeps_what_it_holds() -> None:
    """No sample before the moment, no change."""
    late = load([np.nan] * 300 + [0.2] * 10, HOUR, 0.7)
    assert peak_grants([late], SPLIT, 0.5).tolist() == [0.7]
    assert not exceed([load([0.2] * 10)], SPLIT, np.array([0.1])).any()


def test_the_larger_slice_decides() -> None:
    """Nothing is gained by cutting compute below what memory holds of the device."""
    device = {"gpu": 1.0, "gpu.memory": 80.0}
    assert joint({"gpu": 0.7, "gpu.memory": 20.0}, device).binds == "gpu"
    made = joint({"gpu": 0.1, "gpu.memory": 60.0}, device)
    assert (made.slice, made.binds, made.grants["gpu"]) == (0.75, "gpu.memory", 0.75)
    assert joint({"gpu": 3.0}, device).slice == 1.0, "no more than there is"


@pytest.mark.parametrize(("proposed", "device"), [({}, {"gpu": 1.0}), ({"gpu": 0.5}, {"gpu": 0.0})])
def test_a_slice_of_nothing_is_refused(proposed: dict[str, float], device: dict[str, float]) -> None:
    """A share needs a whole."""
    with pytest.raises(ValueError, match="need its size"):
        joint(proposed, device)
