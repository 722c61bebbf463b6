"""What an explanation is made of, so that one face draws all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from headway.kernel.errors import HeadwayError
from headway.kernel.identity import Json

SCHEMA = "headway.explain/1"
WORDS = Path(__file__).parent.parent / "words"


class UnknownWordError(HeadwayError):
    """Nothing is known under the word; the mend line names the nearest that is."""


@dataclass(frozen=True, slots=True)
class Part:
    """A headed list of lines; `verbatim` ones are shown as they stand, such as a query."""

    title: str
    lines: tuple[str, ...]
    verbatim: bool = False

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {"title": self.title, "lines": list(self.lines), "verbatim": self.verbatim}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one word means.

    Attributes:
        kind: what it is: ``code``, ``field``, ``requirement``, ``evidence`` ...; ``several`` where a word
            may mean more than one thing.
        name: the words that lead here again, whatever else bears a like name.
        title: one line.
        text: what it means, in sentences.
        facts: further facts, each under a label.
        parts: lists and queries that belong to it.
        related: what to ask next, each a word that `headway explain` knows.
        record: the record itself as the review has it, where it is one.
    """

    kind: str
    name: str
    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    related: tuple[str, ...] = ()
    record: Mapping[str, Json] | None = None

    def as_json(self, what: str) -> dict[str, Json]:
        """The schema ``headway.explain/1``; `what` is the word as it was asked."""
        return {
            "schema": SCHEMA,
            "what": what,
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "text": self.text,
            "facts": [{"label": label, "text": text} for label, text in self.facts],
            "parts": [p.as_json() for p in self.parts],
            "related": list(self.related),
            "record": None if self.record is None else dict(self.record),
        }


def facts(**told: str) -> tuple[tuple[str, str], ...]:
    """Facts with their labels, without the empty ones; an underscore in a label is a blank."""
    return tuple((label.replace("_", " ").strip(), text) for label, text in told.items() if text)


def listed(title: str, lines: tuple[str, ...] | list[str]) -> tuple[Part, ...]:
    """A part, or none where there are no lines."""
    return (Part(title, tuple(lines)),) if lines else ()


@cache
def words(name: str) -> Mapping[str, Any]:
    """A file of words that is shipped: ``codes``, ``kinds``, ``glossary``, ``statuses``."""
    from headway.portfolio.nodes import to_plain
    from headway.portfolio.yaml import read

    nodes, _ = read((WORDS / f"{name}.yaml").read_bytes(), f"{name}.yaml")
    found: Any = to_plain(nodes[0])
    return dict(found)


def sentence(text: str) -> str:
    """A text as a sentence: a capital first, a full stop last."""
    said = " ".join(text.split())
    return said and f"{said[0].upper()}{said[1:]}" + ("" if said[-1] in ".!?:…" else ".")
