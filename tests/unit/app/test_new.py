"""A skeleton is sound where it can be, and says of every key what it means."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from docs.schemas import schemas
from jsonschema import Draft202012Validator
from tests.unit.small import Declare

from headway.app.check import check
from headway.app.new import New, new_document, new_source, unknown_key
from headway.app.skeleton import KEYS
from headway.kernel.diagnostic import Diagnostic
from headway.portfolio.load import Portfolio, load
from headway.portfolio.schema import explain

TRIAL = "case,arm,team,minutes,minutes_before,closed\n1,new,a,9,10,2026-01-05\n2,old,b,10.5,11,2026-01-06\n"
BILL = "Amount,Currency,Date,Service,Labels\n10.50,EUR,2026-01-01,gpu,{}\n"


def portfolio(folder: Path) -> Portfolio:
    """What is declared in a folder."""
    found = load(folder).portfolio
    assert found is not None
    return found


def written(made: New | Diagnostic) -> New:
    """A document that was written, and holds to its schema."""
    assert isinstance(made, New), made
    Draft202012Validator(schemas()["new"]).validate(json.loads(json.dumps(made.as_json())))
    return made


@pytest.mark.parametrize("kind", ["initiative", "component"])
def test_a_skeleton_checks_clean(declare: Declare, kind: str) -> None:
    """What is not known yet is a comment, so nothing is wrong."""
    folder = declare()
    made = written(new_document(portfolio(folder), kind, "Drafted replies", {}))
    assert made.file == f"{kind}s/drafted-replies.yaml"
    assert check(folder).diagnostics == ()
    assert "title: Drafted replies\n" in (folder / made.file).read_text("utf-8")


def test_an_outcome_asks_for_what_it_cannot_do_without(declare: Declare) -> None:
    """Or gets it by `--set`."""
    folder = declare()
    new_document(portfolio(folder), "outcome", "fewer-errors", {})
    assert [d.what.split("'")[1] for d in check(folder).diagnostics] == ["customer", "metric"]
    said = {("customer",): "callers", ("metric", "name"): "errors", ("metric", "better"): "lower"}
    new_document(portfolio(folder), "outcome", "fewer-calls", said)
    new_document(portfolio(folder), "outcome", "fees", {("line",): "revenue"})
    assert portfolio(folder).outcomes["fewer-calls"].metric is not None
    assert portfolio(folder).outcomes["fees"].line == "revenue"


@pytest.mark.parametrize("kind", KEYS)
def test_every_comment_is_a_key_of_the_model(declare: Declare, kind: str) -> None:
    """A skeleton cannot fall behind the models: every key in it is described by them."""
    for key in KEYS[kind]:
        about = explain(kind, key.split("."))
        assert about is not None, key
        assert about.description, key


@pytest.mark.parametrize("kind", ["initiative", "outcome", "component"])
def test_a_skeleton_without_its_marks_is_yaml(declare: Declare, kind: str) -> None:
    """To take `# ` away from a key is to say it: indents are right already, and every key is known."""
    folder = declare()
    made = written(new_document(portfolio(folder), kind, "whole", {}))
    lines = (folder / made.file).read_text("utf-8").splitlines()
    keys = {k.split(".")[0] for k in KEYS[kind]}
    said = [line.removeprefix("# ") for line in lines]
    kept = [line for line in said if line.partition(":")[0] in {*keys, kind} or line.startswith("  ")]
    (folder / made.file).write_text("\n".join(kept) + "\n")
    assert {d.code for d in check(folder).diagnostics} <= {"HW201", "HW105", "HW432"}


def test_keys_are_set_as_they_are_said(declare: Declare) -> None:
    """Inside other keys, in braces, and with hostile signs."""
    folder = declare()
    said = {
        ("risk", "eu_ai_act"): "limited",
        ("uses",): "[]",
        ("problem",): "no: #1",
        ("pilot", "dates", "starts"): "2026-01-01",
    }
    made = written(new_document(portfolio(folder), "initiative", "a", said))
    text = (folder / made.file).read_text("utf-8")
    assert 'problem: "no: #1"\n' in text
    assert "risk:\n  eu_ai_act: limited\n#   reason: " in text
    assert "pilot:\n#   design: " in text
    assert "  dates:\n    starts: " in text
    assert "uses: []\n" in text


def test_nothing_is_written_over(declare: Declare) -> None:
    """A name that is declared, a file that is there, and a name without a letter are told."""
    folder = declare()
    found = portfolio(folder)
    (folder / "outcomes").mkdir()
    (folder / "outcomes" / "late.yaml").write_text("# mine\n")
    for kind, name, code in (
        ("initiative", "trial", "HW120"),
        ("outcome", "late", "HW120"),
        ("component", "手", "HW113"),
    ):
        made = new_document(found, kind, name, {})
        assert isinstance(made, Diagnostic)
        assert made.code == code
    assert (folder / "outcomes" / "late.yaml").read_text() == "# mine\n"


def test_keys_that_a_kind_does_not_have_are_told() -> None:
    """With those it has."""
    assert unknown_key("initiative", ("risk", "eu_ai_act")) is None
    assert unknown_key("component", ("zebra",)) == (
        "'zebra' is no key of component; keys here are component, title, owner, type, lifecycle, depends_on, "
        "provides, usage, capacity, cost, tokens, energy"
    )
    assert (
        unknown_key("component", ("title", "zebra"))
        == "'title.zebra' is no key of component; keys here are none"
    )
    assert unknown_key("component", ("zebra", "a")) == "'zebra.a' is no key of component; keys here are none"


def test_an_experiment_table_is_mapped(declare: Declare) -> None:
    """Unit, arm, cluster and day by their names; numbers are told as metrics; the source reads."""
    folder = declare(TRIAL and "", None)
    (folder / "trial.csv").write_text(TRIAL)
    made = written(new_source(portfolio(folder), folder / "trial.csv", "unit", None, {}))
    assert made.proposal is not None
    assert made.proposal.columns == {
        "unit_id": "case",
        "variant": "arm",
        "cluster": "team",
        "closed_at": "closed",
    }
    assert (made.proposal.numbers, made.proposal.arms) == (
        ("minutes", "minutes_before"),
        {"new": 1, "old": 1},
    )
    source = portfolio(folder).sources["trial"]
    assert (source.path, source.fact) == ("../trial.csv", "unit")
    assert source.columns == {"unit_id": "case", "variant": "arm", "cluster": "team", "closed_at": "closed"}
    assert check(folder).diagnostics == ()


def test_a_bill_is_mapped(declare: Declare) -> None:
    """By the names that exports use, each column of the right type."""
    folder = declare()
    (folder / "bill.csv").write_text(BILL)
    made = written(
        new_source(portfolio(folder), folder / "bill.csv", "cost", "cloud", {("title",): "The bill"})
    )
    assert made.proposal is not None
    assert made.proposal.columns == {
        "BilledCost": "Amount",
        "BillingCurrency": "Currency",
        "ChargePeriodStart": "Date",
        "ServiceName": "Service",
        "Tags": "Labels",
    }
    assert portfolio(folder).sources["cloud"].title == "The bill"


@pytest.mark.parametrize(
    ("fact", "text", "columns"),
    [
        (
            "exposure",
            (
                "timestamp,feature_flag.key,feature_flag.context.id,feature_flag.result.variant\n"
                "2026-01-12T09:00:00Z,trial,c1,ai\n2026-01-12T09:05:00Z,trial,c2,none\n2026-01-12T09:05:00Z,trial,c1,ai\n"
            ),
            {
                "key": "feature_flag.key",
                "unit_id": "feature_flag.context.id",
                "variant": "feature_flag.result.variant",
                "ts": "timestamp",
            },
        ),
        (
            "series",
            "time,event,user,amount\n2026-01-12,buy,c1,5\n2026-01-13,buy,c1,7\n",
            {"metric": "event", "unit_id": "user", "ts": "time", "value": "amount"},
        ),
    ],
)
def test_events_are_mapped(declare: Declare, fact: str, text: str, columns: dict[str, str]) -> None:
    """OpenFeature's evaluation events are exposures; what happens to units is a series."""
    folder = declare()
    (folder / "events.csv").write_text(text)
    made = written(new_source(portfolio(folder), folder / "events.csv", fact, None, {}))
    assert made.proposal is not None
    assert made.proposal.columns == columns


