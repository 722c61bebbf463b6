"""Credits, taxes and adjustments that nobody claims go where the charges went that they are about."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.measures.test_shared_cost import POOL, divided, initiative
from tests.unit.measures.test_spend import BILL
from tests.unit.small import Declare, estimates, reviewed

COLUMNS = (
    "BilledCost,ChargeCategory,ResourceId,SkuId,ServiceName,SubAccountId,BillingPeriodStart,Tags,"
    "BillingCurrency,ChargePeriodStart,BillingAccountId"
)
AID = "{select: [{tag: {app: aid}}]}"
BOT = "{select: [{tag: {app: bot}}]}"


def bill(folder: Path, *rows: str, columns: str = COLUMNS) -> None:
    """Charges: `cost|category|resource|sku|service|account|month|app`."""
    lines = []
    for row in rows:
        cost, category, resource, sku, service, account, month, app = row.split("|")
        tags = f'"{{""app"": ""{app}""}}"' if app else "NULL"
        start = f"2026-{month or '03'}-01 00:00:00"
        cells = [cost, category or "Usage", resource, sku, service, account, start, tags, "EUR", start, "1"]
        lines.append(",".join(c or "NULL" for c in cells))
    (folder / "bill.csv").write_text("\n".join([columns, *lines]) + "\n")


def two(declare: Declare) -> Path:
    """Two initiatives with a tag each."""
    return declare(bill=BILL, initiative=initiative("aid", AID), other=initiative("bot", BOT))


@pytest.mark.parametrize(
    ("credit", "aid", "bot"),
    [
        # The resource is surest: r1 is all of aid's.
        ("-4|Credit|r1|s1|vm|x||", "26", "10"),
        # Nobody charges r9, so its price decides: s1 costs aid 30 and bot 10.
        ("-4|Credit|r9|s1|vm|x||", "27", "9"),
        # No resource and no price: the service in that account and period.
        ("8|Tax|||vm|x||", "38", "10"),
        ("8|Tax|||vm|||", "36", "12"),
        ("8|Adjustment|||vm|x|02|", "30", "18"),
        # Nothing that it is about was charged: it is nobody's.
        ("8|Tax|||db|x||", "30", "10"),
        ("8|Tax||||||", "30", "10"),
        # What names its owner needs no partner.
        ("-4|Credit|r1|s1|vm|x||bot", "30", "6"),
    ],
)
def test_a_credit_follows_the_resource_else_the_price_else_the_service(
    declare: Declare, credit: str, aid: str, bot: str
) -> None:
    """The surest of what it names decides, and the bill adds up."""
    folder = two(declare)
    bill(folder, "30||r1|s1|vm|x||aid", "10||r2|s1|vm|y||bot", "0|Purchase|r3|s1|vm|x|02|bot", credit)
    if "|02|" in credit:
        bill(folder, "30||r1|s1|vm|x||aid", "10|Purchase|r3|s1|vm|x|02|bot", credit)
    found = divided(reviewed(folder))
    assert found["initiatives"] == {"aid": aid, "bot": bot}


def test_what_nobody_claims_of_the_charges_takes_its_part_of_the_credit(declare: Declare) -> None:
    """A third of the resource is nobody's, and so is a third of its credit, to the last digit."""
    folder = two(declare)
    bill(folder, "20||r1|||||aid", "10||r1|||||", "-1|Credit|r1|||||")
    made = reviewed(folder)
    found = divided(made)
    assert found["initiatives"] == {"aid": "19.333333333333333333"}
    assert (found["unclaimed"], found["bill"]) == ("9.666666666666666667", "29")
    assert found["paths"]["aid"] == {"direct": "20", "followed": "-0.666666666666666667", "shared": {}}
    assert estimates(made, "cost", "aid")["cost"]["followed"] == "-0.666666666666666667"


def test_what_costs_nothing_or_less_leads_a_credit_nowhere(declare: Declare) -> None:
    """A resource whose charges were taken back is passed over for the next thing named."""
    folder = two(declare)
    bill(folder, "-5||r1|s1|||||aid".replace("|||||", "||||"), "10||r2|s1||||bot", "-2|Credit|r1|s1||||")
    assert divided(reviewed(folder))["initiatives"] == {"aid": "-5", "bot": "8"}


def test_a_credit_of_a_component_is_divided_with_it(declare: Declare) -> None:
    """It follows the component's rows, and then the component's shares."""
    pool = POOL.replace("usage: fleet\n", "") + "  shares: {aid: 25 %, bot: 75 %}\n"
    folder = declare(bill=BILL, pool=pool, initiative=initiative("aid", "{}"), other=initiative("bot", "{}"))
    bill(folder, "100||r1|||pool||", "-20|Credit|r1|||||")
    assert divided(reviewed(folder))["initiatives"] == {"aid": "20", "bot": "60"}


def test_many_credits_are_followed_as_few_are(declare: Declare) -> None:
    """Thousands of resources are handed to the engine as one text, with the same answer."""
    folder = two(declare)
    charges = [f"{i}||r{i}|||||{'aid' if i % 2 else 'bot'}" for i in range(1, 2001)]
    bill(folder, *charges, *(f"-0.1|Credit|r{i}|||||" for i in range(1, 2001)))
    made = reviewed(folder)
    assert divided(made)["initiatives"] == {"aid": "999900", "bot": "1000900"}
    assert any("r1999" in read.sql for read in made.collected.reads)


def test_a_bill_is_read_once_where_no_credit_is_homeless(declare: Declare) -> None:
    """The second look is for credits that nobody claims, and for nothing else."""
    folder = two(declare)
    bill(folder, "30||r1|||||aid", "-1|Credit|r1|||||aid")
    few = len(reviewed(folder).collected.reads)
    bill(folder, "30||r1|||||aid", "-1|Credit|r1|||||")
    reads: Any = reviewed(folder).collected.reads
    assert (few, len(reads)) == (2, 3)
    assert "r1" in reads[-1].sql


def test_the_basis_of_cost_is_what_the_source_names(declare: Declare) -> None:
    """Showback reads one column and cash another; where they differ, both are told."""
    folder = two(declare)
    (folder / "bill.yaml").write_text(BILL.replace("bill.csv", "bill.parquet"))
    rows = [
        ("100", "40", "EffectiveCost", "aid"),
        ("5", "5", "BilledCost", "aid"),
        ("0", "60", "EffectiveCost", ""),
    ]
    billed, basis, of, apps = zip(*rows, strict=True)
    money = pa.decimal128(38, 18)
    table = {
        "BilledCost": pa.array(map(Decimal, billed), money),
        "BasisCost": pa.array(map(Decimal, basis), money),
        "BasisOf": list(of),
        "BillingCurrency": ["EUR"] * 3,
        "ChargePeriodStart": [datetime(2026, 3, 1)] * 3,  # noqa: DTZ001  as an export has it
        "Tags": [json.dumps({"app": app}) for app in apps],
    }
    pq.write_table(pa.table(table), folder / "bill.parquet")
    made = reviewed(folder)
    found = divided(made)
    assert (found["bill"], found["billed"]) == ("105", "105")
    assert (found["initiatives"], found["unallocated"]) == ({"aid": "45"}, "60")
    assert found["basis"] == {"BilledCost": "5", "EffectiveCost": "100"}
    cost = estimates(made, "cost", "aid")["cost"]
    assert (cost["exact"], cost["billed"]) == ("45", "105")
    assert cost["basis"] == {"BilledCost": "5", "EffectiveCost": "100"}
    assert cost["method"] == "sum of BilledCost and EffectiveCost by declared keys"
