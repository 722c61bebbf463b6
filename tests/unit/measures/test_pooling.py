"""Pool, replicas and idle release on loads that a test declares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.measures.loads import START, load

from headway.measures.base import Absent
from headway.measures.spend.demand import Demand, demand_of
from headway.measures.spend.idle_release import Released, release
from headway.measures.spend.load import Load
from headway.measures.spend.pool import (
    Pooled,
    least_beta,
    pool,
    pool_grant,
    reaction_steps,
    reference_grant,
    replayed,
    scored,
    window_steps,
)
from headway.measures.spend.replicas import (
    Goal,
    Staffed,
    erlang_by_hour,
    scored_from,
    settings_over_time,
    staff,
)
from headway.statistics.contrast import FloatArray

MINUTE = 60.0


def sessions(days: float, workloads: int, step: float = MINUTE, seed: int = 1) -> Demand:
    """Workloads that serve one session at a time, more by day than by night."""
    chance = np.random.default_rng(seed)
    steps = round(days * 86400 / step)
    day = 0.15 * workloads * (1 + 0.6 * np.sin(2 * np.pi * np.arange(steps) * step / 86400))
    ends = min(1.0, step / 600)
    open_now, busy = int(day[0]), np.zeros(steps)
    begun = chance.poisson(day * ends)
    for i in range(steps):
        open_now += int(begun[i]) - int(chance.binomial(open_now, ends))
        busy[i] = min(0.8 * open_now, workloads)
    return Demand(
        np.linspace(0, (steps - 1) * step, steps), busy, np.full(steps, float(workloads)), step, workloads
    )


def requests(days: int, per_minute: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Arrivals that follow the day and come in bursts of a minute, and their service of half a minute."""
    chance = np.random.default_rng(seed)
    minute = np.arange(1440 * days)
    rate = (
        per_minute
        * (1 + 0.8 * np.sin(2 * np.pi * minute / 1440))
        * np.exp(chance.normal(-0.5, 1, minute.size))
    )
    number = chance.poisson(rate)
    at = np.sort(np.repeat(minute * MINUTE, number) + chance.random(number.sum()) * MINUTE)
    return START + at, chance.lognormal(3.1, 0.7, at.size)


class TestPool:
    def test_it_keeps_its_budget_and_saves_more_than_the_reference(self) -> None:
        """A hundred workloads over three days: at most 0.2 % unserved, with an interval that holds it."""
        demand = sessions(3, 100)
        made = replayed(demand, pool_grant(demand))
        assert made.unserved.value <= 0.002
        assert made.saving.value >= made.beside[0].saving
        assert made.saving.low < made.saving.value < made.saving.high
        assert "at best" in made.words

    @pytest.mark.parametrize("step", [15.0, 60.0, 300.0, 900.0])
    def test_it_keeps_its_budget_at_any_width_of_bins(self, step: float) -> None:
        """Windows are times, so that other bins need no other setting."""
        demand = sessions(6, 120, step, seed=4)
        made = replayed(demand, pool_grant(demand))
        assert made.unserved.value <= 0.003
        assert made.saving.value >= made.beside[0].saving - 0.02

    def test_a_smaller_budget_never_saves_more(self) -> None:
        """What may be short buys what is saved."""
        demand = sessions(2, 80)
        saved = [replayed(demand, pool_grant(demand, budget=b)).saving.value for b in (0.0005, 0.002, 0.01)]
        assert saved == sorted(saved)

    def test_times_follow_the_bins(self) -> None:
        """A device takes 45 s; windows are 15 minutes, or 7.5 reactions where bins are longer."""
        assert [reaction_steps(s) for s in (15.0, 60.0, 300.0)] == [4, 2, 2]
        assert [window_steps(s, 1.0) for s in (15.0, 60.0, 300.0)] == [60, 15, 15]

    def test_loads_of_workloads_are_pooled_and_gaps_are_no_idleness(self) -> None:
        """Two workloads take turns, one is missing for a while: what it held then does not count."""
        turns = np.tile([0.9] * 30 + [0.0] * 30, 10)
        other = 0.9 - turns
        other[100:160] = np.nan
        made = pool([load(turns, MINUTE, name="a"), load(other, MINUTE, name="b")], floor=1)
        assert isinstance(made, Pooled)
        assert made.held == pytest.approx(1.9)
        assert made.demand[10] == pytest.approx(0.9)
        assert made.pooled.value <= 2.0

    def test_what_cannot_be_pooled_says_why(self) -> None:
        """One workload shares with nobody; unused workloads need no pool."""
        alone = pool([load([0.5] * 60, MINUTE)])
        unused = pool([load([0.0] * 60, MINUTE, name=n) for n in "ab"])
        assert isinstance(alone, Absent)
        assert "two workloads" in alone.why
        assert isinstance(unused, Absent)

    def test_a_moment_without_any_observation_keeps_what_was_last_known(self) -> None:
        """The grant goes on through a hole, and the hole is not scored."""
        used = np.full(300, 4.0)
        used[100:130] = np.nan
        demand = Demand(
            np.linspace(0, 299 * MINUTE, 300), used, np.where(np.isfinite(used), 10.0, np.nan), MINUTE, 10
        )
        grant = reference_grant(demand)
        assert set(grant) == {6.0}
        assert scored("", demand, grant).unserved == 0.0

    def test_samples_of_different_resources_are_not_added(self) -> None:
        """Bytes and devices have no sum."""
        with pytest.raises(ValueError, match="one resource in one unit"):
            demand_of([load([1.0]), load([1.0], resource="memory")])

    def test_a_histogram_by_the_hour_is_its_mean(self) -> None:
        """Hours hold several values: three bins of four at 1 and one at 0 use three quarters."""
        rows = Load(
            "w", "gpu", "devices", START + np.array([0.0, 0.0, 3600.0]), np.array([0.0, 1.0, 0.5]),
            np.array([1.0, 3.0, 4.0]), np.ones(3), 900.0,
        )  # fmt: skip
        made = demand_of([rows])
        assert (made.used.tolist(), made.step_seconds) == ([0.75, 0.5], 3600.0)

    def test_longer_steps_are_means_and_shorter_ones_cannot_be_had(self) -> None:
        """Half hours from minutes; a minute of minutes is itself; per cent are devices."""
        one = load(np.repeat([10.0, 20.0], 30), MINUTE, granted=100.0)
        percent = Load(one.workload, "gpu", "percent", one.at, one.value, one.count, one.granted, MINUTE)
        demand = demand_of([percent])
        assert demand.every(1800.0).used == pytest.approx([0.1, 0.2])
        assert demand.every(MINUTE) is demand

    @given(
        st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20), st.floats(0.5, 3)), min_size=1, max_size=30),
        st.floats(0, 10),
    )
    def test_the_least_factor_leaves_no_more_than_allowed_and_is_the_least(
        self, rows: list[tuple[float, float, float]], allowed: float
    ) -> None:
        """A little less of it would leave more unserved."""
        used, most, root = (np.array(x) for x in zip(*rows, strict=True))

        def short(beta: float) -> float:
            return float(np.maximum(0, used - most - beta * root).sum())

        beta = least_beta(used, most, root, allowed)
        assert short(beta) <= allowed + 1e-6
        assert beta == 0 or short(beta - 1e-3) > allowed - 1e-6


