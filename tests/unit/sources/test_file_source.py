"""Files are read as they are meant, or refused with what is wrong and where."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count, sum_of, total
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

ROWS = "unit_id,variant,minutes\n1,ai,10.5\n2,none,12\n3,ai,\n"
JSON = (
    '{"unit_id": 1, "variant": "ai", "minutes": 10.5}',
    '{"unit_id": 2, "variant": "none", "minutes": 12}',
    '{"unit_id": 3, "variant": "ai", "minutes": null}',
)
MANY = 300_000
Declared = Callable[..., Bound]
Failed = Callable[..., tuple[str, str]]
Values = Callable[[Bound, str], list[Any]]


def parquet(path: Path, **columns: Any) -> None:
    """Write a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", ROWS),
        ("semicolon.csv", ROWS.replace(",", ";")),
        ("rows.tsv", ROWS.replace(",", "\t")),
        ("rows.json", f"[{', '.join(JSON)}]"),
        ("rows.jsonl", "\n".join(JSON)),
        ("it's \"here\" [1]*?.csv", ROWS),
        ("UPPER.CSV", ROWS),
    ],
)  # fmt: skip
def test_every_format_gives_the_same_rows(
    tmp_path: Path, declared: Declared, values: Values, name: str, text: str
) -> None:
    """CSV, TSV and both JSONs say the same; names with quotes, spaces and wildcards are names."""
    (tmp_path / name).write_text(text)
    bound = declared(path=name)
    assert values(bound, "minutes") == [None, 10.5, 12.0]
    assert values(bound, "variant") == ["ai", "ai", "none"]


def test_a_wildcard_in_the_name_of_a_file_is_a_letter(tmp_path: Path, declared: Declared) -> None:
    """A file that is really called `a*.csv` is read alone, whatever else its name would match."""
    for name in ("a*.csv", "ab.csv", "[c].csv", "c.csv"):
        (tmp_path / name).write_text(ROWS)
    assert [declared(path=name).rows for name in ("a*.csv", "[c].csv", "[ca].csv")] == [3, 3, 3]
    assert declared(path="?*.csv").rows == 12


def test_a_parquet_file_is_read_in_place_and_knows_its_whole_columns(
    tmp_path: Path, declared: Declared, values: Values
) -> None:
    """Footers tell which columns hold no empty value, under the names of the contract."""
    parquet(tmp_path / "a.parquet", agent=[1, 2], variant=["ai", "none"], y=[1.0, None], unit_id=["x", None])
    bound = declared(path="a.parquet", columns={"unit_id": "agent"})
    assert values(bound, "unit_id") == [1, 2]
    assert bound.present == {"unit_id", "variant"}
    swapped = declared(path="a.parquet", columns={"unit_id": "unit_id", "variant": "variant", "z": "y"})
    assert swapped.present == {"agent", "variant"}


def test_a_glob_is_one_table(tmp_path: Path, declared: Declared) -> None:
    """Files of one pattern are read together, in the order of their names; others beside them are not."""
    for part in ("b", "a"):
        (tmp_path / f"part-{part}.csv").write_text(ROWS)
    (tmp_path / "other.csv").write_text("x\n1\n")
    assert declared(path="part-*.csv").rows == 6
    nested = tmp_path / "bills" / "2026"
    parquet(nested / "a.parquet", unit_id=[1], variant=["ai"])
    assert declared(path="bills/**/*.parquet").rows == 1
    assert declared(path=str(nested / "*.parquet")).rows == 1


def test_files_that_differ_are_refused(tmp_path: Path, fault: Failed) -> None:
    """A pattern that matches two kinds of table names the files and the column that tells them apart."""
    (tmp_path / "a.csv").write_text(ROWS)
    (tmp_path / "b.csv").write_text(ROWS.replace("minutes", "seconds"))
    assert fault(path="[ab].csv") == (
        "HW302",
        "'a.csv' and 'b.csv' differ: only one of them has column 'minutes'",
    )
    parquet(tmp_path / "a.parquet", unit_id=[1], variant=["ai"], y=[1])
    parquet(tmp_path / "b.parquet", unit_id=[1], variant=["ai"], y=[1.5])
    assert fault(path="*.parquet") == (
        "HW302", "'a.parquet' and 'b.parquet' differ: column 'y' is BIGINT in one and DOUBLE in the other"
    )  # fmt: skip
    assert fault(path="a.*") == ("HW302", "files of kind '.csv', '.parquet'")


