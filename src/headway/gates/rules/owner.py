"""The predicate ``owner``: one live accountable person, and a sponsor who is somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.gates.judge import Scene
from headway.gates.requirement import Requirement
from headway.gates.verdict import Answer, State


def owner(body: Mapping[str, Any], row: Requirement, scene: Scene) -> Answer:
    """Judge who answers for the initiative."""
    need = "one live accountable person, and a sponsor who is another human"
    people: Any = scene.subject.facts["people"]
    person, sponsor = people.get("accountable.person"), people.get("sponsor.person")
    if not person:
        return Answer(State.MISSING, f"'{people.get('accountable')}' is nobody in people.yaml", need, "none")
    if scene.subject.facts["left"]:
        return Answer(State.MISSED, f"{person} has left", need)
    if not sponsor:
        return Answer(State.MISSING, f"{person} is accountable; no sponsor is declared", need, "none")
    if sponsor == person:
        return Answer(
            State.MISSING, f"four eyes not shown: {person} is accountable and sponsor", need, "none"
        )
    return Answer(State.MET, f"{people['accountable']} answers, {people['sponsor']} sponsors", need)
