"""What is said about a value that does not fit: in our words, at the nearest place, with one mend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from headway.kernel.diagnostic import Diagnostic
from headway.kernel.errors import scrub
from headway.portfolio.document import Document
from headway.portfolio.kinds import ARTICLES, key_of
from headway.portfolio.nodes import Path, at
from headway.portfolio.schema import Help, explain
from headway.portfolio.values import BLANK, Fault

_QUOTED = re.compile(r"'([^']*)'")
_LONGEST_SHOWN = 60
_MANY = 8

# What a model expects where it got something of another shape, by pydantic's name of the fault.
_SHAPES = {
    "model_type": ("keys and values", "{key: value}"),
    "model_attributes_type": ("keys and values", "{key: value}"),
    "dict_type": ("keys and values", "{key: value}"),
    "tuple_type": ("a list", "[a, b]"),
    "list_type": ("a list", "[a, b]"),
}


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word most like this one, if any is near."""
    found = get_close_matches(word, known, n=1, cutoff=0.75)
    return found[0] if found else None


def shown(value: object) -> str:
    """A value as a message quotes it: short, on one line, without secrets."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = " ".join(scrub(str(value)).split())
    return f"'{text[:_LONGEST_SHOWN]}...'" if len(text) > _LONGEST_SHOWN else f"'{text}'"


def of_fault(document: Document, fault: Fault) -> Diagnostic:
    """The diagnostic of a fault between keys."""
    return Diagnostic(fault.code, fault.what, document.place(*fault.path), fault.mend)


def of_error(document: Document, error: Mapping[str, Any]) -> Diagnostic:
    """The diagnostic of one of pydantic's error records about a document."""
    path, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    if kind == "missing":
        return _absent(document, path)
    if kind == "extra_forbidden":
        return _unknown_key(document, path)
    found = at(document.plain, path)
    if kind == "headway":
        return _refused(document, path, error["input"] if found is None else found, context)
    if kind == "literal_error":
        return _not_a_choice(document, path, str(found), _QUOTED.findall(str(context.get("expected", ""))))
    if kind == "too_long":
        what = f"'{_label(path)}' has more than {context['max_length']} entries"
        return Diagnostic("HW105", what, document.place(*path), "keep the most telling ones")
    expected, example = _SHAPES.get(kind, ("another value", _example(_help(document, path)) or "..."))
    what = f"'{_label(path)}' is {shown(error.get('input'))}; expected {expected}"
    inner = _help(document, path)
    if inner and inner.keys:
        expected = ", ".join(inner.keys[:_MANY])
        return Diagnostic(
            "HW105", what, document.place(*path), f"write keys and values; keys here are {expected}"
        )
    return Diagnostic("HW105", what, document.place(*path), f"write it as {example}")


def _help(document: Document, path: Path) -> Help | None:
    return explain(document.kind, path)


def _label(path: Path) -> str:
    """The key a path ends in; an item of a list goes by the key of the list."""
    words = [step for step in path if isinstance(step, str)]
    return words[-1] if words else "the document"


def _example(about: Help | None) -> str:
    return about.examples[0] if about and about.examples else ""


def _absent(document: Document, path: Path) -> Diagnostic:
    key, about = str(path[-1]), _help(document, path)
    written = at(document.plain, path)
    empty = isinstance(written, str) and written.strip() in BLANK
    place = document.key_place(*path) if empty else document.place(*path[:-1])
    whole = ARTICLES.get(key_of(document.kind), "the document")
    holder = f"'{_label(path[:-1])}'" if any(isinstance(s, str) for s in path[:-1]) else whole
    what = f"'{key}' is {'empty' if empty else 'absent'}; {holder} needs it"
    say = _example(about) or (about.choices[0] if about and about.choices else "") or "..."
    meaning = f" ({about.description})" if about and about.description else ""
    return Diagnostic("HW104", what, place, f"{'write' if empty else 'add'} {key}: {say}{meaning}")


def _unknown_key(document: Document, path: Path) -> Diagnostic:
    key, about = str(path[-1]), _help(document, path[:-1])
    known = about.keys if about else ()
    inside = any(isinstance(s, str) for s in path[:-1])
    holder = f"'{_label(path[:-1])}'" if inside else ARTICLES.get(key_of(document.kind), "the document")
    near = nearest(key, known)
    if near:
        mend = f"write '{near}'"
    elif len(known) <= _MANY:
        mend = f"take it away; keys here are {', '.join(known)}"
    else:
        mend = f"take it away; `headway explain {document.kind}` lists the keys"
    return Diagnostic("HW103", f"'{key}' is not a key of {holder}", document.key_place(*path), mend)


def _refused(document: Document, path: Path, found: object, context: Mapping[str, Any]) -> Diagnostic:
    code, place = str(context["code"]), document.place(*path)
    if code == "HW113":
        slug = re.sub(r"[^a-z0-9@]+", "-", str(found).lower()).strip("-") or context["example"]
        what = f"{shown(found)} is not a name: {context['expected']}"
        return Diagnostic(
            code, what, place, f"write it as {slug if _fits(slug, context) else context['example']}"
        )
    if code == "HW111":
        what = f"the file format {shown(found)} is not read here; expected {context['expected']}"
        return Diagnostic(code, what, place, "write headway: 1, or install the headway that reads it")
    what = f"'{_label(path)}' is {shown(found)}; expected {context['expected']}"
    if isinstance(found, str) and scrub(found) != found:
        return Diagnostic(
            code, what, place, f"put it in an environment variable and write {context['example']}"
        )
    return Diagnostic(code, what, place, f"write it as {context['example']}")


def _fits(slug: str, context: Mapping[str, Any]) -> bool:
    """Whether a slug carries a version where the example does."""
    return ("@" in slug) == ("@" in context["example"])


def _not_a_choice(document: Document, path: Path, found: str, choices: Sequence[str]) -> Diagnostic:
    what = f"'{_label(path)}' is {shown(found)}; expected one of {', '.join(choices)}"
    near = nearest(found, choices) or (choices[0] if choices else "another word")
    return Diagnostic("HW105", what, document.place(*path), f"write it as {near}")
