"""A row as written, typed: every fault of it and of the predicates inside it, each at its own place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from headway.gates.requirement import COMPONENTS, GATES, GROUPS, MODES, Requirement
from headway.gates.rules.base import Fault, flag, rule
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.estimate import Grade
from headway.kernel.quantity import parse_duration
from headway.kernel.registry import names
from headway.portfolio.wording import nearest

PlaceOf = Callable[..., Place]

# What a row may say of the evidence it accepts; a predicate inside a group may say it too.
_OF_EVIDENCE = ("grade", "max_age", "stands", "min_n")
_TEXTS = ("move", "guidance", "law", "why", "good_example")
_SETTINGS = ("id", "mode", "standing", "waivable", *_TEXTS, *_OF_EVIDENCE)


def typed(row: Mapping[str, Any], place: PlaceOf) -> tuple[Requirement | None, list[Diagnostic]]:
    """Type a plain row.

    Args:
        row: keys and texts as read from a file.
        place: gives the place of a path inside the row.

    Returns:
        The requirement, or None with what is wrong (HW103, HW105, HW502, HW503, HW505).
    """
    found: list[Diagnostic] = []

    def fault(code: str, what: str, mend: str, *path: str | int) -> None:
        found.append(Diagnostic(code, what, place(*path), mend))

    name = str(row.get("id", ""))
    parts = name.split(".")
    if len(parts) != len(("gate", "component", "name")) or not _named(*parts):
        mend = "write gate.component.name, such as scale.value.effect"
        fault("HW105", f"'{name}' is not the id of a requirement", mend, "id")
    made = _read(name, row, {}, _SETTINGS, fault)
    return (None, found) if found else (made, [])


def _named(gate: str, component: str, name: str) -> bool:
    return gate in GATES and component in COMPONENTS and bool(name.strip())


def _read(
    name: str, row: Mapping[str, Any], outer: Mapping[str, Any], allowed: Sequence[str], fault: Fault
) -> Requirement | None:
    """Read a row or a member of a group; `outer` are the evidence settings of the group around it."""
    known = (*names("headway.rules"), *GROUPS)
    predicates = [k for k in row if k in known]
    if len(predicates) != 1:
        _predicate_fault(row, known, predicates, fault)
        return None
    predicate = predicates[0]
    own = (predicate, *(("of",) if predicate == "at_least" else ()))
    if predicate not in GROUPS:
        own = (predicate, *rule(predicate).settings)
    for key in row:
        if key not in allowed and key not in own:
            what = f"'{key}' is no part of a requirement of kind '{predicate}'{_near(key, (*allowed, *own))}"
            fault("HW103", what, "take it out, or correct it", key)
    settings = {**outer, **_settings(row, allowed, fault)}
    members: tuple[Requirement, ...] = ()
    if predicate in GROUPS:
        members = _members(name, predicate, row, settings, fault)
    else:
        rule(predicate).check(row, fault)
    return Requirement(name, predicate, {k: row[k] for k in own if k in row}, members=members, **settings)


def _members(
    name: str, predicate: str, row: Mapping[str, Any], settings: Mapping[str, Any], fault: Fault
) -> tuple[Requirement, ...]:
    key = "of" if predicate == "at_least" else predicate
    written = row.get(key)
    if not isinstance(written, list) or not written:
        mend = "list the predicates under it, each with a dash"
        fault("HW105", f"'{key}' holds no list of predicates", mend, *([key] if key in row else []))
        return ()
    if predicate == "at_least":
        _check_number(row["at_least"], len(written), fault)
    outer = {k: v for k, v in settings.items() if k in _OF_EVIDENCE}
    made = []
    for at, member in enumerate(written):
        inside = partial(_inside, fault, key, at)
        if isinstance(member, Mapping):
            made.append(_read(name, member, outer, _OF_EVIDENCE, inside))
        else:
            inside(
                "HW105",
                f"'{member}' is no predicate",
                "write it as key and value, such as owner: accountable",
            )
    return tuple(m for m in made if m)


def _inside(fault: Fault, key: str, at: int, code: str, what: str, mend: str, *path: str | int) -> None:
    fault(code, what, mend, key, at, *path)


def _check_number(written: object, most: int, fault: Fault) -> None:
    text = str(written).strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        what = f"'{text}' of {most} predicates cannot be asked"
        fault("HW105", what, f"write a whole number from 1 to {most}", "at_least")


def _predicate_fault(
    row: Mapping[str, Any], known: Sequence[str], predicates: Sequence[str], fault: Fault
) -> None:
    if predicates:
        what = f"two predicates in one requirement: {', '.join(predicates)}"
        fault("HW502", what, "join them under `all:`", predicates[1])
        return
    others = [k for k in row if k not in _SETTINGS]
    named = f"'{others[0]}' is no predicate that this build knows" if others else "no predicate is given"
    hint = _near(others[0], known) if others else ""
    fault("HW502", named + hint, f"use one of: {', '.join(known)}", *others[:1])


def _near(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""


def _settings(row: Mapping[str, Any], allowed: Sequence[str], fault: Fault) -> dict[str, Any]:
    readers: dict[str, tuple[Callable[[str], Any], str]] = {
        "mode": (_mode, "one of observe, warn, block"),
        "grade": (lambda t: None if t == "-" else Grade(t), "one of A, B, C, D"),
        "max_age": (parse_duration, "a duration such as 30d"),
        "stands": (parse_duration, "a duration such as 365d"),
        "min_n": (_whole, "a whole number"),
        "standing": (flag, "true or false"),
        "waivable": (flag, "true or false"),
    }
    readers |= dict.fromkeys(_TEXTS, (str, "a text"))
    made: dict[str, Any] = {}
    for key in (k for k in readers if k in row and k in allowed):
        read, expected = readers[key]
        try:
            made[key] = read(_text(row[key]))
        except (ValueError, OverflowError):
            fault("HW105", f"{_quoted(row[key])} is not {expected}", f"write {key} as {expected}", key)
    return made


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else "what stands here"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004  one way out for everything that cannot be read
    return value.strip()


def _mode(text: str) -> str:
    if text not in MODES:
        raise ValueError(text)
    return text


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)
