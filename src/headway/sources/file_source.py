"""The file source: CSV, Parquet and JSON, by path or glob, read in place by DuckDB.

Money in CSV stays text until it is a decimal. A number in JSON has the digits of a double, about fifteen:
write longer amounts as JSON strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis

from headway.aggregates.duckdb_engine import literal_path
from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.facts.cost import MONEY_TYPE
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest
from headway.portfolio.source import Source
from headway.sources.base import Context, under_contract, whole
from headway.sources.content import Content, content_of
from headway.sources.selection import FILE, NotOneSelect, one_select

_READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
_REWRITE = "write the file again; it may be cut off, or not what its ending says"
_NUMBERS = ("BIGINT", "DOUBLE")
_CONVERTING = "Error when converting"
# In the name of an only column: no separator split header and rows alike.
_SEPARATOR = re.compile(r"[,;\t|]")
_KIND_OF_ERROR = re.compile(r"^(?:[A-Z]\w*|of| )+ Error: ")


def bind_file(declared: Source, context: Context) -> Bound:
    """Bind files to the embedded engine.

    Raises:
        SourceFault: HW301 no file; HW302 not what its name says, or damaged; HW303, HW304 columns;
            HW305 the ``sql`` is not one SELECT over `file`.
    """
    files = _files(declared, context.folder)
    said = _Said(declared, context.folder)
    engine: Any = context.engine("duckdb:")
    name = f"source_{digest(declared.source)[:16]}"
    try:
        content = content_of(files, context.store / "digests.json")
        select = _select(declared, files, engine.backend.con)
        engine.backend.con.execute(f"create or replace temp view {name} as {select}")
        raw = engine.backend.table(name)
        table = under_contract(declared, raw, engine)
    except (duckdb.Error, ibis.common.exceptions.IbisError, OSError) as error:
        raise said.fault(declared.source, error) from error
    known = frozenset() if declared.sql else engine.known_present(raw, [str(f) for f in files])
    named: dict[str, Json] = {
        "files": content.digest,
        "sql": declared.sql or "",
        "columns": dict(declared.columns),
        "nullstr": list(declared.nullstr),
    }
    return Bound(
        source=declared.source,
        fact=FACTS[declared.fact],
        summed=declared.summed,
        engine=engine,
        table=table,
        digest=digest(named),
        present=whole(declared, known),
        fault=said.fault,
        unchanged=_Unchanged(declared.source, content),
    )


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


@dataclass(frozen=True, slots=True)
class _Said:
    """Turns what DuckDB says about a file into what a person needs: no SQL, no rows, no machine's path."""

    declared: Source
    folder: Path

    def fault(self, source: str, error: Exception) -> SourceFault:
        """The fault behind an error."""
        if isinstance(error, OSError) and not isinstance(error, duckdb.Error):
            return SourceFault("HW302", source, self._plain(str(error.strerror or error)), _REWRITE)
        lines = [line for line in str(error).strip().splitlines() if line.strip()] or [type(error).__name__]
        first = self._plain(lines[0])
        # A CSV error names the line first, then shows the row, then says what is wrong.
        first = " ".join([first, *(self._plain(line) for line in lines if line.startswith("Error when"))])
        if self.declared.sql and isinstance(error, duckdb.BinderException | duckdb.ParserException):
            return SourceFault("HW305", source, first, "correct the `sql`")
        if isinstance(error, duckdb.ConversionException) or _CONVERTING in str(error):
            return SourceFault(
                "HW304", source, first, "correct the value, name it under `nullstr`, or cast it in `sql`"
            )
        return SourceFault("HW302", source, first, _REWRITE)

    def _plain(self, line: str) -> str:
        for place in {f"{self.folder}/", f"{self.folder.resolve()}/"}:
            line = line.replace(place, "")
        return _KIND_OF_ERROR.sub("", line)


