"""The review as Markdown, for a comment on a pull request: the verdict first, details folded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from headway.render import billing, board, changes, cover, promotion, wins
from headway.render.base import Record, open_rows, saw, state_of
from headway.render.figures import day, exact, places_of
from headway.render.glossary import mark
from headway.render.people import person, titled
from headway.render.summary import first_finding, headline, percent_of, verdicts, waiting
from headway.render.terminal import cleaned, folded

# GitHub takes 65,536 characters; what is beyond is counted and left to the page.
ROOM = 60_000
_LONGEST = 65_000
_SPECIAL = frozenset("\\`*_{}[]#|~")
# What GitHub makes a mention, a reference to an issue or a link of: an empty comment behind it stops that.
_LINKED = re.compile(r"(?<!\w)@(?=\w)|\\#(?=\d)|:(?=//)|\bwww(?=\\?\.)")
_NAMES, _ROWS = 6, 20


def review(record: Record, width: int) -> str:
    """Draw the record: what a board needs first, details folded, whole blocks left out where none fit."""
    del width
    record = cleaned(record)
    first = (_heading(record), _since(record), _moves(record), _calls(record))
    head = "\n\n".join(p for p in first if p)
    tail = "\n\n".join(
        p for p in (_gaps(record), _promotion(record), _wins(record), _bill(record), _findings(record)) if p
    )
    shown, left = [], ROOM - len(head) - len(tail)
    details = [d for d in map(_details, record["initiatives"]) if d]
    for block in details:
        if left < len(block):
            break
        shown.append(block)
        left -= len(block) + 2
    hidden = len(details) - len(shown)
    more = f"and {hidden} more initiatives in full; the page and the JSON have them" if hidden else ""
    return fitted("\n\n".join(p for p in (marker("review"), head, tail, *shown, more) if p))


def marker(command: str, about: str = "") -> str:
    """A comment that nobody sees, by which a job finds its own comment and writes it anew."""
    return f"<!-- {' '.join(w for w in ('headway', command, re.sub('[^a-z0-9-]', '', about)) if w)} -->"


def fitted(text: str) -> str:
    """Text that a forge takes: cut at a line's end where it is too long, and it says so."""
    if len(text) <= _LONGEST:
        return text
    kept = text[:_LONGEST].rpartition("\n")[0]
    opened = kept.count("<details>") - kept.count("</details>")
    left = text.count("\n") - kept.count("\n")
    return kept + "\n\n</details>" * opened + f"\n\nand {left} more lines; the page and the JSON have them"


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
    said = [f"**{escaped(' '.join(cover.sentences(record)))}**", escaped(headline(record)), words]
    return "\n\n".join([f"## {escaped(portfolio['title'])}", *(w for w in said if w != "****")])


def _since(record: Record) -> str:
    if record["changes"] is None:
        return ""
    rows = [f"- {escaped(words)}" for words in changes.lines(record)]
    return "\n".join([f"### {escaped(changes.title(record))}", "", *rows])


def _moves(record: Record) -> str:
    rows = []
    for at, move in enumerate(record["moves"], 1):
        costs = waiting(move, record["portfolio"]["currency"])
        rows.append(
            f"{at}. **{escaped(person(record, move['who'], move['role']))}**: {escaped(move['what'])}: "
            f"{escaped(folded(titled(record, move['settles']), _NAMES))} (settles {code(move['requirement'])}"
            f"{f'; {costs}' if costs else ''})"
        )
    return "\n".join(["### Next moves", "", *rows]) if rows else ""


def _calls(record: Record) -> str:
    """Initiatives under what the evidence says, one row each; of many only those with most at stake."""
    parts = []
    for group in board.groups(record["initiatives"]):
        rows = []
        for one in group.shown:
            gate = f"{mark(state_of(one))}{' at ' + one['gate'] if one['gate'] else ''}"
            words = "; ".join((board.found(one), *board.facts(one)))
            cost = escaped(board.spent(record, one))
            rows.append((escaped(one["title"]), one["stage"], gate, escaped(words), cost))
        table = _table(("initiative", "stage", "next gate", "found", "costs"), rows)
        more = f"\n\nand {group.more} more" if group.more else ""
        parts.append(f"### {group.title} ({group.count})\n\n{table}{more}")
    return "\n\n".join(parts)


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
        parts = [*bill["initiatives"].items()]
        few = parts if len(parts) <= _ROWS else sorted(parts, key=lambda p: -Decimal(p[1]))[:_ROWS]
        rest = Decimal(bill["allocated"]) - sum((Decimal(a) for _, a in few), Decimal(0))
        left = [(f"{len(parts) - len(few)} more initiatives", f"{rest:f}")] if len(few) < len(parts) else []
        rests = [(name, amount) for name, amount, _ in billing.remainders(bill)]
        named = [*few, *left, *rests, ("bill", bill["bill"])]
        places = places_of([amount for _, amount in named])
        rows = [(escaped(n), exact(a, places), percent_of(a, bill["bill"])) for n, a in named]
        when = f", {bill['from']} to {bill['to']}" if bill["from"] else ""
        table = _table(("", f"{currency}", "share"), rows, right=(1, 2))
        said = escaped(" ".join(billing.notes(currency, bill)))
        below = f"\n\n{said}" if said else ""
        made.append(f"<details><summary>Spend{when}</summary>\n\n{table}{below}\n\n</details>")
    return "\n\n".join(made)


def _promotion(record: Record) -> str:
    said = promotion.lead(record)
    if not said:
        return ""
    parts = [f"### Promotion budget {record['promotion']['year']}", escaped(" ".join(said))]
    for title, accepted, rows in promotion.lists(record):
        head = ("", "initiative", "e-value", "look", "by count", "by money", "asks for")
        cells = [
            (str(r.rank), escaped(r.title), r.e, r.look, r.count, r.money, escaped(r.cost))
            for r in rows[:_ROWS]
        ]
        more = f"\n\nand {len(rows) - _ROWS} more" if len(rows) > _ROWS else ""
        parts.append(f"**{escaped(title)}.** {accepted}\n\n{_table(head, cells, right=(0,))}{more}")
    parts += [f"- {escaped(words)}" for words in promotion.shared(record)]
    return "\n\n".join(parts)


def _wins(record: Record) -> str:
    rows = list(wins.lines(record))
    if not rows:
        return ""
    head = ("initiative", "metric", "approved", "claimed", "shrunk", "today")
    cells = [
        (
            escaped(r.title),
            escaped(r.metric),
            r.on,
            escaped(r.claimed),
            escaped(r.shrunk),
            escaped(r.realised),
        )
        for r in rows[:_ROWS]
    ]
    more = f"\n\nand {len(rows) - _ROWS} more" if len(rows) > _ROWS else ""
    return f"### {wins.TITLE}\n\n{_table(head, cells)}{more}"


def _gaps(record: Record) -> str:
    rows = [
        f"- {len(gap['initiatives'])} × **{escaped(gap['settled_by'])}** "
        f"→ {escaped(folded([person(record, w) for w in gap['who']], 2))}: settles "
        f"{folded([code(r['id']) for r in gap['requirements']], 2)} of "
        f"{escaped(folded(titled(record, gap['initiatives']), _NAMES))}. _{escaped(gap['mend'])}_"
        for gap in record["gaps"][:_ROWS]
    ]
    if len(record["gaps"]) > _ROWS:
        rows.append(f"- and {len(record['gaps']) - _ROWS} more")
    return "\n".join(["### Missing evidence, by what would settle it", "", *rows]) if rows else ""


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
