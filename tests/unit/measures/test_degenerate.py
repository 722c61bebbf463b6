"""Rows that go wrong: each gets its code and its mend, and none a wrong number."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from tests.unit.small import RANDOMISED, Declare, Rows, estimates, missing, reviewed, two_arms

CLUSTERS = RANDOMISED.replace("design: randomised", "design: clusters\ncluster: team")
LISTED = RANDOMISED.replace("{control: 50 %, treated: 50 %}", "[control, treated]")


def whole_clusters(clusters: int, n: int = 400) -> Rows:
    """Arms given to whole clusters in turn."""
    rows = two_arms(n)
    cluster = np.arange(n) % clusters
    arm = cluster % 2
    y = np.random.default_rng(4).normal(10, 1, n) - arm
    return {**rows, "cluster": cluster, "variant": np.where(arm, "treated", "control").tolist(), "y": y}


def with_values(at: slice, value: float) -> Rows:
    """Two arms whose outcome is another value in some rows."""
    rows = two_arms()
    y = np.asarray(rows["y"]).copy()
    y[at] = value
    return {**rows, "y": y}


def one_arm() -> Rows:
    """Everybody is treated."""
    rows = two_arms()
    return {**rows, "variant": ["treated"] * 400}


CASES: list[tuple[str, str, Rows, str, str]] = [
    ("zero variance", RANDOMISED, with_values(slice(None), 10.0), "HW406", "wait"),
    ("zero variance in one arm", RANDOMISED, with_values(slice(0, None, 2), 10.0), "HW406", "wait"),
    ("one arm", RANDOMISED, one_arm(), "HW431", "declare every arm"),
    ("one unit", LISTED, {k: v[:1] for k, v in two_arms().items()}, "HW431", "declare every arm"),
    ("one unit in each arm", LISTED, {k: v[:2] for k, v in two_arms().items()}, "HW406", "wait"),
    ("no row", LISTED, {k: v[:0] for k, v in two_arms().items()}, "HW431", "declare every arm"),
    ("NaN in one of four", RANDOMISED, with_values(slice(0, None, 4), math.nan), "HW411", "clean"),
    ("all NaN", RANDOMISED, with_values(slice(None), math.nan), "HW411", "clean"),
    ("infinite values", RANDOMISED, with_values(slice(0, None, 4), math.inf), "HW411", "clean"),
    ("units in two arms", RANDOMISED, {**two_arms(), "unit_id": np.arange(400) % 391}, "HW404", "same arm"),
    (
        "units in several rows",
        RANDOMISED,
        {**two_arms(), "unit_id": np.arange(400) // 4 * 2 + np.arange(400) % 2},
        "HW457",
        "cluster",
    ),
    ("one cluster", CLUSTERS, {**two_arms(), "cluster": np.zeros(400)}, "HW405", "name what was assigned"),
    ("two clusters", CLUSTERS, whole_clusters(2), "HW415", "clusters"),
    ("four clusters", CLUSTERS, whole_clusters(4), "HW415", "clusters"),
]


@pytest.mark.parametrize(("pilot", "rows", "code", "mend"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_rows_that_allow_no_estimate_get_their_code_and_no_number(
    declare: Declare, pilot: str, rows: Rows, code: str, mend: str
) -> None:
    """The finding says what to do, the effect is missing with a reason, and the review is whole."""
    made = reviewed(declare(pilot, rows))
    found = [d for d in made.diagnostics if d.code == code]
    assert found, [d.code for d in made.diagnostics]
    assert mend in found[0].mend
    assert estimates(made, "effect") == {}
    assert missing(made, "effect")["y"][1]


@pytest.mark.parametrize("at", [math.nan, math.inf, -math.inf])
def test_one_strange_value_in_two_thousand_is_left_out_and_spoils_nothing(
    declare: Declare, at: float
) -> None:
    """The estimate is that of the other rows, to the last digit that matters."""
    rows = two_arms(4000)
    y = np.asarray(rows["y"]).copy()
    y[7] = at
    found = estimates(reviewed(declare(RANDOMISED, {**rows, "y": y})), "effect")["y"]
    arm = np.asarray(rows["variant"])
    kept = np.isfinite(y)
    t, c = y[kept & (arm == "treated")], y[kept & (arm == "control")]
    assert found["value"] == pytest.approx(t.mean() - c.mean(), abs=1e-11)
    assert found["n"] == 3999


def test_money_in_the_trillions_keeps_its_cents_as_decimals(declare: Declare) -> None:
    """A difference of about one unit on amounts of 10^12 comes out as it does on small amounts."""
    rows = two_arms()
    cents = [Decimal(repr(round(float(y), 2))) for y in rows["y"]]
    small = estimates(reviewed(declare(RANDOMISED, {**rows, "y": cents})), "effect")["y"]
    large: Rows = {**rows, "y": [c + 10**12 for c in cents]}
    found = estimates(reviewed(declare(RANDOMISED, large)), "effect")["y"]
    assert (found["value"], found["se"]) == pytest.approx((small["value"], small["se"]), rel=1e-9)


def test_money_in_the_trillions_as_doubles_is_refused_where_the_steps_are_too_coarse(
    declare: Declare,
) -> None:
    """A double near 10^12 moves in steps of 0.00012, which is no resolution for a spread of one."""
    rows = two_arms()
    made = reviewed(declare(RANDOMISED, {**rows, "y": np.asarray(rows["y"]) + 1e12}))
    assert [(d.code, d.mend) for d in made.diagnostics if d.code == "HW410"] == [
        ("HW410", "store it as a decimal, or less a constant that all rows share")
    ]
    assert estimates(made, "effect") == {}


def test_values_scaled_by_a_trillion_scale_the_effect_and_nothing_else(declare: Declare) -> None:
    """The e-value and the degrees of freedom have no unit."""
    rows = two_arms()
    small = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    large = estimates(reviewed(declare(RANDOMISED, {**rows, "y": np.asarray(rows["y"]) * 1e12})), "effect")[
        "y"
    ]
    assert large["value"] == pytest.approx(small["value"] * 1e12, rel=1e-10)
    assert (large["df"], large["e"]["log_one_sided"]) == pytest.approx(
        (small["df"], small["e"]["log_one_sided"]), rel=1e-9
    )


def test_arms_of_one_to_ten_thousand_are_judged_by_the_small_one(declare: Declare) -> None:
    """Welch's degrees of freedom are those of the small arm, as statsmodels has them."""
    draw = np.random.default_rng(8)
    n = 10_001 * 4
    arm = np.where(np.arange(n) % 10_001 == 0, "treated", "control")
    y = draw.normal(10, 1, n)
    pilot = RANDOMISED.replace("{control: 50 %, treated: 50 %}", "{control: 99.99 %, treated: 0.01 %}")
    rows: Rows = {"unit_id": np.arange(n), "variant": arm.tolist(), "y": y}
    found = estimates(reviewed(declare(pilot, rows)), "effect")["y"]
    oracle = sm.stats.CompareMeans(
        sm.stats.DescrStatsW(y[arm == "treated"]), sm.stats.DescrStatsW(y[arm == "control"])
    )
    assert (found["low"], found["high"]) == pytest.approx(oracle.tconfint_diff(usevar="unequal"), abs=1e-9)
    assert found["df"] == pytest.approx(3.0, abs=0.01)


