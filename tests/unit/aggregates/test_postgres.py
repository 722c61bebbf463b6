"""The PostgreSQL engine reads, in UTC, and does not wait for ever."""

import socket
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import psycopg
import pytest

from headway.aggregates import postgres_engine
from headway.aggregates.ask import ask
from headway.aggregates.engine import Opened, bound_at
from headway.aggregates.postgres_engine import Postgres
from headway.aggregates.request import Request, count, greatest, sum_of, total
from headway.facts import UNIT


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Postgres]:
    """An engine over a table with a column that is never empty."""
    with psycopg.connect(postgres_url, autocommit=True) as writer:
        writer.execute("drop table if exists claims")
        writer.execute("create table claims (id bigint not null, y double precision)")
    engine = Postgres(postgres_url)
    yield engine
    engine.close()


def test_columns_declared_not_null_are_known_to_be_whole(engine: Postgres) -> None:
    """What the table promises spares conditions; a table of unknown origin promises nothing."""
    table = engine.backend.table("claims")
    assert engine.known_present(table, ["claims"]) == {"id"}
    assert engine.known_present(table, []) == frozenset()


def test_it_cannot_write(engine: Postgres) -> None:
    """The firm's database is read only, whatever its user may do."""
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        engine.backend.con.execute("insert into claims values (1, 2)")


def test_its_moments_are_utc(engine: Postgres) -> None:
    """A server in another time zone gives the same sums."""
    assert engine.backend.con.execute("show timezone").fetchone() == ("UTC",)


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that accepts and says nothing costs the stated seconds, not for ever."""
    monkeypatch.setattr(postgres_engine, "PATIENCE", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = perf_counter()
        with pytest.raises(psycopg.OperationalError):
            Postgres(f"postgresql://ann:s3cret@127.0.0.1:{silent.getsockname()[1]}/claims")
        assert 1 < perf_counter() - begin < 10


def test_libpq_settings_of_the_url_are_honoured(postgres_url: str) -> None:
    """What the URL says after its question mark reaches the server, the time-out among it."""
    engine: Any = Postgres(f"{postgres_url}?application_name=headway-test&connect_timeout=9")
    try:
        assert engine.backend.con.execute("show application_name").fetchone() == ("headway-test",)
        assert engine.backend.con.info.get_parameters()["connect_timeout"] == "9"
    finally:
        engine.close()
    assert engine.backend.con.closed


def test_a_numeric_that_is_not_a_number_is_left_out(engine: Postgres, postgres_url: str) -> None:
    """A decimal NaN of PostgreSQL is excluded and counted, as a float's is, even in the first rows."""
    with psycopg.connect(postgres_url, autocommit=True) as writer:
        writer.execute("drop table if exists odd")
        writer.execute("create table odd (y numeric)")
        writer.execute("insert into odd values ('NaN'), (1.5), (null), (2.5)")
    bound = bound_at("odd", UNIT, summed=False, opened=Opened(engine, engine.backend.table("odd")), digest="")
    request = Request("odd", (), (count("y"), sum_of("y"), total("y"), greatest("y")))
    sums = ask([request], {"odd": bound}).sums[request]
    n, first, exact, top = (sums[t][0] for t in request.terms)
    assert (n, first + n * sums.shift["y"], exact, top) == (2, 4.0, 4, 2.5)
    assert sums.excluded == {"y": 1}
