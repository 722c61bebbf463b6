"""The review on a terminal: next moves first, then one block per initiative."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from headway.render.base import MARKS, Record, figure, headline, interval, money, open_rows, other_evidence

_STYLES = {"met": "green", "waived": "cyan", "inconclusive": "yellow", "missing": "dim", "missed": "red"}
_NARROW = 100


def review(record: Record, width: int, *, colour: bool = False) -> str:
    """Draw the record for a terminal of a width, with colour only where the terminal has it."""
    console = Console(width=width, force_terminal=colour, no_color=not colour, highlight=False, record=False)
    with console.capture() as capture:
        _heading(console, record)
        _moves(console, record)
        _initiatives(console, record, width)
        _bill(console, record)
        _findings(console, record)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _heading(console: Console, record: Record) -> None:
    portfolio, totals = record["portfolio"], record["totals"]
    console.print(Text(portfolio["title"], style="bold"))
    states = ", ".join(f"{n} {state}" for state, n in totals["states"].items())
    console.print(
        f"{record['as_of'][:10]} · {totals['initiatives']} initiatives: {states} · {portfolio['rules']}, mode {portfolio['mode']}"
    )


def _moves(console: Console, record: Record) -> None:
    if not record["moves"]:
        return
    console.print()
    console.print(Text("Next moves", style="bold"))
    for at, move in enumerate(record["moves"], 1):
        who = Text(f"{at}. {move['who']}", style="bold")
        line = Text.assemble(who, f": {move['what']}")
        console.print(Padding(line, (0, 0, 0, 1)))
        settles = ", ".join(move["settles"])
        console.print(Padding(Text(f"settles {move['requirement']} of {settles}", style="dim"), (0, 0, 0, 4)))


def _initiatives(console: Console, record: Record, width: int) -> None:
    for initiative in record["initiatives"]:
        console.print()
        state = initiative["verdict"] or initiative["status"]
        mark = Text(f"{MARKS.get(state, ' ')} {state}", style=_STYLES.get(state, "dim"))
        gate = f" at gate {initiative['gate']}" if initiative["gate"] else ""
        console.print(Text.assemble((initiative["title"], "bold"), f"  {initiative['stage']} · ", mark, gate))
        console.print(Padding(Text(headline(initiative)), (0, 0, 0, 2)))
        for row in other_evidence(initiative):
            estimate = row["estimate"]
            ends = interval(estimate)
            words = f"{row['metric'].replace('_', ' ')} {figure(estimate['value'], estimate['unit'])}"
            console.print(
                Padding(
                    Text(f"{words}{f' ({ends})' if ends else ''}, grade {row['grade']}", style="dim"),
                    (0, 0, 0, 2),
                )
            )
        rows = open_rows(initiative)
        if rows:
            console.print(Padding(_open(rows, width), (0, 0, 0, 2)))


def _open(rows: list[Record], width: int) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=width >= _NARROW)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True, style="dim")
    for row in rows:
        mark = Text(MARKS[row["state"]], style=_STYLES[row["state"]])
        saw = row["saw"] if not row["reason"] else f"{row['reason'].replace('_', ' ')}: {row['saw']}"
        table.add_row(mark, row["id"], saw, f"→ {row['who']}")
    return table


def _bill(console: Console, record: Record) -> None:
    for currency, bill in record["totals"]["bill"].items():
        console.print()
        span = f", {bill['from']} to {bill['to']}" if bill["from"] else ""
        console.print(Text(f"Spend{span}", style="bold"))
        for name, amount in bill["initiatives"].items():
            console.print(f"  {money(amount, currency):>20}  {name}")
        console.print(f"  {money(bill['unallocated'], currency):>20}  unallocated")
        console.print(f"  {money(bill['bill'], currency):>20}  bill")


def _findings(console: Console, record: Record) -> None:
    found = [d for d in record["diagnostics"] if d["severity"] != "note"]
    if not found:
        return
    console.print()
    console.print(Text("Findings", style="bold"))
    for one in found:
        place = one["place"]
        console.print(
            Text(
                f"{place['file']}:{place['line']}:{place['column']}: {one['severity']}[{one['code']}] {one['what']}"
            )
        )
        console.print(Text(f"  mend: {one['mend']}", style="dim"))
