"""The row that asks for the promotion budget: in, or what it needs; never missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.gates.promoting import BUDGET, DAY, asked, before, effect, frozen, others
from tests.unit.gates.scenes import absent, faults, judged, requirement, subject

from headway.gates.promotion import standings
from headway.gates.verdict import State
from headway.kernel.estimate import Grade

ROW = "scale.value.promotion_budget"
MONEY = {"share": "10 %", "of": "money"}


def test_a_large_e_value_is_in_alone() -> None:
    """With 20 slots at 10 % the first promotion of the year needs 200."""
    made = asked(effect(200))
    assert (made.state, made.saw) == (State.MET, "e-value 200, accepted: needed 200 alone")
    assert made.need == "accepted by the portfolio's procedure, of whose promotions 10 % may be false"
    assert made.evidence_ids == (effect(200).id,)


def test_a_small_e_value_is_told_what_it_needs() -> None:
    """It is inconclusive, never missed: not enough is known."""
    made = asked(effect(4.1), on=before(rows=others(90, 80)))
    assert (made.state, made.saw) == (
        State.INCONCLUSIVE,
        "e-value 4.1, needs 200 alone, 66.7 beside two others accepted",
    )


def test_others_let_an_e_value_in() -> None:
    """What is too little alone is enough beside two that are accepted."""
    assert asked(effect(67)).state is State.INCONCLUSIVE
    made = asked(effect(67), on=before(rows=others(90, 80)))
    assert (made.state, made.saw) == (
        State.MET,
        "e-value 67, accepted: needed 66.7 beside two others accepted",
    )


@pytest.mark.parametrize("grade", [Grade.C, Grade.D])
def test_no_e_value_of_grade_c_or_d_can_enter(grade: Grade) -> None:
    """However large it is, and whatever grade the row asks: without a comparison there is no list."""
    every: tuple[dict[str, Any], ...] = ({}, {"grade": "C"}, {"grade": "D"}, {"grade": "B"})
    for asks in every:
        made = asked(effect(1e9, grade, grade_reasons=("before and after",)), **asks)
        assert (made.state, made.reason) == (State.MISSING, "grade")
        assert made.saw.endswith("before and after; randomise units or the rollout order")
    ours = [frozen("replies", 1e9, 1, grade=grade.value)]
    assert asked(on=before(rows=ours)).state is State.MISSING


def test_frozen_rows_of_grade_c_help_nobody() -> None:
    """A row of a grade without a list does not count among the accepted."""
    rows = others(1e9, 1e9, grade="C")
    assert asked(effect(67), on=before(rows=rows)).state is State.INCONCLUSIVE


def test_lists_of_grades_are_never_joined() -> None:
    """Two accepted of grade A leave the bar of grade B where it was, and B says what it depends on."""
    made = asked(effect(67, Grade.B), on=before(rows=others(900, 800)))
    assert (made.state, made.saw) == (
        State.INCONCLUSIVE,
        "e-value 67, needs 200 alone; list B holds only if the assumption of its comparisons does",
    )
    assert asked(effect(67, Grade.B), on=before(rows=others(900, 800, grade="B"))).state is State.MET


def test_a_row_that_asks_for_grade_a_keeps_b_out() -> None:
    """The list of grade B is open only where the row allows grade B."""
    made = asked(effect(1e9, Grade.B), grade="A")
    assert (made.state, made.reason) == (State.MISSING, "grade")


def test_one_approach_is_enough_and_each_has_its_part_of_the_slot() -> None:
    """Two approaches share a slot, so that each alone needs twice as much."""
    two = before(approaches=2)
    assert asked(effect(399, arm="a"), effect(3, arm="b"), on=two).state is State.INCONCLUSIVE
    made = asked(effect(400, arm="a"), effect(3, arm="b"), on=two)
    assert (made.state, made.saw) == (State.MET, "e-value 400, accepted: needed 400 alone")
    # Both together reach what neither does alone.
    assert asked(effect(201, arm="a"), effect(201, arm="b"), on=two).state is State.MET
    # An approach of a poor grade leaves the other its part.
    both = asked(effect(400, arm="a"), effect(400, Grade.C, arm="b"), on=two)
    assert both.state is State.MET


def test_the_smaller_share_of_row_and_portfolio_holds() -> None:
    """A house that allows itself less than its gate asks is held to that."""
    strict = before(replace(BUDGET, share=0.05))
    assert asked(effect(399), on=strict).state is State.INCONCLUSIVE
    assert asked(effect(399), of="5 %").state is State.INCONCLUSIVE
    made = asked(effect(400), of={"share": "5 %"})
    assert (made.state, made.need.partition("whose ")[2]) == (State.MET, "promotions 5 % may be false")


def test_by_money_a_small_ask_needs_more() -> None:
    """Of an envelope of 1,000 who asks for 10 needs 1,000 alone, and less beside 490 that are in."""
    made = asked(effect(900), of=MONEY)
    assert (made.state, made.saw) == (State.INCONCLUSIVE, "e-value 900, needs 1,000 alone")
    assert made.need == "accepted by the portfolio's procedure, of whose promoted money 10 % may be false"
    rows = [frozen("large", 80, 2, cost="490"), frozen("free", 999, 3, cost=None)]
    made = asked(effect(21), on=before(rows=rows), of=MONEY)
    assert (made.state, made.saw) == (State.MET, "e-value 21, accepted: needed 20 beside one other accepted")


def test_by_money_rows_beyond_the_envelope_do_not_count() -> None:
    """Frozen asks are counted in the order of slots while the envelope holds them beside one's own."""
    rows = [frozen("huge", 1e6, 3, cost="995"), frozen("large", 80, 2, cost="490")]
    assert asked(effect(20), on=before(rows=rows), of=MONEY).state is State.MET
    assert asked(effect(20), on=before(rows=rows[:1]), of=MONEY).state is State.INCONCLUSIVE


