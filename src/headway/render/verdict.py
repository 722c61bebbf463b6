"""One verdict: for a terminal, and for a comment on a pull request."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from headway.render.base import MARKS, Record

_STYLES = {"met": "green", "waived": "cyan", "inconclusive": "yellow", "missing": "dim", "missed": "red"}


def table(record: Record, width: int, *, colour: bool = False) -> str:
    """Every requirement with what it saw and what it needed."""
    verdict = record["verdict"]
    if verdict is None:
        return "it stands before no gate"
    console = Console(width=width, force_terminal=colour, no_color=not colour, highlight=False)
    with console.capture() as capture:
        mark = Text(f"{MARKS[verdict['state']]} {verdict['state']}", style=_STYLES[verdict["state"]])
        console.print(Text.assemble((verdict["initiative"], "bold"), f" at gate {verdict['gate']}: ", mark))
        console.print(
            f"{verdict['rules']}, mode {verdict['mode']}, as of {verdict['as_of'][:10]}; enforced: {verdict['enforced']}"
        )
        rows = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("", "requirement", "saw", "needs", "mode", "whose move"):
            rows.add_column(name, overflow="fold")
        for row in verdict["requirements"]:
            saw = f"{row['reason'].replace('_', ' ')}: {row['saw']}" if row["reason"] else row["saw"]
            move = row["who"] if row["state"] not in ("met", "waived") else ""
            rows.add_row(
                Text(MARKS[row["state"]], style=_STYLES[row["state"]]),
                row["id"],
                saw,
                row["need"],
                row["mode"],
                move,
            )
        console.print(rows)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def markdown(record: Record) -> str:
    """The same as a Markdown table."""
    verdict = record["verdict"]
    if verdict is None:
        return "It stands before no gate."
    lines = [
        f"### {MARKS[verdict['state']]} {verdict['initiative']} at gate {verdict['gate']}: {verdict['state']}",
        "",
        f"{verdict['rules']}, mode {verdict['mode']}, as of {verdict['as_of'][:10]}; enforced: {verdict['enforced']}",
        "",
        "| | requirement | saw | needs | whose move |",
        "|---|---|---|---|---|",
    ]
    for row in verdict["requirements"]:
        move = row["who"] if row["state"] not in ("met", "waived") else ""
        cells = (MARKS[row["state"]], f"`{row['id']}`", row["saw"], row["need"], move)
        lines.append(f"| {' | '.join(escaped(c) for c in cells)} |")
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Text inside a Markdown table cell."""
    return text.replace("|", "\\|").replace("\n", " ")
