"""An explanation: for a terminal, and as Markdown."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from headway.render.base import Record
from headway.render.markdown import code, escaped, fitted
from headway.render.terminal import cleaned, drawn, glued, paragraph


def table(record: Record, width: int, *, colour: bool = False) -> str:
    """The answer as a page of text."""
    return drawn(width, partial(_page, cleaned(record), record), colour=colour)


def _page(record: Record, raw: Record, console: Console) -> None:
    several = len(record["found"]) > 1
    if several and record["found"][0]["kind"] in ("evidence", "total"):
        paragraph(console, f"'{record['asked']}' is printed at {len(record['found'])} places")
    for at, found in enumerate(record["found"]):
        if at or several:
            console.print()
        _explanation(console, found, raw["found"][at]["query"])
    _candidates(console, record)


def _explanation(console: Console, found: Record, query: str) -> None:
    head = Text.assemble((found["name"], "bold"), (f"  {found['kind']}", "dim"))
    paragraph(console, head)
    paragraph(console, found["title"], 1)
    if found["text"] and found["text"] != found["title"]:
        paragraph(console, found["text"].replace("**", ""), 1)
    _facts(console, found["facts"])
    for rows in found["tables"]:
        _rows(console, rows)
    if query:
        console.print()
        paragraph(console, "query", style="dim")
        for line in query.splitlines():
            console.print(Text(f" {line}".expandtabs(4)), soft_wrap=True)
    if found["see"]:
        console.print()
        paragraph(console, "see also " + ", ".join(f"`{s}`" for s in found["see"]), 0, 1, style="dim")


def _facts(console: Console, facts: list[Record]) -> None:
    if not facts:
        return
    console.print()
    named = Table.grid(padding=(0, 2, 0, 1))
    named.add_column(style="dim", no_wrap=True)
    named.add_column(overflow="fold", ratio=1)
    for fact in facts:
        named.add_row(fact["name"], glued(fact["text"]))
    console.print(named)


def _rows(console: Console, rows: Record) -> None:
    console.print()
    paragraph(console, rows["title"], style="dim")
    drawn_ = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 1))
    for column in rows["columns"]:
        drawn_.add_column(column, overflow="fold")
    for row in rows["rows"]:
        drawn_.add_row(*map(glued, row))
    console.print(drawn_)


def _candidates(console: Console, record: Record) -> None:
    if not record["candidates"]:
        return
    if record["found"]:
        console.print()
        paragraph(console, "also called so", style="dim")
    else:
        paragraph(console, f"'{record['asked']}' may mean {len(record['candidates'])} things:")
    wide = max(len(c["ask"]) for c in record["candidates"])
    for one in record["candidates"]:
        paragraph(
            console, Text.assemble(f"headway explain {one['ask']:<{wide}}  ", (one["title"], "dim")), 1, 4
        )


def markdown(record: Record) -> str:
    """The answer as Markdown."""
    record = cleaned(record)
    lines: list[str] = []
    for found in record["found"]:
        lines += [f"### {code(found['name'])}: {escaped(found['kind'])}", "", escaped(found["title"]), ""]
        if found["text"] and found["text"] != found["title"]:
            lines += [escaped(found["text"]), ""]
        lines += [f"- {escaped(f['name'])}: {escaped(f['text'])}" for f in found["facts"]]
        for rows in found["tables"]:
            lines += ["", f"{escaped(rows['title'])}:", "", _line(rows["columns"])]
            lines.append(_line(["---"] * len(rows["columns"]), raw=True))
            lines += [_line(row) for row in rows["rows"]]
        lines.append("")
    if record["candidates"]:
        lines += ["It may also mean:" if record["found"] else "It may mean:", ""]
        lines += [f"- `headway explain {c['ask']}`: {escaped(c['title'])}" for c in record["candidates"]]
    return fitted("\n".join(lines).strip())


def _line(cells: list[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(c if raw else escaped(c) for c in cells)} |"
