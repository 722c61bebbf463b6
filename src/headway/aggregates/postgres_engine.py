"""PostgreSQL: facts stay in the firm's database, only sums leave it."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

# Seconds to wait for a server, where its URL does not say: a review must not hang on one that is down.
CONNECT_TIMEOUT = 5


class Postgres:
    """PostgreSQL through Ibis, in transactions that cannot write.

    Args:
        url: ``postgresql://user:password@host:port/database``, from the environment; libpq's parameters
            (``?sslmode=verify-full``) are honoured.

    Raises:
        ImportError: the extra ``postgres`` is not installed.
        psycopg.Error: the server does not answer, or not to this user.
    """

    name = "postgres"

    def __init__(self, url: str) -> None:
        import ibis
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        words: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, **conninfo_to_dict(url)}
        connection = psycopg.connect(**words, autocommit=True)
        self._close = weakref.finalize(self, connection.close)
        connection.execute("set default_transaction_read_only = on")
        self.backend: Any = ibis.postgres.from_connection(connection)

    def known_present(self, table: ir.Table, origin: Sequence[str]) -> frozenset[str]:
        """Columns declared NOT NULL in the table named by `origin`."""
        return (
            frozenset(n for n, kind in table.schema().items() if not kind.nullable) if origin else frozenset()
        )

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows."""
        found: pa.Table = self.backend.to_pyarrow(expression)
        return found

    def sql(self, expression: ir.Table) -> str:
        """The text that `fetch` sends."""
        return str(self.backend.compile(expression, pretty=True))

    def close(self) -> None:
        """Close the connection."""
        self._close()
