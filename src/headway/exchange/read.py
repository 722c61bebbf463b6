"""A list from a file, whatever its format."""

from __future__ import annotations

from pathlib import Path

from headway.exchange.delimited import read_delimited
from headway.exchange.grid import MAX_BYTES, Grid, NotATable
from headway.exchange.workbook import OLD_OR_LOCKED, ZIP, read_workbook


def read_list(file: Path, sheet: str | None = None) -> Grid:
    """Read the rows of a list; the bytes say what it is, not the name.

    Raises:
        NotATable: HW121 to HW125, what is wrong with it.
    """
    content = _bytes(file)
    if content.startswith(OLD_OR_LOCKED):
        what = "the workbook has a password, or is an .xls of before 2007"
        raise NotATable("HW121", what, "save it as .xlsx without a password, or as CSV")
    if content.startswith(ZIP):
        grid = read_workbook(content, sheet)
    elif sheet is not None:
        raise NotATable("HW125", "a text file has no sheets", "leave --sheet away")
    else:
        grid = read_delimited(content)
    if not any(cell for row in grid.rows for cell in row):
        raise NotATable("HW123", "the list is empty", "name a file with one row per initiative")
    return grid


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as fault:
        raise NotATable("HW121", f"the file cannot be opened: {fault.strerror}", "correct the path") from None
    if len(content) > MAX_BYTES:
        what = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
        raise NotATable("HW122", what, "copy the rows of the list alone into a new file")
    return content
