"""What SQLite complains of, in words a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from headway.kernel.errors import LedgerFault

FAULTS = (SQLAlchemyError, sqlite3.Error, OSError)

_FULL = ("there is no room to write", "make room on the disk that holds {folder}, then repeat")
_BARRED = ("it may not be opened or written here", "let this user read and write {folder}, then repeat")
_BROKEN = ("its file is damaged", "restore ledger.db in {folder} from a backup, then run `headway verify`")
_TAKEN = ("another process has held it for too long", "wait until the other headway has ended, then repeat")
_ALIEN = (
    "ledger.db holds no ledger",
    "restore ledger.db in {folder} from a backup, or move it away if it is another program's",
)
# By SQLite's own names of its errors, without what it adds to them: SQLITE_IOERR_WRITE is SQLITE_IOERR.
_WORDS = {
    "SQLITE_BUSY": _TAKEN,
    "SQLITE_LOCKED": _TAKEN,
    "SQLITE_READONLY": _BARRED,
    "SQLITE_CANTOPEN": _BARRED,
    "SQLITE_PERM": _BARRED,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": _FULL,
    "SQLITE_CORRUPT": _BROKEN,
    "SQLITE_NOTADB": _BROKEN,
    "SQLITE_ERROR": _ALIEN,
}


@contextmanager
def ledger_fault(code: str, attempted: str, folder: Path) -> Iterator[None]:
    """Turn any fault of SQLite, SQLAlchemy or the file system into a `LedgerFault` with a mend line.

    Raises:
        LedgerFault: with `code`, in place of the fault.
    """
    try:
        yield
    except FAULTS as fault:
        happened, mend = _words(fault, folder)
        raise LedgerFault(code, attempted, happened, mend) from None


def _words(fault: Exception, folder: Path) -> tuple[str, str]:
    origin = fault.orig if isinstance(fault, DBAPIError) else fault
    name = "_".join(getattr(origin, "sqlite_errorname", "").split("_")[:2])
    happened, mend = _WORDS.get(
        name, ("the machine did not do it", "see that {folder} can be written, then repeat")
    )
    return f"{happened} ({origin})", mend.format(folder=folder)
