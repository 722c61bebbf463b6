"""Fields of documents: by full path, by the end of one, and whole documents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from headway.app.explain.explanation import Explanation, facts, listed, sentence
from headway.app.explain.rows import reading
from headway.app.explain.terms import plain
from headway.portfolio.kinds import ARTICLES, MODELS, key_of
from headway.portfolio.schema import Help, paths_of
from headway.portfolio.schema import explain as of_schema

KINDS = ("portfolio", *(k for k in MODELS if k != "headway"))


def field(what: str) -> Explanation | None:
    """A field by its full path, such as ``initiative.pilot.looks``, or a kind of document."""
    kind, *path = what.split(".")
    found = of_schema(kind, path) if key_of(kind) in MODELS else None
    if found is None:
        return None
    return _field(what, found) if path else _document(kind, found)


def _field(what: str, found: Help) -> Explanation:
    kind = what.partition(".")[0]
    inside = [f"{key}: {_means(f'{what}.{key}')}" for key in found.keys]
    read = reading(what)
    above = what.rpartition(".")[0]
    return Explanation(
        "field",
        what,
        f"{what}: a field of {ARTICLES[key_of(kind)]}",
        sentence(found.description),
        facts(
            type=found.type,
            required="yes" if found.required else "no",
            default=found.default,
            one_of=", ".join(found.choices),
            example=found.examples[0] if found.examples else "",
            read_by_gates=", ".join(read),
        ),
        listed("Keys inside it", inside),
        (*read[:3], above),
    )


def _document(kind: str, found: Help) -> Explanation:
    lines = [f"{key}: {_means(f'{kind}.{key}')}" for key in found.keys]
    first = f"{key_of(kind)}: 1" if kind in ("portfolio", "headway") else f"{kind}: NAME"
    return Explanation(
        "document",
        kind,
        f"{kind}: {ARTICLES[key_of(kind)]}",
        sentence(found.description),
        facts(in_plain_words=plain(kind), begins_with=first),
        listed("Fields", lines),
        tuple(f"{kind}.{key}" for key in found.keys[:3]),
    )


def _means(path: str) -> str:
    kind, *steps = path.split(".")
    found = of_schema(kind, steps)
    return found.description if found else ""


@cache
def every() -> tuple[str, ...]:
    """The full path of every field."""
    return tuple(f"{kind}.{path}" for kind in KINDS for path in paths_of(kind))


def ending(what: str) -> tuple[str, ...]:
    """Fields whose path ends with the words, the shallowest first; a kind in front is no hindrance."""
    found = [path for path in every() if path.endswith(f".{what}")]
    return tuple(sorted(found, key=lambda p: (p.count("."), KINDS.index(p.partition(".")[0]))))


def near(what: str) -> Iterator[str]:
    """Fields spelled nearly so, compared step by step from the end."""
    from difflib import SequenceMatcher

    steps = what.casefold().split(".")
    close = []
    for path in every():
        tail = ".".join(path.split(".")[-len(steps) :])
        likeness = SequenceMatcher(None, ".".join(steps), tail.casefold()).ratio()
        if likeness > 0.8:  # noqa: PLR2004  one letter of a short word, two of a long one
            close.append((-likeness, path.count("."), path))
    yield from (path for _, _, path in sorted(close))
