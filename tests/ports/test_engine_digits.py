"""What could cost digits does not: large values, money, values that are not numbers."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.request import Factor, Request, count, greatest, sum_of, total
from headway.aggregates.sums import Sums
from headway.statistics.means import Moments

Answer = Callable[..., Sums]
MOMENTS = [count("y"), sum_of("y"), sum_of("y", "y")]


def variance(sums: Sums, at: int = 0) -> float:
    """The variance of y that these sums hold."""
    n, first, second = (sums[t][at] for t in MOMENTS)
    return Moments.from_sums(int(n), float(first), float(second), sums.shift.get("y", 0.0)).variance


def noise(n: int = 5000) -> Any:
    """Standard normal noise of known draws."""
    return np.random.Generator(np.random.PCG64(11)).normal(0, 1, n)


def test_large_values_keep_their_digits_in_one_scan(place: Any, answer: Answer) -> None:
    """A billion and some noise keep eight digits of the variance: sums are taken about a near constant."""
    y = 1e9 + noise()
    bound = place.land({"y": "double precision"}, pa.table({"y": y}))
    sums = answer(bound, terms=MOMENTS)
    assert variance(sums) == pytest.approx(float(np.var(y, ddof=1)), rel=1e-8)
    assert sums.shift["y"] == pytest.approx(1e9, rel=1e-3)
    assert (bound.opened.engine.scans, sums.lost) == (1, frozenset())


def test_first_rows_that_mislead_cost_one_more_scan(place: Any, answer: Answer) -> None:
    """Where the first rows are far from all others, a second scan about the mean brings the digits back."""
    y = np.concatenate([np.zeros(1000), 1e6 + 1e-4 * noise(400_000)])
    bound = place.land({"y": "double precision"}, pa.table({"y": y}))
    plain = answer(bound, terms=MOMENTS)
    assert variance(plain) == pytest.approx(float(np.var(y, ddof=1)), rel=1e-10)
    assert bound.opened.engine.scans == 1

    key = np.where(np.arange(y.size) < 1000, "q", "p")
    bound = place.land({"key": "text", "y": "double precision"}, pa.table({"key": key, "y": y}))
    sums = answer(bound, terms=MOMENTS, where=(("key", "p"),))
    assert variance(sums) == pytest.approx(float(np.var(y[1000:], ddof=1)), rel=1e-6)
    assert bound.opened.engine.scans == 2
    assert sums.shift["y"] == pytest.approx(1e6, rel=1e-9)


def test_a_pilot_far_from_all_others_is_asked_again_alone(place: Any) -> None:
    """Where two pilots share a table and their values lie far apart, each still has its digits."""
    y = np.concatenate([noise(2000), 1e9 + noise(2000)])
    table = pa.table({"key": ["p"] * 2000 + ["q"] * 2000, "y": y})
    bound = place.land({"key": "text", "y": "double precision"}, table)
    near, far = (Request("here", (), tuple(MOMENTS), where=(("key", k),)) for k in "pq")
    found = ask([near, far], {"here": bound})
    assert variance(found.sums[near]) == pytest.approx(float(np.var(y[:2000], ddof=1)), rel=1e-8)
    assert variance(found.sums[far]) == pytest.approx(float(np.var(y[2000:], ddof=1)), rel=1e-8)
    assert [read.scans for read in found.reads] == [1, 2]


def test_digits_that_the_source_does_not_have_are_said_to_be_lost(place: Any, answer: Answer) -> None:
    """Doubles too coarse for their own variance are named, after every shift was tried; nothing hides it."""
    y = 1e15 + noise()
    bound = place.land({"y": "double precision", "k": "double precision"}, pa.table({"y": y, "k": y - 1e15}))
    sums = answer(bound, terms=[*MOMENTS, count("k"), sum_of("k"), sum_of("k", "k")])
    assert sums.lost == {"y"}
    assert answer(bound, terms=[count("k"), sum_of("k"), sum_of("k", "k")]).lost == frozenset()


@pytest.mark.parametrize("kind", ["numeric(38,6)", "bigint"])
def test_exact_numbers_are_shifted_before_they_become_doubles(place: Any, answer: Answer, kind: str) -> None:
    """Decimals and integers beyond a double's digits keep their variance, since the constant goes first."""
    steps = [0, 1, 1, 2, 5, 3]
    base = 10**17
    values = [Decimal(base + s) if kind != "bigint" else base + s for s in steps]
    bound = place.land({"y": kind}, [(v,) for v in values])
    sums = answer(bound, terms=MOMENTS)
    assert variance(sums) == pytest.approx(float(np.var(steps, ddof=1)), rel=1e-10)
    assert sums.lost == frozenset()


@pytest.mark.parametrize("kind", ["numeric(12,2)", "numeric(5,0)", "numeric"])
def test_decimals_are_shifted_by_what_they_can_hold(place: Any, answer: Answer, kind: str) -> None:
    """A mean with more decimals than its column is no shift: what was taken off is what the answer says."""
    values = [Decimal(v) for v in (1, 0, 0, 1, 0, 0, 0)]
    bound = place.land({"y": kind}, [(v,) for v in values])
    sums = answer(bound, terms=MOMENTS)
    n, first, _ = (float(sums[t][0]) for t in MOMENTS)
    assert sums.shift.get("y", 0.0) + first / n == pytest.approx(2 / 7, rel=1e-14)
    assert variance(sums) == pytest.approx(float(np.var([float(v) for v in values], ddof=1)), rel=1e-12)


