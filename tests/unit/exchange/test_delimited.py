"""Bytes become rows, whatever a spreadsheet program made of them."""

import pytest

from headway.exchange.delimited import read_delimited
from headway.exchange.grid import MAX_COLUMNS, MAX_ROWS, NotATable

LINES = 'Use case,Owner\r\n"Prüfung, Stufe 2",Ana\r\n'
ROWS = (("Use case", "Owner"), ("Prüfung, Stufe 2", "Ana"))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_every_usual_encoding_is_read(encoding: str, name: str) -> None:
    """With a byte-order mark and without, the letters come out right and the encoding is told."""
    grid = read_delimited(LINES.encode(encoding))
    assert grid.rows == ROWS
    assert grid.read_as == f"{name}, cells between commas"


@pytest.mark.parametrize(
    ("sign", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_the_delimiter_is_the_one_that_rows_agree_on(sign: str, name: str) -> None:
    """A title above and commas inside cells do not mislead."""
    rows = [
        ["a, very, long, title"],
        ["Name", "Owner", "Budget"],
        ["x, y", "Ana", "1,5"],
        ["z", "Ben", "2,5"],
    ]
    text = "\n".join(sign.join(f'"{c}"' if sign == "," else c for c in row) for row in rows)
    grid = read_delimited(text.encode())
    assert grid.read_as == f"UTF-8, cells between {name}"
    assert grid.rows[1:] == (("Name", "Owner", "Budget"), ("x, y", "Ana", "1,5"), ("z", "Ben", "2,5"))


def test_a_first_line_may_name_the_delimiter() -> None:
    """Excel writes `sep=;` for itself; it is no row."""
    assert read_delimited(b"sep=~\na~b,c\n").rows == (("a", "b,c"),)


def test_lines_may_break_inside_cells() -> None:
    """A cell in quotes keeps its paragraphs."""
    assert read_delimited(b'a;b\r\n"one\r\ntwo";x\r\n').rows == (("a", "b"), ("one\r\ntwo", "x"))


def test_one_column_is_a_list_too() -> None:
    """No delimiter is needed where there is nothing to part."""
    grid = read_delimited(b"Use case\nTriage\nReplies\n")
    assert grid.rows == (("Use case",), ("Triage",), ("Replies",))
    assert grid.read_as == "UTF-8, one column"


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"abc\x81\x8d" * 9,
        b"\xff\xfea",
        b"a,b\n" + b"\x01\x02" * 50,
    ],
)
def test_what_is_no_text_is_told(content: bytes) -> None:
    """Garbage is named, and never becomes initiatives."""
    with pytest.raises(NotATable, match="not text") as told:
        read_delimited(content)
    assert told.value.code == "HW121"


def test_a_cell_that_never_ends_is_told() -> None:
    """A quote that swallows the file is a fault with a mend, not a cell of a megabyte."""
    with pytest.raises(NotATable, match="told apart") as told:
        read_delimited(b'a,b\n"' + b"x,y\n" * 100_000)
    assert told.value.code == "HW121"


@pytest.mark.parametrize("text", ["a\n" * (MAX_ROWS + 1), "a," * MAX_COLUMNS + "b"])
def test_what_no_list_of_initiatives_is_is_refused(text: str) -> None:
    """An export of a data warehouse does not become a hundred thousand files."""
    with pytest.raises(NotATable) as told:
        read_delimited(text.encode())
    assert told.value.code == "HW122"