def test_by_money_an_initiative_asks_once_with_its_best_approach() -> None:
    """Of two approaches the better one asks, at half its e-value, for all the money."""
    on = before(approaches=2, cost="500")
    assert asked(effect(39, arm="a"), effect(2, arm="b"), on=on, of=MONEY).state is State.INCONCLUSIVE
    made = asked(effect(40, arm="a"), effect(2, arm="b"), on=on, of=MONEY)
    assert (made.state, made.saw) == (State.MET, "e-value 40, accepted: needed 40 alone")


def test_a_frozen_e_value_is_the_only_one_that_counts() -> None:
    """A later look does not count, be it larger or smaller."""
    rows = [frozen("replies", 5, 1)]
    made = asked(effect(1e6), on=before(rows=rows))
    assert (made.state, made.saw) == (State.INCONCLUSIVE, "frozen e-value 5, needs 200 alone")
    rows = [frozen("replies", 1e6, 1, evidence="f" * 64)]
    made = asked(effect(0.1), on=before(rows=rows))
    assert (made.state, made.evidence_ids) == (State.MET, ("f" * 64,))


def test_a_pilot_that_was_changed_cannot_use_the_e_value_of_another_question() -> None:
    """Its slot of the year is spent."""
    made = asked(effect(1e6), on=before(rows=[frozen("replies", 1e6, 1, registration="0" * 64)]))
    assert (made.state, made.reason) == (State.MISSING, "superseded")
    assert made.saw == "its slot holds the e-value of 'handle_minutes', frozen before the pilot was changed"


@pytest.mark.parametrize(
    ("fact", "budget", "of", "saw"),
    [
        ({"judged": 2027}, {}, "10 %", "the promotion budget that is declared is that of 2026"),
        ({}, {"slots": 0}, "10 %", "no slots are declared: promotion_budget: {slots: 20} in portfolio.yaml"),
        ({"slot": None}, {}, "10 %", "the slots of 2026 (20) are all taken by pilots registered before"),
        ({}, {"envelope": None}, MONEY,
         "no envelope is declared: promotion_budget: {envelope: 12000000 EUR} in portfolio.yaml"),
        ({"cost": None}, {}, MONEY, "it does not say what it asks for in EUR: pilot: {asks: 800000 EUR}"),
        ({"within": False}, {}, MONEY,
         "the envelope of 2026 does not hold what it asks for beside the pilots before it"),
    ],
)  # fmt: skip
def test_who_may_not_ask_is_told_why(fact: dict[str, Any], budget: dict[str, Any], of: Any, saw: str) -> None:
    """A slot, a year and, where money counts, an ask that fits: else it is missing, however large E is."""
    made = asked(effect(1e9), on=before(replace(BUDGET, **budget), **fact), of=of)
    assert (made.state, made.reason, made.saw) == (State.MISSING, "none", saw)


