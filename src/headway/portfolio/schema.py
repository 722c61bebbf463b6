"""One JSON Schema for every kind of document, from the models themselves; and what it says about one key."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What the schema says about one key: its meaning, examples, keys inside it, and the words it may be."""

    description: str = ""
    examples: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def explain(kind: str, path: Path = ()) -> Help | None:
    """What a key means, or None where the path leads nowhere.

    >>> explain("initiative", ["pilot", "metric"]).description
    'the primary metric, exactly one'
    """
    model = MODELS.get(key_of(kind))
    if model is None:
        return None
    found: Mapping[str, Any] | None = _resolved({"$ref": f"#/$defs/{model.__name__}"})
    for step in path:
        found = _step(found, step) if found is not None else None
    if found is None:
        return None
    return Help(
        str(found.get("description", "")),
        tuple(str(e) for e in found.get("examples", ())),
        tuple(found.get("properties", ())),
        tuple(str(c) for c in found.get("enum", ())),
    )


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
        inner = part.get("properties", {}).get(step, part.get("additionalProperties"))
    return _resolved(inner) if isinstance(inner, Mapping) else None
