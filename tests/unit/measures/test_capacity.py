"""Capacity and waste: loads out of meters, the need that a replay shows, prices, and what gates read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import (
    FRAMED,
    INITIATIVE,
    RANDOMISED,
    Declare,
    codes,
    estimates,
    missing,
    reviewed,
    two_arms,
)

from headway.aggregates.request import Bucket, Slot, count, greatest, sum_of
from headway.aggregates.sums import Sums
from headway.measures.spend.course import course_json
from headway.measures.spend.idle import idle
from headway.measures.spend.joint import joint
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Meter, exact_loads
from headway.measures.spend.price import granted_units
from headway.measures.spend.sizing import size, together
from headway.portfolio.capacity import Capacity

GPU = """\
source: fleet
kind: file
path: fleet.parquet
fact: usage
"""
POOL = "component: pool\nusage: fleet\n"
DRAWING = FRAMED + "uses: [pool]\n"
PILOTED = INITIATIVE + "uses: [pool]\npilot:\n" + "".join(f"  {x}\n" for x in RANDOMISED.splitlines())
START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
AS_OF = datetime(2026, 3, 31, tzinfo=UTC)
BINS = 30 * 24 * 4


def days(level: float, bins: int = BINS, seed: int = 1) -> Any:
    """A quarter-hourly load that works from eight to eighteen and does nothing at night."""
    hour = np.arange(bins) // 4 % 24
    noise = np.random.default_rng(seed).lognormal(0.0, 0.2, bins)
    return np.where((hour >= 8) & (hour < 18), np.minimum(level * noise, 1.0), 0.0)


def fleet(folder: Path, levels: Sequence[float] = (0.1, 0.2, 0.3, 0.4), **more: Any) -> None:
    """Machines of one device each, of different levels, over thirty days."""
    n = more.pop("bins", BINS)
    ts = np.datetime64("2026-03-01", "us") + np.arange(n) * np.timedelta64(900, "s")
    table: dict[str, Any] = {
        "workload": [f"pod-{i}" for i in range(len(levels)) for _ in range(n)],
        "resource": ["gpu"] * (n * len(levels)),
        "ts": pa.array(np.tile(ts, len(levels))),
        "granted": [1.0] * (n * len(levels)),
        "used": np.concatenate([days(level, n, i) for i, level in enumerate(levels)]),
        "unit": ["devices"] * (n * len(levels)),
        "rung": ["R2"] * (n * len(levels)),
    }
    for name, values in more.items():
        table[name] = np.repeat(values, n).tolist() if len(values) == len(levels) else values
    pq.write_table(pa.table(table), folder / "fleet.parquet")


def bill(folder: Path) -> None:
    """Four devices for thirty days at one euro an hour, a tenth of it reserved and used by nobody."""
    (folder / "bill.csv").write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,SubAccountId,CommitmentDiscountStatus\n"
        "2592,EUR,2026-03-01 00:00:00,2026-03-31 00:00:00,a,Used\n"
        "288,EUR,2026-03-01 00:00:00,2026-03-31 00:00:00,a,Unused\n"
        "99,EUR,2026-03-01 00:00:00,2026-03-31 00:00:00,b,Used\n"
    )


BILL = "source: bill\nkind: file\npath: bill.csv\nfact: cost\n"


class TestLoads:
    """Loads are the sums of a meter, brought into the order of time."""

    def sums(self) -> Sums:
        """Two hours of one pod: two bins of one bucket and an idle one, and a group without a moment."""
        keys = ("workload", "resource", Slot("ts", 3600), Bucket("used"))
        groups = (("p", "gpu", 1, 0), ("p", "gpu", 0, -(2**31)), ("p", "gpu", None, 3), ("p", "gpu", 0, None))
        values = {
            count("used"): np.array([2, 1, 4, 0]),
            sum_of("granted"): np.array([2.0, 0.0, 4.0, 1.0]),
            count("granted"): np.array([2, 0, 4, 1]),
            greatest("used_max"): np.array([1.3, None, 9.0, 1.0], dtype=object),
        }
        return Sums(keys, groups, values, {"granted": 1.0})

    def test_a_histogram_by_the_hour_is_a_load(self) -> None:
        """Rows in the order of time, the bucket's upper edge as value; without either there is none."""
        meter = Meter.of(self.sums())
        (load,) = meter.loads(granted=2.0)
        assert load.at.tolist() == [0.0, 3600.0]
        assert load.value.tolist() == pytest.approx([0.0, 1.02])
        assert load.count.tolist() == [1.0, 2.0]
        # The first hour has no grant: what is declared stands for it. The shift of the sums is given back.
        assert load.granted.tolist() == [2.0, 2.0]
        peaks = meter.peaks(load)
        assert peaks is not None
        assert peaks.tolist() == pytest.approx([0.0, 1.3])

    def test_what_lies_before_the_history_is_left_out(self) -> None:
        """History begins with the hour that its first moment lies in."""
        (load,) = Meter.of(self.sums(), datetime(1970, 1, 1, 1, 30, tzinfo=UTC)).loads()
        assert load.at.tolist() == [3600.0]

    def test_without_a_grant_the_most_that_was_used_stands_for_it(self) -> None:
        """Nothing is granted on paper where no row, no declaration and no capacity says so."""
        (load,) = Meter.of(self.sums()).loads()
        assert load.granted.tolist() == pytest.approx([1.02, 2.0])

    def test_exact_samples_come_in_any_order_and_doubled(self) -> None:
        """Those of one moment are averaged; what is below nought is nought; what is no number is out."""
        made = exact_loads(
            ["b", "a", "a", "a", "a"],
            np.array([60.0, 120.0, 60.0, 60.0, 180.0]),
            np.array([1.0, -1e-6, 2.0, 4.0, np.nan]),
            5.0,
            bin_seconds=60.0,
        )
        assert [(x.workload, x.at.tolist(), x.value.tolist()) for x in made] == [
            ("a", [60.0, 120.0], [3.0, 0.0]),
            ("b", [60.0], [1.0]),
        ]

    def test_a_review_reads_the_load_as_the_rows_have_it(self, declare: Declare) -> None:
        """What a file says of every bin comes back within a bucket, hour by hour."""
        from headway.measures.spend.loads import load_request, metered

        folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
        fleet(folder, [0.2])
        made = reviewed(folder)
        ask = made.collected.asks["trial"]
        (of,) = metered(ask)
        (load,) = Meter.of(made.collected.answers.sums[load_request(ask, of)]).loads()
        used = days(0.2, BINS, 0)
        assert load.bin_seconds == 900.0
        assert load.bins == BINS
        assert load.count @ load.value == pytest.approx(used.sum(), rel=0.021)
        assert load.count @ load.value >= used.sum()


