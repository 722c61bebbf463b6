"""The page shows every number of the record, whole and escaped, and asks nothing of the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from tests.unit.render import records
from tests.unit.render.reading import Page

from headway.render import changes, cover, figures
from headway.render.html import review
from headway.render.page import anchor, sources_of
from headway.render.people import person
from headway.render.summary import headline, waiting

STYLE = (files("headway.render") / "templates" / "style.css").read_text()
MAKERS = [records.rich, records.hostile, records.many, records.single, records.empty]


def page(record: dict[str, Any]) -> Page:
    """The page of a record, read."""
    return Page(review(record, 100))


def said(page: Page, words: str) -> bool:
    """Whether a reader finds the words."""
    return " ".join(words.replace("\u00a0", " ").split()) in page.text


@pytest.mark.parametrize("make", MAKERS)
def test_the_page_is_well_formed(make: Callable[[], dict[str, Any]]) -> None:
    """Tags are balanced, ids are unique, links inside the page arrive, pictures carry their words."""
    read = page(make())
    assert read.faults == []
    assert len(read.ids) == len(set(read.ids))
    targets = [a["href"] for a in read.all("a")]
    assert [t for t in targets if not t.startswith("#") or t[1:] not in read.ids] == []
    assert all(
        svg["role"] == "img" and set(svg["aria-labelledby"].split()) <= set(read.ids)
        for svg in read.all("svg")
    )
    assert read.all("html") == [{"lang": "en"}]
    assert all("scope" in th for th in read.all("th"))


@pytest.mark.parametrize("make", MAKERS)
def test_headings_skip_no_level(make: Callable[[], dict[str, Any]]) -> None:
    """One h1, and each heading is at most one level deeper than the one before it."""
    levels = [int(tag[1]) for tag, _ in page(make()).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_is_fetched_and_nothing_runs(make: Callable[[], dict[str, Any]]) -> None:
    """No script, no handler, no address to fetch from; a policy says so too."""
    text = review(make(), 100)
    read = Page(text)
    assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not [k for _, a in read.tags for k in a if k.startswith("on") or k in ("src", "srcset", "action")]
    assert "url(" not in text
    assert "@import" not in text
    policy = [m["content"] for m in read.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_equal_records_give_equal_bytes() -> None:
    """Nothing of the moment or the machine enters the page."""
    assert review(records.rich(), 80) == review(records.rich(), 200)


def test_text_stays_text() -> None:
    """Markup in any text is shown and not obeyed."""
    read = page(records.hostile())
    evil = records.hostile()["portfolio"]["title"]
    assert said(read, evil)
    assert read.text.count("<script>alert(1)</script>") >= 10
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|\b49\b", read.text)


def test_a_name_is_an_id_of_its_own() -> None:
    """No two names share an id, whatever is in them."""
    assert len({anchor(n) for n in ("a b", "a_b", "a-b", "a_20_b", 'a"b', "äb", "")}) == 7


def shown(record: dict[str, Any]) -> list[str]:
    """Every word and number of the record that a reader must find."""
    found = [record["portfolio"][k] for k in ("title", "rules", "mode")]
    for one in record["outcomes"]:
        found += [one[k] for k in ("title", "statement", "customer", "owner") if one[k]]
        for at in (one["baseline"] or {}, one["target"] or {}):
            found += [figures.declared(v) for k, v in at.items() if k != "by" and v is not None]
    found += [*cover.sentences(record), headline(record), *changes.lines(record, full=True)]
    for move in record["moves"]:
        found += [person(record, move["who"]), move["what"], move["requirement"], waiting(move, "EUR")]
    for gap in record["gaps"]:
        found += [gap["settled_by"], gap["mend"], *(r["id"] for r in gap["requirements"])]
    for one in record["initiatives"]:
        found += [
            one[k] for k in ("title", "problem", "stage", "accountable", "sponsor", "citation") if one[k]
        ]
        found += [figures.money(a, "EUR") for a in (one["forecast"] or {"per_year": []})["per_year"]]
        for row in one["requirements"]:
            found += [row["id"], row["saw"], row["need"], row["who"], row["guidance"], f"{row['state']}"]
        for row in one["evidence"]:
            found += evidence_words(row)
        found += [w["why"] for w in one["missing"]]
    for bill in record["totals"]["bill"].values():
        amounts = [bill["bill"], bill["allocated"], bill["unallocated"], *bill["initiatives"].values()]
        found += [figures.exact(a, figures.places_of(amounts)) for a in amounts]
        found += [figures.money(a, "EUR") for a in bill["by_grade"].values()]
    for one in record["diagnostics"]:
        place = one["place"]
        found += [one["what"], one["mend"], one["code"], f"{place['file']}:{place['line']}:{place['column']}"]
        found += [s["word"] for s in one["see"]]
    return found


def evidence_words(row: dict[str, Any]) -> list[str]:
    """What a reader must find of one estimate."""
    estimate, detail = row["estimate"], row["estimate"]["detail"]
    found = [figures.number(estimate), figures.interval(estimate), estimate["method"], row["sentence"]]
    found += [f"n {estimate['n']:,}" if estimate["n"] else "n not stated", *row["grade_reasons"]]
    found += [
        figures.span(row["observed"]),
        *(w for s in row["provenance"] for w in (s["citation"], s["licence"])),
    ]
    found += [figures.day(row["valid_until"])] if row["valid_until"] else ["not dated"]
    found += [f"{figures.exact(detail['cost_per_year'], 2)} EUR"] if "cost_per_year" in detail else []
    found += [figures.figure(v, "EUR per year") for v in detail.get("worth_by_grade", {}).values()]
    found += [f"{k} {figures.exact(v, 2)} EUR" for k, v in detail.get("cost_parts", {}).items()]
    return found


@pytest.mark.parametrize("make", [records.rich, records.hostile])
def test_everything_that_should_be_shown_is_shown(make: Callable[[], dict[str, Any]]) -> None:
    """Every number with its interval, n, grade and source, every requirement, amount and finding."""
    record = make()
    read = page(record)
    assert [w for w in shown(record) if w and not said(read, w)] == []


def test_the_order_is_that_of_a_board() -> None:
    """What changed, moves, what the evidence says, gaps; then all the rest, and how to read it."""
    found = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", review(records.rich(), 100))
    initiatives = [i["title"] for i in records.rich()["initiatives"]]
    assert found == [
        "AI at the house", "Since 1 Mar 2026 (today&#39;s files as of then)", "Next moves",
        "What the evidence says", "Missing evidence, by what would settle it",
        "Promotion budget 2026", "Outcomes", *initiatives, "Spend", "Not measured, by what it waits for",
        "Findings in the files and sources", "How to read this",
    ]  # fmt: skip


def test_states_carry_mark_and_word() -> None:
    """A state is told by its word and its mark, and by colour only besides."""
    text = review(records.rich(), 100)
    states = set(re.findall(r'<span class="state (\w+)">(.*?)</span>', text))
    assert {("met", "✓ met"), ("missed", "✗ missed"), ("inconclusive", "≈ inconclusive")} <= states
    assert {("missing", "? missing"), ("waived", "○ waived")} <= states


def test_what_is_met_is_folded() -> None:
    """Open requirements stand before the fold, met and waived ones inside."""
    text = review(records.rich(), 100)
    fold = re.search(r"<details><summary>2 met or waived</summary>(.*?)</details>", text, re.DOTALL)
    assert fold
    assert "scale.risk.review" in fold.group(1)
    assert text.index("scale.value.return") < text.index("framed.value.problem")


def test_a_source_is_named_once() -> None:
    """However many estimates rest on it."""
    one = records.rich()["initiatives"][0]
    assert len(one["evidence"]) > 1 == len(sources_of(one))


def test_old_evidence_says_so() -> None:
    """Evidence whose validity ended before the review is marked."""
    assert page(records.rich()).text.count("expired") == 1


def test_a_published_citation_is_not_said_twice() -> None:
    """A method that ends in the citation is shown without it, and so is the line below its source."""
    one = records.rich()["initiatives"][1]
    for row in one["evidence"]:
        row["estimate"]["method"] = f"as published; {one['citation']}"
    assert page(records.portfolio([one])).text.count(one["citation"]) == 1


def test_what_cannot_be_drawn_is_told() -> None:
    """An effect without a place on an axis is a sentence; a return and a share without one are no picture."""
    far = records.effect("minutes", "outcome", 1.5e308, -1.6e308, 1.6e308)
    use = records.use("gpu", (1e301, 1e301, 1e301), (1e301, 1e301, 1e301))
    money = records.returns(1e301, 1e301, 1e301, 0.5)
    made = review(records.portfolio([records.initiative("far", evidence=[far, *use, *money])]), 100)
    assert "not drawn: it has no place on an axis" in made
    assert "<svg" not in made
    assert "used share of what was granted [gpu]" in made


def test_an_effect_without_objective_has_no_good_side() -> None:
    """Nothing is called good where nothing was promised; a promise of any gain is drawn at zero."""
    row = records.effect("minutes", "outcome", -0.1, -0.2, 0.1)
    bare = records.initiative("bare", evidence=[row], objective=None)
    assert 'class="good"' not in review(records.portfolio([bare]), 100)
    any_gain = {"change": 0.0, "scale": "relative", "good": -1, "metric": "minutes"}
    made = review(records.portfolio([{**bare, "objective": any_gain}]), 100)
    assert 'class="good"' in made
    assert "objective: any gain" in made


def test_a_probability_alone_is_shown() -> None:
    """A probability whose return is missing is not lost; a portfolio's bill of nothing has no shares."""
    chance = records.returns(1.0, 0.0, 2.0, 0.42)[1:]
    made = records.portfolio([records.initiative("odd", evidence=chance)])
    made["totals"]["bill"] = {
        "EUR": {**records.bill(), "bill": "0", "by_grade": {"none": "0"}, "initiatives": {}}
    }
    read = page(made)
    assert said(read, "42.0 %")
    assert not read.all("svg")


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """The contrast of two colours."""
    bright, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_every_colour_can_be_read_in_both_schemes() -> None:
    """Every text colour has a contrast of at least 4.5 (WCAG AA) on the paper and on every tint."""
    schemes = [
        dict(re.findall(r"--(\w+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    ]
    assert len(schemes) == 2
    for scheme in schemes:
        grounds = [scheme[k] for k in ("paper", "faint", "tint")]
        texts = ("ink", "muted", "accent", "met", "missed", "inconclusive", "missing", "waived")
        assert [(k, g) for k in texts for g in grounds if contrast(scheme[k], g) < 4.5] == []
