"""The promotion budget reads the same on the terminal, in Markdown and on the page; its picture is told."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from tests.unit.render import budgets, records
from tests.unit.render.reading import Page

from headway.render import html, markdown, promotion, table
from headway.render.stairs import stairs


def record(budget: dict[str, Any] | None = None) -> dict[str, Any]:
    """A rich review with a promotion budget."""
    made = records.rich()
    names = [i["name"] for i in made["initiatives"]]
    made["promotion"] = budget or budgets.full(names)
    return made


def flat(text: str) -> str:
    """Words without line ends, Markdown's escapes and glued blanks."""
    return " ".join(re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ").split())


FACES = {
    "table": lambda made: flat(table.review(made, 100, full=True)),
    "markdown": lambda made: flat(markdown.review(made, 100)),
    "html": lambda made: Page(html.review(made, 100)).text.replace("\u00a0", " "),
}


@pytest.mark.parametrize("face", FACES)
def test_every_face_tells_the_budget_and_its_lists(face: str) -> None:
    """What may be false, slots, envelope, each list by itself, each e-value with what it needs."""
    made = record()
    text = FACES[face](made)
    for words in (
        *promotion.lead(made),
        "List A, which holds by design",
        "List B, which holds only if the assumption of its comparisons does",
        "Accepted by count: 1; by money: 1, for 900,000 EUR.",
        "accepted: needed 25 beside 1 other",
        "needs 50 alone, 25 beside 2 others",
        "would be accepted: needed 50 alone",
        "asks for no money that the envelope holds",
        "not frozen, 2026-03-30",
        "share 15 units (5.0 % of the smaller pilot), and are frozen at their ends alone",
        "control × old, 12 units, means 0.2 and 4.5",
        "assisted × new, 3 units, means not shown and not shown",
        "units not compared, because source 'x' is summed already",
    ):
        assert words in text, words


@pytest.mark.parametrize("face", FACES)
def test_no_budget_no_word_of_it(face: str) -> None:
    """Without a declared budget the review is as it was."""
    made = records.rich()
    made["promotion"] = None
    assert "romotion budget" not in FACES[face](made)


def test_who_waits_is_named_and_many_are_counted() -> None:
    """Four names, then how many more."""
    many = [f"i{n}" for n in range(6)]
    made = record(budgets.budget([], waiting=many))
    assert promotion.lead(made)[1].endswith("waiting for the next year: i0, i1, i2, i3 and 2 more.")
    assert promotion.lead(record(budgets.budget([])))[1].endswith("2 are free.")
    few = record(budgets.budget([], waiting=many[:1], envelope=None))
    assert (len(promotion.lead(few)), promotion.lead(few)[1].endswith("next year: i0.")) == (2, True)


def test_money_is_named_only_where_it_is_counted() -> None:
    """Without an envelope there is one version."""
    rows = [budgets.asking("a", 60, by_money=None)]
    made = record(budgets.budget(rows, envelope=None))
    ((_, accepted, (line,)),) = promotion.lists(made)
    assert (accepted, line.money) == ("Accepted by count: 1.", "")
    assert "By money" not in Page(html.review(made, 100)).text


def test_by_money_it_is_money_that_says_who_is_in() -> None:
    """The mark follows what the portfolio counts."""
    rows = [
        budgets.asking("a", 60, by_money=budgets.standing(accepted=False)),
        budgets.asking("b", 50, by_money=None),
    ]
    made = record(budgets.budget(rows, of="money"))
    ((_, _, lines),) = promotion.lists(made)
    assert [line.inside for line in lines] == [False, False]
    assert promotion.lead(made)[0] == "At most 10 % of promoted money in 2026 may be false."


def test_a_long_list_is_cut_and_counted_but_for_all() -> None:
    """The terminal shows five, Markdown twenty, and both say how many more there are."""
    rows = [budgets.asking(f"i{n:02}", 100 - n) for n in range(25)]
    made = record(budgets.budget(rows))
    assert "and 20 more; `--all` shows them" in flat(table.review(made, 100))
    assert "i24" in table.review(made, 100, full=True)
    assert "and 5 more" in FACES["markdown"](made)


def test_nobody_to_ask_is_said_on_the_page() -> None:
    """An empty list is no picture."""
    page = Page(html.review(record(budgets.budget([])), 100))
    assert "Nobody has an e-value to ask with." in page.text
    assert stairs(budgets.budget([]), [], "x", "title") == ""


def test_the_picture_is_told_in_words() -> None:
    """Rank, e-value, stair and state of each, in the order drawn; the stairs fall with the rank."""
    made = record()["promotion"]
    text = stairs(made, made["lists"][0]["rows"], "p", "E-values")
    told = re.findall(r"<desc[^>]*>(.*?)</desc>", text)
    assert len(told) == 2
    assert told[0] == told[1]
    assert [re.sub(r": .*?,", ":", t).strip() for t in told[0].rstrip(".").split(". ")] == [
        "1: e-value 609, stair 50, frozen, accepted",
        "2: e-value 35.7, stair 25, frozen, not accepted",
        "3: e-value 0.02, stair 16.7, not frozen, not accepted",
    ]


def test_marks_tell_in_from_out_and_frozen_from_not() -> None:
    """By form as well as by colour: a square is in, a circle is not, a hollow one is not frozen."""
    rows = [
        budgets.asking("a", 609),
        budgets.asking("b", 60, frozen=False),
        budgets.asking("c", 3, by_count=budgets.standing(accepted=False)),
        budgets.asking("d", 2, frozen=False, by_count=budgets.standing(accepted=False)),
    ]
    text = stairs(budgets.budget(rows), rows, "p", "E-values").partition("</svg>")[0]
    marks = re.findall(r'<(rect|circle) class="(e-value[^"]*)"', text)
    assert marks == [
        ("rect", "e-value in"), ("rect", "e-value in open"), ("circle", "e-value out"),
        ("circle", "e-value out open"),
    ]  # fmt: skip


@pytest.mark.parametrize("e", [1e-9, 0.5, 1.0, 60.0, 1e12])
def test_whatever_its_size_a_mark_stays_on_the_sheet(e: float) -> None:
    """Beyond a tenth and a hundred thousand it lies at the edge."""
    rows = [budgets.asking("a", e)]
    for svg in stairs(budgets.budget(rows), rows, "p", "E-values").split("</svg>")[:2]:
        height = float(re.findall(r'viewBox="0 0 \S+ (\S+)"', svg)[0])
        (y,) = (float(v) for v in re.findall(r'<rect class="e-value in" x="[^"]+" y="([^"]+)"', svg))
        assert 0 < y < height - 40


def test_an_approach_with_half_a_slot_is_drawn_at_half_its_e_value() -> None:
    """So that the same stairs hold for it."""
    whole, half = budgets.asking("a", 30), budgets.asking("a", 60, approaches=2)
    drawn = [stairs(budgets.budget([r]), [r], "p", "t") for r in (whole, half)]
    ys = [re.findall(r'<rect class="e-value in"[^>]* y="([^"]+)"', d)[0] for d in drawn]
    assert ys[0] == ys[1]
    assert math.isclose(whole["log_e"], half["log_e"] - math.log(2))


def test_ranks_are_numbered_while_there_is_room() -> None:
    """Of sixty every fifth, and a single one always."""
    rows = [budgets.asking(f"i{n}", 1000 - n) for n in range(60)]
    narrow = stairs(budgets.budget(rows), rows, "p", "t").split("</svg>")[1]
    assert re.findall(r'tick-text middle"[^>]*>(\d+)<', narrow) == [str(n) for n in range(5, 61, 5)]
