"""Use case ``purge``: what headway keeps on this machine to save time, and letting go of what is old.

Nothing that a decision rests on is touched: the ledger and what it pins are no copies of anything.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headway.aggregates.memory import memory_file
from headway.app.wiring import store_folder
from headway.kernel.errors import HeadwayError
from headway.kernel.identity import Json, instant
from headway.kernel.quantity import show_duration
from headway.portfolio.kept import cached_files
from headway.portfolio.load import Portfolio
from headway.sources.kept_days import days_folder

SCHEMA = "headway.purge/1"
KINDS = {
    "cache": "what was read of the portfolio's files, and what check found in them",
    "sums": "sums of sources, and what is known of their columns",
    "days": "days of monitoring systems that were asked for",
    "digests": "digests of data files that stand still",
    "logs": "what was written down when headway itself failed",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One file kept: its kind, its size in bytes, and when it was last used."""

    kind: str
    path: Path
    size: int
    used: datetime

    def as_json(self) -> dict[str, Json]:
        """As part of ``headway.purge/1``."""
        return {"kind": self.kind, "file": str(self.path), "bytes": self.size, "used": instant(self.used)}


@dataclass(frozen=True, slots=True)
class Purge:
    """What is kept, and how much of it is older than asked for.

    Attributes:
        items: everything kept, of the kinds asked for.
        older_than: how long something may lie unused.
        at: the moment of the run.
    """

    items: tuple[Item, ...]
    older_than: timedelta
    at: datetime

    @property
    def old(self) -> tuple[Item, ...]:
        """What goes."""
        return tuple(i for i in self.items if self.at - i.used >= self.older_than)

    def as_json(self, *, gone: bool) -> dict[str, Json]:
        """The schema ``headway.purge/1``."""
        return {
            "schema": SCHEMA,
            "older_than": show_duration(self.older_than),
            "gone": gone,
            "old": [i.as_json() for i in self.old],
            "kept": [i.as_json() for i in self.items if i not in self.old],
        }


def cached(root: Path) -> list[Item]:
    """What is kept of a portfolio's files: looked at before they are read, because reading is using."""
    found = (_item("cache", path) for path in cached_files(root))
    return [item for item in found if item]


def purge(
    portfolio: Portfolio,
    before: Iterable[Item],
    kinds: Iterable[str],
    older_than: timedelta | None,
    at: datetime,
) -> Purge:
    """Look at what is kept of a portfolio; nothing is removed.

    Args:
        portfolio: whose files.
        before: what `cached` found before the portfolio was read.
        kinds: of `KINDS`; all where none is named.
        older_than: how long something may lie unused; else the portfolio's own `retention`.
        at: the moment of the run.

    Raises:
        HeadwayError: the store is not to be had.
    """
    wanted = set(kinds) or set(KINDS)
    span = portfolio.settings.retention if older_than is None else older_than
    found = [*before, *(_item(kind, path) for kind, path in _kept(portfolio))]
    return Purge(tuple(i for i in found if i and i.kind in wanted), span, at)


def remove(found: Purge) -> None:
    """Let go of what is old.

    Raises:
        HeadwayError: a file cannot be removed.
    """
    for item in found.old:
        try:
            item.path.unlink(missing_ok=True)
        except OSError as fault:
            what = fault.strerror or str(fault)
            raise HeadwayError("remove", str(item.path), what, "let this user remove it") from fault


def _kept(portfolio: Portfolio) -> Iterator[tuple[str, Path]]:
    store = store_folder(portfolio)
    sums = memory_file(store)
    if sums:
        yield "sums", sums
    days = days_folder(store)
    for path in sorted(days.rglob("*")) if days else ():
        if path.is_file():
            yield "days", path
    yield "digests", store / "digests.json"
    for path in sorted(Path(tempfile.gettempdir()).glob("headway-*.log")):
        yield "logs", path


def _item(kind: str, path: Path) -> Item | None:
    """A file of this user's; what is not there, or somebody else's, is none."""
    try:
        stat = path.lstat()
    except OSError:
        return None
    mine = not hasattr(os, "getuid") or stat.st_uid == os.getuid()
    if not mine:
        return None
    return Item(kind, path, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
