"""Unit cost: what one outcome costs, on average, one more, and at the volume that is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.small import FRAMED, Declare, codes, estimates, missing, reviewed

SOURCES = """\
source: bill
kind: file
path: bill.csv
fact: cost
---
source: claims
kind: file
path: claims.csv
fact: series
"""
UNIT = "unit_cost: {per: claim, source: claims, metric: settled, target: 1.50 EUR, volume: 36500 per year}\n"
PAYS = FRAMED + "cost: {select: [{column: {SubAccountId: a}}]}\n"
FIRST = date(2026, 2, 1)


def write(folder: Path, cost: Sequence[float], units: Sequence[float], step: int = 1) -> Path:
    """Write what was charged and counted on each day, or each so many days."""
    days = [FIRST + timedelta(days=step * i) for i in range(max(len(cost), len(units)))]
    bill = ["BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId"]
    bill += [f"{c},EUR,{d} 00:00:00,a" for d, c in zip(days, cost, strict=False)]
    bill += [f"1000,EUR,{days[0]} 00:00:00,b"]
    counts = ["metric,unit_id,ts,value"]
    counts += [f"settled,x,{d} 10:00:00,{u}" for d, u in zip(days, units, strict=False)]
    (folder / "bill.csv").write_text("\n".join(bill) + "\n")
    (folder / "claims.csv").write_text("\n".join([*counts, f"other,x,{days[0]} 10:00:00,9999"]) + "\n")
    return folder


def steady(n: int = 40, fixed: float = 20.0, each: float = 0.8) -> tuple[list[float], list[float]]:
    """Days that cost a fixed part and a part for each of about a hundred claims."""
    draw = np.random.default_rng(2)
    units = draw.integers(80, 120, n).astype(float)
    return (fixed + each * units + draw.normal(0, 1, n)).round(4).tolist(), units.tolist()


def scene(declare: Declare, unit: str = UNIT, **more: str) -> Path:
    """An initiative with its bill and a series that counts its claims."""
    return declare(**{"sources": SOURCES, "initiative": PAYS + unit, **more})


def test_the_average_is_cost_over_units_with_an_interval_over_days(declare: Declare) -> None:
    """About 1.00 EUR a claim: 0.80 for each one and 20 EUR a day over a hundred of them."""
    cost, units = steady()
    found = estimates(reviewed(write(scene(declare), cost, units)), "unit_cost")["unit_cost"]
    assert found["value"] == pytest.approx(sum(cost) / sum(units))
    assert found["unit"] == "EUR per claim"
    assert found["low"] < found["value"] < found["high"] < found["low"] * 1.02
    assert (found["method"], found["grade"]) == ("delta method over 40 periods", "C")
    assert (found["periods"], found["units"]) == ("40 days", sum(units))


def test_one_more_costs_the_slope_and_not_the_average(declare: Declare) -> None:
    """Marginal beside average: the fixed part is paid anyway."""
    found = estimates(reviewed(write(scene(declare), *steady())), "unit_cost")
    more = found["unit_cost_marginal"]
    assert more["low"] < 0.8 < more["high"] < found["unit_cost"]["low"]


def test_at_the_planned_volume_the_fixed_part_is_spread_over_it(declare: Declare) -> None:
    """20 EUR over the hundred planned a day and 0.80 make 1.00 EUR: two thirds of the target of 1.50 EUR."""
    found = estimates(reviewed(write(scene(declare), *steady())), "unit_cost")
    planned, share = found["unit_cost_at_volume"], found["unit_cost_to_target"]
    assert planned["low"] < 1.0 < planned["high"]
    assert (share["value"], share["high"]) == (
        pytest.approx(planned["value"] / 1.5),
        pytest.approx(planned["high"] / 1.5),
    )
    assert (share["unit"], share["grade"]) == ("share", "C")


def test_a_volume_far_beyond_what_was_seen_is_a_claim(declare: Declare) -> None:
    """A line through a pilot says little of a thousand times as much: grade D, and how far it is."""
    made = reviewed(write(scene(declare, UNIT.replace("36500 per year", "100000 per day")), *steady()))
    evidence = next(e for e in made.collected.evidence["trial"] if e.metric == "unit_cost_to_target")
    assert evidence.estimate.grade == "D"
    assert "the planned volume is 840.3 times the most that was seen" in evidence.estimate.grade_reasons


def test_where_units_vary_much_the_interval_is_drawn_from_weeks(declare: Declare) -> None:
    """Nothing is settled on weekends, but the bill runs: a symmetric interval would be wrong."""
    units = [0.0 if (FIRST + timedelta(days=i)).weekday() > 4 else 100.0 for i in range(42)]
    cost = [50.0 + i % 3 for i in range(42)]
    folder = write(scene(declare), cost, units)
    found = estimates(reviewed(folder), "unit_cost")["unit_cost"]
    assert found["method"] == "42 periods resampled 2000 times, units vary by more than 30 %"
    assert found["low"] <= sum(cost) / sum(units) <= found["high"]
    assert estimates(reviewed(folder), "unit_cost")["unit_cost"] == found


def test_a_bill_by_the_month_is_compared_with_the_counts_of_its_months(declare: Declare) -> None:
    """Four charges make four periods; the month that runs is left out, and no line is drawn."""
    bill = ["BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId"]
    months = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    bill += [f"{100 + 2 * i},EUR,{m}-01 00:00:00,a" for i, m in enumerate(months)]
    folder = scene(declare)
    (folder / "bill.csv").write_text("\n".join(bill) + "\n")
    counts = [f"settled,x,{m}-{d:02d} 10:00:00,5" for m in months for d in range(1, 21)]
    (folder / "claims.csv").write_text("\n".join(["metric,unit_id,ts,value", *counts]) + "\n")
    made = reviewed(folder)
    found = estimates(made, "unit_cost")["unit_cost"]
    assert (found["value"], found["periods"]) == (pytest.approx(412 / 400), "4 months")
    reason, why = missing(made, "unit_cost")["unit_cost_to_target"]
    assert (reason, why) == ("coverage", "4 periods, a marginal cost needs 14")


@pytest.mark.parametrize("units", [[0.0] * 40, [-1.0] * 40])
def test_no_unit_is_found_and_divides_nothing(declare: Declare, units: list[float]) -> None:
    """HW448 stands where the metric is named."""
    made = reviewed(write(scene(declare), steady()[0], units))
    told = next(d for d in made.diagnostics if d.code == "HW448")
    assert "counts no 'settled' while the cost was charged" in told.what
    assert str(told.place).startswith("initiative.yaml")
    assert missing(made, "unit_cost")["unit_cost"] == ("none", told.what)


def test_units_of_another_time_than_the_cost_are_none(declare: Declare) -> None:
    """What was counted before the bill began has not been paid by it."""
    cost, units = steady(30)
    folder = write(scene(declare), cost, units)
    text = (folder / "claims.csv").read_text().replace("2026-0", "2024-0")
    (folder / "claims.csv").write_text(text)
    assert "share no closed day" in missing(reviewed(folder), "unit_cost")["unit_cost"][1]


def test_two_days_are_too_few_for_an_interval(declare: Declare) -> None:
    """And a number without one is not shown."""
    made = reviewed(write(scene(declare), [10.0, 11.0], [5.0, 6.0]))
    assert missing(made, "unit_cost")["unit_cost"] == (
        "below_min_n",
        "2 periods, an interval needs 3 (days)",
    )


@pytest.mark.parametrize(
    ("unit", "metric", "why"),
    [
        ("", "unit_cost", "no unit is declared (`unit_cost:` of the initiative)"),
        (
            UNIT.replace("source: claims", "source: bill"),
            "unit_cost",
            "'bill' is no source of the fact series",
        ),
        (UNIT.replace(", volume: 36500 per year", ""), "unit_cost_to_target", "no volume is declared"),
        (UNIT.replace(", target: 1.50 EUR", ""), "unit_cost_to_target", "no target is declared"),
    ],
)
def test_what_is_not_declared_is_missing_and_named(
    declare: Declare, unit: str, metric: str, why: str
) -> None:
    """The gate's row says which word to write."""
    made = reviewed(write(scene(declare, unit), *steady()))
    assert missing(made, "unit_cost")[metric][1].startswith(why)


