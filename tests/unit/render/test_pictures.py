"""Pictures put numbers where they belong, and never one word over another."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.render.pictures import NARROW, SHEETS, WIDE, Axis, Mark, bars, forest, labelled
from headway.render.scale import Scale, covering, fitted, tick_text, width_of, wrapped
from headway.render.strokes import SIZE, Sheet, span_of

RELATIVE = Axis("relative change", "change against control", -0.1, "objective −10.0 %", -1)
FINITE = st.floats(-1e300, 1e300)


def mark(low: float, value: float, high: float, kind: str = "outcome", **more: Any) -> Mark:
    """A row."""
    made: dict[str, Any] = {
        "label": "reopened claims",
        "note": kind,
        "number": "a number",
        "ends": "its ends",
    }
    return Mark(low=low, value=value, high=high, kind=kind, **{**made, **more})


def drawn(marks: list[Mark], axis: Axis = RELATIVE) -> dict[str, ET.Element]:
    """Both sheets, parsed."""
    root = ET.fromstring(f"<both>{forest(marks, axis, 'id', 'a title')}</both>")  # noqa: S314  our own text
    return dict(zip((s.name for s in SHEETS), root, strict=True))


def kinds(svg: ET.Element, kind: str) -> list[ET.Element]:
    """The elements of a class."""
    return [e for e in svg.iter() if kind in e.get("class", "").split()]


def number(element: ET.Element, name: str) -> float:
    """A place."""
    return float(element.get(name, "nan"))


def ticks(svg: ET.Element) -> tuple[float, float]:
    """Where zero is and how far one is from it, read from the labels of the axis."""
    places = {}
    for line, text in zip(kinds(svg, "tick"), kinds(svg, "tick-text"), strict=True):
        said = (text.text or "").replace("−", "-").removesuffix(" %")
        places[float(said) / 100] = number(line, "x1")
    other = max(places, key=abs)
    return places[0.0], (places[other] - places[0.0]) / other


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_number_lies_where_the_axis_says(sheet: Sheet) -> None:
    """Point, both ends, zero and objective stand where the printed ticks put them."""
    svg = drawn([mark(-0.191, -0.152, -0.113), mark(-0.35, -0.31, -0.27, "proxy")])[sheet.name]
    zero, one = ticks(svg)
    at = [pytest.approx(zero + v * one, abs=0.6) for v in (-0.191, -0.113, -0.152, -0.31, 0.0, -0.1)]
    interval, ring = kinds(svg, "interval")[0], kinds(svg, "point")[1]
    square = number(kinds(svg, "point")[0], "x") + 4.5
    lines = [number(kinds(svg, k)[0], "x1") for k in ("zero", "objective")]
    assert [number(interval, "x1"), number(interval, "x2"), square, number(ring, "cx"), *lines] == at


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize(("good", "side"), [(-1, "left"), (1, "right")])
def test_the_promised_side_is_tinted(sheet: Sheet, good: int, side: str) -> None:
    """The tint runs from the objective to the end that is better, and over outcomes alone."""
    axis = Axis("relative change", "change", 0.1 * good, "objective", good)
    svg = drawn([mark(-0.2, 0, 0.2), mark(-0.2, 0, 0.2, "proxy")], axis)[sheet.name]
    (tint,) = kinds(svg, "good")
    line = number(kinds(svg, "objective")[0], "x1")
    edges = (number(tint, "x"), number(tint, "x") + number(tint, "width"))
    assert edges == pytest.approx((sheet.left, line) if side == "left" else (line, sheet.right), abs=0.1)


def test_an_objective_is_drawn_for_outcomes_only() -> None:
    """A proxy was promised nothing; without a good side there is a line and no tint."""
    assert kinds(drawn([mark(-1, 0, 1, "proxy")])["wide"], "objective") == []
    neither = drawn([mark(-1, 0, 1)], Axis("EUR", "EUR", 0.5, "objective"))["wide"]
    assert kinds(neither, "objective")
    assert not kinds(neither, "good")
    assert not kinds(neither, "better")


@pytest.mark.parametrize("end", [math.inf, -math.inf, math.nan, 1.7e308])
def test_what_is_not_finite_is_never_drawn(end: float) -> None:
    """A row without a place on the axis is left out; nothing is drawn when no row is left."""
    assert forest([mark(-1, 0, end)], RELATIVE, "id", "t") == ""
    assert bars([mark(0, end, 1)], "id", "t") == ""
    svg = drawn([mark(-1, 0, end), mark(-0.2, 0.1, 0.3)])["wide"]
    assert len(kinds(svg, "point")) == 1
    assert "inf" not in ET.tostring(svg, "unicode")
    assert "nan" not in ET.tostring(svg, "unicode")


def test_an_objective_without_a_place_is_not_drawn() -> None:
    """The rows are drawn all the same."""
    svg = drawn([mark(-1, 0, 1)], Axis("EUR", "EUR", math.inf, "objective", 1))["wide"]
    assert kinds(svg, "point")
    assert not kinds(svg, "objective")


def test_an_outsized_interval_is_cut_with_an_arrow() -> None:
    """One interval a thousand times wider than the rest does not shrink the rest to points."""
    svg = drawn([mark(-0.2, -0.1, 0), mark(-0.3, -0.2, -0.1), mark(-90, 0.1, 90, "proxy")])["wide"]
    first = kinds(svg, "interval")[0]
    assert number(first, "x2") - number(first, "x1") > 30
    assert [e.get("d", "")[:1] for e in kinds(svg, "cut")] == ["M", "M"]


def words(svg: ET.Element, sheet: Sheet) -> list[tuple[float, float, float, str]]:
    """Every word with its left and right edge and its baseline."""
    made = []
    for text in svg.iter("text"):
        said = "".join(text.itertext())
        classes = text.get("class", "").split()
        anchor = next((a for a in ("middle", "end") if a in classes), "start")
        made.append((*span_of(number(text, "x"), anchor, said), number(text, "y"), said))
    return made


CASES = {
    "usual": [mark(-0.19, -0.15, -0.11), mark(-0.35, -0.31, -0.27, "proxy")],
    "equal": [mark(0.1, 0.1, 0.1)],
    "all zero": [mark(0, 0, 0)],
    "huge": [mark(-1e300, 1e299, 1e300)],
    "largest": [mark(-1e300, 0, 1e300)],
    "tiny": [mark(-2e-12, 1e-12, 3e-12)],
    "least": [mark(0, 5e-324, 5e-324)],
    "mixed": [mark(-5, 1e6, 2e6), mark(1e-6, 2e-6, 3e-6, "proxy")],
    "negative": [mark(-1234567, -1234566, -1234565)],
    "long words": [
        mark(-1, 0, 1, label="Donaudampfschiff" * 9, note="W" * 90, number="9" * 60, ends="8" * 90)
    ],
    "wide letters": [mark(-1, 0, 1, label="処理時間の平均" * 9, note="", number="１２３" * 20, ends="")],
}


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("unit", ["relative change", "EUR per year"])
def test_no_word_overlaps_another(name: str, sheet: Sheet, unit: str) -> None:
    """Words on one line stand apart and inside the drawing, whatever the numbers."""
    axis = Axis(unit, "difference in " + unit, -0.1, "objective −10.0 %", -1)
    svg = drawn(CASES[name], axis)[sheet.name]
    placed = words(svg, sheet)
    assert all(left >= -0.5 and right <= sheet.width * 1.02 for left, right, _, _ in placed), placed
    for i, (left, right, y, _) in enumerate(placed):
        for other_left, other_right, other_y, said in placed[i + 1 :]:
            assert abs(y - other_y) >= SIZE * 0.9 or right <= other_left or other_right <= left, said


@given(st.lists(st.tuples(FINITE, FINITE, FINITE), min_size=1, max_size=5), FINITE)
def test_every_picture_of_finite_numbers_is_whole(
    rows: list[tuple[float, float, float]], asked: float
) -> None:
    """Whatever finite numbers come, every place is finite and inside the drawing."""
    sorted_rows = [(min(r), sorted(r)[1], max(r)) for r in rows]
    marks = [mark(*r) for r in sorted_rows]
    for name, svg in drawn(marks, Axis("minutes", "m", asked, "objective", 1)).items():
        sheet = {"wide": WIDE, "narrow": NARROW}[name]
        for element in svg.iter():
            for key in ("x", "x1", "x2", "cx"):
                if element.get(key):
                    assert -6 <= number(element, key) <= sheet.width + 6


@given(FINITE, FINITE, st.integers(2, 9))
def test_ticks_are_few_and_inside(one: float, two: float, most: int) -> None:
    """There are never more ticks than asked for, and each lies on the axis."""
    low, high = sorted((one, two))
    scale = covering([(low, low, high)], [0.0], 0, 100)
    found = scale.ticks(most)
    assert len(found) <= most
    assert all(scale.low - abs(scale.low) * 1e-6 <= t <= scale.high + abs(scale.high) * 1e-6 for t in found)


def test_a_crowded_axis_keeps_one_tick() -> None:
    """Where no two labels have room, one stays."""
    crowded = labelled(Scale(0.9, 2.1, 0, 10), NARROW, lambda v: f"{v} of something long")
    assert [value for value, *_ in crowded] == [1.0]


def test_bars_are_as_long_as_their_shares() -> None:
    """A share of a half is half as long as the track, and an interval is a whisker over it."""
    svg = ET.fromstring(f"<b>{bars([mark(0.4, 0.5, 0.6, 'used'), mark(0, 0, 0, 'idle')], 'id', 't')}</b>")[0]  # noqa: S314
    track, bar = kinds(svg, "track")[0], kinds(svg, "bar")[0]
    assert number(bar, "width") == pytest.approx(number(track, "width") / 2)
    whisker = kinds(svg, "whisker")[0]
    assert number(whisker, "x2") - number(whisker, "x1") == pytest.approx(number(track, "width") * 0.2)
    assert len(kinds(svg, "whisker")) == 3


def test_a_picture_says_everything_in_words() -> None:
    """Title and description carry every row, for whoever does not see the drawing."""
    svg = drawn([mark(-0.2, -0.1, 0, grade="grade A"), mark(0, 0, 0, "proxy", note="", ends="")])["narrow"]
    assert svg.get("role") == "img"
    assert [svg.find(t).get("id") for t in ("title", "desc")] == str(svg.get("aria-labelledby")).split()  # type: ignore[union-attr]
    told = svg.findtext("desc") or ""
    assert "reopened claims, outcome: a number, its ends, grade A." in told
    assert "objective −10.0 %" in told
    assert "reopened claims: a number." in told


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (-0.2, "share", "−20 %"),
        (0.005, "relative change", "+0.5 %"),
        (25.0, "relative change", "+2,500 %"),
        (1e9, "relative change", "+1 bn"),
        (3e12, "EUR", "+3 tn"),
        (1e18, "EUR", "+1×10¹⁸"),
    ],
)
def test_ticks_speak_plainly(value: float, unit: str, said: str) -> None:
    """A tick's label is short, signed, and in the metric's unit."""
    assert tick_text(value, unit) == said


def test_words_are_cut_to_their_room() -> None:
    """A text breaks between words, is cut inside them, and marks that something is left out."""
    assert wrapped("one two three", 10, width_of("one two", 10), 2) == ["one two", "three"]
    assert wrapped("", 10, 100, 2) == []
    assert fitted("abc\u0301def", 10, width_of("abc…", 10)) == "abc\u0301…"
    assert fitted("anything", 10, 1) == "…"
