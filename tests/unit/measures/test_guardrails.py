"""Guardrails: judged against their margin at a level of their own, and missing where they cannot be."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats
from tests.error_control.series import nulls
from tests.unit import rolled
from tests.unit.rolled import panel
from tests.unit.small import RANDOMISED, Declare, Rows, codes, estimates, missing, reviewed, two_arms

from headway.app.check import check
from headway.kernel.estimate import Estimate, Grade
from headway.measures.base import Finding
from headway.measures.value.effect.base import Compared, Setting
from headway.measures.value.effect.evalue import margin_of
from headway.measures.value.effect.guardrails import judged
from headway.measures.value.effect.measure import setting_of
from headway.statistics.contrast import Contrast

STAGGERED = RANDOMISED.replace("design: randomised", "design: staggered").replace(
    "arms: {control: 50 %, treated: 50 %}\n", ""
)
ESTIMATE = Estimate(
    value=0.02, low=0.0, high=0.04, level=0.95, unit="z", n=400, method="means", grade=Grade.A
)
FOUND = Finding("z", ESTIMATE, None, dt.timedelta(1))
DAILY = RANDOMISED + "looks: daily\nplan: {units: 400}\n"


def guarded(pilot: str, *rails: str) -> str:
    """A pilot with guardrails."""
    return pilot + "guardrails: [" + ", ".join(f"{{{rail}}}" for rail in rails) + "]\n"


def rail(folder: Any, metric: str) -> dict[str, Any]:
    """What a guardrail says in a review."""
    found: dict[str, Any] = estimates(reviewed(folder), "effect")[metric]["guardrail"]
    return found


def with_errors(treated: int, control: int, n: int = 4000) -> Rows:
    """Arms of n/2 units, the first of each with an error."""
    rows = two_arms(n)
    arm = np.asarray(rows["variant"])
    failed = np.zeros(n)
    failed[np.flatnonzero(arm == "treated")[:treated]] = 1
    failed[np.flatnonzero(arm == "control")[:control]] = 1
    return {**rows, "failed": failed}


@pytest.mark.parametrize(
    ("worse", "margin", "state"),
    [
        ("up", "{absolute: 0.5}", "met"),
        ("down", "{absolute: 0.5}", "missed"),
        ("down", "{absolute: 1.0}", "inconclusive"),
        ("down", "{absolute: 2}", "met"),
        ("down", "{relative: 0.2}", "met"),
        ("down", "{ratio: 0.95}", "missed"),
        ("up", "{ratio: 1.05}", "met"),
        ("up", "{}", "met"),
        ("down", "{}", "missed"),
    ],
)
def test_a_mean_is_met_inside_its_margin_and_missed_beyond(
    declare: Declare, worse: str, margin: str, state: str
) -> None:
    """The second metric fell by 1 of 10: good where a rise is bad, and by margin where a fall is."""
    rows = two_arms()
    rows["z"] = np.asarray(rows["y"]).copy()
    pilot = guarded(RANDOMISED, f"metric: z, worse: {worse}, margin: {margin}")
    assert rail(declare(pilot, rows), "z")["state"] == state


def test_each_of_m_guardrails_is_judged_at_its_part_of_the_error(declare: Declare) -> None:
    """Two guardrails: the interval of each is the t-interval at 97.5 %, that of the effect at 95 %."""
    rows = two_arms(
        z=np.random.default_rng(3).normal(5, 1, 400), w=np.random.default_rng(4).normal(5, 1, 400)
    )
    folder = declare(
        guarded(RANDOMISED, "metric: z, worse: up, margin: {absolute: 1}", "metric: w, worse: up"), rows
    )
    found = estimates(reviewed(folder), "effect")["z"]
    said = found["guardrail"]
    assert said["level"] == pytest.approx(0.975)
    half = float(stats.t.ppf(1 - 0.0125, found["df"])) * found["se"]
    assert (said["low"], said["high"]) == pytest.approx((found["theta"] - half, found["theta"] + half))
    assert found["level"] == 0.95
    assert found["low"] > said["low"]


def test_looking_daily_widens_the_limit_of_a_guardrail_too(declare: Declare) -> None:
    """At every look the limit is wider than the one of a single look."""
    rows = two_arms(z=np.random.default_rng(3).normal(5, 1, 400))
    ends = []
    for pilot in (RANDOMISED, DAILY):
        said = rail(declare(guarded(pilot, "metric: z, worse: up"), rows), "z")
        ends.append(said["high"] - said["low"])
    assert ends[1] / ends[0] == pytest.approx(3.035 / 1.96, rel=0.01)


def test_its_e_value_speaks_against_being_worse_by_the_margin(declare: Declare) -> None:
    """Non-inferiority: the null is the margin, and the evidence grows with it."""
    rows = two_arms(z=np.random.default_rng(3).normal(5, 1, 400))
    found = []
    for margin in ("0.1", "0.3"):
        folder = declare(guarded(DAILY, f"metric: z, worse: up, margin: {{absolute: {margin}}}"), rows)
        found.append(estimates(reviewed(folder), "effect")["z"]["e"])
    assert [e["null"] for e in found] == [0.1, 0.3]
    assert found[0]["side"] == "less"
    assert found[1]["log_one_sided"] > found[0]["log_one_sided"]


def test_a_margin_on_another_scale_than_the_objective_is_its_own(declare: Declare) -> None:
    """An absolute objective with a relative margin: the guardrail alone is told in per cent."""
    rows = two_arms()
    rows["z"] = np.asarray(rows["y"]).copy()
    found = estimates(
        reviewed(declare(guarded(RANDOMISED, "metric: z, worse: up, margin: {relative: 0.05}"), rows)),
        "effect",
    )
    assert (found["y"]["unit"], found["z"]["unit"]) == ("minutes", "relative change")
    assert found["z"]["guardrail"]["margin"] == pytest.approx(0.05)


def test_clusters_guard_by_their_own_errors(declare: Declare) -> None:
    """With clusters declared, the limit of a guardrail comes from clusters."""
    rows = two_arms(z=np.random.default_rng(3).normal(5, 1, 400))
    pilot = guarded(RANDOMISED + "cluster: team\n", "metric: z, worse: up, margin: {relative: 0.5}")
    found = estimates(reviewed(declare(pilot, rows)), "effect")["z"]
    assert (found["clusters"], found["guardrail"]["state"]) == (20, "met")


@pytest.mark.parametrize(
    ("treated", "control", "margin", "worse", "state"),
    [
        (60, 20, "{ratio: 1.25}", "up", "missed"),
        (60, 20, "{ratio: 0.8}", "down", "met"),
        (20, 60, "{ratio: 0.8}", "down", "missed"),
        (20, 60, "{ratio: 1.25}", "up", "met"),
        (40, 40, "{ratio: 1.25}", "up", "inconclusive"),
        (3, 3, "{ratio: 1.25, ceiling: 0.01}", "up", "met"),
        (0, 0, "{ratio: 1.25}", "up", "inconclusive"),
        (11, 0, "{}", "up", "missed"),
    ],
)
def test_errors_are_judged_by_the_ratio_of_their_rates(
    declare: Declare, treated: int, control: int, margin: str, worse: str, state: str
) -> None:
    """Of 2,000 units an arm: a ratio beyond the margin misses it, a low rate meets a ceiling."""
    pilot = guarded(DAILY, f"metric: failed, kind: count, worse: {worse}, margin: {margin}")
    assert rail(declare(pilot, with_errors(treated, control)), "failed")["state"] == state


def test_errors_are_told_by_both_counts_and_an_open_end(declare: Declare) -> None:
    """11 against 0: the ratio has a low end and no high one, and the share of errors is in the estimate."""
    pilot = guarded(DAILY, "metric: failed, kind: count, worse: up, margin: {ratio: 1.05}")
    made = reviewed(declare(pilot, with_errors(11, 0)))
    found = estimates(made, "effect")["failed"]
    assert (found["value"], found["unit"], found["errors"]) == (
        1.0,
        "share of errors",
        {"control": 0, "treated": 11},
    )
    assert found["e"]["log_two_sided"] == pytest.approx(math.log(170.67), abs=0.6)
    record: Any = made.as_json()
    words = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["metric"] == "failed"]
    assert words[0].startswith("beyond its margin: failed 11 against 0 (+54.8 % to open, 95 %,")
    assert words[0].endswith("valid at every look), at most +5 %; n 4,000, grade A")


def test_swapping_arms_and_harm_mirrors_the_verdict(declare: Declare) -> None:
    """More errors on the treated arm, or fewer good things on it, are the same finding."""
    states = []
    for counts, worse, ratio in (((60, 20), "up", "1.25"), ((20, 60), "down", "0.8")):
        pilot = guarded(DAILY, f"metric: failed, kind: count, worse: {worse}, margin: {{ratio: {ratio}}}")
        found = estimates(reviewed(declare(pilot, with_errors(*counts))), "effect")["failed"]
        states.append((found["guardrail"]["state"], round(found["e"]["log_one_sided"], 9)))
    assert states[0] == states[1]


def test_counted_errors_instead_of_units_are_refused(declare: Declare) -> None:
    """HW435: a unit with two errors would raise false alarms, so there is no finding at all."""
    rows = with_errors(60, 20)
    np.asarray(rows["failed"])[1] = 2
    made = reviewed(declare(guarded(DAILY, "metric: failed, kind: count, worse: up"), rows))
    assert "HW435" in codes(made)
    assert missing(made, "effect")["failed"][0] == "source_failed"
    assert "y" in estimates(made, "effect")


def test_errors_wait_for_the_first_look(declare: Declare) -> None:
    """Before a hundred units an arm, counts are not judged."""
    made = reviewed(declare(guarded(DAILY, "metric: failed, kind: count, worse: up"), with_errors(5, 0, 150)))
    assert missing(made, "effect")["failed"][0] == "below_min_n"


def test_a_guardrail_that_the_design_leaves_out_is_missing(declare: Declare) -> None:
    """A pilot that compares medians says nothing of means: the guardrail is missing, not met."""
    pilot = guarded(RANDOMISED + "statistic: median\n", "metric: x, worse: up")
    made = reviewed(declare(pilot, two_arms()))
    assert missing(made, "effect")["x"] == ("none", "this design does not compare it")


SERIES_SOURCE = """\
source: monitoring
kind: file
path: monitoring.parquet
fact: series
"""


def monitored(folder: Any, shift: float = 0.0, days: int = 120, only_control_before: bool = False) -> None:
    """Latency every hour from 60 days before the start on, 100 on average, with memory."""
    start = dt.datetime(2025, 11, 2, tzinfo=dt.UTC)
    hours = days * 24
    noise = 5 * nulls(0.6, hours, 2, 9)
    at = [start + dt.timedelta(hours=i) for i in range(hours)]
    begun = np.array([t >= dt.datetime(2026, 1, 1, tzinfo=dt.UTC) for t in at])
    arms = {"control": 100 + noise[0], "treated": 100 + noise[1] + shift * begun}
    rows: dict[str, list[Any]] = {"metric": [], "unit_id": [], "ts": [], "value": []}
    for arm, values in arms.items():
        for t, value, now in zip(at, values.tolist(), begun, strict=True):
            if arm == "control" or now or not only_control_before:
                for column, x in zip(rows, ("latency", arm, t, value), strict=True):
                    rows[column].append(x)
    pq.write_table(pa.table(rows), folder / "monitoring.parquet")


@pytest.mark.parametrize("margin", ["{relative: 0.05}", "{absolute: 5}"])
@pytest.mark.parametrize(("shift", "state"), [(0.0, "met"), (10.0, "missed"), (5.0, "inconclusive")])
def test_a_series_is_judged_by_its_blocks(declare: Declare, margin: str, shift: float, state: str) -> None:
    """Hourly latency with memory: two months against a margin of 5 in 100."""
    for pilot in (RANDOMISED, DAILY):
        said = f"metric: latency, kind: series, worse: up, source: monitoring, margin: {margin}"
        folder = declare(guarded(pilot, said), two_arms(), monitoring=SERIES_SOURCE)
        monitored(folder, shift)
        found = estimates(reviewed(folder), "effect")["latency"]
        assert found["guardrail"]["state"] == state
        assert found["block"] == pytest.approx(8, abs=2)
        assert found["clusters"] == found["n"] // found["block"]


def test_a_series_is_told_by_its_blocks(declare: Declare) -> None:
    """Points that resemble each other are not counted as units."""
    said = "metric: latency, kind: series, worse: up, source: monitoring, margin: {relative: 0.05}"
    folder = declare(guarded(RANDOMISED, said), two_arms(), monitoring=SERIES_SOURCE)
    monitored(folder)
    record: Any = reviewed(folder).as_json()
    words = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["metric"] == "latency"]
    assert words[0].startswith("inside its margin: latency ")
    assert words[0].endswith("; 180 blocks of 8, grade A")


def test_the_control_alone_may_be_the_baseline(declare: Declare) -> None:
    """Where the treated arm did not exist before, the memory is that of the control."""
    said = "metric: latency, kind: series, worse: up, source: monitoring, margin: {relative: 0.05}"
    folder = declare(guarded(DAILY, said), two_arms(), monitoring=SERIES_SOURCE)
    monitored(folder, only_control_before=True)
    assert rail(folder, "latency")["state"] == "met"


def test_a_series_without_enough_blocks_is_missing(declare: Declare) -> None:
    """HW422: three days after the start are not fifteen blocks of eight hours."""
    said = "metric: latency, kind: series, worse: up, source: monitoring"
    folder = declare(guarded(DAILY, said), two_arms(), monitoring=SERIES_SOURCE)
    monitored(folder, days=63)
    made = reviewed(folder)
    assert "HW422" in codes(made)
    assert missing(made, "effect")["latency"][0] == "below_min_n"


def test_a_series_from_another_fact_is_missing(declare: Declare) -> None:
    """HW434: a table of units is no series."""
    said = "metric: latency, kind: series, worse: up, source: units"
    made = reviewed(declare(guarded(DAILY, said), two_arms()))
    assert "HW434" in codes(made)
    assert missing(made, "effect")["latency"][0] == "source_failed"


def test_a_series_that_cannot_be_read_is_missing(declare: Declare) -> None:
    """Its file is not there: the source is told, the guardrail is missing, the effect stands."""
    said = "metric: latency, kind: series, worse: up, source: monitoring"
    made = reviewed(declare(guarded(DAILY, said), two_arms(), monitoring=SERIES_SOURCE))
    assert missing(made, "effect")["latency"] == ("source_failed", "source 'monitoring' cannot be read")
    assert "y" in estimates(made, "effect")


def test_nothing_is_shown_before_the_one_look(declare: Declare) -> None:
    """A pilot that is looked at once shows neither errors nor series while it runs."""
    series = "metric: latency, kind: series, worse: up, source: monitoring"
    pilot = guarded(RANDOMISED, series, "metric: failed, kind: count, worse: up")
    folder = declare(
        pilot.replace("ends: 2026-03-01", "ends: 2026-05-01"), with_errors(5, 0), monitoring=SERIES_SOURCE
    )
    monitored(folder)
    found = missing(reviewed(folder), "effect")
    assert found["latency"] == found["failed"] == ("none", "it is looked at once, on 2026-05-01")


def test_a_rollout_over_time_has_guardrails_too(declare: Declare) -> None:
    """Without arms a mean is judged over the mean that would have been, at its own level."""
    rows = panel()
    rows["z"] = [10 + 0.1 * v for v in rows["y"]]
    said = "metric: z, worse: up, margin: {relative: 0.5}"
    folder = declare(guarded(rolled.STAGGERED, said), rows, source=rolled.PANEL)
    found = estimates(reviewed(folder), "effect")["z"]
    assert (found["unit"], found["guardrail"]["state"]) == ("relative change", "met")


def compared(made: Any, scale: Any, ends: tuple[float, float] | None = None) -> tuple[Setting, Compared]:
    """A guardrail z as some design compares it: +.02 with standard error .01, control mean .5."""
    setting = setting_of(made.collected.asks["trial"])
    assert setting is not None
    one = Compared("z", "treated", Contrast(0.02, 0.01, 3.0, 400, 5), scale, 0.5, {}, ends=ends)
    return setting, one


@pytest.mark.parametrize(
    ("margin", "scale", "bound"),
    [
        ("{relative: 0.1}", "relative", 0.1),
        ("{relative: 0.1}", "log", math.log(1.1)),
        ("{relative: 0.1}", "absolute", 0.05),
        ("{absolute: 0.1}", "absolute", 0.1),
        ("{absolute: 0.1}", "relative", 0.2),
        ("{absolute: 0.1}", "log", math.log(1.2)),
        ("{}", "log", 0.0),
    ],
)
def test_a_margin_is_turned_to_the_scale_that_a_design_compares_on(
    declare: Declare, margin: str, scale: str, bound: float
) -> None:
    """Per cent of the control mean where a design compares in the metric's unit, and the reverse."""
    made = reviewed(
        declare(guarded(RANDOMISED, f"metric: z, worse: up, margin: {margin}"), two_arms(z=np.ones(400)))
    )
    setting, one = compared(made, scale)
    assert margin_of(setting, one) == pytest.approx(bound)
    if margin != "{}" and (scale == "absolute") == ("relative" in margin):
        assert margin_of(setting, replace(one, control_mean=None)) is None
    assert margin_of(setting, replace(one, metric="y")) is None


