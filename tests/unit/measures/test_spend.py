"""Cost and utilisation: who pays, to the last digit; and how much of what is held is used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.small import FRAMED, PORTFOLIO, Declare, codes, estimates, missing, reviewed

from headway.app.totals import totals_of

BILL = """\
source: bill
kind: file
path: bill.csv
fact: cost
nullstr: ["NULL"]
"""
ROWS = [
    ("0.100000000000000001", "2026-03-01", {"app": "replies"}, "a"),
    ("1e-18", "2026-03-20", {"app": "replies", "env": "dev"}, "b"),
    ("20.5", "2026-03-31", {"app": "search"}, "c"),
    ("-0.5", "2026-03-10", None, "d"),
]
REPLIES = FRAMED.replace("trial", "replies") + "cost: {select: [{tag: {app: replies}}]}\n"
SEARCH = FRAMED.replace("trial", "search") + "cost: {select: [{column: {SubAccountId: c}}]}\n"


def bill(
    folder: Path, rows: list[tuple[str, str, dict[str, str] | None, str]], currency: str = "EUR"
) -> None:
    """Write charge rows as a FOCUS export would: text, with NULL where there is nothing."""
    lines = ["BilledCost,BillingCurrency,ChargePeriodStart,Tags,SubAccountId"]
    for cost, day, tags, account in rows:
        text = "NULL" if tags is None else '"' + json.dumps(tags).replace('"', '""') + '"'
        lines.append(f"{cost},{currency},{day} 00:00:00,{text},{account}")
    (folder / "bill.csv").write_text("\n".join(lines) + "\n")


def test_parts_and_the_unallocated_rest_add_up_to_the_bill_to_the_last_digit(declare: Declare) -> None:
    """Eighteen decimals survive: nothing passes through a float."""
    folder = declare(bill=BILL, initiative=REPLIES, other=SEARCH)
    bill(folder, ROWS)
    made = reviewed(folder)
    totals: Any = totals_of(made.collected, [])["bill"]
    assert totals["EUR"]["initiatives"] == {"replies": "0.100000000000000002", "search": "20.5"}
    assert (totals["EUR"]["unallocated"], totals["EUR"]["bill"]) == ("-0.5", "20.100000000000000002")
    assert estimates(made, "cost", "replies")["cost"]["exact"] == "0.100000000000000002"


def test_the_window_of_a_cost_is_that_of_its_own_rows(declare: Declare) -> None:
    """A charge of somebody else says nothing about when this one was paid."""
    folder = declare(bill=BILL, initiative=REPLIES, other=SEARCH)
    bill(folder, ROWS)
    found = {
        e.metric: e.observed for e in reviewed(folder).collected.evidence["replies"] if e.measure == "cost"
    }
    assert [str(x.date()) for x in found["cost"] or ()] == ["2026-03-01", "2026-03-20"]
    assert [str(x.date()) for x in found["unallocated_share"] or ()] == ["2026-03-01", "2026-03-31"]


def test_charges_after_the_moment_judged_are_not_known_yet(declare: Declare) -> None:
    """As of mid-March the last charge of the month has not been made."""
    folder = declare(bill=BILL, initiative=REPLIES, other=SEARCH)
    bill(folder, ROWS)
    made = reviewed(folder, as_of="2026-03-15")
    assert estimates(made, "cost", "replies")["cost"]["exact"].startswith("0.100000000000000001")
    assert missing(made, "cost", "search")["cost"] == ("none", "no row of the bill has its keys")


def test_a_row_claimed_twice_is_nobodys_until_it_is_settled(declare: Declare) -> None:
    """HW445 names both claimants; the amount stays unallocated, so that nothing is counted twice."""
    both = SEARCH.replace("SubAccountId: c", "SubAccountId: a")
    folder = declare(bill=BILL, initiative=REPLIES, other=both)
    bill(folder, ROWS)
    made = reviewed(folder)
    assert codes(made).count("HW445") == 1
    totals: Any = totals_of(made.collected, [])["bill"]
    assert totals["EUR"]["initiatives"] == {"replies": "0.000000000000000001"}


def test_a_key_that_no_bill_has_claims_nothing(declare: Declare) -> None:
    """A bill without tags stays whole, and nobody's."""
    folder = declare(
        initiative=FRAMED + "cost: {select: [{tag: {app: x}}]}\n",
        source="source: bill\nkind: file\npath: bill.csv\nfact: cost\n",
    )
    (folder / "bill.csv").write_text("BilledCost,BillingCurrency,ChargePeriodStart\n0.1,EUR,2026-01-01\n")
    made: Any = reviewed(folder).as_json()
    assert made["totals"]["bill"]["EUR"]["unallocated"] == "0.1"