class TestSizing:
    """Advice is given where history suffices, and a replay stands behind it."""

    def loads(self, hours: float = 720.0, rung: str = "R2") -> list[Load]:
        """Four quarter-hourly loads."""
        bins = int(hours * 4)
        at = START + 900.0 * np.arange(bins, dtype=float)
        return [
            replace(exact_loads([f"pod-{i}"] * bins, at, days(0.1 * (i + 1), bins, i), 1.0)[0], rung=rung)
            for i in range(4)
        ]

    def test_steady_work_on_large_grants_is_advised_less(self) -> None:
        """Every grant shrinks, none lies below use, and the replay is short at most as often as allowed."""
        sized, whole = size(self.loads(), Capacity(), AS_OF)
        assert whole is not None
        assert whole.violation.value <= 0.01
        assert 0.3 < whole.saving.low < whole.saving.value < whole.saving.high < 0.9
        assert [s.advice.direction for s in sized] == ["down"] * 4
        assert all(s.advice.proposed and s.advice.proposed > 0.1 * (i + 1) for i, s in enumerate(sized))
        assert all(s.course and s.advice.replayed and not s.why_not for s in sized)

    def test_a_short_history_gets_no_advice_and_says_when_it_will(self) -> None:
        """Twenty hours are replayed, and nothing is proposed."""
        (one, *_), whole = size(self.loads(20.0), Capacity(), AS_OF)
        assert whole is not None
        assert one.advice.proposed is None
        assert one.code == "HW440"
        assert str(one.advice.coverage.sufficient_on) == "2026-03-03"

    def test_a_few_samples_are_not_replayed(self) -> None:
        """Below thirty there is neither a course nor a replay."""
        (one, *_), whole = size(self.loads(2.0), Capacity(), AS_OF)
        assert (whole, one.course, one.advice.proposed) == (None, None, None)

    def test_what_an_autoscaler_follows_is_not_advised(self) -> None:
        """HW450, whatever the history."""
        (one, *_), _ = size(self.loads(), Capacity(hpa=("gpu",)), AS_OF)
        assert (one.code, one.advice.proposed) == ("HW450", None)

    def test_a_component_may_ask_to_observe(self) -> None:
        """It is replayed, and nothing is proposed."""
        (one, *_), whole = size(self.loads(), Capacity(replay="observe"), AS_OF)
        assert whole is not None
        assert (one.code, one.advice.proposed) == ("", None)

    def test_a_saturated_workload_is_only_ever_advised_more(self) -> None:
        """Use at the grant says that demand is not known."""
        bins = 720 * 4
        at = START + 900.0 * np.arange(bins, dtype=float)
        full = exact_loads(["p"] * bins, at, np.ones(bins), 1.0)
        ((one,), _) = size(full, Capacity(), AS_OF)
        assert one.advice.coverage.saturated
        assert one.advice.direction == "up"
        assert one.advice.proposed is not None
        assert one.advice.proposed >= 1.0

    def test_a_signal_of_liveness_is_of_grade_d(self) -> None:
        """R3 and R4 see that a device runs, not how hard it works."""
        (one, *_), _ = size(self.loads(rung="R3"), Capacity(), AS_OF)
        assert one.advice.grade.value == "D"

    @pytest.mark.parametrize("policy", ["load_weighted", "closed_loop", "percentile", "vpa_like", "peak"])
    def test_every_declared_policy_sizes(self, policy: Any) -> None:
        """Each gives grants of its own."""
        sized, whole = size(self.loads(), Capacity(policy=policy, margin=0.2), AS_OF)
        assert whole is not None
        assert all(s.advice.proposed is not None for s in sized)

    def test_a_saving_is_promised_with_an_interval(self) -> None:
        """Where it is asked for, and around the saving that the policy has now."""
        sized, _ = size(self.loads(240.0), Capacity(), AS_OF, promised=True)
        promised = [s.advice.promised for s in sized]
        assert all(p is not None and p.low <= p.value <= p.high for p in promised)


