"""One sentence per row of the table of measurement.md, section 8."""

from __future__ import annotations

from typing import Any

import pytest

from headway.kernel.estimate import Estimate, Grade
from headway.measures.value.effect.wording import good_sign, sentence, turned


def effect(value: float, low: float, high: float, unit: str = "relative change", **more: Any) -> Estimate:
    """An effect of 400 units looked at once, grade A."""
    detail = {"interval": "once", **more.pop("detail", {})}
    made: dict[str, Any] = {"n": 400, "level": 0.95, "method": "m", "grade": Grade.A, **more}
    return Estimate(value=value, low=low, high=high, unit=unit, detail=detail, **made)


@pytest.mark.parametrize(
    ("estimate", "objective", "good", "words", "direction"),
    [
        (
            effect(-0.15, -0.19, -0.11, detail={"clusters": 212, "interval": "anytime"}),
            -0.10,
            -1,
            (
                "moved: time −15 % (−19 % to −11 %, 95 %, valid at every look), beyond the −10 % asked; "
                "n 400, 212 clusters, grade A"
            ),
            "beyond",
        ),
        (
            effect(-0.09, -0.13, -0.05),
            -0.10,
            -1,
            (
                "moved, but not shown to reach −10 %: time −9 % (−13 % to −5 %, 95 %, looked at once); "
                "n 400, grade A"
            ),
            "moved",
        ),
        (
            effect(-0.02, -0.04, -0.002),
            -0.10,
            -1,
            (
                "does not reach the objective: time at best −4 %, needs −10 %: −2 % (−4 % to −0.20 %, "
                "95 %, looked at once); n 400, grade A"
            ),
            "short",
        ),
        (
            effect(0.188, -0.0025, 0.416, detail={"clusters": 16, "df": 12.5036}, n=246),
            -0.10,
            -1,
            (
                "does not reach the objective: time at best −0.25 %, needs −10 %; the direction is not "
                "decided: +18.8 % (−0.25 % to +41.6 %, 95 %, looked at once); "
                "n 246, 16 clusters, df 12.5, grade A"
            ),
            "short",
        ),
        (
            effect(0.14, 0.08, 0.21),
            -0.10,
            -1,
            "moved the wrong way: time +14 % (+8 % to +21 %, 95 %, looked at once); n 400, grade A",
            "wrong",
        ),
        (
            effect(0.04, -0.02, 0.10),
            0.05,
            1,
            (
                "not decided: time +4 % (−2 % to +10 %, 95 %, looked at once); about 14,000 more units "
                "would settle it; n 400, grade A"
            ),
            "undecided",
        ),
        (
            effect(4.25, 1.5, 7.0, unit="USD"),
            1.0,
            1,
            (
                "moved: time +4.25 USD (+1.50 USD to +7.00 USD, 95 %, looked at once), beyond the "
                "+1.00 USD asked; n 400, grade A"
            ),
            "beyond",
        ),
        (
            effect(0.0452, 0.0389, 0.0516, unit="share"),
            0.0,
            1,
            (
                "moved: time +4.52 points (+3.89 points to +5.16 points, 95 %, looked at once), beyond "
                "the +0 points asked; n 400, grade A"
            ),
            "beyond",
        ),
    ],
)
def test_each_row_has_its_sentence(
    estimate: Estimate, objective: float, good: int, words: str, direction: str
) -> None:
    """The number, its interval, how it was looked at, n and grade; never the word significant, never a p."""
    assert sentence(estimate, "time", objective, good) == words
    assert turned(estimate, objective, good).direction == direction
    assert "significant" not in words


def test_a_result_that_more_units_cannot_settle_promises_nothing() -> None:
    """When a hundred times the units would be needed, no number of units is named."""
    assert "more units" not in sentence(effect(0.0499, -0.9, 1.0), "y", 0.05, 1)


def test_the_good_direction_is_the_objectives_or_the_metrics() -> None:
    """An objective of nought says no direction; then the metric's own counts."""
    assert [good_sign(-0.1, "higher"), good_sign(0.1, "lower")] == [-1, 1]
    assert [good_sign(0.0, "higher"), good_sign(0.0, "lower")] == [1, -1]
