"""A panel turned into wide rows gives the same cohort sums on every engine."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest

from headway.aggregates.ask import ask
from headway.aggregates.engine import Opened, bound_at
from headway.aggregates.request import Request, count, sum_of
from headway.facts.panel import PANEL
from headway.sources.rollout_table import turned
from headway.statistics.panel import Panel
from headway.statistics.staggered import cells, simple

DAYS = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
KINDS: dict[str, tuple[str, list[Any]]] = {
    "date": ("date", list(DAYS)),
    "moment": ("timestamp", list(DAYS)),
    "year": ("bigint", [2023, 2024, 2025, 2026]),
    "text": ("text", ["w1", "w2", "w3", "w4"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_cohort_sums_are_those_of_the_rows(place: Any, kind: str) -> None:
    """Dates, moments, years or text; a unit with a gap is counted and takes no part."""
    draw = np.random.default_rng(4)
    starts, (column, periods) = np.repeat([1, 3, 4], [9, 12, 14]), KINDS[kind]
    y = draw.normal(5, 1, (35, 4)).round(6)
    rows = [
        (f"u{i}", periods[t], periods[starts[i]] if starts[i] < 4 else None, float(y[i, t]))
        for i in range(35)
        for t in range(4)
        if (i, t) != (0, 2)
    ]
    bound = place.land({"unit_id": "text", "period": column, "starts": column, "y": "double precision"}, rows)
    opened = bound.opened
    names = [str(p) for p in periods]
    wide = Opened(opened.engine, turned(opened.table, names, ("y",)))
    made = bound_at("here", PANEL, summed=False, opened=wide, digest="")
    columns = [f"y at {p}" for p in names]
    terms = [count(), count(columns[0]), *map(sum_of, columns)]
    terms += [sum_of(*pair) for pair in combinations_with_replacement(columns, 2)]
    request = Request("here", ("starts_at",), tuple(terms))
    answers = ask([request], {"here": made})
    assert not answers.faults, answers.faults
    sums = answers.sums[request]
    first = np.stack([sums[sum_of(c)] for c in columns], axis=1)
    second = np.empty((3, 4, 4))
    for (i, a), (j, b) in combinations_with_replacement(list(enumerate(columns)), 2):
        second[:, i, j] = second[:, j, i] = sums[sum_of(a, b)]
    shift = np.array([sums.shift.get(c, 0.0) for c in columns])
    n = sums[count(columns[0])].astype(float)
    found = simple(cells(Panel.from_sums([int(g[0]) for g in sums.groups], n, first, second, shift)))
    expected = simple(cells(Panel.from_rows(y[1:], starts[1:])))
    assert sums[count()].sum() == 35
    assert found.theta[0] == pytest.approx(expected.theta[0], abs=1e-10)
    assert found.se[0] == pytest.approx(expected.se[0], abs=1e-10)