def test_parquet_is_mapped_by_its_schema(declare: Declare) -> None:
    """Names that are the fact's own need no mapping."""
    folder = declare()
    table = {
        "workload": ["a", None],
        "resource": ["gpu", "gpu"],
        "ts": ["2026-01-01", "2026-01-02"],
        "granted": [1, 1],
        "used": [0.5, None],
        "region": ["x", "y"],
    }
    pq.write_table(pa.table(table), folder / "use.parquet")
    made = written(new_source(portfolio(folder), folder / "use.parquet", "usage", None, {}))
    assert made.proposal is not None
    assert made.proposal.others == ("region",)
    assert portfolio(folder).sources["use"].columns == {}


def test_a_column_is_taken_for_nothing_when_its_values_do_not_fit(declare: Declare) -> None:
    """An arm has few values, an id none twice, a day is a day; the user may say otherwise."""
    folder = declare()
    found = portfolio(folder)
    (folder / "t.csv").write_text("id,group,date\n1,a,soon\n1,b,later\n2,c,never\n")
    refused = new_source(found, folder / "t.csv", "unit", None, {})
    assert isinstance(refused, Diagnostic)
    assert refused.code == "HW126"
    assert refused.mend.startswith("add --set columns.unit_id=COLUMN, or number the rows: --set 'sql=select ")
    made = written(new_source(found, folder / "t.csv", "unit", None, {("columns", "unit_id"): "id"}))
    assert made.proposal is not None
    assert made.proposal.columns == {"unit_id": "id", "variant": "group"}


