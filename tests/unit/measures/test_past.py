"""After the win: an effect beside earlier ones, what they leave of it, and who reads which of the two."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.small import (
    INITIATIVE,
    PORTFOLIO,
    RANDOMISED,
    SOURCE,
    Declare,
    codes,
    estimates,
    reviewed,
    two_arms,
)

from headway.app.review import Review
from headway.statistics.shrinkage import Past, paule_mandel, shrink

RELATIVE = RANDOMISED.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
PAST = """\
---
source: earlier
kind: file
path: past.csv
fact: past_estimate
"""
STAFF = "cost: {people: [{role: engineer, share: 50 %, of: 1, rate: 100 EUR per month}]}\n"
Row = tuple[str, str, float, float, str, str, str]


def rows(n: int, kind: str = "", seed: int = 2) -> list[Row]:
    """Past falls of a metric whose good direction is down: 2 % on average, 3 % apart."""
    rng = np.random.default_rng(seed)
    return [
        (
            f"past-{i}{kind}",
            "y",
            round(-0.02 + 0.03 * float(rng.normal()), 4),
            0.01,
            kind,
            "lower",
            "2025-06-01",
        )
        for i in range(n)
    ]


def write(folder: Path, past: list[Row]) -> None:
    """The table of past estimates."""
    lines = ["subject,metric,claimed,se,class,better,received_at", *(",".join(map(str, r)) for r in past)]
    (folder / "past.csv").write_text("\n".join(lines) + "\n")


def of(declare: Declare, past: list[Row], pilot: str = RELATIVE, **files: str) -> Review:
    """A review of the small pilot beside past effects."""
    folder = declare(pilot, two_arms(), source=SOURCE + PAST, **files)
    write(folder, past)
    return reviewed(folder)


def shown(made: Review) -> dict[str, Any]:
    """The effect of the pilot."""
    return estimates(made, "effect")["y"]


def by_hand(found: dict[str, Any], past: Past) -> dict[str, float]:
    """What shrinkage leaves of the effect, computed in its good direction."""
    se = found["se"] * (1 + found["value"])
    one = shrink(-found["value"], se, past)
    return {"value": -one.value, "low": -one.high, "high": -one.low, "sd": one.sd}


def test_an_effect_is_held_against_those_before_it(declare: Declare) -> None:
    """Twelve past effects pull it towards their mean; m, tau and n stand beside, in the metric's own sign."""
    past = rows(12)
    made = of(declare, past)
    found = shown(made)
    pool = paule_mandel(np.array([-r[2] for r in past]), np.array([r[3] for r in past]))
    for name, value in by_hand(found, pool).items():
        assert found["shrunk"][name] == pytest.approx(value, rel=1e-9), name
    assert found["shrunk"]["m"] == pytest.approx(-pool.mean, rel=1e-9)
    assert found["shrunk"]["tau"] == pytest.approx(pool.tau, rel=1e-9)
    assert (found["shrunk"]["n_past"], found["shrunk"]["basis"]) == (12, "portfolio")
    assert found["value"] < found["shrunk"]["value"] < found["shrunk"]["m"] < 0
    assert "HW424" not in codes(made)


def test_gates_read_the_effect_as_it_was_measured(declare: Declare) -> None:
    """The same interval, the same verdict; only the sentence says what to expect."""
    plain = reviewed(declare(RELATIVE, two_arms()))
    made = of(declare, rows(12))
    for name in ("value", "low", "high", "e", "p_value"):
        assert shown(made)[name] == shown(plain)[name]
    states = [
        {r.id: r.state.value for r in one.initiatives[0].verdict.requirements}
        for one in (plain, made)
        if one.initiatives[0].verdict
    ]
    assert states[0] == states[1]
    record: Any = made.as_json()
    (said,) = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["measure"] == "effect"]
    assert said.startswith("moved")
    assert "expect −" in said
    assert "beside 12 past effects" in said


