"""The predicate `guardrails`: all of them inside their margins, and none of them unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.gates.scenes import PILOT, absent, evidence, faults, judged, requirement, subject

from headway.evidence.record import Evidence
from headway.kernel.estimate import Grade

ROW = requirement(guardrails="inside", grade="B", max_age="30d")
ON = subject(
    {**PILOT, "guardrails": [{"metric": "complaints", "worse": "up"}, {"metric": "churn", "worse": "up"}]}
)


def guarded(metric: str, state: str, **other: Any) -> Evidence:
    """A guardrail that fell by 2 %, in a state."""
    said = {
        "kind": "mean",
        "worse": "up",
        "margin": 0.1,
        "level": 0.975,
        "low": -0.05,
        "high": 0.01,
        "state": state,
    }
    detail = {"role": "guardrail", "arm": "assisted", "guardrail": {**said, "state": state}}
    return evidence(-0.04, 0.0, metric=metric, detail=detail, **other)


@pytest.mark.parametrize(
    ("complaints", "churn", "state"),
    [
        ("met", "met", "met"),
        ("met", "inconclusive", "inconclusive"),
        ("missed", "met", "missed"),
        ("missed", "inconclusive", "missed"),
        ("inconclusive", "inconclusive", "inconclusive"),
    ],
)
def test_all_must_hold_and_one_beyond_misses(complaints: str, churn: str, state: str) -> None:
    """Three-valued: one beyond its margin is missed, whatever the others are."""
    answer = judged(ROW, guarded("complaints", complaints), guarded("churn", churn), evidence(), on=ON)
    assert answer.state == state


def test_the_words_are_those_of_the_guardrails_that_tell() -> None:
    """A missed row names what was beyond its margin, and by how much."""
    answer = judged(ROW, guarded("complaints", "missed"), guarded("churn", "met"), on=ON)
    assert answer.saw == (
        "beyond its margin: complaints −2 % (−5 % to +1 %, 97.5 %, looked at once, 1 of 2 guardrails),"
        " at most +10 %; n 400, grade A"
    )
    assert answer.need == "every guardrail's harmful end lies inside its margin"
    assert len(answer.evidence_ids) == 2


def test_one_that_was_not_measured_is_missing() -> None:
    """Whether a measure says why or nothing does, one without evidence keeps the row from being met."""
    one = guarded("complaints", "met")
    assert judged(ROW, one, on=ON).saw == "churn has not been measured"
    answer = judged(ROW, one, missing=[absent("below_min_n", "too early", "churn")], on=ON)
    assert (answer.state, answer.saw, answer.reason) == ("missing", "churn: too early", "below_min_n")


def test_every_arm_must_hold() -> None:
    """With two arms, one beyond its margin is enough to miss."""
    on = subject({**PILOT, "guardrails": [{"metric": "churn", "worse": "up"}]})
    both = guarded("churn [a]", "met"), guarded("churn [b]", "missed")
    assert judged(ROW, *both, on=on).state == "missed"


@pytest.mark.parametrize("other", [{"grade": Grade.C}, {"ago": timedelta(days=40)}, {"n": 5}])
def test_poor_old_and_few_are_missing(other: dict[str, Any]) -> None:
    """Grade, age and size are asked as of any other evidence."""
    row = requirement(guardrails="inside", grade="B", max_age="30d", min_n="100")
    answer = judged(row, guarded("complaints", "met", **other), guarded("churn", "met"), on=ON)
    assert answer.state == "missing"


def test_a_study_that_was_published_judges_no_margin() -> None:
    """Figures as printed have no margin of ours."""
    on = subject({**PILOT, "guardrails": [{"metric": "churn", "worse": "up"}]})
    printed = evidence(-0.04, 0.0, metric="churn", detail={"role": "guardrail", "arm": "a"})
    assert judged(ROW, printed, on=on).saw == "churn was not judged against a margin"


def test_a_pilot_without_guardrails_has_not_shown_that_it_does_no_harm() -> None:
    """None declared, or no pilot at all, or only the outcome itself: missing."""
    own = {**PILOT, "guardrails": [{"metric": "handle_minutes", "worse": "up"}]}
    for on in (subject(), subject(None), subject(own)):
        answer = judged(ROW, evidence(), on=on)
        assert (answer.state, answer.reason) == ("missing", "none")
        assert answer.saw.startswith("the pilot declares no guardrail")


def test_there_is_one_thing_to_ask() -> None:
    """`guardrails: most` is told with the word that exists."""
    found = faults({"id": "scale.value.guardrails", "guardrails": "most"})
    assert [(d.code, d.mend) for d in found] == [("HW105", "write guardrails: inside")]
