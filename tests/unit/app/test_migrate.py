"""Rewriting files of an older format."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.small import Declare

from headway.app.check import check
from headway.app.migrate import migration, write
from headway.cli.migrate import command
from headway.portfolio.format import Renamed

TABLE = (Renamed("initiative", ("backer",), "sponsor", date(2026, 1, 1), date(2027, 1, 1)),)
OLD = """\
# who asked for it
initiative: trial   # the first one
problem: callers wait ten minutes on average before somebody answers, and one in five hangs up
outcome:   waiting

accountable: ann
"backer": bob # pays
"""


def test_only_the_old_word_is_rewritten(declare: Declare) -> None:
    """Comments, blank lines, spaces and order stay; the file then reads without a fault."""
    folder = declare(initiative=OLD)
    found = migration(folder, TABLE)
    (one,) = found.rewritten
    assert one.after == OLD.replace('"backer"', "sponsor")
    assert one.diff().splitlines()[-2:] == ['-"backer": bob # pays', "+sponsor: bob # pays"]
    write(folder, found)
    assert not check(folder).wrong
    assert migration(folder, TABLE).rewritten == ()
    assert not list(folder.glob(".*.part"))


def test_a_portfolio_without_a_version_gets_one(declare: Declare) -> None:
    """The line is put before the first key, below the comment on top, and a byte-order mark stays."""
    text = "# ours\nportfolio: small\ncurrency: EUR\ntime_zone: UTC\n"
    folder = declare()
    (folder / "portfolio.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert check(folder).wrong
    done = CliRunner().invoke(command, [str(folder), "--write"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 change in 1 of 4 files, written")
    expected = b"\xef\xbb\xbf" + text.replace("portfolio", "headway: 1\nportfolio", 1).encode()
    assert (folder / "portfolio.yaml").read_bytes() == expected
    assert not check(folder).wrong


def test_without_write_nothing_is_written(declare: Declare) -> None:
    """The change is shown as a diff, with what would make it."""
    folder = declare(portfolio="portfolio: small\ncurrency: EUR\ntime_zone: UTC\n")
    before = (folder / "portfolio.yaml").read_bytes()
    shown = CliRunner().invoke(command, [str(folder)])
    assert "+headway: 1" in shown.output
    assert shown.output.endswith("1 change in 1 of 4 files; `headway migrate --write` makes them\n")
    assert (folder / "portfolio.yaml").read_bytes() == before


def test_a_file_that_cannot_be_read_stops_all_writing(declare: Declare) -> None:
    """Nothing half-written: the fault is told first, with status 1, and no file changes."""
    folder = declare(portfolio="portfolio: small\n", other="a: [\n")
    shown = CliRunner().invoke(command, [str(folder), "--write", "--format", "json"])
    assert shown.exit_code == 1
    assert '"written": false' in shown.output
    assert (folder / "portfolio.yaml").read_text() == "portfolio: small\n"
    assert "nothing was written" in CliRunner().invoke(command, [str(folder), "--write"]).output


@pytest.mark.parametrize("failing", [0, 1])
def test_a_disk_that_fails_leaves_every_file_as_it_was(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """A full disk at the first or at the second file: no file is changed, no part is left behind."""
    folder = declare(initiative=OLD, other=OLD.replace("trial", "next"))
    found = migration(folder, TABLE)
    real, calls = Path.write_bytes, iter(range(9))

    def full(self: Path, data: bytes) -> int:
        if next(calls) == failing:
            raise OSError(28, "No space left on device", str(self))
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write(folder, found)
    assert (folder / "initiative.yaml").read_text() == OLD
    assert not list(folder.glob(".*.part"))


def test_a_folder_that_cannot_be_written_is_told_without_a_traceback(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's name and what the machine said."""
    folder = declare(portfolio="portfolio: small\ncurrency: EUR\ntime_zone: UTC\n")

    def refused(self: Path, data: bytes) -> int:
        raise OSError(30, os.strerror(30), str(self))

    monkeypatch.setattr(Path, "write_bytes", refused)
    shown = CliRunner().invoke(command, [str(folder), "--write"])
    assert shown.exit_code == 1
    assert "Read-only file system" in shown.output


words = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="'\"\u2028\u2029\x85\ufeff"
    ),
    max_size=20,
)


@given(words, words)
def test_whatever_stands_around_the_word_stays(
    tmp_path_factory: pytest.TempPathFactory, a: str, b: str
) -> None:
    """Letters of any script before and behind: places are counted in characters, as libyaml counts them."""
    folder = tmp_path_factory.mktemp("m")
    text = f"initiative: trial\nnote: '{a}'\nx: {{y: '{b}'}}\nbacker: bob # {a}\n"
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    (one,) = migration(folder, TABLE).rewritten
    assert one.after == text.replace("\nbacker:", "\nsponsor:")
