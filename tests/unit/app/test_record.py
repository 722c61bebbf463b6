"""The record of a review: what faces and programs read besides verdicts and estimates."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.small import FRAMED, OUTCOME, RANDOMISED, Declare, reviewed, two_arms

from headway.app.changes import changes_of
from headway.app.check import check
from headway.app.review import review

TITLED = OUTCOME.replace("outcome: waiting\n", "outcome: waiting\ntitle: Time until somebody answers\n")


def record(folder: Any) -> dict[str, Any]:
    """The record of a sound portfolio."""
    made: dict[str, Any] = reviewed(folder).as_json()
    return made


def test_people_are_told_by_name(declare: Declare) -> None:
    """A seat by its holder, a function by its lead, a vacant seat by nobody."""
    people = (
        "people: small\npersons: [{id: ann, name: Ann Lee}, {id: bob}]\n"
        "seats: [{id: controller, holder: ann}, {id: lawyer}]\nfunctions: {finance: {lead: controller}}\n"
    )
    assert record(declare(people=people))["people"] == {
        "ann": {"name": "Ann Lee", "person": "ann"},
        "bob": {"name": "bob", "person": "bob"},
        "controller": {"name": "Ann Lee", "person": "ann"},
        "finance": {"name": "Ann Lee", "person": "ann"},
        "lawyer": {"name": None, "person": None},
    }


def test_names_come_with_titles_and_places(declare: Declare) -> None:
    """Of the outcome and of the line of the forecast; without a title the name stands for it."""
    forecast = "forecast: {line: cost, per_year: [1 EUR, 2 EUR, 3 EUR]}\n"
    (one,) = record(declare(outcome=TITLED, initiative=FRAMED + forecast))["initiatives"]
    assert one["outcome_title"] == "Time until somebody answers"
    assert one["forecast"]["line_title"] == "cost"
    assert one["place"] == {"file": "initiative.yaml", "line": 1, "column": 1}


def test_an_outcome_shows_its_newest_effect(declare: Declare) -> None:
    """Of two pilots the later one; of none, nothing."""
    block = "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    early = block.replace("starts: 2026-01-01, ends: 2026-03-01", "starts: 2025-01-01, ends: 2025-03-01")
    early = early.replace("on: 2025-12-01", "on: 2024-12-01")
    piloting = FRAMED.replace("stage: framed", "stage: piloting")
    folder = declare(
        rows=two_arms(),
        initiative=f"{piloting}pilot:\n{block}",
        other=f"{piloting.replace('trial', 'early')}pilot:\n{early}",
    )
    waiting, cost = sorted(record(folder)["outcomes"], key=lambda o: o["name"], reverse=True)
    assert waiting["latest_effect"]["initiative"] == "trial"
    assert waiting["latest_effect"]["grade"] == "A"
    assert waiting["latest_effect"]["observed_to"].startswith("2026-03-01")
    assert cost["latest_effect"] is None


def test_a_ledger_that_cannot_be_read_costs_no_review(declare: Declare) -> None:
    """It is told as a finding, and nothing is said to have been decided."""
    folder = declare()
    (folder / ".headway").mkdir()
    (folder / ".headway" / "ledger.db").write_text("this is no ledger")
    made = record(folder)
    assert made["initiatives"][0]["decision"] is None
    assert [d["code"] for d in made["diagnostics"]] == ["HW601"]


def test_a_portfolio_that_cannot_be_loaded_cannot_be_reviewed(declare: Declare) -> None:
    """Whoever calls it anyway is told so."""
    with pytest.raises(ValueError, match="cannot be reviewed"):
        review(check(declare(portfolio="headway: 1\n")))


def test_a_better_grade_is_a_change_and_a_thirteenth_digit_is_none(declare: Declare) -> None:
    """Machines differ in the last digits; a grade is another answer."""
    before = record(declare(RANDOMISED, two_arms()))
    (row,) = [e for e in before["initiatives"][0]["evidence"] if e["measure"] == "effect"]
    value = row["estimate"]["value"]
    nearly = {**row, "estimate": {**row["estimate"], "value": value * (1 + 1e-12)}}
    better = {**row, "grade": "B"}
    for other, moved in ((nearly, 0), (better, 1)):
        after = {**before, "initiatives": [{**before["initiatives"][0], "evidence": [other]}]}
        found: Any = changes_of(before, after, "then", None)
        assert len(found["effects"]) == moved
