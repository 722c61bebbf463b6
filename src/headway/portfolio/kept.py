"""What is kept of a portfolio between one command and the next, to save time: never an answer of its own.

It lies in the user's cache folder, never in the portfolio: a folder that somebody else wrote must not be able
to say what its files say. It is JSON under a checksum, so that reading it runs nothing, and what does not
read as what was written is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway import __version__
from headway.kernel.identity import digest_bytes

OFF = "off"
# Raised when what is kept is read or made in another way, so that nothing older is taken for it.
_FORM = "1"
# Portfolios that are remembered at once; those not used for longest go first.
MOST = 50


def cache_folder() -> Path | None:
    """The user's cache folder for headway, or None where HEADWAY_CACHE=off says that none is wanted."""
    named = os.environ.get("HEADWAY_CACHE", "")
    if named == OFF:
        return None
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME", "")
    with contextlib.suppress(RuntimeError):
        return (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "headway"  # noqa: PTH117
    return None


def cached_files(root: Path) -> list[Path]:
    """Every file that keeps something of a portfolio."""
    folder = cache_folder()
    return sorted(folder.glob(f"*-{_named(root)}.json")) if folder else []


def _named(root: Path) -> str:
    return digest_bytes(os.fsencode(root.resolve()))[:24]


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing kept of one portfolio.

    Attributes:
        what: a word for it.
        root: the portfolio's folder.
    """

    what: str
    root: Path

    @property
    def _file(self) -> Path | None:
        folder = cache_folder()
        return folder / f"{self.what}-{_named(self.root)}.json" if folder else None

    @property
    def _mark(self) -> str:
        return f"headway {__version__} {_FORM}"

    def load(self) -> Any:
        """What was kept, or None where nothing sound is."""
        file = self._file
        try:
            head, _, body = file.read_bytes().partition(b"\n") if file else (b"", b"", b"")
            if not body or head.decode() != f"{self._mark} {digest_bytes(body)}":
                return None
            if file:
                os.utime(file)
            return json.loads(body)
        except (OSError, ValueError):
            return None

    def save(self, value: Any) -> None:
        """Keep a JSON value; where that is not possible, nothing is kept."""
        file = self._file
        if file is None:
            return
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        with contextlib.suppress(OSError):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=file.parent, prefix=".part-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(f"{self._mark} {digest_bytes(body)}\n".encode() + body)
                os.replace(part, file)  # noqa: PTH105
            except OSError:
                os.unlink(part)  # noqa: PTH108
                raise
            self._make_room(file.parent)

    def _make_room(self, folder: Path) -> None:
        files = sorted(folder.glob(f"{self.what}-*.json"), key=lambda f: f.stat().st_mtime, reverse=True)
        for file in files[MOST:]:
            file.unlink(missing_ok=True)
