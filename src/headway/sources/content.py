"""Digests of files by their bytes, remembered while size, time and inode stand still (as Git does)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def digest_files(paths: Iterable[Path], memory: Path) -> str:
    """One digest for a set of files, in the order given.

    Args:
        paths: the files.
        memory: a JSON file of digests already computed; it may be absent or damaged, and is then made anew.

    Raises:
        OSError: a file cannot be read.
    """
    known = _remembered(memory)
    whole = hashlib.sha256()
    fresh: dict[str, str] = {}
    for path in paths:
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}"
        fresh[key] = known.get(key) or _digest(path)
        whole.update(fresh[key].encode())
    if any(key not in known for key in fresh):
        _remember(memory, known | fresh)
    return whole.hexdigest()


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
    """Write beside and rename, so that a reader never sees half; a store that cannot be written costs only time."""
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=memory.parent, prefix=".digests-")
        with os.fdopen(handle, "w") as file:
            json.dump(known, file)
        Path(name).replace(memory)
