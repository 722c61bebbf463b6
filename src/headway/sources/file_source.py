"""The file source: CSV, Parquet and JSON, by path or glob, read in place by DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import ibis
import sqlglot
from sqlglot import exp

from headway.aggregates.engine import Bound
from headway.facts import FACTS
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context, under_contract
from headway.sources.content import digest_files

_READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}


def bind_file(declared: Source, context: Context) -> Bound:
    """Bind files to the embedded engine.

    Raises:
        SourceFault: HW301 no file; HW302 not what its name says, or damaged; HW303, HW304 columns;
            HW305 the ``sql`` is not one SELECT over `file`.
    """
    files = _files(declared, context.folder)
    engine: Any = context.engine("duckdb:")
    name = f"source_{digest(declared.source)[:16]}"
    try:
        engine.backend.raw_sql(f"create or replace temp view {name} as {_select(declared, files)}")
        table = under_contract(declared, engine.backend.table(name))
    except (duckdb.Error, ibis.common.exceptions.IbisError) as error:
        raise _unreadable(declared, str(error)) from error
    known = engine.known_present(
        ibis.table(dict.fromkeys(_originals(engine, name), "int64"), name=name), [str(f) for f in files]
    )
    back = {given: wanted for wanted, given in declared.columns.items()}
    content = digest_files(files, context.store / "digests.json")
    named = {
        "files": content,
        "sql": declared.sql or "",
        "columns": dict(declared.columns),
        "nullstr": list(declared.nullstr),
    }
    present = frozenset() if declared.sql else frozenset(back.get(c, c) for c in known)
    return Bound(
        declared.source, FACTS[declared.fact], declared.summed, engine, table, digest(named), present
    )


def _originals(engine: Any, name: str) -> list[str]:
    return list(engine.backend.table(name).columns)


def _files(declared: Source, folder: Path) -> list[Path]:
    pattern = declared.path or ""
    path = Path(pattern)
    if any(c in pattern for c in "*?["):
        base = Path(path.anchor) if path.is_absolute() else folder
        files = sorted(
            p
            for p in base.glob(str(path.relative_to(path.anchor)) if path.is_absolute() else pattern)
            if p.is_file()
        )
    else:
        files = [folder / path] if (folder / path).is_file() else []
    if not files:
        raise SourceFault(
            "HW301",
            declared.source,
            f"no file matches '{pattern}'",
            "correct `path` (it is relative to this file), or fetch the data",
        )
    suffixes = {f.suffix.lower() for f in files}
    if len(suffixes) != 1 or not suffixes <= set(_READERS):
        raise SourceFault(
            "HW302",
            declared.source,
            f"files of kind {', '.join(sorted(suffixes))}",
            f"use one of {', '.join(_READERS)} per source",
        )
    return files


def _select(declared: Source, files: list[Path]) -> str:
    reader = _READERS[files[0].suffix.lower()]
    options = ""
    if reader == "read_csv":
        nulls = declared.nullstr or [""]
        options = f", nullstr=[{', '.join(_quoted(n) for n in nulls)}]"
        if not declared.sql and any(c.type == "decimal" for c in FACTS[declared.fact].columns):
            # Money must never pass through a float on its way in.
            options += ", all_varchar=true"
    rows = f"select * from {reader}([{', '.join(_quoted(str(f)) for f in files)}]{options})"
    if not declared.sql:
        return rows
    _one_select(declared)
    return f"with file as ({rows}) select * from ({declared.sql.strip().rstrip(';')}) as chosen"


def _one_select(declared: Source) -> None:
    """Let one SELECT over `file` pass and nothing else: a portfolio may come from somebody's pull request."""

    def refuse(why: str) -> SourceFault:
        return SourceFault("HW305", declared.source, why, "write one SELECT whose only table is `file`")

    try:
        statements = sqlglot.parse(declared.sql or "", read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise refuse(str(error).splitlines()[0]) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise refuse("not one SELECT")
    named = {cte.alias_or_name for cte in statements[0].find_all(exp.CTE)} | {"file"}
    for table in statements[0].find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.name not in named:
            raise refuse(f"it reads '{table.sql('duckdb')}'")


def _unreadable(declared: Source, message: str) -> SourceFault:
    first = message.strip().splitlines()[0]
    code = "HW305" if declared.sql and ("Binder Error" in first or "Catalog Error" in first) else "HW302"
    mend = (
        "correct the `sql`"
        if code == "HW305"
        else "write the file again; it may be cut off, or not what its ending says"
    )
    return SourceFault(code, declared.source, first, mend)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
