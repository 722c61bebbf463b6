"""The review on a terminal: what a board needs first, an initiative in a line, all of it when asked."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from headway.render import billing, board, changes, cover, promotion, wins
from headway.render.base import Record, effects_of, open_rows, other_evidence, saw, state_of
from headway.render.figures import day, exact, places_of, span
from headway.render.glossary import MARKS, MODES
from headway.render.people import person, titled
from headway.render.summary import (
    claimed,
    first_finding,
    first_row,
    headline,
    missing_groups,
    percent_of,
    settling,
    stages,
    told,
    verdicts,
    waiting,
)
from headway.render.terminal import ROOMY, cleaned, drawn, folded, glued, paragraph, state_text, style_of

# So few initiatives are shown in full without being asked for; from WIDE on one takes a line, not two.
FULL = 2
WIDE = 120
_NAMES, _FEW, _FINDINGS, _GAPS = 4, 2, 5, 5
_GRADES = {"A": "green", "B": "green", "C": "yellow", "D": "yellow", "·": "dim"}


def review(record: Record, width: int, *, colour: bool = False, full: bool = False) -> str:
    """Draw the record for a terminal of a width, with colour only where the terminal has it.

    Args:
        record: the review.
        width: columns.
        colour: whether to colour.
        full: every initiative, gap and finding, however many there are.
    """
    return drawn(width, partial(_page, cleaned(record), full=full), colour=colour)


def block(record: Record, width: int, *, colour: bool = False) -> str:
    """The initiatives of a record alone, each in full."""

    def each(console: Console) -> None:
        clean = cleaned(record)
        for initiative in clean["initiatives"]:
            _block(console, clean, initiative)
        _findings(console, clean, full=True)

    return drawn(width, each, colour=colour).lstrip("\n")


def _page(record: Record, console: Console, *, full: bool) -> None:
    _heading(console, record)
    _cover(console, record)
    _standing(console, record)
    _changes(console, record, full=full)
    _moves(console, record)
    _calls(console, record, full=full)
    if full or len(record["initiatives"]) <= FULL:
        for initiative in record["initiatives"]:
            _block(console, record, initiative)
    _gaps(console, record, full=full)
    _promotion(console, record, full=full)
    _wins(console, record, full=full)
    _bill(console, record, full=full)
    if full:
        _missing(console, record)
    _findings(console, record, full=full)


def _heading(console: Console, record: Record) -> None:
    portfolio = record["portfolio"]
    paragraph(console, portfolio["title"], style="bold")
    means = f" ({MODES[portfolio['mode']]})" if portfolio["mode"] in MODES else ""
    when = day(record["as_of"], portfolio["time_zone"])
    paragraph(console, f"{when}; rules {portfolio['rules']}, mode {portfolio['mode']}{means}", style="dim")


def _cover(console: Console, record: Record) -> None:
    """The headline: what is known of the outcomes that the money is spent for."""
    said = cover.sentences(record)
    if not said:
        return
    console.print()
    for words in said:
        paragraph(console, words, style="bold")
    bases = [b for b in record["coverage"]["bases"] if Decimal(b["amount"]) > 0]
    names = cover.legend(record)
    wide = max((len(name) for name, _ in names), default=0)
    room = max(min(cover.BAR, console.width - wide - 30), 10)
    for base, (name, shares) in zip(bases, names, strict=True):
        line = Text(f"{name:<{wide}}  ", style="dim")
        for letter in cover.letters(base, room):
            line.append(letter, style=_GRADES[letter])
        paragraph(console, line.append(f"  {shares}"), 2, wide + 2)


def _standing(console: Console, record: Record) -> None:
    console.print()
    paragraph(console, headline(record))
    parts = stages(record)
    line = Text(f"Stages: {', '.join(parts)}" if parts else "", style="dim")
    for at, (state, n) in enumerate(verdicts(record)):
        line.append("; next gate: " if not at else ", ").append(f"{n:,} ").append_text(state_text(state))
    if line.plain:
        paragraph(console, line)
    if words := claimed(record):
        paragraph(console, words, style="dim")


def _changes(console: Console, record: Record, *, full: bool) -> None:
    if record["changes"] is None:
        return
    _title(console, changes.title(record))
    for words in changes.lines(record, full=full):
        paragraph(console, words, 1, 2)


def _moves(console: Console, record: Record) -> None:
    if not record["moves"]:
        return
    _title(console, "Next moves")
    for at, move in enumerate(record["moves"], 1):
        who = person(record, move["who"], move["role"])
        paragraph(console, Text.assemble((f"{at}. {who}", "bold"), f": {move['what']}"), 1, 3)
        costs = waiting(move, record["portfolio"]["currency"])
        about = folded(titled(record, move["settles"]), _FEW)
        paragraph(console, "; ".join(w for w in (about, settling(move), costs) if w), 4)


def _calls(console: Console, record: Record, *, full: bool) -> None:
    """One line per initiative under what the evidence says; with many, only those with most at stake."""
    blocks = full or len(record["initiatives"]) <= FULL
    for group in board.groups(record["initiatives"], full=full):
        _title(console, f"{group.title} ({group.count:,})")
        for one in group.shown:
            words = Text.assemble((one["title"], "bold"), f"  {one['stage']}")
            parts = (board.found(one), *board.facts(one), board.spent(record, one))
            # What is shown in full below is only named here.
            line = "" if blocks else "; ".join(part for part in parts if part)
            if not line:
                paragraph(console, words, 1, 3)
            elif console.width >= WIDE or group.more:
                paragraph(console, words.append(f": {line}"), 1, 3)
            else:
                paragraph(console, words, 1, 3)
                paragraph(console, line, 3, 2, "dim")
        if group.more:
            paragraph(console, f"and {group.more:,} more", 1, style="dim")
    if record["initiatives"] and not blocks:
        hint = "`headway review --initiative NAME` shows one in full, `--all` every one"
        console.print()
        paragraph(console, hint, style="dim")


def _block(console: Console, record: Record, initiative: Record) -> None:
    console.print()
    gate = f" at gate {initiative['gate']}" if initiative["gate"] else ""
    first = Text.assemble((initiative["title"], "bold"), f"  {initiative['stage']}, ")
    paragraph(console, first.append_text(state_text(state_of(initiative))).append(gate), 0, 2)
    paragraph(console, first_finding(initiative), 2, 2)
    effects, others = effects_of(initiative), other_evidence(initiative)
    said = first_row(initiative)
    rows = [e for e in (*effects, *others) if e is not said]
    for row in rows:
        role = row["estimate"]["detail"].get("role", "")
        paragraph(console, f"{role} {told(row)}".strip(), 2, 2, "dim")
    if initiative["decision"]:
        paragraph(console, board.decided(initiative), 2, style="dim")
    if cost := board.spent(record, initiative):
        paragraph(console, f"costs {cost}", 2, style="dim")
    _open(console, record, open_rows(initiative))


def _open(console: Console, record: Record, rows: list[Record]) -> None:
    """What is open: columns where there is room, else two lines each."""
    if console.width < ROOMY:
        for row in rows:
            mark = Text(f"{MARKS[row['state']]} ", style=style_of(row["state"]))
            paragraph(
                console, mark.append(f"{row['id']} → {person(record, row['who'])}", style="default"), 2, 2
            )
            paragraph(console, saw(row), 4, style="dim")
        return
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(max_width=26, overflow="fold", style="dim")
    for row in rows:
        mark = Text(MARKS[row["state"]], style=style_of(row["state"]))
        table.add_row(mark, row["id"], glued(saw(row)), f"→ {person(record, row['who'])}")
    if rows:
        console.print(Padding(table, (0, 0, 0, 2)))


def _gaps(console: Console, record: Record, *, full: bool) -> None:
    """Missing evidence under what would settle it, and the line that does."""
    gaps = record["gaps"]
    if not gaps:
        return
    _title(console, "Missing evidence, by what would settle it")
    shown = gaps if full else gaps[:_GAPS]
    wide = max(len(f"{len(g['initiatives']):,}") for g in shown)
    for gap in shown:
        who = folded([person(record, w) for w in gap["who"]], _FEW)
        count = f"{len(gap['initiatives']):,}"
        rows = folded([r["id"] for r in gap["requirements"]], _FEW)
        words = Text.assemble((f"{count:>{wide}} ", "bold"), gap["settled_by"], (f" → {who}", "dim"))
        paragraph(console, words, 1, wide + 1)
        few = full or len(gap["initiatives"]) <= _FEW
        of = f" of {folded(titled(record, gap['initiatives']), _NAMES)}" if few else ""
        paragraph(console, f"settles {rows}{of}; {gap['mend']}", wide + 2, 0, "dim")
    if len(gaps) > len(shown):
        left = f"and {len(gaps) - len(shown)} more; `--all` shows them"
        paragraph(console, left, 1, style="dim")


def _promotion(console: Console, record: Record, *, full: bool) -> None:
    """The promotion budget: each list by itself, its rows by e-value."""
    said = promotion.lead(record)
    if not said:
        return
    _title(console, f"Promotion budget {record['promotion']['year']}")
    paragraph(console, " ".join(said), 1, 2)
    for title, accepted, rows in promotion.lists(record):
        paragraph(console, Text.assemble((title, "bold"), f". {accepted}"), 1, 2)
        shown = rows if full else rows[:_GAPS]
        for row in shown:
            mark = Text(f"{MARKS['met' if row.inside else 'inconclusive']} ")
            mark.stylize(style_of("met" if row.inside else "inconclusive"))
            paragraph(
                console, mark.append(f"{row.title}: e-value {row.e}, {row.look}", style="default"), 2, 2
            )
            paid = f"; by money {row.money}" if row.money else ""
            paragraph(console, f"by count {row.count}{paid}", 4, style="dim")
        if len(rows) > len(shown):
            paragraph(console, f"and {len(rows) - len(shown)} more; `--all` shows them", 2, style="dim")
    for words in promotion.shared(record):
        paragraph(console, words, 2, 2)
    if full:
        for title, why in promotion.without(record):
            paragraph(console, f"{title}: {why}", 2, 2, "dim")


def _wins(console: Console, record: Record, *, full: bool) -> None:
    """What approvals rested on, beside what past effects left of it and what it is today."""
    rows = list(wins.lines(record))
    if not rows:
        return
    _title(console, wins.TITLE)
    shown = rows if full else rows[:_GAPS]
    for row in shown:
        paragraph(console, Text.assemble((row.title, "bold"), f": {row.metric}, approved {row.on}"), 1, 2)
        paragraph(console, f"claimed {row.claimed}; shrunk {row.shrunk}; today {row.realised}", 3, 3)
    if len(rows) > len(shown):
        paragraph(console, f"and {len(rows) - len(shown)} more; `--all` shows them", 1, style="dim")


def _bill(console: Console, record: Record, *, full: bool) -> None:
    """The bill in one line; when asked, its parts to the last digit."""
    for currency, bill in record["totals"]["bill"].items():
        window = f", {span(bill)}" if bill["from"] else ""
        _title(console, f"Spend{window}")
        if full:
            console.print(Padding(_parts(currency, bill), (0, 0, 0, 2)))
            for note in billing.notes(currency, bill):
                paragraph(console, note, 1, 2, "dim")
            continue
        paragraph(console, billing.line(currency, bill), 1, 2)
        for note in billing.notes(currency, bill):
            paragraph(console, note, 1, 2, "dim")


def _parts(currency: str, bill: Record) -> Table:
    rests = [(name, amount) for name, amount, _ in billing.remainders(bill)]
    named = [*bill["initiatives"].items(), *rests, ("bill", bill["bill"])]
    places = places_of([amount for _, amount in named])
    table = Table(box=None, pad_edge=False, show_header=False)
    for side in ("right", "right", "left"):
        table.add_column(justify=side, overflow="fold")
    for name, amount in named:
        style = "bold" if name == "bill" else "dim" if (name, amount) in rests else ""
        share = percent_of(amount, bill["bill"])
        table.add_row(f"{exact(amount, places)} {currency}", share, name, style=style)
    return table


def _missing(console: Console, record: Record) -> None:
    groups = missing_groups(record["initiatives"])
    if not groups:
        return
    _title(console, "Not measured, by what it waits for")
    for group in groups:
        what = f"{folded(group['metrics'], _NAMES)} of {folded(group['initiatives'], _NAMES)}"
        paragraph(console, Text.assemble(group["why"], (f": {what}", "dim")), 2, 2)


def _findings(console: Console, record: Record, *, full: bool) -> None:
    found = [d for d in record["diagnostics"] if d["severity"] != "note"]
    if not found:
        return
    _title(console, "Findings")
    shown = found if full else found[:_FINDINGS]
    for one in shown:
        place = one["place"]
        where = f"{place['file']}:{place['line']}:{place['column']}"
        paragraph(console, f"{where}: {one['severity']}[{one['code']}] {one['what']}", 0, 2)
        paragraph(console, f"mend: {one['mend']}", 2, 2, "dim")
    if len(found) > len(shown):
        paragraph(console, f"and {len(found) - len(shown)} more; `headway check` lists those in files")


def _title(console: Console, words: str) -> None:
    console.print()
    paragraph(console, words, style="bold")