class TestReplicas:
    def test_bursts_are_staffed_until_the_goal_is_kept(self) -> None:
        """Settings are learned day by day: later days keep the goal, as Erlang's numbers do not."""
        made = staff(*requests(8, 1.0, seed=2))
        assert isinstance(made, Staffed)
        beside = {b.name: b for b in made.beside}
        assert made.late.value <= 0.015
        assert beside["Erlang C, mean load"].late > 0.05
        assert beside["default setting"].late > 0.02
        assert made.changed > 0
        assert made.late.low <= made.late.value <= made.late.high

    def test_the_setting_of_a_day_knows_nothing_of_it(self) -> None:
        """Whatever comes from the fourth day on, the settings of the first four days stay."""
        at, took = requests(5, 1.0, seed=3)
        at = at - at[0]
        before = at < 3 * 86400
        whole = settings_over_time(at, took, Goal())
        more = settings_over_time(at, np.where(before, took, took * 3), Goal())
        assert whole[:4] == more[:4]
        assert whole[3] != whole[0]

    def test_a_default_that_keeps_the_goal_stays(self) -> None:
        """Few requests, long pauses: there is nothing to learn, so nothing is changed."""
        at = START + np.arange(0.0, 40 * 3600.0, 1200.0)
        made = staff(at, np.full(at.size, 5.0))
        assert isinstance(made, Staffed)
        assert (made.changed, made.late.value) == (0, 0.0)
        assert made.beside[-1].servers == 1

    def test_batches_need_fewer_servers(self) -> None:
        """A server that holds eight requests at once does the work of several."""
        at, took = requests(1, 6.0, seed=4)
        one, eight = staff(at, took), staff(at, took, Goal(batch=8))
        assert isinstance(one, Staffed)
        assert isinstance(eight, Staffed)
        assert eight.servers.value < one.servers.value / 2

    def test_too_few_requests_say_nothing(self) -> None:
        """Thirty that took time are needed."""
        made = staff(np.arange(100.0), np.where(np.arange(100) < 20, 1.0, 0.0))
        assert isinstance(made, Absent)
        assert made.reason == "coverage"

    def test_what_is_scored_was_not_learned_from(self) -> None:
        """A week where there are two; a day; else half."""
        assert [scored_from(h * 3600) / 3600 for h in (336, 335, 47)] == [168, 24, 23.5]


