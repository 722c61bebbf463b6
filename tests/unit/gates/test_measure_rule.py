"""The predicate `measure`: every state at its exact ends, and the words a board reads."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.gates.scenes import (
    AS_OF,
    PILOT,
    TICK,
    absent,
    arm,
    asking,
    census,
    evidence,
    judged,
    requirement,
    subject,
)

from headway.evidence.record import Evidence, Missing
from headway.kernel.estimate import Grade

UP = subject({**PILOT, "objective": {"change": "0.1", "scale": "relative"}}, better="higher")
V = 0.1
ABOVE, BELOW = math.nextafter(V, 1), math.nextafter(V, 0)


@pytest.mark.parametrize(
    ("op", "low", "high", "state"),
    [
        (">", ABOVE, 0.3, "met"),
        (">", V, 0.3, "inconclusive"),
        (">", 0.0, ABOVE, "inconclusive"),
        (">", 0.0, V, "missed"),
        (">=", V, 0.3, "met"),
        (">=", BELOW, 0.3, "inconclusive"),
        (">=", 0.0, V, "inconclusive"),
        (">=", 0.0, BELOW, "missed"),
        ("<", 0.0, BELOW, "met"),
        ("<", 0.0, V, "inconclusive"),
        ("<", BELOW, 0.3, "inconclusive"),
        ("<", V, 0.3, "missed"),
        ("<=", 0.0, V, "met"),
        ("<=", 0.0, ABOVE, "inconclusive"),
        ("<=", V, 0.3, "inconclusive"),
        ("<=", ABOVE, 0.3, "missed"),
    ],
)
def test_states_at_their_ends(op: str, low: float, high: float, state: str) -> None:
    """Strict and closed comparisons differ in the last digit of an end, and nowhere else."""
    assert judged(asking(op, "0.1"), evidence(low, high), on=UP).state == state


@pytest.mark.parametrize("op", [">", ">=", "<", "<="])
@pytest.mark.parametrize("ends", [(-0.3, -0.2), (-0.2, -0.1), (-0.2, 0.0), (-0.1, 0.0), (0.1, 0.2)])
def test_a_fall_that_is_wanted_is_a_rise(op: str, ends: tuple[float, float]) -> None:
    """An effect and its bound are turned to the good direction: −10 % of minutes is judged as +10 %."""
    down = judged(asking(op), evidence(*ends))
    up = judged(asking(op), evidence(-ends[1], -ends[0]), on=UP)
    assert down.state == up.state


def test_without_an_objective_the_outcome_says_what_is_good() -> None:
    """Where nothing else tells, less is better when the outcome's metric says so."""
    row = asking(value="0")
    assert judged(row, evidence(-0.2, -0.1), on=subject(None, better="lower")).state == "met"
    assert judged(row, evidence(-0.2, -0.1), on=subject(None, better="higher")).state == "missed"
    assert judged(row, evidence(-0.2, -0.1), on=subject("none", better="lower")).state == "met"


@pytest.mark.parametrize(
    ("use", "op", "low", "high", "state"),
    [
        ("low", ">", 0.0, 0.3, "inconclusive"),
        ("high", ">", 0.0, ABOVE, "met"),
        ("high", ">", 0.0, V, "missed"),
        ("high", "<", 0.0, 0.3, "inconclusive"),
        ("low", "<", BELOW, 0.3, "met"),
        ("low", "<", V, 0.3, "missed"),
    ],
)
def test_the_end_named_is_the_end_judged(use: str, op: str, low: float, high: float, state: str) -> None:
    """The far end asks whether the bound is still possible, to which there is only yes or no."""
    assert judged(asking(op, "0.1", use=use), evidence(low, high), on=UP).state == state


@pytest.mark.parametrize(("value", "state"), [(99.999, "met"), (100.0, "missed")])
def test_a_count_over_everything_is_judged_by_its_value(value: float, state: str) -> None:
    """A census has no doubt, so its point value answers yes or no."""
    row = requirement(measure="srm", bound={"use": "value", "op": "<", "value": "100"})
    answer = judged(row, census(value, "srm", "srm", "e-value"))
    assert answer.state == state
    assert answer.need == "sample-ratio e-value < 100"


def chance(value: float, metric: str = "return_probability", **other: Any) -> Evidence:
    """The probability of a positive return, with the error of its simulation."""
    return evidence(value - 0.01, value + 0.01, measure="returns", metric=metric, unit="probability",
                    detail={"arm": "a"}, **other)  # fmt: skip