def test_a_constant_is_asked_no_more_than_twice(place: Any) -> None:
    """A constant about which nothing is left to take off is not asked for again, pilot by pilot."""
    bound = place.land(
        {"key": "text", "y": "double precision"}, [("p", 7.123456789), ("q", 7.123456789)] * 20
    )
    requests = [Request("here", (), tuple(MOMENTS), where=(("key", k),)) for k in "pq"]
    assert [read.scans for read in ask(requests, {"here": bound}).reads] == [2]


def test_a_constant_is_no_loss(place: Any, answer: Answer) -> None:
    """A column of one value has no variance to lose, whatever its digits."""
    bound = place.land({"y": "double precision"}, [(7.123456789,)] * 50)
    sums = answer(bound, terms=MOMENTS)
    assert variance(sums) == pytest.approx(0.0, abs=1e-20)
    assert sums.lost == frozenset()


@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "minus-inf"])
def test_values_that_are_not_finite_are_left_out_and_counted(
    place: Any, answer: Answer, strange: float
) -> None:
    """One guarded scan drops them from sums, squares, counts, imputations and ends; each is counted once."""
    rows = [("a", 1.0, 2.0), ("a", strange, 3.0), ("a", 4.0, strange), ("b", 5.0, 6.0), ("b", None, 7.0)]
    bound = place.land({"variant": "text", "y": "double precision", "x": "double precision"}, rows)
    x, flag = Factor("x", "zero"), Factor("x", "flag")
    terms = [count("y"), count("x", "y"), sum_of("y"), sum_of("y", "y"), sum_of("x", "y")]
    terms += [sum_of(x, complete=("y",)), sum_of(flag, complete=("y",)), total("y"), greatest("y")]
    sums = answer(bound, "variant", terms=terms)
    cy, cx = sums.shift["y"], sums.shift["x"]
    expected = [
        (
            2,
            1,
            5 - 2 * cy,
            (1 - cy) ** 2 + (4 - cy) ** 2,
            (1 - cy) * (2 - cx),
            2 - cx,
            1.0,
            Decimal("5.0"),
            4.0,
        ),
        (1, 1, 5 - cy, (5 - cy) ** 2, (5 - cy) * (6 - cx), 6 - cx, 0.0, Decimal("5.0"), 5.0),
    ]
    for at in range(2):
        assert [float(sums[t][at]) for t in terms] == pytest.approx(
            [float(v) for v in expected[at]], abs=1e-12
        )
    assert sums.excluded == {"x": 1, "y": 1}
    assert bound.opened.engine.scans == 2


@pytest.mark.parametrize("term", [total("y"), greatest("y")], ids=["total", "max"])
def test_a_strange_value_is_seen_in_any_kind_of_sum(place: Any, answer: Answer, term: Any) -> None:
    """A NaN in a total or at an end is left out as it is in a sum."""
    bound = place.land({"y": "double precision"}, [(1.0,), (math.nan,), (2.0,)])
    sums = answer(bound, terms=[term])
    assert float(sums[term][0]) == {"total": 3.0, "max": 2.0}[term.kind]
    assert sums.excluded == {"y": 1}


def test_strange_values_of_one_pilot_are_not_held_against_another(place: Any) -> None:
    """What is excluded is counted for the rows that were asked for, and for their columns."""
    rows = [("p", 1.0, 1.0), ("p", 2.0, math.nan), ("q", math.nan, 3.0), ("q", 4.0, 4.0)]
    bound = place.land({"key": "text", "y": "double precision", "x": "double precision"}, rows)
    p = Request("here", (), (sum_of("y"),), where=(("key", "p"),))
    q = Request("here", (), (sum_of("y"),), where=(("key", "q"),))
    both = Request("here", (), (sum_of("x"),))
    found = ask([p, q, both], {"here": bound}).sums
    assert [dict(found[r].excluded) for r in (p, q, both)] == [{"y": 0}, {"y": 1}, {"x": 1}]


def test_money_adds_up_to_the_last_digit(place: Any, answer: Answer) -> None:
    """An attounit and a total beyond 1e20 stand in one exact sum, and nothing passes through a double."""
    cents = Decimal("0.000000000000000001")
    amounts = [Decimal("9999999999999999999.5")] * 12 + [cents, cents * 3, None, Decimal("-0.1")]
    bound = place.land({"BilledCost": "numeric(38,18)"}, [(a,) for a in amounts])
    sums = answer(bound, terms=[total("BilledCost")])
    exact = Decimal("119999999999999999993.900000000000000004")
    assert sums[total("BilledCost")][0] == exact
    assert isinstance(sums[total("BilledCost")][0], Decimal)


def test_cents_and_counts_add_up_exactly(place: Any, answer: Answer) -> None:
    """Narrow decimals and integers beyond 2^53 are added as they are, not as doubles."""
    big = 2**53 + 1
    rows = [(Decimal("0.10"), big), (Decimal("0.20"), big), (Decimal("0.30"), big)]
    bound = place.land({"cost": "numeric(12,2)", "n": "bigint"}, rows)
    sums = answer(bound, terms=[total("cost"), total("n")])
    assert (sums[total("cost")][0], sums[total("n")][0]) == (Decimal("0.60"), Decimal(3 * big))