class TestIdleRelease:
    def test_bins_beyond_the_wait_are_saved_and_use_ends_it_cold(self) -> None:
        """Ten idle minutes, released after three: seven of twelve are saved, at one cold start."""
        made = release([load([1.0, *[0.0] * 10, 1.0], MINUTE)], after=180)
        assert isinstance(made, Released)
        assert made.share.value == pytest.approx(7 / 12)
        assert made.cold_starts == pytest.approx(1440 / 12)
        assert made.chosen == "declared"

    def test_a_gap_is_not_idle(self) -> None:
        """Two missing bins end a run, so nobody is said to have idled through them; one does not."""
        idle = [0.0] * 5
        one = release([load([1.0, *idle, np.nan, *idle, 1.0], MINUTE)], after=300)
        two = release([load([1.0, *idle, np.nan, np.nan, *idle, 1.0], MINUTE)], after=300)
        assert isinstance(one, Released)
        assert isinstance(two, Released)
        assert one.share.value == pytest.approx(5 / 12)
        assert (two.share.value, two.cold_starts) == (0.0, 0.0)

    def test_little_use_of_a_large_grant_is_idle(self) -> None:
        """Below a twentieth of what is granted."""
        made = release([load([0.4] * 10, MINUTE, granted=10.0)], after=0)
        assert isinstance(made, Released)
        assert made.share.value == 1.0

    def test_a_slot_with_any_use_is_no_idle_slot(self) -> None:
        """Quarter hours of many bins count as idle if all of their bins are."""
        slots = START + 900.0 * np.array([0.0, 1.0, 1.0, 2.0, 3.0])
        rows = Load(
            "w", "gpu", "devices", slots, np.array([0.0, 0.0, 0.9, 0.0, 0.0]),
            np.array([15.0, 14.0, 1.0, 15.0, 15.0]), np.ones(5), 60.0,
        )  # fmt: skip
        made = release([rows], after=900)
        assert isinstance(made, Released)
        assert made.share.value == pytest.approx(15 / 60)
        assert made.unit_hours.value == pytest.approx(0.25)

    def test_a_fortnight_chooses_the_time_that_costs_least(self) -> None:
        """Pauses of 20 minutes are not worth a start of 15, nights are: release waits through the one."""
        day = np.concatenate([np.tile([1.0] * 10 + [0.0] * 20, 24), np.zeros(720)])
        made = release([load(np.tile(day, 16), MINUTE)], cold_cost=1500.0)
        assert isinstance(made, Released)
        assert made.chosen == "least cost in the past"
        assert made.after == pytest.approx(1200.0)
        assert made.cold_starts == pytest.approx(1.0, abs=0.2)
        short = release([load(np.tile(day, 2), MINUTE)], cold_cost=1500.0)
        assert isinstance(short, Released)
        assert (short.chosen, short.after) == ("ski rental", 1500.0)

    @given(
        st.lists(st.tuples(st.integers(1, 4), st.integers(1, 90)), min_size=1, max_size=12),
        st.integers(1, 40),
    )
    def test_ski_rental_costs_at_most_twice_the_best_in_hindsight(
        self, runs: list[tuple[int, int]], worth: int
    ) -> None:
        """Whatever the pauses are: held idle bins and starts, against knowing each pause beforehand."""
        used = np.concatenate([[*[1.0] * busy, *[0.0] * idle] for busy, idle in runs] + [[1.0]])
        made = release([load(used, MINUTE)], cold_cost=worth * MINUTE)
        assert isinstance(made, Released)
        idle = float(sum(n for _, n in runs))
        days = used.size / 1440
        cost = idle - made.share.value * used.size + worth * made.cold_starts * days
        best = sum(min(n, worth) for _, n in runs)
        assert cost <= 2 * best + 1e-6

    def test_nothing_granted_can_be_given_back(self) -> None:
        """Without a grant there is nothing to release."""
        assert isinstance(release([load([0.0] * 9, MINUTE, granted=0.0)]), Absent)

    def test_intervals_are_over_workloads(self) -> None:
        """Many workloads are resampled; one is, in blocks of time."""
        chance = np.random.default_rng(1)
        many = [load(chance.choice([0.0, 1.0], 2000, p=[0.9, 0.1]), MINUTE, name=f"w{i}") for i in range(20)]
        for loads in (many, many[:1]):
            made = release(loads, after=300)
            assert isinstance(made, Released)
            assert made.share.low < made.share.value < made.share.high


def test_a_part_of_a_demand_is_a_demand() -> None:
    """Steps from one up to another, with all that belongs to them."""
    part = sessions(1, 20).between(60, 120)
    assert (part.at[0], part.at[-1], part.used.size, part.workloads) == (3600.0, 7140.0, 60, 20)


def test_erlang_by_the_hour_never_staffs_nobody() -> None:
    """An hour without a request is staffed as one with half of one."""
    plan = erlang_by_hour(np.array([0.0, 0.5, 240.0]), 30.0, Goal())
    assert plan.tolist() == [1.0, 1.0, 6.0]


def test_very_many_lengths_of_pauses_are_tried_by_their_quantiles() -> None:
    """A year of pauses of all lengths still gives a time to release after, near what a start is worth."""
    chance = np.random.default_rng(2)
    used = np.concatenate([[1.0, *[0.0] * int(n)] for n in chance.integers(1, 400, 200)])
    made = release([load(used, MINUTE)], cold_cost=6000.0)
    assert isinstance(made, Released)
    assert made.chosen == "least cost in the past"
    assert 0 < made.share.value < 1