def test_a_probability_is_judged_by_its_value() -> None:
    """A probability is itself the statement of doubt."""
    row = requirement(measure="return_probability", bound={"use": "value", "op": ">=", "value": "0.9"})
    assert judged(row, chance(0.9)).state == "met"
    assert judged(row, chance(0.899)).state == "missed"
    assert judged(row).need == judged(row, chance(0.9)).need == "probability of a positive return ≥ 90 %"


@pytest.mark.parametrize(
    ("row", "found", "reason", "words"),
    [
        ({}, evidence(valid_until=AS_OF - TICK), "stale", "it was valid until 2026-03-31"),
        ({}, evidence(observed=None), "stale", "nothing dates its data"),
        (
            {"max_age": "1d"},
            evidence(ago=timedelta(days=1) + TICK),
            "stale",
            "1 day is the most that is asked",
        ),
        ({"grade": "A"}, evidence(grade=Grade.B), "grade", "grade B, where A is asked"),
        (
            {"grade": "A"},
            evidence(grade=Grade.C, grade_reasons=("not randomised", "one site")),
            "grade",
            "grade C, where A is asked: not randomised; one site",
        ),
        ({"min_n": "401"}, evidence(), "below_min_n", "400 units, 401 are asked"),
        ({}, evidence(-math.inf, -0.12), "source_failed", "an end of its interval is not a finite number"),
        ({}, evidence(math.nan, math.nan), "source_failed", "handle minutes: an end of its interval"),
        ({}, evidence(unit="minutes"), "unit", "it is in minutes, the bound in per cent"),
    ],
)
def test_evidence_that_may_not_be_judged_is_missing(
    row: dict[str, Any], found: Evidence, reason: str, words: str
) -> None:
    """Each reason has its word, says what is lacking, and never lets the number through."""
    answer = judged(asking(**row), found)
    assert (answer.state, answer.reason) == ("missing", reason)
    assert words in answer.saw
    assert answer.evidence_ids == (found.id,)
    assert judged(asking(), evidence()).state == "met"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, evidence(valid_until=AS_OF)),
        ({"max_age": "1d"}, evidence(ago=timedelta(days=1))),
        ({"grade": "B"}, evidence(grade=Grade.B)),
        ({"min_n": "400"}, evidence()),
    ],
)
def test_what_is_just_enough_is_enough(row: dict[str, Any], found: Evidence) -> None:
    """Equality is fresh, good, large enough."""
    assert judged(asking(**row), found).state == "met"


@pytest.mark.parametrize(("level", "state"), [(0.9499, "missing"), (0.95, "met"), (0.99, "met")])
def test_a_narrower_level_is_no_evidence(level: float, state: str) -> None:
    """An interval at a lower level than asked is missing; a wider one will do."""
    row = requirement(measure="effect", bound={"op": ">", "value": "-10 %", "level": "0.95"})
    answer = judged(row, evidence(level=level))
    assert answer.state == state
    assert answer.reason == ("level" if state == "missing" else "")


def test_intervals_are_at_95_per_cent_where_a_bound_names_no_level() -> None:
    """A narrower interval passes no gate because somebody forgot to ask for a level."""
    assert judged(asking(), evidence(level=0.9499)).reason == "level"
    lenient = requirement(measure="effect", bound={"op": ">", "value": "-10 %", "level": "0.9"})
    assert judged(lenient, evidence(level=0.9)).state == "met"


def test_nothing_measured_says_so() -> None:
    """No evidence and no reason is still an answer, in the metric's words."""
    answer = judged(requirement(measure="cost", metric="unallocated_share",
                                bound={"use": "value", "op": "<=", "value": "5 %"}))  # fmt: skip
    assert (answer.state, answer.reason) == ("missing", "none")
    assert answer.saw == "no unallocated share has been measured"
    assert answer.need == "unallocated share ≤ 5 %"


@pytest.mark.parametrize("reason", ["none", "source_failed", "below_min_n"])
def test_why_it_is_missing_is_passed_on(reason: str) -> None:
    """The measure's own reason and words stand, before those of a neighbouring metric."""
    other = absent("suppressed", "too few", "complaints")
    answer = judged(asking(), missing=(other, absent(reason, "it is looked at once, on 2026-04-12")))
    assert (answer.state, answer.reason) == ("missing", reason)
    assert answer.saw == "it is looked at once, on 2026-04-12"


