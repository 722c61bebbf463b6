"""The judge: pure. The same gate, initiative, evidence and moment give the same bytes, anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.evidence.record import Evidence, Missing
from headway.gates.model import Gate
from headway.gates.requirement import GROUPS, MODES, Requirement
from headway.gates.subject import Subject
from headway.gates.verdict import Answer, Judged, State, Verdict
from headway.kernel.identity import instant
from headway.kernel.registry import load

Rule = Callable[[Mapping[str, Any], Requirement, "Scene"], Answer]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a rule may look at."""

    subject: Subject
    evidence: Sequence[Evidence]
    missing: Sequence[Missing]
    as_of: datetime


def judge(
    gate: Gate, subject: Subject, evidence: Sequence[Evidence], missing: Sequence[Missing], as_of: datetime
) -> Verdict:
    """Judge one initiative at one gate: no clock, no store, no print.

    Args:
        gate: the requirements in force.
        subject: the initiative as declared.
        evidence: accepted evidence about it.
        missing: why other evidence is not there.
        as_of: the moment judged.
    """
    scene = Scene(subject, evidence, missing, as_of)
    rows = tuple(_judged(gate, row, scene) for row in gate.requirements)
    return Verdict(subject.name, gate.name, gate.mode, gate.rules, instant(as_of), rows)


def _judged(gate: Gate, row: Requirement, scene: Scene) -> Judged:
    answer = answer_of(row.predicate, row.body, row, scene)
    mode = min(gate.mode, row.mode, key=MODES.index)
    return Judged(
        row.id,
        answer.state,
        answer.saw,
        answer.need,
        answer.reason,
        answer.evidence_ids,
        mode,
        row.move,
        scene.subject.who(row.move),
        row.guidance,
    )


def answer_of(predicate: str, body: Mapping[str, Any], row: Requirement, scene: Scene) -> Answer:
    """Answer one predicate, a registered rule or a group of them."""
    if predicate in GROUPS:
        return _group(predicate, body, row, scene)
    rule: Rule = load("headway.rules", predicate)  # type: ignore[assignment]
    return rule(body, row, scene)


def _group(predicate: str, body: Mapping[str, Any], row: Requirement, scene: Scene) -> Answer:
    members = body["of"] if predicate == "at_least" else body[predicate]
    answers = [answer_of(next(iter(m)), m, row, scene) for m in members]
    wanted = {"all": len(answers), "any": 1, "at_least": int(body.get("at_least", 0)), "none": 0}[predicate]
    state = _negated(answers) if predicate == "none" else _at_least(wanted, [a.state for a in answers])
    word = {"none": "none of", "at_least": f"at least {wanted} of"}.get(predicate, f"{predicate} of")
    ids = tuple(i for a in answers for i in a.evidence_ids)
    reason = next((a.reason for a in answers if a.state is state and a.reason), "")
    return Answer(
        state,
        "; ".join(a.saw for a in answers),
        f"{word}: " + "; ".join(a.need for a in answers),
        reason,
        ids,
    )


def _at_least(wanted: int, states: Sequence[State]) -> State:
    """Three-valued logic (Kleene, 1952): met and waived are true, missed is false, the rest is unknown."""
    true = sum(s in (State.MET, State.WAIVED) for s in states)
    unknown = [s for s in states if s in (State.MISSING, State.INCONCLUSIVE)]
    if true >= wanted:
        return State.MET
    if true + len(unknown) < wanted:
        return State.MISSED
    return State.MISSING if State.MISSING in unknown else State.INCONCLUSIVE


def _negated(answers: Sequence[Answer]) -> State:
    turned = {State.MET: State.MISSED, State.WAIVED: State.MISSED, State.MISSED: State.MET}
    return _at_least(len(answers), [turned.get(a.state, a.state) for a in answers])
