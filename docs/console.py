"""Run what a page shows: write its titled blocks to files, run its console blocks, compare what they print.

``python -m docs.console [PAGE ...]`` prints every difference; ``--update`` writes it into the pages.

A page may begin where another one ends: ``<!-- begins where: tutorial.md -->``, or in an empty folder:
``<!-- begins in an empty folder -->``. A fence with a title is a
file. In a ``console`` fence a line after ``$`` is a command, the lines below it are what it prints, errors
included. ``[...]`` stands for whatever else is printed: on a line of its own for any lines, inside a line for
any text of that line.

Every ``console`` and ``sh`` fence is run, or the line above it says why not: ``<!-- not run: REASON -->``.
"""

# ruff: noqa: INP001  (pages and their tools, found by path)

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
ANYTHING = "[...]"
_FENCE = re.compile(r"^```(\w*)(.*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_NOT_RUN = re.compile(r"^\s*<!-- not run: \S.* -->$")
_SHELLS = re.compile(r"^\s*```(console|sh|bash|shell)\b")
_BEGINS = re.compile(r"<!-- begins where: (\S+) -->")
# Such a command needs a shell; every other one that names headway runs in this process, which is faster.
_SHELL = re.compile(r"[|<>;&`$]")
_COLUMNS = "100"
_EMPTY = "<!-- begins in an empty folder -->"


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: its language, the file it is, its lines, and the number of the first of them."""

    language: str
    title: str
    lines: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The lines as the content of a file."""
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a page, what the page says it prints, and which lines of the page say so."""

    command: str
    expected: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A command that printed something else."""

    page: str
    shown: Shown
    printed: tuple[str, ...]

    def __str__(self) -> str:
        said, got = "\n".join(self.shown.expected), "\n".join(self.printed)
        return f"{self.page}:{self.shown.at}: $ {self.shown.command}\n--- shown\n{said}\n--- printed\n{got}"


def fences(text: str) -> tuple[Fence, ...]:
    """The fenced blocks of a page, in order.

    Raises:
        ValueError: a fence is not closed.
    """
    found, opened, lines = [], None, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if opened is None and mark:
            title = _TITLE.search(mark[2])
            opened, lines = (mark[1], title[1] if title else "", number + 1), []
        elif opened is not None and line == "```":
            found.append(Fence(opened[0], opened[1], tuple(lines), opened[2]))
            opened = None
        elif opened is not None:
            lines.append(line)
    if opened is not None:
        message = f"the fence that opens above line {opened[2]} is not closed"
        raise ValueError(message)
    return tuple(found)


def commands(fence: Fence) -> tuple[Shown, ...]:
    """The commands of a console fence with what they print."""
    found: list[Shown] = []
    for number, line in enumerate(fence.lines, fence.at):
        if line.startswith("$ "):
            found.append(Shown(line[2:], (), number))
        elif found:
            last = found.pop()
            found.append(Shown(last.command, (*last.expected, line), last.at))
    return tuple(found)


def matches(expected: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether output is what a page shows.

    >>> matches(("a", "[...]", "d [...]"), ("a", "b", "c", "d e"))
    True
    """
    pattern = "".join(
        "(?:.*\n)*?" if line == ANYTHING else ".*?".join(map(re.escape, line.split(ANYTHING))) + "\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def pages() -> tuple[Path, ...]:
    """Every page, the README of the project included."""
    return (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))


def begins_where(page: Path) -> Path | None:
    """The page whose end is this page's beginning."""
    found = _BEGINS.search(page.read_text(encoding="utf-8"))
    return (page.parent / found[1]).resolve() if found else None


def runnable(page: Path) -> bool:
    """Whether a page is meant to be run: a how-to or tutorial with console blocks."""
    text = page.read_text(encoding="utf-8")
    shown = any(fence.language == "console" for fence in fences(text))
    return shown and (page.name == "tutorial.md" or _EMPTY in text or begins_where(page) is not None)


def unexplained(page: Path) -> list[int]:
    """Lines where a fence shows commands that nobody runs, and does not say why."""
    lines = ["", *page.read_text(encoding="utf-8").splitlines()]
    shown = [(number, _SHELLS.match(line)) for number, line in enumerate(lines)]
    return [
        number
        for number, mark in shown
        if mark and not (mark[1] == "console" and runnable(page)) and not _NOT_RUN.match(lines[number - 1])
    ]


class Stage:
    """Folders in which pages run; a page that begins where another ends gets a copy of that folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._played: dict[Path, Path] = {}

    def play(self, page: Path) -> list[Difference]:
        """Run a page from its beginning to its end."""
        before = begins_where(page)
        if before and before not in self._played:
            self.play(before)
        folder = self._folder / page.stem
        shutil.rmtree(folder, ignore_errors=True)
        if before:
            shutil.copytree(self._played[before], folder)
        else:
            folder.mkdir(parents=True)
        found = list(_play(page, folder))
        self._played[page] = folder
        return found

    def copy(self, page: Path, folder: Path) -> Path:
        """What a page leaves behind, in a folder of its own."""
        if page not in self._played:
            self.play(page)
        return Path(shutil.copytree(self._played[page], folder))


def _play(page: Path, folder: Path) -> Iterator[Difference]:
    status = 0
    for fence in fences(page.read_text(encoding="utf-8")):
        if fence.title:
            file = folder / fence.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(fence.text, encoding="utf-8")
        for shown in commands(fence) if fence.language == "console" else ():
            if shown.command == "echo $?":
                printed: tuple[str, ...] = (str(status),)
            else:
                status, text = run(shown.command, folder)
                printed = tuple(line.rstrip() for line in text.splitlines())
            if not matches(shown.expected, printed):
                yield Difference(page.name, shown, printed)


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run one command in a folder: its exit status, and what it prints on either stream."""
    if command.startswith("headway ") and not _SHELL.search(command):
        return _headway(command, folder)
    environment = {
        **os.environ,
        "COLUMNS": _COLUMNS,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(  # noqa: S603  the commands are those of our own pages
        ["bash", "-c", command],  # noqa: S607
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _headway(command: str, folder: Path) -> tuple[int, str]:
    import shlex

    from headway.cli.main import main

    said, status = io.StringIO(), 0
    words = shlex.split(command)
    with (
        contextlib.chdir(folder),
        mock.patch.object(sys, "argv", words),
        mock.patch.dict(os.environ, {"COLUMNS": _COLUMNS, "NO_COLOR": "1"}),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
    return status, said.getvalue()


def update(page: Path, found: list[Difference]) -> None:
    """Write what was printed into a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for one in sorted(found, key=lambda d: -d.shown.at):
        lines[one.shown.at : one.shown.at + len(one.shown.expected)] = one.printed
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_pages(words: list[str]) -> int:
    """Run pages and report, or with ``--update`` write, what they print."""
    named = [Path(w).resolve() for w in words if w != "--update"]
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        for page in named or [p for p in pages() if runnable(p)]:
            found = stage.play(page)
            differences += len(found)
            sys.stdout.writelines(f"{one}\n\n" for one in found)
            if found and "--update" in words:
                update(page, found)
    return int(differences > 0 and "--update" not in words)


if __name__ == "__main__":
    sys.exit(run_pages(sys.argv[1:]))
