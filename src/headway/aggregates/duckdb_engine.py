"""The embedded engine: DuckDB over files, no server, no copy."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from headway.aggregates.engine import Compiler

# Moments without a zone are UTC whatever the machine says; nothing is fetched from a network; a table is
# what the engine holds, never a Python variable of that name.
_SETTINGS = (
    "set timezone = 'UTC'",
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set python_enable_replacements = false",
    # Parquet's footers leave NaN out of their smallest and largest value, and DuckDB 2.0 concludes from them
    # that `isnan` is false for every row: no NaN would ever be found.
    "set disabled_optimizers = 'statistics_propagation'",
)
# PostgreSQL's function of that name; a JSON pointer takes any name as it stands.
_JSON_TEXT = (
    "create or replace temp macro json_object_field_text(document, name) as "
    "json_extract_string(document, '/' || replace(replace(name, '~', '~0'), '/', '~1'))"
)


class DuckDB:
    """DuckDB through Ibis.

    >>> engine = DuckDB()
    >>> _ = engine.backend.con.execute("create table t as select 1 as a")
    >>> engine.fetch(engine.backend.table("t")).to_pylist()
    [{'a': 1}]
    >>> engine.close()
    """

    name = "duckdb"

    def __init__(self, database: str = ":memory:") -> None:
        self.backend: Any = ibis.duckdb.connect(database, read_only=database != ":memory:")
        self._text = Compiler(self.backend)
        self._close = weakref.finalize(self, self.backend.con.close)
        for statement in (*_SETTINGS, _JSON_TEXT):
            self.backend.con.execute(statement)

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns whose Parquet footers count no empty value in any row group of `origin`."""
        files = [f for f in origin if f.lower().endswith(".parquet")]
        if not files or len(files) != len(origin):
            return frozenset()
        rows = self.backend.con.execute(
            "select path_in_schema from parquet_metadata(?) group by 1 "
            "having bool_and(coalesce(stats_null_count = 0, false))",
            [[literal_path(f) for f in files]],
        ).fetchall()
        return frozenset(name for (name,) in rows) & frozenset(table.columns)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows; not through Ibis, which would import pandas."""
        found: pa.Table = self.backend.con.sql(self.sql(expression)).to_arrow_table()
        return found

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        return self._text(expression)

    def close(self) -> None:
        """Close the connection."""
        self._close()


def literal_path(path: str) -> str:
    """A path that DuckDB takes as it stands, whatever wildcards are in its name.

    >>> literal_path("bills/2026-[01].csv")
    'bills/2026-[[]01].csv'
    """
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def open_duckdb(url: str) -> DuckDB:
    """The engine of a URL: ``duckdb:`` in memory, ``duckdb:///claims.db`` a database file, read only."""
    path = url.partition(":")[2].removeprefix("//")
    return DuckDB(path or ":memory:")
