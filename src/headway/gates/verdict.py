"""What a gate answers: one state per requirement, one for the gate, and whose move it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from headway.kernel.identity import Json, digest


class State(StrEnum):
    """The five states of a requirement (law L3: no evidence is not a pass)."""

    MET = "met"
    MISSED = "missed"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    WAIVED = "waived"


# A gate is as its worst requirement; `waived` counts as met and is listed beside it.
_WEIGHT = {State.MISSED: 3, State.MISSING: 2, State.INCONCLUSIVE: 1, State.MET: 0, State.WAIVED: 0}


def of_all(states: Iterable[State]) -> State:
    """The state of a gate: any missed, else any missing, else any inconclusive, else met.

    >>> of_all([State.MET, State.MISSING, State.INCONCLUSIVE])
    <State.MISSING: 'missing'>
    """
    worst = max(states, key=lambda s: _WEIGHT[s], default=State.MET)
    return State.MET if worst is State.WAIVED else worst


def at_least(wanted: int, states: Sequence[State]) -> State:
    """Three-valued logic (Kleene, 1952): met and waived are true, missed is false, the rest is unknown.

    An unknown answer is `missing` where something is missing, else `inconclusive`.

    >>> at_least(1, [State.MISSED, State.INCONCLUSIVE])
    <State.INCONCLUSIVE: 'inconclusive'>
    """
    true = sum(s in (State.MET, State.WAIVED) for s in states)
    unknown = [s for s in states if s in (State.MISSING, State.INCONCLUSIVE)]
    if true >= wanted:
        return State.MET
    if true + len(unknown) < wanted:
        return State.MISSED
    return State.MISSING if State.MISSING in unknown else State.INCONCLUSIVE


def negated(states: Iterable[State]) -> list[State]:
    """What is true becomes false and what is false true; the unknown stays unknown.

    >>> negated([State.MET, State.MISSING])
    [<State.MISSED: 'missed'>, <State.MISSING: 'missing'>]
    """
    turned = {State.MET: State.MISSED, State.WAIVED: State.MISSED, State.MISSED: State.MET}
    return [turned.get(s, s) for s in states]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a predicate found: the state, what it saw, what it needed, and why it is missing."""

    state: State
    saw: str
    need: str
    reason: str = ""
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement as judged."""

    id: str
    state: State
    saw: str
    need: str
    reason: str
    evidence_ids: tuple[str, ...]
    mode: str
    move: str
    who: str
    guidance: str

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "id": self.id,
            "state": self.state.value,
            "saw": self.saw,
            "need": self.need,
            "reason": self.reason,
            "evidence_ids": list(self.evidence_ids),
            "mode": self.mode,
            "move": self.move,
            "who": self.who,
            "guidance": self.guidance,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate's answer for one initiative at one moment.

    Attributes:
        initiative: whom it is about.
        gate: the gate judged.
        mode: the gate's mode: the ceiling of every requirement's.
        rules: name and digest of the operating model that gave it.
        as_of: the moment judged, UTC text.
        requirements: each requirement's answer.
    """

    initiative: str
    gate: str
    mode: str
    rules: str
    as_of: str
    requirements: tuple[Judged, ...]

    @property
    def state(self) -> State:
        """Over all requirements, whatever their mode; a gate with none of its own is no pass (HW501)."""
        return of_all([*self._unasked, *(r.state for r in self.requirements)])

    @property
    def enforced(self) -> State:
        """Over the requirements in mode ``block`` alone: only these can fail a gate."""
        unasked = self._unasked if self.mode == "block" else []
        return of_all([*unasked, *(r.state for r in self.requirements if r.mode == "block")])

    @property
    def _unasked(self) -> list[State]:
        own = any(r.id.startswith(f"{self.gate}.") for r in self.requirements)
        return [] if own else [State.MISSING]

    @property
    def digest(self) -> str:
        """Names the whole answer."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "initiative": self.initiative,
            "gate": self.gate,
            "mode": self.mode,
            "rules": self.rules,
            "as_of": self.as_of,
            "state": self.state.value,
            "enforced": self.enforced.value,
            "requirements": [r.as_json() for r in self.requirements],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Read a verdict back."""
        rows = tuple(
            Judged(**{**r, "state": State(r["state"]), "evidence_ids": tuple(r["evidence_ids"])})
            for r in data["requirements"]
        )
        return cls(data["initiative"], data["gate"], data["mode"], data["rules"], data["as_of"], rows)
