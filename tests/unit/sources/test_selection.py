"""The `sql` of a source is one SELECT over its file, and cannot reach anything else."""

from collections.abc import Iterator

import duckdb
import pytest

from headway.sources.selection import NotOneSelect, one_select


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a table of somebody else's."""
    with duckdb.connect() as made:
        made.execute("create table salaries as select 1 as pay")
        made.execute("create table base as select 1 as id, 'x' as a, 2.0 as b, timestamp '2026-01-01' as ts")
        yield made


@pytest.mark.parametrize(
    "sql",
    [
        "select * from file",
        "from file",
        "SELECT id, a FROM File where b > 1;  -- the end",
        "select case id when 1 then 'ai' else 'none' end as variant, ln(b) as y from file",
        "with a as (select * from file), b as (select * from a) select * from b join file using (id)",
        "with recursive r as (select 1 as x union all select x + 1 from r where x < 3) select * from r, file",
        "select a, count(*) as n, sum(b) filter (b > 0) from file group by all having n > 0 order by a",
        "select *, row_number() over (partition by a order by ts) as k from file qualify k = 1",
        "select * exclude (a) replace (b * 2 as b) from file",
        "select (select max(b) from file f where f.id = file.id) as y from file",
        "select u from file, unnest([b, b]) as t(u)",
        "select date_trunc('day', ts), ts + interval 1 day, extract(year from ts), a like 'x%' from file",
        "select id::varchar || '-' || a, coalesce(b, 0), nullif(a, 'NA'), split_part(a, '-', 1) from file",
        "select * from file union all select * from file",
        "select list_transform([b], lambda v: v + 1) from file",
        "select id, name from (values (1, 'one')) as names(id, name) join file using (id)",
    ],
)
def test_one_select_over_the_file_passes(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Joins, windows, subqueries and unions of the file with itself run as they were understood."""
    chosen = one_select(connection, sql)
    found = connection.execute(
        f"with file as (select * from base) select * from ({chosen}) as chosen"
    ).fetchall()
    assert found


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select * from read_csv('/etc/passwd')", "it reads 'read_csv'"),
        ("select * from '/etc/passwd'", "it reads '/etc/passwd'"),
        ('select * from file, "a.parquet"', "it reads 'a.parquet'"),
        ("select * from read_text('x'), file", "it reads 'read_text'"),
        ("select * from glob('*')", "it reads 'glob'"),
        ("select * from parquet_metadata('a.parquet')", "it reads 'parquet_metadata'"),
        ("select * from query('select 1')", "it reads 'query'"),
        ("select * from duckdb_settings()", "it reads 'duckdb_settings'"),
        ("select * from salaries", "it reads 'salaries'"),
        ("select * from main.file", "it reads 'main.file'"),
        ("select * from memory.main.file", "it reads 'memory.main.file'"),
        ("select * from information_schema.tables", "it reads 'information_schema.tables'"),
        ("select (select max(pay) from salaries) from file", "it reads 'salaries'"),
        ("select * from file where id in (select pay from salaries)", "it reads 'salaries'"),
        ("select * from file order by (select max(pay) from salaries)", "it reads 'salaries'"),
        ("select * from file limit (select max(pay) from salaries)", "it reads 'salaries'"),
        ("with x as (select * from salaries) select * from file", "it reads 'salaries'"),
        ("with file as (select * from salaries) select * from file", "it reads 'salaries'"),
        ("select * from (with salaries as (select 1) select 1), salaries", "it reads 'salaries'"),
        ("select * from file union select * from salaries", "it reads 'salaries'"),
        ("select * from file at (version => 1)", "it reads 'file'"),
        ("select * from (describe file)", "it holds a show clause"),
        ("summarize file", "it holds a show clause"),
        ("select * from file tablesample 10%", "it reads a random sample"),
        ("select getenv('HOME') from file", "no function is called 'getenv'"),
        ("select current_setting('home_directory') from file", "it calls 'current_setting'"),
        ("select getvariable('x') from file", "it calls 'getvariable'"),
        ("select random() from file", "it calls 'random'"),
        ("select uuid() from file", "it calls 'uuid'"),
        ("select * from file where ts < now()", "it calls 'now'"),
        ("select * from file where ts < current_date", "it reads 'current_date'"),
        ("select ago(interval 1 day) from file", "it calls 'ago'"),
        ("select pg_sleep(10) from file", "it calls 'pg_sleep'"),
        ("select write_log('x') from file", "it calls 'write_log'"),
        ("select * from file where id = any (select nextval('s'))", "it calls 'nextval'"),
        ("select read_text('x') from file", "it calls 'read_text'"),
        ("select 1; select 2", "not one SELECT"),
        ("select * from file; drop table salaries", "Only SELECT statements"),
        ("", "not one SELECT"),
        ("-- nothing", "not one SELECT"),
        ("drop table salaries", "Only SELECT statements"),
        ("create table t as select 1", "Only SELECT statements"),
        ("copy file to '/tmp/x.csv'", "Only SELECT statements"),
        ("attach 'x.db'", "Only SELECT statements"),
        ("pragma database_list", "Only SELECT statements"),
        ("set memory_limit = '1GB'", "Only SELECT statements"),
        ("install httpfs", "Only SELECT statements"),
        ("call pragma_version()", "Only SELECT statements"),
        ("insert into salaries select 1", "Only SELECT statements"),
        ("with x as (select 1) delete from salaries", "Only SELECT statements"),
        ("select * from file) as chosen, (select * from salaries", "syntax error"),
        ("select from where", "syntax error"),
    ],
)
def test_anything_else_is_refused(connection: duckdb.DuckDBPyConnection, sql: str, why: str) -> None:
    """Other files, other tables, settings, clocks, chance and other statements are refused by name."""
    with pytest.raises(NotOneSelect) as refused:
        one_select(connection, sql)
    assert why.lower() in str(refused.value).lower()
