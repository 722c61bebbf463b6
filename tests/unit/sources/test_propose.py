"""A file's columns say what it could be bound as."""

from pathlib import Path

import pytest

from headway.kernel.errors import SourceFault
from headway.sources.propose import propose


def written(folder: Path, text: str, name: str = "rows.csv") -> Path:
    """A file with a text."""
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "fact", "columns", "lacks"),
    [
        ("unit_id,variant,y\n1,a,2\n2,b,3\n", "unit", {}, ()),
        ("claim,arm,team,y\n1,a,t,2\n2,b,t,3\n", "unit",
         {"unit_id": "claim", "variant": "arm", "cluster": "team"}, ()),
        ("row,which,y\n1,a,2.5\n2,b,3.5\n3,b,3.5\n", "unit", {"unit_id": "row", "variant": "which"}, ()),
        ("date,amount,currency\n2026-01-01,1.5,EUR\n", "cost",
         {"BilledCost": "amount", "BillingCurrency": "currency", "ChargePeriodStart": "date"}, ()),
        ("date,amount,service\n2026-01-01,1.5,gpu\n", "cost",
         {"BilledCost": "amount", "ChargePeriodStart": "date", "ServiceName": "service"},
         ("BillingCurrency",)),
        ("pod,resource,timestamp,requested,used\nchat,gpu,2026-01-01,4,1\n", "usage",
         {"workload": "pod", "ts": "timestamp", "granted": "requested"}, ()),
        (("timestamp,feature_flag.key,feature_flag.context.id,feature_flag.result.variant\n"
         "2026-01-01,a,1,x\n2026-01-01,a,1,x\n"), "exposure",
         {"key": "feature_flag.key", "unit_id": "feature_flag.context.id",
          "variant": "feature_flag.result.variant", "ts": "timestamp"}, ()),
        ("event,user,time,amount\nbuy,1,2026-01-01,5\nbuy,1,2026-01-02,5\n", "series",
         {"metric": "event", "unit_id": "user", "ts": "time", "value": "amount"}, ()),
        ("billed_cost,billing_currency,charge_period_start\n1,EUR,2026-01-01\n", "cost",
         {"BilledCost": "billed_cost", "BillingCurrency": "billing_currency",
          "ChargePeriodStart": "charge_period_start"}, ()),
    ],
)  # fmt: skip
def test_the_fact_and_its_columns_are_told_by_names_and_content(
    text: str, fact: str, columns: dict[str, str], lacks: tuple[str, ...], tmp_path: Path
) -> None:
    """Names as they are, as people call them, and else what the column holds."""
    found = propose(written(tmp_path, text))
    assert (found.fact, dict(found.columns), found.lacks) == (fact, columns, lacks)


def test_arms_and_metrics_are_told(tmp_path: Path) -> None:
    """The values of the variant, and numbers that are no part of the contract."""
    found = propose(written(tmp_path, "unit_id,variant,y,note\n1,a,2,x\n2,b,3,y\n3,b,3,y\n"))
    assert (found.arms, found.more, found.rows) == (("a", "b"), ("y",), 3)


@pytest.mark.parametrize(
    ("name", "code"), [("absent.csv", "HW301"), ("rows.xlsx", "HW302"), ("rows.parquet", "HW302")]
)
def test_a_file_that_cannot_be_looked_at_is_a_fault(name: str, code: str, tmp_path: Path) -> None:
    """Not there, of no known ending, or not what its ending says."""
    if name != "absent.csv":
        written(tmp_path, "no table", name)
    with pytest.raises(SourceFault) as raised:
        propose(tmp_path / name)
    assert raised.value.code == code
    assert str(tmp_path) not in str(raised.value)


def test_attributes_are_proposed_where_somebody_says_so(tmp_path: Path) -> None:
    """A name for each row is what nearly every table has."""
    file = written(tmp_path, "user,team,age\n1,a,30\n2,b,40\n")
    assert propose(file).fact == "unit"
    found = propose(file, "attribute")
    assert (found.fact, found.columns) == ("attribute", {"unit_id": "user", "cluster": "team"})