def test_a_reversed_treatment_code_turns_the_effect_and_its_evidence(declare: Declare) -> None:
    """What spoke for the initiative then speaks against it: the names decide, not the numbers behind them."""
    rows = two_arms()
    turned = ["treated" if v == "control" else "control" for v in rows["variant"]]
    straight = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]
    reversed_ = estimates(reviewed(declare(RANDOMISED, {**rows, "variant": turned})), "effect")["y"]
    assert reversed_["value"] == pytest.approx(-straight["value"])
    assert straight["e"]["side"] == reversed_["e"]["side"] == "less"
    assert straight["e"]["log_one_sided"] > math.log(1e6)
    assert reversed_["e"]["log_one_sided"] < 0
    assert reversed_["e"]["log_two_sided"] == pytest.approx(straight["e"]["log_two_sided"])


def test_an_effect_of_no_size_is_no_evidence(declare: Declare) -> None:
    """Where chance is all there is, the e-value stays near one."""
    draw = np.random.default_rng(5)
    rows: dict[str, Any] = {**two_arms(), "y": draw.normal(10, 1, 400)}
    found = estimates(reviewed(declare(RANDOMISED, rows)), "effect")["y"]["e"]
    assert found["form"] == "t"
    assert found["null"] == 0
    assert found["log_one_sided"] < math.log(10)


def test_rows_without_a_unit_are_not_one_unit(declare: Declare) -> None:
    """An empty id names nobody, so it stands in no two arms."""
    ids: list[int | None] = [i if i < 50 else None for i in range(400)]
    made = reviewed(declare(RANDOMISED, {**two_arms(), "unit_id": ids}))
    assert not [d for d in made.diagnostics if d.code in ("HW404", "HW457")]
    assert estimates(made, "effect")["y"]["n"] == 400
