"""PostgreSQL: facts stay in the firm's database, only sums leave it."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from headway.aggregates.engine import Compiler

# Seconds until a server that does not answer is given up, unless its URL says otherwise.
PATIENCE = 5


class Postgres:
    """PostgreSQL through Ibis.

    Args:
        url: ``postgresql://user:password@host:port/database``, from the environment.
    """

    name = "postgres"

    def __init__(self, url: str) -> None:
        patience = {} if "connect_timeout" in parse_qs(urlsplit(url).query) else {"connect_timeout": PATIENCE}
        self.backend: Any = ibis.connect(url, **patience)
        self._text = Compiler(self.backend)
        self._close = weakref.finalize(self, self.backend.con.close)

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns declared NOT NULL in the table named by `origin`."""
        return (
            frozenset(n for n, kind in table.schema().items() if not kind.nullable) if origin else frozenset()
        )

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows."""
        with self.backend.con.cursor() as cursor:
            cursor.execute(self.sql(expression))
            rows = cursor.fetchall()
        types = expression.schema().items()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(types)
        return pa.table({name: _column(c, kind) for (name, kind), c in zip(types, columns, strict=True)})

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        return self._text(expression)

    def close(self) -> None:
        """Close the connection."""
        self._close()


def _column(values: Sequence[Any], kind: Any) -> pa.Array:
    """Values as the driver gave them; a float where `numeric` overflows what Arrow holds."""
    if kind.is_decimal():
        return pa.array([None if v is None else str(v) for v in values], pa.string())
    return pa.array(values, kind.to_pyarrow())