@pytest.mark.parametrize(
    ("rails", "ends", "state"),
    [
        (1, (-0.01, 0.05), "met"),
        (1, (0.2, 0.3), "missed"),
        (2, (-0.01, 0.05), "inconclusive"),
        (9, None, "inconclusive"),
    ],
)
def test_without_an_interval_at_its_own_level_nothing_is_decided(
    declare: Declare, rails: int, ends: tuple[float, float] | None, state: str
) -> None:
    """A design that has its interval at 95 % only, or too few df for a look, leaves several undecided."""
    said = [f"metric: {m}, worse: up, margin: {{absolute: 0.1}}" for m in "zabcdefgh"[:rails]]
    made = reviewed(declare(guarded(DAILY, *said), two_arms(z=np.ones(400))))
    setting, one = compared(made, "absolute", ends)
    found: Any = judged(setting, one, FOUND).estimate.detail["guardrail"]
    assert found["state"] == state
    assert (found["low"] is None) == (state == "inconclusive")


def test_an_outcome_is_no_guardrail(declare: Declare) -> None:
    """A finding on the outcome passes unchanged, even where a guardrail names it too."""
    made = reviewed(declare(guarded(RANDOMISED, "metric: y, worse: up"), two_arms()))
    setting, one = compared(made, "absolute")
    assert judged(setting, replace(one, metric="y"), FOUND) is FOUND


