"""Courses of groups come out of every engine as the means of their rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headway.aggregates.request import count, sum_of
from headway.aggregates.sums import Sums
from headway.measures.value.effect.one_treated import KEYS
from headway.statistics.synthetic import OneTreated, placebos, synthetic_control

Answer = Callable[..., Sums]
GROUPS, PERIODS, STARTS = 8, 24, 17


@pytest.mark.parametrize("level", [0.0, 40.0, 1e9])
def test_sums_by_group_and_period_are_the_rows(place: Any, answer: Answer, level: float) -> None:
    """Five to nine persons a cell, some without a value: means to 1e-10 of their size, and one effect."""
    draw = np.random.default_rng(11)
    cells = [(g, t) for g in range(GROUPS) for t in range(PERIODS) for _ in range(draw.integers(6, 10))]
    y = np.array([level + 3 * np.sin(t / 3 + g) - 2 * (g == 0 and t >= STARTS) for g, t in cells])
    y += draw.normal(0, 1, y.size)
    first = [i == 0 or cells[i - 1] != cell for i, cell in enumerate(cells)]
    table = pa.table(
        {
            "unit_id": [f"office {g}" for g, _ in cells],
            "starts": pa.array([None if g else STARTS for g, _ in cells], pa.int64()),
            "period": [t for _, t in cells],
            "y": pa.array(np.where(first, np.nan, y), from_pandas=True),
        }
    )
    kinds = {"unit_id": "text", "starts": "bigint", "period": "bigint", "y": "double precision"}
    found = answer(place.land(kinds, table), *KEYS, terms=(count("y"), sum_of("y"), sum_of("y", "y")))
    means = np.zeros((PERIODS, GROUPS))
    for at, (unit, starts, period) in enumerate(found.groups):
        assert starts == (STARTS if unit == "office 0" else None)
        cell = int(unit.removeprefix("office ")), int(period)
        own = found[sum_of("y")][at] / found[count("y")][at] + found.shift["y"]
        rows = [v for v, c, f in zip(y, cells, first, strict=True) if c == cell and not f]
        assert int(found[count("y")][at]) == len(rows)
        assert own == pytest.approx(np.mean(rows), rel=1e-10, abs=1e-10)
        means[cell[1], cell[0]] = own
    assert len(found.groups) == GROUPS * PERIODS
    panel = OneTreated(means[:, 0], means[:, 1:], STARTS)
    fitted = synthetic_control(panel)
    assert fitted.effect == pytest.approx(-2, abs=1.0)
    assert placebos(panel, fitted).contrast.df == GROUPS - 2
