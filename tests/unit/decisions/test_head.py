"""The committed head says how long the ledger is and how it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from tests.attacks.ledgers import House

from headway.decisions import head
from headway.decisions.head import EMPTY, Head
from headway.kernel.errors import LedgerFault


def compared(here: House, found: Head) -> tuple[str, str] | None:
    """Code and mend line of a head against the ledger."""
    diagnostic = head.compare(found, here.store, here.head)
    return (diagnostic.code, diagnostic.mend) if diagnostic else None


def test_each_act_rewrites_the_head(here: House) -> None:
    """After an act the file holds size and digest of the ledger, and ends with a newline."""
    for size in (1, 2):
        here.decide()
        digest = here.rows()[-1].digest
        assert here.head.read_text() == f'{{"size": {size}, "head": "{digest}"}}\n'
        assert head.read(here.head) == Head(size, digest)


def test_nothing_but_the_head_is_left_in_the_folder(here: House) -> None:
    """No draft and no lock lies beside the portfolio's files, not even what a killed process had left."""
    (here.folder / ".ledger.head.new").write_text("half a he")
    here.decide()
    assert sorted(path.name for path in here.folder.iterdir()) == [".headway", "ledger.head"]


def test_no_file_is_an_empty_head(here: House) -> None:
    """A portfolio in which nothing was decided has no head and agrees with its empty ledger."""
    assert head.read(here.head) == EMPTY
    assert compared(here, EMPTY) is None


def test_an_equal_head_is_no_finding(here: House) -> None:
    """Head and ledger agree."""
    here.fill(2)
    assert compared(here, head.read(here.head)) is None


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_head_that_is_behind_is_a_warning(here: House, size: int) -> None:
    """A process that was killed between commit and head leaves HW611, which `--mend-head` mends."""
    here.fill(3)
    older = Head(size, here.rows()[size - 1].digest) if size else EMPTY
    mend = "run `headway verify --mend-head` and commit ledger.head"
    assert compared(here, older) == ("HW611", mend)
    here.head.write_bytes(older.to_bytes())
    assert head.publish(here.store, here.head) == Head(3, here.rows()[-1].digest)
    assert compared(here, head.read(here.head)) is None


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_a_head_of_another_ledger_is_an_error(here: House, size: int) -> None:
    """A head whose digest is not that of the entry at its size is HW605."""
    here.fill(2)
    found = compared(here, Head(size, "f" * 64))
    assert found
    assert found[0] == "HW605"


def test_a_head_at_an_absent_entry_is_an_error(here: House) -> None:
    """The entry that the head names was taken out of the middle."""
    here.fill(3)
    named = Head(2, here.rows()[1].digest)
    here.remove(2)
    found = compared(here, named)
    assert found
    assert found[0] == "HW605"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"size": 1, "head": "zz"}\n',
        b'{"size": 1, "head": 5}\n',
        b'{"size": "1", "head": "' + b"0" * 64 + b'"}\n',
        b'{"size": -1, "head": "' + b"0" * 64 + b'"}\n',
        b'{"size": 1.0, "head": "' + b"0" * 64 + b'"} \n',
        b'{"size": 0, "head": "' + b"0" * 64 + b'"}',
        b'<<<<<<< ours\n{"size": 0, "head": "' + b"0" * 64 + b'"}\n',
    ],
)
def test_a_file_that_holds_no_head_is_told(here: House, content: bytes) -> None:
    """A head that a merge or a hand spoilt is HW605, and is never written over."""
    here.head.write_bytes(content)
    with pytest.raises(LedgerFault, match="holds no size and digest") as refused:
        head.publish(here.store, here.head)
    assert (refused.value.code, refused.value.mend) == ("HW605", "restore ledger.head from Git")
    assert here.head.read_bytes() == content


def test_a_head_that_cannot_be_read_is_told(here: House) -> None:
    """A folder in its place is a fault in words."""
    here.head.mkdir()
    with pytest.raises(LedgerFault, match="read the head") as refused:
        head.read(here.head)
    assert refused.value.code == "HW605"


def test_a_head_that_cannot_be_written_is_told(here: House) -> None:
    """Where the folder is gone, publishing is HW610."""
    with pytest.raises(LedgerFault, match="write the head") as refused:
        head.publish(here.store, here.folder / "gone" / "ledger.head")
    assert refused.value.code == "HW610"


def test_the_file_is_safe_before_its_name_and_the_name_before_the_end(
    here: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content is synced before the rename and the folder after it, so that no power cut shows half a head."""
    here.store.append(lambda _seq, _prev: b"{}", {})
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        order.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    def replaced(source: Path, target: Path) -> Path:
        order.append("rename")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    head.publish(here.store, here.head)
    assert order == [".ledger.head.new", "rename", here.folder.name]


def test_a_folder_that_cannot_be_locked_still_gets_its_head(
    here: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system without locks the head is written all the same."""

    def refuse(_handle: int, _how: int) -> None:
        raise OSError

    monkeypatch.setattr(fcntl, "flock", refuse)
    here.decide()
    assert head.read(here.head).size == 1
