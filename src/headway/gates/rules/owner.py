"""The predicate ``owner``: one live accountable person, and a sponsor who is somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene
from headway.gates.verdict import Answer, State

_NEED = "one live accountable person, and a sponsor who is another human"


class Owner:
    """Who answers for the initiative."""

    settings: tuple[str, ...] = ()

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """It is asked of one role only."""
        if body["owner"] != "accountable":
            fault("HW105", f"'{body['owner']}' owns nothing here", "write owner: accountable", "owner")

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge who answers for the initiative, and who watches."""
        people: Any = scene.subject.facts["people"]
        role, sponsor = people.get("accountable"), people.get("sponsor")
        person, other = people.get("accountable.person"), people.get("sponsor.person")
        if not role:
            return Answer(State.MISSING, "nobody is named accountable", _NEED, "none")
        if not person:
            return Answer(State.MISSING, f"'{role}' is nobody in people.yaml", _NEED, "none")
        if scene.subject.facts["left"]:
            return Answer(State.MISSED, f"{_who(role, person)} has left", _NEED)
        if not sponsor:
            saw = f"{_who(role, person)} is accountable; no sponsor is declared"
            return Answer(State.MISSING, saw, _NEED, "none")
        if not other:
            return Answer(State.MISSING, f"the sponsor '{sponsor}' is nobody in people.yaml", _NEED, "none")
        if other == person:
            saw = f"four eyes not shown: {person} is accountable and sponsor"
            return Answer(State.MISSING, saw, _NEED, "none")
        return Answer(State.MET, f"{_who(role, person)} answers, {_who(sponsor, other)} sponsors", _NEED)


def _who(role: object, person: object) -> str:
    return str(role) if role == person else f"{role} ({person})"


owner = Owner()