def test_text_files_only_seem_to_have_types(tmp_path: Path, declared: Declared, values: Values) -> None:
    """Whole numbers in one file and broken ones in the next are numbers; numbers and words are words."""
    (tmp_path / "a.csv").write_text("unit_id,variant,y,site\n1,ai,1,7\n")
    (tmp_path / "b.csv").write_text("unit_id,variant,y,site\n2,none,2.5,north\n")
    bound = declared(path="?.csv")
    assert values(bound, "y") == [1.0, 2.5]
    assert values(bound, "site") == ["7", "north"]


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.csv", b"", "HW302", "'empty.csv' is empty"),
        (
            "cut.parquet",
            b"PAR1 and then nothing",
            "HW302",
            "No magic bytes found at end of file 'cut.parquet'",
        ),
        ("not.json", b"{'a' 1}", "HW302", "Malformed JSON"),
        (
            "ragged.csv",
            b"unit_id,variant\n1,ai\n2,none,3,4\n5\n",
            "HW302",
            "'ragged.csv' has rows with more or fewer cells",
        ),
        ("picture.png", b"\x89PNG", "HW302", "files of kind '.png'"),
        ("bytes.csv", b"unit_id,variant\n1,\xff\xfe\xff\n", "HW302", ""),
    ],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, fault: Failed, name: str, content: bytes, code: str, words: str
) -> None:
    """What is not what its name says is named in one line, without the machine's own paths."""
    (tmp_path / name).write_bytes(content)
    found, happened = fault(path=name)
    assert (found, words in happened) == (code, True), happened
    assert str(tmp_path) not in happened
    assert "\n" not in happened


def test_a_parquet_file_cut_off_in_its_rows_fails_when_it_is_read(tmp_path: Path, fault: Failed) -> None:
    """A footer that is whole over rows that are not is found out by the read, and is HW302 all the same."""
    path = tmp_path / "a.parquet"
    parquet(path, unit_id=list(range(5000)), variant=["ai", "none"] * 2500)
    content = bytearray(path.read_bytes())
    content[50:4000] = b"\xff" * 3950
    path.write_bytes(bytes(content))
    assert fault(path="a.parquet")[0] == "HW302"


def test_no_file_is_no_source(tmp_path: Path, fault: Failed) -> None:
    """A path or pattern that matches nothing says so; a folder is told from a file."""
    assert fault(path="absent.csv") == ("HW301", "no file matches 'absent.csv'")
    assert fault(path="absent-*.csv") == ("HW301", "no file matches 'absent-*.csv'")
    assert fault(path="**.csv") == ("HW301", "no file matches '**.csv'")
    (tmp_path / "out.parquet").mkdir()
    assert fault(path="out.parquet") == ("HW301", "'out.parquet' is a folder")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    assert fault(path="gone.csv") == ("HW301", "no file matches 'gone.csv'")


def test_a_header_alone_is_an_empty_table(tmp_path: Path, declared: Declared) -> None:
    """A file without rows has no types to show, and is not refused for it."""
    (tmp_path / "u.csv").write_text("workload,resource,ts,granted,used\n")
    bound = declared(path="u.csv", fact="usage")
    request = Request("pilot", ("resource",), (count(), sum_of("used")))
    found = ask([request], {"pilot": bound})
    assert (found.faults, found.sums[request].groups, bound.rows) == ({}, (), 0)


def test_a_name_that_is_not_there_gets_the_nearest(tmp_path: Path, fault: Failed) -> None:
    """A column that the source lacks is named with the one it was probably meant to be."""
    (tmp_path / "a.csv").write_text("unit,variantt,y\n1,ai,1\n")
    assert fault(path="a.csv") == ("HW303", "no column 'unit_id' for fact 'unit'; did you mean 'unit'?")
    assert fault(path="a.csv", columns={"unit_id": "unti"}) == (
        "HW303", "no column 'unti' for column 'unit_id'; did you mean 'unit'?"
    )  # fmt: skip
    assert fault(path="a.csv", columns={"unit_id": "unit", "variant": "zzz"})[1] == (
        "no column 'zzz' for column 'variant'"
    )