def test_a_reason_of_the_whole_measure_is_better_than_none() -> None:
    """Where the metric itself was never reached, what stopped the measure is told."""
    assert judged(asking(), missing=(absent("none", "no pilot is declared", "effect"),)).saw == (
        "no pilot is declared"
    )


class TestArms:
    """Several arms: one approach that works is enough, and nobody hides behind it."""

    def test_one_arm_is_enough_and_is_named(self) -> None:
        """The words tell which arm met the bound, and only that one."""
        answer = judged(asking(), arm("draft", -0.3, -0.2), arm("quick", -0.05, 0.1))
        assert answer.state == "met"
        assert "[draft]" in answer.saw
        assert "[quick]" not in answer.saw
        assert len(answer.evidence_ids) == 2

    def test_all_arms_are_named_where_none_meets_it(self) -> None:
        """A board sees every arm that fell short."""
        answer = judged(asking(), arm("draft", -0.05, 0.0), arm("quick", -0.05, 0.1))
        assert answer.state == "missed"
        assert "[draft]" in answer.saw
        assert "[quick]" in answer.saw

    def test_an_arm_that_could_still_do_it_keeps_the_question_open(self) -> None:
        """One missed and one undecided arm are undecided; one that is missing is missing."""
        short = arm("draft", -0.05, 0.0)
        assert judged(asking(), short, arm("quick", -0.2, 0.0)).state == "inconclusive"
        lacking = judged(
            asking(), short, missing=(absent("below_min_n", "12 units", "handle_minutes [quick]"),)
        )
        assert (lacking.state, lacking.reason) == ("missing", "below_min_n")
        assert "handle minutes [quick]: 12 units" in lacking.saw

    def test_every_resource_must_hold(self) -> None:
        """What is no arm is no choice: idle graphics cards are not excused by busy processors."""
        row = requirement(measure="utilisation", metric="idle_share", bound={"op": "<", "value": "30 %"})
        busy, idle = (
            evidence(
                low, low + 0.1, measure="utilisation", metric=f"idle_share [{name}]", unit="share", detail={}
            )
            for name, low in (("cpu", 0.1), ("gpu", 0.6))
        )
        assert judged(row, busy).state == "met"
        assert judged(row, busy, idle).state == "missed"
        one = requirement(
            measure="utilisation", metric="idle_share [cpu]", bound={"op": "<", "value": "30 %"}
        )
        assert judged(one, busy, idle).state == "met"
        missing = Missing("replies", "utilisation", "idle_share [gpu]", "none", "no rows")
        assert judged(row, busy, missing=(missing,)).state == "missing"


def test_a_guardrail_is_judged_in_its_own_sign() -> None:
    """Only the pilot's outcome has an objective to turn by: complaints below +5 % means below +5 %."""
    row = requirement(measure="effect", metric="complaints", bound={"op": "<", "value": "5 %"})
    detail = {"role": "guardrail", "arm": "assisted"}
    answer = judged(row, evidence(-0.02, 0.04, metric="complaints", detail=detail), evidence())
    assert answer.state == "met"
    assert answer.saw == "complaints 1.0 % (−2.0 % to 4.0 %, 95 %), grade A"
    assert answer.need == "complaints < 5 %"


def test_a_return_is_not_its_probability() -> None:
    """The measure `returns` means the money where no metric is named."""
    money = evidence(
        -100.0, 900.0, measure="returns", metric="return", unit="EUR per year", detail={"arm": "a"}
    )
    for name in ("return", "returns"):
        answer = judged(requirement(measure=name, bound={"op": ">", "value": "0"}), money, chance(0.99))
        assert answer.state == "inconclusive"
        assert answer.saw == "return 400 EUR per year (−100 to 900, 95 %), grade A"
        assert answer.need == "return > 0 EUR per year"


