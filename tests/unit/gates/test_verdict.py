"""The verdict: the state of the gate, whose move it is, and the way to bytes and back."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from tests.unit.gates.scenes import (
    AS_OF,
    absent,
    arm,
    asking,
    evidence,
    gate,
    judged,
    requirement,
    subject,
    verdict,
)

from headway.evidence.record import Evidence, Missing
from headway.gates.judge import RULES_VERSION, _order, judge
from headway.gates.model import Gate, UnknownRow
from headway.gates.requirement import MODES, Requirement
from headway.gates.subject import Subject
from headway.gates.verdict import Judged, State, Verdict, of_all
from headway.kernel.identity import Json, canonical

OWNER = requirement(owner="accountable")
ORDER = (State.MET, State.INCONCLUSIVE, State.MISSING, State.MISSED)


def row(state: State, mode: str = "block", name: str = "scale.value.x") -> Judged:
    """An answer with this state."""
    return Judged(name, state, "saw", "need", "", (), mode, "accountable", "ann", "")


def over(*rows: Judged, mode: str = "block") -> Verdict:
    """A verdict of these answers."""
    return Verdict("replies", "scale", mode, "starter@1#abc", "2026-03-31T12:00:00.000000Z", rows)


@pytest.mark.parametrize("states", list(product(ORDER, repeat=3)))
def test_a_gate_is_as_its_worst_requirement(states: tuple[State, ...]) -> None:
    """Any missed, else any missing, else any inconclusive, else met."""
    assert of_all(states) is max(states, key=ORDER.index)


def test_a_waiver_counts_as_met() -> None:
    """Waived requirements are counted beside the state, not in it."""
    assert over(row(State.WAIVED)).state is State.MET
    assert over(row(State.WAIVED), row(State.MISSED)).state is State.MISSED


def test_only_block_can_fail_a_gate() -> None:
    """What warns or observes is shown and moves no exit status."""
    made = over(row(State.MISSED, "warn"), row(State.MISSING, "observe"), row(State.INCONCLUSIVE))
    assert (made.state, made.enforced) == (State.MISSED, State.INCONCLUSIVE)
    assert over(row(State.MISSED, "warn"), mode="warn").enforced is State.MET


def test_a_gate_without_a_requirement_is_no_pass() -> None:
    """Neither an empty gate nor one with standing requirements alone is met (HW501, law L3)."""
    standing = row(State.MET, name="framed.people.owner")
    for made in (over(), over(standing)):
        assert (made.state, made.enforced) == (State.MISSING, State.MISSING)
    assert over(mode="warn").enforced is State.MET
    assert over(standing, row(State.MET)).state is State.MET


@pytest.mark.parametrize(("ceiling", "own"), list(product(MODES, repeat=2)))
def test_a_requirement_may_only_lower_the_mode_of_its_gate(ceiling: str, own: str) -> None:
    """The mode in force is the weaker of the two, and it is what is printed."""
    made = judge(gate(requirement(owner="accountable", mode=own), mode=ceiling), subject(), (), (), AS_OF)
    assert MODES.index(made.requirements[0].mode) == min(MODES.index(ceiling), MODES.index(own))


@pytest.mark.parametrize(
    ("move", "who"),
    [("sponsor", "ben"), ("hr", "head-of-people"), ("HR", "head-of-people"), ("platform", "ann")],
)
def test_a_move_has_a_person(move: str, who: str) -> None:
    """The role that an initiative or the organisation fills; else whoever is accountable."""
    assert judged(requirement(owner="accountable", move=move)).who == who
    assert (
        judged(requirement(owner="accountable", move=move), on=subject(facts={"people": {}})).who
        == "nobody yet"
    )


FOUND = [
    arm("draft", -0.3, -0.2),
    arm("quick", -0.05, 0.1),
    evidence(metric="complaints", detail={"role": "proxy"}),
]
LACKS = [
    absent("none", "a", "handle_minutes [slow]"),
    absent("none", "b", "handle_minutes [x]"),
    absent("grade", "c"),
]
ROWS = [
    asking(grade="B", max_age="30d"),
    OWNER,
    requirement(none=[{"owner": "accountable"}, {"measure": "effect", "bound": {"op": ">", "value": "0"}}]),
]


def test_the_order_of_evidence_does_not_matter() -> None:
    """However evidence is handed over, the verdict has the same bytes."""
    short = [arm("draft", -0.05, 0.0), *FOUND[1:]]
    for found in (FOUND, short):
        digests = {verdict(ROWS, e, m).digest for e in permutations(found) for m in permutations(LACKS)}
        assert len(digests) == 1
    twins = [evidence(-0.2, -0.15), evidence(-0.2, 0.1)]
    assert twins[0].id == twins[1].id
    assert verdict(ROWS, twins).digest == verdict(ROWS, twins[::-1]).digest


def test_reading_evidence_back_does_not_change_its_order() -> None:
    """Records that differ in a detail alone keep their order when canonical JSON has sorted its keys."""
    role = {"role": "proxy"}
    twins = [evidence(metric="calls", detail=d) for d in ({"a": 2, **role}, {**role, "a": 1})]
    again = [Evidence.from_json(json.loads(canonical(e.as_json()))) for e in twins]
    orders = {
        tuple(str(e.estimate.detail["a"]) for e in sorted(found, key=_order)) for found in (twins, again)
    }
    assert orders == {("1", "2")}


def test_a_verdict_reads_back() -> None:
    """From its JSON, a verdict is the same verdict."""
    made = verdict(ROWS, FOUND, LACKS)
    again = Verdict.from_json(json.loads(canonical(made.as_json())))
    assert again == made
    assert again.digest == made.digest
    assert made.as_json()["state"] == made.state.value


def _again(data: Any) -> bytes:
    made = judge(
        Gate.from_json(data["gate"]),
        Subject.from_json(data["subject"]),
        [Evidence.from_json(e) for e in data["evidence"]],
        [Missing.from_json(m) for m in data["missing"]],
        AS_OF,
    )
    return canonical(made.as_json())


def test_two_processes_give_the_same_bytes() -> None:
    """Judged from its pins in another process, with another hash seed, a verdict has the same bytes."""
    pins: dict[str, Json] = {
        "gate": gate(*ROWS).as_json(),
        "subject": subject().as_json(),
        "evidence": [e.as_json() for e in FOUND],
        "missing": [m.as_json() for m in LACKS],
    }
    code = (
        "import sys, json; from tests.unit.gates.test_verdict import _again;"
        "sys.stdout.buffer.write(_again(json.loads(sys.stdin.buffer.read())))"
    )
    there = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=canonical(pins),
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[3],
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert there == [canonical(verdict(ROWS, FOUND, LACKS).as_json())] * 2


def test_a_pinned_gate_reads_back() -> None:
    """Gate and rows are the same after their JSON; a row of another build is refused."""
    made = gate(*ROWS)
    assert Gate.from_json(json.loads(canonical(made.as_json()))) == made
    strange = {**made.as_json(), "requirements": [{"id": "scale.value.x", "horoscope": "good"}]}
    with pytest.raises(UnknownRow, match="'horoscope' is no predicate"):
        Gate.from_json(strange)
    assert issubclass(UnknownRow, ValueError)
    assert RULES_VERSION == 1


def test_a_rule_that_nothing_registers_is_not_judged() -> None:
    """A row made by hand with an unknown predicate is an error of whoever made it."""
    with pytest.raises(KeyError):
        judged(Requirement("scale.value.x", "horoscope", {"horoscope": "good"}))
