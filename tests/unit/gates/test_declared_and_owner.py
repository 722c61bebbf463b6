"""The predicates `declared` and `owner`: what the files say, and who answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.gates.scenes import PEOPLE, faults, judged, requirement, subject

from headway.kernel.identity import Json

FRAMED = subject(problem="one claim in five is reopened", risk={"eu_ai_act": "limited"}, stop=" ~ ", uses=[])


def asked(declared: Any, **facts: Json) -> tuple[str, str, str, str]:
    """State, reason, saw and need of what must be declared."""
    found = judged(requirement(declared=declared), on=replace(FRAMED, facts={**FRAMED.facts, **facts}))
    return found.state.value, found.reason, found.saw, found.need


def test_what_is_written_is_shown() -> None:
    """One short text is quoted; of several, or of a mapping, the names are told."""
    assert asked(["problem"]) == ("met", "", "declared: one claim in five is reopened", "problem")
    assert asked(["problem", "risk.eu_ai_act"])[2] == "declared: problem, risk.eu_ai_act"
    assert asked(["initiative.risk"])[2:] == ("declared: risk", "risk")
    assert asked(["outcome.metric.unit"])[2] == "declared: minutes"


@pytest.mark.parametrize("design", ["synthetic", "interrupted", "staggered", "rollout_order"])
def test_a_pilot_over_time_is_not_asked_for_arms(design: str) -> None:
    """Who is treated, and when, stands in its rows; of every other design arms are asked."""
    row = requirement(declared=["pilot.design", "pilot.arms"])
    found = judged(row, on=subject(pilot={"design": design}))
    assert (found.state.value, found.need) == ("met", "pilot.design")
    other = judged(row, on=subject(pilot={"design": "randomised"}))
    assert (other.state.value, other.saw) == ("missing", "not declared: pilot.arms")


def test_a_long_text_is_cut() -> None:
    """Eighty signs tell which text it is."""
    found = judged(requirement(declared=["problem"]), on=subject(problem="word " * 40))
    assert found.saw == "declared: " + ("word " * 16) + "…"


@pytest.mark.parametrize("path", ["stop", "uses", "forecast", "problem.size", "outcome.target"])
def test_what_is_blank_or_absent_is_missing(path: str) -> None:
    """A key without a value is not a declaration."""
    assert asked(["problem", path]) == ("missing", "none", f"not declared: {path}", f"problem, {path}")


def test_a_refused_value_is_missed_before_anything_else() -> None:
    """A prohibited use is a no, whatever else is missing."""
    refuse = {"risk.eu_ai_act": ["prohibited", "limited"]}
    state, reason, saw, _ = asked({"paths": ["forecast"], "refuse": refuse})
    assert (state, reason, saw) == ("missed", "", "risk.eu_ai_act is limited")
    assert asked({"refuse": {"risk.eu_ai_act": ["prohibited"]}})[0] == "met"


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({"state": "registered", "on": "2026-01-02"}, ("met", "", "declared: one claim in five is reopened")),
        ({"state": "elsewhere", "on": "2026-01-02"}, ("met", "", "declared: one claim in five is reopened")),
        ({"state": "published", "on": None}, ("met", "", "declared: one claim in five is reopened")),
        (
            {"state": "none", "on": None},
            ("missing", "none", "the design is not registered: `headway design replies --register`"),
        ),
        (
            {"state": "changed", "on": "2026-01-02"},
            (
                "missing",
                "subject_changed",
                (
                    "the design was changed after it was registered on 2026-01-02: "
                    "`headway design replies --register`"
                ),
            ),
        ),
        (None, ("missing", "none", "the design is not registered: `headway design replies --register`")),
    ],
)
def test_a_design_is_registered_as_it_stands_now(known: Json, answer: tuple[str, str, str]) -> None:
    """Here or elsewhere; without a registration, or after a change, it is missing and says what to run."""
    declared = {"paths": ["problem"], "registered": "true"}
    facts: dict[str, Json] = {} if known is None else {"registration": known}
    state, reason, saw, need = asked(declared, **facts)
    assert (state, reason, saw) == answer
    assert need == "problem, registered before the first exposure"
    assert asked({**declared, "registered": "no"}, **facts)[0] == "met"


def test_a_finding_speaks_against_it() -> None:
    """The lint's own words are shown; a finding that was not asked about says nothing."""
    findings: dict[str, Json] = {"HW150": "the problem is not stated", "HW153": "no size"}
    without = {"paths": ["problem"], "without": ["HW151", "HW150"]}
    assert asked(without, findings=findings)[:3] == ("missed", "", "the problem is not stated")
    assert asked(without, findings={"HW153": "no size"})[0] == "met"
    assert asked({"without": ["HW150"]})[2:] == (
        "nothing speaks against it",
        "nothing that speaks against it",
    )


def test_an_outcome_must_lead_to_money() -> None:
    """Without a path to a P&L line an outcome is declared and still not enough."""
    line: Json = [{"line": "cost", "edges": 1, "grade": "C"}]
    wanted = {"paths": ["problem"], "reaches_line": "true"}
    assert asked(wanted) == ("missed", "", "the outcome reaches no P&L line", "problem, a path to a P&L line")
    assert asked(wanted, paths=line)[0] == "met"
    assert asked({**wanted, "reaches_line": "false"})[0] == "met"


@pytest.mark.parametrize(
    ("declared", "code", "place"),
    [
        ([], "HW105", "declared"),
        ("problem", "HW105", "declared"),
        ([["problem"]], "HW105", "declared"),
        ({}, "HW105", "declared"),
        ({"path": ["problem"]}, "HW103", "declared.path"),
        ({"paths": "problem"}, "HW105", "declared.paths"),
        ({"without": []}, "HW105", "declared.without"),
        ({"without": ["HW150", "HW999"]}, "HW105", "declared.without.1"),
        ({"refuse": ["prohibited"]}, "HW105", "declared.refuse"),
        ({"refuse": {"risk.eu_ai_act": "prohibited"}}, "HW105", "declared.refuse"),
        ({"reaches_line": "perhaps"}, "HW105", "declared.reaches_line"),
        ({"registered": "perhaps"}, "HW105", "declared.registered"),
    ],
)
def test_what_asks_for_nothing_is_a_fault(declared: Any, code: str, place: str) -> None:
    """A list that is none would be met by everybody: it is told before anything is judged."""
    found = faults({"id": "framed.value.x", "declared": declared})
    assert (code, place) in [(d.code, d.place.file) for d in found]


@pytest.mark.parametrize(
    ("people", "left", "state", "saw"),
    [
        ({}, False, "met", "ann answers, ben sponsors"),
        ({"accountable": "head-of-claims"}, False, "met", "head-of-claims (ann) answers, ben sponsors"),
        ({"accountable.person": None}, False, "missing", "'ann' is nobody in people.yaml"),
        ({}, True, "missed", "ann has left"),
        ({"sponsor": None}, False, "missing", "ann is accountable; no sponsor is declared"),
        ({"sponsor.person": None}, False, "missing", "the sponsor 'ben' is nobody in people.yaml"),
        ({"sponsor.person": "ann"}, False, "missing", "four eyes not shown: ann is accountable and sponsor"),
    ],
)
def test_one_answers_and_another_watches(people: dict[str, Json], left: bool, state: str, saw: str) -> None:
    """One live person is accountable, and the sponsor is another human."""
    on = subject(facts={"people": {**PEOPLE, **people}, "left": left})
    found = judged(requirement(owner="accountable"), on=on)
    assert (found.state.value, found.saw) == (state, saw)
    assert found.reason == ("none" if state == "missing" else "")
