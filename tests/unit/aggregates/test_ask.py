"""A source is read once, and its failure is its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.duckdb_engine import DuckDB, open_duckdb
from headway.aggregates.engine import Bound, Opened, bound_at
from headway.aggregates.read import MAX_TERMS
from headway.aggregates.request import Bucket, Request, count, sum_of
from headway.facts import UNIT
from headway.kernel.errors import SourceFault

METRICS = [f"m{i}" for i in range(20)]


@pytest.fixture
def engine() -> Iterator[Any]:
    """The embedded engine."""
    engine = open_duckdb("duckdb:")
    yield engine
    engine.close()


@pytest.fixture
def wide(engine: Any, tmp_path: Path) -> Bound:
    """A Parquet file of twenty metrics without an empty value, and one with."""
    rows = {m: pa.array([float(i), 2.0 * i + 1]) for i, m in enumerate(METRICS)}
    rows |= {"variant": pa.array(["ai", "none"]), "x": pa.array([1.0, None])}
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table(rows), path)
    engine.backend.con.execute(f"create view wide as select * from '{path}'")
    table = engine.backend.table("wide")
    return bound_at(
        "wide",
        UNIT,
        summed=False,
        opened=Opened(engine, table, engine.known_present(table, [str(path)])),
        digest="d",
    )


def requests(bound: Bound) -> list[Request]:
    """Twenty metrics with a covariate, by arm and in all, and one histogram."""
    asked = [
        Request(bound.source, keys, (count(m), sum_of(m), sum_of(m, m), sum_of("x", m)), serves=m)
        for m in METRICS
        for keys in (("variant",), ())
    ]
    return [*asked, Request(bound.source, (Bucket("m1"),), (count(),), serves="median")]


def plans(engine: Any, sql: str) -> str:
    """How the engine would run a statement."""
    return "".join(row[1] for row in engine.backend.con.execute(f"explain {sql}").fetchall())


def test_twenty_metrics_are_one_scan_of_the_file(wide: Bound) -> None:
    """The engine's own plan reads the file once for all metrics at every grain, and once for histograms."""
    found = ask(requests(wide), {"wide": wide})
    assert [(read.scans, len(read.serves)) for read in found.reads] in ([(1, 20), (1, 1)], [(1, 1), (1, 20)])
    assert [plans(wide.opened.engine, read.sql).count("PARQUET_SCAN") for read in found.reads] == [1, 1]
    assert len(found.sums) == 41


def test_no_condition_is_written_where_the_footer_says_no_value_is_empty(wide: Bound) -> None:
    """What the Parquet footers say spares the engine every condition; a column with a hole gets its own."""
    assert wide.present == frozenset(METRICS) | {"variant"}
    (read,) = ask(
        [Request("wide", (), (count("m1"), sum_of("m1", complete=("m1", "m2"))))], {"wide": wide}
    ).reads
    assert not any(word in read.sql for word in ("CASE", "FILTER", "IS NULL", "IS NOT NULL"))
    (read,) = ask([Request("wide", (), (sum_of("m1", complete=("x",)),))], {"wide": wide}).reads
    assert read.sql.count("CASE") == 1
    assert "FILTER" not in read.sql


def test_a_footer_without_counts_promises_nothing(engine: Any, tmp_path: Path) -> None:
    """Files without statistics, files of other kinds and unknown columns are not known to be whole."""
    bare, whole, text = tmp_path / "bare.parquet", tmp_path / "whole.parquet", tmp_path / "rows.csv"
    pq.write_table(pa.table({"y": [1.0]}), bare, write_statistics=False)
    pq.write_table(pa.table({"y": [1.0]}), whole)
    text.write_text("y\n1\n")
    table = engine.backend.create_table("t", pa.table({"y": [1.0]}))
    assert engine.known_present(table, [str(whole)]) == {"y"}
    for origin in ([bare], [bare, whole], [whole, text], []):
        assert engine.known_present(table, [str(p) for p in origin]) == frozenset()


