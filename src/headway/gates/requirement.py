"""One row of an operating model, typed from plain text, every fault gathered."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.kernel.quantity import parse_duration, show_duration
from headway.kernel.registry import names

MODES = ("observe", "warn", "block")
GROUPS = ("all", "any", "none", "at_least")
GATES = ("framed", "pilot", "scale", "operate", "keep")
COMPONENTS = ("value", "spend", "data", "people", "process", "risk")
# What a row may say about itself, besides its one predicate and that predicate's own settings.
_SETTINGS = (
    "id",
    "law",
    "mode",
    "move",
    "standing",
    "waivable",
    "guidance",
    "good_example",
    "why",
    "grade",
    "max_age",
    "stands",
    "min_n",
)
_OF_PREDICATE = {"measure": ("metric", "bound"), "at_least": ("of",)}

PlaceOf = Callable[..., Place]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement.

    Attributes:
        id: gate.component.name.
        predicate: the kind of predicate, a registered rule or a group.
        body: the predicate's own settings, plain.
        mode: ``observe``, ``warn`` or ``block``; it may only lower the gate's.
        move: whose move it is while it is not met: a role.
        standing: judged again at every later gate.
        waivable: whether it may be dropped or waived at all.
        grade: least grade of the evidence.
        max_age: how old running evidence may be.
        stands: how long the result of an ended pilot stands, instead of its grade's own validity.
        min_n: least number of units.
        guidance: which evidence is expected.
    """

    id: str
    predicate: str
    body: Mapping[str, Any]
    mode: str = "block"
    move: str = "accountable"
    standing: bool = False
    waivable: bool = True
    grade: Grade | None = None
    max_age: timedelta | None = None
    stands: timedelta | None = None
    min_n: int = 0
    guidance: str = ""
    law: str = ""
    why: str = ""
    good_example: str = ""

    @property
    def gate(self) -> str:
        """The gate it stands at."""
        return self.id.partition(".")[0]

    def as_json(self) -> dict[str, Json]:
        """The row in the form it is written in; `typed` reads it back."""
        row: dict[str, Json] = {"id": self.id, **self.body, "mode": self.mode, "move": self.move}
        row |= {"standing": str(self.standing).lower(), "waivable": str(self.waivable).lower()}
        row |= {k: v for k in ("guidance", "law", "why", "good_example") if (v := getattr(self, k))}
        row |= {k: show_duration(v) for k in ("max_age", "stands") if (v := getattr(self, k)) is not None}
        if self.grade:
            row["grade"] = self.grade.value
        if self.min_n:
            row["min_n"] = str(self.min_n)
        return row


def typed(row: Mapping[str, Any], place: PlaceOf) -> tuple[Requirement | None, list[Diagnostic]]:
    """Type a plain row.

    Args:
        row: keys and texts as read from a file.
        place: gives the place of a path inside the row.

    Returns:
        The requirement, or None with what is wrong (HW103, HW105, HW502, HW503).
    """
    found: list[Diagnostic] = []

    def fault(code: str, what: str, mend: str, *path: str) -> None:
        found.append(Diagnostic(code, what, place(*path), mend))

    name = str(row.get("id", ""))
    parts = name.split(".")
    if (
        len(parts) != len(("gate", "component", "name"))
        or parts[0] not in GATES
        or parts[1] not in COMPONENTS
    ):
        fault(
            "HW105",
            f"'{name}' is not the id of a requirement",
            "write gate.component.name, such as scale.value.effect",
            "id",
        )
    known = (*names("headway.rules"), *GROUPS)
    predicates = [k for k in row if k in known]
    if len(predicates) != 1:
        _predicate_fault(row, known, predicates, fault)
        return None, found
    predicate = predicates[0]
    own = (predicate, *_OF_PREDICATE.get(predicate, ()))
    for key in row:
        if key not in _SETTINGS and key not in own:
            near = difflib.get_close_matches(key, (*_SETTINGS, *own), n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            fault(
                "HW103",
                f"'{key}' is no part of a requirement of kind '{predicate}'{hint}",
                "take it out, or correct it",
                key,
            )
    settings = _settings(row, fault)
    _check_body(predicate, row, fault)
    if found:
        return None, found
    body = {k: row[k] for k in own if k in row}
    return Requirement(name, predicate, body, **settings), []


def _predicate_fault(
    row: Mapping[str, Any], known: Sequence[str], predicates: list[str], fault: Callable[..., None]
) -> None:
    if predicates:
        fault(
            "HW502",
            f"two predicates in one requirement: {', '.join(predicates)}",
            "join them under `all:`",
            predicates[1],
        )
        return
    others = [k for k in row if k not in _SETTINGS]
    near = difflib.get_close_matches(others[0], known, n=1) if others else []
    hint = f"; did you mean '{near[0]}'?" if near else ""
    named = f"'{others[0]}'" if others else "nothing"
    path = others[:1]
    fault(
        "HW502",
        f"{named} is no predicate that this build knows{hint}",
        f"use one of: {', '.join(known)}",
        *path,
    )


def _settings(row: Mapping[str, Any], fault: Callable[..., None]) -> dict[str, Any]:
    made: dict[str, Any] = {
        k: str(row[k]).strip() for k in ("move", "guidance", "law", "why", "good_example") if k in row
    }
    readers: dict[str, tuple[Callable[[str], Any], str]] = {
        "mode": (_one_of(MODES), "one of observe, warn, block"),
        "grade": (lambda t: None if t == "-" else Grade(t), "one of A, B, C, D"),
        "max_age": (parse_duration, "a duration such as 30d"),
        "stands": (parse_duration, "a duration such as 365d"),
        "min_n": (int, "a whole number"),
        "standing": (_flag, "true or false"),
        "waivable": (_flag, "true or false"),
    }
    for key, (read, expected) in readers.items():
        if key in row:
            try:
                made[key] = read(str(row[key]).strip())
            except (ValueError, KeyError):
                fault("HW105", f"'{row[key]}' is not {expected}", f"write {key} as {expected}", key)
    return made


def _check_body(predicate: str, row: Mapping[str, Any], fault: Callable[..., None]) -> None:
    from headway.gates.rules.measure import check_bound

    if predicate == "measure":
        check_bound(row, fault)
    elif predicate in GROUPS:
        members = row.get("of") if predicate == "at_least" else row[predicate]
        if not isinstance(members, list) or not members:
            fault(
                "HW105",
                f"'{predicate}' holds no list of predicates",
                "list the predicates under it",
                predicate,
            )


def _one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return read


def _flag(text: str) -> bool:
    return {"true": True, "false": False, "yes": True, "no": False}[text.lower()]
