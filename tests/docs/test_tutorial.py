"""The tutorial and every guide run from top to bottom and print what they show."""

from pathlib import Path

import pytest
from docs.console import DOCS, Stage, commands, fences, matches, pages, run, runnable

RUNNABLE = [page for page in pages() if runnable(page)]


@pytest.mark.parametrize("page", RUNNABLE, ids=[str(page.relative_to(DOCS)) for page in RUNNABLE])
def test_a_page_prints_what_it_shows(page: Path, stage: Stage) -> None:
    """Mend with `python -m docs.console --update`, and read what changed."""
    assert "\n\n".join(map(str, stage.play(page))) == ""


def test_the_tutorial_and_enough_guides_are_run() -> None:
    """Nobody loses the blocks of a page by a slip of the pen."""
    assert DOCS / "tutorial.md" in RUNNABLE
    assert len(RUNNABLE) >= 13
    assert (
        sum(len(commands(f)) for p in RUNNABLE for f in fences(p.read_text()) if f.language == "console") > 60
    )


def test_the_postgresql_guide_gives_what_the_file_gave(
    harbour: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of the tutorial, loaded into a database, and the guide's own source: the same answer."""
    import psycopg

    before = run("headway gate reply-assistant", harbour)
    rows = (harbour / "data" / "pilot.csv").read_text()
    with psycopg.connect(postgres_url) as server:
        server.execute("create table public.reply_pilot (claim int, arm text, closed date, hours float8)")
        with server.cursor().copy("copy public.reply_pilot from stdin (format csv, header)") as copy:
            copy.write(rows)
    guide = fences((DOCS / "how-to" / "postgresql.md").read_text(encoding="utf-8"))
    source = next(fence for fence in guide if fence.title == "sources.yaml")
    (harbour / source.title).write_text(source.text)
    monkeypatch.setenv("WAREHOUSE_URL", postgres_url)
    assert run("headway gate reply-assistant", harbour) == before
    assert before[0] == 0


def test_dots_stand_for_lines_and_for_text() -> None:
    """What is left out may be anything, and the rest may not."""
    assert matches(("a", "[...]", "d [...] f"), ("a", "b", "c", "d e f"))
    assert matches(("[...]", "a"), ("a",))
    assert not matches(("a", "[...]"), ("b", "a"))
    assert not matches(("a [...]",), ("a b", "c"))
