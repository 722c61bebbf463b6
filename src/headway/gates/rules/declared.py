"""The predicate ``declared``: paths that must be written, findings that must not be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.gates.judge import Scene
from headway.gates.requirement import Requirement
from headway.gates.verdict import Answer, State


def declared(body: Mapping[str, Any], row: Requirement, scene: Scene) -> Answer:
    """Judge what the files say.

    ``declared`` is a list of paths, or a mapping of ``paths``, ``without`` (finding codes), ``refuse``
    (path to values that are a no) and ``reaches_line`` (the outcome leads to a P&L line).
    """
    wanted = body["declared"] if isinstance(body["declared"], Mapping) else {"paths": body["declared"]}
    paths = [str(p) for p in wanted.get("paths", [])]
    need = ", ".join(p.removeprefix("initiative.") for p in paths) or "nothing against it"
    for path, values in wanted.get("refuse", {}).items():
        value = _text(scene, path)
        if value in values:
            return Answer(State.MISSED, f"{_short(path)} is {value}", need)
    absent = [_short(p) for p in paths if not _text(scene, p)]
    if absent:
        return Answer(State.MISSING, f"not declared: {', '.join(absent)}", need, "none")
    findings: Any = scene.subject.facts["findings"]
    against = [findings[code] for code in wanted.get("without", []) if code in findings]
    if against:
        return Answer(State.MISSED, "; ".join(against), need)
    if wanted.get("reaches_line") and not scene.subject.facts["paths"]:
        return Answer(State.MISSED, "the outcome reaches no P&L line", f"{need}, and a path to a P&L line")
    return Answer(State.MET, _seen(scene, paths), need)


def _text(scene: Scene, path: str) -> str:
    full = path if path.startswith(("initiative.", "outcome.")) else f"initiative.{path}"
    try:
        value = scene.subject.value(full)
    except KeyError:
        return ""
    return str(value) if value else ""


def _short(path: str) -> str:
    return path.removeprefix("initiative.")


def _seen(scene: Scene, paths: list[str]) -> str:
    one = _text(scene, paths[0]) if len(paths) == 1 else ""
    return f"declared: {one[:80]}" if one else f"declared: {', '.join(map(_short, paths))}"
