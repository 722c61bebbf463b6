"""A list of initiatives as portfolio files: what was understood of it, and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headway.exchange.columns import Guess, guess_columns
from headway.exchange.entries import Entries, make_entries
from headway.exchange.fields import BY_NAME
from headway.exchange.grid import NotATable
from headway.exchange.header import find_table
from headway.exchange.persons import Directory
from headway.exchange.read import read_list
from headway.kernel.identity import Json

_SHOWN = 6
# Whose move a gap is; else it is the accountable person's.
_MOVES = {
    "outcome": "sponsor",
    "accountable": "sponsor",
    "risk": "risk manager",
    "risk_manager": "risk manager",
    "budget": "finance",
    "finance_partner": "finance",
}


@dataclass(frozen=True, slots=True)
class Intake:
    """What a list gave.

    Attributes:
        file: its name.
        read_as: how the bytes were understood.
        sheet: the sheet, where there are several.
        header_rows: the rows that the headers stand in.
        columns: what each column was taken for.
        found: the initiatives, and what was left.
        remarks: what a reader should know.
    """

    file: str
    read_as: str
    sheet: str
    header_rows: tuple[int, ...]
    columns: tuple[Guess, ...]
    found: Entries
    remarks: tuple[str, ...]

    def gaps(self) -> dict[str, int]:
        """Field to the number of initiatives that do not have it."""
        counted = Counter(gap for e in self.found.entries for gap in e.gaps)
        return dict(counted.most_common())


def take_in(
    file: Path, directory: Directory, told: Mapping[str, str], sheet: str | None = None,
    taken: frozenset[str] = frozenset(),
) -> Intake:  # fmt: skip
    """Read a list.

    Args:
        file: CSV or XLSX.
        directory: people known so far; those of the list are entered.
        told: header to field, or `-`.
        sheet: the sheet of a workbook; by default the largest.
        taken: names of initiatives that are used already.

    Raises:
        NotATable: HW121 to HW125, what is wrong with it.
    """
    grid = read_list(file, sheet)
    table = find_table(grid)
    columns = guess_columns(table, told)
    found = make_entries(table, columns, directory, taken)
    if not found.entries:
        raise NotATable("HW123", "no row of the list has a name", "write --map 'HEADER=title' for the names")
    return Intake(file.name, grid.read_as, grid.sheet, table.header_rows, columns, found, grid.remarks)


def asked(made: Intake) -> tuple[str, ...]:
    """What a person should confirm or answer, one sentence each; nothing was assumed meanwhile."""
    found = []
    for one in made.columns:
        if one.confidence == "guess" and one.field:
            away = f"--map '{one.header}=-' leaves it away"
            found.append(
                f"Is '{one.header}' {BY_NAME[one.field].means}? It was taken for it ({one.why}); {away}."
            )
    for words in made.found.words:
        strange = [(w, n) for w, n, read in words.read if w and read is None]
        if strange:
            shown = ", ".join(f"'{w}' ({n})" for w, n in strange[:_SHOWN])
            more = f" and {len(strange) - _SHOWN} more" if len(strange) > _SHOWN else ""
            found.append(f"Which {words.field} is meant by {shown}{more}? It was left open.")
    listed = {words.field for words in made.found.words}
    for name, count in made.found.unread.items():
        if name not in listed:
            header = next(g.header for g in made.columns if g.field == name)
            cells = "does 1 cell" if count == 1 else f"do {count:,} cells"
            found.append(f"What {cells} of '{header}' say? Kept in the file, beside the gap '{name}'.")
    return tuple(found)


def as_json(made: Intake) -> dict[str, Json]:
    """The part `list` of the schema ``headway.init/1``."""
    return {
        "file": made.file,
        "read_as": made.read_as,
        "sheet": made.sheet,
        "header_rows": list(made.header_rows),
        "initiatives": len(made.found.entries),
        "columns": [
            {
                "header": g.header,
                "field": g.field,
                "confidence": g.confidence,
                "why": g.why,
                "filled": g.filled,
                "samples": list(g.samples),
            }
            for g in made.columns
        ],
        "words": [
            {
                "field": w.field,
                "header": w.header,
                "read": [{"word": word, "rows": n, "as": read} for word, n, read in w.read],
            }
            for w in made.found.words
        ],
        "gaps": [
            {"field": f, "initiatives": n, "move": _MOVES.get(f, "accountable")}
            for f, n in made.gaps().items()
        ],
        "asked": list(asked(made)),
        "twice": [
            {"title": d.title, "rows": list(d.rows), "ids": list(d.ids)} for d in made.found.duplicates
        ],
        "left_out": [{"row": r.number, "text": r.text, "why": r.why} for r in made.found.left_out],
        "remarks": list(made.remarks),
    }
