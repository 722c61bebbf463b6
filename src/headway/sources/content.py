"""What files hold: digests by their bytes, remembered while they stand still (as Git does)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from headway.kernel.clock import now

# A file written a moment ago may be written again within one tick of its time stamp: it is not remembered.
_SETTLED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Content:
    """A set of files as they were found.

    Attributes:
        digest: names their bytes, in order; their names take no part.
        digests: names the bytes of each.
        stamps: per file its size, times and inode, taken before its bytes were read.
    """

    digest: str
    digests: tuple[str, ...]
    stamps: tuple[tuple[Path, str], ...]

    def changed(self) -> Path | None:
        """The first file that is no longer as it was found."""
        return next((path for path, stamp in self.stamps if _stamp(path) != stamp), None)


def content_of(paths: Iterable[Path], memory: Path) -> Content:
    """Digest a set of files, in the order given.

    Args:
        paths: the files.
        memory: a JSON file of digests already computed; it may be absent or damaged, and is then made anew.

    Raises:
        OSError: a file cannot be read.
    """
    known = _remembered(memory)
    digests: list[str] = []
    stamps: list[tuple[Path, str]] = []
    settled: dict[str, str] = {}
    for path in paths:
        stamp = _stamp(path)
        key = f"{path.resolve()}|{stamp}"
        found = known.get(key) or _digest(path)
        if _is_settled(path):
            settled[key] = found
        stamps.append((path, stamp))
        digests.append(found)
    if settled.keys() - known.keys():
        _remember(memory, known | settled)
    whole = hashlib.sha256("".join(digests).encode()).hexdigest()
    return Content(whole, tuple(digests), tuple(stamps))


def _stamp(path: Path) -> str:
    """Size, times and inode of what a path leads to; `absent` where it leads nowhere."""
    try:
        stat = path.stat()
    except OSError:
        return "absent"
    return f"{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ctime_ns}|{stat.st_ino}"


def _is_settled(path: Path) -> bool:
    return now().timestamp() - path.stat().st_mtime > _SETTLED.total_seconds()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remembered(memory: Path) -> dict[str, str]:
    try:
        found = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _remember(memory: Path, known: dict[str, str]) -> None:
    """Write beside and rename, so that a reader never sees half; where that fails, it costs only time."""
    with contextlib.suppress(OSError):
        if not memory.parent.exists():
            memory.parent.mkdir(parents=True, exist_ok=True)
            # Names of the firm's files do not belong into a portfolio that others read. A folder that was
            # there before may hold what does.
            (memory.parent / ".gitignore").write_text("*\n")
        handle, name = tempfile.mkstemp(dir=memory.parent, prefix=".digests-")
        with os.fdopen(handle, "w") as file:
            json.dump(known, file)
        Path(name).replace(memory)
