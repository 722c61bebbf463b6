"""Where the table begins and ends in a sheet: titles above it, one or two lines of headers, totals below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headway.exchange.fields import header_words, known_headers
from headway.exchange.grid import Grid, NotATable

_LOOKED_AT = 25
_LONGEST_HEADER = 80
_NUMERIC = re.compile(r"^[\d\s.,:/%€$£+-]+$")
_TOTAL = re.compile(
    r"^(grand )?(total|totals|sum|subtotal|summe|gesamt\w*|insgesamt|zwischensumme|anzahl)\b", re.IGNORECASE
)
_FOOT = re.compile(
    r"^(source|quelle|notes?|hinweis)\s*:|^(stand|as of|created|erstellt|printed)\b.*\d|^\*", re.IGNORECASE
)
# Rows this close to the end may be totals or footnotes.
_TAIL = 3
_FEW_CELLS = 2
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: its number in the sheet, and its cells by position of the column."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no initiative, and why."""

    number: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """The list itself.

    Attributes:
        headers: unique names of the columns.
        rows: the rows below them that hold something.
        header_rows: numbers of the rows the headers stand in.
        left_out: rows above and below that are no part of it.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    header_rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


def find_table(grid: Grid) -> Table:
    """Find header and rows.

    Raises:
        NotATable: HW123, there is a header and nothing below it.
    """
    rows = [Row(at, cells) for at, cells in enumerate(grid.rows, 1) if any(cells)]
    width = max(len(row.cells) for row in rows)
    rows = [Row(r.number, (*r.cells, *("",) * (width - len(r.cells)))) for r in rows]
    used = [c for c in range(width) if any(r.cells[c] for r in rows)]
    rows = [Row(r.number, tuple(r.cells[c] for c in used)) for r in rows]
    first, lines = _header(rows)
    labels = _labels(rows[first : first + lines])
    body, tail = _without_tail(rows[first + lines :])
    if not body:
        raise NotATable(
            "HW123", "the list has a header and no rows", "name a file with one row per initiative"
        )
    titles = [LeftOut(r.number, _first(r), "above the header") for r in rows[:first]]
    kept = [c for c, label in enumerate(labels) if label or any(r.cells[c] for r in body)]
    return Table(
        _unique([labels[c] for c in kept]),
        tuple(Row(r.number, tuple(r.cells[c] for c in kept)) for r in body),
        tuple(r.number for r in rows[first : first + lines]),
        (*titles, *tail),
    )


def _header(rows: Sequence[Row]) -> tuple[int, int]:
    """Position of the header and how many lines it has: the row whose cells read most like headers."""
    best, found = -1.0, (0, 1)
    for at in range(min(_LOOKED_AT, len(rows))):
        score = _likeness(rows[at].cells)
        if score > best:
            best, found = score, (at, 1)
        if at + 1 < len(rows) and _two_lines(rows[at].cells, rows[at + 1].cells):
            score = _likeness(_labels(rows[at : at + 2]))
            if score > best:
                best, found = score, (at, 2)
    return found


def _likeness(cells: Sequence[str]) -> float:
    filled = [c for c in cells if c]
    names = set(filled)
    if not names:
        return 0.0
    known = sum(_known(c) for c in names)
    worded = sum(len(c) <= _LONGEST_HEADER and not _NUMERIC.match(c) for c in names)
    return len(names) / len(cells) + 2 * known / len(cells) + 0.5 * worded / len(filled) + 0.2 * (known > 1)


def _known(cell: str) -> bool:
    words = header_words(cell)
    return words in known_headers() or any(
        header_words(part) in known_headers() for part in cell.split(" / ")
    )


def _two_lines(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether a row groups the headers below it: it has gaps, or repeats, where the lower row has words."""
    words = [c for c in lower if c]
    known = sum(_known(c) for c in words)
    groups = len({c for c in upper if c})
    if groups < _SEVERAL or known < min(_SEVERAL, len(words)) or any(_NUMERIC.match(c) for c in words):
        return False
    repeats = sum(bool(u) and u == before for before, u in pairwise(upper))
    gaps = sum(not u and bool(low) for u, low in zip(upper, lower, strict=True))
    return repeats + gaps > 0


def _labels(lines: Sequence[Row]) -> tuple[str, ...]:
    """One name per column; a group's word reaches to the right until the next one begins."""
    clean = [[" ".join(c.split()) for c in line.cells] for line in lines]
    if len(clean) == 1:
        return tuple(clean[0])
    group, made = "", []
    for upper, lower in zip(*clean, strict=True):
        group = upper or group
        if not lower or lower == upper:
            made.append(upper or lower)
            group = "" if upper and not lower else group
        else:
            made.append(f"{group} / {lower}" if group else lower)
    return tuple(made)


def _unique(labels: Sequence[str]) -> tuple[str, ...]:
    """Every column under a name of its own, so that `--map` can name it."""
    seen: Counter[str] = Counter()
    made = []
    for at, label in enumerate(labels, 1):
        name = label or f"column {at}"
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(made)


def _without_tail(rows: Sequence[Row]) -> tuple[list[Row], list[LeftOut]]:
    """The rows, and apart from them totals and footnotes at the end."""
    body, tail = list(rows), list[LeftOut]()
    while body and len(tail) < _TAIL and (why := _tail_word(body[-1])):
        tail.append(LeftOut(body[-1].number, _first(body[-1]), why))
        body.pop()
    return body, tail[::-1]


def _tail_word(row: Row) -> str:
    filled = list(_filled(row))
    rest = filled[1:]
    if _TOTAL.match(filled[0]) and all(_NUMERIC.match(c) or c.startswith("=") for c in rest):
        return "a total"
    if len(row.cells) > _FEW_CELLS and len(filled) == 1 and _FOOT.match(filled[0]):
        return "a note below the list"
    if len(filled) < len(row.cells) and all(c.startswith("=") for c in filled):
        return "a total"
    return ""


def _filled(row: Row) -> Iterator[str]:
    return (c for c in row.cells if c)


def _first(row: Row) -> str:
    return " ".join(next(_filled(row)).split())[:_LONGEST_HEADER]
