"""What only a portfolio knows: its requirements, evidence, numbers, initiatives and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from headway.app.check import Checked, check
from headway.app.explain.explanation import Explanation
from headway.app.review import Review, review
from headway.gates.model import OperatingModel
from headway.portfolio.load import Portfolio


@dataclass(frozen=True)
class Here:
    """A portfolio that could be loaded; its sources are read when something asks for the review."""

    portfolio: Portfolio
    model: OperatingModel
    checked: Checked

    @cached_property
    def review(self) -> Review:
        """The whole review.

        Raises:
            HeadwayError: the store is not to be had.
        """
        return review(self.checked)

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """The review as data."""
        return self.review.as_json()

    def said(self, kind: str, name: str, *path: str | int) -> str:
        """File, line and column of a declaration."""
        return str(self.portfolio.place(kind, name, *path))

    def who(self, name: str) -> str:
        """The human name behind a person or seat, with the name of the seat."""
        people = self.portfolio.people
        holder = people.holder(name)
        person = people.person(holder) if holder else None
        return f"{person.name} ({name})" if person and person.name else name


def here(folder: Path, as_of: str | None = None) -> Here | None:
    """The portfolio in a folder, or None where it cannot be loaded.

    Raises:
        ValueError: `as_of` is no moment.
    """
    found = check(folder, as_of)
    if found.portfolio is None or found.model is None:
        return None
    return Here(found.portfolio, found.model, found)


def within(word: str, folder: Path, as_of: str | None) -> tuple[Explanation, ...]:
    """Everything in a portfolio that a word may mean."""
    from headway.app.explain import evidence, numbers, requirement, subjects

    place = here(folder, as_of)
    if place is None:
        return ()
    found = (*requirement.find(place, word), *subjects.find(place, word))
    return found or evidence.find(place, word) or numbers.find(place, word)


def named(folder: Path) -> tuple[str, ...] | None:
    """Every name of a portfolio that can be explained, no source read; None where it cannot be loaded."""
    place = here(folder)
    if place is None:
        return None
    declared = place.portfolio
    people = sorted(declared.people.names())
    rows = [row.id for row in place.model.rows]
    return (
        *declared.initiatives,
        *declared.outcomes,
        *declared.sources,
        *declared.components,
        *people,
        *rows,
    )
