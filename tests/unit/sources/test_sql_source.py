"""A table in the firm's engine stays there; what is wrong with it is said without its secrets."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import psycopg
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count, sum_of
from headway.kernel.errors import SourceFault
from headway.portfolio.source import Source
from headway.sources.base import Context, bind
from headway.sources.sql_source import bind_sql

Declared = Callable[..., Bound]
Failed = Callable[..., tuple[str, str]]
TABLE = """
    create schema if not exists analytics;
    drop table if exists analytics.pilot;
    create table analytics.pilot (
        agent bigint not null, arm text not null, y numeric, updated_at timestamptz
    );
    insert into analytics.pilot values
        (1, 'ai', 10, '2026-01-01 00:00+00'), (2, 'none', 12.5, '2026-01-02 00:00+00'), (3, 'ai', null, null);
"""


def sql(**more: Any) -> dict[str, Any]:
    """The settings of a source over the table."""
    return {
        "kind": "sql",
        "engine": "${WAREHOUSE_URL}",
        "table": "analytics.pilot",
        "columns": {"unit_id": "agent", "variant": "arm"},
        **more,
    }


@pytest.fixture
def warehouse(
    request: pytest.FixtureRequest, context: Context, tmp_path: Path
) -> Iterator[Callable[[str], None]]:
    """The table in the engine that the test is for, and a way to change it."""
    if request.param == "duckdb":
        path = tmp_path / "claims.db"
        context.environment["WAREHOUSE_URL"] = f"duckdb://{path}"
        with duckdb.connect(str(path)) as writer:
            writer.execute(TABLE)

        def change(text: str) -> None:
            context.close()
            with duckdb.connect(str(path)) as again:
                again.execute(text)

        yield change
        return
    url = request.getfixturevalue("postgres_url")
    context.environment["WAREHOUSE_URL"] = url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        yield lambda text: connection.execute(text.encode())  # type: ignore[misc]
        connection.execute("drop schema analytics cascade")


both = pytest.mark.parametrize("warehouse", ["duckdb", "postgresql"], indirect=True)


@both
def test_a_table_is_read_where_it_lies(warehouse: Any, declared: Declared) -> None:
    """Columns under the names of the contract, sums from the engine, and nothing else leaves it."""
    bound = declared(**sql())
    assert bound.columns == ("unit_id", "variant", "y", "updated_at")
    request = Request("pilot", ("variant",), (count("y"), sum_of("y")))
    sums = ask([request], {"pilot": bound}).sums[request]
    assert (sums.groups, list(sums[count("y")])) == ((("ai",), ("none",)), [1, 1])
    assert list(sums[sum_of("y")] + sums.shift["y"]) == pytest.approx([10, 12.5])


@pytest.mark.parametrize("warehouse", ["postgresql"], indirect=True)
def test_columns_that_are_never_null_are_whole(warehouse: Any, declared: Declared) -> None:
    """What the table promises is known under the names of the contract."""
    assert declared(**sql()).present == {"unit_id", "variant"}


@both
def test_the_watermark_tells_whether_the_table_changed(
    warehouse: Any, context: Context, declared: Declared
) -> None:
    """Same newest mark and size, same digest, whenever it is read; a row or a mark more is another."""
    marked = sql(watermark="updated_at")
    first = declared(**marked).digest
    context.as_of = "2027-01-01T00:00:00.000000Z"
    assert declared(**marked).digest == first
    warehouse("insert into analytics.pilot values (4, 'none', 3, null)")
    more = declared(**marked).digest
    warehouse("update analytics.pilot set updated_at = '2026-06-01 00:00+00' where agent = 4")
    assert len({first, more, declared(**marked).digest}) == 3


@both
def test_without_a_watermark_every_review_reads_anew(
    warehouse: Any, context: Context, declared: Declared
) -> None:
    """A table that cannot say whether it changed is named by the moment it was read."""
    first = declared(**sql()).digest
    assert declared(**sql()).digest == first
    context.as_of = "2027-01-01T00:00:00.000000Z"
    assert declared(**sql()).digest != first


@both
def test_a_mapped_watermark_keeps_its_own_name(warehouse: Any, declared: Declared, fault: Failed) -> None:
    """The watermark is a column of the table, whatever the contract calls it; a wrong one gets a hint."""
    columns = {"unit_id": "agent", "variant": "arm", "closed_at": "updated_at"}
    assert declared(**sql(watermark="updated_at", columns=columns)).digest
    assert fault(**sql(watermark="updated")) == (
        "HW303", "no column 'updated' for watermark; did you mean 'updated_at'?"
    )  # fmt: skip


@both
def test_a_wrong_table_and_a_wrong_column_are_told_apart(warehouse: Any, fault: Failed) -> None:
    """The engine that has no such table is HW306, the table that has no such column HW303."""
    code, happened = fault(**sql(table="analytics.absent"))
    assert (code, "absent" in happened) == ("HW306", True)
    assert fault(**sql(table="absent"))[0] == "HW306"
    assert fault(**sql(columns={"unit_id": "agnet"})) == (
        "HW303", "no column 'agnet' for column 'unit_id'; did you mean 'agent'?"
    )  # fmt: skip


def test_a_variable_that_is_not_set_is_named(fault: Failed) -> None:
    """The connection comes from the environment; without it there is none to try."""
    assert fault(**sql()) == ("HW307", "the environment variable WAREHOUSE_URL is not set")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:1/claims", "refused"),
        ("postgresql://ann:s3cret@127.0.0.1:1/claims?password=s3cret&connect_timeout=1", "refused"),
        ("postgresql://ann:p%40s3cret@127.0.0.1:1/claims", "refused"),
        ("postgresql://ann:oops@s3cret@127.0.0.1:1/claims", ""),
        ("postgresql://ann:s3cret@127.0.0.1:port/claims", ""),
        ("postgresql://ann:s3cret@127.0.0.1:1/claims?unknown=s3cret", ""),
        ("duckdb:///nowhere/s3cretless.db", "nowhere"),
    ],
)
def test_an_engine_that_does_not_answer_says_so_quickly_and_keeps_its_secrets(
    context: Context, fault: Failed, url: str, words: str
) -> None:
    """A server that is down is HW306 in less than the time-out, with no part of the password in its words."""
    context.environment["WAREHOUSE_URL"] = url
    begin = perf_counter()
    code, happened = fault(**sql())
    assert (code, words in happened) == ("HW306", True), happened
    assert perf_counter() - begin < 5
    assert "s3cret" not in happened.replace("s3cretless", "")


def test_a_wrong_password_stays_secret(context: Context, fault: Failed, postgres_url: str) -> None:
    """What the server says of a wrong password does not hold it."""
    context.environment["WAREHOUSE_URL"] = postgres_url.replace("headway:", "headway:wr0ng-")
    code, happened = fault(**sql())
    assert (code, "password authentication failed" in happened) == ("HW306", True)
    assert "wr0ng" not in happened


def test_a_scheme_that_no_engine_has_is_refused(context: Context, fault: Failed) -> None:
    """An engine that is not registered is HW308, with those that are."""
    context.environment["WAREHOUSE_URL"] = "oracle://ann:s3cret@db/claims"
    assert fault(**sql()) == ("HW308", "no engine is called 'oracle'")


def test_an_extra_that_is_not_installed_is_named(
    context: Context, declared: Declared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its driver an engine asks for the extra."""
    context.environment["WAREHOUSE_URL"] = "postgresql://db/claims"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SourceFault) as found:
        declared(**sql())
    assert (found.value.code, found.value.happened) == ("HW309", "package 'psycopg' is not installed")
    assert found.value.mend == "install the extra: pip install 'headway[postgres]'"


