"""What `headway doctor` found, for a terminal: what is well in one line each, what is not with its mend."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.text import Text

from headway.render.base import Record
from headway.render.figures import iso
from headway.render.terminal import cleaned, drawn, paragraph

_MARKS = {"well": ("✓", "green"), "note": ("·", "dim"), "warning": ("!", "yellow"), "wrong": ("✗", "red")}
_AREAS = ("environment", "portfolio")


def table(record: Record, width: int, *, colour: bool = False) -> str:
    """The record as a page of text."""
    return drawn(width, partial(_page, record), colour=colour)


def _page(raw: Record, console: Console) -> None:
    record = cleaned(raw)
    for area in _AREAS:
        _section(console, area, [f for f in record["findings"] if f["area"] == area])
    if record["sources"]:
        console.print()
        paragraph(console, "sources", style="bold")
    for source in record["sources"]:
        _source(console, source)
    _section(console, "variables and files of secrets", record["variables"])
    if record["next"]:
        _next(console, record["next"], raw["next"]["lines"])
    console.print()
    paragraph(console, _last(record), style="bold")


def _section(console: Console, title: str, findings: list[Record]) -> None:
    if not findings:
        return
    if title != _AREAS[0]:
        console.print()
    paragraph(console, title, style="bold")
    for one in findings:
        _finding(console, one, f"{one['name']}: ")


def _finding(console: Console, one: Record, head: str) -> None:
    sign, style = _MARKS[one["state"]]
    code = f"[{one['code']}] " if one["code"] else ""
    place = f"{one['place']}: " if one["place"] else ""
    paragraph(console, Text.assemble((f"{sign} ", style), head, code, place, one["what"]), 1, 2)
    if one["mend"]:
        paragraph(console, Text.assemble(("mend: ", "dim"), one["mend"]), 3, 2)


def _source(console: Console, one: Record) -> None:
    wrong = any(f["state"] == "wrong" for f in one["findings"])
    if one["rows"] is not None:
        sign, style = _MARKS["wrong" if wrong else "well"]
        newest = f"newest {iso(one['newest'])}, {_age(one['age_days'])}" if one["newest"] else "not dated"
        said = f"{one['fact']}, {one['rows']:,} rows, {newest}"
        paragraph(console, Text.assemble((f"{sign} ", style), f"{one['name']}: ", said), 1, 2)
        for heading, words in one["noted"].items():
            paragraph(console, f"{heading}: {words}", 3, 2)
        paragraph(console, f"columns: {_columns(one)}", 3, 2, style="dim")
    for finding in one["findings"]:
        _finding(console, finding, f"{one['name']}: ")


def _columns(one: Record) -> str:
    more = f"; of its own: {', '.join(one['more'])}" if one["more"] else ""
    return f"{', '.join(one['columns'])}{more}"


def _age(days: int) -> str:
    if days < 0:
        return "to come"
    return "today" if days == 0 else f"{days:,} day{'s' if days != 1 else ''} old"


def _next(console: Console, following: Record, lines: list[Record]) -> None:
    console.print()
    paragraph(console, "bind next: " + following["by"], style="bold")
    paragraph(console, following["why"], 1)
    if following["lacks"]:
        said = f"the file lacks {', '.join(following['lacks'])}: add it, or compute it with `sql`"
        paragraph(console, Text.assemble(("! ", "yellow"), said), 1, 2)
    for one in lines:
        console.print()
        paragraph(console, f"# in {one['file']}", 1, style="dim")
        for line in one["yaml"].splitlines():
            # To be copied: never broken at the terminal's width.
            console.print(Text(f" {line}"), soft_wrap=True)


def _last(record: Record) -> str:
    every = [
        *record["findings"],
        *record["variables"],
        *(f for s in record["sources"] for f in s["findings"]),
    ]
    # A variable that is not set is told of itself and of each source: it is mended once.
    counted = [
        (len({f["mend"] or f["what"] for f in every if f["state"] == s}), s) for s in ("wrong", "warning")
    ]
    words = {"wrong": "to mend", "warning": "to look at"}
    said = ", ".join(f"{n} {words[s]}" for n, s in counted if n)
    return said or "all is well"
