"""One error budget over many initiatives keeps its promise row by row, in any order, as rows arrive."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from headway.statistics.promotion import accepted_by_count, accepted_by_money

shares = st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.5])


class Row(NamedTuple):
    """One initiative before its gate."""

    log_e: float
    cost: float


rows = st.lists(
    st.builds(Row, st.floats(-3, 12) | st.just(-math.inf), st.integers(0, 50).map(float)),
    min_size=1,
    max_size=25,
)


def money(asking: list[Row], envelope: float, share: float, floor: float = 20.0) -> tuple[bool, ...]:
    """The rows that the money budget accepts."""
    return accepted_by_money([r.log_e for r in asking], [r.cost for r in asking], envelope, share, floor)


def envelope_of(asking: list[Row], spare: float) -> float:
    """An envelope with room for all rows."""
    total = sum(r.cost for r in asking)
    assume(total > 0)
    return total * (1 + spare)


@given(rows, shares, st.floats(0, 3))
def test_of_each_accepted_row_its_part_of_the_money_is_paid_by_its_own_evidence(
    asking: list[Row], share: float, spare: float
) -> None:
    """1{accepted} c_i / C_R <= share c_i E_i / C for every row: what the proof sums over the nulls."""
    envelope = envelope_of(asking, spare)
    for floor in (0.0, 20.0):
        taken = money(asking, envelope, share, floor)
        spent = sum(r.cost for r, yes in zip(asking, taken, strict=True) if yes)
        for row, yes in zip(asking, taken, strict=True):
            if yes and row.cost:
                assert row.cost / spent <= share * row.cost * math.exp(row.log_e) / envelope * (1 + 1e-9)


@given(st.lists(st.floats(-3, 12) | st.just(-math.inf), min_size=1, max_size=25), shares, st.data())
def test_of_each_accepted_row_its_part_of_the_count_is_paid_by_its_own_evidence(
    log_e: list[float], share: float, data: st.DataObject
) -> None:
    """1{accepted} / k <= share w_i E_i for every row and any weights fixed beforehand."""
    size = len(log_e)
    raw = data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size))
    weights = [w / max(1.0, sum(raw)) for w in raw]
    taken = accepted_by_count(log_e, weights, share)
    for e, weight, yes in zip(log_e, weights, taken, strict=True):
        if yes:
            assert 1 / sum(taken) <= share * weight * math.exp(e) * (1 + 1e-9)


@given(rows, st.lists(st.builds(Row, st.floats(-3, 12), st.integers(0, 50).map(float))), shares)
def test_once_accepted_a_row_stays_accepted_when_others_come(
    asking: list[Row], later: list[Row], share: float
) -> None:
    """Acceptance by money and by count is monotone in rows: nobody's news takes back a promotion."""
    envelope = envelope_of([*asking, *later], 0.0)
    before = money(asking, envelope, share)
    after = money([*asking, *later], envelope, share)
    assert all(now for now, yes in zip(after, before, strict=False) if yes)
    slots = len(asking) + len(later)
    early = accepted_by_count([r.log_e for r in asking], [1 / slots] * len(asking), share)
    late = accepted_by_count([r.log_e for r in [*asking, *later]], [1 / slots] * slots, share)
    assert all(now for now, yes in zip(late, early, strict=False) if yes)


@given(rows, shares, st.floats(0, 4), st.integers(0, 24))
def test_more_evidence_never_costs_anybody_a_promotion(
    asking: list[Row], share: float, more: float, which: int
) -> None:
    """A row whose e-value rises takes no promotion from another and never loses its own."""
    envelope = envelope_of(asking, 0.5)
    at = which % len(asking)
    raised = [Row(r.log_e + more, r.cost) if i == at else r for i, r in enumerate(asking)]
    before, after = money(asking, envelope, share), money(raised, envelope, share)
    assert all(now for now, yes in zip(after, before, strict=True) if yes)


@given(rows, shares, st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(asking: list[Row], share: float, shuffler: random.Random) -> None:
    """Shuffled rows get the same answers, by money and by count."""
    envelope = envelope_of(asking, 0.25)
    order = list(range(len(asking)))
    shuffler.shuffle(order)
    shuffled = [asking[i] for i in order]
    straight = money(asking, envelope, share)
    assert money(shuffled, envelope, share) == tuple(straight[i] for i in order)
    weights = [1 / len(asking)] * len(asking)
    by_count = accepted_by_count([r.log_e for r in asking], weights, share)
    again = accepted_by_count([r.log_e for r in shuffled], weights, share)
    assert again == tuple(by_count[i] for i in order)


@given(st.lists(st.floats(-3, 12) | st.just(-math.inf), min_size=1, max_size=25), shares)
def test_with_equal_weights_and_every_slot_asked_it_is_plain_e_bh(log_e: list[float], share: float) -> None:
    """Wang and Ramdas (2022): reject the k largest, k the last with k E_(k) >= n / share."""
    ordered = sorted(log_e, reverse=True)
    n = len(ordered)
    last = max((k for k in range(1, n + 1) if ordered[k - 1] >= math.log(n / share / k)), default=0)
    # On the bar itself rounding of two logs decides; either answer is right.
    assume(all(abs(e - math.log(n / share / k)) > 1e-9 for k, e in enumerate(ordered, start=1)))
    assert sum(accepted_by_count(log_e, [1 / n] * n, share)) == last


@given(st.lists(st.floats(-3, 12), min_size=1, max_size=25), shares)
def test_with_equal_costs_and_no_floor_money_is_count(log_e: list[float], share: float) -> None:
    """The money budget is the weighted form with weights c_i / C, so equal costs give plain e-BH."""
    n = len(log_e)
    ordered = sorted(log_e, reverse=True)
    assume(all(abs(e - math.log(n / share / k)) > 1e-9 for k, e in enumerate(ordered, start=1)))
    by_money = accepted_by_money(log_e, [1.0] * n, float(n), share, floor=0.0)
    assert by_money == accepted_by_count(log_e, [1 / n] * n, share)
