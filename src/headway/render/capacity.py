"""What `headway capacity` found, for a terminal: the headline, the grants, four answers, and the waste."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from headway.render import capacity_words as words
from headway.render.base import Record
from headway.render.figures import day, money
from headway.render.terminal import ROOMY, cleaned, drawn, paragraph

# Rows that are shown of each resource; the rest is counted.
SHOWN = 12
_COLUMNS = ("workload", "now", "advised", "saving", "a month", "short", "promised", "history")


def table(record: Record, width: int, *, colour: bool = False, full: bool = False) -> str:
    """The record as a page of text."""
    return drawn(width, partial(_page, cleaned(record), full=full), colour=colour)


def _page(record: Record, console: Console, *, full: bool) -> None:
    portfolio = record["portfolio"]
    paragraph(console, f"Capacity of {portfolio['title']}", style="bold")
    paragraph(
        console,
        f"{day(record['as_of'], portfolio['time_zone'])}; money in {portfolio['currency']}",
        style="dim",
    )
    console.print()
    for sentence in words.headline(record):
        paragraph(console, sentence)
    for component in record["components"]:
        for one in component["resources"]:
            _resource(console, record, component, one, full=full)
    _findings(console, record)


def _resource(console: Console, record: Record, component: Record, one: Record, *, full: bool) -> None:
    currency = portfolio_currency(record)
    console.print()
    paragraph(console, words.title(component, one), style="bold")
    used = [i["title"] for i in component["initiatives"]]
    paragraph(
        console,
        f"for {', '.join(used) if used else 'no initiative'}; policy {component['policy']}",
        1,
        style="dim",
    )
    if one["price"]["per_unit_month"] is None:
        paragraph(console, f"No money: {one['price']['basis']}.", 1, style="dim")
    else:
        paragraph(
            console,
            f"{money(one['price']['per_unit_month'], currency)} a unit and month: {one['price']['basis']}.",
            1,
            style="dim",
        )
    rows = one["rows"] if full else one["rows"][:SHOWN]
    if console.width >= ROOMY:
        _wide(console, rows, currency)
    else:
        for row in rows:
            _narrow(console, row, currency)
    if len(one["rows"]) > len(rows):
        paragraph(console, f"and {len(one['rows']) - len(rows):,} more: --full", 1, style="dim")
    whys = dict.fromkeys(w for r in one["rows"] if (w := words.why_not(r)))
    for why in list(whys)[:SHOWN]:
        many = sum(words.why_not(r) == why for r in one["rows"])
        paragraph(console, f"not advised on {many:,}: {why}", 1, 2)
    _answers(console, one)
    _waste(console, record, one)
    if untold := words.no_waste(component, one):
        console.print()
        paragraph(console, f"Waste is not told: {untold}.", 1)


def portfolio_currency(record: Record) -> str:
    """The currency of a record's money."""
    currency: str = record["portfolio"]["currency"]
    return currency


def _cells(row: Record, currency: str) -> tuple[str, ...]:
    return (
        row["workload"],
        words.bare(row["now"], row["unit"]),
        words.advised(row),
        words.saving(row),
        words.monthly(row, currency),
        words.short(row),
        words.promised(row),
        words.history(row),
    )


def _wide(console: Console, rows: list[Record], currency: str) -> None:
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for at, name in enumerate(_COLUMNS):
        made.add_column(name, justify="left" if at in (0, len(_COLUMNS) - 1) else "right", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in _cells(row, currency)))
    console.print(made)


def _narrow(console: Console, row: Record, currency: str) -> None:
    name, now, advised, saving, monthly, short, promised, history = _cells(row, currency)
    money = f", {monthly} a month" if monthly != "–" else ""
    kept = f"; promised {promised}" if promised != "–" else ""
    if row["advised"] is None:
        told = f"{name}: {now}; replayed short {short}; history {history}"
    else:
        told = f"{name}: {now} → {advised} ({saving}{money}); short {short}{kept}; history {history}"
    paragraph(console, told, 1, 2)


def _answers(console: Console, one: Record) -> None:
    if not one["answers"]:
        return
    console.print()
    paragraph(console, "How much could go: four answers to four questions", 1, style="bold")
    for answer in one["answers"]:
        head = Text.assemble((f"{answer['name']:<12}", "bold"), f"{words.answer(answer)}  ", answer["means"])
        paragraph(console, head, 1, 12)


def _waste(console: Console, record: Record, one: Record) -> None:
    waste = one["waste"]
    if waste is None:
        return
    currency = portfolio_currency(record)
    console.print()
    paragraph(console, f"Waste: {words.waste_total(waste, currency)}", 1, style="bold")
    for line in waste["lines"]:
        paragraph(console, f"{line['name']:<26}{words.waste_line(line, currency)}", 1, 26)
    paragraph(console, record["definition"], 1, style="dim")


def _findings(console: Console, record: Record) -> None:
    for found in record["diagnostics"]:
        place = found["place"]
        console.print()
        at = f"{place['file']}:{place['line']}:{place['column']}"
        # A finding stays on its lines, as every command prints it.
        for said in (
            f"{at}: {found['severity']}[{found['code']}] {found['what']}",
            f"  mend: {found['mend']}",
        ):
            console.print(Text(said), soft_wrap=True)
