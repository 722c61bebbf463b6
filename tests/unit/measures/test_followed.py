"""How far units started as drawn is counted in unit-periods, and whoever joins or leaves undoes the lot."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from headway.aggregates.request import count
from headway.aggregates.sums import Sums
from headway.measures.value.effect.followed import DrawnOrder, followed, position

PERIODS = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")


def actual(**starts: object) -> Sums:
    """Starts as an engine returns them."""
    groups = tuple(starts.items())
    return Sums(("unit_id", "starts"), groups, {count(): np.full(len(groups), len(PERIODS))})


ORDER = DrawnOrder(
    datetime(2025, 12, 1, tzinfo=UTC), {"a": "2026-02-01", "b": "2026-03-01", "c": "", "d": ""}
)


@pytest.mark.parametrize(
    ("starts", "share", "otherwise"),
    [
        (
            {"a": date(2026, 2, 1), "b": datetime(2026, 3, 1, tzinfo=UTC), "c": None, "d": float("nan")},
            1.0,
            0,
        ),
        ({"a": "2026-04-01", "b": "2026-03-01", "c": None, "d": None}, 1 - 2 / 16, 1),
        ({"a": "2026-02-01", "b": "2026-03-01", "c": "2026-01-01", "d": None}, 1 - 4 / 16, 1),
        ({"a": "2026-02-01", "b": "2026-03-01", "c": None}, 1 - 4 / 16, 1),
        ({"a": "2026-02-01", "b": "2026-03-01", "c": None, "d": None, "e": None}, 1 - 4 / 20, 1),
        ({}, 0.0, 4),
    ],
)
def test_the_share_is_of_unit_periods(starts: dict[str, object], share: float, otherwise: int) -> None:
    """As drawn, two months late, a control treated, one gone, one that nobody drew, nobody at all."""
    found = followed(ORDER, actual(**starts), PERIODS)
    assert found.share == pytest.approx(share)
    assert found.otherwise == otherwise


def test_a_start_after_the_last_period_is_not_yet() -> None:
    """A planned start that is still to come, and no start, are the same so far."""
    assert position("2026-09-01", PERIODS) == position(None, PERIODS) == 4
    assert position(7.0, ["5", "6", "10"]) == 2
    assert position("week 7", ["week 5", "week 6"]) == 2


def test_words_never_round_up_to_the_limit() -> None:
    """94.96 % is not told as 95 %."""
    order = DrawnOrder(ORDER.at, {f"u{i}": "" for i in range(5000)})
    starts = {f"u{i}": "2026-01-01" if i < 252 else None for i in range(5000)}
    assert followed(order, actual(**starts), PERIODS).words.startswith("94.9%")