class TestTogether:
    """The resources of one workload are advised together."""

    def sized(self, gpu: float, memory: float, last: float) -> dict[str, Any]:
        """A workload whose work and memory are steady, but for a last part of its memory."""
        bins = 20 * 96
        at = START + 900.0 * np.arange(bins, dtype=float)
        names = ["p"] * bins
        work = exact_loads(names, at, np.full(bins, gpu), 1.0, capacity=1.0)
        kept = np.where(np.arange(bins) > bins - 3 * 96, last, memory)
        held = exact_loads(names, at, kept, 48.0, resource="gpu.memory", unit="GB", capacity=48.0)
        both = [size(x, Capacity(), AS_OF)[0][0] for x in (work, held)]
        return {s.load.resource: s.advice for s in together(both)}

    def test_the_larger_slice_decides(self) -> None:
        """A tenth of the work and half of the memory: half of the device is granted."""
        found = self.sized(0.1, 24.0, 24.0)
        assert found["gpu"].binds == found["gpu.memory"].binds == "gpu.memory"
        assert found["gpu"].proposed == pytest.approx(found["gpu.memory"].proposed / 48.0)
        assert found["gpu"].proposed >= 0.5

    def test_more_outranks_less(self) -> None:
        """Memory that is full wants more, so nothing of the workload is cut."""
        found = self.sized(0.1, 24.0, 48.0)
        assert found["gpu.memory"].direction == "up"
        assert (found["gpu"].direction, found["gpu"].proposed) == ("keep", 1.0)


