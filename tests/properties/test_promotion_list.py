"""Laws of the promotion list: who is in stays in, order never matters, the bar is where it is said to be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gates.promoting import BUDGET, frozen

from headway.evidence.frozen import FrozenE
from headway.gates.promotion import standings
from headway.statistics.promotion import accepted_by_count, accepted_by_money
from headway.statistics.promotion_bar import bar_by_count, bar_by_money

SLOTS = 10
TERMS = replace(BUDGET, slots=SLOTS, envelope="100")
# Few numbers beside the bars of ten slots (100, 50, 33.3, 25, 20 ...), so that rows often meet them.
e_values = st.sampled_from([0.5, 3.0, 12.0, 19.0, 21.0, 26.0, 34.0, 45.0, 51.0, 60.0, 101.0, 150.0, 1e6])
costs = st.sampled_from([0, 1, 2, 5, 10])
kinds = st.sampled_from(["initiatives", "money"])


@st.composite
def rows(draw: st.DrawFn) -> list[FrozenE]:
    """Frozen rows of different initiatives, some with two approaches, of both grades."""
    made = []
    for slot in range(1, draw(st.integers(1, SLOTS)) + 1):
        grade, cost = draw(st.sampled_from("AAAB")), str(draw(costs))
        arms = draw(st.sampled_from([("x",), ("x", "y")]))
        same: dict[str, Any] = {"grade": grade, "cost": cost, "approaches": len(arms)}
        made += [frozen(f"i{slot}", draw(e_values), slot, approach=arm, **same) for arm in arms]
    return made


def inside(all_rows: list[FrozenE], of: str) -> set[str]:
    """The initiatives that are in."""
    made = set()
    for name in {r.initiative for r in all_rows}:
        mine = [r for r in all_rows if r.initiative == name]
        others = [r for r in all_rows if r.initiative != name]
        if any(s.accepted for s in standings(TERMS, mine, others, 0.1, of)):
            made.add(name)
    return made


@given(rows(), kinds, st.data())
def test_another_row_never_removes_one_that_is_in(
    all_rows: list[FrozenE], of: str, data: st.DataObject
) -> None:
    """Late acceptance is allowed, and acceptance is for good."""
    names = sorted({r.initiative for r in all_rows})
    left_out = data.draw(st.sampled_from(names))
    before = inside([r for r in all_rows if r.initiative != left_out], of)
    assert before <= inside(all_rows, of)


@given(rows(), kinds, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(all_rows: list[FrozenE], of: str, random: Any) -> None:
    """Rows in any order give the same answers, to the last digit."""
    mine, others = all_rows[:1], all_rows[1:]
    others = [r for r in others if r.initiative != mine[0].initiative]
    shuffled = list(others)
    random.shuffle(shuffled)
    assert standings(TERMS, mine, others, 0.1, of) == standings(TERMS, mine, shuffled, 0.1, of)


@given(rows(), kinds)
def test_the_bar_is_where_it_is_said_to_be(all_rows: list[FrozenE], of: str) -> None:
    """Just above what it needs an initiative is in, just below it is not."""
    mine = [r for r in all_rows if r.initiative == "i1"][:1]
    others = [r for r in all_rows if r.initiative != "i1"]
    (told,) = standings(TERMS, mine, others, 0.1, of)
    for nudge, accepted in ((1e-9, True), (-1e-9, False)):
        moved = replace(mine[0], log_e=told.needed + nudge)
        if math.isfinite(told.needed):
            (found,) = standings(TERMS, [moved], others, 0.1, of)
            assert found.accepted is accepted
    assert told.needed <= told.alone + 1e-12


@given(rows(), kinds)
def test_a_grade_never_helps_another(all_rows: list[FrozenE], of: str) -> None:
    """What list A accepts is the same with and without the rows of list B."""
    only = [r for r in all_rows if r.grade == "A"]
    names = {r.initiative for r in only}
    assert inside(only, of) == inside(all_rows, of) & names


@given(st.lists(st.tuples(e_values, costs), max_size=9), e_values, costs)
def test_the_bars_are_those_of_the_procedures(others: list[tuple[float, int]], e: float, cost: int) -> None:
    """A row is accepted by count and by money exactly where it reaches its bar."""
    logs, spent = [math.log(x) for x, _ in others], [float(c) for _, c in others]
    mine = math.log(e)
    weights = [1 / SLOTS] * len(others)
    bar = bar_by_count(logs, weights, 1 / SLOTS, 0.1)
    if abs(mine - bar.log_e) > 1e-9:
        taken = accepted_by_count([*logs, mine], [*weights, 1 / SLOTS], 0.1)
        assert taken[-1] is (mine > bar.log_e)
    by_money = bar_by_money(logs, spent, cost, 100, 0.1)
    if abs(mine - by_money.log_e) > 1e-9:
        paid = accepted_by_money([*logs, mine], [*spent, float(cost)], 100, 0.1)
        assert paid[-1] is (mine > by_money.log_e)


def test_a_row_is_read_back_as_it_was_written() -> None:
    """Whole numbers come back as the numbers they were."""
    row = frozen("one", 1.0, r=8.0)
    assert FrozenE.from_json({**row.as_json(), "log_e": 0, "null": 0, "r": 8}) == row
    assert FrozenE.from_json({**row.as_json(), "r": None}).r is None
