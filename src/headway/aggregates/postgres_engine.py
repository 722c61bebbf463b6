"""PostgreSQL: facts stay in the firm's database, only sums leave it."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from headway.aggregates.engine import Compiler

# Seconds until a server that does not answer is given up, unless its URL says otherwise.
PATIENCE = 5


class Postgres:
    """PostgreSQL through Ibis, in transactions that cannot write.

    Args:
        url: ``postgresql://user:password@host:port/database``, from the environment; what libpq reads after
            a question mark (``?sslmode=verify-full``) is honoured.

    Raises:
        ImportError: the extra ``postgres`` is not installed.
        psycopg.Error: the server does not answer, or not to this user.
    """

    name = "postgres"

    def __init__(self, url: str) -> None:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        settings: dict[str, Any] = {"connect_timeout": PATIENCE, **conninfo_to_dict(url)}
        connection = psycopg.connect(**settings, autocommit=True)
        self._close = weakref.finalize(self, connection.close)
        connection.execute("set default_transaction_read_only = on")
        # Moments without a zone are UTC whatever the server says.
        connection.execute("set timezone = 'UTC'")
        self.backend: Any = ibis.postgres.from_connection(connection)
        self._text = Compiler(self.backend)

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
    """Values as the driver gave them; `numeric` knows NaN and infinity, and Arrow's decimals do not."""
    if not kind.is_decimal():
        return pa.array(values, kind.to_pyarrow())
    if all(v is None or v.is_finite() for v in values):
        return pa.array(values, None if any(v is not None for v in values) else pa.decimal128(38, 9))
    return pa.array([None if v is None else float(v) for v in values], pa.float64())
