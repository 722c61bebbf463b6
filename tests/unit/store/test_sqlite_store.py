"""The embedded store keeps entries in order and documents by digest, or says in words why it did not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from headway.kernel.errors import LedgerFault
from headway.kernel.identity import digest_bytes
from headway.store.base import NO_ENTRY, Store, Stored
from headway.store.sqlite_store import SqliteStore
from headway.store.tables import metadata


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger will lie; nothing is there yet."""
    return tmp_path / ".headway"


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    """A store in the folder, which waits a moment only."""
    made = SqliteStore(folder, wait=0.2)
    yield made
    made.close()


def saying(word: str) -> Callable[[int, str], bytes]:
    """An entry that holds its number, what came before, and a word."""
    return lambda seq, prev: f"{seq} {prev[:6]} {word}".encode()


def add(store: Store, *words: str) -> list[Stored]:
    """One entry per word, without documents."""
    return [store.append(saying(word), {}) for word in words]


def by_hand(folder: Path, *statements: str) -> None:
    """Change the file behind the store's back."""
    with sqlite3.connect(folder / "ledger.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_store_that_was_never_written_is_empty_and_leaves_no_trace(
    store: SqliteStore, folder: Path
) -> None:
    """Reading a portfolio creates nothing in it."""
    assert list(store.entries()) == []
    assert store.pinned("00") is None
    assert store.documents(["00"]) == {}
    assert store.size_and_head() == (0, NO_ENTRY)
    assert not folder.exists()


def test_each_entry_is_built_on_the_one_before(store: SqliteStore) -> None:
    """An entry is told its number and the digest of the bytes before it."""
    first, second = add(store, "first", "second")
    assert first == Stored(1, digest_bytes(first.entry), b"1 000000 first")
    assert second.entry == f"2 {first.digest[:6]} second".encode()
    assert store.size_and_head() == (2, second.digest)


def test_entries_come_in_order_from_where_one_asks(store: SqliteStore) -> None:
    """A reader may go on where it stopped."""
    made = add(store, "a", "b", "c")
    assert list(store.entries()) == made
    assert list(store.entries(2)) == made[2:]
    assert list(store.entries(3)) == []


def test_reading_a_long_ledger_takes_little_memory(store: SqliteStore, folder: Path) -> None:
    """Entries are handed over one at a time: twenty megabytes are read in less than four."""
    add(store, "a")
    with sqlite3.connect(folder / "ledger.db") as connection:
        rows = ((seq, str(seq), bytes(1000)) for seq in range(2, 20_001))
        connection.executemany("insert into ledger values (?, ?, ?)", rows)
    connection.close()
    tracemalloc.start()
    try:
        assert sum(1 for _ in store.entries()) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_another_process_sees_the_same(store: SqliteStore, folder: Path) -> None:
    """What one store wrote, a second one on the same folder reads and continues."""
    made = add(store, "a")
    other = SqliteStore(folder)
    assert list(other.entries()) == made
    made += add(other, "b")
    assert list(store.entries()) == made
    other.close()


@pytest.mark.parametrize("name", ["a b", "50%", "q?mode=ro", "x#y", "ä;ö"])
def test_a_folder_may_bear_any_name(tmp_path: Path, name: str) -> None:
    """No letter of a folder's name is taken for a setting."""
    store = SqliteStore(tmp_path / name)
    made = add(store, "a")
    assert list(store.entries()) == made
    assert (tmp_path / name / "ledger.db").exists()
    store.close()


def test_a_document_is_kept_once(store: SqliteStore, folder: Path) -> None:
    """The same document pinned twice is one row, and comes back as it was."""
    for word in ("a", "b"):
        store.append(saying(word), {"d1": b"gate", "d2": b"evidence"})
    assert (store.pinned("d1"), store.pinned("d2"), store.pinned("d3")) == (b"gate", b"evidence", None)
    with sqlite3.connect(folder / "ledger.db") as connection:
        assert connection.execute("select count(*) from pinned").fetchone() == (2,)
    connection.close()


