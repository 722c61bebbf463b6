"""Terminal, Markdown and JSON say the same as the page, in less room."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from tests.unit.render import records

from headway.render import markdown, table, verdict
from headway.render.faces import Look, draw
from headway.render.markdown import ROOM, fitted


def gate(one: dict[str, Any]) -> dict[str, Any]:
    """The record of `headway gate`."""
    made = {
        "initiative": one["name"],
        "gate": one["gate"],
        "mode": "block",
        "rules": "starter@1",
        "as_of": records.AS_OF,
        "state": one["verdict"],
        "enforced": "missing",
        "requirements": one["requirements"],
    }
    return {"schema": "headway.gate/1", "verdict": made, "diagnostics": []}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", ["rich", "hostile", "many", "single", "empty"])
def test_no_line_is_longer_than_the_terminal(name: str, width: int) -> None:
    """Whatever is in the record, no line leaves the screen and no blank ends a line."""
    lines = table.review(getattr(records, name)(), width).splitlines()
    assert [x for x in lines if cell_len(x) > width or x != x.rstrip()] == []


def test_no_word_is_broken_where_a_line_can_end() -> None:
    """At 80 columns every word of the record stands whole, and a number keeps its per cent sign."""
    text = table.review(records.rich(), 80, full=True)
    assert not re.search(r"^\s*%", text, re.MULTILINE)
    assert not re.search(r"\bgrade$", text, re.MULTILINE)
    for one in records.rich()["initiatives"]:
        assert all(r["id"] in text for r in one["requirements"] if r["state"] not in ("met", "waived"))


@pytest.mark.parametrize("draw_", [table.review, markdown.review])
def test_the_text_faces_lead_with_the_same(draw_: Any) -> None:
    """Coverage first, then what changed, the next moves, what the evidence says, gaps, bill, findings."""
    text = draw_(records.rich(), 140)
    places = [
        text.index(w)
        for w in ("AI at the house", "Of 154,310 EUR billed", "6 initiatives: 1 reaches",
                  "Since 1 Mar 2026", "Next moves", "Stop or change",
                  "Missing evidence, by what would settle it", "154,310.27", "Findings")
    ]  # fmt: skip
    assert places == sorted(places)
    assert "5,962 EUR" in text
    assert "? missing" in text
    assert "66 % has none" in text


def test_colour_comes_only_when_asked() -> None:
    """Without colour there is no escape sequence; with it, the words are the same."""
    plain, coloured = table.review(records.rich(), 100), table.review(records.rich(), 100, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured).split() == plain.split()


def test_brackets_and_escapes_are_only_text() -> None:
    """A resource in brackets stays, and a title cannot ring, recolour or turn a line."""
    record = records.rich()
    record["initiatives"][0]["title"] = "a\x1b[31mb\x07\u202ec [bold]d[/bold] :smile:"
    text = table.review(record, 140, full=True)
    assert "[gpu]" in text
    assert "a [31mb c [bold]d[/bold] :smile:" in text


@pytest.mark.parametrize("n", [5, 60, 3600])
def test_however_many_initiatives_there_are_it_is_about_one_screen(n: int) -> None:
    """Of many, each group names those with most at stake and counts the rest; `--all` names every one."""
    record = records.many(n)
    text = table.review(record, 140)
    assert len(text.splitlines()) <= 50
    assert "`headway review --initiative NAME` shows one in full" in text
    if n == 60:
        assert len(re.findall(r"^ Initiative \d+  ", text, re.MULTILINE)) == 12
        assert text.count("\n and 9 more") == 3
        every = table.review(record, 140, full=True)
        assert all(f"Initiative {at} " in every for at in range(60))


def test_one_initiative_alone_is_shown_in_full() -> None:
    """Every open requirement and estimate of it, and nothing of the portfolio."""
    record = records.portfolio([records.rich()["initiatives"][1]])
    text = draw(record, "table", Look(100, alone=True))
    assert text.startswith("Maths tutor")
    assert "scale.value.return" in text
    assert "Next moves" not in text


def test_long_lists_end_in_a_count() -> None:
    """Names, estimates, gaps and findings are cut at a number that says what is left out."""
    record = records.many(12)
    record["moves"] = [records.move("bob", "bob", "a.b.c", [f"i{n}" for n in range(9)], 0.0)]
    record["diagnostics"] = [records.finding(what=f"finding {n}") for n in range(30)]
    record["initiatives"][0]["evidence"] = [records.cost(str(n)) for n in range(1, 20)]
    record["gaps"] = [records.gap(f"gap {n}", ["no-1"]) for n in range(30)]
    text = table.review(record, 100)
    for words in ("i0, i1 and 7 more", "and 25 more; `--all` shows them", "and 25 more; `headway check`"):
        assert words in text
    every = table.review(record, 100, full=True)
    assert "and 25 more" not in every
    assert all(f"cost {n}.00 EUR" in every for n in range(1, 20))
    assert markdown.review(record, 0).count("- and 10 more") == 2


def test_a_comment_fits_where_it_goes() -> None:
    """A comment that a forge would refuse is cut between initiatives, and says so."""
    record = records.many(200)
    text = markdown.review(record, 0)
    assert len(text) < ROOM + 200
    assert re.search(r"and \d+ more initiatives in full; the page and the JSON have them", text)


def test_a_comment_of_endless_words_is_cut_and_stays_whole() -> None:
    """Even where the first part alone is too long, it fits, its folds are closed, and it says what is cut."""
    record = records.rich()
    record["moves"] = [records.move("x" * 30_000, "bob", "a.b.c", ["y" * 60_000], 0.0)] * 3
    for text in (markdown.review(record, 0), fitted("<details>\n" + "a line\n" * 20_000)):
        assert len(text) < 65_536
        assert text.count("<details>") == text.count("</details>")
        assert re.search(r"and \d+ more lines; the page and the JSON have them$", text)
    assert fitted("short") == "short"


def test_a_comment_shows_text_as_text() -> None:
    """No markup, HTML, mention, reference or link comes out of a name."""
    record = records.single()
    record["portfolio"]["title"] = "<b>a</b> | @ann #12 `x` https://a.b *c* www.d.e"
    title = markdown.review(record, 0).splitlines()[2]
    assert title == (
        "## &lt;b&gt;a&lt;/b&gt; \\| @<!-- -->ann \\#<!-- -->12 \\`x\\` "
        "https:<!-- -->//a.b \\*c\\* www<!-- -->.d.e"
    )
    assert markdown.code("a`|b") == "`a/b`"


def test_a_comment_of_a_hostile_portfolio_renders_to_words() -> None:
    """Read by another's Markdown, nothing but folds and our marker is HTML, and nobody is called by name."""
    record = records.hostile()
    record["initiatives"][1]["accountable"] = record["moves"][1]["who"] = "@ann"
    record["changes"] = records.changes(initiatives={"new": [], "removed": ["<b>@ann</b>"]})
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown.review(record, 0))
    tags = {t.lower() for t in re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html)}
    ours = {"h2", "h3", "p", "strong", "em", "code", "ul", "ol", "li", "details", "summary"}
    assert tags <= ours | {"table", "thead", "tbody", "tr", "th", "td"}
    assert not re.search(r"(?<!\w)@ann", re.sub(r"<code>.*?</code>", "", html))


