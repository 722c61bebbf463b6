"""Returns over years: net present value over effect, adoption and cost as they are known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.measures.test_returns import PUBLISHED, STAFF
from tests.unit.small import INITIATIVE, Declare, estimates, missing, reviewed

from headway.app.check import check
from headway.measures.value.horizon import annuity

BASE = INITIATIVE + STAFF + PUBLISHED
USERS = "source: seats\nkind: file\npath: seats.csv\nfact: series\n"
BILL = "source: bill\nkind: file\npath: bill.csv\nfact: cost\n"
COUNTED = "returns: {users: seats, metric: active, eligible: 1000}\n"


def seats(folder: Path, daily: list[int]) -> Path:
    """Write how many used it on each of the last days of March."""
    days = [date(2026, 3, 31) - timedelta(days=i) for i in range(len(daily))]
    rows = [f"active,all,{d} 08:00:00,{n}" for d, n in zip(days, daily, strict=True)]
    (folder / "seats.csv").write_text("\n".join(["metric,unit_id,ts,value", *rows]) + "\n")
    return folder


def money(folder: Path) -> dict[str, Any]:
    """The return of the trial."""
    return estimates(reviewed(folder), "returns")["return"]


def test_what_is_not_declared_changes_nothing(declare: Declare) -> None:
    """One year without a discount in which all take it up is the return as it always was."""
    plain = money(declare(initiative=BASE))
    same = money(declare(initiative=BASE + "returns: {years: 1}\n"))
    assert {k: plain[k] for k in ("value", "low", "high", "unit", "grade")} == {
        k: same[k] for k in ("value", "low", "high", "unit", "grade")
    }


def test_three_years_at_eight_per_cent_less_what_is_spent_first(declare: Declare) -> None:
    """Every draw of a year's return is worth 2.577 of it, less the investment."""
    year = money(declare(initiative=BASE))
    found = money(declare(initiative=BASE + "returns: {years: 3, discount: 8 %, investment: 5000 EUR}\n"))
    assert annuity(3, 0.08) == pytest.approx(1 / 1.08 + 1 / 1.08**2 + 1 / 1.08**3)
    assert found["value"] == pytest.approx(annuity(3, 0.08) * year["value"] - 5000, abs=0.05)
    assert found["unit"] == "EUR over 3 years"
    assert (found["years"], found["investment"]) == (3, "5000.00")


def test_worth_is_of_those_who_take_it_up_and_a_typed_adoption_is_grade_d(declare: Declare) -> None:
    """At half the adoption half the worth is left, and the same cost; what is typed lowers the grade."""
    made = reviewed(declare(initiative=BASE + 'returns: {adoption: "[0.5, 0.5, 0.5]"}\n'))
    found = estimates(made, "returns")["return"]
    year = money(declare(initiative=BASE))
    assert found["value"] == pytest.approx((year["value"] + 600) / 2 - 600, abs=0.05)
    evidence = next(e for e in made.collected.evidence["trial"] if e.metric == "return")
    assert evidence.estimate.grade == "D"
    assert "adoption as declared" in evidence.estimate.grade_reasons


def bill(folder: Path) -> Path:
    """Write a metered cost of sixty days."""
    days = [date(2026, 3, 31) - timedelta(days=i) for i in range(60)]
    rows = [f"1.5,EUR,{d} 00:00:00,a" for d in days]
    (folder / "bill.csv").write_text(
        "\n".join(["BilledCost,BillingCurrency,ChargePeriodStart,SubAccountId", *rows])
    )
    return folder


def test_metered_cost_and_counted_adoption_do_not_lower_the_grade(declare: Declare) -> None:
    """The grade is that of the effect and of the path to money: C by its attested slope."""
    metered = INITIATIVE + "cost: {select: [{column: {SubAccountId: a}}]}\n" + PUBLISHED + COUNTED
    folder = bill(seats(declare(initiative=metered, users=USERS, bill=BILL), [600, 620, 580, 600] * 7))
    found = money(folder)
    assert found["grade"] == "C"
    assert found["adoption"][1] == pytest.approx(0.6, abs=0.005)
    assert found["value"] == pytest.approx(0.6 * 4000 - 365 * 1.5, rel=0.03)
    text = (folder / "initiative.yaml").read_text()
    (folder / "initiative.yaml").write_text(
        text.replace("cost: {select", "cost: {people: [{role: x, rate: 1 EUR per year}], select")
    )
    assert money(folder)["grade"] == "D"


def test_users_of_less_than_two_weeks_are_no_adoption(declare: Declare) -> None:
    """A launch day says nothing about a year."""
    folder = seats(declare(initiative=BASE + COUNTED, users=USERS), [600] * 10)
    why = missing(reviewed(folder), "returns")["return"][1]
    assert why == "'seats' counts 'active' on 10 days; two weeks of them are needed"


def test_users_that_no_series_counts_make_no_return(declare: Declare) -> None:
    """The reason names the source."""
    wrong = BASE + COUNTED.replace("seats", "units")
    units = "source: units\nkind: file\npath: units.csv\nfact: unit\n"
    folder = declare(initiative=wrong, users=units)
    (folder / "units.csv").write_text("unit_id,variant,y\n1,a,2\n")
    assert missing(reviewed(folder), "returns")["return"][1] == "'units' is no source of the fact series"


@pytest.mark.parametrize(
    ("declared", "what"),
    [
        ("{years: 0}", "'years' is 0"),
        ("{users: seats}", "'users' needs 'eligible'"),
        ('{adoption: "[0.4, 0.6, 1.8]"}', "a part of all is from 0 to 1"),
    ],
)
def test_a_horizon_that_contradicts_itself_is_found_in_the_files(
    declare: Declare, declared: str, what: str
) -> None:
    """Before anything is drawn."""
    found = check(seats(declare(initiative=BASE + f"returns: {declared}\n", users=USERS), [1]))
    assert what in found.text()


@given(st.integers(1, 30), st.floats(0.001, 0.5))
def test_an_annuity_is_its_closed_form(years: int, discount: float) -> None:
    """(1 - (1 + d)^-n) / d."""
    assert annuity(years, discount) == pytest.approx((1 - (1 + discount) ** -years) / discount)
