"""The predicate ``declared``: what must be written or registered, what must not, where the outcome leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene, flag
from headway.gates.verdict import Answer, State
from headway.kernel.codes import CODES
from headway.kernel.identity import Json
from headway.portfolio.pilot import OVER_TIME
from headway.portfolio.values import BLANK

_KEYS = ("paths", "without", "refuse", "reaches_line", "registered")
_FLAGS = ("reaches_line", "registered")
_LONGEST_SHOWN = 80


class DeclaredInFiles:
    """What the files say.

    ``declared`` is a list of paths, or a mapping of ``paths``, ``without`` (codes of findings that must not
    be there), ``refuse`` (path to the values that are a no), ``reaches_line`` (the outcome leads to a
    P&L line) and ``registered`` (the pilot's design is, as it stands now). A path is one into the initiative,
    or begins with ``outcome.``.
    """

    settings: tuple[str, ...] = ()

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """It asks for something, and each part has its shape."""
        asked = body["declared"]
        if not isinstance(asked, Mapping):
            if not _texts(asked):
                fault("HW105", "'declared' holds no list of paths", "write [problem, outcome]", "declared")
            return
        for key in asked:
            if key not in _KEYS:
                mend = f"use one of: {', '.join(_KEYS)}"
                fault("HW103", f"'{key}' is no part of 'declared'", mend, "declared", key)
        if not any(k in asked for k in _KEYS):
            fault("HW105", "'declared' asks for nothing", "write [problem, outcome]", "declared")
        _check_parts(asked, fault)

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge what is written: a refusal first, then what is absent, then what speaks against it."""
        asked = row.body["declared"]
        wanted: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {"paths": asked}
        paths = [str(p) for p in wanted.get("paths", []) if not _in_rows(scene, str(p))]
        line, registered = (flag(str(wanted.get(key, "no"))) for key in _FLAGS)
        needs = [*map(_short, paths), *(["a path to a P&L line"] if line else [])]
        needs += ["registered before the first exposure"] if registered else []
        need = ", ".join(needs) or "nothing that speaks against it"
        for path, values in wanted.get("refuse", {}).items():
            value = _value(scene, path)
            if value in values:
                return Answer(State.MISSED, f"{_short(path)} is {value}", need)
        absent = [_short(p) for p in paths if _value(scene, p) is None]
        if absent:
            return Answer(State.MISSING, f"not declared: {', '.join(absent)}", need, "none")
        open_design = _unregistered(scene, need) if registered else None
        if open_design:
            return open_design
        findings: Any = scene.subject.facts["findings"]
        against = [findings[code] for code in wanted.get("without", []) if code in findings]
        if against:
            return Answer(State.MISSED, "; ".join(against), need)
        if line and not scene.subject.facts["paths"]:
            return Answer(State.MISSED, "the outcome reaches no P&L line", need)
        return Answer(State.MET, _seen(scene, paths), need)


def _check_parts(asked: Mapping[str, Any], fault: Fault) -> None:
    for key in ("paths", "without"):
        if key in asked and not _texts(asked[key]):
            fault("HW105", f"'{key}' holds no list", f"write {key} as a list", "declared", key)
    without: Any = asked.get("without")
    for at, code in enumerate(without if _texts(without) else ()):
        if code not in CODES:
            mend = "write the code of a finding, such as HW150"
            fault("HW105", f"'{code}' is no code", mend, "declared", "without", at)
    refuse = asked.get("refuse", {})
    if not isinstance(refuse, Mapping) or not all(map(_texts, refuse.values())):
        mend = "write refuse: {risk.eu_ai_act: [prohibited]}"
        fault("HW105", "'refuse' is no path with a list of values", mend, "declared", "refuse")
    for key in _FLAGS:
        try:
            flag(str(asked.get(key, "no")))
        except ValueError:
            fault("HW105", f"'{key}' is neither true nor false", "write true or false", "declared", key)


def _texts(value: Any) -> bool:
    """A list of at least one text, and of nothing else."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, str) for v in value)


def _value(scene: Scene, path: str) -> Json:
    """What is written at a path; nothing where it is blank or empty."""
    full = path if path.startswith(("initiative.", "outcome.")) else f"initiative.{path}"
    try:
        value = scene.subject.value(full)
    except KeyError:
        return None
    return None if isinstance(value, str) and value.strip() in BLANK else value or None


def _in_rows(scene: Scene, path: str) -> bool:
    """Whether a path asks for the arms of a pilot over time: who is treated there stands in its rows."""
    return _short(path) == "pilot.arms" and _value(scene, "pilot.design") in OVER_TIME


def _unregistered(scene: Scene, need: str) -> Answer | None:
    """Why the design counts as not registered; None where it is, here or elsewhere."""
    known: Any = scene.subject.facts.get("registration") or {"state": "none"}
    register = f"`headway design {scene.subject.name} --register`"
    if known["state"] == "none":
        return Answer(State.MISSING, f"the design is not registered: {register}", need, "none")
    if known["state"] == "changed":
        saw = f"the design was changed after it was registered on {known['on']}: {register}"
        return Answer(State.MISSING, saw, need, "subject_changed")
    return None


def _short(path: str) -> str:
    return path.removeprefix("initiative.")


def _seen(scene: Scene, paths: list[str]) -> str:
    if not paths:
        return "nothing speaks against it"
    one = _value(scene, paths[0]) if len(paths) == 1 else None
    text = " ".join(one.split()) if isinstance(one, str) else ", ".join(map(_short, paths))
    return f"declared: {text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}"


declared = DeclaredInFiles()
