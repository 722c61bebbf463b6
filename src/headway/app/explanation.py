"""What an explanation is made of, whatever it explains: a text, named facts, tables, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.kernel.identity import Json


@dataclass(frozen=True, slots=True)
class Named:
    """One fact about what is explained, under a name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table under a title."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing explained.

    Attributes:
        kind: what it is: code, field, requirement, evidence ...
        name: the word that asks for it.
        title: one line that says what it is.
        text: what it means, in full.
        facts: what is known of it, in the order a reader wants it; those without a text are left out.
        tables: what takes rows.
        query: the text of the query behind a number; empty elsewhere.
        see: what to ask or run next.
    """

    kind: str
    name: str
    title: str
    text: str = ""
    facts: tuple[Named, ...] = ()
    tables: tuple[Rows, ...] = ()
    query: str = ""
    see: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "text": self.text,
            "facts": [{"name": f.name, "text": f.text} for f in self.facts if f.text],
            "tables": [
                {"title": t.title, "columns": list(t.columns), "rows": [list(r) for r in t.rows]}
                for t in self.tables
                if t.rows
            ],
            "query": self.query,
            "see": list(self.see),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a word may mean, and the words that mean it alone."""

    ask: str
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for a word.

    Attributes:
        found: the explanations; several only where one number stands at several places.
        candidates: what it may mean, where it is ambiguous, or means something else besides.
        near: the nearest names, where nothing was found.
        hint: what would have to be given for more to be known.
    """

    asked: str
    found: tuple[Explanation, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    near: tuple[str, ...] = ()
    hint: str = ""

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.explain/1``."""
        return {
            "schema": "headway.explain/1",
            "asked": self.asked,
            "found": [f.as_json() for f in self.found],
            "candidates": [{"ask": c.ask, "title": c.title} for c in self.candidates],
            "near": list(self.near),
            "hint": self.hint,
        }


def facts(named: Sequence[tuple[str, object]]) -> tuple[Named, ...]:
    """Facts from pairs; what is empty is left out.

    >>> facts([("unit", "EUR"), ("metric", None)])
    (Named(name='unit', text='EUR'),)
    """
    return tuple(Named(name, str(text)) for name, text in named if text not in (None, "", (), []))
