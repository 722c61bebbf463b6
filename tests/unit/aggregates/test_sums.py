"""Answers roll up, merge, and refuse what does not add."""

from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from headway.aggregates.matching import same
from headway.aggregates.request import Request, count, greatest, least, sum_of, total
from headway.aggregates.sums import Sums, merge

JAN, FEB = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
TERMS = (count(), sum_of("y"), total("cost"), least("at"), greatest("at"))


def objects(*values: Any) -> Any:
    """An array of objects."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def three() -> Sums:
    """Two arms, one of them in two clusters."""
    values = {
        count(): np.array([3, 4, 5]),
        sum_of("y"): np.array([0.5, 1.5, 2.5]),
        total("cost"): objects(Decimal("0.1"), Decimal("0.2"), Decimal("1e20")),
        least("at"): objects(JAN, None, FEB),
        greatest("at"): objects(JAN, None, FEB),
    }
    return Sums(("variant", "cluster"), (("ai", 1), ("ai", 2), ("none", 1)), values, {"y": 10.0}, {"y": 2})


def test_a_rollup_adds_counts_sums_and_money_and_keeps_the_ends() -> None:
    """Coarser groups hold the sums of the finer; an end that nobody has stays empty."""
    rolled = three().rollup(("variant",))
    assert rolled.groups == (("ai",), ("none",))
    assert [list(rolled[t]) for t in TERMS] == [
        [7, 5], [2.0, 2.5], [Decimal("0.3"), Decimal("1e20")], [JAN, FEB], [JAN, FEB]
    ]  # fmt: skip
    assert (rolled.shift, rolled.excluded) == ({"y": 10.0}, {"y": 2})
    assert three().rollup(("cluster", "variant")).groups == ((1, "ai"), (2, "ai"), (1, "none"))


def test_a_rollup_takes_the_rows_that_are_wanted() -> None:
    """Only groups whose key has the wanted value take part; none of them is an empty answer."""
    rolled = three().rollup((), where=(("cluster", "1"), ("variant", "ai")))
    assert (rolled.groups, list(rolled[count()])) == (((),), [3])
    nothing = three().rollup(("variant",), where=(("cluster", "9"),))
    assert (nothing.groups, [len(nothing[t]) for t in TERMS]) == ((), [0] * 5)


def test_an_answer_holds_what_was_asked_and_no_more() -> None:
    """A request sees its own terms and its own columns' excluded values."""
    request = Request("s", ("variant",), (count(), total("cost")))
    answer = three().answer(request)
    assert (set(answer.values), answer.excluded, answer.keys) == ({count(), total("cost")}, {}, ("variant",))
    assert answer.row(("ai",)) == {count(): 7, total("cost"): Decimal("0.3")}
    assert answer.column("variant") == ["ai", "none"]
    with pytest.raises(ValueError, match="not in"):
        answer.row(("other",))


def test_money_of_any_size_is_added_exactly() -> None:
    """Merging 1e20 and 1e-18 loses neither."""
    tiny = Sums((), ((),), {total("cost"): objects(Decimal("1e-18"))})
    huge = Sums((), ((),), {total("cost"): objects(Decimal("1e20"))})
    assert merge([tiny, huge])[total("cost")][0] == Decimal("100000000000000000000.000000000000000001")


@pytest.mark.parametrize(
    "other",
    [
        Sums(("cluster",), ((1,),), {count(): np.array([1])}),
        Sums(("variant",), (("ai",),), {count("y"): np.array([1])}),
        Sums(("variant",), (("ai",),), {count(): np.array([1])}, {"y": 1.0}),
    ],
    ids=["keys", "terms", "shift"],
)
def test_sums_that_do_not_add_are_refused(other: Sums) -> None:
    """Sums by other keys, of other terms or about another shift never merge silently."""
    with pytest.raises(ValueError, match="do not add"):
        merge([Sums(("variant",), (("ai",),), {count(): np.array([1])}), other])


def test_nothing_is_no_sum() -> None:
    """A merge of no part is refused: it has no keys."""
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])


def test_excluded_values_and_lost_columns_survive_a_merge() -> None:
    """What one partition left out is counted in the whole, by group too, beside a clean partition."""
    clean = Sums(("variant",), (("ai",),), {count(): np.array([1])})
    marred = Sums(
        ("variant",),
        (("none",),),
        {count(): np.array([2])},
        {},
        {"y": 3},
        {"y": np.array([3])},
        frozenset({"y"}),
    )
    merged = merge([clean, marred])
    assert (merged.excluded, list(merged.strange["y"])) == ({"y": 3}, [0, 3])
    assert merged.lost == frozenset({"y"})
    assert merged.rollup((), where=(("variant", "ai"),)).excluded == {"y": 0}


def test_twenty_thousand_groups_roll_up_at_once() -> None:
    """A table of 20,000 clusters and 60 sums rolls up in far less than a second."""
    n = 20_000
    groups = tuple((f"c{i}", "ai" if i % 2 else "none") for i in range(n))
    values: dict[Any, Any] = {sum_of(f"m{i}"): np.arange(n, dtype=float) for i in range(57)}
    values |= {count(): np.ones(n, dtype=np.int64), least("at"): objects(*[JAN] * n)}
    values |= {total("cost"): objects(*[Decimal("0.01")] * n)}
    begin = perf_counter()
    rolled = Sums(("cluster", "variant"), groups, values).rollup(("variant",))
    assert perf_counter() - begin < 1
    assert (list(rolled[count()]), list(rolled[total("cost")])) == ([10_000, 10_000], [Decimal(100)] * 2)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ("a", "a", True), ("a", "A", False), (1, "1", True), (1, "1.0", True), (1.5, "1.50", True),
        (1, "x", False),
        (True, "true", True), (True, "True", False), (True, "1", False), (None, "None", False),
        ("1", "1.0", False),
        (Decimal("1.500"), "1.5", True), (float("nan"), "1", False),
    ],
)  # fmt: skip
def test_a_value_is_named_by_its_text(value: object, wanted: str, expected: bool) -> None:
    """Numbers are compared by value, truth by its SQL text, everything else letter by letter."""
    assert same(value, wanted) is expected
