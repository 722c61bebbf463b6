"""The embedded store: one SQLite file in the store's folder, safe for many processes on one machine."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, LargeBinary, cast, create_engine, event, insert, select
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from headway.kernel.errors import LedgerFault
from headway.kernel.identity import digest_bytes
from headway.store.base import NO_ENTRY, Stored
from headway.store.sqlite_faults import ledger_fault
from headway.store.tables import ledger, metadata, pinned

FILE = "ledger.db"
WAIT = 30.0
BATCH = 256

# Cast, because SQLite keeps whatever type was written: who edits the file may leave text or a number, and the
# bytes must still come out as they are for `verify` to judge.
_ENTRIES = select(
    ledger.c.seq,
    cast(ledger.c.digest, LargeBinary).label("digest"),
    cast(ledger.c.entry, LargeBinary).label("entry"),
)
_BODY = cast(pinned.c.body, LargeBinary).label("body")


class SqliteStore:
    """A `Store` in ``ledger.db`` in a folder.

    Nothing is created before the first entry, so reading a portfolio never writes to it.

    Args:
        folder: where the file lies or will lie.
        wait: seconds a writer waits for its turn.
    """

    def __init__(self, folder: Path, wait: float = WAIT) -> None:
        self._folder = folder.absolute()
        self._file = self._folder / FILE
        self._wait = wait
        self._engine = _engine(self._connect, self._same_file)

    def append(self, build: Callable[[int, str], bytes], pins: Mapping[str, bytes]) -> Stored:
        """Add one entry and the documents it pins in one transaction: see `Store.append`."""
        with ledger_fault("HW610", "add to", self._folder):
            if not self._file.exists():
                self._create()
            with self._engine.connect() as connection, _turn(connection):
                return _add(connection, build, pins)

    def entries(self, since: int = 0) -> Iterator[Stored]:
        """The entries after a number: see `Store.entries`."""
        chosen = _ENTRIES.where(ledger.c.seq > since).order_by(ledger.c.seq)
        with ledger_fault("HW601", "read", self._folder):
            if self._file.exists():
                with self._engine.connect() as connection:
                    for row in connection.execution_options(yield_per=BATCH).execute(chosen):
                        yield _stored(row)

    def pinned(self, digest: str) -> bytes | None:
        """The document kept under a digest: see `Store.pinned`."""
        with ledger_fault("HW601", "read", self._folder):
            if not self._file.exists():
                return None
            with self._engine.connect() as connection:
                return _body(connection, digest)

    def documents(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The documents kept under these digests: see `Store.documents`."""
        with ledger_fault("HW601", "read", self._folder):
            if not self._file.exists():
                return {}
            with self._engine.connect() as connection:
                return dict(_bodies(connection, list(digests)))

    def size_and_head(self) -> tuple[int, str]:
        """The last entry's number and digest: see `Store.size_and_head`."""
        with ledger_fault("HW601", "read", self._folder):
            if not self._file.exists():
                return 0, NO_ENTRY
            with self._engine.connect() as connection:
                return _last(connection)

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        query = "mode=rw"
        log = self._file.with_name(f"{FILE}-wal")
        writable = os.access(self._folder, os.W_OK, effective_ids=True)
        if not writable and not (log.exists() and log.stat().st_size):
            # A log cannot be made beside the file here. The file alone is whole, and nobody can change it.
            query = "mode=ro&immutable=1"
        connection = sqlite3.connect(
            f"{self._file.as_uri()}?{query}",
            uri=True,
            timeout=self._wait,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for pragma in ("synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _same_file(self, connection: sqlite3.Connection, record: Any, _proxy: object) -> None:
        """Refuse a kept connection whose file was replaced: what it wrote would be in no file at all."""
        found = self._file.stat()
        now = (found.st_dev, found.st_ino)
        if record.info.setdefault("file", now) != now:
            raise DisconnectionError

    def _create(self) -> None:
        """Put an empty ledger in place in one step, so that no process ever meets half of one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        with tempfile.TemporaryDirectory(prefix="new-", dir=self._folder) as name:
            draft = Path(name) / FILE
            _draw(draft)
            # A link and not a rename: of two that create it at once, the second must not wipe out the first.
            with suppress(FileExistsError):
                os.link(draft, self._file)
        place = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)


def _engine(connect: Callable[[], sqlite3.Connection], same_file: Callable[..., None]) -> Engine:
    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=QueuePool, isolation_level="AUTOCOMMIT"
    )
    event.listen(engine, "checkout", same_file)
    return engine


def _draw(draft: Path) -> None:
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(draft)))
    try:
        metadata.create_all(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        engine.dispose()


@contextmanager
def _turn(connection: Connection) -> Iterator[None]:
    """Hold the one writer's lock from the first read to the commit."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        # After some faults SQLite has already rolled back, and says so.
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise


def _add(connection: Connection, build: Callable[[int, str], bytes], pins: Mapping[str, bytes]) -> Stored:
    size, head = _last(connection)
    entry = build(size + 1, head)
    stored = Stored(size + 1, digest_bytes(entry), entry)
    for digest, body in pins.items():
        kept = _body(connection, digest)
        if kept is None:
            connection.execute(insert(pinned).values(digest=digest, body=body))
        elif kept != body:
            raise LedgerFault(
                "HW608",
                "add to",
                f"the pinned item {digest} is kept with other bytes than its own",
                "run `headway verify`, and restore ledger.db from a backup",
            )
    connection.execute(insert(ledger).values(seq=stored.seq, digest=stored.digest, entry=entry))
    return stored


def _last(connection: Connection) -> tuple[int, str]:
    row = connection.execute(_ENTRIES.order_by(ledger.c.seq.desc()).limit(1)).first()
    if row is None:
        return 0, NO_ENTRY
    # Computed, because the next entry must continue the bytes and not what somebody filed them under.
    return row.seq, digest_bytes(row.entry)


def _body(connection: Connection, digest: str) -> bytes | None:
    found: bytes | None = connection.execute(select(_BODY).where(pinned.c.digest == digest)).scalar()
    return found


def _bodies(connection: Connection, digests: list[str]) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(digests), BATCH):
        some = pinned.c.digest.in_(digests[start : start + BATCH])
        for row in connection.execute(select(pinned.c.digest, _BODY).where(some)):
            yield row.digest, row.body


def _stored(row: Any) -> Stored:
    return Stored(row.seq, row.digest.decode(errors="replace"), row.entry)
