"""What the record says as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.render import records

from headway.render.base import best_standing
from headway.render.summary import first_finding, headline, lines_of, missing_groups, percent


def with_effect(name: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    """An initiative that promised −10 % and found something in between."""
    row = records.effect("minutes", "outcome", (low + high) / 2, low, high, **more)
    return records.initiative(name, evidence=[row])


@pytest.mark.parametrize(
    ("low", "high", "standing"),
    [
        (-0.3, -0.11, "reached"),
        (-0.3, -0.1, "undecided"),
        (-0.3, -0.05, "undecided"),
        (-0.3, 0.2, "undecided"),
        (-0.1, 0.2, "short"),
        (-0.05, 0.2, "short"),
        (0.01, 0.2, "wrong"),
    ],
)
def test_an_effect_stands_where_its_interval_lies(low: float, high: float, standing: str) -> None:
    """Good is down here: reached wholly beyond −10 %, short at best −10 %, wrong above nothing."""
    assert best_standing(with_effect("one", low, high)) == standing


@pytest.mark.parametrize(
    ("initiatives", "said"),
    [
        ([], "No initiative is declared yet."),
        ([with_effect("a", -0.3, -0.2)], "1 initiative: it reaches its objective (grade A)."),
        ([records.initiative("a")], "1 initiative: it has no measured effect."),
        ([records.initiative("a"), records.initiative("b")], "2 initiatives: none has a measured effect."),
        (
            [with_effect("a", -0.05, 0.2), with_effect("b", -0.05, 0.2)],
            "2 initiatives: all do not reach their objective.",
        ),
        (
            [with_effect("a", -0.3, -0.2, grade="C"), with_effect("b", -0.3, -0.2),
             with_effect("c", -0.3, 0.2)],
            "3 initiatives: 2 reach their objective (grades A, C), 1 is not decided.",
        ),
        (
            [with_effect("a", -0.3, -0.2), with_effect("b", -0.05, 0.2), with_effect("c", -0.05, 0.2),
             with_effect("d", 0.1, 0.2)],
            "4 initiatives: 1 reaches its objective (grade A), 2 do not reach theirs, 1 moved the wrong way.",
        ),
        (
            [with_effect("a", -0.05, 0.2), with_effect("b", -0.05, 0.2), with_effect("c", 0.1, 0.2)],
            "3 initiatives: 2 do not reach their objective, 1 moved the wrong way.",
        ),
    ],
)  # fmt: skip
def test_the_headline_counts(initiatives: list[dict[str, Any]], said: str) -> None:
    """One sentence, computed from intervals and objectives alone."""
    assert headline(records.portfolio(initiatives)) == said


def test_a_part_is_never_rounded_to_nothing_or_all() -> None:
    """What is nearly all is not called all; a part of nothing has no share."""
    assert [percent(Decimal(p), Decimal(w)) for p, w in (("0.1", 100), ("99.9", 100), (1, 0), (0, 5))] == [
        "< 1 %", "> 99 %", "–", "0 %",
    ]  # fmt: skip


def test_outcomes_are_followed_to_the_lines() -> None:
    """Through what they drive; a loop or an unknown name ends the walk."""
    outcomes = [
        records.outcome("a", [], drives=["b", "nowhere"]),
        records.outcome("b", [], drives=["a", "line"]),
        records.outcome("line", [], line="cost", drives=[]),
    ]
    assert lines_of(records.portfolio([], outcomes=outcomes), "a") == ["line"]


def test_gaps_are_joined_under_what_they_wait_for() -> None:
    """One line for one missing source, however many estimates wait for it; the most shared first."""
    one = records.initiative(
        "a", missing=[records.missing("cost", "no bill"), records.missing("srm", "no shares")]
    )
    two = records.initiative(
        "b", missing=[records.missing("cost", "no bill"), records.missing("return", "no bill")]
    )
    first, second = missing_groups([one, two])
    assert (first["why"], first["initiatives"], len(first["metrics"])) == ("no bill", ["a", "b"], 2)
    assert second["initiatives"] == ["a"]


def test_the_first_finding_is_the_outcome() -> None:
    """Else a proxy, else anything measured, else why nothing is."""
    proxy = records.effect("m", "proxy", 0.1, 0.0, 0.2)
    assert first_finding(records.initiative("a", evidence=[records.cost("5"), proxy])) == (
        "m +10.0 % (+0.0 to +20.0 %, 95 %), grade A"
    )
    assert first_finding(records.initiative("a", evidence=[records.cost("5")])) == "cost 5.00 EUR, grade C"
    assert first_finding(records.initiative("a", missing=[records.missing("m", "no pilot")])) == "no pilot"
    assert first_finding(records.initiative("a")) == "nothing measured yet"
