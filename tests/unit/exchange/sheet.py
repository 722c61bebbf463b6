"""A sheet as text, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping

from headway.exchange.columns import Guess, guess_columns
from headway.exchange.entries import Entries, make_entries
from headway.exchange.grid import Grid
from headway.exchange.header import Table, find_table
from headway.exchange.persons import Directory


def grid(text: str) -> Grid:
    """Rows of cells with bars between; a blank line is a blank row."""
    lines = text.strip("\n").split("\n")
    return Grid(tuple(tuple(cell.strip() for cell in line.split("|")) for line in lines), "test")


def table(text: str) -> Table:
    """The list in a sheet."""
    return find_table(grid(text))


def guesses(text: str, told: Mapping[str, str] | None = None) -> dict[str, tuple[str | None, str]]:
    """Header to field and confidence."""
    return {g.header: (g.field, g.confidence) for g in columns(text, told)}


def columns(text: str, told: Mapping[str, str] | None = None) -> tuple[Guess, ...]:
    """What every column was taken for."""
    return guess_columns(table(text), told or {})


def entries(text: str, directory: Directory | None = None, taken: frozenset[str] = frozenset()) -> Entries:
    """The initiatives of a sheet."""
    found = table(text)
    return make_entries(found, guess_columns(found, {}), directory or Directory(), taken)
