"""Effects: what each design gives on rows, and what is said when the rows allow nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from tests.unit.small import OUTCOME, RANDOMISED, Declare, Rows, codes, estimates, missing, reviewed, two_arms


def test_a_randomised_pilot_is_a_difference_of_means_with_welch_errors(declare: Declare) -> None:
    """Statsmodels on the rows gives the same difference, error and degrees of freedom."""
    rows = two_arms()
    found = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    y, arm = np.asarray(rows["y"]), np.asarray(rows["variant"])
    oracle = sm.stats.CompareMeans(
        sm.stats.DescrStatsW(y[arm == "treated"]), sm.stats.DescrStatsW(y[arm == "control"])
    )
    low, high = oracle.tconfint_diff(usevar="unequal")
    assert found["value"] == pytest.approx(y[arm == "treated"].mean() - y[arm == "control"].mean(), abs=1e-10)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=1e-9)
    assert (found["grade"], found["n"], found["unit"]) == ("A", 400, "minutes")


def test_swapping_the_arms_flips_the_sign(declare: Declare) -> None:
    """The control is a declared name, not a position."""
    rows = two_arms()
    straight = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    swapped = estimates(reviewed(declare(RANDOMISED + "control: treated\n", rows)), "effect")["y"]
    assert swapped["value"] == pytest.approx(-straight["value"])
    assert (swapped["low"], swapped["high"]) == pytest.approx((-straight["high"], -straight["low"]))


def test_a_relative_objective_gives_the_log_of_the_ratio(declare: Declare) -> None:
    """Estimated on the log scale, shown as a change in per cent."""
    rows = two_arms()
    pilot = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
    found = estimates(reviewed(declare(pilot, rows)), "effect")["y"]
    y, arm = np.asarray(rows["y"]), np.asarray(rows["variant"])
    t, c = y[arm == "treated"], y[arm == "control"]
    assert found["theta"] == pytest.approx(math.log(t.mean() / c.mean()), abs=1e-10)
    error = math.sqrt(t.var(ddof=1) / t.size / t.mean() ** 2 + c.var(ddof=1) / c.size / c.mean() ** 2)
    assert found["se"] == pytest.approx(error, abs=1e-10)
    assert found["value"] == pytest.approx(t.mean() / c.mean() - 1)


def test_a_covariate_narrows_the_interval(declare: Declare) -> None:
    """Lin's estimator equals the interacted regression on the rows and is narrower than the plain one."""
    rows = two_arms()
    plain = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    found = estimates(reviewed(declare(RANDOMISED + "covariates: [x]\n", rows)), "effect")["y"]
    y, x = np.asarray(rows["y"]), np.asarray(rows["x"])
    d = (np.asarray(rows["variant"]) == "treated").astype(float)
    centred = x - x.mean()
    oracle = sm.OLS(y, np.column_stack([np.ones(400), d, centred, d * centred])).fit()
    assert found["theta"] == pytest.approx(oracle.params[1], abs=1e-10)
    assert found["high"] - found["low"] < 0.85 * (plain["high"] - plain["low"])


def test_an_empty_covariate_is_imputed_and_flagged_and_loses_no_unit(declare: Declare) -> None:
    """A ninth of the covariate is empty: all units count, as in the regression with an indicator."""
    rows = two_arms()
    x = np.asarray(rows["x"]).copy()
    x[::9] = np.nan
    rows["x"] = [None if math.isnan(v) else v for v in x]
    found = estimates(reviewed(declare(RANDOMISED + "covariates: [x]\n", rows)), "effect")["y"]
    y, d = np.asarray(rows["y"]), (np.asarray(rows["variant"]) == "treated").astype(float)
    flag = np.isnan(x).astype(float)
    filled = np.where(np.isnan(x), np.nanmean(x), x)
    parts = [filled - filled.mean(), flag - flag.mean()]
    oracle = sm.OLS(y, np.column_stack([np.ones(400), d, *parts, *(d * p for p in parts)])).fit()
    assert found["n"] == 400
    assert found["theta"] == pytest.approx(oracle.params[1], abs=1e-9)


