"""Shared cost: by declared shares, by use, grants or the joint peak; idle stays with whoever holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.measures.test_spend import BILL, RATES
from tests.unit.small import FRAMED, Declare, codes, estimates, missing, reviewed

from headway.app.check import check
from headway.app.totals import totals_of

POOL = """\
component: pool
usage: fleet
cost:
  select: [{column: {SubAccountId: pool}}]
"""
FLEET = "source: fleet\nkind: file\npath: fleet.parquet\nfact: usage\n"
COLUMNS = (
    "BilledCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,SubAccountId,CommitmentDiscountStatus"
)


def initiative(name: str, cost: str) -> str:
    """An initiative that bears a cost."""
    return FRAMED.replace("trial", name) + f"cost: {cost}\n"


def bill(folder: Path, *rows: str, columns: str = COLUMNS) -> None:
    """Charges of March and April: `cost,account[,month[,status]]`."""
    lines = []
    for row in rows:
        cost, account, month, status = (*row.split(","), "", "")[:4]
        day = f"2026-{month or '03'}-01 00:00:00"
        lines.append(f"{cost},EUR,{day},{day},{account},{status}")
    (folder / "bill.csv").write_text("\n".join([columns, *lines]) + "\n")


def fleet(folder: Path, *rows: tuple[str | None, str, float, float], **more: list[Any]) -> None:
    """Bins of use: holder, moment, used, granted."""
    holders, moments, used, granted = zip(*rows, strict=True)
    table = {
        "workload": [f"w{i}" for i in range(len(rows))],
        "resource": ["gpu"] * len(rows),
        "ts": pa.array([np.datetime64(m, "us") for m in moments]),
        "used": list(used),
        "granted": list(granted),
        "holder": pa.array(holders, pa.string()),
        **more,
    }
    pq.write_table(pa.table(table), folder / "fleet.parquet")


def divided(made: Any) -> dict[str, Any]:
    """The bill in euros, as the record has it."""
    found: Any = totals_of(made.collected, [])["bill"]
    return dict(found["EUR"])


def sharing(declare: Declare, a: str, b: str, pool: str = POOL, **more: str) -> Path:
    """Two initiatives that share the pool, each in its own way."""
    return declare(
        bill=BILL,
        pool=pool,
        fleet=FLEET,
        initiative=initiative("aid", f"{{shared: [{{component: pool{a}}}]}}"),
        other=initiative("bot", f"{{shared: [{{component: pool{b}}}]}}"),
        **more,
    )


def test_declared_shares_divide_a_component_to_the_last_digit(declare: Declare) -> None:
    """Shares stand with the component; a third digit after the cent is somebody's, not nobody's."""
    pool = POOL + "  shares: {aid: 33.3 %, bot: 66.7 %}\n"
    folder = declare(
        bill=BILL, pool=pool, fleet=FLEET, initiative=initiative("aid", "{}"), other=initiative("bot", "{}")
    )
    bill(folder, "10.01,pool", "0.000000000000000001,pool", "1,else")
    fleet(folder, ("aid", "2026-03-01", 1.0, 1.0))
    made = reviewed(folder)
    found = divided(made)
    assert found["initiatives"] == {"aid": "3.33333", "bot": "6.676670000000000001"}
    assert found["components"]["pool"] == {
        "cost": "10.010000000000000001",
        "by": "declared shares",
        "shared": "10.010000000000000001",
        "platform": "0",
    }
    assert (found["unallocated"], found["bill"]) == ("1", "11.010000000000000001")
    cost = estimates(made, "cost", "aid")["cost"]
    assert cost["shared"] == {"pool": "3.33333"}
    assert cost["method"] == "sum of BilledCost by declared keys and shares of components"


def test_shares_may_stand_with_the_initiatives(declare: Declare) -> None:
    """Each states its own; together they are the whole, and so is the cost."""
    folder = sharing(declare, ", share: 25 %", ", share: 75 %")
    bill(folder, "8,pool")
    fleet(folder, ("aid", "2026-03-01", 1.0, 1.0))
    assert divided(reviewed(folder))["initiatives"] == {"aid": "2", "bot": "6"}


@pytest.mark.parametrize(
    ("a", "b", "shares", "told"),
    [
        (", share: 25 %", ", share: 74.9 %", "", "HW446 the shares of 'pool' are together 99.9 %"),
        (", share: 25 %", "", "", "HW446 others bear a declared share of 'pool', and 'bot' none"),
        ("", "", "{aid: 1, bot: 0.1}", "HW446 the shares of 'pool' are together 110 %"),
        (
            "",
            ", share: 1",
            "{aid: 0.5, bot: 0.5}",
            "HW446 the shares of 'pool' stand in the component, and are",
        ),
        ("", "", "{aid: 1}", "HW446 the shares of 'pool' stand in the component, and leave out 'bot'"),
        ("", "", "{aid: 0.5, bat: 0.5, bot: 0}", "HW201 no initiative is called 'bat'"),
        (", driver: seats", ", driver: seats", "", "HW460 nothing is known by the driver 'seats'"),
        (
            ", driver: usage.gpu",
            ", driver: usage.cpu",
            "",
            "HW460 'pool' is divided by usage.cpu here and by usage.gpu",
        ),
    ],
)
def test_a_division_that_is_not_sound_is_told_before_anything_is_read(
    declare: Declare, a: str, b: str, shares: str, told: str
) -> None:
    """The files say it: nothing is divided by guess."""
    pool = POOL + (f"  shares: {shares}\n" if shares else "")
    found = [f"{d.code} {d.what}" for d in check(sharing(declare, a, b, pool)).diagnostics]
    assert any(one.startswith(told) for one in found), found


def test_a_component_without_rows_or_meter_cannot_be_divided(declare: Declare) -> None:
    """HW460 asks for both."""
    pool = "component: pool\n"
    found = [d.what for d in check(sharing(declare, "", "", pool)).diagnostics if d.code == "HW460"]
    assert found == [
        "'pool' is divided by its use, and nothing meters it",
        "the cost of 'pool' is shared, and no row of the bill is its own",
    ]


def test_mean_use_divides_where_nothing_else_is_said(declare: Declare) -> None:
    """Use of other holders, and what nobody holds, stays with the platform: it is spread over nobody."""
    folder = sharing(declare, "", ", driver: usage.gpu")
    bill(folder, "100,pool", "5,else")
    fleet(
        folder,
        ("aid", "2026-03-01", 0.5, 1.0),
        ("aid", "2026-03-02", 0.1, 1.0),
        ("bot", "2026-03-01", 0.2, 1.0),
        ("cat", "2026-03-01", 0.2, 1.0),
        (None, "2026-03-01", 0.0, 1.0),
    )
    found = divided(reviewed(folder))
    # A fifth of what could be granted is nobody's; the rest goes by use: 6, 2 and 2 of 10.
    assert found["initiatives"] == {"aid": "48", "bot": "16"}
    assert found["components"]["pool"]["platform"] == "36"
    assert found["components"]["pool"]["by"] == "mean use"
    assert (found["unallocated"], found["unclaimed"]) == ("41", "5")


def test_what_is_granted_and_idle_stays_with_its_holder(declare: Declare) -> None:
    """By grants, who holds a device and leaves it idle bears it; so it is where nobody used anything."""
    for driver, used in ((", driver: usage.gpu.granted", 0.9), ("", 0.0)):
        folder = sharing(declare, driver, driver)
        bill(folder, "90,pool")
        fleet(folder, ("aid", "2026-03-01", used, 1.0), ("bot", "2026-03-01", 0.0, 2.0))
        assert divided(reviewed(folder))["initiatives"] == {"aid": "30", "bot": "60"}


def test_the_joint_peak_divides_by_who_is_there_at_it(declare: Declare) -> None:
    """Two who take turns share what either needs alone; a third who is idle bears nothing."""
    folder = sharing(declare, ", driver: peak", ", driver: usage.gpu.peak")
    bill(folder, "90,pool")
    fleet(
        folder,
        ("aid", "2026-03-01T00:00", 1.0, 1.0),
        ("bot", "2026-03-01T08:00", 1.0, 1.0),
        ("bot", "2026-03-01T16:00", 1.0, 1.0),
    )
    found = divided(reviewed(folder))
    assert found["initiatives"] == {"aid": "45", "bot": "45"}
    assert found["components"]["pool"]["by"] == "the part in the joint peak (Shapley value over all orders)"


def test_a_sampled_peak_prints_its_error(declare: Declare) -> None:
    """Twelve holders are more than all orders can be counted for: the interval says so."""
    folder = sharing(declare, ", driver: peak", ", driver: peak")
    bill(folder, "100,pool")
    draw = np.random.default_rng(3)
    rows = [
        (name, f"2026-03-01T{hour:02}:00", float(draw.uniform()), 1.0)
        for name in ("aid", "bot", *(f"o{i}" for i in range(10)))
        for hour in range(24)
    ]
    fleet(folder, *rows)
    cost = estimates(reviewed(folder), "cost", "aid")["cost"]
    assert cost["low"] < cost["value"] < cost["high"]
    assert (cost["level"], cost["sampling_error"] > 0) == (0.95, True)
    assert cost["method"].endswith("parts in a joint peak by sampled orders")


def test_every_billing_period_is_divided_by_its_own_use(declare: Declare) -> None:
    """Who came in April pays nothing for March; a month without readings stays with the platform (HW461)."""
    folder = sharing(declare, "", "")
    bill(folder, "30,pool,02", "10,pool,01", "50,pool,03")
    fleet(
        folder,
        ("aid", "2026-03-01", 0.5, 1.0),
        ("aid", "2026-02-27", 0.5, 1.0),
        ("bot", "2026-02-28", 0.5, 1.0),
    )
    made = reviewed(folder)
    assert divided(made)["initiatives"] == {"aid": "65", "bot": "15"}
    assert divided(made)["components"]["pool"]["platform"] == "10"
    told = next(d for d in made.diagnostics if d.code == "HW461")
    assert "of 'pool' in the billing period of 2026-01-01; that cost stays" in told.what


def test_an_unused_commitment_stays_with_its_owner(declare: Declare) -> None:
    """Who shares the pool by use has not left it unused; who owns a declared share has."""
    for part, platform in ((None, "40"), ("50 %", "0")):
        part_of = f", share: {part}" if part else ""
        folder = sharing(declare, part_of, part_of)
        bill(folder, "60,pool", "40,pool,03,Unused")
        fleet(folder, ("aid", "2026-03-01", 0.5, 1.0), ("bot", "2026-03-01", 0.5, 1.0))
        found = divided(reviewed(folder))
        assert found["components"]["pool"]["platform"] == platform
        assert sum(map(int, found["initiatives"].values())) == 100 - int(platform)


def test_use_that_says_no_holder_divides_nothing(declare: Declare) -> None:
    """The cost is the platform's, the review goes on, and HW461 asks for the column."""
    folder = sharing(declare, "", "")
    bill(folder, "60,pool")
    table = {"workload": ["w"], "resource": ["gpu"], "ts": pa.array([np.datetime64("2026-03-01", "us")])}
    pq.write_table(pa.table({**table, "used": [1.0], "granted": [1.0]}), folder / "fleet.parquet")
    made = reviewed(folder)
    assert "HW461" in codes(made)
    assert divided(made)["components"]["pool"]["platform"] == "60"
    assert estimates(made, "cost", "aid")["cost"]["value"] == 0