def test_returns_are_drawn_from_what_is_left(declare: Declare) -> None:
    """The P&L line stands around the shrunk effect, not around the claim."""
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RELATIVE.strip().splitlines())
    made = of(declare, rows(12), initiative=INITIATIVE + STAFF + block)
    effect, money = shown(made), estimates(made, "returns")["return"]
    # 1,000 calls a year, ten minutes each, at 2 EUR a minute, less 600 EUR of staff.
    assert money["value"] == pytest.approx(-effect["shrunk"]["value"] * 10 * 1000 * 2 - 600, rel=0.05)
    plain = reviewed(declare(rows=two_arms(), initiative=INITIATIVE + STAFF + block, source=SOURCE))
    claimed = estimates(plain, "returns")["return"]
    assert claimed["value"] == pytest.approx(-effect["value"] * 10 * 1000 * 2 - 600, rel=0.05)
    assert money["value"] < claimed["value"]


def test_the_numbers_name_the_past_they_came_from(declare: Declare) -> None:
    """With other past effects the evidence has another id, since another question was asked."""
    ids = []
    for seed in (2, 3):
        made = of(declare, rows(12, seed=seed))
        ids.append(next(e.id for e in made.collected.evidence["trial"] if e.metric == "y"))
    assert ids[0] != ids[1]


def test_effects_of_one_class_go_before_all_others(declare: Declare) -> None:
    """Ten of its own class are its past, though the portfolio has twelve more."""
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RELATIVE.strip().splitlines())
    own = rows(10, "service", seed=5)
    made = of(declare, [*rows(12), *own], initiative=f"{INITIATIVE}class: service\n{block}")
    found = shown(made)["shrunk"]
    assert (found["n_past"], found["basis"]) == (10, "class service")
    other = of(declare, [*rows(12), *own[:4]], initiative=f"{INITIATIVE}class: service\n{block}")
    assert (shown(other)["shrunk"]["n_past"], shown(other)["shrunk"]["basis"]) == (16, "portfolio")


@pytest.mark.parametrize(("n", "shrunk"), [(9, True), (5, True), (4, False), (1, False)])
def test_few_past_effects_are_told(declare: Declare, n: int, shrunk: bool) -> None:
    """Below ten HW424 warns; below five nothing is shrunk."""
    made = of(declare, rows(n))
    assert ("shrunk" in shown(made)) is shrunk
    (warned,) = [d for d in made.diagnostics if d.code == "HW424"]
    assert warned.what.startswith(f"{n} past effect")
    assert warned.mend.startswith("declare what effects of this kind usually are")
    assert str(warned.place).startswith("initiative.yaml")


def test_without_any_past_nothing_is_said(declare: Declare) -> None:
    """A first pilot has no past, and that is no fault."""
    made = reviewed(declare(RELATIVE, two_arms()))
    assert "shrunk" not in shown(made)
    assert "HW424" not in codes(made)


@pytest.mark.parametrize("n", [0, 9, 10])
def test_a_declared_prior_holds_until_ten_were_measured(declare: Declare, n: int) -> None:
    """It is printed as assumed, and n_past is 0."""
    prior = PORTFOLIO + "prior: {mean: 1 %, sd: 3 %}\n"
    made = of(declare, rows(n), portfolio=prior)
    found = shown(made)
    assert "HW424" not in codes(made)
    if n == 10:
        assert found["shrunk"]["basis"] == "portfolio"
        return
    assert (found["shrunk"]["n_past"], found["shrunk"]["basis"]) == (0, "assumed: the declared prior")
    assert found["shrunk"]["m"] == pytest.approx(-0.01)
    for name, value in by_hand(found, Past(0.01, 0.03, 0)).items():
        assert found["shrunk"][name] == pytest.approx(value, rel=1e-9), name
    record: Any = made.as_json()
    (said,) = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["measure"] == "effect"]
    assert "beside the declared prior" in said


def test_a_prior_without_spread_is_refused(declare: Declare) -> None:
    """It would leave nothing of any effect."""
    from headway.app.check import check

    found = check(declare(portfolio=PORTFOLIO + "prior: {mean: 1 %, sd: 0 %}\n"))
    assert [(d.code, str(d.place).split(":")[0]) for d in found.diagnostics] == [("HW105", "portfolio.yaml")]


def test_absolute_effects_are_left_alone(declare: Declare) -> None:
    """Minutes, shares and euros have no common spread."""
    made = of(declare, rows(12), pilot=RANDOMISED)
    assert "shrunk" not in shown(made)
    assert not {"HW424", "HW458"} & set(codes(made))


