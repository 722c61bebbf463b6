"""A sheet of a workbook, without running anything in it and without trusting its size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from headway.exchange.grid import Grid, NotATable, within_limits

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ZIP = b"PK\x03\x04"
# What a workbook with a password is wrapped in, and what .xls is.
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED = 300_000_000
MAX_PARTS = 5_000
_PROLOG = 4_096


def read_workbook(content: bytes, sheet: str | None = None) -> Grid:
    """Read one sheet: merged cells filled, dates as ISO text, formulas as they are written.

    Args:
        content: an .xlsx file.
        sheet: the sheet's name; by default the one with most cells.

    Raises:
        NotATable: HW121 it cannot be opened; HW122 it is too large; HW125 it has no such sheet.
    """
    _unpackable(content)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
    # A damaged workbook fails in as many ways as it has parts.
    except Exception as fault:  # noqa: BLE001
        what = f"the workbook cannot be opened: {type(fault).__name__}"
        raise NotATable(
            "HW121", what, "open and save it in a spreadsheet program, or save it as CSV"
        ) from None
    page = _chosen(book.worksheets, sheet)
    within_limits(page.max_row or 0, page.max_column or 0)
    cells = [list(row) for row in page.iter_rows(values_only=True)]
    for block in page.merged_cells.ranges:
        _fill(cells, block.bounds)
    rows = tuple(tuple(map(as_text, row)) for row in cells)
    formulas = sum(cell.startswith("=") for row in rows for cell in row)
    held = f"{formulas} cell holds a formula" if formulas == 1 else f"{formulas} cells hold formulas"
    remarks = (f"{held}, kept as written",) if formulas else ()
    return Grid(rows, "XLSX", page.title, remarks)


def _unpackable(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            unpacked = sum(p.file_size for p in parts)
            if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
                what = f"the workbook unpacks to {unpacked // 1_000_000:,} MB in {len(parts):,} parts"
                raise NotATable("HW122", what, "copy the rows of the list alone into a new workbook")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _declares_entities(packed, part):
                    what = (
                        f"'{part.filename}' in the workbook declares entities, which can grow without bound"
                    )
                    raise NotATable("HW122", what, "save it again in a spreadsheet program")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as fault:
        what = f"the workbook is damaged: {fault}"
        raise NotATable("HW121", what, "save it again in a spreadsheet program, or as CSV") from None


def _declares_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with packed.open(part) as stream:
        return b"<!DOCTYPE" in stream.read(_PROLOG).replace(b"\x00", b"")


def _chosen(pages: Sequence[Worksheet], sheet: str | None) -> Worksheet:
    names = ", ".join(f"'{p.title}'" for p in pages)
    if not pages:
        raise NotATable("HW123", "the workbook has no sheet with cells", "name another file")
    if sheet is None:
        return max(pages, key=lambda p: (p.max_row or 0) * (p.max_column or 0))
    named = next((p for p in pages if p.title.casefold() == sheet.strip().casefold()), None)
    if named is None:
        raise NotATable("HW125", f"no sheet is called '{sheet}'", f"write --sheet with one of: {names}")
    return named


def _fill(cells: list[list[Any]], bounds: tuple[int, int, int, int]) -> None:
    """Give every cell of a merged block what its first cell holds."""
    left, top, right, bottom = bounds
    for row in range(top - 1, min(bottom, len(cells))):
        for column in range(left - 1, min(right, len(cells[row]))):
            cells[row][column] = cells[top - 1][left - 1]


def as_text(value: object) -> str:
    """A cell's value as a person would type it.

    >>> as_text(datetime(2026, 3, 31)), as_text(80000.0), as_text(0.1), as_text(None)
    ('2026-03-31', '80000', '0.1', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() if value.time() == time.min:
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()
