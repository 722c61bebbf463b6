"""Sums merge: whatever the partitions and their order, the whole is the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.aggregates.request import Request, count, greatest, least, sum_of, total
from headway.aggregates.sums import Sums, merge

KEYS = ("variant", "cluster")
TERMS = (count(), count("y"), sum_of("y"), sum_of("y", "y"), total("cost"), least("at"), greatest("at"))
SHIFT = {"y": 3.5}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

Row = tuple[str | None, int, float | None, Decimal, datetime | None]
numbers = st.floats(-1e6, 1e6, allow_nan=False)
moments = st.integers(0, 10**6).map(lambda s: BEGIN + timedelta(seconds=s))
rows = st.lists(
    st.tuples(
        st.sampled_from(["ai", "none", None]),
        st.integers(0, 3),
        st.none() | numbers,
        st.integers(-(10**38), 10**38).map(lambda a: Decimal(f"{a}e-18")),
        st.none() | moments,
    ),
    max_size=12,
)


def objects(values: Sequence[Any]) -> Any:
    """An array of objects."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def summed(some: Sequence[Row], shift: float = SHIFT["y"]) -> Sums:
    """The sums of rows, added one by one as no engine would."""
    groups = tuple(dict.fromkeys((variant, cluster) for variant, cluster, *_ in some))
    by = [[row for row in some if row[:2] == group] for group in groups]
    moved = [[y - shift for _, _, y, _, _ in part if y is not None] for part in by]
    at = [[a for *_, a in part if a is not None] for part in by]
    values: dict[Any, Any] = {
        count(): np.array([len(part) for part in by], dtype=np.int64),
        count("y"): np.array([len(part) for part in moved], dtype=np.int64),
        sum_of("y"): np.array([sum(part) for part in moved], dtype=float),
        sum_of("y", "y"): np.array([sum(v * v for v in part) for part in moved], dtype=float),
        total("cost"): objects([exact([c for *_, c, _ in part]) for part in by]),
        least("at"): objects([min(part, default=None) for part in at]),
        greatest("at"): objects([max(part, default=None) for part in at]),
    }
    return Sums(KEYS, groups, values, {"y": shift})


def exact(amounts: Sequence[Decimal]) -> Decimal:
    """The sum of amounts, counted in whole attounits."""
    with localcontext(prec=99):
        return Decimal(sum(int(a.scaleb(18)) for a in amounts)).scaleb(-18)


def agree(one: Sums, other: Sums) -> None:
    """Equal groups, exact counts, money and ends; floating sums to 1e-12 of what was added."""
    assert set(one.groups) == set(other.groups)
    assert (one.keys, one.shift) == (other.keys, other.shift)
    for group in one.groups:
        mine, theirs = one.row(group), other.row(group)
        size = abs(float(mine[sum_of("y", "y")])) ** 0.5 * (1 + int(mine[count()])) if mine[count()] else 0.0
        for term in TERMS:
            if term.kind == "sum":
                assert mine[term] == pytest.approx(theirs[term], rel=1e-12, abs=1e-12 * size)
            else:
                assert mine[term] == theirs[term]


@given(rows, st.lists(st.integers(0, 4), min_size=12, max_size=12), st.permutations(range(5)))
def test_any_split_in_any_order_gives_the_same_sums(
    some: list[Row], home: list[int], order: list[int]
) -> None:
    """Rows dealt to five partitions, some empty, merged in any order, have the sums of all rows."""
    parts = [[row for row, at in zip(some, home, strict=False) if at == k] for k in range(5)]
    agree(merge(summed(parts[k]) for k in order), summed(some))


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(some: list[Row], random: Random) -> None:
    """Shuffled rows have the sums of sorted ones."""
    shuffled = random.sample(some, len(some))
    agree(summed(shuffled), summed(some))


@pytest.mark.parametrize("keys", [(), ("variant",), ("cluster",), ("cluster", "variant")])
@given(st.lists(rows, min_size=1, max_size=4))
def test_rolling_up_and_merging_commute(keys: tuple[str, ...], partitions: list[list[Row]]) -> None:
    """A rollup of the merged is the merge of the rolled up."""
    parts = [summed(part) for part in partitions]
    agree(merge(parts).rollup(keys), merge(part.rollup(keys) for part in parts))


@given(rows, rows)
def test_a_restricted_answer_is_that_of_the_restricted_rows(some: list[Row], more: list[Row]) -> None:
    """Taking one arm out of merged sums is summing that arm's rows alone."""
    request = Request("s", ("cluster",), TERMS, where=(("variant", "ai"),))
    taken = merge([summed(some), summed(more)]).answer(request)
    agree(taken, summed([row for row in (*some, *more) if row[0] == "ai"]).rollup(("cluster",)))


@given(rows, numbers.filter(lambda c: c != SHIFT["y"]))
def test_sums_about_another_constant_never_merge(some: list[Row], shift: float) -> None:
    """Partitions shifted by different constants are refused, even where they are empty."""
    with pytest.raises(ValueError, match="do not add"):
        merge([summed(some), summed(some, shift)])
