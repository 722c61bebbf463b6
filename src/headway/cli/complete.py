"""What a shell offers when a person presses tab.

The person waits, so nothing here loads a portfolio: names are found by the lines they stand on, unchecked.
"""

# ruff: noqa: ARG001  (click hands context and parameter to every completer)

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_NAMED = re.compile(r"^initiative:[ \t]*([a-z0-9][a-z0-9-]*)", re.MULTILINE)
_TITLE = re.compile(r"^title:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_ROW = re.compile(r"^[ \t-]*\{?[ \t]*-?[ \t]*\{?id:[ \t]*([a-z]+(?:\.[a-z0-9_-]+){2})", re.MULTILINE)
_PARTED = re.compile(r"^---", re.MULTILINE)
# As `portfolio/load.py` leaves out; rows of data may be many and large.
_NOT_READ = ("data", "expected")
_MOST_BYTES = 1 << 20


def commands(table: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """Commands from their static table, so that none is imported to be named."""
    return _items(table.items(), incomplete)


def initiatives(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of initiatives below the portfolio's folder, with their titles."""
    return _items(_initiatives(_folder(context)), incomplete)


def requirements(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of requirements: of every shipped operating model, and of rows that the portfolio adds."""
    return _items(_requirements(_folder(context)), incomplete)


def codes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes with their titles."""
    return _items(_codes(), incomplete)


def anything(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whatever has a name: initiatives, requirements and codes."""
    folder = _folder(context)
    return _items((*_initiatives(folder), *_requirements(folder), *_codes()), incomplete)


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    fitting = dict(pair for pair in found if pair[0].startswith(incomplete))
    return [CompletionItem(word, help=said) for word, said in fitting.items()]


def _folder(context: click.Context) -> Path:
    return Path(context.params.get("portfolio") or ".")


def _initiatives(folder: Path) -> Iterator[tuple[str, str]]:
    for text in _texts(folder):
        for document in _PARTED.split(text):
            if named := _NAMED.search(document):
                title = _TITLE.search(document)
                yield named[1], title[1].strip("\"'") if title else ""


def _requirements(folder: Path) -> Iterator[tuple[str, str]]:
    shipped = Path(__file__).resolve().parent.parent / "gates"
    for text in (*_texts(shipped), *_texts(folder)):
        yield from ((row, "") for row in _ROW.findall(text))


def _codes() -> Iterator[tuple[str, str]]:
    from headway.kernel.codes import CODES

    yield from ((code, known.title) for code, known in CODES.items())


def _texts(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _NOT_READ)
        for name in sorted(names):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                try:
                    with Path(here, name).open(encoding="utf-8", errors="replace") as file:
                        yield file.read(_MOST_BYTES)
                except OSError:
                    continue
