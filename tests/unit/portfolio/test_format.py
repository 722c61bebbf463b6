"""Keys by their old names."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.portfolio.conftest import INITIATIVE, Declare

from headway.portfolio import format as file_format
from headway.portfolio.format import RENAMED, Renamed, edits, renamed
from headway.portfolio.nodes import Mapping
from headway.portfolio.yaml import read

SINCE, UNTIL = date(2026, 1, 1), date(2027, 1, 1)
SPONSOR = Renamed("initiative", ("backer",), "sponsor", SINCE, UNTIL)
ROLE = Renamed("initiative", ("cost", "people", "job"), "role", SINCE, UNTIL)
TABLE = (SPONSOR, ROLE)


def document(text: str) -> Mapping:
    """The one document of a text."""
    (node,), faults = read(text.encode(), "a.yaml")
    assert isinstance(node, Mapping)
    assert not faults
    return node


def test_an_old_key_is_read_under_its_new_name_with_a_warning(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The initiative is whole, the warning says until when, and where the old name stands."""
    for function in (file_format.asks, file_format.renamed):
        monkeypatch.setattr(function, "__defaults__", (TABLE,))
    found = declare({"initiatives/reply-assistant.yaml": INITIATIVE.replace("sponsor", "backer")})
    assert found.portfolio
    assert found.portfolio.initiatives["reply-assistant"].sponsor == "ben"
    (told,) = found.diagnostics
    assert str(told) == (
        "initiatives/reply-assistant.yaml:5:1: warning[HW103] 'backer' is called 'sponsor' since 2026-01-01; "
        "the old name is read until 2027-01-01\n  mend: run `headway migrate --write`"
    )


def test_old_keys_are_found_inside_lists() -> None:
    """A path walks through every item."""
    node = document("initiative: a\ncost: {people: [{job: x}, {role: y}, {job: z}]}\n")
    assert [str(e.place) for e in edits("initiative", node, TABLE)] == ["a.yaml:2:18", "a.yaml:2:39"]
    assert [d.code for d in renamed("initiative", node, TABLE)] == ["HW103", "HW103"]
    assert list(edits("initiative", node, TABLE)) == []


def test_the_old_and_the_new_name_at_once_is_a_fault() -> None:
    """HW102 names both places; nothing is guessed, and nothing rewritten."""
    node = document("initiative: a\nbacker: x\nsponsor: y\n")
    assert list(edits("initiative", node, TABLE)) == []
    (told,) = renamed("initiative", node, TABLE)
    assert (told.code, str(told.place), str(told.see[0][0])) == ("HW102", "a.yaml:2:1", "a.yaml:3:1")


def test_other_kinds_keep_their_keys() -> None:
    """The same word may be right elsewhere."""
    node = document("source: a\nbacker: x\n")
    assert (renamed("source", node, TABLE), list(edits("source", node, TABLE))) == ([], [])


def test_every_old_name_is_read_for_a_year_at_least() -> None:
    """The promise of the format, for whatever stands in the table."""
    assert all((one.until - one.since).days >= 365 for one in (*RENAMED, *TABLE))
