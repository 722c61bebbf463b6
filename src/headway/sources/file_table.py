"""Files as a table of DuckDB: which reader, which types, and what DuckDB says when it cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from headway.aggregates.duckdb_engine import literal_path
from headway.aggregates.engine import PART, Engine, Opened
from headway.facts import FACTS
from headway.facts.cost import MONEY_TYPE
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context, Shape, under_contract, whole
from headway.sources.file_source import READERS, REWRITE, ROW, parted
from headway.sources.selection import FILE, NotOneSelect, one_select

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NAMED = (f"filename = '{PART}'",)
_NUMBERED = (*_NAMED, "file_row_number = true")
_NUMBERS = ("BIGINT", "DOUBLE")
_CONVERTING = "Error when converting"
# In the name of an only column: no separator split header and rows alike.
_SEPARATOR = re.compile(r"[,;\t|]")
_KIND_OF_ERROR = re.compile(r"^(?:[A-Z]\w*|of| )+ Error: ")


def open_files(
    declared: Source, files: Sequence[Path], context: Context, shape: Shape = under_contract
) -> Opened:
    """Open files in the embedded engine.

    Raises:
        SourceFault: HW302 not what the name says, or damaged; HW303, HW304 columns; HW305 the ``sql`` is not
            one SELECT over `file`.
    """
    engine: Any = context.engine("duckdb:")
    try:
        raw = _view(engine, f"source_{digest(declared.source)[:16]}", _select(declared, files, engine))
        table = shape(declared, raw, engine)
        known = frozenset() if declared.sql else engine.known_present(raw, [str(f) for f in files])
    except (duckdb.Error, ibis.common.exceptions.IbisError, OSError) as error:
        raise said(declared, context.folder, declared.source, error) from error
    types = {name: str(kind) for name, kind in raw.schema().items()}
    return Opened(engine, table, whole(declared, known), types)


def numbered(declared: Source, files: Sequence[Path], context: Context) -> tuple[Engine, ir.Table]:
    """The rows of some files under their own names, each with its number in the column `ROW`.

    Rows of Parquet are numbered from 0 in each file, others from 1 over all of them in the order given.

    Raises:
        SourceFault: as `open_files`.
    """
    engine: Any = context.engine("duckdb:")
    counts = READERS[files[0].suffix.lower()] == "read_parquet" and not declared.sql
    try:
        named = () if declared.sql else _NUMBERED if counts else _NAMED
        rows = _select(declared, files, engine, named)
        number = "file_row_number" if counts else "row_number() over ()"
        taken = "* exclude (file_row_number)" if counts else "*"
        select = f"select {taken}, {number} as {ROW} from ({rows})"  # noqa: S608  words of ours, and as `_select`
        return engine, _view(engine, f"numbered_{digest(declared.source)[:16]}", select)
    except (duckdb.Error, ibis.common.exceptions.IbisError, OSError) as error:
        raise said(declared, context.folder, declared.source, error) from error


def _view(engine: Any, name: str, select: str) -> Any:
    engine.backend.con.execute(f"create or replace temp view {name} as {select}")
    return engine.backend.table(name)


def said(declared: Source, folder: Path, source: str, error: Exception) -> SourceFault:
    """What DuckDB says about a file as a person needs it: no SQL, no rows, no machine's path."""
    if isinstance(error, OSError) and not isinstance(error, duckdb.Error):
        return SourceFault("HW302", source, _plain(folder, str(error.strerror or error)), REWRITE)
    lines = [line for line in str(error).strip().splitlines() if line.strip()] or [type(error).__name__]
    first = _plain(folder, lines[0])
    # A CSV error names the line first, then shows the row, then says what is wrong.
    first = " ".join([first, *(_plain(folder, line) for line in lines if line.startswith("Error when"))])
    if declared.sql and isinstance(error, duckdb.BinderException | duckdb.ParserException):
        return SourceFault("HW305", source, first, "correct the `sql`")
    if isinstance(error, duckdb.ConversionException) or _CONVERTING in str(error):
        mend = "correct the value, name it under `nullstr`, or cast it in `sql`"
        return SourceFault("HW304", source, first, mend)
    return SourceFault("HW302", source, first, REWRITE)


def _plain(folder: Path, line: str) -> str:
    for place in {f"{folder}/", f"{folder.resolve()}/"}:
        line = line.replace(place, "")
    return _KIND_OF_ERROR.sub("", line)


def _select(declared: Source, files: Sequence[Path], engine: Any, more: Sequence[str] = ()) -> str:
    reader, connection = READERS[files[0].suffix.lower()], engine.backend.con
    options = ""
    if reader == "read_csv":
        options = f"header = true, nullstr = [{', '.join(map(_quoted, _nulls(declared)))}]"
    if files[0].suffix.lower() == ".tsv":
        options += r", delim = '\t'"
    options += _types(declared, files, reader, options, connection)
    more = more or (_NAMED if parted(declared, files) else ())
    options = ", ".join(filter(None, (options, *more)))
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
            raise SourceFault("HW302", declared.source, f"'{file.name}' is empty", REWRITE)
        described = f"describe select * from {_call(reader, [file], options)}"  # noqa: S608  as in `_select`
        found = {str(row[0]): str(row[1]) for row in connection.execute(described).fetchall()}
        if reader == "read_csv" and len(found) == 1 and _SEPARATOR.search(next(iter(found))):
            what = f"'{file.name}' has rows with more or fewer cells than its header"
            raise SourceFault("HW302", declared.source, what, REWRITE)
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
