"""A sheet as rows of text, and the reasons why one cannot be had."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 50_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Grid:
    """What a sheet holds: every cell as text, blank rows too, so that a row keeps the number people see.

    Attributes:
        rows: cells by row; rows may differ in length.
        read_as: how the bytes were understood, in words.
        sheet: the sheet's name, where the file has sheets.
        remarks: what a reader should know about the cells.
    """

    rows: tuple[tuple[str, ...], ...]
    read_as: str
    sheet: str = ""
    remarks: tuple[str, ...] = ()


class NotATable(Exception):
    """A list that cannot be read, with the code, what is wrong, and what mends it."""

    def __init__(self, code: str, what: str, mend: str) -> None:
        self.code = code
        self.what = what
        self.mend = mend
        super().__init__(what)


def within_limits(rows: int, columns: int) -> None:
    """Refuse what no list of initiatives is.

    Raises:
        NotATable: HW122.
    """
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        most = f"{MAX_ROWS:,} and {MAX_COLUMNS} are the most"
        what = f"the sheet has {rows:,} rows and {columns:,} columns; {most}"
        raise NotATable("HW122", what, "copy the rows of the list alone into a new sheet")
