"""What a house changes in an operating model, and what its gates then say of an initiative."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.gates.conftest import INITIATIVE, PILOT, SETTINGS, Declare

from headway.gates.faults import gate_faults
from headway.gates.model import OperatingModel, in_force, shipped
from headway.gates.requirement import Requirement
from headway.kernel.diagnostic import Diagnostic, Severity

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def used(declare: Declare, changes: str = "", **files: str) -> tuple[OperatingModel, tuple[Diagnostic, ...]]:
    """The model in force under some changes, with documents of the house beside it."""
    own = {f"gates/{name}.yaml": text for name, text in files.items()}
    return in_force(declare({"portfolio.yaml": SETTINGS + changes, **own}), NOW)


def rows_of(model: OperatingModel) -> dict[str, Requirement]:
    """Its rows by id."""
    return {r.id: r for r in model.rows}


def told(found: tuple[Diagnostic, ...]) -> list[str]:
    """Place and code of each fault."""
    return [f"{d.place} {d.code}" for d in found]


def test_a_new_portfolio_observes_the_starter(declare: Declare) -> None:
    """Nothing declared is starter@1 in observe mode."""
    model, found = used(declare)
    assert (model.name, model.mode, found) == ("starter@1", "observe", ())
    assert model.rows == shipped("starter@1").rows
    assert model.rules.startswith("starter@1#")


CHANGED = """\
operating_model:
  extends: harbour@2
  mode: warn
  set:
    scale.value.effect: {max_age: 60d}
    scale.value.return: {bound: {value: 0.8}, mode: observe}
  drop: [scale.spend.reconciled]
  add:
    - {id: scale.risk.works-council, declared: [works_council], move: hr, mode: block}
"""
HARBOUR = """\
operating_model: harbour@2
extends: standard@1
set:
  scale.value.effect: {bound: {value: "{initiative.pilot.promote_above}"}, grade: A}
drop: [keep.value.return]
"""


def test_changes_are_told_along_a_chain(declare: Declare) -> None:
    """A house changes what is shipped, and a portfolio what its house has made of it."""
    model, found = used(declare, CHANGED, harbour=HARBOUR)
    assert found == ()
    assert (model.name, model.mode) == ("harbour(harbour@2)", "warn")
    rows, base = rows_of(model), rows_of(shipped("standard@1"))
    assert set(base) - set(rows) == {"keep.value.return", "scale.spend.reconciled"}
    assert set(rows) - set(base) == {"scale.risk.works-council"}
    effect = rows["scale.value.effect"].as_json()
    assert (effect["max_age"], effect["grade"]) == ("60d", "A")
    assert rows["scale.value.effect"].body["bound"] == {
        "use": "low", "op": ">", "value": "{initiative.pilot.promote_above}", "level": "0.95"
    }  # fmt: skip
    assert rows["scale.value.return"].body["bound"]["value"] == "0.8"
    assert rows["scale.value.return"].body["bound"]["op"] == ">="
    assert model.gate("scale").mode == "warn"


def test_each_row_knows_who_wrote_its_bound(declare: Declare) -> None:
    """A bound's place is where it was last written; other changes leave it."""
    model, _ = used(declare, CHANGED, harbour=HARBOUR)
    places = {name: str(place) for name, place in model.places.items()}
    assert places["scale.value.effect"] == "gates/harbour.yaml:4:39"
    assert places["scale.value.return"] == "portfolio.yaml:10:41"
    assert places["scale.risk.works-council"] == "portfolio.yaml:13:48"
    assert places["scale.value.srm"].startswith("headway/gates/standard.yaml:")


def test_a_model_takes_over_the_mode_it_does_not_state(declare: Declare) -> None:
    """The name of the rules tells which version; unchanged, it is the house's own."""
    model, _ = used(declare, "operating_model: {extends: harbour@2, mode: block}\n", harbour=HARBOUR)
    assert (model.name, model.mode) == ("harbour@2", "block")


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ("set: {scale.value.efect: {mode: warn}}", ["portfolio.yaml:6:28 HW506"]),
        ("drop: [scale.value.effect, scale.value.effect]", ["portfolio.yaml:6:30 HW506"]),
        ("drop: [framed.value.problem]", ["portfolio.yaml:6:10 HW504"]),
        ("set: {scale.value.srm: {waivable: yes}}", ["portfolio.yaml:6:37 HW504"]),
        ("set: {scale.value.srm: {id: scale.value.split}}", ["portfolio.yaml:6:31 HW103"]),
        ("set: {scale.value.srm: {bound: {op: near}}}", ["portfolio.yaml:6:39 HW105"]),
        ("set: {scale.value.srm: {owner: accountable}}", ["portfolio.yaml:6:34 HW502"]),
        ("add: [{id: scale.value.srm, owner: accountable}]", ["portfolio.yaml:6:14 HW107"]),
        ("add: [{id: scale.value.x, ownr: accountable}]", ["portfolio.yaml:6:35 HW502"]),
        (
            "add: [{id: scale.value.x, owner: accountable}, {id: scale.value.x, declared: [a]}]",
            ["portfolio.yaml:6:55 HW107"],
        ),
    ],
)
def test_a_change_that_cannot_be_made_is_told(declare: Declare, changes: str, faults: list[str]) -> None:
    """At its place, and the row stays as it was."""
    model, found = used(declare, f"operating_model:\n  {changes}\n")
    assert told(found) == faults
    kept = rows_of(model)
    for name, row in rows_of(shipped("starter@1")).items():
        if not changes.startswith("drop: [scale"):
            assert kept[name] == row


