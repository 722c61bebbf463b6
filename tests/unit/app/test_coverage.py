"""How much of the spend has a measured outcome behind it: kinds, currencies and grades stay apart."""

from __future__ import annotations

from typing import Any

from tests.unit.measures.test_spend import BILL, REPLIES, ROWS, bill
from tests.unit.small import FRAMED, RANDOMISED, Declare, reviewed, two_arms

TEAM = "cost: {people: [{role: engineer, share: 50 %, of: 2, rate: 1000 EUR per month}]}\n"


def bases(made: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Kind and currency to its spend."""
    return {(b["basis"], b["currency"]): b for b in made.as_json()["coverage"]["bases"]}


def test_people_at_declared_rates_are_spend_of_a_year_by_the_grade_behind_it(declare: Declare) -> None:
    """The effect is randomised, so the outcome is known at A; the return rests on declared rates, so at D."""
    folder = declare(rows=two_arms(), initiative=_piloting(TEAM))
    found = bases(reviewed(folder))["declared", "EUR"]
    assert (found["amount"], found["per"]) == ("12000", "year")
    assert found["by_grade"] == {"A": "12000"}
    assert found["by_return_grade"] == {"D": "12000"}


def test_a_bill_is_counted_with_what_nobody_claims(declare: Declare) -> None:
    """What is metered is of its own window, and never added to what is declared."""
    folder = declare(bill=BILL, initiative=REPLIES, other=FRAMED.replace("trial", "team") + TEAM)
    bill(folder, ROWS)
    found = bases(reviewed(folder))
    assert set(found) == {("metered", "EUR"), ("declared", "EUR")}
    metered = found["metered", "EUR"]
    assert metered["by_grade"] == {"none": "20.100000000000000002"}
    assert metered["initiatives"] == {"replies": "0.100000000000000002"}
    assert (metered["from"], metered["to"]) == ("2026-03-01", "2026-03-31")
    assert found["declared", "EUR"]["initiatives"] == {"team": "12000"}


def test_a_budget_stands_in_only_where_nothing_else_is_known(declare: Declare) -> None:
    """A pilot's budget covers its people, so it is not counted beside them."""
    folder = declare(
        rows=two_arms(),
        initiative=_piloting("", "budget: 80000 EUR"),
        other=_piloting(TEAM, "budget: 500 EUR").replace("trial", "other"),
    )
    found = bases(reviewed(folder))
    assert found["budget", "EUR"]["amount"] == "80000"
    assert found["budget", "EUR"]["per"] == "once"
    assert found["budget", "EUR"]["initiatives"] == {"trial": "80000"}
    assert found["declared", "EUR"]["initiatives"] == {"other": "12000"}


def test_who_states_no_cost_is_named_and_who_has_ended_spends_nothing(declare: Declare) -> None:
    """Unknown spend is not zero spend."""
    ended = FRAMED.replace("trial", "ended") + "status: rejected\n" + TEAM
    record = reviewed(declare(other=ended)).as_json()["coverage"]
    assert record == {"bases": [], "uncounted": ["trial"]}


def _piloting(cost: str, *pilot: str) -> str:
    lines = [*RANDOMISED.strip().splitlines(), *pilot]
    block = "".join(f"  {line}\n" for line in lines)
    return FRAMED.replace("stage: framed", "stage: piloting") + cost + f"pilot:\n{block}"
