"""A FOCUS bill that lies in an engine is read there, with the answers of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from tests.unit.bills import CHARGES, USAGE, Charge, of_version, write

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, Tag, count, total
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

DECIMALS = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "PricingQuantity",
    "ConsumedQuantity",
)
MOMENTS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
ODD = USAGE | {"PricingCategory": "On-Demand", "Tags": "app=replies", "ResourceId": "gpu/odd"}
ROUNDED = USAGE | {"ServiceProviderName": "Round", "BilledCost": "4.4", "EffectiveCost": "4"}
Land = Callable[[list[Charge]], Bound]


@pytest.fixture(params=["file", "duckdb", "postgresql"])
def land(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Land]:
    """Charges of FOCUS 1.3 in a file, or in a table of an engine, bound as a bill."""
    context = Context(tmp_path, "2026-03-31T00:00:00.000000Z", {}, tmp_path / ".headway")
    place = request.param
    url = f"duckdb://{tmp_path / 'bills.db'}" if place == "duckdb" else ""
    if place == "postgresql":
        url = request.getfixturevalue("postgres_url")
    context.environment["WAREHOUSE_URL"] = url

    def landed(charges: list[Charge]) -> Bound:
        rows = of_version(charges, "1.3")
        if place == "file":
            write(tmp_path / "bill.csv", rows)
            return bind(Source(source="bill", kind="focus", path="bill.csv"), context)
        _loaded(url, rows)
        table = {"engine": "${WAREHOUSE_URL}", "table": "bill", "watermark": "ChargePeriodStart"}
        if place == "postgresql":
            # An engine that folds names has them in small letters.
            table["watermark"] = "chargeperiodstart"
        return bind(Source(source="bill", kind="focus", **table), context)  # type: ignore[arg-type]

    yield landed
    context.close()


def _loaded(url: str, rows: list[Charge]) -> None:
    kinds = {
        c: "numeric(38, 18)" if c in DECIMALS else "timestamp" if c in MOMENTS else "text" for c in rows[0]
    }
    ddl = f"create table bill ({', '.join(f'{c} {kind}' for c, kind in kinds.items())})"
    values = [tuple(v or None for v in row.values()) for row in rows]
    marks = ", ".join("?" if url.startswith("duckdb") else "%s" for _ in kinds)
    connection: Any = (
        duckdb.connect(url.removeprefix("duckdb://"))
        if url.startswith("duckdb")
        else psycopg.connect(url, autocommit=True)
    )
    with connection as writer:
        cursor = writer.cursor()
        cursor.execute("drop table if exists bill")
        cursor.execute(ddl)
        cursor.executemany(f"insert into bill values ({marks})", values)


def test_a_bill_gives_the_same_answers_wherever_it_lies(land: Land) -> None:
    """Totals to the last digit, the basis of each row, tags as keys; what is broken is told, and counts."""
    bound = land([*CHARGES, ODD, ROUNDED])
    request = Request(
        "bill",
        ("ServiceProviderName", "BasisOf", Tag("Tags", "app")),
        (count(), total("BilledCost"), total("BasisCost")),
    )
    answers = ask([request], {"bill": bound})
    assert answers.faults == {}
    sums = answers.sums[request]
    found = {
        group: (int(sums[count()][i]), sums[total("BilledCost")][i], sums[total("BasisCost")][i])
        for i, group in enumerate(sums.groups)
    }
    assert found == {
        ("Nimbus", "EffectiveCost", "replies"): (5, Decimal("11.740000000001"), Decimal("14.9")),
        ("Nimbus", "EffectiveCost", None): (2, Decimal("12.340000000124"), Decimal("11.500000000123")),
        ("Round", "BilledCost", "replies"): (1, Decimal("4.4"), Decimal("4.4")),
    }
    said = sorted((r.code, r.what.partition(" in ")[0].partition(" for ")[0]) for r in bound.remarks)
    assert said == [
        ("HW342", "EffectiveCost holds whole numbers only, and BilledCost does not,"),
        ("HW361", "PricingCategory is none of Standard, Dynamic, Committed, Other"),
        ("HW361", "Tags is no JSON object"),
    ]
    example = next(r.what for r in bound.remarks if "PricingCategory" in r.what)
    assert ("row 7 of bill.csv" in example) or ("such as gpu/odd" in example)
    assert bound.noted["version"] == "FOCUS 1.3, told by its columns"
    assert bound.noted["billed"] == "28.480000000125 EUR"