def test_a_row_that_holds_may_come_later_but_not_go(declare: Declare) -> None:
    """A requirement that may not be dropped can be lowered; saying again that it stays is no change."""
    model, found = used(declare, "operating_model: {set: {scale.value.srm: {mode: observe, waivable: no}}}\n")
    assert found == ()
    assert rows_of(model)["scale.value.srm"].mode == "observe"


def test_a_dropped_row_can_be_replaced(declare: Declare) -> None:
    """What may be dropped may be written anew under its name."""
    changes = """\
operating_model:
  drop: [scale.value.effect]
  add: [{id: scale.value.effect, declared: [pilot.stop]}]
"""
    model, found = used(declare, changes)
    assert found == ()
    assert rows_of(model)["scale.value.effect"].predicate == "declared"


def test_a_model_that_does_not_exist_is_told_once(declare: Declare) -> None:
    """With the nearest name; what its changes would have meant is not guessed at."""
    changes = (
        "operating_model: {extends: standrd@1, drop: [operate.value.effect], set: {a.b.c: {mode: warn}}}\n"
    )
    model, found = used(declare, changes)
    assert told(found) == ["portfolio.yaml:5:28 HW506"]
    assert "did you mean 'standard@1'?" in found[0].what
    assert model.rows == shipped("starter@1").rows
    _, far = used(declare, "operating_model: {extends: moon@1}\n")
    assert "did you mean" not in far[0].what


def test_a_faulty_model_is_told_by_its_own_fault(declare: Declare) -> None:
    """A name that was read, faulty as its document is, is not called unknown."""
    _, found = used(declare, "operating_model: {extends: harbour@2}\n",
                    harbour="operating_model: harbour@2\nextnds: starter@1\n")  # fmt: skip
    assert found == ()


def test_models_that_extend_each_other_are_told(declare: Declare) -> None:
    """A circle ends with its way written out, also where nothing uses it."""
    circle = (
        "operating_model: a@1\nextends: b@1\n---\noperating_model: b@1\nextends: a@1\n"
        "---\noperating_model: c@1\nextends: c@1\n"
    )
    _, found = used(declare, "operating_model: {extends: a@1}\n", circle=circle)
    assert told(found) == ["gates/circle.yaml:5:10 HW506", "gates/circle.yaml:8:10 HW506"]
    assert found[0].what == "'a@1' extends itself: a@1 -> b@1 -> a@1"
    assert found[1].what == "'c@1' extends itself: c@1 -> c@1"


def test_a_model_that_nothing_uses_is_checked_too(declare: Declare) -> None:
    """All faults in one run, those of next year's rules included."""
    _, found = used(
        declare, harbour="operating_model: harbour@3\nextends: starter@1\ndrop: [scale.value.x]\n"
    )
    assert told(found) == ["gates/harbour.yaml:3:8 HW506"]


def test_a_shipped_name_means_what_is_shipped(declare: Declare) -> None:
    """A house cannot give other rules the name of headway's own."""
    own = "operating_model: starter@1\nextends: standard@1\n"
    model, found = used(declare, harbour=own)
    assert told(found) == ["gates/harbour.yaml:1:18 HW107"]
    assert model.rows == shipped("starter@1").rows
    _, again = used(declare, harbour=own + "---\noperating_model: x@1\nextends: starter@1\n")
    assert len(again) == 1


def faults(declare: Declare, changes: str, initiative: str = INITIATIVE + PILOT) -> list[Diagnostic]:
    """What the gates say of the initiative."""
    portfolio = declare({"portfolio.yaml": SETTINGS + changes, "initiatives.yaml": initiative})
    return gate_faults(portfolio, in_force(portfolio, NOW)[0])