def test_a_source_that_fails_loses_its_own_answers_only(engine: Any) -> None:
    """One table that cannot be read leaves the other's answers whole, and says why in one line."""
    engine.backend.con.execute("create table good as select 1.0::double as y")
    engine.backend.con.execute("create view bad as select error('disk on fire')::double as y")
    bound = {
        n: bound_at(n, UNIT, summed=False, opened=Opened(engine, engine.backend.table(n)), digest=n)
        for n in ("good", "bad")
    }
    asked = [Request(n, keys, (sum_of("y"),)) for n in bound for keys in ((), (Bucket("y"),))]
    found = ask(asked, bound)
    assert {r.source for r in found.sums} == {"good"}
    assert (found.faults["bad"].code, found.faults["bad"].happened) == (
        "HW306", "Invalid Input Error: disk on fire"
    )  # fmt: skip
    assert len(found.faults) == 1


def test_a_source_that_changes_while_it_is_read_is_a_fault(wide: Bound) -> None:
    """Sums of content that its digest does not name are no answer."""

    def changed() -> None:
        raise SourceFault("HW302", "wide", "it changed while it was read", "run the review again")

    from dataclasses import replace

    found = ask(requests(wide), {"wide": replace(wide, unchanged=changed)})
    assert (found.sums, found.faults["wide"].code) == ({}, "HW302")


def test_progress_names_each_read(wide: Bound) -> None:
    """A listener hears which source is read, and how many reads there are; unbound sources are not asked."""
    heard: list[tuple[str, int, int]] = []
    elsewhere = Request("elsewhere", (), (count(),))
    found = ask([*requests(wide), elsewhere], {"wide": wide}, lambda *words: heard.append(words))
    assert heard == [("wide", 0, 2), ("wide", 1, 2)]
    assert elsewhere not in found.sums


def test_rows_that_change_between_two_statements_are_a_fault(engine: Any) -> None:
    """Where the sums take two statements and a group appears between them, the answer is refused."""
    columns = [f"c{i}" for i in range(60)]
    engine.backend.con.execute(
        f"create table t as select {', '.join(f'1.0::double as {c}' for c in columns)}, 1 as k"
    )

    class Moving(DuckDB):
        def fetch(self, expression: Any) -> pa.Table:
            answer = engine.fetch(expression)
            if "k0" in answer.column_names:
                engine.backend.con.execute("insert into t (k) values (2)")
            return answer

    moving = Moving()
    terms = tuple(sum_of(a, b) for i, a in enumerate(columns) for b in columns[i:])
    assert len(terms) > MAX_TERMS
    found = ask(
        [Request("t", ("k",), terms)],
        {"t": bound_at("t", UNIT, summed=False, opened=Opened(moving, engine.backend.table("t")), digest="")},
    )
    moving.close()
    assert "changed between two reads" in found.faults["t"].happened


def test_rows_are_counted_when_first_asked(wide: Bound) -> None:
    """A bound source knows its columns at once, and its number of rows when somebody asks."""
    assert (wide.rows, wide.columns[-1]) == (2, "x")


def test_a_database_file_is_opened_to_read_only(tmp_path: Path) -> None:
    """The engine of `duckdb:///path` cannot change the file; closing it twice is closing it."""
    path = tmp_path / "claims.db"
    with duckdb.connect(str(path)) as writer:
        writer.execute("create table t as select 1 as a")
    engine = open_duckdb(f"duckdb://{path}")
    assert engine.fetch(engine.backend.table("t")).to_pylist() == [{"a": 1}]
    with pytest.raises(duckdb.Error, match="read-only"):
        engine.backend.con.execute("insert into t values (2)")
    engine.close()
    engine.close()
    with pytest.raises(duckdb.Error, match="closed"):
        engine.backend.con.execute("select 1")
