"""The embedded engine: DuckDB over files, no server, no copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa


class DuckDB:
    """DuckDB through Ibis.

    >>> DuckDB().fetch(ibis.memtable({"a": [1, 2]}).aggregate(s=ibis._.a.sum())).to_pylist()
    [{'s': 3}]
    """

    name = "duckdb"

    def __init__(self, database: str = ":memory:") -> None:
        self.backend: Any = ibis.duckdb.connect(database, read_only=database != ":memory:")

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns whose Parquet footers count no empty value in any row group of `origin`."""
        files = [f for f in origin if f.endswith(".parquet")]
        if not files or len(files) != len(origin):
            return frozenset()
        rows = self.backend.con.execute(
            "select path_in_schema from parquet_metadata(?) group by 1 having bool_and(stats_null_count = 0)",
            [files],
        ).fetchall()
        return frozenset(name for (name,) in rows) & frozenset(table.columns)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows."""
        found: pa.Table = self.backend.to_pyarrow(expression)
        return found

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        return str(self.backend.compile(expression, pretty=True))


def open_duckdb(url: str) -> DuckDB:
    """The engine of a URL: ``duckdb:`` in memory, ``duckdb:///claims.db`` a database file, read only."""
    path = url.partition(":")[2].removeprefix("//")
    return DuckDB(path or ":memory:")
