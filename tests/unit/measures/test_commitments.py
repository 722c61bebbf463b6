"""Commitments and orders: levels on declared demand, and the measures on a small portfolio."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.measures.loads import START
from tests.unit.small import FRAMED, Declare, codes, estimates, missing, reviewed

from headway.measures.base import Absent
from headway.measures.spend.advice import Coverage
from headway.measures.spend.capacity_plan import Need, Shape, need_at, order, quick
from headway.measures.spend.commitment_plan import Eligible, Family, plan
from headway.measures.spend.commitments import (
    Committed,
    Offer,
    commit,
    level_for,
    levels,
    scenarios,
    staged,
)
from headway.measures.spend.demand import Demand
from headway.statistics.contrast import FloatArray
from headway.statistics.forecast import forecast, models_of
from headway.statistics.newsvendor import best_level, saving

WEEK = 168
STATIC = Coverage("static")
DISCOUNTS = (0.28, 0.40, 0.60, 0.72)


def hours(weeks: int, seed: int = 1, level: float = 10.0) -> FloatArray:
    """Whole servers in use, hour by hour, that follow the day and the week."""
    chance = np.random.default_rng(seed)
    hour = np.arange(WEEK * weeks)
    cycle = level * (1 + 0.6 * np.sin(2 * np.pi * hour / 24)) * np.where(hour // 24 % 7 >= 5, 0.6, 1.0)
    return np.asarray(chance.poisson(cycle), dtype=np.float64)


def demand(used: FloatArray, granted: float = 20.0) -> Demand:
    """The same as a demand."""
    at = START + np.linspace(0, 3600.0 * (len(used) - 1), len(used))
    return Demand(at, used, np.full(len(used), granted), 3600.0, 1, "gpu", "devices")


def committed(made: tuple[Committed, ...] | Absent) -> tuple[Committed, ...]:
    """What was answered, which was to be an answer."""
    assert not isinstance(made, Absent), made
    return made


class TestLevels:
    @pytest.mark.parametrize("discount", DISCOUNTS)
    def test_a_level_learned_is_within_a_point_of_hindsight(self, discount: float) -> None:
        """Twenty worlds, four weeks known and four to come: on average far within it, and never a loss."""
        lost = []
        for seed in range(20):
            used = hours(8, seed)
            level, _ = level_for(used[: 4 * WEEK], discount)
            after = used[4 * WEEK :]
            best = saving(best_level(after, discount), after, discount)
            found = saving(level, after, discount)
            assert found >= 0
            lost.append(100 * (best - found))
        assert max(lost) <= 1.0

    def test_whole_weeks_are_read_and_a_trend_shortens_the_history(self) -> None:
        """Eight days know one week; of demand that grew all along only the newest weeks say what comes."""
        assert level_for(hours(2)[: WEEK + 24], 0.5)[1] == WEEK
        assert level_for(hours(1)[:100], 0.5)[1] == 100
        grown = hours(12) * np.linspace(1.0, 4.0, 12 * WEEK)
        assert level_for(grown, 0.5)[1] <= 2 * WEEK
        assert level_for(hours(12), 0.5)[1] >= 4 * WEEK

    def test_an_answer_says_what_it_saves_and_risks(self) -> None:
        """Level, use, cover and intervals; what is granted today would have cost more than it saves."""
        made, dear = committed(commit(demand(hours(6)), [Offer("year", 0.4), Offer("deep", 0.72)], STATIC))
        assert made.saving.low < made.saving.value < made.saving.high
        assert made.regret.value == pytest.approx(0.0, abs=1e-3)
        assert (made.break_even, made.today < 0) == (0.6, True)
        assert made.level < dear.level
        assert 0.6 <= made.use <= 1
        assert made.cover < dear.cover
        assert made.upper >= made.level

    def test_a_long_term_is_bought_in_stages(self) -> None:
        """Six weeks speak for half of forty-eight: whole units, and never less than is held (HW752)."""
        (made,) = committed(levels(demand(hours(6)), [Offer("3 years", 0.6, 48 * WEEK, held=3.0)]))
        assert made.codes == ("HW752",)
        assert made.now == np.floor(staged(made.offer, made.level, 6 * WEEK))
        assert 3.0 < made.now < made.level
        assert "buy" in made.words
        (short,) = committed(levels(demand(hours(6)), [Offer("month", 0.6, 4 * WEEK)]))
        assert (short.codes, short.now) == ((), short.level)

    def test_what_is_held_already_is_a_lower_bound(self) -> None:
        """More than pays even at the upper bound of the forecast is told (HW751), and saves nothing."""
        (made,) = committed(levels(demand(hours(6)), [Offer("year", 0.28, 4 * WEEK, held=19.0)]))
        assert (made.level, made.codes) == (19.0, ("HW751",))
        assert made.held.value < 0

    def test_history_that_carries_no_standing_advice_carries_no_commitment(self) -> None:
        """The coverage gate's reason is the answer."""
        refused = commit(
            demand(hours(1)), [Offer("year", 0.4)], Coverage("rolling", "HW440", "one week only")
        )
        assert refused == Absent("commitment", "coverage", "one week only")
        assert isinstance(levels(demand(np.zeros(500)), [Offer("year", 0.4)]), Absent)

    def test_half_a_day_is_answered_where_it_is_only_observed(self) -> None:
        """No forecast can be made of it, so the level itself is its upper bound."""
        (made,) = committed(levels(demand(hours(1)[:12]), [Offer("year", 0.4)]))
        assert made.upper == made.level

    def test_scenarios_keep_weeks_whole(self) -> None:
        """Each is as long as the history's whole weeks, and made of its hours."""
        used = hours(5)
        made = scenarios(used, 10)
        assert made.shape == (10, 5 * WEEK)
        assert any((made[0, :WEEK] == used[i * WEEK : (i + 1) * WEEK]).all() for i in range(5))
        assert scenarios(used[:60], 3).shape == (3, 48)


