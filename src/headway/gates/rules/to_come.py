"""The predicate ``to_come``: a row of the design whose measure or record this version does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene
from headway.gates.verdict import Answer, State

_KEYS = ("by", "need")
_EXAMPLE = "write to_come: {by: waste, need: high end of the waste share ≤ 30 %}"


class ToCome:
    """What will be asked. It is never met: what nobody can measure has not been shown (law L3)."""

    settings: tuple[str, ...] = ()

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """It says what would answer it, and what will be needed."""
        said = body["to_come"]
        if not isinstance(said, Mapping) or not all(isinstance(said.get(k), str) for k in _KEYS):
            fault("HW105", "'to_come' does not say by what and what is needed", _EXAMPLE, "to_come")
            return
        for key in said:
            if key not in _KEYS:
                fault("HW103", f"'{key}' is no part of 'to_come'", _EXAMPLE, "to_come", key)

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Missing, and why."""
        said = row.body["to_come"]
        saw = f"this version of headway cannot answer it: '{said['by']}' is still to come"
        return Answer(State.MISSING, saw, said["need"], "none")


to_come = ToCome()