def test_many_documents_come_in_few_reads(store: SqliteStore) -> None:
    """A thousand documents, some asked for, some not there: what is there comes under its digest."""
    store.append(saying("a"), {f"d{i}": f"body {i}".encode() for i in range(1000)})
    asked = [*(f"d{i}" for i in range(0, 1000, 2)), "absent"]
    reads = 0

    def counted(*_: object) -> None:
        nonlocal reads
        reads += 1

    event.listen(store._engine, "before_cursor_execute", counted)  # noqa: SLF001 - the store's own reads
    found = store.documents(asked)
    event.remove(store._engine, "before_cursor_execute", counted)  # noqa: SLF001 - as above
    assert found == {f"d{i}": f"body {i}".encode() for i in range(0, 1000, 2)}
    assert reads == 2


def test_a_document_that_was_altered_is_not_rested_upon(store: SqliteStore, folder: Path) -> None:
    """An act whose document is kept with other bytes is refused, and leaves nothing."""
    store.append(saying("a"), {"d1": b"gate"})
    by_hand(folder, "update pinned set body = x'00'")
    with pytest.raises(LedgerFault, match="d1 is kept with other bytes") as refused:
        store.append(saying("b"), {"d0": b"new", "d1": b"gate"})
    assert refused.value.code == "HW608"
    assert store.size_and_head()[0] == 1
    assert store.pinned("d0") is None


def test_the_folder_is_ignored_by_git(store: SqliteStore, folder: Path) -> None:
    """The ledger itself never enters Git, and a `.gitignore` of one's own is kept."""
    add(store, "a")
    assert (folder / ".gitignore").read_text() == "*\n"
    (folder / ".gitignore").write_text("*.db\n")
    store.close()
    (folder / "ledger.db").unlink()
    add(store, "a")
    assert (folder / ".gitignore").read_text() == "*.db\n"


def test_the_file_is_written_for_safety(store: SqliteStore, folder: Path) -> None:
    """The file is in WAL mode, every connection syncs in full, and no draft of the file stays behind."""
    add(store, "a")
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with store._engine.connect() as connection:  # noqa: SLF001 - what is set per connection shows nowhere else
        seen = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in pragmas]
    assert seen == ["wal", 2, 1, 200]
    assert [path.name for path in folder.glob("new-*")] == []


def test_who_creates_second_writes_on_after_the_first(
    folder: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that create the ledger at once, neither wipes out the other."""
    other = SqliteStore(folder)
    link = os.link

    def overtaken(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        add(other, "first")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    add(store, "second")
    assert [stored.entry.split()[2] for stored in store.entries()] == [b"first", b"second"]
    other.close()


def test_a_writer_waits_its_turn_then_says_so(store: SqliteStore, folder: Path) -> None:
    """A ledger that stays locked is HW610, with what to do, and the entry is not there."""
    add(store, "a")
    holder = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerFault, match="another process has held it") as refused:
        add(store, "b")
    assert (refused.value.code, refused.value.mend[:4]) == ("HW610", "wait")
    holder.execute("ROLLBACK")
    holder.close()
    assert store.size_and_head()[0] == 1


def test_readers_do_not_wait_for_a_writer(store: SqliteStore) -> None:
    """While an entry is being written, the ledger before it can be read."""
    add(store, "a")
    seen: list[int] = []

    def build(seq: int, prev: str) -> bytes:
        reader = threading.Thread(target=lambda: seen.append(len(list(store.entries()))))
        reader.start()
        reader.join()
        seen.append(store.size_and_head()[0])
        return b"b"

    store.append(build, {})
    assert seen == [1, 1]


def test_a_reader_keeps_to_what_stood_when_it_began(store: SqliteStore) -> None:
    """Entries added while one reads do not appear in the middle of it."""
    add(store, *(str(number) for number in range(600)))
    reading = store.entries()
    next(reading)
    add(store, "late")
    assert sum(1 for _ in reading) == 599


def test_an_entry_that_cannot_be_built_leaves_nothing(store: SqliteStore) -> None:
    """What the builder raises is passed on, nothing is kept, and the next writer is not held up."""

    def build(seq: int, prev: str) -> bytes:
        raise ValueError(seq)

    with pytest.raises(ValueError, match="1"):
        store.append(build, {"d": b"x"})
    assert store.size_and_head() == (0, NO_ENTRY)
    assert store.pinned("d") is None
    assert add(store, "a")[0].seq == 1


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all, though long enough to be read as a header" * 20]
)
def test_a_file_that_is_no_ledger_is_told_apart(folder: Path, store: SqliteStore, content: bytes) -> None:
    """A file of the ledger's name that holds something else is neither read nor written."""
    folder.mkdir()
    (folder / "ledger.db").write_bytes(content)
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("HW601", lambda: list(store.entries())),
        ("HW601", store.size_and_head),
        ("HW601", lambda: store.pinned("d")),
        ("HW601", lambda: store.documents(["d"])),
        ("HW610", lambda: add(store, "a")),
    ]
    for code, attempt in attempts:
        with pytest.raises(LedgerFault) as refused:
            attempt()
        assert refused.value.code == code
        assert "restore ledger.db" in refused.value.mend
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__
    assert (folder / "ledger.db").read_bytes() == content