def test_a_gate_that_asks_for_nothing_is_told(declare: Declare) -> None:
    """HW501 names the gate and who stands before it; standing rows of other gates are no reason to pass."""
    scaling = INITIATIVE + PILOT.replace("piloting", "scaling")
    (found,) = faults(declare, "", scaling)
    assert (found.code, found.subject, found.level) == ("HW501", None, Severity.WARNING)
    assert "'operate', before which 'replies' stands" in found.what
    assert "headway gate --adopt operate.value.effect --write" in found.mend
    assert str(found.see[0][0]) == "initiatives.yaml:6:8"
    (again,) = faults(declare, "operating_model: {mode: warn}\n", scaling)
    assert (again.code, str(again.place), again.level) == ("HW501", "portfolio.yaml:5:18", Severity.ERROR)


def test_a_gate_that_asks_for_nothing_is_told_once(declare: Declare) -> None:
    """However many initiatives stand before it: one line, and a newcomer's list is no wall of red."""
    scaling = (INITIATIVE + PILOT).replace("piloting", "scaling")
    many = "---\n".join(scaling.replace("replies", f"replies-{n}") for n in range(40))
    (found,) = faults(declare, "", many)
    assert "before which 40 initiatives stand" in found.what
    assert len(found.see) == 3


def test_a_path_that_leads_nowhere_is_a_warning_while_its_row_observes(declare: Declare) -> None:
    """What only observes does not make a file wrong: the row is judged as missing, and shown as that."""
    scaling = (INITIATIVE + PILOT).replace("piloting", "scaling")
    for mode, level in (("observe", Severity.WARNING), ("warn", Severity.ERROR), ("block", Severity.ERROR)):
        (found,) = faults(declare, f"operating_model: {{extends: standard@1, mode: {mode}}}\n", scaling)
        assert (found.code, found.level) == ("HW505", level)


@pytest.mark.parametrize("end", ["stage: retired", "stage: scaling\nstatus: rejected"])
def test_what_has_ended_stands_before_no_gate(declare: Declare, end: str) -> None:
    """Neither retired nor rejected initiatives are asked for anything."""
    assert faults(declare, "", INITIATIVE + end + "\n") == []


def test_a_missing_path_names_the_line_in_both_files(declare: Declare) -> None:
    """HW505 points at the initiative, and sees the bound wherever it is written."""
    scaling = INITIATIVE + PILOT.replace("piloting", "scaling")
    (ships,) = faults(declare, "operating_model: {extends: standard@1}\n", scaling)
    assert ships.code == "HW505"
    assert "{initiative.pilot.promote_above}, which 'replies' does not declare" in ships.what
    assert str(ships.place) == "initiatives.yaml:8:3"
    line = ships.see[0][0]
    assert str(line) == str(shipped("standard@1").places["operate.value.effect"])
    own = """\
operating_model:
  set: {scale.value.effect: {bound: {value: "{initiative.pilot.hurdle}"}}}
"""
    (found,) = faults(declare, own)
    assert str(found.see[0][0]) == "portfolio.yaml:6:45"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("pilot.objective", "is not a number"),
        ("pilot.arms", "is not a number"),
        ("title", "is not a number"),
        ("pilot.arms.1", "does not declare"),
        ("pilot.metric.unit", "does not declare"),
    ],
)
def test_a_path_that_leads_to_no_number_is_told(declare: Declare, path: str, words: str) -> None:
    """A mapping, a list, a word or nothing at all: HW505 at the nearest place."""
    changes = (
        f"operating_model:\n  set: {{scale.value.effect: {{bound: {{value: '{{initiative.{path}}}'}}}}}}\n"
    )
    (found,) = faults(declare, changes, INITIATIVE + "title: Replies\n" + PILOT)
    assert found.code == "HW505"
    assert words in found.what


def test_of_a_pilot_that_is_not_there_nothing_more_is_said(declare: Declare) -> None:
    """HW202 tells that the stage needs a pilot; where a stage needs none, the path that reads it is told."""
    own = """\
operating_model:
  extends: standard@1
  set: {keep.value.effect: {bound: {value: "{initiative.pilot.promote_above}"}}}
"""
    assert faults(declare, own, INITIATIVE + "stage: piloting\n") == []
    (found,) = faults(declare, own, INITIATIVE + "stage: operating\n")
    assert (found.code, found.subject) == ("HW505", "replies")


def test_paths_inside_groups_are_followed(declare: Declare) -> None:
    """A member's bound is checked like any other."""
    changes = """\
operating_model:
  add:
    - id: scale.value.either
      any:
        - none: [{measure: effect, bound: {op: ">", value: "{initiative.pilot.hurdle}"}}]
        - owner: accountable
"""
    (found,) = faults(declare, changes)
    assert (found.code, str(found.see[0][0])) == ("HW505", "portfolio.yaml:9:9")
