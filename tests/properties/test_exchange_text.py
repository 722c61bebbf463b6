"""Whatever a cell holds, the file says the same, and no cell ends a comment or a value early."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from headway.exchange.documents import in_flow, initiative_file
from headway.exchange.entries import Taken
from headway.exchange.grid import NotATable
from headway.exchange.intake import take_in
from headway.exchange.names import slug, unique
from headway.exchange.persons import Directory
from headway.exchange.text import comment, entry, scalar, tidy
from headway.portfolio.load import load
from headway.portfolio.values import NAME
from headway.portfolio.yaml import read, to_plain

ANY = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = st.text(
    st.sampled_from(list("ab:#-?!&*%@`'\"|>{}[],~= \t\n\r\0\x07\x85\u2028\u2029\ufeff\ud7ff😀é0"))
)
TEXTS = ANY | HOSTILE
SETTINGS = "headway: 1\nportfolio: a\ncurrency: EUR\ntime_zone: UTC\n"


def said(document: str) -> object:
    """The one document in a text, which must be sound."""
    (node,), found = read(document.encode(), "a.yaml")
    assert found == [], found
    return to_plain(node)


@given(TEXTS)
@example("no")
@example("0x1f")
@example("a: b")
@example("- a")
@example("a #b")
@example(" a")
@example("x" * 200)
@example("word " * 50 + "end")
@example("one\n\ntwo")
@example("--- a\n--- b")
@example(" a\nb")
@example("a \u2028 b")
@example("a:\u2029 b")
def test_a_text_reads_back_as_it_was(text: str) -> None:
    """As a value, in braces, below a key, and inside another key."""
    assert said(f"a: {scalar(text)}\n") == {"a": text}
    assert said(f"a: {{b: {in_flow(text)}, c: d}}\n") == {"a": {"b": text, "c": "d"}}
    assert said(f"{entry('a', text)}\nb: c\n") == {"a": text, "b": "c"}
    assert said(f"a:\n{entry('b', text, 2)}\nc: d\n") == {"a": {"b": text}, "c": "d"}


@given(TEXTS)
def test_a_comment_stays_one(text: str) -> None:
    """No sign in a cell ends the comment it stands in."""
    assert said("\n".join(["a: b", *comment(text), *comment(f"header: {text}", "  "), "c: d"])) == {
        "a": "b",
        "c": "d",
    }


@given(TEXTS)
def test_a_slug_is_a_name_or_nothing(text: str) -> None:
    """What can stand in a file can stand in the ledger; slugs are their own slugs."""
    made = slug(text)
    assert not made or NAME.match(made)
    assert slug(made) == made
    assert unique("a", {"a", f"a-{made}"}) not in {"a", f"a-{made}"}


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=6))
@settings(max_examples=60)
def test_hostile_cells_make_sound_files(rows: list[tuple[str, str, str]]) -> None:
    """Every initiative that comes of a list loads without a fault, its title as the cell has it."""
    stream = io.StringIO()
    csv.writer(stream).writerows([("Use case", "Problem", "Other thing"), *rows])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "list.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")
        (folder / "portfolio.yaml").write_text(SETTINGS, encoding="utf-8")
        try:
            made = take_in(folder / "list.csv", Directory(), {})
        except NotATable:
            return
        for one in made.found.entries:
            (folder / f"{one.name}.yaml").write_text(
                initiative_file(one, "list.csv", "s.json"), encoding="utf-8", newline="\n"
            )
        loaded = load(folder)
        assert loaded.diagnostics == ()
        assert loaded.portfolio
        titles = {n: i.title for n, i in loaded.portfolio.initiatives.items()}
        assert titles == {e.name: e.keys.get("title", "") for e in made.found.entries}


@given(
    st.dictionaries(
        st.sampled_from(["title", "problem", "customer", "class", "notes", "cost_of_delay"]), TEXTS
    )
)
def test_every_key_of_an_entry_reads_back(keys: dict[str, str]) -> None:
    """The file says what the entry says, whatever stands beside it in comments."""
    keys = {k: tidy(v) for k, v in keys.items() if tidy(v)}
    made = Taken("a", 1, dict(keys), {k: v + "\n" + k for k, v in keys.items()}, {"outcome": "x"}, dict(keys))
    assert said(initiative_file(made, "list.csv", "s.json")) == {"initiative": "a", **keys}
