"""Use case ``review --since``: the same portfolio at an earlier revision or day, and what changed."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headway.app.changes import changes_of
from headway.app.check import Checked, check
from headway.app.decided import decision_json
from headway.app.review import Review, review
from headway.kernel.clock import parse_as_of
from headway.kernel.errors import HeadwayError
from headway.kernel.identity import Json, instant

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YAML = (".yaml", ".yml")
_SUBMODULE = "160000"


class SinceFault(HeadwayError):
    """The earlier state asked for is not to be had: a word to correct, not a fault of the machine."""

    def __init__(self, code: str, happened: str, mend: str) -> None:
        self.code = code
        super().__init__("compare", "with the earlier state", happened, mend)

    def __str__(self) -> str:
        return self.happened


@dataclass(frozen=True, slots=True)
class _Then:
    """A commit, and the moment to judge its files at."""

    revision: str
    at: datetime


def changes_since(made: Review, record: Mapping[str, Json], since: str) -> Json:
    """What changed in a review since a day or a Git revision.

    Of a revision the portfolio's own files are read as they were; other rows are today's where they were not
    in Git, and all rows are read up to the moment judged. That moment is the portfolio's own `as_of` of then,
    else the commit's; of a day it is the end of that day. Where the folder was not in Git on a day, today's
    files are judged as of that day.

    Args:
        made: the review of now.
        record: its record.
        since: a day such as 2026-03-01, or what Git calls a revision.

    Raises:
        SinceFault: HW130, no such revision; HW131, the folder is not in Git; HW132, the files of then cannot
            be used; HW133, the moment lies after the one judged now.
        HeadwayError: the store is not to be had.
    """
    root, zone = made.portfolio.root, made.portfolio.settings.time_zone
    day = parse_as_of(since, zone) if _is_day(since, zone) else None
    if day is not None and day >= made.as_of:
        what = f"'{since}' is not before the moment judged, {instant(made.as_of)[:10]}"
        raise SinceFault("HW133", what, "name an earlier day")
    top = _git(root, "rev-parse", "--show-toplevel")
    then = _then(root, since, day) if top is not None else None
    if day is not None and then is None:
        return _compared(made, record, check(root, since), since)
    if top is None or then is None:
        raise SinceFault("HW131", "the folder is not in a Git repository", "name a day such as 2026-03-01")
    with _as_it_was(root, Path(top), then.revision) as folder:
        found = check(folder)
        own = found.portfolio.settings.moment if found.portfolio else None
        at = day or own or then.at
        return _compared(made, record, check(folder, at.isoformat()), since, then.revision)


def _is_day(since: str, zone: str) -> bool:
    if not _DAY.fullmatch(since):
        return False
    try:
        parse_as_of(since, zone)
    except ValueError as error:
        raise SinceFault("HW130", str(error), "name a day such as 2026-03-01") from None
    return True


def _then(root: Path, since: str, day: datetime | None) -> _Then | None:
    if day is not None:
        revision = _git(root, "rev-list", "-1", f"--before={day.isoformat()}", "HEAD", "--", ".")
        if not revision:
            return None
    else:
        revision = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}")
        if not revision:
            mend = "name a day such as 2026-03-01, a tag, a branch or a commit"
            raise SinceFault("HW130", f"Git knows no revision '{since}'", mend)
    at = _git(root, "show", "--no-patch", "--format=%cI", revision) or ""
    return _Then(revision, datetime.fromisoformat(at))


def _compared(
    made: Review, record: Mapping[str, Json], found: Checked, since: str, revision: str | None = None
) -> Json:
    if found.portfolio is None:
        first = next(iter(found.diagnostics), None)
        why = f": {first.what}" if first else ""
        what = f"the portfolio as it was at '{since}' cannot be loaded{why}"
        raise SinceFault("HW132", what, "name a revision at which portfolio.yaml is sound")
    if found.as_of > made.as_of:
        what = f"'{since}' was judged at {instant(found.as_of)[:10]}, after the moment judged now"
        raise SinceFault("HW133", what, "name an earlier one, or set --as-of")
    with tempfile.TemporaryDirectory(prefix="headway-") as store:
        asked = [n for n in found.portfolio.initiatives if made.whole or n in made.collected.asks]
        before = review(found, only=asked, store=Path(store), recorded=made.decisions)
    changes = changes_of(before.as_json(), record, since, revision)
    taken = [decision_json(e) for e in made.decisions.entries if e.at > found.as_of]
    return {**changes, "decisions": list(taken)}


@contextmanager
def _as_it_was(root: Path, top: Path, revision: str) -> Iterator[Path]:
    """The portfolio's folder at a revision, in a temporary place.

    What Git kept of it is as it was then. Everything else, rows beside the files and folders around them, is
    linked from today, so that relative paths lead where they led.
    """
    root, top = root.resolve(), top.resolve()
    with tempfile.TemporaryDirectory(prefix="headway-") as temporary:
        here = Path(temporary) / "then"
        here.mkdir()
        for part in root.relative_to(top).parts:
            _link_all(top, here, besides=part)
            top, here = top / part, here / part
            here.mkdir()
        kept, now = _files_at(root, revision), set(_listed(root, "ls-files", "-z"))
        same = set(kept) - set(_listed(root, "diff", "--relative", "--name-only", "-z", revision, "--", "."))
        _write(root, here, {p: b for p, b in kept.items() if p not in same})
        for path in _today(root):
            beside = path not in now and path not in kept and not path.endswith(_YAML)
            if path in same or beside:
                _link(root / path, here / path)
        yield here


def _today(root: Path) -> Iterator[str]:
    """Files of today, but for hidden ones."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        seen = not any(part.startswith(".") for part in inside.parts)
        if seen and path.is_file():
            yield inside.as_posix()


def _link_all(folder: Path, here: Path, besides: str) -> None:
    for one in folder.iterdir():
        if one.name not in (besides, ".git"):
            _link(one, here / one.name)


def _link(target: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def _files_at(root: Path, revision: str) -> dict[str, str]:
    """Path to blob, of files and links below the folder."""
    made: dict[str, str] = {}
    for row in _listed(root, "ls-tree", "-r", "-z", revision, "--", "."):
        about, _, path = row.partition("\t")
        mode, _, blob = about.split(" ")
        if mode != _SUBMODULE:
            made[path] = blob
    return made


def _listed(root: Path, *words: str) -> list[str]:
    return [row for row in (_git(root, *words) or "").split("\0") if row]


def _write(root: Path, here: Path, blobs: Mapping[str, str]) -> None:
    """Write files as they were; one process for all of them."""
    done = subprocess.run(
        ["git", "cat-file", "--batch"],  # noqa: S607
        cwd=root,
        input="".join(f"{blob}\n" for blob in blobs.values()).encode(),
        capture_output=True,
        check=False,
    )
    rest = done.stdout
    for path in blobs:
        head, _, rest = rest.partition(b"\n")
        size = int(head.split(b" ")[-1])
        target = here / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(rest[:size])
        rest = rest[size + 1 :]


def _git(folder: Path, *words: str) -> str | None:
    """What Git answers, or None where it answers with a fault or is not there."""
    try:
        done = subprocess.run(  # noqa: S603  the words are ours, but for a revision behind --end-of-options
            ["git", *words],  # noqa: S607
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.decode(errors="surrogateescape").rstrip("\n") if done.returncode == 0 else None
