"""The operating models that are shipped: what the design says, row by row."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.gates.scenes import verdict

from headway.gates.model import SHIPPED, from_file, next_gate, shipped
from headway.gates.requirement import GATES, Requirement
from headway.gates.verdict import State
from headway.kernel.registry import names

# governance.md section 3, copied from the table: id, S (standing), N (not waivable), grade, age, mode, move.
SECTION_3 = Path(__file__).with_name("section_3.csv")
# The measured rows of it: measure, which end or value, comparison, bound.
BOUNDS = {
    "framed.value.baseline": "baseline low >= 28",
    "pilot.value.power": "power value >= 80 %",
    "scale.value.srm": "srm value < 100",
    "scale.value.effect": "effect low > {initiative.pilot.objective.change} 0.95",
    "scale.value.return": "return_probability value >= 0.9",
    "scale.spend.reconciled": "cost value <= 5 %",
    "scale.spend.waste": "waste high <= 30 %",
    "operate.value.effect": "effect low > {initiative.pilot.promote_above} 0.95",
    "operate.spend.commitment": "commitments high <= 100 % 0.8",
    "scale.spend.unit_cost": "unit_cost high <= 100 % 0.95",
    "keep.value.effect": "effect low > 0 0.95",
    "keep.value.return": "return_probability value >= 0.8",
    "keep.spend.waste": "waste high <= 30 %",
}
# portfolio-files.md, "operating models shipped".
STARTER = [
    "framed.value.problem",
    "framed.value.outcome",
    "framed.people.owner",
    "framed.value.pnl",
    "framed.risk.tier",
    "pilot.value.stop",
    "pilot.spend.budget",
    "pilot.value.design",
    "scale.value.srm",
    "scale.value.effect",
    "scale.value.return",
    "scale.spend.reconciled",
    "keep.value.effect",
]


def table() -> list[dict[str, str]]:
    """The rows of the table, as a row of a model can say them.

    A grade or age that depends on something else (a control, a tier, a decision) is told by the first that
    is one: ``24h / 7d`` is 24h, ``per control`` is none. Moves are functions, which are written small.
    """
    with SECTION_3.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        grade, age = re.match(r"[ABCD]", row["grade"]), re.match(r"\d+[dh]", row["age"])
        row |= {"grade": grade[0] if grade else "", "age": age[0] if age else ""}
        row["move"] = row["move"].replace("HR", "hr")
    return rows


def as_in_the_table(row: Requirement) -> dict[str, str]:
    """A row of a model in the form of the table."""
    hours = int(row.max_age.total_seconds()) // 3600 if row.max_age else 0
    age = f"{hours}h" if hours in (24, 48) else f"{hours // 24}d" if hours else ""
    return {
        "id": row.id,
        "S": "S" if row.standing else "",
        "N": "" if row.waivable else "N",
        "grade": str(row.grade or ""),
        "age": age,
        "mode": row.mode,
        "move": row.move,
    }


def bound_of(row: Requirement) -> str:
    """A measured row in the form of the table."""
    bound: dict[str, Any] = row.body["bound"]
    words = [row.body["measure"], bound["use"], bound["op"], bound["value"], bound.get("level", "")]
    return " ".join(words).strip()


def test_standard_is_section_3_of_the_design() -> None:
    """Every row of the table, in its order: ids, marks, grades, ages, modes, moves, and the bounds."""
    rows = shipped("standard@1").rows
    assert [as_in_the_table(r) for r in rows] == table()
    assert {r.id: bound_of(r) for r in rows if r.predicate == "measure"} == BOUNDS
    assert shipped("standard@1").mode == "block"


def test_a_row_whose_measure_is_to_come_is_judged_missing_and_says_why() -> None:
    """Nothing of the design is silently absent, and nothing of it is met because nobody can measure it."""
    for row in shipped("standard@1").rows:
        if row.predicate == "to_come":
            assert (
                row.body["to_come"]["by"] not in names("headway.measures")
                or row.id == "operate.value.benefit"
            )
            judged = verdict([row]).requirements[0]
            assert (judged.state, judged.reason) == (State.MISSING, "none")
            assert "is still to come" in judged.saw
            assert judged.need == row.body["to_come"]["need"]


@pytest.mark.parametrize(
    "said", ["{}", "[a, b]", "waste", "{by: waste}", "{by: [a], need: b}", "{by: waste, need: b, until: c}"]
)
def test_a_row_to_come_says_by_what_and_what_is_needed(said: str) -> None:
    """Whoever writes one says both, and nothing else."""
    text = f"operating_model: x@1\nmode: block\nrequire:\n  - {{id: scale.value.x, to_come: {said}}}\n"
    with pytest.raises(ValueError, match=r"HW10[35]"):
        from_file("x@1", text.encode(), "x.yaml")


def test_starter_is_the_first_year() -> None:
    """Its rows are those the design lists, as lenient as standard's or more, and it observes."""
    made = shipped("starter@1")
    assert sorted(r.id for r in made.rows) == sorted(STARTER)
    assert made.mode == "observe"
    standard = {r.id: r for r in shipped("standard@1").rows}
    for row in made.rows:
        other = standard[row.id]
        assert (row.standing, row.waivable, row.move) == (other.standing, other.waivable, other.move)
        assert row.max_age in (None, other.max_age)
        assert row.body.get("bound") == other.body.get("bound")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_row_says_what_is_expected(name: str) -> None:
    """A row without guidance, a good example or its law would leave its owner alone."""
    bare = [r.id for r in shipped(name).rows if not (r.guidance and r.good_example and r.law)]
    assert bare == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_row_knows_its_line(name: str) -> None:
    """A fault that a shipped row shows points into the shipped file."""
    made = shipped(name)
    assert set(made.places) == {r.id for r in made.rows}
    assert {p.file for p in made.places.values()} == {f"headway/gates/{name.partition('@')[0]}.yaml"}
    assert len({p.line for p in made.places.values()}) == len(made.rows)


def test_only_what_is_shipped_is_shipped() -> None:
    """Another name is none, and a faulty file is told with its line."""
    with pytest.raises(KeyError):
        shipped("harbour@1")
    text = b"operating_model: x@1\nmode: block\nrequire:\n  - {id: scale.value.x, ownr: accountable}\n"
    with pytest.raises(ValueError, match=r"x\.yaml:4:31: error\[HW502\]"):
        from_file("x@1", text, "x.yaml")
    with pytest.raises(ValueError, match="HW101"):
        from_file("x@1", b"require: [", "x.yaml")


def test_a_gate_holds_its_rows_and_the_standing_ones_before_it() -> None:
    """Standing requirements are judged again at every later gate, others at their own alone."""
    model = shipped("standard@1")
    standing: set[str] = set()
    for name in GATES:
        own = {r.id for r in model.rows if r.gate == name}
        assert {r.id for r in model.gate(name).requirements} == own | standing
        standing |= {r.id for r in model.rows if r.gate == name and r.standing}
    assert len(standing) == 11


@pytest.mark.parametrize(
    ("stage", "gate"),
    [("proposed", "framed"), ("framed", "pilot"), ("piloting", "scale"), ("scaling", "operate"),
     ("operating", "keep"), ("retired", None)],
)  # fmt: skip
def test_each_stage_stands_before_one_gate(stage: str, gate: str | None) -> None:
    """And what is retired before none."""
    found = next_gate(shipped("standard@1"), stage)
    assert (found.name if found else None) == gate