def test_units_that_move_together_widen_the_interval(declare: Declare) -> None:
    """With a cluster declared the errors are those of clusters, though units were assigned."""
    rows = two_arms()
    found = estimates(reviewed(declare(RANDOMISED + "cluster: team\n", rows)), "effect")["y"]
    d = (np.asarray(rows["variant"]) == "treated").astype(float)
    oracle = sm.OLS(np.asarray(rows["y"]), sm.add_constant(d)).fit(
        cov_type="cluster", cov_kwds={"groups": np.asarray(rows["cluster"])}
    )
    assert found["cr1_se"] == pytest.approx(oracle.bse[1], abs=1e-10)
    assert (found["clusters"], found["method"]) == (20, "CR2")


def test_a_rate_may_be_a_truth_value(declare: Declare) -> None:
    """A boolean column is a share, and the effect is told in points."""
    rows = two_arms(hung=(np.arange(400) % 5 == 0))
    outcome = OUTCOME.replace("name: y, unit: minutes", "name: hung, unit: share")
    made = reviewed(declare(RANDOMISED.replace("metric: y", "metric: hung"), rows, outcome=outcome))
    found = estimates(made, "effect")["hung"]
    assert found["unit"] == "share"
    record: Any = made.as_json()
    words = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["metric"] == "hung"]
    assert "points" in words[0]


def test_medians_are_exact_and_compared_by_rank_intervals(declare: Declare) -> None:
    """The ratio of medians is that of numpy, to the last digit."""
    rows = two_arms()
    pilot = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
    found = estimates(reviewed(declare(pilot + "statistic: median\n", rows)), "effect")["y"]
    y, arm = np.asarray(rows["y"]), np.asarray(rows["variant"])
    expected = np.median(y[arm == "treated"]) / np.median(y[arm == "control"]) - 1
    assert found["value"] == pytest.approx(expected, abs=1e-10)
    assert found["low"] < found["value"] < found["high"]


def test_medians_of_many_rows_come_from_histograms_within_one_per_cent(declare: Declare) -> None:
    """From ten thousand rows on, buckets stand for values; each median is off by one per cent at most."""
    rows = two_arms(12_000)
    pilot = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
    found = estimates(reviewed(declare(pilot + "statistic: median\n", rows)), "effect")["y"]
    y, arm = np.asarray(rows["y"]), np.asarray(rows["variant"])
    assert found["control_mean"] == pytest.approx(np.median(y[arm == "control"]), rel=0.0101)
    assert found["method"].startswith("medians of log-histograms")


def test_groups_that_nobody_randomised_are_grade_c(declare: Declare) -> None:
    """Before and after, and users against others: the same arithmetic, never better than C."""
    for design in ("before_after", "observational"):
        made = reviewed(declare(RANDOMISED.replace("design: randomised", f"design: {design}"), two_arms()))
        assert estimates(made, "effect")["y"]["grade"] == "C"


def test_randomised_but_not_registered_beforehand_is_grade_c(declare: Declare) -> None:
    """A registration that is absent, or dated after the start, earns no A."""
    without = "\n".join(line for line in RANDOMISED.splitlines() if not line.startswith("registered"))
    late = RANDOMISED.replace("on: 2025-12-01", "on: 2026-02-01")
    for pilot in (without, late):
        assert estimates(reviewed(declare(pilot, two_arms())), "effect")["y"]["grade"] == "C"


def test_looking_daily_costs_width(declare: Declare) -> None:
    """An interval that holds at every look is wider than one looked at once, and says so."""
    once = estimates(reviewed(declare(RANDOMISED, two_arms())), "effect")["y"]
    pilot = RANDOMISED + "looks: daily\nplan: {units: 400}\n"
    daily = estimates(reviewed(declare(pilot, two_arms())), "effect")["y"]
    ratio = (daily["high"] - daily["low"]) / (once["high"] - once["low"])
    assert ratio == pytest.approx(3.035 / 1.96, rel=0.01)
    assert daily["interval"] == "anytime"
    assert (daily["low_once"], daily["high_once"]) == pytest.approx((once["low"], once["high"]))


def test_the_first_daily_look_waits_for_a_hundred_units_an_arm(declare: Declare) -> None:
    """Before it there are counts and no interval."""
    made = reviewed(declare(RANDOMISED + "looks: daily\nplan: {units: 400}\n", two_arms(150)))
    assert missing(made, "effect")["y"][0] == "below_min_n"