def test_text_where_a_number_is_due_is_refused(tmp_path: Path, fault: Failed, declared: Declared) -> None:
    """A column of words is not a number, unless the words are declared to mean: no value."""
    row = "workload,resource,ts,granted,used\nw,gpu,2026-01-01,1,0.5\nw,gpu,2026-01-01 00:05:00,1,n/a\n"
    (tmp_path / "u.csv").write_text(row)
    assert fault(path="u.csv", fact="usage") == ("HW304", "column 'used' is string, not a number")
    bound = declared(path="u.csv", fact="usage", nullstr=["n/a"])
    assert bound.opened.table.schema()["used"].is_floating()


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [("closed_at", [5], "int64, not a moment"), ("BilledCost", [True], "boolean, not an amount")],
)
def test_a_value_of_another_kind_is_refused(
    tmp_path: Path, fault: Failed, column: str, kind: Any, words: str
) -> None:
    """Numbers are no moments and truth is no money."""
    parquet(tmp_path / "a.parquet", unit_id=[1], variant=["a"], BillingCurrency=["EUR"],
            ChargePeriodStart=["2026-01-01"], **{column: kind})  # fmt: skip
    fact = "cost" if column == "BilledCost" else "unit"
    assert fault(path="a.parquet", fact=fact) == ("HW304", f"column '{column}' is {words}")


def test_a_value_that_fails_far_down_is_named_without_its_row(tmp_path: Path, fault: Failed) -> None:
    """A column that seems a number for 300,000 rows, and is not, is HW304; nobody's row is shown."""
    rows = "\n".join(f"{i},ai,{i},person-{i}" for i in range(MANY))
    (tmp_path / "a.csv").write_text(f"unit_id,variant,y,who\n{rows}\n{MANY},ai,oops,jane-doe\n")
    code, happened = fault(path="a.csv")
    assert code == "HW304"
    assert "oops" in happened
    assert "jane-doe" not in happened


def test_a_moment_that_is_none_is_named_without_its_row(tmp_path: Path, fault: Failed) -> None:
    """The newest moment is looked for first: what is in its way is HW304 too, and nobody's row is shown."""
    (tmp_path / "a.csv").write_text("unit_id,variant,closed_at\n1,ai,04/25/2026\n")
    (tmp_path / "b.csv").write_text("unit_id,variant,closed_at\njane-doe,ai,03/04/2026\n")
    code, happened = fault(path="*.csv")
    assert code == "HW304"
    assert "jane-doe" not in happened


BILL = """\
BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId,Tags,Waste
0.100000000000000001,EUR,2026-01-01T00:00:00Z,0012,"{""app"": ""replies""}",NULL
12345678901234567890.123456789012345678,EUR,2026-01-01T02:00:00+02:00,0013,NULL,1
NULL,EUR,2026-01-02,0013,,2
1e-7,EUR,2026-01-02 00:00:00,0013,,3
"""
EXACT = Decimal("12345678901234567890.223456889012345679")


def test_money_in_text_never_passes_through_a_float(
    tmp_path: Path, declared: Declared, values: Values
) -> None:
    """A bill keeps its eighteen decimals and its accounts their zeros; NULL and nothing are no value."""
    (tmp_path / "bill.csv").write_text(BILL)
    bound = declared(path="bill.csv", fact="cost", nullstr=["NULL"])
    request = Request("pilot", (), (total("BilledCost"), count("BilledCost"), count("Tags")))
    sums = ask([request], {"pilot": bound}).sums[request]
    assert [sums[t][0] for t in request.terms] == [EXACT, 3, 1]
    assert values(bound, "SubAccountId") == ["0012", "0013", "0013", "0013"]


def test_moments_of_a_bill_are_read_with_their_zone(
    tmp_path: Path, declared: Declared, values: Values
) -> None:
    """An offset moves the moment; without one it is UTC."""
    (tmp_path / "bill.csv").write_text(BILL)
    bound = declared(path="bill.csv", fact="cost", nullstr=["NULL"])
    new_year, next_day = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert values(bound, "ChargePeriodStart") == [new_year, new_year, next_day, next_day]


def test_money_stays_exact_under_a_select(tmp_path: Path, declared: Declared) -> None:
    """A view over a bill sees exact decimals too, and may reckon with them."""
    (tmp_path / "bill.csv").write_text(BILL)
    sql = "select * replace (BilledCost * 2 as BilledCost) from file where BilledCost < 1"
    bound = declared(path="bill.csv", fact="cost", nullstr=["NULL"], sql=sql)
    request = Request("pilot", (), (total("BilledCost"),))
    assert ask([request], {"pilot": bound}).sums[request][total("BilledCost")][0] == Decimal(
        "0.200000200000000002"
    )


