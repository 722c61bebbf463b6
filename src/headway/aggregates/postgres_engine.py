"""PostgreSQL: facts stay in the firm's database, only sums leave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa


class Postgres:
    """PostgreSQL through Ibis.

    Args:
        url: ``postgresql://user:password@host:port/database``, from the environment.
    """

    name = "postgres"

    def __init__(self, url: str) -> None:
        self.backend: Any = ibis.connect(url)

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
