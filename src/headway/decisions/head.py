"""``ledger.head``: how long the ledger is and how it ends, committed to Git beside the portfolio.

It is written after the entry is safe. A process killed in between leaves a head that is behind, which is no
harm; a head that is ahead of the ledger, or names another entry, shows that the ledger lost its tail or is
another one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from headway.decisions.entry import DIGEST
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import digest_bytes
from headway.store.base import NO_ENTRY, Store

_RESTORE = "restore both from the last state in which they agreed; never edit either by hand"


@dataclass(frozen=True, slots=True)
class Head:
    r"""Size of the ledger and digest of its last entry.

    >>> Head(0, "00").to_bytes()
    b'{"size": 0, "head": "00"}\n'
    """

    size: int
    head: str

    def to_bytes(self) -> bytes:
        """The content of the file."""
        return (json.dumps({"size": self.size, "head": self.head}) + "\n").encode()


EMPTY = Head(0, NO_ENTRY)


def read(path: Path) -> Head:
    """The committed head; `EMPTY` when there is no file.

    Raises:
        LedgerFault: HW605, the file holds no head or cannot be read.
    """
    mend = f"restore {path.name} from Git"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return EMPTY
    except OSError as fault:
        raise LedgerFault(
            "HW605", "read the head of", str(fault), f"let this user read {path.name}"
        ) from None
    with suppress(ValueError, RecursionError, KeyError, TypeError):
        fields = json.loads(data)
        found = Head(fields["size"], fields["head"])
        # Other bytes with this meaning do not come from headway: a merge or a hand was at work.
        if found.size >= 0 and DIGEST.fullmatch(found.head) and found.to_bytes() == data:
            return found
    raise LedgerFault("HW605", "read the head of", f"{path.name} holds no size and digest", mend)


def compare(head: Head, store: Store, path: Path) -> Diagnostic | None:
    """What the committed head says against the ledger: HW605 (other or cut), HW611 (behind) or nothing.

    The head must have been read before: the ledger may grow meanwhile, and must not seem shorter.

    Raises:
        LedgerFault: HW601, the store cannot be read.
    """
    size, digest = store.size_and_head()
    place = Place(path.name)
    if head.size > size:
        what = f"the committed head counts {head.size} entries, the ledger holds {size}"
        return Diagnostic("HW605", what, place, f"the ledger lost entries: {_RESTORE}")
    if _digest_at(store, head.size, size, digest) != head.head:
        what = f"entry {head.size} of the ledger is not the one that the committed head names"
        return Diagnostic("HW605", what, place, f"one of the two belongs to another ledger: {_RESTORE}")
    if head.size < size:
        what = f"the committed head counts {head.size} entries, the ledger holds {size}"
        mend = f"run `headway verify --mend-head` and commit {path.name}"
        return Diagnostic("HW611", what, place, mend)
    return None


def publish(store: Store, path: Path) -> Head:
    """Bring the head up to the ledger, unless it contradicts it.

    Raises:
        LedgerFault: HW605, the head is ahead of the ledger or of another one; HW610, it cannot be written;
            HW601, the store cannot be read.
    """
    try:
        with _turn(path.parent) as folder:
            refuse_other(store, path)
            # Read inside the turn: whoever comes last writes what is newest.
            found = Head(*store.size_and_head())
            _replace(path, found.to_bytes(), folder)
            return found
    except OSError as fault:
        mend = f"let this user write {path.name}, run `headway verify --mend-head` and commit the file"
        raise LedgerFault("HW610", "write the head of", str(fault), mend) from None


def refuse_other(store: Store, path: Path) -> None:
    """Go no further with a ledger that is not the one whose head was committed.

    Raises:
        LedgerFault: HW605, as found; HW601, the store cannot be read.
    """
    found = compare(read(path), store, path)
    if found and found.code == "HW605":
        raise LedgerFault(found.code, "go on with", found.what, found.mend)


def _digest_at(store: Store, at: int, size: int, digest: str) -> str | None:
    if at == size:
        return digest
    if at == 0:
        return NO_ENTRY
    stored = next(store.entries(at - 1), None)
    return digest_bytes(stored.entry) if stored and stored.seq == at else None


@contextmanager
def _turn(folder: Path) -> Iterator[int]:
    """One writer of the head at a time, by a lock on its folder, so that no extra file lies there."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Where folders cannot be locked (some network file systems), a race leaves the head behind: no harm.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _replace(path: Path, content: bytes, folder: int) -> None:
    """Whole or not at all, also when the power fails: the file, then its name, then the folder."""
    # One name for all, so that what a killed process left is taken away by the next.
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        os.fsync(folder)
    finally:
        draft.unlink(missing_ok=True)
