"""What somebody might do to a ledger, and how it is found."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.attacks.ledgers import NOW, House, basis, gate, house

from headway.decisions import head
from headway.decisions.decision import Kind
from headway.decisions.entry import Entry
from headway.decisions.head import Head
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import canonical, digest_bytes

SIZE = 4


@pytest.fixture
def full(here: House) -> House:
    """A house with a few decisions."""
    here.fill(SIZE)
    assert here.codes() == []
    return here


def test_every_flipped_byte_of_an_entry_is_found(here: House) -> None:
    """Whichever byte of an entry is changed, verifying names that entry and the one it no longer leads to."""
    for word in ("first", "second", "third"):
        here.decide(comment=word)
    whole = here.rows()[1].entry
    for position in range(len(whole)):
        flip = 1 << position % 8
        spoilt = whole[:position] + bytes([whole[position] ^ flip]) + whole[position + 1 :]
        with here.by_hand() as connection:
            connection.execute("update ledger set entry = ? where seq = 2", (spoilt,))
        found = here.codes()
        assert ("HW601", 2) in found, position
        assert ("HW601", 3) in found, position


@pytest.mark.parametrize("seq", range(1, SIZE + 1))
def test_a_changed_entry_is_found_although_it_was_filed_anew(full: House, seq: int) -> None:
    """Who also corrects the digest column breaks the chain after it, or the head at the end."""
    entry = Entry.from_bytes(full.rows()[seq - 1].entry)
    full.overwrite({seq: replace(entry, actor="cy").to_bytes()})
    assert full.codes() == [("HW605", 1) if seq == SIZE else ("HW601", seq + 1)]


@pytest.mark.parametrize("seq", range(1, SIZE))
def test_a_dropped_entry_is_found(full: House, seq: int) -> None:
    """A gap in the numbers is named with the entries that are absent."""
    full.remove(seq)
    report = full.verify()
    assert report.entries == SIZE - 1
    assert ("HW601", seq + 1) in full.codes()
    assert f"entries {seq} to {seq} are absent" in [found.what for found in report.diagnostics]


def test_an_entry_that_was_dropped_and_the_rest_moved_up_is_found(full: House) -> None:
    """Entries say their own number."""
    rows = full.rows()
    full.remove(2, 3, 4)
    full.overwrite({2: rows[2].entry, 3: rows[3].entry})
    assert {code for code, _ in full.codes()} == {"HW601", "HW605"}


def test_swapped_entries_are_found(full: House) -> None:
    """Two entries that changed places fit neither their numbers nor the chain."""
    rows = full.rows()
    full.remove(2, 3)
    full.overwrite({2: rows[2].entry, 3: rows[1].entry})
    assert {("HW601", 2), ("HW601", 3), ("HW601", 4)} <= set(full.codes())


@pytest.mark.parametrize("keep", range(SIZE))
def test_a_cut_tail_is_found_by_the_head(full: House, keep: int) -> None:
    """The chain of what is left is whole; the committed head shows that something is gone."""
    full.remove(*range(keep + 1, SIZE + 1))
    report = full.verify()
    assert [found.code for found in report.diagnostics] == ["HW605"]
    assert f"counts {SIZE} entries, the ledger holds {keep}" in report.diagnostics[0].what


def test_a_deleted_ledger_is_found_and_not_begun_anew(full: House) -> None:
    """Without its file the ledger is not empty but lost: nothing can be decided until it is restored."""
    full.store.close()
    shutil.rmtree(full.file.parent)
    assert full.codes() == [("HW605", 1)]
    with pytest.raises(LedgerFault) as refused:
        full.decide()
    assert refused.value.code == "HW605"
    assert head.read(full.head).size == SIZE


def rewritten(here: House, since: int) -> None:
    """Make up another past from an entry on: every later entry is chained anew."""
    prev = here.rows()[since - 2].digest if since > 1 else "0" * 64
    for row in here.rows()[since - 1 :]:
        made = replace(Entry.from_bytes(row.entry), prev=prev, subject="chats").to_bytes()
        here.overwrite({row.seq: made})
        prev = digest_bytes(made)


@pytest.mark.parametrize("since", range(1, SIZE + 1))
def test_a_rewritten_past_is_found_by_the_head(full: House, since: int) -> None:
    """Even a chain without a fault is not the chain whose head was committed."""
    rewritten(full, since)
    assert full.codes() == [("HW605", 1)]


def test_an_older_head_in_git_finds_a_rewritten_past(full: House) -> None:
    """A forger who also writes the head is found by any head that somebody kept."""
    older = Head(2, full.rows()[1].digest)
    rewritten(full, 2)
    full.head.write_bytes(Head(*full.store.size_and_head()).to_bytes())
    assert full.codes() == []
    full.head.write_bytes(older.to_bytes())
    assert full.codes() == [("HW605", 1)]


def test_a_foreign_ledger_is_found(full: House, tmp_path: Path) -> None:
    """Another house's ledger, whole in itself, does not fit this house's head."""
    with house(tmp_path / "other") as other:
        for number in range(SIZE + 1):
            other.decide(comment=f"theirs {number}")
        shutil.copy(other.head, full.head)
    assert full.codes() == [("HW605", 1)]
    assert head.read(full.head).size == SIZE + 1


def test_a_replaced_document_is_found(full: House) -> None:
    """A gate that was made easier after the fact no longer has the digest that the decision pinned."""
    easier = canonical(gate("title").as_json())
    pinned = Entry.from_bytes(full.rows()[0].entry).pins["gate"][0]
    with full.by_hand() as connection:
        connection.execute("update pinned set body = ? where digest = ?", (easier, pinned))
    report = full.verify()
    assert [(found.code, found.place.line) for found in report.diagnostics] == [("HW608", 1), ("HW608", 3)]
    assert (report.replayed, report.not_replayed) == (0, 2)


def test_a_made_up_verdict_is_found(full: House) -> None:
    """A decision whose pins are whole but whose verdict they do not give is HW606."""
    open_ = basis(met=False)
    entry = Entry.from_bytes(full.rows()[0].entry)
    pins = {**entry.pins, "initiative": (digest_bytes(canonical(open_.subject.as_json())),)}
    size, prev = full.store.size_and_head()
    forged = replace(entry, seq=size + 1, prev=prev, pins=pins).to_bytes()
    full.store.append(lambda *_: forged, {pins["initiative"][0]: canonical(open_.subject.as_json())})
    assert full.codes() == [("HW606", SIZE + 1), ("HW611", 1)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b" " + data,
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data[:-1],
        lambda _: b"",
        lambda _: b"\x00" * 10,
    ],
)
def test_an_entry_in_another_form_is_found(full: House, spoil: Callable[[bytes], bytes]) -> None:
    """Bytes that are no canonical entry are HW609, and the rest of the ledger is still read."""
    full.overwrite({2: spoil(full.rows()[1].entry)})
    report = full.verify()
    assert [(found.code, found.place.line) for found in report.diagnostics] == [("HW609", 2), ("HW601", 3)]
    assert (report.entries, report.replayed) == (SIZE, 2)


def test_an_entry_filed_under_another_digest_is_found(full: House) -> None:
    """The digest column is not trusted."""
    with full.by_hand() as connection:
        connection.execute("update ledger set digest = 'x' where seq = 4")
    assert full.codes() == [("HW601", 4)]
    entry = full.decide().entry
    assert entry.prev == digest_bytes(full.rows()[3].entry)


def test_a_damaged_file_is_told_without_a_traceback(full: House) -> None:
    """A page of the database that was overwritten is a finding, not a crash."""
    full.store.close()
    with sqlite3.connect(full.file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("select rootpage from sqlite_master where name = 'ledger'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with full.file.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert full.codes()[0] == ("HW601", 1)
    with pytest.raises(LedgerFault) as refused:
        full.decide()
    assert refused.value.code == "HW610"
    assert "from a backup" in refused.value.mend


@contextmanager
def nobody(here: House) -> Iterator[None]:
    """Act as a user who may read the house and change nothing."""
    if os.geteuid():
        pytest.skip("only root can become somebody else")
    for path in [here.folder, *here.folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    here.folder.parent.chmod(0o755)
    here.folder.parent.parent.chmod(0o755)
    here.folder.parent.parent.parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("logged", [True, False])
def test_a_ledger_that_may_only_be_read_is_verified_and_not_written(full: House, *, logged: bool) -> None:
    """An auditor on a read-only folder verifies; a decision there is HW610 and leaves nothing."""
    if not logged:
        full.store.close()
    with nobody(full), house_of(full) as other:
        assert other.codes() == []
        with pytest.raises(LedgerFault) as refused:
            other.decide()
    assert refused.value.code == "HW610"
    assert "let this user" in refused.value.mend
    assert len(full.rows()) == SIZE


@contextmanager
def house_of(here: House) -> Iterator[House]:
    """The same house through connections of its own."""
    with house(here.folder, wait=0.2) as made:
        yield made


def test_a_folder_in_which_nothing_may_be_created_takes_no_decision(here: House) -> None:
    """Where no ledger can be made, the act fails and says so."""
    with nobody(here), pytest.raises(LedgerFault) as refused:
        here.decide()
    assert refused.value.code == "HW610"
    assert list(here.folder.iterdir()) == []


def test_a_full_disk_takes_no_half_act(full: House) -> None:
    """Where the database may not grow, neither act nor document is kept, and the ledger still verifies."""
    with full.by_hand() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    large = replace(
        basis(), subject=replace(basis().subject, document={"initiative": {"problem": "x" * 10**6}})
    )
    with full_disk(full, pages), pytest.raises(LedgerFault, match="no room") as refused:
        full.decide(Kind.APPROVE, "", large)
    assert (refused.value.code, refused.value.mend[:9]) == ("HW610", "make room")
    assert full.codes() == []
    assert len(full.rows()) == SIZE
    assert full.decide(Kind.APPROVE, "", large).entry.seq == SIZE + 1


@contextmanager
def full_disk(here: House, pages: int) -> Iterator[None]:
    """Let the database grow no further."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    here.store.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (pages * 4096 + 65536, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_refused_commit_takes_no_act(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the very last step fails, the act has failed: no entry, no document, the head as it was."""
    from sqlalchemy import Connection

    run = Connection.exec_driver_sql
    before = full.head.read_bytes()

    def failing(connection: Connection, statement: str, *words: object) -> object:
        if statement == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return run(connection, statement, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "exec_driver_sql", failing)
    with pytest.raises(LedgerFault) as refused:
        full.decide(comment="never")
    monkeypatch.undo()
    assert refused.value.code == "HW610"
    assert (len(full.rows()), full.head.read_bytes(), full.codes()) == (SIZE, before, [])
    with full.by_hand() as connection:
        texts = connection.execute("select count(*) from pinned where body like '%never%'").fetchone()
    assert texts == (0,)
    assert full.decide().entry.at == NOW
