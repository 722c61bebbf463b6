"""One verdict: for a terminal, and for a comment on a pull request."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from headway.render.base import Record, saw
from headway.render.figures import iso
from headway.render.glossary import MARKS, mark
from headway.render.markdown import code, escaped, fitted, marker
from headway.render.terminal import ROOMY, cleaned, drawn, glued, paragraph, state_text, style_of

_SETTLED = ("met", "waived")


def table(record: Record, width: int, *, colour: bool = False) -> str:
    """Every requirement with what it saw and what it needed."""
    if record["verdict"] is None:
        return "it stands before no gate"
    return drawn(width, partial(_page, cleaned(record)["verdict"]), colour=colour)


def _page(verdict: Record, console: Console) -> None:
    first = Text.assemble((verdict["initiative"], "bold"), f" at gate {verdict['gate']}: ")
    paragraph(console, first.append_text(state_text(verdict["state"])))
    paragraph(console, _under(verdict), style="dim")
    console.print()
    if console.width < ROOMY:
        for row in _open_first(verdict):
            _paragraphs(console, row)
    else:
        console.print(_columns(verdict))


def _under(verdict: Record) -> str:
    """The rules, the mode, the moment, and what of it can stop the initiative."""
    enforced = "" if verdict["enforced"] == verdict["state"] else f"; enforced: {verdict['enforced']}"
    return f"{verdict['rules']}, mode {verdict['mode']}, as of {iso(verdict['as_of'])}{enforced}"


def _paragraphs(console: Console, row: Record) -> None:
    first = Text(f"{MARKS[row['state']]} ", style=style_of(row["state"]))
    first.append(row["id"], style="default")
    paragraph(console, first.append(f"  {row['state']}, mode {row['mode']}", style="dim"), 0, 2)
    for name, words in (("saw", saw(row)), ("needs", row["need"]), ("move", _move(row))):
        if words:
            paragraph(console, Text.assemble((f"{name:<6}", "dim"), words), 2, 6)


def _columns(verdict: Record) -> Table:
    rows = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    rows.add_column("", no_wrap=True)
    rows.add_column("requirement", no_wrap=True)
    rows.add_column("saw", overflow="fold", ratio=3)
    rows.add_column("needs", overflow="fold", ratio=2)
    rows.add_column("mode", no_wrap=True)
    rows.add_column("whose move", overflow="fold", max_width=24)
    for row in _open_first(verdict):
        sign = Text(MARKS[row["state"]], style=style_of(row["state"]))
        rows.add_row(sign, row["id"], glued(saw(row)), glued(row["need"]), row["mode"], _move(row))
    return rows


def _open_first(verdict: Record) -> list[Record]:
    """What is still asked before what is settled; inside each in the order of the rules."""
    return sorted(verdict["requirements"], key=lambda row: row["state"] in _SETTLED)


def _move(row: Record) -> str:
    return "" if row["state"] in _SETTLED else str(row["who"])


def markdown(record: Record) -> str:
    """The same as a Markdown table."""
    if record["verdict"] is None:
        return f"{marker('gate')}\n\nIt stands before no gate."
    verdict = cleaned(record)["verdict"]
    lines = [
        marker("gate", verdict["initiative"]),
        "",
        f"### {mark(verdict['state'])}: {escaped(verdict['initiative'])} at gate {escaped(verdict['gate'])}",
        "",
        escaped(_under(verdict)),
        "",
        "| state | requirement | saw | needs | whose move |",
        "|---|---|---|---|---|",
    ]
    for row in _open_first(verdict):
        cells = (mark(row["state"]), code(row["id"]), escaped(saw(row)), escaped(row["need"]))
        lines.append(f"| {' | '.join((*cells, escaped(_move(row))))} |")
    return fitted("\n".join(lines))
