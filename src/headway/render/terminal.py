"""What every face on a terminal shares: a console that is only a page of text, styles, and clean words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from headway.render.base import Record
from headway.render.glossary import mark

# From here a table has room for its columns; below, each row is a small paragraph.
ROOMY = 100
_STYLES = {"met": "green", "waived": "cyan", "inconclusive": "yellow", "missing": "dim", "missed": "red"}
# Stands for a blank at which no line may end; Rich breaks at the usual one.
_GLUE = "\ue000"
_KEPT = re.compile(r" (?=%)|(?<=\bgrade) (?=[A-D]\b)|(?<=\bn) (?=\d)")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def drawn(width: int, draw: Callable[[Console], None], *, colour: bool) -> str:
    """What a function prints on a console of a width, without blanks at the ends of lines."""
    console = Console(
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as capture:
        draw(console)
    return "\n".join(line.rstrip() for line in capture.get().replace(_GLUE, " ").splitlines())


def glued(words: str) -> str:
    """Words that keep a number and its sign, and a grade and its letter, on one line."""
    return _KEPT.sub(_GLUE, words)


def state_text(state: str) -> Text:
    """A state with mark and word, and a colour where colours are on."""
    return Text(mark(state), style=_STYLES.get(state, "dim"))


def style_of(state: str) -> str:
    """The colour of a state."""
    return _STYLES.get(state, "dim")


def paragraph(console: Console, words: Text | str, indent: int = 0, hang: int = 0, style: str = "") -> None:
    """Print a paragraph whose further lines hang under its words.

    Args:
        console: where.
        words: what.
        indent: columns before the first line.
        hang: columns that further lines stand deeper.
        style: for all of it.
    """
    text = words if isinstance(words, Text) else Text(words)
    text.plain = glued(text.plain)
    text.stylize(style)
    lines = text.wrap(console, max(console.width - indent - hang, 8))
    for at, line in enumerate(lines):
        line.rstrip()
        console.print(Padding(line, (0, 0, 0, indent + (hang if at else 0))), no_wrap=True, overflow="ignore")


def folded(words: Sequence[str], most: int) -> str:
    """A list of names, the last of a long one counted only.

    >>> folded(["a", "b", "c", "d"], 2)
    'a, b and 2 more'
    """
    if len(words) <= most + 1:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most:,} more"


def cleaned(record: Record) -> dict[str, Any]:
    """The record without characters that move a cursor, ring a bell or turn the line's direction."""
    made: dict[str, Any] = _cleaned(record)
    return made


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(" " if unicodedata.category(c) == "Cc" else c for c in value if c not in _BIDI)
    if isinstance(value, dict):
        return {_cleaned(k): _cleaned(v) for k, v in value.items()}
    return [_cleaned(v) for v in value] if isinstance(value, list | tuple) else value
