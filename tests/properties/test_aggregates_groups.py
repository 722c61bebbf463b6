"""Groups kept as columns are the tuples they were made of."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.aggregates import groups as module
from headway.aggregates.groups import Group, Groups

values: st.SearchStrategy[Any] = st.sampled_from(
    [None, "a", "b", "None", "1", 1, 2, True, Decimal("1.5"), datetime(2026, 1, 1, tzinfo=UTC)]
)
tuples = st.lists(st.tuples(values, values), max_size=20)


def told_apart(group: Group) -> tuple[Any, ...]:
    """A group with the kinds of its values: true is not one."""
    return tuple((type(v), v) for v in group)


@given(tuples)
def test_groups_read_as_the_tuples_they_were_made_of(rows: list[Group]) -> None:
    """In length, order, places and equality; values that equal each other keep their kinds."""
    found = Groups(Groups.of(rows, 2).levels, Groups.of(rows, 2).codes, len(rows))
    assert [told_apart(g) for g in found] == [told_apart(g) for g in rows]
    assert (len(found), repr(found), hash(found)) == (len(rows), repr(tuple(rows)), hash(tuple(rows)))
    assert found == rows
    assert found != [*rows, (0, 0)]
    assert found[1:] == tuple(rows)[1:]
    assert all(found.index(g) == rows.index(g) for g in rows)


@given(tuples, tuples)
def test_parts_one_after_another_are_their_tuples(one: list[Group], other: list[Group]) -> None:
    """And each different one is found where it stands first."""
    found = Groups.joined([Groups.of(one, 2), Groups.of(other, 2)])
    rows = [told_apart(g) for g in [*one, *other]]
    assert [told_apart(g) for g in found] == rows
    first, which = found.different()
    different = list(dict.fromkeys(rows))
    assert [rows[i] for i in first.tolist()] == different
    assert [different[i] for i in which.tolist()] == rows
    assert [told_apart(g) for g in found.take(first)] == different


@given(tuples)
def test_groups_are_told_in_the_order_of_their_texts(rows: list[Group]) -> None:
    """By each key in turn, what is empty first."""
    order = Groups.of(rows, 2).in_order().tolist()
    texts = [tuple((v is not None, str(v)) for v in rows[i]) for i in order]
    assert sorted(order) == list(range(len(rows)))
    assert texts == sorted(texts)


@given(tuples)
def test_keys_without_a_number_of_their_own_are_told_apart(rows: list[Group]) -> None:
    """Where the numbers of two keys do not fit into one, they are numbered anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGEST", 3)
        first, _ = Groups.of(rows, 2).different()
    assert len(first) == len({told_apart(g) for g in rows})


def test_without_a_key_all_is_one_group() -> None:
    """As a sum over everything has it."""
    whole = Groups([], [], 1)
    assert list(whole) == [()]
    assert whole.different()[0].tolist() == [0]
    assert whole.in_order().tolist() == [0]
    assert whole != 1


@pytest.mark.parametrize(
    "column",
    [
        ["a", None, "a"],
        [1, None, 1],
        [True, None, False],
        [1.5, None, 1.5],
        [datetime(2026, 1, 1, tzinfo=UTC)],
        [],
    ],
)
def test_what_an_engine_answers_keeps_its_values(column: list[Any]) -> None:
    """Empty ones too."""
    answer = pa.chunked_array([column[:1], column[1:]], type=pa.array(column).type)
    found = Groups.of_arrow([answer], len(column))
    assert [g[0] for g in found] == column
    assert all(codes.dtype == np.intp for codes in found.codes)