def _files(declared: Source, folder: Path) -> list[Path]:
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
    readers = {_READERS.get(f.suffix.lower(), f"of kind '{f.suffix}'") for f in files}
    if len(readers) != 1 or not readers <= set(_READERS.values()):
        suffixes = ", ".join(sorted({f"'{f.suffix.lower()}'" for f in files}))
        raise SourceFault(
            "HW302",
            declared.source,
            f"files of kind {suffixes}",
            f"use one of {', '.join(_READERS)} per source",
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


def _select(declared: Source, files: Sequence[Path], connection: Any) -> str:
    reader = _READERS[files[0].suffix.lower()]
    options = ""
    if reader == "read_csv":
        options = f"header = true, nullstr = [{', '.join(map(_quoted, _nulls(declared)))}]"
    if files[0].suffix.lower() == ".tsv":
        options += r", delim = '\t'"
    options += _types(declared, files, reader, options, connection)
    rows = f"select * from {_call(reader, files, options)}"  # noqa: S608  literals are quoted by `_quoted`
    if not declared.sql:
        return rows
    try:
        chosen = one_select(connection, declared.sql)
    except NotOneSelect as why:
        mend = f"write one SELECT whose only table is `{FILE}`"
        raise SourceFault("HW305", declared.source, str(why), mend) from why
    return f"with {FILE} as ({rows}) select * from ({chosen}) as chosen"  # noqa: S608  `one_select` judged it


def _nulls(declared: Source) -> list[str]:
    """An empty cell never holds a value, whatever else means none."""
    return list(dict.fromkeys(["", *declared.nullstr]))


def _call(reader: str, files: Sequence[Path], options: str) -> str:
    paths = ", ".join(_quoted(literal_path(str(f))) for f in files)
    return f"{reader}([{paths}]{', ' if options else ''}{options})"


def _types(declared: Source, files: Sequence[Path], reader: str, options: str, connection: Any) -> str:
    """Options that keep DuckDB from guessing wrong: money must never pass through a float on its way in.

    Raises:
        SourceFault: HW302 an empty file, or files that differ.
    """
    schema, mixed = _schema(declared, files, reader, options, connection)
    if reader != "read_csv":
        return ""
    decimal = any(c.type == "decimal" for c in FACTS[declared.fact].contract(summed=declared.summed))
    if decimal and not declared.sql:
        return ", all_varchar = true"
    if decimal:
        mixed |= {column: MONEY_TYPE for column, kind in (schema | mixed).items() if kind == "DOUBLE"}
    chosen = ", ".join(f"{_quoted(column)}: {_quoted(kind)}" for column, kind in mixed.items())
    return f", types = {{{chosen}}}" if chosen else ""


def _schema(
    declared: Source, files: Sequence[Path], reader: str, options: str, connection: Any
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns and types of the first file, and the types of columns that another file shows differently."""
    first: dict[str, str] = {}
    mixed: dict[str, str] = {}
    for file in files:
        if not file.stat().st_size:
            raise SourceFault("HW302", declared.source, f"'{file.name}' is empty", _REWRITE)
        described = f"describe select * from {_call(reader, [file], options)}"  # noqa: S608  as in `_select`
        found = {str(row[0]): str(row[1]) for row in connection.execute(described).fetchall()}
        if reader == "read_csv" and len(found) == 1 and _SEPARATOR.search(next(iter(found))):
            what = f"'{file.name}' has rows with more or fewer cells than its header"
            raise SourceFault("HW302", declared.source, what, _REWRITE)
        first = first or found
        for column in sorted(first.keys() ^ found.keys()):
            raise _differ(declared, files[0], file, f"only one of them has column '{column}'")
        for column, kind in found.items():
            shown = mixed.get(column, first[column])
            if kind != shown:
                mixed[column] = _both(declared, (files[0], file), column, (shown, kind), reader)
    return first, mixed


def _both(
    declared: Source, files: tuple[Path, Path], column: str, kinds: tuple[str, str], reader: str
) -> str:
    """The type of a column that two files show differently: text files only seem to have types."""
    if reader == "read_parquet":
        raise _differ(declared, *files, f"column '{column}' is {kinds[0]} in one and {kinds[1]} in the other")
    return "DOUBLE" if set(kinds) <= set(_NUMBERS) else "VARCHAR"


def _differ(declared: Source, one: Path, other: Path, what: str) -> SourceFault:
    return SourceFault(
        "HW302",
        declared.source,
        f"'{one.name}' and '{other.name}' differ: {what}",
        "declare them as two sources",
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
