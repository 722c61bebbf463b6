"""The review on a terminal: headline and next moves first, then one block per initiative."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from headway.render.base import Record, effects_of, open_rows, other_evidence, outcome_effects, saw, state_of
from headway.render.figures import day, exact, interval, number, places_of
from headway.render.glossary import MARKS, STANDINGS
from headway.render.summary import (
    first_finding,
    first_row,
    headline,
    missing_groups,
    percent_of,
    told,
    verdicts,
    waiting,
)
from headway.render.terminal import ROOMY, cleaned, drawn, folded, glued, paragraph, state_text, style_of

# More initiatives than this, and each gets a line instead of a block.
BLOCKS = 20
_NAMES, _FINDINGS, _EVIDENCE = 4, 12, 8


def review(record: Record, width: int, *, colour: bool = False) -> str:
    """Draw the record for a terminal of a width, with colour only where the terminal has it."""
    return drawn(width, partial(_page, cleaned(record)), colour=colour)


def _page(record: Record, console: Console) -> None:
    _heading(console, record)
    _moves(console, record)
    initiatives = record["initiatives"]
    if len(initiatives) > BLOCKS:
        _lines(console, initiatives)
    else:
        for initiative in initiatives:
            _block(console, initiative)
    _bill(console, record)
    _missing(console, record)
    _findings(console, record)


def _heading(console: Console, record: Record) -> None:
    portfolio = record["portfolio"]
    paragraph(console, portfolio["title"], style="bold")
    paragraph(console, headline(record))
    line = Text(f"{day(record['as_of'], portfolio['time_zone'])}", style="dim")
    for at, (state, n) in enumerate(verdicts(record)):
        line.append("; next gate: " if not at else ", ").append(f"{n} ").append_text(state_text(state))
    line.append(f"; rules {portfolio['rules']}, mode {portfolio['mode']}")
    paragraph(console, line)


def _moves(console: Console, record: Record) -> None:
    if not record["moves"]:
        return
    _title(console, "Next moves")
    for at, move in enumerate(record["moves"], 1):
        role = f", {move['role']}" if move["role"] != move["who"] else ""
        paragraph(console, Text.assemble((f"{at}. {move['who']}{role}", "bold"), f": {move['what']}"), 1, 3)
        costs = waiting(move, record["portfolio"]["currency"])
        settles = f"settles {move['requirement']} of {folded(move['settles'], _NAMES)}"
        paragraph(console, settles + (f"; {costs}" if costs else ""), 4, style="dim")


def _block(console: Console, initiative: Record) -> None:
    console.print()
    gate = f" at gate {initiative['gate']}" if initiative["gate"] else ""
    first = Text.assemble((initiative["title"], "bold"), f"  {initiative['stage']}, ")
    paragraph(console, first.append_text(state_text(state_of(initiative))).append(gate), 0, 2)
    paragraph(console, first_finding(initiative), 2, 2)
    effects, others = effects_of(initiative), other_evidence(initiative)
    said = first_row(initiative)
    rows = [e for e in (*effects, *others) if e is not said]
    for row in rows[:_EVIDENCE]:
        role = row["estimate"]["detail"].get("role", "")
        paragraph(console, f"{role} {told(row)}".strip(), 2, 2, "dim")
    if len(rows) > _EVIDENCE:
        paragraph(console, f"and {len(rows) - _EVIDENCE} more estimates", 2, style="dim")
    _open(console, open_rows(initiative))


def _open(console: Console, rows: list[Record]) -> None:
    """What is open: columns where there is room, else two lines each."""
    if console.width < ROOMY:
        for row in rows:
            mark = Text(f"{MARKS[row['state']]} ", style=style_of(row["state"]))
            paragraph(console, mark.append(f"{row['id']} → {row['who']}", style="default"), 2, 2)
            paragraph(console, saw(row), 4, style="dim")
        return
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(max_width=26, overflow="fold", style="dim")
    for row in rows:
        mark = Text(MARKS[row["state"]], style=style_of(row["state"]))
        table.add_row(mark, row["id"], glued(saw(row)), f"→ {row['who']}")
    if rows:
        console.print(Padding(table, (0, 0, 0, 2)))


def _lines(console: Console, initiatives: list[Record]) -> None:
    """A line per initiative: state, name, stage and its first effect; every gate can be asked alone."""
    _title(console, "Initiatives")
    table = Table(box=None, pad_edge=False, show_header=False)
    for width in (16, 40, 12, None):
        table.add_column(max_width=width, overflow="fold")
    for one in initiatives:
        effects = outcome_effects(one)
        found = STANDINGS["unmeasured"]
        if effects:
            ends = interval(effects[0]["estimate"])
            found = number(effects[0]["estimate"]) + (f" ({ends})" if ends else "")
            found += f", grade {effects[0]['grade']}"
        table.add_row(state_text(state_of(one)), one["name"], one["stage"], glued(found))
    console.print(table)
    paragraph(console, "`headway gate NAME` shows what an initiative still needs", style="dim")


def _bill(console: Console, record: Record) -> None:
    for currency, bill in record["totals"]["bill"].items():
        _title(console, f"Spend, {bill['from']} to {bill['to']}" if bill["from"] else "Spend")
        named = [*bill["initiatives"].items(), ("unallocated", bill["unallocated"]), ("bill", bill["bill"])]
        places = places_of([amount for _, amount in named])
        table = Table(box=None, pad_edge=False, show_header=False)
        for side in ("right", "right", "left"):
            table.add_column(justify=side, overflow="fold")
        for name, amount in named:
            style = "bold" if name == "bill" else "dim" if name == "unallocated" else ""
            share = percent_of(amount, bill["bill"])
            table.add_row(f"{exact(amount, places)} {currency}", share, name, style=style)
        console.print(Padding(table, (0, 0, 0, 2)))


def _missing(console: Console, record: Record) -> None:
    groups = missing_groups(record["initiatives"])
    if not groups:
        return
    _title(console, "Not measured, by what it waits for")
    for group in groups[:_FINDINGS]:
        what = f"{folded(group['metrics'], _NAMES)} of {folded(group['initiatives'], _NAMES)}"
        paragraph(console, Text.assemble(group["why"], (f": {what}", "dim")), 2, 2)
    if len(groups) > _FINDINGS:
        paragraph(console, f"and {len(groups) - _FINDINGS} more", 2, style="dim")


def _findings(console: Console, record: Record) -> None:
    found = [d for d in record["diagnostics"] if d["severity"] != "note"]
    if not found:
        return
    _title(console, "Findings")
    for one in found[:_FINDINGS]:
        place = one["place"]
        where = f"{place['file']}:{place['line']}:{place['column']}"
        paragraph(console, f"{where}: {one['severity']}[{one['code']}] {one['what']}", 0, 2)
        paragraph(console, f"mend: {one['mend']}", 2, 2, "dim")
    if len(found) > _FINDINGS:
        paragraph(console, f"and {len(found) - _FINDINGS} more; `headway check` lists those in files")


def _title(console: Console, words: str) -> None:
    console.print()
    paragraph(console, words, style="bold")