def test_a_pilot_looked_at_once_is_not_looked_at_before_its_end(declare: Declare) -> None:
    """Half way through there is no effect to see."""
    made = reviewed(declare(RANDOMISED, two_arms()), as_of="2026-02-01")
    assert missing(made, "effect")["y"] == ("none", "it is looked at once, on 2026-03-01")


def test_rows_after_the_moment_judged_are_not_known_yet(declare: Declare) -> None:
    """Judged as of an earlier day, a review uses the rows that were closed by then."""
    day = np.datetime64("2026-01-01") + (np.arange(400) // 8).astype("timedelta64[D]")
    rows = two_arms(closed_at=day.astype("datetime64[us]"))
    pilot = RANDOMISED + "looks: daily\nplan: {units: 400}\n"
    half = reviewed(declare(pilot, rows), as_of="2026-01-30")
    found = estimates(half, "effect")["y"]
    assert found["n"] == 240
    evidence = next(e for e in half.collected.evidence["trial"] if e.measure == "effect")
    assert evidence.observed is not None
    assert evidence.observed[1].date().isoformat() == "2026-01-30"


def test_sums_that_arrive_summed_give_the_same_answer(declare: Declare) -> None:
    """n, sum and sum of squares per arm are all a difference of means needs, even far from zero."""
    rows = two_arms()
    y, arm = np.asarray(rows["y"]) + 1e6, np.asarray(rows["variant"])
    straight = estimates(reviewed(declare(RANDOMISED, {**rows, "y": y})), "effect")["y"]
    table: Rows = {
        "variant": ["control", "treated"],
        "metric": ["y", "y"],
        "n": [200, 200],
        "sum_x": [float(y[arm == a].sum()) for a in ("control", "treated")],
        "sum_xx": [float((y[arm == a] ** 2).sum()) for a in ("control", "treated")],
    }
    source = "source: units\nkind: file\npath: units.parquet\nfact: unit\nsummed: yes\n"
    summed = estimates(reviewed(declare(RANDOMISED, table, source=source)), "effect")["y"]
    assert summed["value"] == pytest.approx(straight["value"], abs=1e-6)
    assert summed["se"] == pytest.approx(straight["se"], rel=1e-3)


def test_several_experiments_may_lie_in_one_table(declare: Declare) -> None:
    """The column `key` picks the pilot's own rows."""
    rows = two_arms(key=np.where(np.arange(400) < 200, "trial", "other"))
    found = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    assert found["n"] == 200


PUBLISHED = """\
design: published
metric: exam
proxies: [practice]
objective: {change: 10 %, scale: relative}
citation: Somebody, 2025
published: 2025-07-10
estimates:
  - {metric: exam, arm: tutor, value: -0.01, low: -0.13, high: 0.10, scale: relative, design: clusters}
  - {metric: practice, arm: tutor, value: 1.27, low: 0.97, high: 1.57, scale: relative, design: clusters}
"""


def test_a_published_study_needs_no_rows_and_carries_its_citation(declare: Declare) -> None:
    """Its figures are graded by its design, cited in the method, and its proxy does not speak for it."""
    made = reviewed(declare(PUBLISHED))
    found = estimates(made, "effect")
    assert (found["exam"]["grade"], found["exam"]["role"], found["practice"]["role"]) == (
        "A",
        "outcome",
        "proxy",
    )
    assert "Somebody, 2025" in found["exam"]["method"]
    assert "HW429" in codes(made)


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"arms": "arms: {control: 50 %, other: 50 %}"}, "HW431", "source_failed"),
        ({"arms": "arms: {control: 10 %, treated: 90 %}"}, "HW402", "source_failed"),
        ({"metric": "metric: nowhere"}, "HW303", "source_failed"),
        ({"metric": "metric: variant"}, "HW304", "source_failed"),
        ({"unit": "unit: call\ncovariates: [nowhere]"}, "HW303", "source_failed"),
        ({"unit": "unit: call\ncluster: team\nstatistic: median"}, "HW432", "source_failed"),
    ],
)
def test_a_pilot_that_does_not_fit_its_source_says_so(
    declare: Declare, change: dict[str, str], code: str, reason: str
) -> None:
    """The fault has its code, the effect is missing, and the review is whole."""
    lines = [change.get(line.partition(":")[0], line) for line in RANDOMISED.splitlines()]
    made = reviewed(declare("\n".join(lines), two_arms()))
    assert code in codes(made)
    assert next(iter(missing(made, "effect").values()))[0] == reason


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (np.full(400, 3.0), "HW406"),
        (np.where(np.arange(400) % 2 == 1, 1.0, np.nan), "HW411"),
        (np.where(np.arange(400) < 3, np.inf, 1.0 * np.arange(400)), "HW411"),
    ],
)
def test_values_that_allow_no_estimate_are_named(
    declare: Declare, column: np.typing.NDArray[np.float64], code: str
) -> None:
    """No variance, an arm of NaN, infinite values: a code each, never a number."""
    made = reviewed(declare(RANDOMISED, {**two_arms(), "y": column}))
    assert code in codes(made)
    assert estimates(made, "effect") == {}


