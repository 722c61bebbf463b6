"""Digests name bytes, and are remembered only while nothing moved."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from headway.sources.content import content_of

LONG_AGO = 1_700_000_000


def old(path: Path, text: str) -> Path:
    """A file that was written long ago."""
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_equal_bytes_have_equal_digests(tmp_path: Path) -> None:
    """Names take no part; bytes and their order do."""
    memory = tmp_path / "digests.json"
    a, b, c = (old(tmp_path / n, t) for n, t in (("a", "one"), ("b", "one"), ("c", "two")))
    assert content_of([a], memory).digest == content_of([b], memory).digest
    assert content_of([a, c], memory).digest != content_of([c, a], memory).digest


def test_a_file_that_stands_still_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second digest is remembered; a file that was touched, replaced or written again is read again."""
    memory = tmp_path / "store" / "digests.json"
    path = old(tmp_path / "a", "one")
    read: list[Path] = []
    opened = Path.open

    def counted(self: Path, mode: str = "r", **more: Any) -> Any:
        if "b" in mode:
            read.append(self)
        return opened(self, mode, **more)

    monkeypatch.setattr(Path, "open", counted)
    first = content_of([path], memory)
    assert content_of([path], memory) == first
    assert len(read) == 1
    other = old(tmp_path / "b", "two")
    other.replace(path)
    assert content_of([path], memory).digest != first.digest
    assert len(read) == 2


def test_git_leaves_out_a_folder_that_was_made_for_digests(tmp_path: Path) -> None:
    """One that was there before is left as it is: it may hold what Git should take in."""
    path = old(tmp_path / "a", "one")
    content_of([path], tmp_path / "store" / "digests.json")
    assert (tmp_path / "store" / ".gitignore").read_text() == "*\n"
    content_of([path], tmp_path / "digests.json")
    assert not (tmp_path / ".gitignore").exists()


def test_a_file_of_this_moment_is_not_remembered(tmp_path: Path) -> None:
    """Written twice within a tick of the clock, a file could keep its stamp: its digest is made each time."""
    memory = tmp_path / "digests.json"
    (tmp_path / "a").write_text("one")
    content_of([tmp_path / "a"], memory)
    assert not memory.exists()


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"a": 1}', "\x00"])
def test_a_damaged_memory_costs_only_time(tmp_path: Path, damage: str) -> None:
    """A memory that cannot be read is made anew, with the same digest as without it."""
    path = old(tmp_path / "a", "one")
    expected = content_of([path], tmp_path / "fresh.json").digest
    (tmp_path / "digests.json").write_text(damage)
    assert content_of([path], tmp_path / "digests.json").digest == expected
    assert list(json.loads((tmp_path / "digests.json").read_text()).values()) != [1]


def test_a_memory_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    """Where the store's place is taken by a file, digests are made every time, and nothing fails."""
    (tmp_path / "store").write_text("in the way")
    path = old(tmp_path / "a", "one")
    assert content_of([path], tmp_path / "store" / "digests.json").digest


def test_what_changed_is_named(tmp_path: Path) -> None:
    """A file written, replaced, touched, retargeted or gone since its digest is named; others are not."""
    memory = tmp_path / "m.json"
    a, b = old(tmp_path / "a", "one"), old(tmp_path / "b", "two")
    link = tmp_path / "link"
    link.symlink_to(a)
    assert content_of([a, b, link], memory).changed() is None
    found = content_of([link], memory)
    link.unlink()
    link.symlink_to(b)
    assert found.changed() == link
    found = content_of([a, b], memory)
    b.write_text("too")
    assert found.changed() == b
    found = content_of([a], memory)
    os.utime(a, (LONG_AGO + 1, LONG_AGO + 1))
    assert found.changed() == a
    found = content_of([a], memory)
    a.unlink()
    assert found.changed() == a


def test_a_file_that_is_not_there_is_an_error_of_the_machine(tmp_path: Path) -> None:
    """The caller says which source it was."""
    with pytest.raises(OSError, match="No such file"):
        content_of([tmp_path / "absent"], tmp_path / "m.json")