@pytest.mark.parametrize(
    ("name", "content"), [("a.parquet", b"no"), ("a.csv", b"\x00\x01\x02" * 99), ("b.csv", b"a,b\n")]
)
def test_a_table_that_cannot_be_read_is_told(declare: Declare, name: str, content: bytes) -> None:
    """With its code, and nothing is written."""
    folder = declare()
    (folder / name).write_bytes(content)
    made = new_source(portfolio(folder), folder / name, "unit", None, {})
    assert isinstance(made, Diagnostic)
    assert made.code in {"HW121", "HW123"}
    assert not (folder / "sources").exists()


def test_an_empty_parquet_is_told(declare: Declare) -> None:
    """Columns without rows say nothing about what they hold."""
    folder = declare()
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), folder / "e.parquet")
    made = new_source(portfolio(folder), folder / "e.parquet", "unit", None, {})
    assert isinstance(made, Diagnostic)
    assert made.code == "HW123"


def test_a_select_of_the_users_own_may_bring_what_the_table_lacks(declare: Declare, tmp_path: Path) -> None:
    """Rows without a number are numbered as the mend says; the source then binds."""
    folder = declare()
    table = folder / "mails.csv"
    table.write_text("segment,visit\nnone,0\nmail,1\n")
    said = {
        ("columns", "variant"): "segment",
        ("sql",): "select row_number() over () as unit_id, * from file",
    }
    made = written(new_source(portfolio(folder), table, "unit", None, said))
    assert made.name == "mails"
    assert check(folder).diagnostics == ()
    declared = portfolio(folder).sources["mails"]
    assert (declared.columns, declared.sql) == ({"variant": "segment"}, said["sql",])