def test_one_nan_in_a_thousand_is_left_out_and_no_more(declare: Declare) -> None:
    """A Parquet file's own statistics leave NaN out; the effect is that of the other rows all the same."""
    rows = two_arms(4000)
    whole = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    y = np.array(rows["y"])
    y[7] = np.nan
    found = estimates(reviewed(declare(RANDOMISED, {**rows, "y": y})), "effect")["y"]
    assert found["n"] == 3999
    assert found["value"] == pytest.approx(whole["value"], abs=0.01)


def test_a_relative_change_of_almost_nothing_is_refused(declare: Declare) -> None:
    """A control mean near zero has no ratio."""
    rows = two_arms()
    pilot = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
    made = reviewed(declare(pilot, {**rows, "y": np.asarray(rows["y"]) - 10}))
    assert "HW413" in codes(made)


CLUSTERS = RANDOMISED.replace("design: randomised", "design: clusters").replace(
    "unit: call", "unit: call\ncluster: team"
)


def test_a_cluster_in_two_arms_is_no_cluster_design(declare: Declare) -> None:
    """HW405 names the first such cluster."""
    made = reviewed(declare(CLUSTERS, two_arms()))
    assert "HW405" in codes(made)


def test_few_clusters_give_no_interval(declare: Declare) -> None:
    """Four clusters have fewer than four degrees of freedom: HW415."""
    rows = two_arms()
    rows["cluster"] = (np.arange(400) % 4).tolist()
    made = reviewed(declare(CLUSTERS, rows))
    assert "HW415" in codes(made)
    assert missing(made, "effect")["y"][0] == "below_min_n"


def test_more_than_fifty_levels_of_fixed_effects_are_refused(declare: Declare) -> None:
    """HW430 says how many there are."""
    rows = two_arms(street=np.arange(400) % 60)
    made = reviewed(declare(RANDOMISED + "fixed_effects: [street]\n", rows))
    assert "HW430" in codes(made)


def test_fixed_effects_that_say_the_same_as_the_arms_identify_nothing(declare: Declare) -> None:
    """HW433: a dummy per arm leaves no difference to estimate."""
    rows = two_arms(copy=np.arange(400) % 2)
    made = reviewed(declare(RANDOMISED + "cluster: team\nfixed_effects: [copy]\n", rows))
    assert "HW433" in codes(made)


def test_fixed_effects_equal_dummies_on_the_rows(declare: Declare) -> None:
    """The cells' sums give the coefficient of the regression with dummies."""
    day = np.arange(400) % 7
    rows = two_arms(day=day)
    rows["y"] = np.asarray(rows["y"]) + 0.5 * day
    found = estimates(
        reviewed(declare(RANDOMISED + "cluster: team\nfixed_effects: [day]\ncovariates: [x]\n", rows)),
        "effect",
    )
    d = (np.asarray(rows["variant"]) == "treated").astype(float)
    dummies = [(day == k).astype(float) for k in range(1, 7)]
    x = np.column_stack([np.ones(400), d, np.asarray(rows["x"]), *dummies])
    oracle = sm.OLS(np.asarray(rows["y"]), x).fit(
        cov_type="cluster", cov_kwds={"groups": np.asarray(rows["cluster"])}
    )
    assert found["y"]["theta"] == pytest.approx(oracle.params[1], abs=1e-9)
    assert found["y"]["cr1_se"] == pytest.approx(oracle.bse[1], abs=1e-9)