class TestPlan:
    @pytest.mark.parametrize("discount", DISCOUNTS)
    def test_one_family_and_one_scenario_is_the_newsvendor(self, discount: float) -> None:
        """The linear programme finds the closed form."""
        used = hours(2)
        made = plan([Family("gpu", 2.0, used[None, :])], [Eligible(Offer("o", discount), ("gpu",), 2.0)])
        assert made.saving == pytest.approx(saving(best_level(used, discount), used, discount), abs=1e-6)
        assert made.regret == pytest.approx(0.0, abs=1e-9)

    def test_what_covers_two_families_is_shared_by_them(self) -> None:
        """Two kinds of demand that take turns need one commitment between them."""
        turns = np.tile([4.0, 0.0], 50)[None, :]
        both = [Family("a", 1.0, turns), Family("b", 1.0, 4.0 - turns)]
        made = plan(
            both, [Eligible(Offer("any", 0.3), ("a", "b"), 1.0), Eligible(Offer("a only", 0.4), ("a",), 1.0)]
        )
        assert made.levels["any"] == pytest.approx(4.0)
        assert made.levels["a only"] == pytest.approx(0.0)
        assert made.saving == pytest.approx(0.3)

    def test_what_is_held_is_kept_and_used(self) -> None:
        """A commitment of three is no decision any more: the better offer adds only what is missing."""
        flat = Family("a", 1.0, np.full((1, 50), 5.0))
        made = plan(
            [flat],
            [Eligible(Offer("old", 0.2, held=3.0), ("a",), 1.0), Eligible(Offer("new", 0.5), ("a",), 1.0)],
        )
        assert made.levels == pytest.approx({"old": 3.0, "new": 2.0})

    def test_aversion_lowers_the_regret_of_the_worst_scenarios(self) -> None:
        """Nine good futures and a bad one: who minds regret commits to less than who counts the mean."""
        futures = np.vstack([np.full((9, 30), 10.0), np.full((1, 30), 1.0)])
        offers = [Eligible(Offer("o", 0.5), ("a",), 1.0)]
        mean, minding = (plan([Family("a", 1.0, futures)], offers, a) for a in (0.0, 1.0))
        assert mean.levels["o"] == pytest.approx(10.0)
        assert minding.levels["o"] < 8.0
        assert minding.tail_regret < mean.tail_regret
        assert minding.worst > mean.worst


