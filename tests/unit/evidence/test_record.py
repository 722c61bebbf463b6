"""The record: what names it, what does not, and the way to bytes and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headway.evidence.record import Evidence, Missing, Provenance
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import canonical

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FROM = Provenance("rows", "unit", "d" * 64, "q" * 64, 400, "Ann 2026", "CC-BY-4.0")
MADE = Evidence(
    subject="replies",
    measure="effect",
    metric="minutes [ai]",
    estimate=Estimate(
        value=-2.0, low=-3.0, high=-1.0, level=0.95, unit="minutes", n=400, method="means", grade=Grade.B,
        grade_reasons=("no registration",), detail={"df": 10.5, "arm": "ai", "clusters": None},
    ),
    observed=(NOW - 9 * DAY, NOW - DAY),
    received_at=NOW,
    valid_until=NOW + DAY,
    closed=True,
    provenance=(FROM,),
    asked={"measure_version": "1", "seed": 7},
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "letters"},
        {"measure": "srm"},
        {"metric": "minutes"},
        {"observed": (NOW - 9 * DAY, NOW)},
        {"observed": None},
        {"provenance": (replace(FROM, source="other"),)},
        {"provenance": (replace(FROM, digest="e" * 64),)},
        {"provenance": (replace(FROM, request="r" * 64),)},
        {"provenance": (FROM, FROM)},
        {"asked": {"measure_version": "2", "seed": 7}},
        {"asked": {"measure_version": "1", "seed": 8}},
    ],
)
def test_another_question_or_other_data_have_another_name(change: dict[str, Any]) -> None:
    """What was asked, of what content, over which window, by which version: each is part of the id."""
    assert replace(MADE, **change).id != MADE.id


@pytest.mark.parametrize(
    "change",
    [
        {"received_at": NOW + DAY},
        {"valid_until": None},
        {"closed": False},
        {"estimate": replace(MADE.estimate, value=-2.0000000001)},
        {"provenance": (replace(FROM, rows=None, citation="", licence=""),)},
    ],
)
def test_the_same_question_keeps_its_name(change: dict[str, Any]) -> None:
    """Neither the moment of the run nor the last digits of the answer are part of the id."""
    other = replace(MADE, **change)
    assert other != MADE
    assert other.id == MADE.id


@pytest.mark.parametrize("made", [MADE, replace(MADE, observed=None, valid_until=None)])
def test_a_record_reads_back(made: Evidence) -> None:
    """From its canonical bytes a record is the same record."""
    again = Evidence.from_json(json.loads(canonical(made.as_json())))
    assert again == made
    assert again.as_json() == made.as_json()


def test_a_census_reads_back_with_its_level_as_a_float() -> None:
    """Value, ends and level are floats however JSON wrote them; a count stays a whole number."""
    census = replace(MADE, estimate=replace(MADE.estimate, value=5.0, low=5.0, high=5.0, level=1.0))
    again = Evidence.from_json(json.loads(canonical(census.as_json()))).estimate
    assert [type(x) for x in (again.value, again.low, again.high, again.level)] == [float] * 4
    assert type(again.n) is int


@pytest.mark.parametrize(
    ("key", "value"), [("metric", "other"), ("asked", {"measure_version": "1", "seed": 8}), ("id", "0" * 64)]
)
def test_a_record_that_was_altered_is_refused(key: str, value: object) -> None:
    """An id that does not name the content is a fault."""
    with pytest.raises(ValueError, match="does not name its content"):
        Evidence.from_json({**MADE.as_json(), key: value})


def test_what_is_missing_reads_back() -> None:
    """Why evidence is not there is a record, too."""
    made = Missing("replies", "effect", "minutes", "below_min_n", "12 units")
    assert Missing.from_json(json.loads(canonical(made.as_json()))) == made


def test_provenance_is_complete() -> None:
    """Everything that tells where a number comes from is shown."""
    assert MADE.as_json()["provenance"] == [
        {"source": "rows", "fact": "unit", "digest": "d" * 64, "request": "q" * 64, "rows": 400,
         "citation": "Ann 2026", "licence": "CC-BY-4.0"}
    ]  # fmt: skip
