"""The port suite's scene: the same rows in every registered engine, asked through the same requests."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound, Engine, Opened, bound_at
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.facts import UNIT
from headway.kernel.registry import load

# Two names of one engine are asked once.
ENGINES = ("duckdb", "postgresql")


@dataclass
class Counting:
    """An engine that remembers what it was asked for."""

    inner: Engine
    sent: list[str]
    name: str

    def known_present(self, table: ir.Table, origin: Any) -> frozenset[str]:
        """As the engine itself."""
        return self.inner.known_present(table, origin)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """As the engine itself, remembered."""
        self.sent.append(self.inner.sql(expression))
        return self.inner.fetch(expression)

    def sql(self, expression: ir.Table) -> str:
        """As the engine itself."""
        return self.inner.sql(expression)

    def close(self) -> None:
        """As the engine itself."""
        self.inner.close()

    @property
    def scans(self) -> int:
        """Statements that read all rows: a look at the first of them is not one."""
        return sum("LIMIT " not in text for text in self.sent)


class Place:
    """An engine with tables of its own."""

    def __init__(self, kind: str, engine: Any, write: Callable[[str, str, pa.Table], None]) -> None:
        self.kind = kind
        self.engine = engine
        self.write = write
        self.tables = 0

    def land(self, columns: Mapping[str, str], rows: pa.Table | list[tuple[Any, ...]]) -> Bound:
        """Rows of a table with these columns and SQL types, bound as a source."""
        self.tables += 1
        name = f"landed_{self.tables}"
        if isinstance(rows, list):
            rows = pa.table({c: [row[i] for row in rows] for i, c in enumerate(columns)})
        ddl = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        self.write(name, ddl, rows)
        engine = Counting(self.engine, [], self.engine.name)
        opened = Opened(engine, self.engine.backend.table(name))
        return bound_at("here", UNIT, summed=False, opened=opened, digest="")


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Each registered engine in turn."""
    if request.param == "duckdb":
        engine: Any = load("headway.engines", "duckdb")("duckdb:")  # type: ignore[operator]
        yield Place("duckdb", engine, _into_duckdb(engine.backend.con))
        engine.close()
        return
    url = request.getfixturevalue("postgres_url")
    engine = load("headway.engines", request.param)(url)  # type: ignore[operator]
    with psycopg.connect(url, autocommit=True) as writer:
        writer.execute("drop schema public cascade")
        writer.execute("create schema public")
        yield Place("postgresql", engine, _into_postgres(writer))
    engine.close()


def _into_duckdb(connection: duckdb.DuckDBPyConnection) -> Callable[[str, str, pa.Table], None]:
    def write(name: str, ddl: str, rows: pa.Table) -> None:
        connection.register("incoming", rows)
        connection.execute(f"create table {name} ({ddl})")
        connection.execute(f"insert into {name} select * from incoming")
        connection.unregister("incoming")

    return write


def _into_postgres(writer: psycopg.Connection[Any]) -> Callable[[str, str, pa.Table], None]:
    def write(name: str, ddl: str, rows: pa.Table) -> None:
        writer.execute(f"create table {name} ({ddl})".encode())
        with writer.cursor() as cursor, cursor.copy(f"copy {name} from stdin".encode()) as copy:
            for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                copy.write_row(row)

    return write


@pytest.fixture
def answer() -> Callable[..., Sums]:
    """Ask one bound source one request, and take its sums."""

    def answered(bound: Bound, *keys: Any, terms: Any, **more: Any) -> Sums:
        request = Request("here", keys, tuple(terms), **more)
        found = ask([request], {"here": replace(bound)})
        assert not found.faults, found.faults
        return found.sums[request]

    return answered
