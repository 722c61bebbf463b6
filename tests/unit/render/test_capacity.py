"""A capacity record in words and pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.measures.test_capacity import BILL, DRAWING, GPU, POOL, bill, fleet
from tests.unit.small import Declare, reviewed

from headway.render import capacity_words as words
from headway.render.capacity_page import answer_bars
from headway.render.html import review as page
from headway.render.load_picture import LoadPicture, load_picture, told

COURSE: dict[str, Any] = {
    "starts": 1_772_323_200.0,
    "step": 3600.0,
    "split": 1_772_330_400.0,
    "mean": [1.0, None, 2.0, 1.0],
    "peak": [2.0, None, 4.0, 1.5],
    "granted": [8.0, None, 8.0, 8.0],
    "replayed": [None, None, 3.0, 3.5],
    "short": [None, None, 0.25, 0.0],
}


def row(**more: Any) -> dict[str, Any]:
    """A row without advice."""
    history = {"level": "none", "sufficient_on": "2026-03-03", "saturated": False}
    empty = {"advised": None, "direction": None, "replayed": None, "promised": None, "saving_per_month": None}
    return {
        "workload": "p",
        "unit": "devices",
        "now": 2.0,
        "history": history,
        "why_not": None,
        **empty,
        **more,
    }


class TestWords:
    """Cells of a table."""

    def test_more_and_less_are_told_apart(self) -> None:
        """What shrinks is a share of now, what grows is a share on top."""
        assert words.saving(row(advised=1.0, direction="down")) == "50.0 %"
        assert words.saving(row(advised=3.0, direction="up")) == "+50 %"
        assert words.advised(row(advised=3.0, direction="up")) == "3 ↑"

    def test_what_is_not_known_is_a_dash(self) -> None:
        """Never a nought."""
        cells = (words.advised, words.saving, words.short, words.promised)
        assert [cell(row()) for cell in cells] == ["–"] * 4
        assert words.monthly(row(), "EUR") == "–"

    def test_why_nothing_is_advised_and_until_when(self) -> None:
        """An autoscaler does not go away by waiting."""
        short = row(why_not={"code": "HW440", "why": "11 h of history"})
        assert words.why_not(short) == "HW440: 11 h of history; enough on 3 Mar 2026"
        assert words.why_not(row(why_not={"code": "HW450", "why": "driven"})) == "HW450: driven"
        assert words.why_not(row(why_not={"code": "", "why": "observed"})).startswith("observed")

    def test_bytes_are_written_by_their_size(self) -> None:
        """And other amounts leave the unit to the heading."""
        assert [words.bare(v, "bytes") for v in (5.0, 2e6, 3e9, 4e12)] == ["5 bytes", "2 MB", "3 GB", "4 TB"]
        assert words.bare(0.5, "devices") == "0.5"

    def test_a_saturated_history_says_so(self) -> None:
        """Beside its level."""
        history = {"level": "static", "sufficient_on": None, "saturated": True}
        assert words.history(row(history=history)) == "whole, saturated"

    def test_a_replay_that_needed_more_says_more(self) -> None:
        """The headline does not call growth a saving."""
        ends = {"value": -0.2, "low": -0.3, "high": -0.1}
        replayed = {"saving": ends, "short": {"value": 0.0, "low": 0.0, "high": 0.0}}
        one = {
            "resource": "gpu",
            "unit": "devices",
            "why_not": "",
            "sufficient_on": None,
            "granted": 2.0,
            "need": {"value": 2.4, "low": 2.2, "high": 2.6},
            "replayed": replayed,
            "advised": {"up": 1, "down": 0, "keep": 0},
            "workloads": 2,
            "saving_per_month": None,
        }
        record = {
            "observe": False,
            "portfolio": {"currency": "EUR"},
            "components": [{"title": "Pool", "dated": True, "resources": [one]}],
        }
        (said,) = words.headline(record)
        assert "20.0 % more (−30 to −10 %)" in said
        assert "1 must grow, 1 without advice" in said


class TestPicture:
    """A load over time against its grants."""

    def test_load_grants_and_breaches_are_drawn_and_told(self) -> None:
        """A gap stays a gap, the part learned from is tinted, and each breach is a mark."""
        of = LoadPicture(COURSE, "devices", "Europe/Berlin")
        text = load_picture(of, "x", "GPU & more")
        assert text.count("<svg") == 2
        assert text.count('class="breach"') == 2
        assert 'class="seen"' in text
        (area,) = re.findall(r'class="load" d="([^"]+)"', text)[:1]
        assert area.count("M") == 2
        assert "GPU &amp; more" in text
        assert told(of)[1].endswith("use was above it in 1 of 2 steps (50.0 %).")

    def test_only_steps_short_more_often_than_allowed_are_marked(self) -> None:
        """A fleet is always short somewhere."""
        assert LoadPicture(COURSE, "", short=0.3).breaches == []

    def test_without_a_replay_only_the_past_is_drawn(self) -> None:
        """Nothing was learned, so nothing is tinted; what was never seen is not drawn at all."""
        bare = {**COURSE, "split": None, "replayed": [None] * 4, "short": [None] * 4}
        text = load_picture(LoadPicture(bare, ""), "x", "t")
        assert 'class="seen"' not in text
        assert len(told(LoadPicture(bare, ""))) == 1
        empty = {**bare, "mean": [None] * 4, "peak": [None] * 4, "granted": [None] * 4}
        assert load_picture(LoadPicture(empty, ""), "x", "t") == ""

    @pytest.mark.parametrize(("hours", "label"), [(6, "02:00"), (30 * 24, "29 Mar"), (400 * 24, "24 Feb")])
    def test_the_axis_has_hours_or_days(self, hours: int, label: str) -> None:
        """As many as have room, in the portfolio's time zone."""
        steps = {n: [1.0] * 100 for n in ("mean", "peak", "granted", "replayed", "short")}
        course = {**steps, "starts": COURSE["starts"], "step": hours * 36.0, "split": None}
        assert label in load_picture(LoadPicture(course, "", "Europe/Berlin"), "x", "t")


def test_answers_that_were_not_measured_have_no_bar() -> None:
    """They stand in words beside it."""
    one = {"name": "idle", "share": 0.5, "low": None, "high": None, "means": ""}
    other = {"name": "pool", "share": None, "low": None, "high": None, "means": "not measured"}
    assert answer_bars([one, other], "x", "Pool").count('class="bar idle"') == 2
    assert answer_bars([other], "x", "Pool") == ""


class TestReview:
    """The same in the review's page."""

    def test_an_initiative_with_a_meter_shows_its_capacity_and_waste(self, declare: Declare) -> None:
        """A small picture, the lines of waste, and its definition."""
        pool = POOL + "cost: {select: [{column: {SubAccountId: a}}]}\n"
        folder: Path = declare(gpu=GPU, pool=pool, bill=BILL, initiative=DRAWING)
        fleet(folder, bins=5 * 96)
        bill(folder)
        text = page(reviewed(folder).as_json(), 100)
        assert "<h3>Capacity and waste</h3>" in text
        assert 'class="replayed"' in text
        assert "Waste is the cost that a replay of the named policy avoids" in text
        assert "releasable idle" in text

    def test_a_history_that_is_too_short_says_so_in_its_place(self, declare: Declare) -> None:
        """No picture of a replay, and the day on which there is enough."""
        folder: Path = declare(gpu=GPU, pool=POOL, initiative=DRAWING)
        fleet(folder, bins=80)
        text = page(reviewed(folder).as_json(), 100)
        assert 'class="replayed"' not in text
        assert "enough on 2026-03-03" in text
