"""One treated group is drawn beside what it is compared with: for eyes, for ears, inside its sheet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.small import Declare, Rows, reviewed

from headway.render.counterfactual import NARROW, WIDE, counterfactual, legend
from headway.render.html import review

SCENE: dict[str, Any] = {
    "kind": "synthetic",
    "treated": "California",
    "unit": "packs",
    "periods": [str(y) for y in range(1980, 2000)],
    "starts": 12,
    "actual": [120.0 - t for t in range(12)] + [100.0 - 4 * t for t in range(8)],
    "without": [119.0 - t for t in range(20)],
    "placebos": [[0.5 * (-1) ** t for t in range(20)], [0.1 * t for t in range(20)]],
    "donors": 38,
}
FINITE = st.floats(-1e12, 1e12)


def drawn(of: dict[str, Any]) -> dict[str, ET.Element]:
    """Both sheets, parsed."""
    root = ET.fromstring(f"<both>{counterfactual(of, 'id', 'a title')}</both>")  # noqa: S314  our own text
    return dict(zip(("wide", "narrow"), root, strict=True))


def kinds(svg: ET.Element, kind: str) -> list[ET.Element]:
    """The elements of a class."""
    return [e for e in svg.iter() if kind in e.get("class", "").split()]


def words(svg: ET.Element) -> list[str]:
    """Every text that is seen."""
    return [str(e.text) for e in svg.iter("text")]


def points(line: ET.Element) -> list[tuple[float, float]]:
    """The places of a line."""
    pairs = (p.split(",") for p in str(line.get("points")).split())
    return [(float(x), float(y)) for x, y in pairs]


def test_both_courses_the_start_and_every_placebo_are_drawn() -> None:
    """The group and its mixture above; below, its distance and two others'; the start crosses both."""
    svg = drawn(SCENE)["wide"]
    assert len(kinds(svg, "actual")) == 2
    assert len([e for e in kinds(svg, "without") if e.tag == "polyline"]) == 1
    assert len(kinds(svg, "placebo")) == 2
    start = [float(e.get("x1", "nan")) for e in kinds(svg, "from")]
    assert len(set(start)) == 1
    before, after = points(kinds(svg, "actual")[0])[11:13]
    assert before[0] < start[0] < after[0]
    assert "treated from 1992" in words(svg)


def test_who_does_not_see_it_is_told() -> None:
    """The description names the group, the start, and both values at three moments."""
    told = str(drawn(SCENE)["wide"][1].text)
    assert "California from 1980 to 1999, treated from 1992, beside a mixture of 38 groups" in told
    assert "1999: 72 packs, against 100 packs." in told


def test_a_higher_value_is_drawn_higher() -> None:
    """The axis points up."""
    line = points(kinds(drawn(SCENE)["wide"], "actual")[0])
    assert line[0][1] < line[-1][1]


@pytest.mark.parametrize(("kind", "named"), [("trend", "earlier trend"), ("controlled", "others and trend")])
def test_a_trend_is_named_as_one_and_has_no_lower_half(kind: str, named: str) -> None:
    """Without placebos there is one panel."""
    of = {**SCENE, "kind": kind, "placebos": []}
    svg = drawn(of)["wide"]
    assert named in words(svg)
    assert kinds(svg, "placebo") == []
    assert "in grey" not in legend(of)
    assert "in grey" in legend(SCENE)


def test_a_share_is_told_in_per_cent() -> None:
    """Nobody reads 0.19 of claims."""
    of = {**SCENE, "unit": "share", "actual": [0.2, 0.1], "without": [0.2, 0.2], "placebos": [[0.0, 0.05]],
          "periods": ["1", "2"], "starts": 1}  # fmt: skip
    seen = words(drawn(of)["wide"])
    assert "20 %" in seen
    assert any(w.startswith("+") and w.endswith(" %") for w in seen)


@given(
    st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=40),
    st.text(min_size=1, max_size=60),
    st.data(),
)
def test_nothing_leaves_the_drawing(
    values: list[tuple[float, float]], name: str, data: st.DataObject
) -> None:
    """Whatever the numbers and names, every line lies inside its sheet and every mark is a number."""
    starts = data.draw(st.integers(1, len(values) - 1))
    # The page's own escape handles what a name may hold; XML holds no control characters at all.
    plain = name.encode("utf-8", "ignore").decode().translate(dict.fromkeys(range(32)))
    actual, without = ([pair[i] for pair in values] for i in (0, 1))
    of = {**SCENE, "treated": plain, "actual": actual, "without": without, "starts": starts}
    of |= {"placebos": [[w - a for a, w in values]], "periods": [str(i) for i in range(len(values))]}
    for sheet in (WIDE, NARROW):
        svg = drawn(of)[sheet.name]
        height = float(str(svg.get("viewBox")).split()[3])
        for line in svg.iter("polyline"):
            assert all(0 <= x <= sheet.width and 0 <= y <= height for x, y in points(line))


def test_what_has_no_place_on_an_axis_is_not_drawn() -> None:
    """A single period, or a value beyond every axis."""
    assert counterfactual({**SCENE, "periods": ["1"]}, "id", "t") == ""
    assert counterfactual({**SCENE, "actual": [1e301] * 20}, "id", "t") == ""


def test_the_report_of_a_treated_group_shows_it(declare: Declare) -> None:
    """From rows to the page, with its legend below."""
    cells = [(t, g) for t in range(16) for g in range(4)]
    rows: Rows = {
        "unit_id": ["abcd"[g] for _, g in cells],
        "period": [t for t, _ in cells],
        "starts": [None if g else 12 for _, g in cells],
        "y": [10 + (t * 7 + g * 3) % 5 - 4 * (g == 0 and t >= 12) + 0.1 * g * t for t, g in cells],
    }
    pilot = """\
design: synthetic
source: units
unit: office
metric: y
objective: {change: "-1", scale: absolute}
dates: {starts: 2020-01-01, ends: 2026-03-01}
"""
    source = "source: units\nkind: file\npath: units.parquet\nfact: panel\n"
    page = review(reviewed(declare(pilot, rows, source=source)).as_json(), 100)
    assert page.count('class="picture wide"') >= 2
    assert "The solid line is a; the dashed one is a mixture of 3 groups that nobody treated." in page
