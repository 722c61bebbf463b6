"""Before it ends, a pilot says whether it will have an answer: from its rows, else from its plan."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri
from tests.unit.small import OUTCOME, PORTFOLIO, SOURCE, Declare, Rows, estimates, missing, reviewed, two_arms

from headway.app.check import check
from headway.app.design import design
from headway.measures.value.outlook import Outlook

PLAN = """\
design: randomised
source: units
arms: {control: 50 %, treated: 50 %}
unit: call
metric: y
objective: {change: "-1", scale: absolute}
dates: {starts: 2026-04-06, ends: 2026-06-01}
plan: {units: 800, smallest_effect: "-0.5", weekly: 100, sd: 2, mean: 10}
"""
Z = float(ndtri(0.975) + ndtri(0.8))


def without(text: str, *keys: str) -> str:
    """A pilot without some of its lines."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(keys))


def looked(folder: Path) -> tuple[Outlook | None, str]:
    """The outlook of the trial, or why there is none."""
    made = design(check(folder), "trial")
    return made.outlook, made.why


def outlook(folder: Path) -> Outlook:
    """The outlook of a trial that has one."""
    found, why = looked(folder)
    assert found is not None, why
    return found


def before(n: int = 600, **more: Any) -> Rows:
    """Rows of the ten weeks before the pilot, all in the control arm."""
    rows = two_arms(n)
    rows["variant"] = ["control"] * n
    first = datetime(2026, 1, 5, 12)  # noqa: DTZ001  rows without a zone are UTC
    rows["closed_at"] = [first + timedelta(days=70 * i / n) for i in range(n)]
    return {**rows, **more}


def planned(declare: Declare, pilot: str) -> Path:
    """A pilot whose source is declared, and whose rows are still to come."""
    return declare(pilot, None, source=SOURCE)


def figures(folder: Path) -> dict[str, dict[str, Any]]:
    """What the measure says of the trial."""
    return estimates(reviewed(folder), "power")


def test_a_plan_alone_is_enough(declare: Declare) -> None:
    """100 units a week for eight weeks, sd 2: an effect of half a point is decided with z .9426 of 2.80."""
    folder = planned(declare, PLAN)
    here = outlook(folder)
    assert here.traffic is None
    assert (here.weekly, here.planned, here.weeks) == (100.0, 800, 8.0)
    se = 2 * math.sqrt(4 / 800)
    assert here.standard_error(800) == pytest.approx(se)
    assert here.detectable("once", 8) == pytest.approx(-Z * se)
    made = figures(folder)
    assert made["decided_by_end"]["value"] == pytest.approx(0.942438, abs=1e-5)
    assert made["decided_by_end"]["low"] == made["decided_by_end"]["high"]
    assert made["weeks_needed"]["value"] == math.ceil((Z * 2 / 0.5) ** 2 * 4 / 100)
    assert {one["grade"] for one in made.values()} == {"D"}


def test_rows_from_before_the_start_tell_traffic_and_spread(declare: Declare) -> None:
    """600 rows in ten weeks; their interval is that of the standard deviation, and the grade is C."""
    rows = before()
    folder = declare(without(PLAN, "plan") + '\nplan: {smallest_effect: "-0.5"}', rows)
    here = outlook(folder)
    assert here.weekly == pytest.approx(60, rel=0.02)
    assert here.variation.sd == pytest.approx(np.std(rows["y"], ddof=1), rel=1e-9)
    assert here.planned == math.ceil(here.weekly * 8)
    made = figures(folder)["decided_by_end"]
    assert made["low"] < made["value"] < made["high"]
    assert (made["grade"], made["n"]) == ("C", 600)


def test_covariates_count_for_what_they_explained(declare: Declare) -> None:
    """rho^2 of the rows, as a regression of the whole table gives it."""
    rows = before()
    here = outlook(declare(PLAN + "covariates: [x]", rows))
    assert here.variation.explained == pytest.approx(np.corrcoef(rows["x"], rows["y"])[0, 1] ** 2, rel=1e-9)


