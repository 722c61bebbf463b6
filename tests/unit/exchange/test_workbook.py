"""Workbooks are read as a person sees them, and never trusted."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from headway.exchange import workbook
from headway.exchange.grid import MAX_BYTES, NotATable
from headway.exchange.read import read_list
from headway.exchange.workbook import as_text, read_workbook


def book(*sheets: tuple[str, list[list[Any]]], merged: str = "") -> bytes:
    """A workbook of some sheets."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
        if merged:
            page.merge_cells(merged)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def refused(read: Callable[[], object]) -> tuple[str, str]:
    """Code and words of a refusal."""
    with pytest.raises(NotATable) as told:
        read()
    return told.value.code, told.value.what


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 3, 31), "2026-03-31"),  # noqa: DTZ001 - a cell has no zone
        (datetime(2026, 3, 31, 9, 30), "2026-03-31T09:30:00"),  # noqa: DTZ001
        (date(2026, 3, 31), "2026-03-31"),
        (time(9), "09:00:00"),
        (80000.0, "80000"),
        (0.5, "0.5"),
        (True, "yes"),
        (None, ""),
        (" x ", "x"),
        (float("inf"), "inf"),
        ("=A1+B1", "=A1+B1"),
    ],
)
def test_a_value_is_written_as_a_person_would(value: object, text: str) -> None:
    """Dates are ISO, whole numbers have no point, a formula stays what it is."""
    assert as_text(value) == text


def test_merged_cells_hold_for_all_of_them() -> None:
    """A unit that is merged over its rows belongs to each of them."""
    content = book(("a", [["Unit", "Name"], ["Claims", "x"], [None, "y"], [None, "z"]]), merged="A2:A3")
    assert read_workbook(content).rows == (("Unit", "Name"), ("Claims", "x"), ("Claims", "y"), ("", "z"))


def test_the_largest_sheet_is_taken_or_the_one_that_is_named() -> None:
    """A cover sheet is not the list."""
    content = book(("Cover", [["x"]]), ("List", [["Name", "Owner"], ["a", "b"]]))
    assert read_workbook(content).sheet == "List"
    assert read_workbook(content, "cover").rows == (("x",),)
    assert refused(lambda: read_workbook(content, "Liste")) == ("HW125", "no sheet is called 'Liste'")


def test_formulas_are_counted_and_not_run() -> None:
    """What a formula would give is not known here, so it is told."""
    grid = read_workbook(book(("a", [["Name", "Cost"], ["x", "=1+1"], ["y", "=HYPERLINK(1)"]])))
    assert grid.rows[1] == ("x", "=1+1")
    assert grid.remarks == ("2 cells hold formulas, kept as written",)


def test_a_password_is_told(tmp_path: Path) -> None:
    """A workbook with a password is wrapped in the old format, which is not read either."""
    (tmp_path / "a.xlsx").write_bytes(workbook.OLD_OR_LOCKED + b"\0" * 600)
    code, what = refused(lambda: read_list(tmp_path / "a.xlsx"))
    assert (code, what) == ("HW121", "the workbook has a password, or is an .xls of before 2007")


def test_a_damaged_workbook_is_told() -> None:
    """Cut anywhere, or any zip that is no workbook: a fault with a mend, never a traceback."""
    whole = book(("a", [["Name"], ["x"]]))
    for cut in range(4, len(whole) - 1, 97):
        assert refused(lambda end=cut: read_workbook(whole[:end]))[0] == "HW121"  # type: ignore[misc]
    assert refused(lambda: read_workbook(zipped({"a.txt": b"x"}))) == (
        "HW121",
        "the workbook cannot be opened: KeyError",
    )


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip of some parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


def test_a_workbook_that_grows_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb of zeros, of parts, or of entities costs nothing."""
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 10_000)
    assert refused(lambda: read_workbook(zipped({"a.xml": b"0" * 10_001})))[0] == "HW122"
    monkeypatch.setattr(workbook, "MAX_PARTS", 2)
    assert refused(lambda: read_workbook(zipped({f"{i}.bin": b"" for i in range(3)})))[0] == "HW122"
    for encoding in ("utf-8", "utf-16"):
        bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding)
        code, what = refused(lambda content=bomb: read_workbook(zipped({"a.xml": content})))  # type: ignore[misc]
        assert (code, "declares entities" in what) == ("HW122", True)


def test_a_sheet_with_a_cell_far_away_is_refused() -> None:
    """One cell in the last column would make a million empty ones."""
    made = Workbook()
    page = made.worksheets[0]
    page["XFD1048576"] = "x"
    stream = io.BytesIO()
    made.save(stream)
    assert refused(lambda: read_workbook(stream.getvalue()))[0] == "HW122"


def test_the_bytes_say_what_a_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook called .csv is read; a text has no sheets; empty, absent and huge files are told."""
    (tmp_path / "a.csv").write_bytes(book(("a", [["Name"], ["x"]])))
    assert read_list(tmp_path / "a.csv").read_as == "XLSX"
    (tmp_path / "b.csv").write_bytes(b"Name\nx\n")
    assert read_list(tmp_path / "b.csv").read_as == "UTF-8, one column"
    assert refused(lambda: read_list(tmp_path / "b.csv", "a"))[0] == "HW125"
    (tmp_path / "c.csv").write_bytes(b"\n\n,,\n")
    assert refused(lambda: read_list(tmp_path / "c.csv")) == ("HW123", "the list is empty")
    (tmp_path / "d.csv").write_bytes(b"")
    assert refused(lambda: read_list(tmp_path / "d.csv"))[0] == "HW123"
    assert refused(lambda: read_list(tmp_path / "none.csv"))[0] == "HW121"
    assert MAX_BYTES == 50_000_000
    monkeypatch.setattr("headway.exchange.read.MAX_BYTES", 5)
    assert refused(lambda: read_list(tmp_path / "b.csv"))[0] == "HW122"
