"""The judge: pure. The same gate, initiative, evidence and moment give the same bytes, anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from headway.evidence.record import Evidence, Missing
from headway.gates.model import Gate
from headway.gates.requirement import GROUPS, MODES, Requirement
from headway.gates.rules.base import Scene, rule
from headway.gates.subject import Subject
from headway.gates.verdict import Answer, Judged, State, Verdict, at_least, negated
from headway.kernel.identity import instant

# Counted up whenever the same documents may come to another verdict: older decisions are not replayed then.
RULES_VERSION = 1


def judge(
    gate: Gate, subject: Subject, evidence: Sequence[Evidence], missing: Sequence[Missing], as_of: datetime
) -> Verdict:
    """Judge one initiative at one gate: no clock, no store, no print.

    Args:
        gate: the requirements in force.
        subject: the initiative as declared.
        evidence: accepted evidence about it, in any order: it is put in one here.
        missing: why other evidence is not there, in any order.
        as_of: the moment judged.
    """
    scene = Scene(subject, sorted(evidence, key=_order), sorted(missing, key=_order_missing), as_of)
    rows = tuple(_judged(gate, row, scene) for row in gate.requirements)
    return Verdict(subject.name, gate.name, gate.mode, gate.rules, instant(as_of), rows)


def _order(evidence: Evidence) -> tuple[str, str, str, str]:
    # Equal questions have equal ids; what then differs are the numbers.
    return evidence.measure, evidence.metric, evidence.id, json.dumps(evidence.as_json(), sort_keys=True)


def _order_missing(missing: Missing) -> tuple[str, str, str, str]:
    return missing.measure, missing.metric, missing.reason, missing.why


def _judged(gate: Gate, row: Requirement, scene: Scene) -> Judged:
    answer = answer_of(row, scene)
    return Judged(
        id=row.id,
        state=answer.state,
        saw=answer.saw,
        need=answer.need,
        reason=answer.reason,
        evidence_ids=answer.evidence_ids,
        mode=min(gate.mode, row.mode, key=MODES.index),
        move=row.move,
        who=scene.subject.who(row.move),
        guidance=row.guidance,
    )


def answer_of(row: Requirement, scene: Scene) -> Answer:
    """Answer one predicate, a registered rule or a group of them."""
    return _group(row, scene) if row.predicate in GROUPS else rule(row.predicate).answer(row, scene)


def _group(row: Requirement, scene: Scene) -> Answer:
    """A group by three-valued logic; one without members has nothing that could be met."""
    answers = [answer_of(member, scene) for member in row.members]
    if not answers:
        return Answer(State.MISSING, "the group asks for nothing", f"{row.predicate} of nothing", "none")
    every = len(answers)
    asked = {"any": 1, "at_least": int(row.body.get("at_least", every))}.get(row.predicate, every)
    states = [a.state for a in answers]
    state = at_least(asked, negated(states) if row.predicate == "none" else states)
    words = {"none": "none of", "at_least": f"at least {asked} of"}.get(row.predicate, f"{row.predicate} of")
    return Answer(
        state,
        " | ".join(a.saw for a in answers),
        f"{words}: {' | '.join(a.need for a in answers)}",
        next((a.reason for a in answers if a.state is state), "") if state is State.MISSING else "",
        tuple(dict.fromkeys(i for a in answers for i in a.evidence_ids)),
    )
