"""Which column holds what: guessed from header and cells, each guess with its reason and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from headway.exchange import values
from headway.exchange.fields import BY_NAME, FIELDS, Field, header_words
from headway.exchange.grid import NotATable
from headway.exchange.header import Table
from headway.exchange.persons import persons

SAMPLES = 3
_LOOKED_AT = 200
_MOST_OF_THEM = 0.8
_HALF = 0.5
_FEWEST = 3
_SHORT = 120
_UNSURE = 3
_LINK = re.compile(r"^(https?://|www\.)\S+$")
_DIGITS = re.compile(r"\d")

LEFT_AWAY = "-"


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column is taken for.

    Attributes:
        header: the column.
        field: the field it fills; None: it is kept as comments; `-`: it was left away on purpose.
        confidence: told (by `--map`), sure, likely or guess; empty without a field.
        why: the reason, in words.
        filled: how many rows say something.
        samples: a few of its values.
    """

    header: str
    field: str | None
    confidence: str
    why: str
    filled: int
    samples: tuple[str, ...]


_FITS: dict[str, Callable[[str], bool]] = {
    "stage": lambda c: values.stage(c) is not None or values.status(c) is not None,
    "status": lambda c: values.status(c) is not None,
    "tier": lambda c: values.tier(c) is not None,
    "person": lambda c: persons(c) is not None,
    "money": lambda c: bool(_DIGITS.search(c)),
    "rate": lambda c: bool(_DIGITS.search(c)),
    "link": lambda c: bool(_LINK.match(c)),
    "short": lambda c: len(c) <= _SHORT,
    "text": bool,
}
# Shapes that say by themselves what a column is, whatever its header.
_TELLING = {"stage": "stage", "person": "accountable", "link": "links"}
_MAIL = re.compile(r"\S@\S+\.\S")


def guess_columns(table: Table, told: Mapping[str, str]) -> tuple[Guess, ...]:
    """Say for every column what it holds; a field is filled by one column.

    Args:
        table: the list.
        told: header to field, or `-`, from `--map`; it wins over every guess.

    Raises:
        NotATable: HW125, no such header or field; HW124, no column can name the initiatives.
    """
    fixed = _told(table, told)
    cells = [_said(table, at) for at in range(len(table.headers))]
    ranked = sorted(
        (
            (_sureness(table.headers[at], cells[at], f), -order, -at)
            for at in range(len(table.headers))
            if at not in fixed
            for order, f in enumerate(FIELDS)
            if f.name not in fixed.values()
        ),
        reverse=True,
    )
    taken: dict[int, tuple[Field, float]] = {}
    for score, order, at in ranked:
        one = FIELDS[-order]
        if score > 0 and -at not in taken and one.name not in {f.name for f, _ in taken.values()}:
            taken[-at] = (one, score)
    made = [_guess(table, at, cells[at], fixed.get(at), taken.get(at)) for at in range(len(table.headers))]
    return _named(made, cells, len(table.rows))


def _told(table: Table, told: Mapping[str, str]) -> dict[int, str]:
    fixed: dict[int, str] = {}
    for header, name in told.items():
        at = next(
            (i for i, h in enumerate(table.headers) if header.strip() in (h, h.rpartition(" / ")[2])), None
        )
        if at is None:
            known = ", ".join(f"'{h}'" for h in table.headers)
            raise NotATable("HW125", f"--map: the list has no column '{header}'", f"its columns are {known}")
        if name != LEFT_AWAY and name not in BY_NAME:
            known = ", ".join(BY_NAME)
            raise NotATable("HW125", f"--map: no field is called '{name}'", f"write one of {known}, or -")
        if name != LEFT_AWAY and name in fixed.values():
            mend = "map one of the two columns, and leave the other to comments"
            raise NotATable("HW125", f"--map: '{name}' is given to two columns", mend)
        fixed[at] = name
    return fixed


def _said(table: Table, at: int) -> list[str]:
    return [row.cells[at] for row in table.rows if not values.blank(row.cells[at])]


def _sureness(header: str, cells: Sequence[str], one: Field) -> float:
    """0 for no, to 9 for an exact header whose cells fit."""
    words = [header_words(header), header_words(header.rpartition(" / ")[2])]
    rank = next((one.headers.index(w) for w in words if w in one.headers), None)
    hinted = any(f" {hint} " in f" {words[0]} " for hint in one.hints)
    if rank is None and not hinted and _TELLING.get(one.shape) != one.name:
        return 0.0
    looked_at = cells[:_LOOKED_AT]
    fit = sum(map(_FITS[one.shape], looked_at)) / len(looked_at) if looked_at else 0.0
    if rank is not None and (fit >= _HALF or not looked_at):
        return 9 - rank / 100 - (fit < _MOST_OF_THEM) - 2 * (not looked_at)
    if hinted and fit >= _MOST_OF_THEM and one.name not in ("id", "title"):
        return 5 - 2 * (one.name == "problem" and "problem" not in words[0])
    telling = _TELLING.get(one.shape) == one.name and len(looked_at) >= _FEWEST
    if telling and fit >= _MOST_OF_THEM and rank is None and _beyond_doubt(one, looked_at):
        return 2 + fit / 10
    return 4 if hinted and one.name == "title" and fit >= _MOST_OF_THEM else 0.0


def _beyond_doubt(one: Field, cells: Sequence[str]) -> bool:
    """Two capitalised words may be anything; only an address makes a person of them without a header."""
    return one.shape != "person" or all(_MAIL.search(c) for c in cells)


def _guess(
    table: Table, at: int, cells: Sequence[str], told: str | None, taken: tuple[Field, float] | None
) -> Guess:
    header = table.headers[at]
    samples = tuple(dict.fromkeys(" ".join(c.split()) for c in cells))[:SAMPLES]
    if told is not None:
        return Guess(header, told, "told", "you said so", len(cells), samples)
    if taken is None:
        return Guess(header, None, "", "no field of ours", len(cells), samples)
    one, score = taken
    if score > 6:  # noqa: PLR2004 - see _sureness
        sure = "sure" if score > 8 else "likely"  # noqa: PLR2004 - as above
        return Guess(header, one.name, sure, f"the header means {one.means}", len(cells), samples)
    if score > _UNSURE:
        return Guess(
            header, one.name, "likely", "a word in the header, and the cells fit", len(cells), samples
        )
    by = "a word in the header" if score == _UNSURE else "the cells look like it"
    return Guess(header, one.name, "guess", by, len(cells), samples)


def _named(made: list[Guess], cells: Sequence[Sequence[str]], rows: int) -> tuple[Guess, ...]:
    """Make sure that one column names the initiatives: else the first of short, different texts."""
    if any(g.field == "title" for g in made):
        return tuple(made)
    for at, guess in enumerate(made):
        short = all(len(c) <= _SHORT and not c.replace(".", "").isdigit() for c in cells[at])
        if guess.field in (None, "id") and short and rows and len(set(cells[at])) > _MOST_OF_THEM * rows:
            made[at] = replace(
                guess, field="title", confidence="guess", why="short texts, nearly all different"
            )
            return tuple(made)
    known = ", ".join(f"'{g.header}'" for g in made)
    raise NotATable(
        "HW124",
        "no column can be told to name the initiatives",
        f"write --map 'HEADER=title'; columns: {known}",
    )