def test_running_arms_are_taken_apart(declare: Declare) -> None:
    """The spread is within arms, so an effect of a hundred is no variance; the mean is that of control."""
    rows = before()
    rows["variant"] = two_arms(600)["variant"]
    arm = np.array([v == "treated" for v in rows["variant"]])
    rows["y"] = np.asarray(rows["y"]) + 100.0 * arm
    relative = PLAN.replace("absolute", "relative").replace('"-1"', "-10 %").replace('"-0.5"', "-5 %")
    here = outlook(declare(relative, rows))
    y = np.asarray(rows["y"])
    within = math.sqrt((y[arm].var() * arm.sum() + y[~arm].var() * (~arm).sum()) / 598)
    assert here.variation.sd == pytest.approx(within / y[~arm].mean(), rel=1e-9)
    assert here.smallest == pytest.approx(math.log(0.95))
    assert here.detectable("once", 8) == pytest.approx(math.expm1(-Z * here.standard_error(here.weekly * 8)))


def test_the_likeness_of_clusters_is_seen(declare: Declare) -> None:
    """60 clusters of 20 with icc .2: within .06 of it, and their number and evenness as they are."""
    draw = np.random.default_rng(5)
    rows = before(1200)
    cluster = np.arange(1200) % 60
    rows["cluster"] = [f"t{c}" for c in cluster]
    rows["y"] = 10 + draw.normal(0, math.sqrt(0.2), 60)[cluster] + draw.normal(0, math.sqrt(0.8), 1200)
    here = outlook(declare(PLAN.replace("randomised", "clusters"), rows)).variation
    assert here.icc == pytest.approx(0.2, abs=0.06)
    assert (here.clusters, here.cv, here.df) == (60, 0.0, 58.0)
    assert here.sd == pytest.approx(1.0, abs=0.05)


def test_the_declared_likeness_is_taken_before_the_seen_one(declare: Declare) -> None:
    """`plan.icc` is what the registered boundary uses."""
    rows = before(cluster=np.arange(600) % 30)
    folder = declare(
        PLAN.replace("randomised", "clusters").replace("units: 800", "units: 800, icc: 0.4"), rows
    )
    assert outlook(folder).variation.icc == 0.4


def test_cluster_rows_without_a_cluster_column_are_clusters(declare: Declare) -> None:
    """One row per cluster has no design effect."""
    rows = before()
    del rows["cluster"]
    here = outlook(declare(PLAN.replace("randomised", "clusters"), rows)).variation
    assert (here.clusters, here.icc) == (None, 0.0)


def test_more_units_do_not_make_up_for_clusters(declare: Declare) -> None:
    """Eight alike clusters never decide: the measure says so, and no length is given."""
    plan = PLAN.replace("randomised", "clusters").replace("units: 800", "units: 800, icc: 0.3, clusters: 8")
    made = reviewed(planned(declare, plan))
    assert missing(made, "power")["weeks_needed"] == (
        "none",
        "no number of weeks is enough with these clusters",
    )
    assert "weeks_needed" not in estimates(made, "power")
    few = declare(plan.replace("clusters: 8", "clusters: 5"), None)
    assert outlook(few).decided_by_end() == 0.0
    assert outlook(few).detectable("once", 8) is None
    assert outlook(few).length("once") is None


def test_six_clusters_never_reach_a_high_e_value(declare: Declare) -> None:
    """With df 4 the e-value stays below 200: effects are shown, and none is promoted."""
    plan = PLAN.replace("randomised", "clusters").replace("units: 800", "units: 800, icc: 0, clusters: 6")
    budget = PORTFOLIO + "promotion_budget: {share: 0.10, slots: 20}\n"
    here = outlook(declare(plan + "looks: daily", None, portfolio=budget))
    assert here.df == 4.0
    assert here.detectable("looks", 8) is not None
    assert (here.detectable("promotion", 8), here.length("promotion")) == (None, None)


def test_one_cluster_in_an_arm_tells_no_likeness(declare: Declare) -> None:
    """Two clusters, one in each arm: nothing is known between clusters of an arm."""
    rows = before(cluster=np.arange(600) % 2)
    rows["variant"] = two_arms(600)["variant"]
    here = outlook(declare(PLAN.replace("randomised", "clusters"), rows)).variation
    assert (here.icc, here.clusters) == (0.0, 2)


def test_planned_units_tell_the_traffic_where_nothing_else_does(declare: Declare) -> None:
    """800 units in eight weeks."""
    assert outlook(declare(PLAN.replace(", weekly: 100", ""), None)).weekly == 100.0