@pytest.mark.parametrize(
    ("pilot", "said", "code"),
    [
        (RANDOMISED, "metric: z, worse: up, margin: {ratio: 1.1, absolute: 2}", "HW434"),
        (RANDOMISED, "metric: z, worse: up, margin: {ratio: 0.9}", "HW434"),
        (RANDOMISED, "metric: z, worse: down, margin: {ratio: 1.1}", "HW434"),
        (RANDOMISED, "metric: z, worse: down, margin: {relative: 1}", "HW434"),
        (RANDOMISED, "metric: z, worse: up, margin: {ceiling: 0.1}", "HW434"),
        (RANDOMISED, "metric: z, kind: count, worse: down, margin: {ceiling: 0.1}", "HW434"),
        (RANDOMISED, "metric: z, kind: count, worse: up, margin: {ceiling: 2}", "HW434"),
        (RANDOMISED, "metric: z, kind: count, worse: up, margin: {absolute: 2}", "HW434"),
        (RANDOMISED + "cluster: team\n", "metric: z, kind: count, worse: up", "HW434"),
        (RANDOMISED, "metric: z, kind: series, worse: up", "HW432"),
        (STAGGERED, "metric: z, kind: count, worse: up", "HW434"),
        (
            RANDOMISED.replace("{control: 50 %, treated: 50 %}", "[control, treated]"),
            "metric: z, kind: count, worse: up",
            "HW432",
        ),
        (
            RANDOMISED.replace("dates: {starts: 2026-01-01, ends: 2026-03-01}\n", ""),
            "metric: z, kind: series, worse: up, source: units",
            "HW432",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_check(declare: Declare, pilot: str, said: str, code: str) -> None:
    """Before a row is read: margins and kinds that cannot be judged."""
    found = check(declare(guarded(pilot, said), two_arms()))
    assert [d.code for d in found.diagnostics] == [code], found.text()