def test_values_of_another_type_come_out_as_bytes(store: SqliteStore, folder: Path) -> None:
    """A row that somebody changed to text or a number is still handed over, for `verify` to judge."""
    add(store, "a", "b")
    by_hand(
        folder,
        "update ledger set entry = 'text', digest = x'ff' where seq = 1",
        "update ledger set entry = 1000000000000, digest = 7 where seq = 2",
    )
    assert [(row.digest, row.entry) for row in store.entries()] == [
        ("\ufffd", b"text"),
        ("7", b"1000000000000"),
    ]


def test_a_file_that_was_put_in_place_of_the_old_one_is_used(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    """After a restored backup, entries go into the file that is there and not into the one that is gone."""
    add(store, "a")
    store.close()
    backup = tmp_path / "backup.db"
    shutil.copy(folder / "ledger.db", backup)
    add(store, "lost")
    for path in folder.glob("ledger.db*"):
        path.unlink()
    shutil.move(backup, folder / "ledger.db")
    add(store, "b")
    with closing(SqliteStore(folder)) as other:
        assert [row.entry.split()[2] for row in other.entries()] == [b"a", b"b"]


def test_a_file_that_vanishes_between_looking_and_opening_is_told(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fault of SQLite or of the file system reaches the caller as it is."""
    monkeypatch.setattr(Path, "exists", lambda _: True)
    with pytest.raises(LedgerFault, match="cannot read the ledger"):
        store.size_and_head()


def test_a_fault_of_the_file_system_has_a_mend_line(folder: Path, store: SqliteStore) -> None:
    """A file where the folder should be is HW610, in words."""
    folder.write_text("in the way")
    with pytest.raises(LedgerFault, match="the machine did not do it") as refused:
        add(store, "a")
    assert refused.value.code == "HW610"
    assert str(folder) in refused.value.mend


def test_the_tables_are_as_published(store: SqliteStore, folder: Path) -> None:
    """The two tables hold number, digest and bytes, and nothing else."""
    add(store, "a")
    assert {name: list(table.columns.keys()) for name, table in metadata.tables.items()} == {
        "ledger": ["seq", "digest", "entry"],
        "pinned": ["digest", "body"],
    }
    with sqlite3.connect(folder / "ledger.db") as connection:
        columns = connection.execute("select name, type, pk from pragma_table_info('ledger')").fetchall()
    connection.close()
    assert columns == [("seq", "INTEGER", 1), ("digest", "TEXT", 0), ("entry", "BLOB", 0)]


@pytest.mark.parametrize("after", range(6))
def test_a_fault_at_any_statement_leaves_neither_entry_nor_document(
    store: SqliteStore, folder: Path, after: int
) -> None:
    """Whichever statement of the transaction fails, the ledger is as it was, and takes the next act."""
    add(store, "a")
    left = after

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal left
        if statement == "ROLLBACK":
            return
        left -= 1
        if left < 0:
            raise sqlite3.OperationalError(statement)

    event.listen(store._engine, "before_cursor_execute", fail)  # noqa: SLF001 - the fault must hit the store's own
    with pytest.raises(LedgerFault) as refused:
        store.append(saying("b"), {"d": b"x"})
    assert refused.value.code == "HW610"
    event.remove(store._engine, "before_cursor_execute", fail)  # noqa: SLF001 - as above
    assert len(list(store.entries())) == 1
    assert store.pinned("d") is None
    assert add(store, "b")[0].seq == 2