class TestOrder:
    SHAPES = (
        Shape("small", 2.0, 1.0, 10.0, "north"),
        Shape("large", 7.0, 4.0, 40.0, "north", most=3),
        Shape("south", 1.0, 4.0, 40.0, "south"),
    )

    def test_the_cheapest_mixture_serves_demand_and_memory(self) -> None:
        """Nine need two large and one small; more memory adds one; another region serves its own only."""
        made = order(self.SHAPES, [Need(9.0, region="north")])
        assert (made.counts, made.price, made.code) == ({"large": 2, "small": 1}, 16.0, "")
        assert made.binding == ("demand in north",)
        held = order(self.SHAPES, [Need(9.0, 100.0, "north"), Need(3.0, region="south")])
        assert held.counts == {"large": 2, "small": 2, "south": 1}
        assert "memory in north" in held.binding

    def test_brute_force_finds_nothing_cheaper(self) -> None:
        """All mixtures of up to twenty small and three large."""
        for need in np.linspace(0.5, 30, 20):
            made = order(self.SHAPES, [Need(float(need), region="north")])
            brute = min(2 * s + 7 * n for s in range(40) for n in range(4) if s + 4 * n >= need)
            assert made.price == pytest.approx(brute)

    def test_what_cannot_be_served_names_the_row(self) -> None:
        """Twelve at most can be had of the large shape alone (HW750); what is sold out is told."""
        few = (Shape("large", 7.0, 4.0, 40.0, most=3),)
        for made in (order(few, [Need(13.0)]), quick(few, Need(13.0))):
            assert (made.code, made.counts) == ("HW750", {})
            assert made.binding == ("demand of 13, where at most 12 can be had",)
        assert order(few, [Need(12.0)]).binding == ("demand", "large: all 3 are ordered")
        assert order(few, [Need(4.0, 200.0)]).binding == ("memory of 200, where at most 120 can be had",)

    def test_the_simple_rule_takes_one_shape(self) -> None:
        """As many as are needed of the cheapest that serves it, where one alone can."""
        made = quick(self.SHAPES, Need(9.0, region="north"))
        assert (made.counts, made.price) == ({"small": 9}, 18.0)
        split = (Shape("a", 1.0, 1.0, most=2), Shape("b", 1.0, 1.0, most=2), Shape("c", 1.0, 0.0, 1.0))
        assert quick(split, Need(4.0)).binding == ("no shape alone serves it",)
        assert order(split, [Need(4.0)]).counts == {"a": 2, "b": 2}

    def test_demand_is_what_comes_once_the_order_has(self) -> None:
        """The bound from the lead on counts; beyond the forecast nothing can be said (HW753)."""
        made = forecast(np.tile(np.arange(24.0), 10), 24, 0.9, models_of(24))
        assert need_at(made, 1.0, 20.0) == pytest.approx(23.0)
        assert need_at(made, 1.0, 24.0) is None


HELD = FRAMED.replace("stage: framed", "stage: operating") + "uses: [gpu-pool]\n"
SOURCES = """\
source: gpu-use
kind: file
path: use.parquet
fact: usage
---
source: contracts
kind: file
path: contracts.csv
fact: commitment
"""
POOL = "component: gpu-pool\ntype: pool\nusage: gpu-use\n"
HEADER = (
    "ContractCommitmentId,ContractCommitmentCategory,ContractCommitmentQuantity,ContractCommitmentUnit,"
    "DiscountPercentage,ContractCommitmentPeriodStart,ContractCommitmentPeriodEnd,"
    "ContractCommitmentLifecycleStatus,ContractCommitmentApplicability,owner\n"
)


def metered(folder: Path, used: FloatArray, *rows: str, memory: float | None = None) -> Path:
    """Write use up to the end of March by the hour, and contracts."""
    first = datetime(2026, 3, 31) - timedelta(hours=len(used))  # noqa: DTZ001  a column without a zone is UTC
    at = [first + timedelta(hours=i) for i in range(len(used))]
    kinds = {"gpu": used} if memory is None else {"gpu": used, "gpu.memory": np.full(len(used), memory)}
    table = {
        "workload": ["answers"] * len(used) * len(kinds),
        "resource": np.repeat(list(kinds), len(used)),
        "ts": pa.array(at * len(kinds), pa.timestamp("s")),
        "granted": np.full(len(used) * len(kinds), 30.0),
        "used": np.concatenate(list(kinds.values())),
    }
    pq.write_table(pa.table(table), folder / "use.parquet")
    (folder / "contracts.csv").write_text(HEADER + "".join(f"{r}\n" for r in rows))
    return folder


def contract(
    quantity: float, unit: str = "GPUs", end: str = "2026-06-01", discount: str = "40", **more: str
) -> str:
    """One row: what is committed, until when, at what discount."""
    category, status = more.get("category", "Usage"), more.get("status", "Active")
    owner = more.get("owner", "trial")
    name = more.get("name", "c-1")
    return f"{name},{category},{quantity},{unit},{discount},2026-01-01,{end},{status},gpu,{owner}"


