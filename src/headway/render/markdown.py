"""The review as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from headway.render.base import Record, open_rows, outcome_effects, saw, state_of
from headway.render.figures import day, exact, interval, number, places_of
from headway.render.glossary import mark
from headway.render.summary import (
    first_finding,
    headline,
    missing_groups,
    percent_of,
    verdicts,
    waiting,
)
from headway.render.terminal import cleaned, folded

# GitHub takes 65,536 characters; what is beyond is counted and left to the page.
ROOM = 60_000
_SPECIAL = frozenset("\\`*_{}[]#|~")
# What GitHub makes a mention, a reference to an issue or a link of: an empty comment behind it stops that.
_LINKED = re.compile(r"(?<!\w)@(?=\w)|\\#(?=\d)|:(?=//)|\bwww(?=\\?\.)")
_NAMES, _ROWS = 6, 20


def review(record: Record, width: int) -> str:
    """Draw the record; whole blocks are left out where a comment could not hold them."""
    del width
    record = cleaned(record)
    head = "\n\n".join(p for p in (_heading(record), _moves(record), _initiatives(record)) if p)
    tail = "\n\n".join(p for p in (_bill(record), _missing(record), _findings(record)) if p)
    shown, left = [], ROOM - len(head) - len(tail)
    details = [d for d in map(_details, record["initiatives"]) if d]
    for block in details:
        if left < len(block):
            break
        shown.append(block)
        left -= len(block) + 2
    hidden = len(details) - len(shown)
    more = f"{hidden} more initiatives are left out here; the page and the JSON have them." if hidden else ""
    return "\n\n".join(p for p in (head, *shown, more, tail) if p)


def escaped(text: str) -> str:
    r"""Words as Markdown that shows them as they are: no markup, no HTML, no mention, no reference.

    >>> print(escaped("a|b @ann <b>"))
    a\|b @<!-- -->ann &lt;b&gt;
    """
    made = "".join(f"\\{c}" if c in _SPECIAL else c for c in " ".join(text.split()))
    made = made.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(lambda m: f"{m.group()}<!-- -->", made)


def code(text: str) -> str:
    """An id as code, without what would end it or its table cell."""
    return f"`{text.translate({ord('`'): None, ord('|'): '/'})}`"


def _heading(record: Record) -> str:
    portfolio = record["portfolio"]
    states = ", ".join(f"{n} {mark(s)}" for s, n in verdicts(record))
    under = [
        day(record["as_of"], portfolio["time_zone"]),
        f"next gate: {states}" if states else "",
        f"rules {escaped(portfolio['rules'])}, mode {portfolio['mode']}",
    ]
    words = "; ".join(w for w in under if w)
    return f"## {escaped(portfolio['title'])}\n\n**{escaped(headline(record))}**\n\n{words}"


def _moves(record: Record) -> str:
    rows = []
    for at, move in enumerate(record["moves"], 1):
        costs = waiting(move, record["portfolio"]["currency"])
        rows.append(
            f"{at}. **{escaped(move['who'])}**: {escaped(move['what'])} "
            f"(settles {code(move['requirement'])} of {escaped(folded(move['settles'], _NAMES))}"
            f"{f'; {costs}' if costs else ''})"
        )
    return "\n".join(["### Next moves", "", *rows]) if rows else ""


def _initiatives(record: Record) -> str:
    rows = []
    for one in record["initiatives"]:
        effects = [_effect(e) for e in outcome_effects(one)] or ["not measured"]
        gate = f"{mark(state_of(one))}{' at ' + one['gate'] if one['gate'] else ''}"
        rows.append((escaped(one["title"]), one["stage"], gate, escaped("; ".join(effects))))
    return _table(("initiative", "stage", "next gate", "effect on its outcome"), rows)


def _effect(row: Record) -> str:
    ends = interval(row["estimate"])
    arm = row["metric"].partition(" [")[2].rstrip("]")
    words = number(row["estimate"]) + (f" ({ends})" if ends else "") + f", grade {row['grade']}"
    return f"{arm} {words}".strip()


def _details(initiative: Record) -> str:
    rows = [
        (mark(r["state"]), code(r["id"]), escaped(saw(r)), escaped(r["need"]), escaped(r["who"]))
        for r in open_rows(initiative)
    ]
    if not rows:
        return ""
    table = _table(("state", "requirement", "saw", "needs", "whose move"), rows)
    title = f"{escaped(initiative['title'])}: {len(rows)} open"
    said = escaped(first_finding(initiative))
    return f"<details><summary>{title}</summary>\n\n{said}\n\n{table}\n\n</details>"


def _bill(record: Record) -> str:
    made = []
    for currency, bill in record["totals"]["bill"].items():
        named = [*bill["initiatives"].items(), ("unallocated", bill["unallocated"]), ("bill", bill["bill"])]
        places = places_of([amount for _, amount in named])
        rows = [(escaped(n), exact(a, places), percent_of(a, bill["bill"])) for n, a in named]
        when = f", {bill['from']} to {bill['to']}" if bill["from"] else ""
        made.append(f"### Spend{when}\n\n" + _table(("", f"{currency}", "share"), rows, right=(1, 2)))
    return "\n\n".join(made)


def _missing(record: Record) -> str:
    rows = [
        f"- {escaped(g['why'])}: {escaped(folded(g['metrics'], _NAMES))} of "
        f"{escaped(folded(g['initiatives'], _NAMES))}"
        for g in missing_groups(record["initiatives"])[:_ROWS]
    ]
    return "\n".join(["### Not measured, by what it waits for", "", *rows]) if rows else ""


def _findings(record: Record) -> str:
    found = [d for d in record["diagnostics"] if d["severity"] != "note"]
    rows = [
        f"- {d['severity']} {d['code']} at {escaped(_place(d))}: {escaped(d['what'])}; "
        f"mend: {escaped(d['mend'])}"
        for d in found[:_ROWS]
    ]
    if len(found) > len(rows):
        rows.append(f"- and {len(found) - len(rows)} more")
    return "\n".join(["### Findings", "", *rows]) if rows else ""


def _place(finding: Record) -> str:
    place = finding["place"]
    return f"{place['file']}:{place['line']}:{place['column']}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], right: tuple[int, ...] = ()) -> str:
    rule = ["---:" if at in right else "---" for at in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
