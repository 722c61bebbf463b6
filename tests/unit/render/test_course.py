"""A running effect over time: every look where it belongs, in words as well, on a page and on a phone."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.render import rows

from headway.render import html
from headway.render import json as json_face
from headway.render.course import Course, course, e_words
from headway.render.course import rows as table
from headway.render.page import view
from headway.render.pictures import Axis
from headway.render.promotion import promotion_bars
from headway.render.scale import width_of
from headway.render.strokes import SIZE

RELATIVE = Axis("relative change", "change against control", -0.1, "objective −10.0 %", -1)
BEGIN = date(2026, 1, 5)


def looks(n: int = 60, early: int = 6, *, step: int = 1, e: bool = True) -> list[dict[str, Any]]:
    """An interval that narrows about −8 %, with no look on the first days."""
    made: list[dict[str, Any]] = []
    for i in range(n):
        one: dict[str, Any] = {"day": (BEGIN + timedelta(days=i * step)).isoformat(), "n": 40 * (i + 1)}
        if i >= early:
            wide = 0.6 / math.sqrt(i + 1)
            one |= {"value": -0.08, "low": -0.08 - wide, "high": -0.08 + wide}
            one |= {"low_once": -0.08 - wide / 2, "high_once": -0.08 + wide / 2}
            one |= {"log_e_one_sided": 0.1 * i - 1} if e else {}
        made.append(one)
    return made


def drawn(of: Course) -> list[ET.Element]:
    """Both drawings, parsed."""
    made = course(of, "c1", "Waiting: minutes at every look")
    return list(ET.fromstring(f"<all>{made}</all>"))  # noqa: S314  our own text, a moment old


def kinds(picture: ET.Element) -> list[str]:
    """Classes of everything in a drawing."""
    return [e.get("class", "") for e in picture]


def points(path: ET.Element) -> list[tuple[float, float]]:
    """The points of a path."""
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", path.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def one(picture: ET.Element, kind: str) -> ET.Element:
    """The first element of a class."""
    return next(e for e in picture if e.get("class") == kind)


def test_it_is_drawn_for_a_page_and_for_a_phone_and_named_in_both() -> None:
    """Each has a title and a description that says what it shows, under ids of its own."""
    pictures = drawn(Course(looks(), RELATIVE))
    assert [p.get("class") for p in pictures] == ["picture wide", "picture narrow"]
    for picture in pictures:
        title, told = list(picture)[:2]
        assert picture.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
        assert title.text == "Waiting: minutes at every look"
        assert "54 looks from 2026-01-11 to 2026-03-05" in (told.text or "")
        assert "interval −15.7 to −0.25 %" in (told.text or "")
    assert len({p[0].get("id") for p in pictures}) == 2


def test_nothing_is_drawn_before_the_first_look_that_was_allowed() -> None:
    """Band, estimate and e-value begin on its day; a dotted line says so."""
    for picture in drawn(Course(looks(), RELATIVE)):
        first = float(one(picture, "first-look").get("x1", ""))
        for kind in ("band", "once", "course"):
            assert min(x for x, _ in points(one(picture, kind))) == pytest.approx(first, abs=0.1)
        assert first > min(float(e.get("x1", "inf")) for e in picture if e.get("class") == "grid")


def test_the_interval_for_one_look_lies_inside_the_one_for_every_look() -> None:
    """And the estimate inside both, on every day."""
    for picture in drawn(Course(looks(), RELATIVE)):
        band, once = points(one(picture, "band")), points(one(picture, "once"))
        n = len(band) // 2
        for i in range(n):
            outer, inner = (band[i][1], band[-1 - i][1]), (once[i][1], once[-1 - i][1])
            assert outer[0] <= inner[0] <= points(one(picture, "course"))[i][1] <= inner[1] <= outer[1]


def test_the_promised_side_is_tinted_and_better_has_its_arrow() -> None:
    """Below the line where less is better, above it where more is."""
    for good, objective in ((-1, -0.1), (1, 0.1)):
        axis = Axis("relative change", "change against control", objective, "objective", good)
        picture = drawn(Course(looks(), axis))[0]
        tint = one(picture, "good")
        objectives = [e for e in picture if e.get("class") == "objective"]
        across = next(float(e.get("y1", "")) for e in objectives if float(e.get("x1", "")) == 64)
        start, tall = float(tint.get("y", "")), float(tint.get("height", ""))
        assert (start if good < 0 else start + tall) == pytest.approx(across, abs=0.1)
        words = " ".join(e.text or "" for e in picture)
        assert ("↓ better" in words, "↑ better" in words) == (good < 0, good > 0)


def test_without_a_proof_the_band_is_dashed_and_there_is_no_e_value() -> None:
    """An open-ended metric is drawn and promises nothing (HW409)."""
    of = Course(looks(), RELATIVE, void=True)
    for picture in drawn(of):
        assert "band" not in kinds(picture)
        assert kinds(picture).count("band-edge") == 2
        assert kinds(picture).count("course") == 1
        assert "does not hold" in (picture[1].text or "")
    assert {row["e"] for row in table(of)} == {""}


def test_the_bar_of_promotion_is_drawn_where_it_is_known() -> None:
    """Even where it lies far above what was reached."""
    for picture in drawn(Course(looks(), RELATIVE, bar=200.0)):
        assert "promotion asks 200" in " ".join(e.text or "" for e in picture)


@pytest.mark.parametrize("n", [2, 5, 9, 30, 130, 400])
@pytest.mark.parametrize("step", [1, 7])
def test_no_word_lies_over_another_and_none_leaves_the_drawing(n: int, step: int) -> None:
    """From two days to seven years, on both sheets."""
    for picture in drawn(Course(looks(n, 0, step=step), RELATIVE)):
        wide = float(picture.get("viewBox", "").split()[2])
        boxes = []
        for e in picture:
            if not e.tag.endswith("text"):
                continue
            long = width_of(e.text or "", SIZE)
            start = float(e.get("x", "")) - long * {"end": 1.0, "middle": 0.5}.get(
                e.get("class", "").split()[-1], 0
            )
            assert start >= -1
            assert start + long <= wide + 1
            boxes.append((start, start + long, float(e.get("y", "")), e.text))
        for i, (left, right, y, _) in enumerate(boxes):
            for other_left, other_right, other_y, _ in boxes[i + 1 :]:
                assert abs(y - other_y) >= 11 or right <= other_left or other_right <= left


def test_what_cannot_be_drawn_is_not() -> None:
    """One look is a point; numbers beyond every axis have no place."""
    assert course(Course(looks(7), RELATIVE), "c", "t") == ""
    huge = [{**k, "high": 1e301} for k in looks(9, 0)]
    assert course(Course(huge, RELATIVE), "c", "t") == ""
    assert "e-value" not in course(Course(looks(e=False), RELATIVE), "c", "t")


def test_a_line_leaves_the_panel_and_does_not_run_along_its_edge() -> None:
    """The first intervals may be cut: their dashed edges stop there."""
    wide = [{**k, "high": 9.0, "low": -9.0} if i < 3 else k for i, k in enumerate(looks(60, 0))]
    edge = one(drawn(Course(wide, RELATIVE, void=True))[0], "band-edge")
    assert len(points(edge)) < 57


@pytest.mark.parametrize(
    ("log_e", "words"),
    [
        (math.log(4.06), "e 4.06"), (math.log(250.4), "e 250"), (math.log(3e7), "e 10⁷"), (1e6, "e > 10¹²"),
        (math.log(0.031), "e 0.03"),
    ],
)  # fmt: skip
def test_an_e_value_is_told_as_far_as_anybody_reads_it(log_e: float, words: str) -> None:
    """Digits below a million, then its power of ten, and no more than a million million."""
    assert e_words(log_e) == words


def test_the_page_shows_the_outcome_and_folds_the_rest() -> None:
    """Pictures with their numbers as a table; metrics beside the outcome open on demand."""
    outcome = rows.effect("minutes", "outcome", -0.08, -0.16, 0.0)
    proxy = rows.effect("drafts", "proxy", -0.08, -0.16, 0.0)
    for row in (outcome, proxy):
        row["estimate"]["detail"]["looks"] = looks()
    record = rows.portfolio([rows.initiative("trial", evidence=[outcome, proxy])])
    page = html.review(record, 100)
    assert page.count('<figure class="over-time">') == 2
    assert "1 metric beside it, at every look" in page
    assert page.index("minutes look by look") < page.index("drafts look by look")
    assert page.count('<tr><th scope="row"><time') >= 20


@pytest.mark.parametrize(("of", "bar"), [("initiatives", "50"), ("money", "200")])
def test_the_e_values_run_towards_what_promotion_asks(of: str, bar: str) -> None:
    """The bar is that of the initiative's own list, as the portfolio counts."""
    outcome = rows.effect("minutes", "outcome", -0.08, -0.16, 0.0)
    outcome["estimate"]["detail"]["looks"] = looks()
    record = rows.portfolio([rows.initiative("trial", evidence=[outcome])])
    needs = {"by_count": {"log_needed": math.log(50)}, "by_money": {"log_needed": math.log(200)}}
    asking = {"initiative": "trial", "metric": "minutes", **needs}
    bars = promotion_bars({"of": of, "lists": [{"rows": [asking]}]})
    assert f"promotion asks {bar}" in view(record["initiatives"][0], 1, bars["trial"])["courses"][0]["svg"]
    assert promotion_bars(None) == {}


def test_past_looks_stand_on_one_line_of_the_record() -> None:
    """The text is the record, and no longer than it must be."""
    outcome = rows.effect("minutes", "outcome", -0.08, -0.16, 0.0)
    outcome["estimate"]["detail"]["looks"] = looks()
    record = rows.portfolio([rows.initiative("trial", evidence=[outcome])])
    text = json_face.review(record, 100)
    assert json.loads(text) == record
    assert sum('"day": "2026' in line for line in text.splitlines()) == 1