def test_a_bill_in_another_currency_is_not_added(declare: Declare) -> None:
    """HW343: without a dated rate the cost is missing, whatever the amounts are."""
    folder = declare(bill=BILL, initiative=REPLIES)
    bill(folder, ROWS, currency="USD")
    made = reviewed(folder)
    assert "HW343" in codes(made)
    assert missing(made, "cost", "replies")["cost"][0] == "unit"


def test_without_a_bill_or_a_key_there_is_no_cost(declare: Declare) -> None:
    """What is missing is said: a source, or the initiative's key into it."""
    assert missing(reviewed(declare()), "cost")["cost"] == ("none", "no source fills the fact cost")
    folder = declare(bill=BILL)
    bill(folder, ROWS)
    assert "declares no key" in missing(reviewed(folder), "cost")["cost"][1]


def test_a_bill_that_cannot_be_read_fails_the_cost_and_nothing_else(declare: Declare) -> None:
    """The source is named, the review is whole."""
    made = reviewed(declare(bill=BILL, initiative=REPLIES))
    assert missing(made, "cost", "replies")["cost"][0] == "source_failed"
    assert "HW301" in codes(made)


GPU = """\
source: fleet
kind: file
path: fleet.parquet
fact: usage
"""
POOL = "component: pool\nusage: fleet\n"
DRAWING = FRAMED + "uses: [pool]\n"


def fleet(folder: Path, **more: Sequence[object]) -> None:
    """Two pods over four bins: one idle half of the time, one always busy."""
    bins = ["2026-03-30 00:00:00", "2026-03-30 01:00:00", "2026-03-30 02:00:00", "2026-03-30 03:00:00"]
    table = {
        "workload": ["p"] * 4 + ["q"] * 4,
        "resource": ["gpu"] * 8,
        "ts": pa.array([np.datetime64(b, "us") for b in bins * 2]),
        "granted": [1.0] * 8,
        "used": [0.0, 0.00001, 0.2, 0.6, 0.5, 0.5, 0.5, 0.5],
        **more,
    }
    pq.write_table(pa.table(table), folder / "fleet.parquet")


def test_use_is_a_share_of_what_was_granted(declare: Declare) -> None:
    """Sums of use over sums of grants, and the share of bins below five per cent."""
    folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
    fleet(folder)
    found = estimates(reviewed(folder), "utilisation")
    assert found["used_share [gpu]"]["value"] == pytest.approx(2.80001 / 8)
    assert found["idle_share [gpu]"]["value"] == pytest.approx(0.25)
    assert found["idle_share [gpu]"]["low"] <= 0.25 <= found["idle_share [gpu]"]["high"]
    assert found["used_share [gpu]"]["workloads"] == 2


def test_a_source_that_names_holders_counts_only_the_initiatives_own(declare: Declare) -> None:
    """One pod is somebody else's; a single workload is a count, without an interval."""
    folder = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
    fleet(folder, holder=["trial"] * 4 + ["other"] * 4)
    found = estimates(reviewed(folder), "utilisation")
    assert found["idle_share [gpu]"]["value"] == pytest.approx(0.5)
    assert (found["idle_share [gpu]"]["level"], found["idle_share [gpu]"]["workloads"]) == (1.0, 1)


def test_histograms_that_arrive_summed_give_the_same_shares(declare: Declare) -> None:
    """Buckets of used/granted with their sums stand for the rows."""
    folder = declare(gpu=GPU + "summed: yes\n", pool=POOL, initiative=DRAWING)
    table = {
        "workload": ["p", "p", "q"],
        "resource": ["gpu"] * 3,
        "bucket": ["zero", "-82", "-36"],
        "n": [2, 2, 4],
        "sum_used": [0.0, 0.4, 2.0],
        "sum_granted": [2.0, 2.0, 4.0],
    }
    pq.write_table(pa.table(table), folder / "fleet.parquet")
    found = estimates(reviewed(folder), "utilisation")
    assert found["used_share [gpu]"]["value"] == pytest.approx(2.4 / 8)
    assert found["idle_share [gpu]"]["value"] == pytest.approx(0.25)


