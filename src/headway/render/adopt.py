"""What other rules would flip: for a terminal, and for a comment on a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from headway.gates.requirement import MODES
from headway.render.base import Record, saw
from headway.render.figures import iso
from headway.render.glossary import MARKS
from headway.render.markdown import code, escaped
from headway.render.terminal import ROOMY, cleaned, drawn, folded, glued, paragraph, style_of

_ORDER = ("missed", "missing", "inconclusive", "met", "waived", "gone")
_SHOWN = 6


def table(record: Record, width: int, *, colour: bool = False) -> str:
    """The rows that change, initiative by initiative, and what would settle them."""
    return drawn(width, partial(_page, cleaned(record)), colour=colour)


def _page(record: Record, console: Console) -> None:
    paragraph(console, Text(_title(record), "bold"))
    if record["refused"]:
        console.print()
        for found in record["refused"]:
            _finding(console, found)
        return
    paragraph(console, _rules(record), style="dim")
    for one in record["adopted"]:
        console.print()
        paragraph(console, Text(one["row"], "bold").append(f"  {one['from']}, gate {one['gate']}", "dim"))
        for name, words in _told(one):
            paragraph(console, Text.assemble((f"{name:<9}", "dim"), words), 2, 9)
    console.print()
    for line in _counts(record):
        paragraph(console, line)
    _rows(console, record)
    _after(console, record)


def _after(console: Console, record: Record) -> None:
    if record["sources"]:
        console.print()
        paragraph(console, "what is missing would come from")
        for one in record["sources"]:
            paragraph(console, _source(one), 2, 2)
    if record["diagnostics"]:
        console.print()
        for found in record["diagnostics"]:
            _finding(console, found)
    if record["change"]:
        console.print()
        # A change is shown as it will stand, so that it can be copied.
        for line in record["change"]["diff"]:
            _as_is(console, line)
        paragraph(console, _ending(record))


def _finding(console: Console, found: Record) -> None:
    """In the house form, unbroken: a mend may be something to copy."""
    place = found["place"]
    where = f"{place['file']}:{place['line']}:{place['column']}"
    _as_is(console, f"{where}: {found['severity']}[{found['code']}] {found['what']}")
    for see in found["see"]:
        _as_is(console, f"  see {see['place']}: {see['word']}")
    _as_is(console, f"  mend: {found['mend']}")


def _as_is(console: Console, line: str) -> None:
    console.print(Text(line), no_wrap=True, overflow="ignore", crop=False)


def _title(record: Record) -> str:
    name, day = record["portfolio"], iso(record["as_of"])
    if not record["adopted"] and not record["refused"]:
        return f"{name} under other rules, as of {day}: a dry run, nothing is written"
    if record["refused"]:
        return f"{name}, as of {day}: refused, nothing is written"
    rows = "a row" if len(record["adopted"]) == 1 else f"{len(record['adopted'])} rows"
    done = "written" if record["written"] else "a dry run, nothing is written"
    return f"{name} adopts {rows}, as of {day}: {done}"


def _rules(record: Record) -> str:
    before, after = record["before"], record["after"]
    return f"{before['rules']}, mode {before['mode']} → {after['rules']}, mode {after['mode']}"


def _told(one: Record) -> Iterator[tuple[str, str]]:
    yield "expects", one["guidance"]
    yield "such as", one["good_example"]
    yield "in force", in_force(one)


def in_force(one: Record) -> str:
    """From when an adopted row is how strict, and what keeps it from being stricter."""
    days: dict[str, str] = {m: d for m, d in one["days"].items() if d}
    ceiling = one["ceiling"]
    why = _because(one)
    if ceiling == MODES[0]:
        planned = "".join(f", {m} {days[m]}" for m in MODES[1:] if m in days)
        return f"observe, because {why} (its own days: observe {days['observe']}{planned})"
    kept = [m for m in MODES[: MODES.index(ceiling) + 1] if m in days]
    words = ", ".join(f"{m} from {days[m]}" for m in kept)
    held = [m for m in days if m not in kept]
    rest = "".join(f"; not {m} from {days[m]}, because {why}" for m in held)
    return words + rest


def _because(one: Record) -> str:
    where = one["ceiling_from"]
    return (
        f"{where} says mode: {one['ceiling']}"
        if " line " in where
        else f"{where} is in mode {one['ceiling']}"
    )


def _counts(record: Record) -> Iterator[str]:
    """How many initiatives each changed row would be judged in which state."""
    rows = record["rows"]
    for name in dict.fromkeys(r["requirement"] for r in rows):
        mine = [r for r in rows if r["requirement"] == name]
        count = Counter(r["after"] or "gone" for r in mine)
        words = ", ".join(f"{count[s]} {s}" for s in _ORDER if s in count)
        yield f"{name}: of {_initiatives(len(mine))} asked, {words}"
    for one in record["adopted"]:
        if one["row"] not in {r["requirement"] for r in rows}:
            yield f"{one['row']}: no initiative stands before gate {one['gate']}"
    names = {r["initiative"] for r in rows}
    others = sum(one["name"] not in names for one in record["initiatives"])
    flips = [one for one in record["initiatives"] if one["before"] != one["after"]]
    if others:
        yield f"{_initiatives(others)} not asked: nothing changes there"
    yield "no gate as a whole would flip" if not flips else "gates that would flip as a whole:"
    for one in flips:
        yield f"{one['name']} at gate {one['gate']}: {one['before']} → {one['after']}"


def _initiatives(n: int) -> str:
    return f"{n} initiative{'' if n == 1 else 's'}"


def _rows(console: Console, record: Record) -> None:
    if not record["rows"]:
        return
    console.print()
    groups = _grouped(record)
    if console.width < ROOMY:
        for row, names in groups:
            _paragraphs(console, row, names)
    else:
        console.print(_columns(groups, several=len({r["requirement"] for r, _ in groups}) > 1))


def _grouped(record: Record) -> list[tuple[Record, list[str]]]:
    """Rows that say the same of several initiatives, told once; the worst first."""
    made: dict[tuple[str, ...], tuple[Record, list[str]]] = {}
    for row in sorted(record["rows"], key=lambda r: _ORDER.index(r["after"] or "gone")):
        key = (row["requirement"], _flip(row), saw(row), row["need"], _who(row))
        made.setdefault(key, (row, []))[1].append(row["initiative"])
    return list(made.values())


def _paragraphs(console: Console, row: Record, names: list[str]) -> None:
    state = row["after"] or "gone"
    first = Text(f"{MARKS.get(state, '−')} ", style=style_of(state)).append(", ".join(names), "default")
    paragraph(console, first.append(f"  {row['requirement']} {_flip(row)}", "dim"), 0, 2)
    for name, words in (("saw", saw(row)), ("needs", row["need"]), ("move", _who(row))):
        if words:
            paragraph(console, Text.assemble((f"{name:<6}", "dim"), words), 2, 6)


def _columns(groups: list[tuple[Record, list[str]]], *, several: bool) -> Table:
    made = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    made.add_column("", no_wrap=True)
    made.add_column("initiative", overflow="fold", max_width=26)
    if several:
        made.add_column("requirement", overflow="fold", max_width=28)
    made.add_column("state", overflow="fold", max_width=22)
    for title, ratio in (("saw", 3), ("needs", 2)):
        made.add_column(title, overflow="fold", ratio=ratio)
    made.add_column("whose move", overflow="fold", max_width=24)
    for row, names in groups:
        state = row["after"] or "gone"
        cells: list[Text | str] = [Text(MARKS.get(state, "−"), style=style_of(state)), "\n".join(names)]
        cells += [row["requirement"]] if several else []
        made.add_row(*cells, _flip(row), glued(saw(row)), glued(row["need"]), _who(row))
    return made


def _flip(row: Record) -> str:
    """From which state to which; a row that was not there has none before."""
    before, after = row["before"], row["after"] or "gone"
    if before == after:
        return f"{after}, {row['mode_before']} → {row['mode_after']}"
    return after if before is None else f"{before} → {after}"


def _who(row: Record) -> str:
    return "" if row["after"] in (None, "met", "waived") else str(row["who"])


def _source(one: Record) -> str:
    return f"{one['source']}: {folded(one['initiatives'], _SHOWN)}"


def _ending(record: Record) -> str:
    file = record["change"]["file"]
    if record["written"]:
        return f"written to {file}; commit it"
    return f"--write puts these lines into {file}"


def markdown(record: Record) -> str:
    """The same for a comment on a pull request."""
    record = cleaned(record)
    lines = [f"### {escaped(_title(record))}", ""]
    lines += [] if record["refused"] else [escaped(_rules(record)), ""]
    lines += [
        f"- {code(found['code'])} {escaped(found['what'])}. {escaped(found['mend'])}"
        for found in (*record["refused"], *record["diagnostics"])
    ]
    if record["refused"]:
        return "\n".join(lines)
    for one in record["adopted"]:
        lines += [f"- {code(one['row'])}: {escaped(words)}" for _, words in _told(one)]
    lines += ["", *(f"{escaped(line)}  " for line in _counts(record))]
    if record["rows"]:
        lines += [
            "",
            "| state | initiative | requirement | saw | needs | whose move |",
            "|---|---|---|---|---|---|",
        ]
    for row in record["rows"]:
        cells = (_flip(row), row["initiative"], row["requirement"], saw(row), row["need"], _who(row))
        lines.append(f"| {' | '.join(map(escaped, cells))} |")
    if record["sources"]:
        lines += ["", "What is missing would come from:", ""]
        lines += [f"- {escaped(_source(one))}" for one in record["sources"]]
    if record["change"]:
        lines += ["", "```diff", *record["change"]["diff"], "```", "", escaped(_ending(record))]
    return "\n".join(lines)
