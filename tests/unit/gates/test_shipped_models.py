"""The operating models that are shipped: what the design says, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from headway.gates.model import SHIPPED, from_file, next_gate, shipped
from headway.gates.requirement import GATES, Requirement

# governance.md section 3, the rows whose measures this build has:
# id -> N (not waivable), S (standing), grade, age, mode, whose move.
SECTION_3 = {
    "framed.value.problem": "N  - file block accountable",
    "framed.value.outcome": "NS - file block sponsor",
    "framed.value.pnl": "   D file block finance",
    "framed.people.owner": "NS - file block sponsor",
    "framed.risk.tier": "NS - file block risk manager",
    "pilot.value.design": "N  - file block data scientist",
    "pilot.value.stop": "   - file block sponsor",
    "pilot.spend.budget": "   - file block finance",
    "scale.value.srm": "N  - 7d block data scientist",
    "scale.value.effect": "   B 30d block accountable",
    "scale.value.return": "   C 30d block finance",
    "scale.spend.reconciled": "   C 35d warn finance",
    "operate.value.effect": "   B 30d block accountable",
    "keep.value.effect": "   C 90d block accountable",
    "keep.value.return": "   C 35d block finance",
}
# The measured rows of it: measure, which end or value, comparison, bound.
BOUNDS = {
    "scale.value.srm": "srm value < 100",
    "scale.value.effect": "effect low > {initiative.pilot.objective.change} 0.95",
    "scale.value.return": "return_probability value >= 0.9",
    "scale.spend.reconciled": "cost value <= 5 %",
    "operate.value.effect": "effect low > {initiative.pilot.promote_above} 0.95",
    "keep.value.effect": "effect low > 0 0.95",
    "keep.value.return": "return_probability value >= 0.8",
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


def as_in_the_table(row: Requirement) -> str:
    """A row in the form of the table."""
    marks = f"{'' if row.waivable else 'N'}{'S' if row.standing else ''}".ljust(2)
    age = row.as_json().get("max_age", "file")
    return f"{marks} {row.grade or '-'} {age} {row.mode} {row.move}"


def bound_of(row: Requirement) -> str:
    """A measured row in the form of the table."""
    bound: dict[str, Any] = row.body["bound"]
    words = [row.body["measure"], bound["use"], bound["op"], bound["value"], bound.get("level", "")]
    return " ".join(words).strip()


def test_standard_is_section_3_of_the_design() -> None:
    """Ids, marks, grades, ages, modes, moves and bounds are those of the table."""
    rows = shipped("standard@1").rows
    assert {r.id: as_in_the_table(r) for r in rows} == {
        k: " ".join([v[:2], v[3:]]) for k, v in SECTION_3.items()
    }
    assert {r.id: bound_of(r) for r in rows if r.predicate == "measure"} == BOUNDS
    assert shipped("standard@1").mode == "block"


def test_starter_is_the_first_year() -> None:
    """Its rows are those the design lists, as lenient as standard's or more, and it observes."""
    made = shipped("starter@1")
    assert sorted(r.id for r in made.rows) == sorted(STARTER)
    assert made.mode == "observe"
    standard = {r.id: r for r in shipped("standard@1").rows}
    for row in made.rows:
        other = standard[row.id]
        assert (row.standing, row.waivable, row.max_age, row.move) == (
            other.standing,
            other.waivable,
            other.max_age,
            other.move,
        )
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
    standing = {r.id for r in model.rows if r.standing}
    for at, name in enumerate(GATES):
        own = {r.id for r in model.rows if r.gate == name}
        assert {r.id for r in model.gate(name).requirements} == own | (standing if at else set())
    assert len(standing) == 3


@pytest.mark.parametrize(
    ("stage", "gate"),
    [("proposed", "framed"), ("framed", "pilot"), ("piloting", "scale"), ("scaling", "operate"),
     ("operating", "keep"), ("retired", None)],
)  # fmt: skip
def test_each_stage_stands_before_one_gate(stage: str, gate: str | None) -> None:
    """And what is retired before none."""
    found = next_gate(shipped("standard@1"), stage)
    assert (found.name if found else None) == gate
