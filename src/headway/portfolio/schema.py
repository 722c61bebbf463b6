"""One JSON Schema for every kind of document, from the models themselves; and what it says about one key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from headway.portfolio.kinds import MODELS, key_of
from headway.portfolio.nodes import Path


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that an editor checks files with: a document is one of the kinds."""
    of_model, whole = models_json_schema(
        [(model, "validation") for model in MODELS.values()],
        title="headway portfolio files",
        description="One document of a headway portfolio; its first key says which kind it is.",
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "anyOf": [of_model[(model, "validation")] for model in MODELS.values()],
    }


@dataclass(frozen=True, slots=True)
class Help:
    """What the schema says about one key.

    Attributes:
        description: its meaning.
        examples: values as they are written.
        keys: the keys inside it.
        choices: the words it may be.
        type: what kind of value it is, in a person's words.
        default: what holds where it is not written; empty where nothing does.
        required: whether the document cannot do without it.
    """

    description: str = ""
    examples: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    type: str = ""
    default: str = ""
    required: bool = False


def explain(kind: str, path: Path = ()) -> Help | None:
    """What a key means, or None where the path leads nowhere.

    >>> explain("initiative", ["pilot", "metric"]).description
    'the primary metric, exactly one'
    """
    model = MODELS.get(key_of(kind))
    if model is None:
        return None
    found: Mapping[str, Any] | None = _resolved({"$ref": f"#/$defs/{model.__name__}"})
    required = False
    for step in path:
        required = step in _inner(found).get("required", ()) if found is not None else False
        found = _step(found, step) if found is not None else None
    if found is None:
        return None
    return Help(
        str(found.get("description", "")),
        tuple(_written(e) for e in found.get("examples", ())),
        tuple(_inner(found).get("properties", ())),
        tuple(dict.fromkeys(map(_written, found.get("enum", ())))),
        _type(found),
        _written(found["default"]) if found.get("default") not in (None, "", [], {}) else "",
        required,
    )


def paths_of(kind: str) -> Iterator[str]:
    """The dotted path of every field of a kind of document; ``NAME`` is a key that the house chooses."""
    model = MODELS[key_of(kind)]
    yield from _paths(_resolved({"$ref": f"#/$defs/{model.__name__}"}), (), ())


def _paths(part: Mapping[str, Any], at: tuple[str, ...], through: tuple[int, ...]) -> Iterator[str]:
    inside = _inner(part)
    keys = dict(inside.get("properties", {}))
    if isinstance(inside.get("additionalProperties"), Mapping) and _inner(
        _resolved(inside["additionalProperties"])
    ).get("properties"):
        keys["NAME"] = inside["additionalProperties"]
    for key, found in keys.items():
        yield ".".join((*at, key))
        # A model that holds itself is walked once.
        if id(found) not in through:
            yield from _paths(_resolved(found), (*at, key), (*through, id(found)))


def _inner(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands inside a list, or the part itself: in a path, the items of a list have no number."""
    items = part.get("items")
    return _inner(_resolved(items)) if isinstance(items, Mapping) else part


def _written(value: Any) -> str:
    """A value as YAML would have it in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


# What JSON Schema calls a value, in a reader's words.
TYPES = {
    ("string",): "text",
    ("string", "number", "boolean"): "text",
    ("number", "string"): "number",
    ("integer", "string"): "whole number",
    ("boolean", "string"): "yes or no",
    ("string", "array"): "three amounts",
}


def _type(part: Mapping[str, Any]) -> str:
    forms = [f for f in part.get("anyOf", ()) if f.get("type") != "null"]
    if len(forms) > 1 and "type" not in part:
        return " or ".join(dict.fromkeys(_type(_resolved(f)) for f in forms))
    if "enum" in part:
        return "a word"
    if part.get("type") == "array" and isinstance(part.get("items"), Mapping):
        return f"list of {_type(_resolved(part['items']))}"
    if part.get("type") == "object":
        inner = part.get("additionalProperties")
        return f"name to {_type(_resolved(inner))}" if isinstance(inner, Mapping) and inner else "mapping"
    kind = part.get("type", "any")
    named = tuple(k for k in kind if k != "null") if isinstance(kind, list) else (str(kind),)
    return TYPES.get(named, " or ".join(named))


@cache
def _whole() -> dict[str, Any]:
    return schema()


def _resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references and take the form that is not null; words beside a reference win over its own."""
    if "$ref" in part:
        target = _whole()["$defs"][str(part["$ref"]).rsplit("/", 1)[-1]]
        return {**_resolved(target), **{k: v for k, v in part.items() if k != "$ref"}}
    for form in part.get("anyOf", ()):
        if form.get("type") != "null":
            return {**_resolved(form), **{k: v for k, v in part.items() if k != "anyOf"}}
    return part


def _step(part: Mapping[str, Any], step: str | int) -> Mapping[str, Any] | None:
    if isinstance(step, int):
        inner = part.get("items")
    else:
        part = _inner(part)
        inner = part.get("properties", {}).get(step, part.get("additionalProperties"))
    return _resolved(inner) if isinstance(inner, Mapping) else None
