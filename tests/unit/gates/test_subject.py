"""The subject: what a gate may know of an initiative, as plain data that can be pinned."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.gates.conftest import INITIATIVE, Declare

from headway.gates.subject import Subject, path_of, subject_of
from headway.kernel.diagnostic import Diagnostic, Place, Severity
from headway.kernel.identity import Json, canonical
from headway.portfolio.check import check
from headway.portfolio.load import load

AS_OF = datetime(2026, 3, 31, 12, tzinfo=UTC)


def facts(declare: Declare, as_of: datetime = AS_OF, **files: str) -> dict[str, Json]:
    """What follows from the files around the initiative."""
    portfolio = declare({f"{name}.yaml": text for name, text in files.items()})
    return dict(subject_of(portfolio, "replies", (), as_of).facts)


def test_a_subject_reads_back(declare: Declare) -> None:
    """From its JSON it is the same subject."""
    made = subject_of(declare(), "replies", (), AS_OF)
    assert Subject.from_json(json.loads(canonical(made.as_json()))) == made
    assert made.value("initiative.accountable") == "head-of-claims"
    assert made.value("outcome.metric.unit") == "share"


@pytest.mark.parametrize("path", ["initiative.pilot", "initiative.accountable.name", "portfolio"])
def test_a_path_that_is_not_there_is_no_value(declare: Declare, path: str) -> None:
    """It is told by name."""
    with pytest.raises(KeyError, match=path):
        subject_of(declare(), "replies", (), AS_OF).value(path)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (" {initiative.pilot.promote_above} ", "initiative.pilot.promote_above"),
        ("{initiative}", None),
        ("{outcome.target}", None),
        ("{initiative.pilot.}", None),
        ("initiative.pilot", None),
        ("{initiative.a} {initiative.b}", None),
    ],
)
def test_nothing_but_a_path_into_the_initiative_is_expanded(text: str, path: str | None) -> None:
    """No other braces mean anything."""
    assert path_of(text) == path


def test_people_stand_behind_roles(declare: Declare) -> None:
    """Seats are resolved to persons, functions to who leads them."""
    people = facts(declare)["people"]
    assert people == {
        "accountable": "head-of-claims", "accountable.person": "ann",
        "sponsor": "ben", "sponsor.person": "ben", "hr": "ben",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "left"), [("2026-03-31T21:59:59.999999+00:00", False), ("2026-03-31T22:00:00+00:00", True)]
)
def test_a_person_leaves_when_the_day_ends_here(declare: Declare, moment: str, left: bool) -> None:
    """Days are cut in the portfolio's time zone: midnight in Berlin is ten in the evening UTC."""
    assert facts(declare, datetime.fromisoformat(moment))["left"] is left


def test_nobody_has_left_a_seat_that_nobody_holds(declare: Declare) -> None:
    """An unknown name is told elsewhere."""
    assert facts(declare, initiatives=INITIATIVE.replace("head-of-claims", "zoe"))["left"] is False


def test_an_outcome_gives_its_direction_and_its_ways_to_money(declare: Declare) -> None:
    """What is better, and which lines are reached; without an outcome neither is known."""
    known = facts(declare)
    assert known["better"] == "lower"
    assert known["paths"] == [{"line": "claims-cost", "edges": 1, "grade": "C"}]
    lost = facts(declare, initiatives=INITIATIVE.replace("first-time", "second-time"))
    assert (lost["better"], lost["paths"]) == ("higher", [])


def test_a_finding_is_about_the_initiative_it_stands_in(declare: Declare) -> None:
    """Two initiatives may share a file; what is said of the other is not held against this one."""
    other = INITIATIVE.replace("replies", "letters")
    portfolio = declare(
        {"initiatives.yaml": INITIATIVE + "---\n" + other, "letters.yaml": "component: a-b\n"}
    )

    def found(code: str, line: int, subject: str | None = None, file: str = "initiatives.yaml",
              what: str = "x") -> Diagnostic:  # fmt: skip
        return Diagnostic(code, what, Place(file, line, 1), "mend", subject=subject)

    findings = [
        found("HW103", 4),
        found("HW103", 5, what="a later one"),
        found("HW104", 9),
        found("HW105", 2, "letters"),
        found("HW153", 1, "replies", "outcomes.yaml"),
        found("HW201", 1, None, "outcomes.yaml"),
        Diagnostic("HW151", "kept", Place("initiatives.yaml", 2), "mend", severity=Severity.NOTE),
    ]
    mine = subject_of(portfolio, "replies", findings, AS_OF).facts["findings"]
    theirs = subject_of(portfolio, "letters", findings, AS_OF).facts["findings"]
    assert mine == {"HW103": "x", "HW153": "x"}
    assert theirs == {"HW104": "x", "HW105": "x"}


def test_the_lint_reaches_the_gate(declare: Declare, tmp_path: Path) -> None:
    """A problem that is not stated is a fact that a requirement can refuse."""
    declare(
        {"initiatives.yaml": INITIATIVE.replace("agents retype twenty requests a day, and one claim", "one")}
    )
    loaded = load(tmp_path)
    assert loaded.portfolio
    on = subject_of(loaded.portfolio, "replies", check(loaded), AS_OF)
    assert isinstance(on.facts["findings"], dict)
    assert "HW150" in on.facts["findings"]