def test_rows_without_variance_are_left_out_and_counted(declare: Declare) -> None:
    """HW412: a summed row that states no sum of squares takes no part."""
    table: Rows = {
        "variant": ["control", "treated", "treated"],
        "metric": ["y", "y", "y"],
        "n": [100, 100, 50],
        "sum_x": [1000.0, 900.0, 450.0],
        "sum_xx": [10_100.0, 8_300.0, None],
    }
    source = "source: units\nkind: file\npath: units.parquet\nfact: unit\nsummed: yes\n"
    pilot = "\n".join(
        line.replace("{control: 50 %, treated: 50 %}", "[control, treated]")
        for line in RANDOMISED.splitlines()
    )
    made = reviewed(declare(pilot, table, source=source))
    assert "HW412" in codes(made)
    assert estimates(made, "effect")["y"]["n"] == 200


def test_summed_rows_carry_no_covariates(declare: Declare) -> None:
    """HW432: cross-products were not delivered."""
    table: Rows = {
        "variant": ["control", "treated"],
        "metric": ["y", "y"],
        "n": [9, 9],
        "sum_x": [9.0, 9.0],
        "sum_xx": [10.0, 11.0],
    }
    source = "source: units\nkind: file\npath: units.parquet\nfact: unit\nsummed: yes\n"
    made = reviewed(declare(RANDOMISED + "covariates: [x]\n", table, source=source))
    assert "HW432" in codes(made)


def test_a_small_pilot_with_a_crooked_split_is_stopped(declare: Declare) -> None:
    """465 against 163 where halves were planned is no accident, though there are few units: HW402."""
    rows = two_arms(628)
    rows["variant"] = ["control"] * 465 + ["treated"] * 163
    made = reviewed(declare(RANDOMISED, rows))
    assert "HW402" in codes(made)
    assert estimates(made, "effect") == {}
    assert estimates(made, "srm")["srm"]["value"] > 1e6


def test_a_small_pilot_with_a_fair_split_is_not(declare: Declare) -> None:
    """Twenty units more in one arm of four hundred happen by chance."""
    rows = two_arms(400)
    rows["variant"] = ["control"] * 210 + ["treated"] * 190
    assert estimates(reviewed(declare(RANDOMISED, rows)), "srm")["srm"]["value"] < 2


def test_sums_by_cluster_give_the_cluster_errors_of_the_rows(declare: Declare) -> None:
    """n, sum and sum of squares per cluster and arm are all that a regression without covariates needs."""
    rows = two_arms()
    rows["cluster"] = (np.arange(400) // 20).tolist()
    rows["variant"] = np.where(np.arange(400) // 20 % 2 == 1, "treated", "control").tolist()
    straight = estimates(reviewed(declare(CLUSTERS, rows)), "effect")["y"]
    y = np.asarray(rows["y"]).reshape(20, 20)
    table: Rows = {
        "variant": np.where(np.arange(20) % 2 == 1, "treated", "control").tolist(),
        "cluster": list(range(20)),
        "metric": ["y"] * 20,
        "n": [20] * 20,
        "sum_x": y.sum(axis=1),
        "sum_xx": (y**2).sum(axis=1),
    }
    source = "source: units\nkind: file\npath: units.parquet\nfact: unit\nsummed: yes\n"
    summed = estimates(reviewed(declare(CLUSTERS, table, source=source)), "effect")["y"]
    for name in ("theta", "se", "df", "cr1_se"):
        assert summed[name] == pytest.approx(straight[name], rel=1e-9)
    assert (summed["n"], summed["clusters"]) == (400, 20)


def test_a_median_of_many_negative_values_is_refused(declare: Declare) -> None:
    """A log-histogram begins at zero: a wrong median is not shown, the way out is."""
    rows = two_arms(12_000)
    rows["y"] = np.asarray(rows["y"]) - 10
    made = reviewed(declare(RANDOMISED + "statistic: median\n", rows))
    assert "HW432" in codes(made)
    assert estimates(made, "effect") == {}
