"""The port of every rule, and all that a rule may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from headway.evidence.record import Evidence, Missing
from headway.gates.requirement import Requirement
from headway.gates.subject import Subject
from headway.gates.verdict import Answer
from headway.kernel.registry import load

# fault(code, what, mend, *path): what is wrong at a path inside the row.
Fault = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a rule may look at: no clock, no store, no source."""

    subject: Subject
    evidence: Sequence[Evidence]
    missing: Sequence[Missing]
    as_of: datetime


class Rule(Protocol):
    """A kind of predicate; `settings` are the keys it takes beside its own name."""

    settings: tuple[str, ...]

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """Tell every fault of a predicate as written, before anything is judged by it."""
        ...

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge: pure, and only rows that `check` found sound."""
        ...


def rule(predicate: str) -> Rule:
    """The registered rule of that name.

    Raises:
        KeyError: nothing is registered under it.
    """
    found: Rule = load("headway.rules", predicate)  # type: ignore[assignment]
    return found


def flag(text: str) -> bool:
    """Read ``yes`` or ``no``, ``true`` or ``false``.

    Raises:
        ValueError: none of these.
    """
    answers = {"true": True, "false": False, "yes": True, "no": False}
    if text.strip().lower() not in answers:
        raise ValueError(text)
    return answers[text.strip().lower()]
