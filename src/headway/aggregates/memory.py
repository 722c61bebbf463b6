"""What was found out about a content, remembered between one command and the next.

Everything is kept under the digest of what was asked and of the content it was asked of, so nothing kept can
be out of date. It lies in the user's cache folder, never in the portfolio: a folder that somebody else wrote
must not be able to say what its data say. Values are JSON, or bytes of which no part is ever run.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from headway.kernel.clock import now
from headway.kernel.identity import digest_bytes
from headway.portfolio.kept import cache_folder

# What nobody asked for in this time is forgotten.
UNUSED = timedelta(days=60)
# Past this the file is begun anew: a year of days of five hundred pilots is a tenth of it.
MOST_BYTES = 4_000_000_000
# Raised when what is kept is made or read in another way.
_FORM = "1"
# Seconds to wait for another command that is writing; what cannot be kept costs time only.
_PATIENCE = 2.0


@dataclass(slots=True)
class Memory:
    """Values by name; one that stays empty is no memory at all.

    Attributes:
        file: where it lies; None for none.
        blind: whether it only remembers and never recalls, so that everything is found out anew.
    """

    file: Path | None = None
    blind: bool = False
    _connection: sqlite3.Connection | None = None
    _new: dict[str, str | bytes] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        """What was kept under a name, or None."""
        return None if self.blind else self.recall(name)

    def recall(self, name: str) -> Any:
        """What was kept under a name, also where everything is found out anew."""
        try:
            value = self._kept(name)
            return json.loads(value) if isinstance(value, str) else None
        except ValueError:
            return None

    def _kept(self, name: str) -> str | bytes | None:
        try:
            row = self._open().execute("select value from kept where name = ?", (_FORM + name,)).fetchone()
        except (sqlite3.Error, OSError, ValueError):
            return None
        if row is None:
            return None
        self._used.add(name)
        return row[0] if isinstance(row[0], str | bytes) else None

    def put(self, name: str, value: Any) -> None:
        """Keep a JSON value from the end of this command on."""
        if self.file is not None:
            self._new[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def get_bytes(self, name: str) -> bytes | None:
        """What was kept as bytes under a name, or None."""
        value = None if self.blind else self._kept(name)
        return value if isinstance(value, bytes) else None

    def put_bytes(self, name: str, value: bytes) -> None:
        """Keep bytes from the end of this command on."""
        if self.file is not None:
            self._new[name] = value

    def touch(self, names: Iterable[str]) -> None:
        """Names whose values are still of use, though they need not be read."""
        self._used.update(names)

    def close(self) -> None:
        """Write what is new, forget what is old, and let go of the file."""
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._new or self._used:
                self._write()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._new.clear()
        self._used.clear()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self.file is None:
                raise FileNotFoundError
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = _connected(self.file)
        return self._connection

    def _write(self) -> None:
        connection, today = self._open(), now().date()
        with connection:
            rows = [(_FORM + name, value, str(today)) for name, value in self._new.items()]
            connection.executemany("insert or replace into kept values (?, ?, ?)", rows)
            names = [(str(today), _FORM + name, str(today)) for name in self._used]
            connection.executemany("update kept set used = ? where name = ? and used <> ?", names)
            connection.execute("delete from kept where used < ?", (str(today - UNUSED),))


def _connected(file: Path) -> sqlite3.Connection:
    """The file, begun anew where it is damaged or has grown beyond all measure."""
    if file.exists() and file.stat().st_size > MOST_BYTES:
        file.unlink()
    try:
        return _prepared(file)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        file.unlink()
        return _prepared(file)


def _prepared(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_PATIENCE)
    try:
        file.chmod(0o600)
        # Before the first table, or it has no effect: large values lie on few pages.
        connection.execute("pragma page_size = 32768")
        connection.execute(
            "create table if not exists kept (name text primary key, value text not null, used text not null)"
            " without rowid"
        )
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def memory_file(store: Path) -> Path | None:
    """Where what is known of the data of a portfolio is kept, by its store; None where HEADWAY_CACHE=off."""
    folder = cache_folder()
    return folder / f"sums-{digest_bytes(os.fsencode(store.resolve()))[:24]}.db" if folder else None
