"""The YAML files of a folder: which there are, their bytes, and the content of those that are sound.

What a file says depends on its bytes alone, so a content once read is remembered under its digest. Many files
that are new are read by all cores: nothing else in the command takes as long.
"""

from __future__ import annotations

import contextlib
import marshal
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import digest_bytes
from headway.portfolio import yaml
from headway.portfolio.kept import Kept
from headway.portfolio.nodes import Plain

# At the root only: `data` may be an honest name further down.
_NOT_READ = frozenset({"data", "expected"})
# Below this, starting a second process costs more than it saves.
FEW = 400
_CHUNK = 100
# Below this, nothing is remembered: the files are read in less time than that takes.
VERY_FEW = 20

Documents = list[dict[str, Plain]]


@dataclass(frozen=True, slots=True)
class Written:
    """One file: its name in the folder, its bytes, and its documents where all of it is plainly sound."""

    file: str
    content: bytes
    sound: Documents | None


def yaml_files(root: Path, faults: list[Diagnostic]) -> tuple[str, ...]:
    """The YAML files below a folder, except `data/`, `expected/` and hidden folders, in order.

    Folders that cannot be opened are added to faults.
    """
    return tuple(_files(root, faults))


def _files(root: Path, faults: list[Diagnostic]) -> Iterator[str]:
    def closed(fault: OSError) -> None:
        here = Path(str(fault.filename)).relative_to(root).as_posix()
        what = f"the folder cannot be opened: {fault.strerror}"
        faults.append(Diagnostic("HW112", what, Place(here), "make it readable, or name another folder"))

    for folder, folders, names in os.walk(root, onerror=closed):
        top = Path(folder) == root
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not (top and f in _NOT_READ))
        here = "" if top else f"{Path(folder).relative_to(root).as_posix()}/"
        for name in sorted(names):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield here + name


def read_files(root: Path, files: Sequence[str]) -> Iterator[Written | Diagnostic]:
    """Every file in order: what it says, or why it cannot be opened.

    A file is handed on while those after it are still being read.
    """
    contents = [content_of(root, file) for file in files]
    readable = [c for c in contents if isinstance(c, bytes)]
    kept = Kept("files", root)
    names = dict(zip(readable, map(digest_bytes, readable), strict=True)) if len(files) > VERY_FEW else {}
    before = (kept.load() if names else None) or {}
    known: dict[bytes, Documents | None] = {c: before[n] for c, n in names.items() if n in before}
    fresh = [c for c in dict.fromkeys(readable) if c not in known]
    read = _documents(fresh)
    for file, content in zip(files, contents, strict=True):
        if isinstance(content, Diagnostic):
            yield content
            continue
        if content not in known:
            known[content] = next(read)
        yield Written(file, content, known[content])
    if names and (fresh or len(before) > len(names)):
        kept.save({name: known[c] for c, name in names.items()})


def identity(contents: Iterable[tuple[str, bytes]]) -> str:
    """A name for the bytes of files under their names: the same for the same, another for any other."""
    return digest_bytes(
        "".join(f"{file}\0{digest_bytes(content)}\n" for file, content in contents).encode(
            "utf-8", "surrogateescape"
        )
    )


def content_of(root: Path, file: str) -> bytes | Diagnostic:
    """The bytes of a file, or why it cannot be opened."""
    try:
        # One byte beyond the limit is enough to know that a file is too large.
        with open(f"{root}/{file}", "rb") as stream:  # noqa: PTH123  ten thousand paths cost half a second
            return stream.read(yaml.MAX_BYTES + 1)
    except OSError as fault:
        what = f"the file cannot be opened: {fault.strerror or fault}"
        return Diagnostic("HW112", what, Place(file), "make it readable, or take it away")


def _documents(contents: Sequence[bytes]) -> Iterator[Documents | None]:
    """What each content says, in order."""
    cores = os.cpu_count() or 1
    # A copy of a process that runs threads may stand still for ever.
    if len(contents) < FEW or cores == 1 or threading.active_count() > 1:
        yield from map(yaml.sound, contents)
        return
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from map(yaml.sound, contents)
        return
    yield from _by_all_cores([contents[at : at + _CHUNK] for at in range(0, len(contents), _CHUNK)], cores)


def _by_all_cores(chunks: Sequence[Sequence[bytes]], cores: int) -> Iterator[Documents | None]:
    """Each process reads every so many-th chunk, and is gone once nobody listens to it any more.

    There is no queue and so no lock that an interrupted process could hold.
    """
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(min(cores, len(chunks)))]
    workers = []
    try:
        for at, (_, mouth) in enumerate(pipes):
            worker = fork.Process(target=_work, args=(chunks[at :: len(pipes)], at, pipes), daemon=True)
            worker.start()
            workers.append(worker)
            mouth.close()
        for at, chunk in enumerate(chunks):
            yield from _heard(pipes[at % len(pipes)][0]) or map(yaml.sound, chunk)
    finally:
        for ear, _ in pipes:
            ear.close()
        for worker in workers:
            worker.join()


def _heard(ear: Connection) -> list[Documents | None]:
    """What a process has read next; nothing where it is gone."""
    try:
        # Written by our own process a moment ago.
        found: list[Documents | None] = marshal.loads(ear.recv_bytes())  # noqa: S302
    except (EOFError, OSError):
        return []
    return found


def _work(
    chunks: Sequence[Sequence[bytes]], mine: int, pipes: Sequence[tuple[Connection, Connection]]
) -> None:
    # The parent hears of the interrupt too, and stops listening.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for at, (ear, other) in enumerate(pipes):
        ear.close()
        if at != mine:
            other.close()
    mouth = pipes[mine][1]
    with contextlib.suppress(OSError):
        for contents in chunks:
            mouth.send_bytes(marshal.dumps([yaml.sound(content) for content in contents]))
