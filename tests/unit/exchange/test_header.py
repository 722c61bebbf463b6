"""The table is found wherever it stands in the sheet."""

import pytest
from tests.unit.exchange.sheet import grid, table

from headway.exchange.grid import NotATable
from headway.exchange.header import find_table

PLAIN = """
Use case | Owner | Stage
Triage | Ana | Pilot
Replies | Ben | Live
"""


def test_the_first_row_is_the_usual_header() -> None:
    """Nothing around it, nothing left out."""
    found = table(PLAIN)
    assert found.headers == ("Use case", "Owner", "Stage")
    assert [(r.number, r.cells[0]) for r in found.rows] == [(2, "Triage"), (3, "Replies")]
    assert (found.header_rows, found.left_out) == ((1,), ())


def test_titles_and_blank_rows_and_columns_stand_aside() -> None:
    """Rows keep the numbers that people see."""
    found = table(
        "Register 2025 | | | |\n | | | |\nas of March | | | |\n"
        " | Use case | | Owner | Stage\n | | | |\n | Triage | | Ana | Pilot"
    )
    assert found.headers == ("Use case", "Owner", "Stage")
    assert [r.number for r in found.rows] == [6]
    assert [(o.number, o.text, o.why) for o in found.left_out] == [
        (1, "Register 2025", "above the header"),
        (3, "as of March", "above the header"),
    ]


@pytest.mark.parametrize(
    "upper",
    ["Use case | Owner | | Phase |", " | Owner | | Phase | ", "Use case | Owner | Owner | Phase | Phase"],
)
def test_two_lines_of_headers_become_one(upper: str) -> None:
    """Merged in the program, the group stands left or everywhere; either way it names the columns below."""
    lower = "Use case | Name | Unit | Stage | Start"
    found = table(f"{upper}\n{lower}\nTriage | Ana | Claims | Pilot | 2025")
    assert found.headers == ("Use case", "Owner / Name", "Owner / Unit", "Phase / Stage", "Phase / Start")
    assert found.header_rows == (1, 2)
    assert len(found.rows) == 1


def test_a_gap_in_the_header_does_not_make_the_first_row_a_header() -> None:
    """A column without a name is called by its position."""
    found = table("Use case | | Stage\nTriage | x | Pilot\nReplies | y | Live")
    assert found.headers == ("Use case", "column 2", "Stage")
    assert len(found.rows) == 2


def test_equal_headers_are_told_apart() -> None:
    """So that one of them can be named."""
    assert table("Use case | Status | Status\nTriage | a | b").headers == ("Use case", "Status", "Status (2)")


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("Total | | 7", "a total"),
        ("Summe | 3 | 7", "a total"),
        ("Gesamt | | =SUM(C2:C3)", "a total"),
        (" | | =SUM(C2:C3)", "a total"),
        ("Source: the register | |", "a note below the list"),
        ("* preliminary | |", "a note below the list"),
    ],
)
def test_totals_and_notes_below_are_left_out_and_told(last: str, why: str) -> None:
    """They are no initiatives."""
    found = table(f"{PLAIN}{last}")
    assert [r.cells[0] for r in found.rows] == ["Triage", "Replies"]
    assert [(o.number, o.why) for o in found.left_out] == [(4, why)]


@pytest.mark.parametrize("last", ["Total quality | Ana | Pilot", "Source selection | |", "Totals | Ana | 7"])
def test_an_initiative_that_begins_like_a_total_stays(last: str) -> None:
    """Only numbers stand beside a total, and only a sign ends the word of a note."""
    assert len(table(f"{PLAIN}{last}").rows) == 3


@pytest.mark.parametrize("text", ["Use case | Owner | Stage", "Use case", "Use case | Owner\nTotal | 3"])
def test_a_header_alone_is_no_list(text: str) -> None:
    """Nothing to take in is a fault with a mend."""
    with pytest.raises(NotATable) as told:
        table(text)
    assert told.value.code == "HW123"


def test_rows_may_be_of_any_length() -> None:
    """Short rows are filled, a long one opens a column."""
    found = find_table(grid("Use case | Owner\nTriage\nReplies | Ben | more"))
    assert [r.cells for r in found.rows] == [("Triage", "", ""), ("Replies", "Ben", "more")]