def test_use_that_cannot_be_read_fails_the_cost_of_who_shares_it(declare: Declare) -> None:
    """And the bill still adds up."""
    folder = sharing(declare, "", "")
    bill(folder, "60,pool")
    made = reviewed(folder)
    assert missing(made, "cost", "aid")["cost"][0] == "source_failed"
    assert divided(made)["unallocated"] == "60"


def test_use_that_arrives_summed_divides_too(declare: Declare) -> None:
    """It names no time, so it stands for every billing period; a peak cannot be read from it."""
    for driver, expected in (("", {"aid": "30", "bot": "10"}), (", driver: peak", {})):
        folder = sharing(declare, driver, driver)
        (folder / "fleet.yaml").write_text(FLEET + "summed: yes\n")
        bill(folder, "10,pool,02", "30,pool")
        table = {
            "workload": ["p", "q"],
            "resource": ["gpu", "gpu"],
            "bucket": ["-36", "-36"],
            "n": [3, 1],
            "sum_used": [1.5, 0.5],
            "sum_granted": [3.0, 1.0],
            "holder": ["aid", "bot"],
        }
        pq.write_table(pa.table(table), folder / "fleet.parquet")
        assert divided(reviewed(folder))["initiatives"] == expected


def test_capacity_that_nobody_holds_is_the_platforms(declare: Declare) -> None:
    """A free device has no grant: what could have been granted of it counts."""
    folder = sharing(declare, ", driver: granted", ", driver: granted")
    bill(folder, "80,pool")
    rows = [("aid", "2026-03-01", 0.5, 1.0), ("bot", "2026-03-01", 0.5, 1.0), (None, "2026-03-01", 0.0, 0.0)]
    fleet(folder, *rows, capacity=[1.0, 1.0, 2.0])
    found = divided(reviewed(folder))
    assert found["initiatives"] == {"aid": "20", "bot": "20"}
    assert found["components"]["pool"]["platform"] == "40"


