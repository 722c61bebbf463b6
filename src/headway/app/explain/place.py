"""What only a portfolio knows: its requirements, evidence, numbers, initiatives and people."""

from __future__ import annotations

from pathlib import Path

from headway.app.explain.explanation import Explanation


def within(word: str, folder: Path, as_of: str | None) -> tuple[Explanation, ...]:
    """Everything in a portfolio that a word may mean."""
    return ()


def named(folder: Path) -> tuple[str, ...]:
    """Every name of a portfolio that can be explained."""
    return ()