def test_without_a_cost_the_reason_is_that_of_the_cost(declare: Declare) -> None:
    """No key into the bill, no unit cost."""
    folder = write(declare(sources=SOURCES, initiative=FRAMED + UNIT), *steady())
    made = reviewed(folder)
    assert missing(made, "unit_cost")["unit_cost"] == missing(made, "cost")["cost"]


def test_a_series_that_cannot_be_read_costs_the_unit_cost_only(declare: Declare) -> None:
    """The reason is the source's own, and the cost stays."""
    folder = write(scene(declare), *steady())
    (folder / "claims.csv").unlink()
    made = reviewed(folder)
    assert missing(made, "unit_cost")["unit_cost"][0] == "source_failed"
    assert "cost" in estimates(made, "cost")


def test_the_same_units_on_every_day_tell_no_marginal_cost(declare: Declare) -> None:
    """The average stands, with why there is no line."""
    made = reviewed(write(scene(declare), steady()[0], [100.0] * 40))
    assert "unit_cost" in estimates(made, "unit_cost")
    assert missing(made, "unit_cost")["unit_cost_marginal"] == (
        "coverage",
        "every period has the same number of units",
    )


def test_units_and_costs_of_the_future_are_not_known_yet(declare: Declare) -> None:
    """As of mid-February half of it has happened."""
    folder = write(scene(declare), *steady())
    found = estimates(reviewed(folder, as_of="2026-02-20"), "unit_cost")["unit_cost"]
    assert found["periods"] == "20 days"
    assert "HW448" not in codes(reviewed(folder))
