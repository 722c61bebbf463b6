"""Days of a monitoring system that are over, kept in the user's cache, so that each is asked for once.

One Parquet file per day under its content's name, and one list of them. Like all that is kept, it saves time
and is never an answer of its own: what does not read as what was written is asked for again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from headway.kernel.clock import now
from headway.kernel.identity import digest_bytes
from headway.portfolio.kept import cache_folder

# What nobody asked for in this time goes, and more days than these of one source.
UNUSED = timedelta(days=60)
MOST_DAYS = 800
_LIST = "days.json"
# Raised when rows are made in another way.
_FORM = "1"


@dataclass(frozen=True, slots=True)
class KeptDay:
    """What is known of one day without reading it.

    Attributes:
        digest: names its rows.
        rows: how many.
        newest: the second at which its newest bin starts.
        rungs: workloads by the rung of their signal, each with how many bins it has.
        names: the metrics that each resource was read from.
        clipped: bins that showed more use than there is.
        unlabelled: labels of series that name no workload.
    """

    digest: str
    rows: int
    newest: int
    rungs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clipped: int = 0
    unlabelled: tuple[str, ...] = ()


@dataclass
class KeptDays:
    """The days of one question to one server.

    Attributes:
        folder: where they lie; None where nothing is kept.
    """

    folder: Path | None
    _days: dict[str, KeptDay] | None = None

    def get(self, day: str) -> tuple[Path, KeptDay] | None:
        """The file of a day, and what is known of it; None where it has to be asked for."""
        if self.folder is None:
            return None
        known = self._known().get(day)
        file = self._file(day, known) if known else None
        return (file, known) if known and file and file.is_file() else None

    def put(self, day: str, found: KeptDay, table: Path) -> Path:
        """Keep a day's file under its own name; where that is not possible, it stays where it is."""
        if self.folder is None:
            return table
        file = self._file(day, found)
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self.folder / f".{file.name}"
            shutil.copyfile(table, part)
            part.chmod(0o600)
            part.replace(file)
            self._known()[day] = found
            return file
        return table

    def close(self) -> None:
        """Write down what is new, and let go of what nobody asks for."""
        if self.folder is None or not self.folder.is_dir():
            return
        with contextlib.suppress(OSError):
            self._save()
            oldest = now().timestamp() - UNUSED.total_seconds()
            for other in self.folder.parent.iterdir():
                if other.is_dir() and other.stat().st_mtime < oldest:
                    shutil.rmtree(other, ignore_errors=True)

    def _file(self, day: str, known: KeptDay) -> Path:
        assert self.folder is not None  # noqa: S101  asked by those who looked
        return self.folder / f"{day}-{known.digest[:24]}.parquet"

    def _known(self) -> dict[str, KeptDay]:
        if self._days is None:
            try:
                found = json.loads((self.folder / _LIST).read_text()) if self.folder else {}
                self._days = {str(day): _read(one) for day, one in found[_FORM].items()}
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                self._days = {}
        return self._days

    def _save(self) -> None:
        assert self.folder is not None  # noqa: S101  asked by those who looked
        known = self._known()
        for day in sorted(known)[:-MOST_DAYS]:
            self._file(day, known.pop(day)).unlink(missing_ok=True)
        handle, part = tempfile.mkstemp(dir=self.folder, prefix=".days-")
        with os.fdopen(handle, "w") as file:
            json.dump({_FORM: {day: asdict(one) for day, one in known.items()}}, file, separators=(",", ":"))
        Path(part).replace(self.folder / _LIST)


def days_folder(store: Path) -> Path | None:
    """Where days of all sources of a portfolio are kept, by its store; None where HEADWAY_CACHE=off."""
    folder = cache_folder()
    return folder / f"days-{digest_bytes(os.fsencode(store.resolve()))[:24]}" if folder else None


def _read(one: Any) -> KeptDay:
    """What was kept, where it has the form of it."""
    rungs = {str(r): {str(w): int(n) for w, n in ws.items()} for r, ws in one["rungs"].items()}
    names = {str(r): tuple(map(str, ns)) for r, ns in one["names"].items()}
    labels = tuple(map(str, one["unlabelled"]))
    newest, clipped = int(one["newest"]), int(one["clipped"])
    return KeptDay(str(one["digest"]), int(one["rows"]), newest, rungs, names, clipped, labels)