def test_a_row_of_a_component_and_an_initiative_is_claimed_twice(declare: Declare) -> None:
    """HW445 names both, and says which is which."""
    own = initiative("aid", "{select: [{column: {SubAccountId: pool}}]}")
    folder = declare(bill=BILL, pool=POOL, fleet=FLEET, initiative=own)
    bill(folder, "7,pool")
    fleet(folder, ("aid", "2026-03-01", 1.0, 1.0))
    made = reviewed(folder)
    told = next(d for d in made.diagnostics if d.code == "HW445")
    assert told.what == "the component pool and the initiative aid claim the same 7 EUR of the bill"
    assert divided(made)["unclaimed"] == "7"


def test_a_component_that_nobody_shares_is_the_platforms(declare: Declare) -> None:
    """Its rows are named, and stay unallocated under its name."""
    folder = declare(bill=BILL, pool=POOL, fleet=FLEET, initiative=initiative("aid", "{}"))
    bill(folder, "7,pool")
    found = divided(reviewed(folder))
    assert found["components"]["pool"] == {"cost": "7", "by": "", "shared": "0", "platform": "7"}


def test_shares_of_a_bill_in_another_currency_are_exchanged_first(declare: Declare) -> None:
    """Digits of rate, amount and share all survive."""
    folder = sharing(declare, ", share: 12.5 %", ", share: 87.5 %", portfolio=RATES)
    (folder / "fx.csv").write_text("date,currency,rate\n2026-03-01,USD,0.912345\n")
    bill(folder, "0.01,pool")
    fleet(folder, ("aid", "2026-03-01", 1.0, 1.0))
    text = (folder / "bill.csv").read_text().replace("EUR", "USD")
    (folder / "bill.csv").write_text(text)
    assert divided(reviewed(folder))["initiatives"] == {"aid": "0.00114043125", "bot": "0.00798301875"}
