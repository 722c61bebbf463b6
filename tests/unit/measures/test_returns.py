"""Returns: what an effect is worth in a year, less what the initiative costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.small import (
    FRAMED,
    INITIATIVE,
    OUTCOME,
    PORTFOLIO,
    Declare,
    codes,
    estimates,
    missing,
    reviewed,
)

from headway.app.check import check
from headway.app.review import review
from headway.measures.value.horizon import split_normal
from headway.measures.value.returns import DRAWS, _step
from headway.portfolio.values import Triple

PUBLISHED = """\
pilot:
  design: published
  metric: y
  objective: {change: "-1", scale: absolute}
  citation: Somebody, 2025
  published: 2026-01-10
  estimates:
    - {metric: y, arm: treated, value: -2, low: -2.2, high: -1.8, n: 500, scale: absolute, design: randomised}
"""
STAFF = "cost: {people: [{role: engineer, share: 50 %, of: 1, rate: 100 EUR per month}]}\n"
BOTH = INITIATIVE + STAFF + PUBLISHED


def test_worth_is_effect_times_slope_times_volume_less_cost(declare: Declare) -> None:
    """Two minutes less for 1,000 calls a year at 2 EUR a minute, less 600 EUR of staff, is 3,400 EUR."""
    found = estimates(reviewed(declare(initiative=INITIATIVE + STAFF + PUBLISHED)), "returns")
    money, chance = found["return"], found["return_probability"]
    assert money["value"] == pytest.approx(2 * 1000 * 2 - 600, rel=0.02)
    assert money["unit"] == "EUR per year"
    assert money["cost_per_year"] == "600.00"
    assert money["low"] < money["p10"] < money["value"] < money["p90"] < money["high"]
    # Finance is sure of the sign of the slope only to a point: a two-sided normal reaches below zero.
    assert 0.97 < chance["value"] < 1
    assert chance["low"] <= chance["value"] <= chance["high"] <= 1


def test_what_each_grade_contributes_is_kept_apart(declare: Declare) -> None:
    """An attested slope counts as C; people at declared rates make the whole D, and say so."""
    found = estimates(reviewed(declare(initiative=INITIATIVE + STAFF + PUBLISHED)), "returns")["return"]
    assert list(found["worth_by_grade"]) == ["C"]
    assert found["grade"] == "D"


def test_an_unattested_slope_is_grade_d(declare: Declare) -> None:
    """Nobody in finance stands behind it."""
    outcome = OUTCOME.replace(", attested_by: bob", "")
    found = estimates(
        reviewed(declare(initiative=INITIATIVE + STAFF + PUBLISHED, outcome=outcome)), "returns"
    )
    assert list(found["return"]["worth_by_grade"]) == ["D"]


def test_a_relative_effect_works_on_the_baseline(declare: Declare) -> None:
    """Minus ten per cent of ten minutes is one minute."""
    pilot = PUBLISHED.replace('"-1", scale: absolute', "-5 %, scale: relative").replace(
        "value: -2, low: -2.2, high: -1.8, n: 500, scale: absolute",
        "value: -0.1, low: -0.12, high: -0.08, n: 500, scale: relative",
    )
    found = estimates(reviewed(declare(initiative=INITIATIVE + STAFF + pilot)), "returns")["return"]
    assert found["value"] == pytest.approx(1 * 1000 * 2 - 600, rel=0.05)
    without = OUTCOME.replace(
        "baseline: {value: 10, low: 9.8, high: 10.2, window: 2025-10-01/2025-12-01}\n", ""
    )
    made = reviewed(declare(initiative=INITIATIVE + STAFF + pilot, outcome=without))
    assert "needs the outcome's baseline" in missing(made, "returns")["return"][1]


@pytest.mark.parametrize(
    ("initiative", "outcome", "why"),
    [
        (INITIATIVE + PUBLISHED, OUTCOME, "no cost is declared"),
        (FRAMED + STAFF, OUTCOME, "no effect on the outcome is measured"),
        (BOTH, OUTCOME.replace("per: 1 minute", "per: a minute"), "does not begin with a number"),
        (BOTH, OUTCOME.replace("slope: [1 EUR, 2 EUR, 3 EUR], ", ""), "states no slope"),
        (INITIATIVE + "cost: {select: [{tag: {app: x}}]}\n" + PUBLISHED, OUTCOME, "is not known"),
    ],
)
def test_a_return_that_cannot_be_made_says_what_is_missing(
    declare: Declare, initiative: str, outcome: str, why: str
) -> None:
    """No number is made up for a cost, an effect or a slope that nobody stated."""
    made = reviewed(declare(initiative=initiative, outcome=outcome))
    reason, words = missing(made, "returns")["return"]
    assert reason == "none"
    assert why in words


def test_the_same_portfolio_draws_the_same_numbers(declare: Declare) -> None:
    """Draws are seeded by initiative and arm: a review can be repeated."""
    folder = declare(initiative=INITIATIVE + STAFF + PUBLISHED)
    first = estimates(reviewed(folder), "returns")
    assert estimates(reviewed(folder), "returns") == first


def test_the_three_amounts_of_a_slope_are_its_tenth_fiftieth_and_ninetieth_percentile() -> None:
    """A normal with its own width on each side of the middle."""
    drawn = split_normal(Triple.parse("[31, 38, 60] EUR"), np.random.Generator(np.random.Philox(5)), DRAWS)
    assert drawn.size == DRAWS
    assert np.quantile(drawn, (0.1, 0.5, 0.9)) == pytest.approx((31, 38, 60), rel=0.02)


@pytest.mark.parametrize(
    ("text", "step"), [("", 1.0), ("1 reopened", 1.0), ("100 calls", 100.0), ("call", None), ("0 x", None)]
)
def test_a_slope_is_per_a_number_of_something(text: str, step: float | None) -> None:
    """A number first, above zero; nothing written means one."""
    assert _step(text) == step


def test_two_arms_have_a_return_each(declare: Declare) -> None:
    """Approaches are compared, not added."""
    other = PUBLISHED.splitlines()[-1].replace("arm: treated", "arm: other")
    pilot = (
        f"{PUBLISHED}{other.replace('value: -2, low: -2.2, high: -1.8', 'value: 0, low: -0.2, high: 0.2')}\n"
    )
    made = reviewed(declare(initiative=INITIATIVE + STAFF + pilot))
    found = estimates(made, "returns")
    assert set(found) == {
        "return [treated]",
        "return [other]",
        "return_probability [treated]",
        "return_probability [other]",
    }
    assert found["return [other]"]["value"] == pytest.approx(-600, abs=60)
    assert not math.isnan(found["return_probability [other]"]["value"])
    assert "HW429" not in codes(made)


def test_slopes_and_rates_in_another_currency_are_exchanged_at_todays_rate(declare: Declare) -> None:
    """At 0.5 EUR to the USD, the same figures written in USD are worth half."""
    outcome = OUTCOME.replace(" EUR", " USD")
    initiative = (INITIATIVE + STAFF + PUBLISHED).replace("100 EUR per", "100 USD per")
    folder = declare(outcome=outcome, initiative=initiative, portfolio=PORTFOLIO + "exchange_rates: fx.csv\n")
    (folder / "fx.csv").write_text("date,currency,rate\n2026-03-31,USD,0.5\n")
    found = estimates(reviewed(folder), "returns")["return"]
    assert found["value"] == pytest.approx((2 * 1000 * 2 - 600) / 2, rel=0.02)
    assert (found["unit"], found["cost_per_year"]) == ("EUR per year", "300.00")


def test_without_a_rate_an_amount_in_another_currency_makes_no_return(declare: Declare) -> None:
    """The gate is told that the unit does not fit; the file itself is told of by `check`."""
    initiative = (INITIATIVE + STAFF + PUBLISHED).replace("100 EUR per", "100 USD per")
    made = review(check(declare(initiative=initiative)))
    reason, why = missing(made, "returns")["return"]
    assert (reason, why) == ("unit", "no rate turns USD into EUR on 2026-03-31")
    assert "HW343" in codes(made)


def test_the_last_digits_of_an_effect_do_not_name_a_return(declare: Declare) -> None:
    """Threads add in another order each time: twelve digits are what the evidence is named by."""
    precise = PUBLISHED.replace("value: -2,", "value: -2.0000000000000004,")
    made = reviewed(declare(initiative=INITIATIVE + STAFF + precise))
    effects = [e.asked["effect"] for e in made.collected.evidence["trial"] if e.measure == "returns"]
    assert effects == [-2.0, -2.0]
