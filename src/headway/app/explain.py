"""What a word means: a code, a kind of document, a field or a word of the house. No portfolio is read."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from headway.kernel.codes import CODES
from headway.kernel.errors import HeadwayError
from headway.portfolio.kinds import MODELS
from headway.portfolio.nodes import to_plain
from headway.portfolio.schema import explain as explain_field
from headway.portfolio.yaml import read
from headway.render.glossary import GRADES, STATES, WORDS

CODE_WORDS = Path(__file__).parent / "words" / "codes.yaml"
SCHEMA = "headway.explain/1"


class UnknownWordError(HeadwayError):
    """Nothing is known under the word; the mend line names the nearest that is."""


def explain(what: str) -> dict[str, Any]:
    """The meaning of a word, as `headway.explain/1`.

    Raises:
        UnknownWordError: nothing bears the name.
    """
    for look in (_code, _field, _term):
        if (found := look(what)) is not None:
            return {"schema": SCHEMA, "what": what, **found}
    known = {name.casefold(): name for name in names()}
    near = [known[found] for found in difflib.get_close_matches(what.casefold(), known, n=3)]
    said = ", ".join(near) if near else "a code such as HW101, a field such as initiative.pilot.looks"
    raise UnknownWordError("explain", what, "nothing bears that name", f"try {said}")


def names() -> tuple[str, ...]:
    """Every code, kind and word of the house that can be explained, besides fields."""
    return (*CODES, *MODELS, *STATES, *WORDS, *(f"grade {g}" for g in GRADES))


def _code(what: str) -> dict[str, Any] | None:
    name = what.upper()
    if name not in CODES:
        return None
    nodes, _ = read(CODE_WORDS.read_bytes(), CODE_WORDS.name)
    said: Any = to_plain(nodes[0])
    code = CODES[name]
    return {"kind": "code", "title": f"{name} ({code.severity}): {code.title}", **said[name]}


def _field(what: str) -> dict[str, Any] | None:
    kind, *path = what.split(".")
    found = explain_field(kind, path) if kind in MODELS else None
    if found is None:
        return None
    return {
        "kind": "field" if path else "document",
        "title": what,
        "when": found.description,
        "examples": list(found.examples),
        "keys": list(found.keys),
        "choices": list(found.choices),
    }


def _term(what: str) -> dict[str, Any] | None:
    terms = {**STATES, **WORDS, **{f"grade {letter}": text for letter, text in GRADES.items()}}
    for name, text in terms.items():
        if name.casefold() == what.casefold():
            return {"kind": "term", "title": name, "when": text}
    return None