def test_daily_looks_and_promotion_ask_for_more(declare: Declare) -> None:
    """Lengths grow from one look to daily looks to the promotion budget's e-value of 400: two approaches."""
    arms = "arms: {control: 50 %, treated: 25 %, other: 25 %}\nlooks: daily"
    budget = PORTFOLIO + "promotion_budget: {share: 0.10, slots: 20}\n"
    here = outlook(declare(without(PLAN, "arms") + "\n" + arms, None, portfolio=budget))
    assert here.bar == 400
    assert here.shares == (0.5, 0.25)
    once, looks, promotion = (here.length(way) for way in ("once", "looks", "promotion"))
    assert once is not None
    assert looks is not None
    assert promotion is not None
    assert once < looks < promotion
    at_8 = [here.detectable(way, 8) for way in ("once", "looks", "promotion")]
    assert at_8[0] > at_8[1] > at_8[2]  # type: ignore[operator]
    assert here.detectable("looks", 3) is None


def test_without_a_budget_nothing_is_said_of_promotion(declare: Declare) -> None:
    """No slots, no e-value to reach."""
    here = outlook(declare(PLAN, None))
    assert (here.bar, here.length("promotion"), here.detectable("promotion", 8)) == (None, None, None)


def test_the_window_of_the_last_unit_is_waited_for(declare: Declare) -> None:
    """Two weeks of window leave six of arrivals, and lengthen what is needed by two."""
    here, waits = outlook(declare(PLAN, None)), outlook(declare(PLAN + "window: {length: 14d}", None))
    assert (here.weeks, waits.weeks) == (8.0, 6.0)
    assert waits.length("once") == here.length("once") + 2  # type: ignore[operator]
    assert waits.detectable("once", 2) is None
    assert waits.detectable("once", 8) == here.detectable("once", 6)


def test_a_length_is_never_below_two_weeks(declare: Declare) -> None:
    """A huge effect still needs two whole weeks."""
    assert outlook(declare(PLAN.replace('"-0.5"', '"-50"'), None)).length("once") == 2


def test_weekly_looks_are_counted(declare: Declare) -> None:
    """Eight weekly looks ask for more than daily ones, and less than one anytime look."""
    daily, weekly = (
        outlook(declare(PLAN + f"looks: {looks}", None)).deciding("looks").price()
        for looks in ("daily", "weekly")
    )
    assert 1.66 < daily + 1e-3 < weekly < 1.915


def test_the_chance_is_that_of_simulated_pilots(declare: Declare) -> None:
    """Of 4,000 simulated pilots of the plan's size, 94 % end with an interval that excludes zero."""
    draw = np.random.default_rng(3)
    arms = draw.normal(0, 2, (4_000, 2, 400)) - np.array([0.0, 0.5])[:, None]
    means, variances = arms.mean(axis=2), arms.var(axis=2, ddof=1)
    t = (means[:, 1] - means[:, 0]) / np.sqrt(variances.sum(axis=1) / 400)
    seen = float(np.mean(t < -1.9629))
    assert outlook(declare(PLAN, None)).decided_by_end() == pytest.approx(
        seen, abs=4 * math.sqrt(0.06 / 4_000)
    )


def test_fewer_units_than_planned_decide_less(declare: Declare) -> None:
    """The boundary is tuned for 800 units and half of them arrive."""
    half, full = (
        outlook(
            declare(PLAN.replace("weekly: 100", f"weekly: {weekly}") + "looks: daily", None)
        ).decided_by_end()
        for weekly in (50, 100)
    )
    assert half < full - 0.2


LACKING = {
    "declare plan.sd": PLAN.replace(", sd: 2", ""),
    "declare plan.weekly or plan.units": PLAN.replace("units: 800, ", "").replace(", weekly: 100", ""),
    "declare plan.clusters": PLAN.replace("randomised", "clusters"),
    "declare plan.icc": PLAN.replace("randomised", "clusters").replace(
        "units: 800", "units: 800, clusters: 20"
    ),
    "does not exceed promote_above": PLAN + 'promote_above: "-0.5"',
    "assigns units or clusters at random": PLAN.replace("randomised", "observational"),
}


@pytest.mark.parametrize("why", LACKING)
def test_what_is_lacking_is_named(declare: Declare, why: str) -> None:
    """Each figure that a plan needs and nobody gave is asked for by its key."""
    assert why in looked(declare(LACKING[why], None))[1]


