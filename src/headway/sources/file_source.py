"""The file source: CSV, Parquet and JSON, by path or glob, read in place by DuckDB.

Money in CSV stays text until it is a decimal. A number in JSON has the digits of a double, about fifteen:
write longer amounts as JSON strings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest
from headway.portfolio.source import Source
from headway.sources.base import Context, Shape, under_contract
from headway.sources.content import Content, content_of
from headway.sources.pinned import Pinned, pinned

if TYPE_CHECKING:
    from headway.aggregates.engine import Opened

READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
# The column that numbers rows: no column of a fact is called so.
ROW = "headway_row"
REWRITE = "write the file again; it may be cut off, or not what its ending says"


def bind_file(declared: Source, context: Context, shape: Shape = under_contract) -> Bound:
    """Bind files to the embedded engine, which is opened where their columns are not known yet.

    Args:
        declared: the source.
        context: where what is found out is remembered.
        shape: brings the rows under the fact's names and types.

    Raises:
        SourceFault: HW301 no file; HW302 not what its name says, or damaged; HW303, HW304 columns;
            HW305 the ``sql`` is not one SELECT over `file`.
    """
    files = files_of(declared, context.folder)
    try:
        content = content_of(files, context.store / "digests.json")
    except OSError as error:
        raise _fault(declared, context.folder, declared.source, error) from error
    named: dict[str, Json] = {
        "files": content.digest,
        "sql": declared.sql or "",
        "columns": dict(declared.columns),
        "nullstr": list(declared.nullstr),
    }
    where = _Where(declared, tuple(files), context, shape)
    name = digest(named)
    try:
        held = _held(declared, files, content)
        known = pinned(declared, name, context, where, held)
    except SourceFault:
        raise
    except Exception as error:
        # Its newest moment is looked for, and a value may not be one.
        raise _fault(declared, context.folder, declared.source, error) from error
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=declared.summed,
        types=known.types,
        digest=name,
        opening=where,
        present=known.present,
        counted=known.rows,
        newest=known.newest,
        parts=_parts(declared, files, content, known),
        spans=dict(zip(held, known.spans, strict=True)) if held else {},
        fault=partial(_fault, declared, context.folder),
        unchanged=_Unchanged(declared.source, content),
    )


def parted(declared: Source, files: Sequence[Path]) -> bool:
    """Whether files are read apart.

    What a SELECT makes of all of them may not be what it makes of each, and the way in which JSON writes its
    dates is guessed from many files at once.
    """
    return len(files) > 1 and not declared.sql and READERS[files[0].suffix.lower()] != "read_json"


def _held(declared: Source, files: Sequence[Path], content: Content) -> dict[str, str]:
    """What names the bytes of each file that is read apart; with the first one's where dates depend on it."""
    if not parted(declared, files):
        return {}
    first = content.digests[0] if READERS[files[0].suffix.lower()] == "read_csv" else ""
    return {
        str(f): digest([d, first, list(declared.nullstr)])
        for f, d in zip(files, content.digests, strict=True)
    }


def _parts(declared: Source, files: Sequence[Path], content: Content, known: Pinned) -> dict[str, str]:
    """Each file with what names its rows: its bytes, and how they are read.

    How depends on the other files too. Text seems to be numbers until one file holds a word, and the dates of
    every CSV file are read in the order of day and month that the first one shows.
    """
    if not parted(declared, files):
        return {}
    text = READERS[files[0].suffix.lower()] == "read_csv"
    read: dict[str, Json] = {
        "columns": dict(declared.columns),
        "nullstr": list(declared.nullstr),
        "fact": declared.fact,
        "summed": declared.summed,
        "types": known.types,
        "raw": known.raw,
        "first": content.digests[0] if text else "",
    }
    read_as = digest(read)
    return {str(f): digest([read_as, d]) for f, d in zip(files, content.digests, strict=True)}


@dataclass(frozen=True)
class _Where:
    """Opens the files once, however often they are asked for."""

    declared: Source
    files: tuple[Path, ...]
    context: Context
    shape: Shape

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        # It brings DuckDB and Ibis with it.
        from headway.sources.file_table import open_files

        return open_files(self.declared, self.files, self.context, self.shape)


def _fault(declared: Source, folder: Path, source: str, error: Exception) -> SourceFault:
    from headway.sources.file_table import said

    return said(declared, folder, source, error)


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """Raises where a file is no longer what its digest says: the sums may be of the one or of the other."""

    source: str
    content: Content

    def __call__(self) -> None:
        changed = self.content.changed()
        if changed:
            raise SourceFault(
                "HW302", self.source, f"'{changed.name}' changed while it was read", "run the review again"
            )


def files_of(declared: Source, folder: Path) -> list[Path]:
    """The files that a source's path names, in order.

    Raises:
        SourceFault: HW301 there is none; HW302 they are of kinds that are not read, or of several.
    """
    pattern = declared.path or ""
    exact = folder / pattern
    files = [exact] if exact.is_file() else _matching(folder, pattern)
    if not files:
        what = f"'{pattern}' is a folder" if exact.is_dir() else f"no file matches '{pattern}'"
        mend = (
            f"name its files, such as {pattern.rstrip('/')}/*.parquet"
            if exact.is_dir()
            else "correct `path` (it is relative to this file), or fetch the data"
        )
        raise SourceFault("HW301", declared.source, what, mend)
    readers = {READERS.get(f.suffix.lower(), f"of kind '{f.suffix}'") for f in files}
    if len(readers) != 1 or not readers <= set(READERS.values()):
        suffixes = ", ".join(sorted({f"'{f.suffix.lower()}'" for f in files}))
        raise SourceFault(
            "HW302",
            declared.source,
            f"files of kind {suffixes}",
            f"use one of {', '.join(READERS)} per source",
        )
    return files


def _matching(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern)
    base, relative = (
        (Path(path.anchor), str(path.relative_to(path.anchor))) if path.anchor else (folder, pattern)
    )
    try:
        return sorted(p for p in base.glob(relative) if p.is_file())
    except ValueError:
        return []