class TestIdleAndJoint:
    """Shares that are no savings, and slices by work and memory."""

    def both(self) -> list[Load]:
        """Idle in one of two hours; memory is kept in both."""
        at = np.array([0.0, 3600.0])
        work = exact_loads(["p", "p"], at, np.array([0.0, 0.5]), 1.0, bin_seconds=3600.0)
        memory = exact_loads(
            ["p", "p"],
            at,
            np.array([20.0, 24.0]),
            48.0,
            bin_seconds=3600.0,
            resource="gpu.memory",
            capacity=48.0,
        )
        return [*work, *memory]

    def test_idle_time_that_keeps_its_memory_is_told(self) -> None:
        """Half of the time is idle, and all of that keeps memory."""
        found = idle(self.both())
        assert found is not None
        assert found.share == 0.5
        assert found.holding is not None
        assert (found.holding.low, found.holding.high) == (1.0, 1.0)
        assert idle(self.both(), "cpu") is None

    def test_bins_that_are_not_laid_side_by_side_give_ends(self) -> None:
        """Of an hour half idle and half holding, all or nothing may be both."""
        hour = np.zeros(2)
        work = Load("p", "gpu", "", hour, np.array([0.0, 1.0]), np.ones(2), np.ones(2), 1800.0)
        memory = Load("p", "gpu.memory", "", hour, np.array([0.0, 1.0]), np.ones(2), np.ones(2), 1800.0)
        found = idle([work, memory])
        assert found is not None
        assert found.holding is not None
        assert (found.holding.low, found.holding.high) == (0.0, 1.0)

    def test_the_larger_of_work_and_memory_decides_the_slice(self) -> None:
        """Half of the device is used at most, and half of its memory: a half is kept."""
        found = joint(self.both(), "gpu", {"p": 0.0})
        assert found is not None
        assert (found.saving, found.binds, found.workloads) == (0.5, 0, 1)
        assert joint(self.both()[:1], "gpu", {"p": 0.0}) is None


def test_a_course_adds_loads_and_keeps_gaps() -> None:
    """Sums over workloads per step; where nobody was seen there is nothing, not nought."""
    at = np.array([0.0, 7200.0])
    loads = exact_loads(
        ["p", "p", "q"], np.array([*at, 7200.0]), np.array([0.2, 0.4, 0.3]), 1.0, bin_seconds=3600.0
    )
    sized, _ = size(loads, Capacity(), AS_OF)
    made: Any = course_json(sized)
    assert made["mean"] == [0.2, None, 0.7]
    assert made["granted"] == [1.0, None, 2.0]
    assert made["replayed"] == [None, None, None]
    assert made["split"] is None


def test_what_is_granted_on_average_counts_presence() -> None:
    """A workload that was there half of the time holds half."""
    whole = exact_loads(["p"] * 4, 60.0 * np.arange(4, dtype=float), np.ones(4), 2.0, bin_seconds=60.0)
    half = exact_loads(["q"] * 2, 60.0 * np.arange(2, dtype=float), np.ones(2), 2.0, bin_seconds=60.0)
    assert granted_units([*whole, *half]) == pytest.approx(3.0)
    assert granted_units([]) == 0.0


