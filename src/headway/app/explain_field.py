"""Fields and kinds of document: type, meaning, default, allowed values, example, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from headway.app.explanation import Candidate, Explanation, Rows, facts
from headway.portfolio.kinds import ARTICLES, MODELS, key_of, kind_of
from headway.portfolio.schema import schema

_TYPES = {
    ("string",): "text",
    ("string", "number", "boolean"): "text",
    ("number", "string"): "number",
    ("integer", "string"): "whole number",
    ("boolean", "string"): "yes or no",
    ("string", "array"): "three amounts: P10, P50, P90",
}
_DEEPEST = 5
Part = Mapping[str, Any]


@cache
def _whole() -> dict[str, Any]:
    return schema()


@cache
def fields() -> dict[str, tuple[Part, bool]]:
    """Every field as ``kind.path.key``, with its schema and whether it is required."""
    return {path: found for kind in MODELS for path, found in _of_kind(kind)}


def _of_kind(key: str) -> Iterator[tuple[str, tuple[Part, bool]]]:
    yield from _below(_whole()["$defs"][MODELS[key].__name__], kind_of(key), 0)


def _below(model: Part, path: str, deep: int) -> Iterator[tuple[str, tuple[Part, bool]]]:
    for name, field in model.get("properties", {}).items():
        here = f"{path}.{name}"
        yield here, (field, name in model.get("required", ()))
        for inner in _models(field) if deep < _DEEPEST else ():
            yield from _below(inner, here, deep + 1)


def _models(field: Part) -> Iterator[Part]:
    """The models inside a field: its own, those of its items, and those of its values."""
    if "$ref" in field:
        yield _whole()["$defs"][str(field["$ref"]).rsplit("/", 1)[-1]]
    for key in ("anyOf", "allOf"):
        for form in field.get(key, ()):
            yield from _models(form)
    for key in ("items", "additionalProperties"):
        if isinstance(field.get(key), Mapping):
            yield from _models(field[key])


def kind(name: str) -> Explanation | None:
    """A kind of document, in the singular or the plural, with its keys."""
    known = {kind_of(k): k for k in MODELS}
    named = name if name in known else name.removesuffix("s")
    if named not in known or not named:
        return None
    key = known[named]
    model = _whole()["$defs"][MODELS[key].__name__]
    rows = tuple(
        (field + (" *" if field in model.get("required", ()) else ""), type_of(part), _text(part))
        for field, part in model["properties"].items()
    )
    first = "headway: 1" if key == "headway" else f"{key}: NAME"
    example = next(iter(model["properties"][key].get("examples", ())), "")
    return Explanation(
        "kind",
        named,
        f"a kind of document: {ARTICLES[key]}",
        _text(model),
        facts(
            [("begins with", first), ("example", f"{key}: {example}" if example and key != "headway" else "")]
        ),
        (Rows("keys; those with * are required", ("key", "is", "means"), rows),),
        see=(f"headway explain {named}.{list(model['properties'])[-1]}", "headway export schema"),
    )


def field(path: str) -> Explanation | None:
    """A field by its full path, which begins with the kind."""
    head, _, rest = path.partition(".")
    path = f"{kind_of(key_of(head))}.{rest}"
    known = fields().get(path)
    if known is None:
        return None
    part, required = known
    keys = [key for model in _models(part) for key in model.get("properties", {})]
    named = facts(
        [
            ("is", type_of(part)),
            ("required", "yes" if required else "no"),
            ("default", _default(part)),
            ("one of", ", ".join(_choices(part))),
            ("example", _example(part, rest)),
            ("keys inside", ", ".join(dict.fromkeys(keys))),
            ("read by", ", ".join(_readers(path)) or "no shipped gate row"),
        ]
    )
    return Explanation("field", path, _text(part) or "a field", facts=named, see=_see(path, keys))


def _see(path: str, keys: list[str]) -> tuple[str, ...]:
    inside = (f"headway explain {path}.{keys[0]}",) if keys else ()
    return (*inside, f"headway explain {path.rpartition('.')[0]}")


def matching(name: str) -> list[Candidate]:
    """The fields whose path ends with a name."""
    ends = [p for p in fields() if p == name or p.endswith(f".{name}")]
    return [Candidate(p, f"field: {_text(fields()[p][0])}") for p in ends]


def type_of(part: Part) -> str:
    """What a value is, in a reader's words."""
    forms = [f for f in part.get("anyOf", ()) if f.get("type") != "null"]
    if forms:
        return " or ".join(dict.fromkeys(type_of(form) for form in forms))
    if "$ref" in part:
        found = _whole()["$defs"][str(part["$ref"]).rsplit("/", 1)[-1]]
        return "a mapping with keys" if "properties" in found else type_of(found)
    if "enum" in part:
        return "a word" if len(part["enum"]) > 1 else "a fixed word"
    if part.get("type") == "array" and "items" in part:
        return f"a list of {type_of(part['items']).removeprefix('a ')}"
    if part.get("type") == "object":
        inner = part.get("additionalProperties")
        return f"name to {type_of(inner)}" if isinstance(inner, Mapping) and inner else "a mapping"
    kinds = part.get("type", "any")
    named = tuple(k for k in kinds if k != "null") if isinstance(kinds, list) else (str(kinds),)
    return _TYPES.get(named, " or ".join(named))


def _choices(part: Part) -> list[str]:
    forms = [part, *part.get("anyOf", ()), *part.get("allOf", ())]
    if isinstance(part.get("items"), Mapping):
        forms.append(part["items"])
    found = [str(c) for form in forms for c in _at(form).get("enum", ())]
    return list(dict.fromkeys(found))


def _at(form: Part) -> Part:
    if "$ref" not in form:
        return form
    found: Part = _whole()["$defs"][str(form["$ref"]).rsplit("/", 1)[-1]]
    return found


def _default(part: Part) -> str:
    value = part.get("default")
    if value in (None, "", [], {}) or isinstance(value, Mapping):
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _example(part: Part, path: str) -> str:
    for value in part.get("examples", ()):
        if not isinstance(value, Mapping | list):
            return f"{path.rpartition('.')[2]}: {value}"
    return ""


def _text(part: Part) -> str:
    return " ".join(str(part.get("description", "")).split())


def _readers(path: str) -> list[str]:
    from headway.app.explain_row import readers_of_field

    return readers_of_field(path)