class TestMeasures:
    def test_what_is_committed_is_held_against_the_band_of_expected_use(self, declare: Declare) -> None:
        """Six of nine GPUs: a share with both ends, the higher from the lower end of the band."""
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), contract(6))
        found = estimates(reviewed(folder), "commitments")
        share = found["committed_share [gpu]"]
        assert share["low"] < share["value"] < share["high"] < 1
        assert share["value"] == pytest.approx(6 / hours(8).mean(), rel=0.05)
        assert found["commitment_saving [gpu]"]["value"] == pytest.approx(
            saving(6.0, hours(8), 0.4), abs=0.02
        )

    def test_hours_over_the_period_are_units_at_once(self, declare: Declare) -> None:
        """2,160 GPU hours over ninety days are one GPU."""
        row = contract(2160, "GPU Hours", end="2026-04-01")
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), row)
        assert estimates(reviewed(folder), "commitments")["committed_share [gpu]"]["committed"] == 1.0

    def test_nothing_that_binds_is_a_share_of_nought(self, declare: Declare) -> None:
        """What is on offer, of another owner, or over, is not committed."""
        rows = (
            contract(6, status="Offered"),
            contract(6, owner="somebody", name="c-2"),
            contract(6, end="2026-03-01", name="c-3"),
            contract(6, end="2025-12-01", name="c-4"),
        )
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), *rows)
        assert estimates(reviewed(folder), "commitments")["committed_share"]["value"] == 0.0

    def test_more_than_pays_and_longer_than_is_known_are_told(self, declare: Declare) -> None:
        """HW751 and HW752, at the source that holds the contract."""
        row = contract(25, end="2029-01-01")
        made = reviewed(metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), row))
        assert {"HW751", "HW752"} <= set(codes(made))
        assert estimates(made, "commitments")["commitment_saving [gpu]"]["high"] < 0

    @pytest.mark.parametrize(
        ("weeks", "row", "reason", "why"),
        [
            (1, contract(6), "coverage", "h"),
            (8, contract(6, category="Spend"), "unit", "commits to money"),
            (8, contract(6).replace(",gpu,", ",cpu,"), "none", "no use of cpu"),
        ],
    )
    def test_what_history_or_meters_do_not_carry_is_missing(
        self, declare: Declare, weeks: int, row: str, reason: str, why: str
    ) -> None:
        """A week of history, a commitment to money, a resource that nobody meters."""
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(weeks), row)
        (found,) = {
            v for k, v in missing(reviewed(folder), "commitments").items() if k.startswith("committed")
        }
        assert found[0] == reason
        assert why in found[1]

    def test_without_its_discount_nothing_is_known_of_a_saving(self, declare: Declare) -> None:
        """The share is known all the same."""
        folder = metered(
            declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), contract(6, discount="")
        )
        made = reviewed(folder)
        assert "committed_share [gpu]" in estimates(made, "commitments")
        assert "without its DiscountPercentage" in missing(made, "commitments")["commitment_saving [gpu]"][1]

    def test_without_a_source_or_with_one_that_fails_nothing_is_said(self, declare: Declare) -> None:
        """Both reasons are told apart."""
        assert missing(reviewed(declare()), "commitments")["committed_share"][0] == "none"
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=POOL), hours(8), contract(6))
        (folder / "use.parquet").write_bytes(b"no table")
        assert missing(reviewed(folder), "commitments")["committed_share"][0] == "source_failed"

    ORDER = POOL + (
        "capacity:\n  order:\n"
        "    - {shape: node, price: 4, capacity: 4, memory: 100, lead: 12h}\n"
        "    - {shape: far, price: 1, capacity: 4, lead: 90d}\n"
    )

    def test_what_to_order_serves_the_bound_of_demand(self, declare: Declare) -> None:
        """The cheap shape comes too late to be counted on (HW753); memory binds the other."""
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=self.ORDER), hours(8), memory=950.0)
        made = reviewed(folder)
        found = estimates(made, "orders")["order_price [gpu-pool]"]
        assert found["order"] == {"node": 10}
        assert found["binding"] == ["memory"]
        assert (found["value"], found["low"] <= found["high"]) == (40.0, True)
        assert codes(made).count("HW753") == 1

    def test_an_order_that_cannot_be_served_is_told(self, declare: Declare) -> None:
        """HW750 at the component, and why the price is missing."""
        few = self.ORDER.replace("lead: 12h", "lead: 12h, most: 2")
        made = reviewed(metered(declare(initiative=HELD, sources=SOURCES, pool=few), hours(8)))
        assert "HW750" in codes(made)
        assert "at most 8 can be had" in missing(made, "orders")["order_price [gpu-pool]"][1]

    @pytest.mark.parametrize(
        ("weeks", "part", "why"),
        [(1, 60, "60 hours of use are known"), (3, 504, "nothing that can be ordered comes within")],
    )
    def test_orders_need_a_history_four_times_as_long_as_their_lead(
        self, declare: Declare, weeks: int, part: int, why: str
    ) -> None:
        """Demand is forecast a quarter as far as its history reaches back."""
        late = self.ORDER.replace("lead: 12h", "lead: 30d")
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=late), hours(weeks)[:part])
        assert why in missing(reviewed(folder), "orders")["order_price [gpu-pool]"][1]

    def test_what_is_not_metered_or_cannot_be_read_is_said_of_orders_too(self, declare: Declare) -> None:
        """A resource that no row is of, and a table that is none."""
        other = self.ORDER.replace("capacity:\n", "capacity:\n  resource: tpu\n")
        folder = metered(declare(initiative=HELD, sources=SOURCES, pool=other), hours(8))
        assert "no use of tpu" in missing(reviewed(folder), "orders")["order_price [gpu-pool]"][1]
        (folder / "use.parquet").write_bytes(b"no table")
        assert missing(reviewed(folder), "orders")["order_price [gpu-pool]"][0] == "source_failed"