def test_what_money_needs_is_no_matter_where_initiatives_are_counted() -> None:
    """Without an ask, or beyond the envelope, it is judged by count all the same."""
    assert asked(effect(200), on=before(cost=None, within=False)).state is State.MET


def test_without_a_declared_budget_it_is_missing() -> None:
    """Nobody is accepted by a procedure that the house has not declared."""
    made = asked(effect(1e9), on=subject())
    assert (made.state, made.reason) == (State.MISSING, "none")
    assert made.saw == "no promotion budget is declared: promotion_budget: {slots: 20} in portfolio.yaml"


def test_a_design_without_an_e_value_is_missing() -> None:
    """Not every estimator has one: then it says which has none."""
    made = asked(effect(None))
    assert (made.state, made.reason) == (State.MISSING, "none")
    assert made.saw == "the estimator of this design has no e-value: means"


def test_an_old_or_small_effect_is_missing() -> None:
    """What a row asks of age and size holds for the e-value too."""
    assert asked(effect(1e9, ago=8 * DAY)).reason == "stale"
    assert asked(effect(1e9, ago=3 * DAY), max_age="2d").reason == "stale"
    assert asked(effect(1e9), min_n="401").reason == "below_min_n"


def test_an_effect_that_is_missing_says_why() -> None:
    """A sample ratio that fired, or no pilot at all: the reason of the effect is that of the row."""
    row = requirement(id=ROW, promotion_budget="10 %")
    why = absent("source_failed", "5,260 / 4,740 units where 50 % / 50 % was planned")
    made = judged(row, missing=(why,), on=before())
    assert (made.state, made.reason) == (State.MISSING, "source_failed")
    assert made.saw == "no e-value: 5,260 / 4,740 units where 50 % / 50 % was planned"
    made = judged(row, on=before())
    assert (made.reason, made.saw) == ("none", "no e-value: no effect has been measured")
    # Effects on other metrics and other measures are no effect on the outcome.
    beside = (effect(1e9, metric="srm", measure="srm"),)
    assert judged(row, *beside, on=before()).saw == "no e-value: no effect has been measured"


@pytest.mark.parametrize(
    ("written", "code", "path"),
    [
        ("all", "HW105", "promotion_budget"),
        ("0 %", "HW105", "promotion_budget"),
        ("100 %", "HW105", "promotion_budget"),
        ({"of": "money"}, "HW105", "promotion_budget"),
        ({"share": "10 %", "of": "people"}, "HW105", "promotion_budget.of"),
        ({"share": "10 %", "slots": "3"}, "HW103", "promotion_budget.slots"),
    ],
)
def test_a_budget_that_cannot_be_read_is_told(written: Any, code: str, path: str) -> None:
    """The fault points at the part that is wrong."""
    (found,) = faults({"id": ROW, "promotion_budget": written})
    assert (found.code, found.place.file) == (code, path)


@pytest.mark.parametrize("written", ["10 %", "0.1", {"share": "10 %"}, MONEY])
def test_a_budget_as_written_is_sound(written: Any) -> None:
    """A share, or a share with what it is counted in."""
    assert faults({"id": ROW, "promotion_budget": written}) == []


def test_a_running_pilot_that_shares_units_asks_at_its_end() -> None:
    """Until then no look is taken, however large its e-value; once it has ended it asks like any other."""
    on = before(shares_units_with=["letters", "routing"])
    made = asked(effect(1e9), on=on)
    assert (made.state, made.reason) == (State.MISSING, "none")
    assert made.saw == "its pilot shares units with that of letters, routing: it asks at its registered end"
    assert asked(effect(1e9, closed=True), on=on).state is State.MET


@pytest.mark.parametrize(("of", "accepted"), [("initiatives", 4), ("money", 3)])
def test_the_hand_example_comes_out(of: str, accepted: int) -> None:
    """Ten slots at 10 %, an envelope of 100: four are in by count, and three by money with its floor."""
    e_values = (150, 60, 45, 30, 12, 3, 1, 1, 1, 1)
    costs = (2, 3, 20, 5, 60, 2, 2, 2, 2, 2)
    rows = [
        frozen(f"i{at}", e, at, cost=str(cost))
        for at, (e, cost) in enumerate(zip(e_values, costs, strict=True), 1)
    ]
    terms = replace(BUDGET, slots=10, envelope="100")
    told = [standings(terms, [r], [o for o in rows if o is not r], 0.1, of)[0].accepted for r in rows]
    assert told == [True] * accepted + [False] * (10 - accepted)
