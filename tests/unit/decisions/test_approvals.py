"""Who may decide what, and the one way in."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.attacks.ledgers import HOUSE, NOW, SALT, House, basis, decision, gate, subject

import headway
from headway.decisions.approvals import Admitted, Refused, admit, decide
from headway.decisions.decision import Decision, Kind
from headway.decisions.replay import Basis
from headway.gates.verdict import State
from headway.portfolio.people import People

PACKAGE = Path(headway.__file__).parent
MET = basis()
OPEN = basis(met=False)
WARNED = basis(met=False, mode="warn")
EMPTY = Basis(gate=gate(), subject=subject(), as_of=NOW)


def answer(made: Decision, people: People = HOUSE) -> str:
    """The code of a refusal, or `admitted`, with `against` where it is."""
    found = admit(made, people)
    if isinstance(found, Refused):
        assert found.what
        assert found.mend
        return found.code
    return "against" if found.against else "admitted"


@pytest.mark.parametrize(
    ("kind", "comment", "on", "expected"),
    [
        (Kind.APPROVE, "", MET, "admitted"),
        (Kind.APPROVE, "well done", MET, "admitted"),
        (Kind.APPROVE_WITH_CONDITIONS, "", MET, "HW527"),
        (Kind.APPROVE_WITH_CONDITIONS, "until May", MET, "admitted"),
        (Kind.APPROVE, "", OPEN, "HW523"),
        (Kind.APPROVE, "I insist", OPEN, "HW523"),
        (Kind.APPROVE_WITH_CONDITIONS, "until May", OPEN, "HW523"),
        (Kind.APPROVE, "", WARNED, "HW527"),
        (Kind.APPROVE, "  \n", WARNED, "HW527"),
        (Kind.APPROVE, "the season will not wait", WARNED, "against"),
        (Kind.APPROVE, "", basis(met=False, mode="observe"), "HW527"),
        (Kind.APPROVE, "first year", basis(met=False, mode="observe"), "against"),
        (Kind.APPROVE, "I insist", None, "HW523"),
        (Kind.APPROVE, "I insist", EMPTY, "HW523"),
        *((kind, "", OPEN, "HW527") for kind in Kind if not kind.approves),
        *(
            (kind, "because", on, "admitted")
            for kind in Kind
            if not kind.approves
            for on in (OPEN, MET, None)
        ),
    ],
)
def test_what_may_be_decided(kind: Kind, comment: str, on: Basis | None, expected: str) -> None:
    """An approval needs a met gate, or a reason where the gate does not block; all else needs a reason."""
    assert answer(decision(kind, comment=comment, on=on)) == expected


def test_a_row_that_only_warns_does_not_block(here: House) -> None:
    """In a blocking gate, an open row in mode `warn` may be approved against, with a reason."""
    on = Basis(gate=gate("problem", row_mode="warn"), subject=subject(), as_of=NOW)
    assert on.judge().enforced is State.MET
    assert answer(decision(on=on)) == "HW527"
    assert answer(decision(on=on, comment="known")) == "against"


def test_a_refusal_says_what_stands_against_it() -> None:
    """A person reads which gate is in which state, and what else could be decided."""
    found = admit(decision(on=OPEN), HOUSE)
    assert found == Refused(
        "HW523",
        "gate framed is missing and blocks",
        "settle what the gate still asks for, or decide request_changes, hold or reject",
    )


@pytest.mark.parametrize(
    ("actor", "days", "expected"),
    [
        ("ann", 0, "admitted"),
        ("bob", 0, "admitted"),
        ("bob", 1, "HW528"),
        ("dan", 0, "HW528"),
        ("", 0, "HW528"),
    ],
)
def test_who_may_decide(actor: str, days: int, expected: str) -> None:
    """A person in people.yaml may decide up to the last day in office; nobody else may."""
    made = replace(decision(on=MET), actor=actor, at=NOW + timedelta(days=days))
    assert answer(made) == expected


def test_nobody_decides_where_nobody_is_listed() -> None:
    """Without people there is no decision, not even a safe one."""
    assert answer(decision(Kind.HOLD, comment="wait"), People(people="none")) == "HW528"


def test_a_refused_decision_leaves_no_trace(here: House) -> None:
    """Neither an entry nor a document of a refused decision is kept."""
    assert isinstance(decide(here.ledger, decision(on=OPEN), HOUSE, SALT), Refused)
    assert not (here.folder / ".headway").exists()


def test_a_decision_against_the_verdict_says_so(here: House) -> None:
    """The entry of an approval against the verdict is marked, and holds the state it went against."""
    body = here.decide(Kind.APPROVE, "the season will not wait", WARNED).entry.body
    assert (body["against"], body["state"], body["mode"]) == (True, "missing", "warn")


def test_an_admission_holds_the_verdict_that_was_judged() -> None:
    """The verdict is computed from the documents, never handed in."""
    assert admit(decision(on=MET), HOUSE) == Admitted(MET.judge(), against=False)


def modules() -> dict[str, ast.Module]:
    """Every module of the package, by path."""
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def test_there_is_one_way_in_for_decisions() -> None:
    """Only `decide` turns a decision into an act, and it asks `admit` first."""
    makers, callers, namers, appenders = set(), [], set(), set()
    for path, tree in modules().items():
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr="to_act"):
                    callers.append(path)
                case ast.Constant(value="decision"):
                    namers.add(path)
                case ast.Call(func=ast.Name(id="Act")) | ast.Call(func=ast.Attribute(attr="Act")):
                    makers.add(path)
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="_store" | "store"), attr="append")
                ):
                    appenders.add(path)
    assert callers == ["decisions/approvals.py"]
    assert "decisions/decision.py" in makers
    # Rooms that only show what was decided may call it by its name.
    showing = ("portfolio/", "render/", "cli/", "web/", "app/record.py")
    assert {path for path in namers if not path.startswith(showing)} == {"decisions/decision.py"}
    assert appenders == {"decisions/ledger.py"}
    function = next(
        node
        for node in ast.walk(modules()["decisions/approvals.py"])
        if isinstance(node, ast.FunctionDef) and node.name == "decide"
    )
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    called = [ast.unparse(c.func) for c in sorted(calls, key=lambda c: (c.lineno, c.col_offset))]
    # It asks first, then the e-values that the decision rests on are frozen, and only then is it recorded.
    assert called == [
        "admit", "isinstance", "freezing", "freeze", "Refused", "ledger.append", "decision.to_act", "replace",
    ]  # fmt: skip


def test_only_the_ledger_writes_to_a_store() -> None:
    """No other module reaches the append of a store or the making of an entry."""
    users = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Entry"
    }
    assert users == {"decisions/ledger.py"}