@pytest.mark.parametrize("kind", ["float64", "int64", "decimal128(20, 4)"])
def test_money_of_other_types_is_what_it_says(tmp_path: Path, declared: Declared, kind: str) -> None:
    """A float's shortest decimal form is the amount, an integer and a decimal are themselves."""
    amounts = {"float64": pa.array([1234567.89, -1234567.59]), "int64": pa.array([3, 4])}
    decimals = pa.array([Decimal("0.1000"), Decimal("0.2000")], pa.decimal128(20, 4))
    parquet(tmp_path / "b.parquet", BilledCost=amounts.get(kind, decimals), BillingCurrency=["EUR"] * 2,
            ChargePeriodStart=["2026-01-01"] * 2)  # fmt: skip
    request = Request("pilot", (), (total("BilledCost"),))
    sums = ask([request], {"pilot": declared(path="b.parquet", fact="cost")}).sums[request]
    assert sums[total("BilledCost")][0] == (Decimal(7) if kind == "int64" else Decimal("0.3"))


def test_rows_come_through_the_declared_select(tmp_path: Path, declared: Declared, values: Values) -> None:
    """The `sql` of a source shapes its rows, whatever comment or semicolon ends it."""
    (tmp_path / "a.csv").write_text("id,ai,minutes\n1,1,10\n2,0,0\n3,0,20\n")
    sql = (
        "select id as unit_id, case ai when 1 then 'ai' else 'none' end as variant, ln(minutes) as y\n"
        "from file where minutes > 0; -- done"
    )
    bound = declared(path="a.csv", sql=sql)
    assert values(bound, "variant") == ["ai", "none"]
    assert bound.present == frozenset()


def test_a_select_that_does_not_fit_the_file_is_refused(tmp_path: Path, fault: Failed) -> None:
    """A column that the file lacks and a second statement are HW305, not a fault of the file."""
    (tmp_path / "a.csv").write_text(ROWS)
    code, happened = fault(path="a.csv", sql="select unit_id, arm as variant from file")
    assert (code, '"arm"' in happened) == ("HW305", True)
    assert fault(path="a.csv", sql="select 1; select 2") == ("HW305", "not one SELECT")


def test_views_of_two_sources_do_not_collide(tmp_path: Path, context: Context, values: Values) -> None:
    """Sources that share an engine, with names alike and a table `file` each, keep their own rows."""
    for name, row in (("one", "1,ai"), ("two", "2,none")):
        (tmp_path / f"{name}.csv").write_text(f"unit_id,variant\n{row}\n")
    sql = "select * from file"
    one, two = (
        bind(Source(source=f"s-{n}", path=f"{n}.csv", fact="unit", sql=sql), context) for n in ("one", "two")
    )
    assert (values(one, "variant"), values(two, "variant")) == (["ai"], ["none"])
    assert one.opened.engine is two.opened.engine


def test_the_digest_names_the_content_and_how_it_is_read(tmp_path: Path, declared: Declared) -> None:
    """Bytes, `sql`, columns and `nullstr` are in the digest; the name of the file is not."""
    (tmp_path / "a.csv").write_text(ROWS)
    (tmp_path / "b.csv").write_text(ROWS)
    one = declared(path="a.csv").digest
    assert declared(path="b.csv", source="other").digest == one
    others = [
        declared(path="a.csv", sql="select * from file").digest,
        declared(path="a.csv", columns={"y": "minutes"}).digest,
        declared(path="a.csv", nullstr=["NA"]).digest,
    ]
    (tmp_path / "a.csv").write_text(ROWS.replace("10.5", "10.6"))
    assert len({one, declared(path="a.csv").digest, *others}) == 5


def test_a_file_that_changes_under_the_read_is_no_evidence(tmp_path: Path, declared: Declared) -> None:
    """Where a file is written again between its digest and the end of the read, its sums are not kept."""
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    bound = declared(path="a.csv")
    path.write_text(ROWS.replace("10.5", "99.5"))
    request = Request("pilot", (), (sum_of("minutes"),))
    found = ask([request], {"pilot": bound})
    assert (found.sums, found.faults["pilot"].code) == ({}, "HW302")
    assert found.faults["pilot"].happened == "'a.csv' changed while it was read"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path, fault: Failed) -> None:
    """A file that may not be read says so."""
    (tmp_path / "a.csv").write_text(ROWS)
    (tmp_path / "a.csv").chmod(0)
    assert fault(path="a.csv") == ("HW302", "Permission denied")


def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, fault: Failed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the machine says about a file is told in its words."""
    (tmp_path / "a.csv").write_text(ROWS)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("headway.sources.file_source.content_of", broken)
    assert fault(path="a.csv") == ("HW302", "Input/output error")
