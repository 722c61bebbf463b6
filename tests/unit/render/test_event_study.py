"""A rollout is drawn by time since the start: placebos before it, effects from it on, one band over all."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from headway.render.event_study import NARROW, WIDE, Study, event_study, rows
from headway.render.pictures import Axis

AXIS = Axis("relative change", "change against units not treated yet", good=1)


def step(since: int, value: float = 0.1, half: float = 0.05) -> dict[str, Any]:
    """One row of the record."""
    ends = {"low": value - half, "high": value + half}
    return {
        "since": since, "value": value, **ends, "band_low": value - 2 * half, "band_high": value + 2 * half
    }  # fmt: skip


STEPS = [step(-2, 0.0), step(-1, 0.01), step(0, 0.1), step(1, 0.2)]


@pytest.mark.parametrize("sheet", [WIDE, NARROW], ids=["wide", "narrow"])
def test_before_and_after_the_start_are_told_apart(sheet: Any) -> None:
    """Two hollow placebos left of the line of the start, two effects right of it, each in its band."""
    whole = ET.fromstring(f"<all>{event_study(Study(STEPS, AXIS), 'i', 'Rollout')}</all>")  # noqa: S314 - our own
    drawing = next(d for d in whole if sheet.name in d.attrib["class"])
    start = float(next(e for e in drawing if e.attrib.get("class") == "study-start").attrib["x1"])
    points = [e for e in drawing if e.attrib.get("class", "").startswith("study-point")]
    assert [float(p.attrib["cx"]) < start for p in points] == [True, True, False, False]
    assert ["placebo" in p.attrib["class"] for p in points] == [True, True, False, False]
    bands = [e for e in drawing if e.attrib.get("class", "").startswith("study-band")]
    for band, point in zip(bands, points, strict=True):
        top = float(band.attrib["y"])
        assert top < float(point.attrib["cy"]) < top + float(band.attrib["height"])
    heights = [float(p.attrib["cy"]) for p in points]
    assert heights[3] < heights[2] < heights[1]


def test_the_picture_says_everything_in_words() -> None:
    """Whoever does not see it is told every step; the same stands in a table."""
    made = event_study(Study(STEPS, AXIS), "i", "Rollout")
    told = re.findall(r"<desc[^>]*>([^<]*)", made)[0]
    assert "−2: +0.0 % (−5.0 % to +5.0 %)" in told
    assert "1: +20.0 % (+15.0 % to +25.0 %)" in told
    assert [r["since"] for r in rows(Study(STEPS, AXIS))] == ["−2", "−1", "0", "1"]
    assert rows(Study(STEPS, AXIS))[3]["all"] == "+10.0 % to +30.0 %"


def test_what_has_no_place_on_an_axis_is_not_drawn() -> None:
    """Fewer than two steps, steps without an interval or beyond all numbers give no picture."""
    alone = {"since": 0, "value": 1.0, "band_low": 1.0, "band_high": 1.0}
    assert not event_study(Study([step(0)], AXIS), "i", "t")
    assert not event_study(Study([alone, step(1)], AXIS), "i", "t")
    assert not event_study(Study([step(0, float("inf")), step(1)], AXIS), "i", "t")


def test_many_steps_name_as_many_as_have_room() -> None:
    """Sixty weeks are drawn, and no two names of an axis meet."""
    made = event_study(Study([step(e) for e in range(-30, 30)], AXIS), "i", "t")
    narrow = made[made.index("picture narrow") :]
    ticks = re.findall(r'class="tick-text middle" x="([0-9.]+)"[^>]*>([^<]+)', narrow)
    places = [float(x) for x, _ in ticks]
    assert 3 < len(ticks) < 20
    assert all(b - a > 20 for a, b in pairwise(places))


def test_without_a_before_there_is_no_line_between() -> None:
    """Effects alone, as of a drawn order whose first period is a start."""
    assert "study-start" not in event_study(Study(STEPS[2:], AXIS), "i", "t")