@pytest.mark.parametrize("width", [80, 140])
def test_a_verdict_shows_every_requirement(width: int) -> None:
    """Each with what it saw, what it needs, its mode, and whose move it is while it is open."""
    one = records.rich()["initiatives"][1]
    text = " ".join(verdict.table(gate(one), width).split())
    assert text.startswith(
        "maths-tutor at gate scale: ✗ missed starter@1, mode block, as of 2026-03-31; enforced: missing"
    )
    for row in one["requirements"]:
        assert row["id"] in text
        assert row["mode"] in text
    assert "does not reach the objective" in text
    assert "bob" in text
    assert "return probability >= 90 %" in text
    assert all(cell_len(x) <= width for x in verdict.table(gate(one), width).splitlines())


def test_a_verdict_in_a_comment() -> None:
    """A table with one row per requirement; a settled one is nobody's move."""
    lines = verdict.markdown(gate(records.rich()["initiatives"][0])).splitlines()
    assert lines[0] == "<!-- headway gate claims-triage -->"
    assert lines[2] == "### ✓ met: claims-triage at gate scale"
    assert (
        lines[-1]
        == "| ○ waived | `scale.risk.review` | waived by the board until 30 June | four signatures |  |"
    )


def test_without_a_gate_there_is_no_verdict() -> None:
    """An initiative that stands before no gate says so."""
    record: dict[str, Any] = {"schema": "headway.gate/1", "verdict": None, "diagnostics": []}
    assert verdict.table(record, 80) == "it stands before no gate"
    assert verdict.markdown(record).endswith("It stands before no gate.")


@pytest.mark.parametrize("face", ["table", "json", "markdown", "html", "sarif", "junit"])
def test_every_face_is_chosen_by_name(face: str) -> None:
    """Each registered face draws any record, twice the same; JSON is the record."""
    for make in (records.rich, records.hostile, records.empty):
        assert draw(make(), face, Look(100)) == draw(make(), face, Look(100)) != ""
    assert json.loads(draw(records.rich(), "json", Look(80))) == records.rich()