def test_a_relative_effect_needs_a_mean(declare: Declare) -> None:
    """The outcome's baseline is taken where the metric is its own; else it has to be declared."""
    relative = PLAN.replace("absolute", "relative").replace('"-1"', "-10 %").replace('"-0.5"', "-5 %")
    bare = relative.replace(", mean: 10", "")
    assert outlook(declare(bare, None)).variation.sd == pytest.approx(0.2)
    assert "declare plan.mean" in looked(declare(bare.replace("metric: y", "metric: z"), None))[1]
    assert "declare plan.mean" in looked(declare(relative.replace("mean: 10", "mean: 0"), None))[1]


def test_a_share_has_the_spread_of_its_mean(declare: Declare) -> None:
    """Of a metric in shares the baseline is enough."""
    shares = OUTCOME.replace("unit: minutes", "unit: share").replace(
        "baseline: {value: 10, low: 9.8, high: 10.2", "baseline: {value: 0.2, low: 0.19, high: 0.21"
    )
    plan = PLAN.replace(", sd: 2, mean: 10", "").replace('"-1"', '"-0.1"').replace('"-0.5"', '"-0.05"')
    assert outlook(declare(plan, None, outcome=shares)).variation.sd == pytest.approx(0.4)


def test_without_a_smallest_effect_the_objective_is_planned_for(declare: Declare) -> None:
    """The promise is the least one may plan for."""
    assert outlook(declare(PLAN.replace('smallest_effect: "-0.5", ', ""), None)).smallest == -1.0


@pytest.mark.parametrize("rows", [{"y": ["a"] * 10}, {"x": np.arange(10)}, {"y": np.ones(10)}])
def test_rows_that_tell_nothing_leave_the_plan(declare: Declare, rows: Rows) -> None:
    """A metric that is no number, is not there, or does not vary: what is declared counts."""
    table: Rows = {"unit_id": np.arange(10), "variant": ["control"] * 10, **rows}
    assert outlook(declare(PLAN, table)).traffic is None


def test_sums_tell_traffic_too(declare: Declare) -> None:
    """Already summed rows give mean and spread, but not what a covariate explains."""
    source = "source: units\nkind: file\npath: units.parquet\nfact: unit\nsummed: yes\n"
    rows: Rows = {
        "variant": ["control"],
        "metric": ["y"],
        "n": [100],
        "sum_x": [1000.0],
        "sum_xx": [10_396.0],
    }
    here = outlook(declare(PLAN, rows, source=source))
    assert here.variation.sd == pytest.approx(2.0)
    assert (here.weekly, here.traffic.units if here.traffic else 0) == (100.0, 100)
    assert outlook(declare(PLAN + "covariates: [x]", rows, source=source)).traffic is None


def test_an_ended_pilot_and_one_without_a_plan_say_nothing(declare: Declare) -> None:
    """No figure, and nothing missing either: there is nothing to plan any more, or nobody began to."""
    ended = PLAN.replace("2026-04-06, ends: 2026-06-01", "2026-01-05, ends: 2026-03-02")
    for pilot in (ended, without(PLAN, "plan"), ""):
        made = reviewed(planned(declare, pilot))
        assert estimates(made, "power") == {}
        assert missing(made, "power") == {}


def test_a_plan_that_lacks_a_figure_is_missing(declare: Declare) -> None:
    """The review names what to declare."""
    made = reviewed(planned(declare, LACKING["declare plan.sd"]))
    reason, why = missing(made, "power")["decided_by_end"]
    assert reason == "none"
    assert "declare plan.sd" in why


def test_a_running_pilot_tells_by_its_own_units(declare: Declare) -> None:
    """Once it has begun, rows from before count no more, and one read serves effect and outlook."""
    rows = before(700)
    rows["variant"] = two_arms(700)["variant"]
    running = PLAN.replace("starts: 2026-04-06", "starts: 2026-02-02")
    made = reviewed(declare(running, rows))
    found = estimates(made, "power")["decided_by_end"]
    # Ten a day from noon of 5 January on.
    assert found["n"] == 700 - 275
    alone = [r for r in made.collected.reads if r.source == "units" and set(r.serves) == {"power of trial"}]
    assert alone == []


def test_medians_are_not_planned_from_rows(declare: Declare) -> None:
    """The spread of a median is another one: only a declared plan counts."""
    assert outlook(declare(PLAN + "statistic: median", before())).traffic is None
