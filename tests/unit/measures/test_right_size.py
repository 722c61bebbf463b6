"""What is proposed to a component, and what stands beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from headway.measures.spend.right_size import RightSize, right_size
from headway.portfolio.capacity import Capacity
from headway.statistics.contrast import FloatArray

from .cohorts import START, load


def at(bins: int, seconds: float = 60.0) -> datetime:
    """The moment after so many bins."""
    return datetime.fromtimestamp(START + bins * seconds, UTC)


def steady(level: float, bins: int = 4 * 24 * 12) -> FloatArray:
    """Four days of five minutes at about a level."""
    return level * (1 + 0.02 * np.sin(np.arange(bins)))


def sized(settings: Capacity | None = None) -> RightSize:
    """Three workloads that hold 100: one uses little, one what it holds, one too much for it."""
    loads = [load(steady(u), seconds=300.0, name=f"uses-{u:g}") for u in (20.0, 88.0, 130.0)]
    return right_size(loads, settings or Capacity(), at(4 * 24 * 12, 300.0))


def test_less_as_it_is_and_more() -> None:
    """A workload is advised down, kept within a twentieth of its grant, or up."""
    found = {p.load.workload: (p.direction, p.proposed) for p in sized().proposals}
    assert {name: direction for name, (direction, _) in found.items()} == {
        "uses-20": "down",
        "uses-88": "keep",
        "uses-130": "up",
    }
    assert found["uses-20"][1] == pytest.approx(20 * 1.02 * 1.10, rel=0.01)


def test_every_proposal_has_its_replay() -> None:
    """Saving and violation stand beside each workload and beside all of them."""
    whole = sized()
    assert whole.replayed is not None
    assert whole.replayed.workloads == 3
    for one in whole.proposals:
        assert one.replayed is not None
        assert one.replayed.violation.value <= 0.01
        assert one.replayed.saving.value == pytest.approx(1 - one.grant.mean() / 100)
    assert whole.policy.startswith("default, now ")


def test_the_floor_and_the_capacity_bound_what_is_proposed() -> None:
    """Neither less than what must answer nor more than there is."""
    idle, busy = load(np.zeros(300), name="idle"), load(np.full(300, 39.0), capacity=40.0, name="busy")
    found = right_size([idle, busy], Capacity(floor=12.0), at(300)).proposals
    assert [p.proposed for p in found] == [12.0, 40.0]


@pytest.mark.parametrize(
    ("settings", "name", "proposed"),
    [
        (Capacity(policy="load_weighted"), "load-weighted P95 x 1.10", 1.10),
        (Capacity(quantile=0.9), "load-weighted P90 x 1.10", 1.10),
        (Capacity(policy="closed_loop"), "P95 x 1.15, closed loop", 1.15),
        (Capacity(policy="percentile", margin=0.2), "P95 x 1.20", 1.20),
        (Capacity(policy="peak"), "max x 1.15", 1.15),
        (Capacity(policy="vpa_like"), "VPA-like", 1.15),
    ],
)
def test_a_component_may_name_its_policy(settings: Capacity, name: str, proposed: float) -> None:
    """Every policy of the manual is at hand under its name."""
    found = right_size([load(steady(20.0), seconds=300.0)], settings, at(4 * 24 * 12, 300.0))
    assert found.policy.startswith(name)
    assert found.proposals[0].proposed == pytest.approx(20 * proposed, rel=0.09)


def test_what_comes_after_now_is_not_read() -> None:
    """Advice of yesterday is the same today, though today was different."""
    quiet, loud = ([20.0] * 300 + [level] * 300 for level in (20.0, 90.0))
    then = [right_size([load(used)], Capacity(), at(300)).proposals[0].proposed for used in (quiet, loud)]
    assert then[0] == then[1]


def test_history_is_read_as_far_back_as_the_component_says() -> None:
    """Three days of history leave nothing of the week before."""
    used = np.concatenate([steady(90.0), steady(20.0)])
    now, short = at(len(used), 300.0), Capacity(policy="peak", history=timedelta(days=3))
    found = right_size([load(used, seconds=300.0)], short, now).proposals[0]
    assert found.load.at[0] >= now.timestamp() - 3 * 86_400
    assert found.proposed == pytest.approx(20 * 1.02 * 1.15, rel=0.01)


def test_too_few_bins_leave_the_grant() -> None:
    """Twenty bins are no history: nothing is proposed."""
    (found,) = right_size([load([5.0] * 20)], Capacity(), at(20)).proposals
    assert (found.proposed, found.direction) == (None, "keep")


def test_a_workload_that_ended_has_nothing_held_out() -> None:
    """It was there in the first half alone, so that nothing can be said of it."""
    gone = load([20.0] * 100 + [np.nan] * 500, name="gone")
    stays = load([20.0] * 600, name="stays")
    found = right_size([gone, stays], Capacity(), at(600)).proposals
    assert [p.replayed is None for p in found] == [True, False]


def test_nothing_up_to_now_is_no_advice() -> None:
    """Before the first bin there is nothing to size."""
    assert right_size([load([5.0] * 20)], Capacity(), at(-1)) == RightSize((), None, "default", {})


def test_two_resources_are_not_one() -> None:
    """Cores and bytes have no common budget."""
    in_bytes = replace(load([1.0]), resource="memory", unit="bytes")
    with pytest.raises(ValueError, match="several resources"):
        right_size([load([1.0]), in_bytes], Capacity(), at(5))
