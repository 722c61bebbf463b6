"""What `headway init` shows: what was understood of a list, what is asked, what is missing, what is next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from headway.render.base import Record
from headway.render.terminal import cleaned

_MOST_SAMPLES = 3
_MOST_ROWS = 8
_NARROW = 100
_ARROW = "->"


def init(record: Record, width: int) -> str:
    """The screen of ``headway.init/1``.

    Args:
        record: what was done.
        width: columns of the terminal.
    """
    said = cleaned(record)
    lines = list(_list(said["list"], width)) if said["list"] else []
    files = len(said["written"])
    lines += [
        *([""] if lines else []),
        f"{files:,} files written to {said['folder']}: portfolio '{said['portfolio']}'",
    ]
    there = "" if said["folder"] == "." else f" {said['folder']}"
    steps = {
        f"headway check{there}": "are the files right",
        f"headway review{there}": "effects, verdicts, whose move it is",
        "headway new": "an initiative, outcome, source or component of your own",
    }
    wide = max(map(len, steps))
    lines += ["", "Next", *(f"  {command:<{wide}}  {answers}" for command, answers in steps.items())]
    lines += ["", f"{said['sample']}/ holds a made-up pilot: look at its review, then delete the folder"]
    return "\n".join(lines)


def _list(said: dict[str, Any], width: int) -> Iterator[str]:
    rows = " and ".join(map(str, said["header_rows"]))
    sheet = f", sheet '{said['sheet']}'" if said["sheet"] else ""
    count = said["initiatives"]
    yield f"{said['file']}: {said['read_as']}{sheet}; header in row {rows}; {_counted(count, 'initiative')}"
    for remark in said["remarks"]:
        yield f"  {remark}"
    taken = [c for c in said["columns"] if c["field"] not in (None, "-")]
    yield from ("", "Recognised")
    yield from _columns(taken, count, width)
    yield from _words(said["words"], width)
    kept = [c["header"] for c in said["columns"] if c["field"] is None]
    if kept:
        yield from ("", f"Kept as comments in each initiative ({_counted(len(kept), 'column')})")
        yield from _wrapped(", ".join(kept), width)
    away = [c["header"] for c in said["columns"] if c["field"] == "-"]
    if away:
        yield from ("", "Left away, as you said")
        yield from _wrapped(", ".join(away), width)
    yield from _rest(said, width)


def _columns(taken: Sequence[dict[str, Any]], count: int, width: int) -> Iterator[str]:
    wide = min(max((len(c["header"]) for c in taken), default=0), 32)
    for one in taken:
        head = f"  {one['header']:<{wide}} {_ARROW} {one['field']:<13} {one['confidence']:<6} "
        filled = f"{one['filled']:,} of {count:,}"
        samples = "; ".join(one["samples"][:_MOST_SAMPLES])
        if width < _NARROW:
            yield f"{head} {filled}"
            yield f"    {_cut(samples, width - 4)}"
        else:
            line = f"{head} {filled:<15} "
            yield f"{line}{_cut(samples, max(width - len(line), 12))}"


def _words(words: Sequence[dict[str, Any]], width: int) -> Iterator[str]:
    if words:
        yield from ("", "Read as")
    for one in words:
        known: dict[str, list[str]] = {}
        for w in one["read"]:
            if w["as"]:
                known.setdefault(w["as"], []).append(f"{w['word']} ({w['rows']:,})")
        parts = [f"{', '.join(said)} as {name}" for name, said in known.items()]
        blanks = sum(w["rows"] for w in one["read"] if not w["word"])
        parts += [f"blank ({blanks:,}) as nothing at all"] if blanks else []
        yield from _wrapped(f"{one['field']}: {'; '.join(parts) or 'no word is known'}", width)


def _rest(said: dict[str, Any], width: int) -> Iterator[str]:
    if said["asked"]:
        yield from ("", "Asked")
        for one in said["asked"]:
            yield from _wrapped(one, width)
    if said["gaps"]:
        yield from ("", "Not known yet, and left open")
        for gap in said["gaps"]:
            yield f"  {gap['field']:<16} {gap['initiatives']:>6,}   next move: {gap['move']}"
    if said["twice"]:
        yield from ("", f"The same name more than once ({len(said['twice']):,})")
        for one in said["twice"][:_MOST_ROWS]:
            rows = ", ".join(map(str, one["rows"]))
            yield from _wrapped(f"rows {rows}: {one['title']} {_ARROW} {', '.join(one['ids'])}", width)
        yield from _more(said["twice"])
    if said["left_out"]:
        yield from ("", "Left out")
        for one in said["left_out"][:_MOST_ROWS]:
            yield from _wrapped(f"row {one['row']}, {one['why']}: {one['text']}", width)
        yield from _more(said["left_out"])


def _more(found: Sequence[object]) -> Iterator[str]:
    if len(found) > _MOST_ROWS:
        yield f"  and {len(found) - _MOST_ROWS:,} more; --format json shows all"


def _wrapped(text: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