class TestMeasures:
    """What a review holds as evidence, and a gate reads."""

    def test_grants_are_held_against_the_need_of_a_replay(self, declare: Declare) -> None:
        """More is granted than needed, and the need is short at most one per cent of the time."""
        folder = declare(gpu=GPU, pool=POOL + "capacity: {asked: 1}\n", initiative=DRAWING)
        fleet(folder)
        found = estimates(reviewed(folder), "capacity")
        over = found["grant_over_need [gpu]"]
        assert 1.4 < over["low"] < over["value"] < over["high"]
        assert over["granted"] == pytest.approx(4.0)
        assert over["value"] == pytest.approx(4.0 / over["need"][0])
        assert found["asked_over_need [gpu]"]["value"] == pytest.approx(1 / over["need"][0])
        assert found["violation [gpu]"]["value"] <= 0.01

    def test_waste_says_its_definition_its_lines_and_its_money(self, declare: Declare) -> None:
        """Lines in their order, the unused commitment among them; one that cannot be measured says why."""
        pool = POOL + "cost: {select: [{column: {SubAccountId: a}}]}\n"
        folder = declare(gpu=GPU, pool=pool, bill=BILL, initiative=DRAWING)
        fleet(folder)
        bill(folder)
        found = estimates(reviewed(folder), "waste")
        share, money = found["waste_share [gpu]"], found["waste [gpu]"]
        assert "held by nobody" in share["definition"]
        lines = {line["name"]: line for line in share["lines"]}
        assert list(lines) == [
            "unallocated",
            "reserved-unused",
            "releasable idle",
            "oversized",
            "rate",
            "failed and cancelled work",
        ]
        assert lines["reserved-unused"]["share"] == [pytest.approx(0.1)] * 3
        assert lines["rate"]["why"]
        told = sum(line["share"][0] for line in lines.values() if line["share"])
        assert share["value"] == pytest.approx(told)
        # 2,880 euros in thirty days are 4 an hour, and 2,920 in a month of 730 hours.
        assert money["unit"] == "EUR per month"
        assert money["value"] == pytest.approx(share["value"] * 2920, rel=1e-6)

    def test_an_initiatives_own_keys_price_its_only_component(self, declare: Declare) -> None:
        """Another component beside it, and nobody knows which of them costs what."""
        own = DRAWING + "cost: {select: [{column: {SubAccountId: a}}]}\n"
        folder = declare(gpu=GPU, pool=POOL, bill=BILL, initiative=own)
        fleet(folder)
        bill(folder)
        assert estimates(reviewed(folder), "waste")["waste [gpu]"]["unit"] == "EUR per month"

    def test_without_enough_history_there_is_no_number(self, declare: Declare) -> None:
        """What is lacking and when it will be there is said, for capacity and for waste."""
        folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
        fleet(folder, bins=80)
        made = reviewed(folder)
        reason, why = missing(made, "capacity")["grant_over_need [gpu]"]
        assert reason == "coverage"
        assert "enough on 2026-03-03" in why
        assert missing(made, "waste")["waste_share [gpu]"][0] == "coverage"

    def test_use_that_arrives_summed_cannot_be_replayed(self, declare: Declare) -> None:
        """It has no hours."""
        folder = declare(
            gpu="source: fleet\nkind: file\npath: fleet.csv\nfact: usage\nsummed: yes\n",
            pool=POOL,
            initiative=DRAWING,
        )
        (folder / "fleet.csv").write_text("workload,resource,bucket,n,sum_used,sum_granted\np,gpu,0,3,3,4\n")
        assert "arrives summed" in missing(reviewed(folder), "capacity")["grant_over_need"][1]

    def test_what_is_not_metered_or_not_read_is_missing(self, declare: Declare) -> None:
        """A component without a meter, and a file that is not there."""
        assert missing(reviewed(declare()), "capacity")["violation"][0] == "none"
        made = reviewed(declare(gpu=GPU, pool=POOL, initiative=DRAWING))
        assert missing(made, "capacity")["violation"][0] == "source_failed"

    def test_only_what_the_initiative_holds_counts(self, declare: Declare) -> None:
        """Half of the machines are somebody else's."""
        folder = declare(rows=two_arms(), gpu=GPU, pool=POOL, initiative=PILOTED)
        fleet(folder, holder=["trial", "trial", "other", "other"])
        assert estimates(reviewed(folder), "capacity")["grant_over_need [gpu]"]["granted"] == pytest.approx(
            2.0
        )

    def test_before_the_pilot_the_ask_is_held_against_a_like_workload(self, declare: Declare) -> None:
        """It holds nothing yet: what others hold of the component tells what one needs."""
        folder = declare(gpu=GPU, pool=POOL + "capacity: {asked: 0.3}\n", initiative=DRAWING)
        fleet(folder, holder=["a", "a", "b", "b"])
        made = reviewed(folder)
        found = estimates(made, "capacity")["asked_over_need [gpu]"]
        assert found["of"].startswith("the middle workload")
        assert found["need"][0] == pytest.approx(0.3 / found["value"])
        assert missing(made, "capacity")["grant_over_need [gpu]"] == ("none", "it holds nothing of it yet")

    def test_an_autoscaled_resource_is_told_and_not_judged(self, declare: Declare) -> None:
        """HW450 at the line that names it."""
        folder = declare(gpu=GPU, pool=POOL + "capacity: {hpa: [gpu]}\n", initiative=DRAWING)
        fleet(folder)
        made = reviewed(folder)
        assert codes(made).count("HW450") == 1
        assert missing(made, "capacity")["violation [gpu]"][0] == "coverage"

    def test_a_policy_that_is_short_too_often_shows_no_waste(self, declare: Declare) -> None:
        """What it avoids is needed."""
        pool = POOL + "capacity: {policy: percentile, quantile: 0.5, short: 0.001}\n"
        folder = declare(gpu=GPU, pool=pool, initiative=DRAWING)
        fleet(folder)
        made = reviewed(folder)
        assert "is no waste" in missing(made, "waste")["waste_share [gpu]"][1]