def test_an_initiative_without_metered_components_has_no_utilisation(declare: Declare) -> None:
    """What would have to be declared is said."""
    assert "`usage:` of a component" in missing(reviewed(declare()), "utilisation")["used_share"][1]


def test_usage_that_cannot_be_read_is_missing(declare: Declare) -> None:
    """The file is not there: source_failed, and the review goes on."""
    made = reviewed(declare(gpu=GPU, pool=POOL, initiative=DRAWING))
    assert missing(made, "utilisation")["used_share"][0] == "source_failed"


RATES = PORTFOLIO + "exchange_rates: fx.csv\n"
FX = "date,currency,rate\n2026-03-27,USD,0.9\n2026-03-29,USD,0.8\n"
# 22:30 UTC of 28 March is still that day in Berlin; an hour later it is 00:30 of the 29th.
HOURS = [
    ("10", "USD", "2026-03-28 22:30:00", "replies"),
    ("10", "USD", "2026-03-28 23:30:00", "replies"),
    ("1.000000000000000001", "EUR", "2026-03-28 23:30:00", "replies"),
    ("100", "USD", "2026-03-29 05:00:00", "search"),
]


def mixed(folder: Path, rows: list[tuple[str, str, str, str]]) -> None:
    """Charges in several currencies at hours of a day."""
    lines = ["BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId"]
    (folder / "bill.csv").write_text("\n".join([*lines, *(",".join(row) for row in rows)]) + "\n")


def exchanging(declare: Declare, zone: str, rates: str = FX) -> Path:
    """A portfolio with rates, whose initiatives claim their accounts."""
    by_account = FRAMED.replace("trial", "replies") + "cost: {select: [{column: {SubAccountId: replies}}]}\n"
    other = FRAMED.replace("trial", "search") + "cost: {select: [{column: {SubAccountId: search}}]}\n"
    folder = declare(bill=BILL, initiative=by_account, other=other, portfolio=RATES.replace("UTC", zone))
    (folder / "fx.csv").write_text(rates)
    mixed(folder, HOURS)
    return folder


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "18.000000000000000001"),
        ("UTC", "19.000000000000000001"),
        # Five and three quarter hours ahead: both charges are of the 29th.
        ("Asia/Kathmandu", "17.000000000000000001"),
    ],
)
def test_every_charge_is_exchanged_at_the_rate_of_its_own_day(
    declare: Declare, zone: str, expected: str
) -> None:
    """Days are cut where the portfolio is; the digits of both currencies survive."""
    folder = exchanging(declare, zone)
    made = reviewed(folder)
    assert estimates(made, "cost", "replies")["cost"]["exact"] == expected
    assert estimates(made, "cost", "replies")["cost"]["n"] == 4
    totals: Any = totals_of(made.collected, [])["bill"]
    assert list(totals) == ["EUR"]
    assert totals["EUR"]["exchanged"]["USD"]["billed"] == "120"
    assert Decimal(totals["EUR"]["bill"]) == Decimal(expected) + 80


def test_a_day_without_a_rate_is_named_and_nothing_is_guessed(declare: Declare) -> None:
    """HW343 says which currency and day; the cost is missing, and the bill keeps both currencies."""
    folder = exchanging(declare, "UTC", "date,currency,rate\n2026-03-29,USD,0.8\n")
    made = reviewed(folder)
    told = next(d for d in made.diagnostics if d.code == "HW343")
    assert told.what.endswith("no dated rate joins them: USD on 2026-03-28")
    assert told.mend == "add rates of USD to fx.csv; a rate holds for seven days"
    assert missing(made, "cost", "replies")["cost"][0] == "unit"
    totals: Any = totals_of(made.collected, [])["bill"]
    assert (totals["USD"]["bill"], totals["EUR"]["exchanged"]["USD"]["billed"]) == ("20", "100")