def test_a_driver_without_its_library_says_what_it_says(
    context: Context, declared: Declared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that fails for another reason is told in its own words."""

    def broken(_: str) -> None:
        raise ImportError("no pq wrapper available")

    monkeypatch.setattr("headway.sources.base.load", lambda *_: broken)
    context.environment["WAREHOUSE_URL"] = "postgresql://db/claims"
    with pytest.raises(SourceFault, match="no pq wrapper available"):
        bind_sql(Source(source="pilot", fact="unit", **sql()), context)


@pytest.mark.parametrize("warehouse", ["postgresql"], indirect=True)
def test_a_server_that_goes_away_is_a_fault_of_the_read(warehouse: Any, declared: Declared) -> None:
    """What fails after the source was bound is HW306 too, and scrubbed alike."""
    bound = declared(**sql())
    warehouse("drop table analytics.pilot")
    request = Request("pilot", ("variant",), (count(),))
    found = ask([request], {"pilot": bound}).faults["pilot"]
    assert (found.code, "does not exist" in found.happened) == ("HW306", True)


@both
def test_one_place_is_one_connection_and_is_closed(
    warehouse: Any, context: Context, declared: Declared
) -> None:
    """Two sources in one engine share it; closing the context closes it, and a second time does nothing."""
    one, two = declared(**sql()), declared(**sql(source="other"))
    assert one.opened.engine is two.opened.engine
    context.close()
    context.close()
    found = ask([Request("pilot", (), (count(),))], {"pilot": one})
    assert found.faults["pilot"].code == "HW306"


@pytest.mark.parametrize(("setting", "words"), [
    ({"kind": "mlflow"}, "no kind of source is called 'mlflow'"),
    ({"fact": "mood", "path": "a.csv"}, "no fact is called 'mood'"),
])  # fmt: skip
def test_what_nothing_registers_is_refused(context: Context, setting: dict[str, str], words: str) -> None:
    """A kind of source or a fact that this build does not know is HW308."""
    with pytest.raises(SourceFault, match=words) as found:
        bind(Source(**({"source": "pilot", "fact": "unit"} | setting)), context)  # type: ignore[arg-type]
    assert found.value.code == "HW308"