def test_a_plug_in_that_answers_several_metrics_needs_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a row does not say which metric is meant, none of them is judged in its place."""
    monkeypatch.setattr("headway.gates.rules.measure.names", lambda _: ("queues",))
    row = requirement(measure="queues", bound={"op": "<", "value": "0.3"})
    one, two = (census(0.1, "queues", m, "share") for m in ("idle", "oversized"))
    assert judged(row, one).state == "met"
    answer = judged(row, one, two)
    assert (answer.state, answer.saw) == (
        "missing",
        "the rule does not say which of idle, oversized is meant",
    )


class TestUnits:
    """A bound is compared only with what is in its unit."""

    def test_the_objective_and_the_effect_are_on_one_scale(self) -> None:
        """An absolute effect does not answer a relative promise, nor the other way round."""
        relative = subject({**PILOT, "objective": {"change": "-0.1", "scale": "log"}})
        answer = judged(asking(), evidence(-9, -5, unit="minutes"), on=relative)
        assert (answer.reason, answer.saw.endswith("in minutes, the objective a relative change")) == (
            "unit",
            True,
        )
        absolute = subject({**PILOT, "objective": {"change": "-5", "scale": "absolute"}})
        answer = judged(asking(), evidence(), on=absolute)
        assert (answer.reason, answer.saw.endswith("in relative change, the objective absolute")) == (
            "unit",
            True,
        )
        assert judged(asking(), evidence(-9, -6, unit="minutes"), on=absolute).state == "met"

    def test_nought_is_nought(self) -> None:
        """No change is no change in every unit."""
        assert judged(asking(value="0 %"), evidence(-9, -6, unit="minutes")).state == "met"

    def test_a_metric_without_a_unit_is_taken_at_its_word(self) -> None:
        """Nobody can say that per cent is wrong for a metric that declares no unit."""
        found = evidence(-0.3, -0.2, unit="handle_minutes")
        plain = subject({"metric": "handle_minutes", "objective": {"change": "-10 %"}})
        assert judged(asking(), found, on=plain).state == "met"

    @pytest.mark.parametrize(
        ("objective", "found", "need"),
        [
            ({"change": "-10 %", "scale": "relative"}, [], "effect < −10 %"),
            ({"change": "-0.1", "scale": "log"}, [], "effect < −10 %"),
            ({"change": "0.07", "scale": "relative"}, [], "effect > 7 %"),
            ({"change": "-5", "scale": "absolute"}, [], "effect < −5 minutes"),
            ({"change": "-5"}, [evidence(unit="minutes")], "effect < −5 minutes"),
            ({"change": "0.01"}, [evidence(unit="share")], "effect > 1 points"),
            ({"change": "1200"}, [], "effect > 1,200 minutes"),
        ],
    )
    def test_need_is_in_the_unit_that_is_read(
        self, objective: dict[str, str], found: list[Evidence], need: str
    ) -> None:
        """In the metric's own sign and unit, also while nothing is measured."""
        assert judged(asking(), *found, on=subject({**PILOT, "objective": objective})).need == need

    def test_need_without_a_declared_unit_is_the_number(self) -> None:
        """A metric other than the outcome's, or an outcome that says nothing, gives no unit."""
        other = subject({**PILOT, "metric": "calls", "objective": {"change": "-5"}})
        assert judged(asking(), on=other).need == "effect < −5"
        assert (
            judged(asking(), on=replace(other, document={"initiative": {"pilot": PILOT}})).need
            == "effect < −10 %"
        )
        bare = {"initiative": {"pilot": {"objective": {"change": "-5"}}}}
        assert judged(asking(), on=replace(other, document=bare)).need == "effect < −5"
        row = requirement(measure="cost", bound={"use": "value", "op": "<", "value": "1200.5"})
        assert judged(row).need == "cost < 1,200.5"


@pytest.mark.parametrize(
    ("pilot", "reason", "words"),
    [
        ({"metric": "handle_minutes"}, "none", "nothing is declared at initiative.pilot.objective.change"),
        ({"objective": {"change": {"by": "10 %"}}}, "unit", "not a number: a list or mapping"),
        ({"objective": {"change": "a lot"}}, "unit", "is not a number: a lot"),
        ({"objective": {"change": "NaN"}}, "unit", "is not a number: NaN"),
    ],
)
def test_a_path_without_a_number_is_a_clear_state(pilot: dict[str, Any], reason: str, words: str) -> None:
    """Whatever stands at the path of a bound, judging ends in a word, not in an exception."""
    answer = judged(asking(), evidence(), on=subject(pilot))
    assert (answer.state, answer.reason) == ("missing", reason)
    assert words in answer.saw
    assert "{initiative.pilot.objective.change}" in answer.need
