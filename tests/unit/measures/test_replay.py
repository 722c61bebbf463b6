"""What a replay may see, what it scores, and how sure it says it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import LADDER, Candidate, choose, follow
from headway.measures.spend.load import Load
from headway.measures.spend.outcome import Tally, replayed, tally
from headway.measures.spend.policies import LoadWeighted, Percentile
from headway.measures.spend.replay import Clock, HeldOut, hindsight, rolling, static
from headway.statistics.contrast import FloatArray

from .cohorts import START, load, twin


def held(*loads: Load, split_at: int | None = None, floor: float = 0.0) -> HeldOut:
    """Loads held out from a bin on, or from their middle."""
    cohort = Cohort.of(loads)
    split = None if split_at is None else cohort.origin + cohort.seconds * split_at
    return HeldOut.of(cohort, split, floor)


def test_time_constants_follow_the_history() -> None:
    """A day is replayed by the hour, weeks by a quarter of a day; none of it in bins or ticks."""
    assert (Clock.of(24.0), Clock.of(47.9)) == (Clock(12.0, 1.0, 6.0),) * 2
    assert Clock.of(48.0) == Clock(192.0, 6.0, 24.0)


@pytest.mark.parametrize("policy", ["rolling", "loop", "default"])
@pytest.mark.parametrize("from_bin", [720, 900, 1203])
def test_no_grant_knows_what_comes(policy: str, from_bin: int) -> None:
    """Whatever happens from a moment on, what was granted up to then stays the same."""
    before = twin(3, workloads=6)
    moment = START + 60.0 * from_bin
    after = [replace(one, value=np.where(one.at >= moment, 100 - one.value, one.value)) for one in before]

    def granted(loads: list[Load]) -> FloatArray:
        one = held(*loads, split_at=720)
        if policy == "default":
            return follow(one).grants
        return rolling(one, LoadWeighted(0.8), Loop(6.0) if policy == "loop" else None)

    seen = from_bin - 720 + 1
    assert (granted(before)[:seen] == granted(after)[:seen]).all()
    assert (granted(before) != granted(after)).any()


def test_static_is_fitted_once_on_what_lies_before() -> None:
    """The grant is that of the first half, whatever the second half used."""
    one = held(load([20.0] * 60 + [50.0] * 60))
    assert (static(one, Percentile(1.0)) == 20.0).all()
    assert tally(one.cohort, static(one, Percentile(1.0)), one.first).violation == 1.0


def test_hindsight_is_fitted_on_what_it_is_scored_on() -> None:
    """The peak of the held-out part is never exceeded in it."""
    one = held(*twin(1, workloads=5))
    assert tally(one.cohort, hindsight(one, Percentile(1.0)), one.first).violation == 0.0


def test_a_rolling_grant_follows_the_window() -> None:
    """Twelve hours after the load has fallen, the window has forgotten what came before."""
    one = held(load([40.0] * 720 + [10.0] * 900), split_at=720)
    grants = rolling(one, Percentile(1.0))
    assert grants[0, 0] == 40.0
    assert grants[-1, 0] == 10.0
    assert int(np.argmax(grants[:, 0] < 40.0)) == 720


@pytest.mark.parametrize(("used", "granted"), [(60.0, 66.0), (92.0, 100.0), (97.0, 106.7), (150.0, 165.0)])
def test_more_than_is_held_only_where_use_came_near_it(used: float, granted: float) -> None:
    """Whoever never came within a twentieth of what is held is not told to hold more."""
    one = held(load([used] * 200))
    assert rolling(one, Percentile(1.0, 0.10))[-1, 0] == pytest.approx(granted)


def test_what_is_held_stays_until_there_is_history() -> None:
    """A workload that begins late keeps its grant until thirty bins were seen."""
    one = held(load([10.0] * 240), load([np.nan] * 130 + [10.0] * 110), split_at=120)
    grants = rolling(one, Percentile())
    assert grants[:, 1].tolist()[:60] == [100.0] * 60
    assert grants[-1, 1] == 10.0


def test_saving_violation_unserved_and_slack_by_hand() -> None:
    """Four bins at a grant of 50 of 100: one of them wanted 80."""
    one = held(load([40.0] * 4 + [40.0, 80.0, 20.0, 40.0]), split_at=4)
    found = replayed(one.cohort, np.full((4, 1), 50.0), 4)
    assert found.saving.value == pytest.approx(0.5)
    assert found.violation.value == pytest.approx(1 / 4)
    assert found.unserved.value == pytest.approx(30 / 180)
    assert found.slack == pytest.approx(1 - 150 / 200)
    assert (found.above, found.samples, found.workloads) == (1.0, 4, 1)


def test_several_workloads_are_resampled() -> None:
    """Two unlike workloads leave the saving between theirs; twins of each other leave no doubt."""
    unlike = held(load([10.0] * 200), load([90.0] * 200, name="other"))
    alike = held(load([10.0] * 200), load([10.0] * 200, name="other"))
    wide, narrow = (replayed(h.cohort, static(h, Percentile(1.0)), h.first).saving for h in (unlike, alike))
    assert [wide.low, wide.high] == pytest.approx([0.1, 0.9])
    assert narrow.low == narrow.high == pytest.approx(narrow.value)


@pytest.mark.parametrize("days", [2, 12])
def test_one_workload_is_resampled_in_blocks_of_time(days: int) -> None:
    """A violation that comes in one piece is less sure than one spread out as often."""
    bins = 288 * days
    piece, spread_out = np.full(bins, 10.0), np.full(bins, 10.0)
    piece[-60:] = 90.0
    spread_out[:: bins // 60] = 90.0
    widths = []
    for used in (piece, spread_out):
        one = held(load(used, seconds=300.0), split_at=0)
        violation = replayed(one.cohort, np.full((bins, 1), 50.0), 0).violation
        widths.append(violation.high - violation.low)
    assert widths[0] > 2 * widths[1]


def test_nothing_held_is_nothing_saved() -> None:
    """A workload that holds nothing has no saving to be found."""
    one = held(load(np.ones(100), granted=0.0))
    assert replayed(one.cohort, rolling(one, LoadWeighted()), one.first).saving.value == 0.0


def test_a_replay_without_use_scores_nothing_unserved() -> None:
    """Nothing used is nothing missed."""
    one = held(load(np.zeros(100)))
    assert replayed(one.cohort, rolling(one, LoadWeighted()), one.first).unserved.value == 0.0


def records(*above: list[float], cost: tuple[float, ...]) -> list[Tally]:
    """Candidates by their violations per refit of 100 bins, and what a bin costs."""
    made = []
    for bad, price in zip(above, cost, strict=True):
        n = np.full(len(bad), 100.0)
        made.append(Tally(n, n * price, n, n, np.array(bad), n))
    return made


CLOCK = Clock(window=4.0, refit=1.0, hold=1.0)


def test_the_cheapest_within_the_budget_is_chosen() -> None:
    """A cheap candidate is left when its record goes bad, and taken again when that has faded."""
    cheap, safe = [0.0] * 4 + [9.0] + [0.0] * 8, [0.0] * 13
    chosen = choose(records(cheap, safe, cost=(0.3, 0.8)), CLOCK, 4, 0.01)
    assert chosen[2:5] == [0, 0, 0]
    assert chosen[5] == 1
    assert chosen[-1] == 0


def test_without_a_record_the_most_cautious_is_chosen() -> None:
    """The last candidate grants until something is known."""
    assert choose(records([0.0], [0.0], cost=(0.3, 0.8)), CLOCK, 0, 0.01)[0] == 1


def test_with_no_rung_within_the_budget_the_least_bad_is_chosen() -> None:
    """Better a small breach than a cheap one."""
    chosen = choose(records([9.0] * 6, [4.0] * 6, cost=(0.3, 0.8)), CLOCK, 4, 0.01)
    assert chosen[-1] == 1


def test_the_candidates_end_with_the_most_cautious() -> None:
    """On a fleet like GenTD26's no candidate grants more than the last one."""
    one = held(*twin(2, workloads=8))
    cost = [
        tally(one.cohort, follow(one, candidates=(candidate,)).grants, one.first).granted.sum()
        for candidate in LADDER
    ]
    assert max(cost) == cost[-1]
    assert len({candidate.name for candidate in LADDER}) == len(LADDER)
    assert Candidate(Percentile()).name == "P95, patient loop"