def test_a_published_effect_is_shrunk_by_its_interval(declare: Declare) -> None:
    """Without a standard error the interval tells it."""
    published = """\
pilot:
  design: published
  metric: y
  objective: {change: -5 %, scale: relative}
  citation: Somebody, 2025
  published: 2026-01-10
  estimates:
    - {metric: y, arm: treated, value: -0.10, low: -0.14, high: -0.06, scale: relative, design: randomised}
"""
    past = rows(12)
    made = of(declare, past, pilot="", initiative=INITIATIVE + published)
    pool = paule_mandel(np.array([-r[2] for r in past]), np.array([r[3] for r in past]))
    one = shrink(0.10, 0.08 / (2 * 1.959963984540054), pool)
    assert shown(made)["shrunk"]["value"] == pytest.approx(-one.value, rel=1e-9)


def test_a_figure_without_doubt_is_left_as_it_is(declare: Declare) -> None:
    """An interval of no width tells no error, so there is nothing to shrink by."""
    published = """\
pilot:
  design: published
  metric: y
  objective: {change: -5 %, scale: relative}
  citation: Somebody, 2025
  published: 2026-01-10
  estimates:
    - {metric: y, arm: treated, value: -0.10, low: -0.10, high: -0.10, scale: relative, design: randomised}
"""
    made = of(declare, rows(12), pilot="", initiative=INITIATIVE + published)
    assert shown(made)["value"] == -0.10
    assert "shrunk" not in shown(made)


def test_a_table_of_words_costs_no_effect(declare: Declare) -> None:
    """Where figures are texts the source is at fault, and the effect stands without its past."""
    folder = declare(RELATIVE, two_arms(), source=SOURCE + PAST)
    lines = ["subject,metric,claimed,se", *(f"past-{i},y,much,little" for i in range(11))]
    (folder / "past.csv").write_text("\n".join(lines) + "\n")
    made = reviewed(folder)
    assert "shrunk" not in shown(made)
    assert [d.subject for d in made.diagnostics if d.code in ("HW304", "HW306")] == ["earlier"]


def test_of_one_effect_told_twice_the_newest_counts(declare: Declare) -> None:
    """The same subject and metric on a later day replaces the earlier; rows of after today are not read."""
    past = rows(10)
    later = [(*r[:2], r[2] - 0.01, *r[3:6], "2025-09-01") for r in past]
    future = [(*r[:2], 0.5, *r[3:6], "2026-06-01") for r in past]
    made = shown(of(declare, [*later, *past, *future]))["shrunk"]
    assert made["n_past"] == 10
    assert made["m"] == pytest.approx(shown(of(declare, later))["shrunk"]["m"], rel=1e-9)


def test_rows_without_an_error_are_left_out_and_told(declare: Declare) -> None:
    """HW458 counts them, at their source; the others are used."""
    past = rows(12)
    past[3] = (*past[3][:3], 0.0, *past[3][4:])
    past[7] = (*past[7][:2], math.nan, *past[7][3:])
    made = of(declare, past)
    assert shown(made)["shrunk"]["n_past"] == 10
    (warned,) = [d for d in made.diagnostics if d.code == "HW458"]
    assert warned.what.startswith("2 past effects left out")
    assert warned.subject == "earlier"


def test_a_table_without_days_or_directions_is_enough(declare: Declare) -> None:
    """Only subject, metric, claimed and se must be there; up is good, no class, known all along."""
    folder = declare(RELATIVE, two_arms(), source=SOURCE + PAST)
    lines = ["subject,metric,claimed,se", *(f"past-{i},y,{0.01 * i},0.01" for i in range(11))]
    (folder / "past.csv").write_text("\n".join(lines) + "\n")
    found = shown(reviewed(folder))["shrunk"]
    pool = paule_mandel(np.array([0.01 * i for i in range(11)]), np.full(11, 0.01))
    assert found["n_past"] == 11
    assert found["m"] == pytest.approx(-pool.mean, rel=1e-9)


def test_a_table_that_cannot_be_read_costs_no_effect(declare: Declare) -> None:
    """The fault is told, and the effect stands without its past."""
    folder = declare(RELATIVE, two_arms(), source=SOURCE + PAST)
    made = reviewed(folder)
    assert "shrunk" not in shown(made)
    assert "HW301" in codes(made)
