"""A pilot as it is planned: for a terminal, and for a pull request."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from headway.render.base import Record
from headway.render.figures import change, day
from headway.render.markdown import escaped, fitted, marker
from headway.render.terminal import cleaned

_LOOKS = {"daily": "every day", "weekly": "every week", "once": "at the end"}
_BAR = 24
_LABEL = 14


def table(record: Record, width: int, head: str = "") -> str:
    """What is claimed, what is frozen, what can be told by which week, and what stands against it."""
    return "\n".join(_lines(cleaned(record), width, head)).rstrip()


def _lines(record: Record, width: int, head: str) -> Iterator[str]:
    yield f"{record['initiative']}: {record['hypothesis'] or 'no pilot is declared'}"
    if record["frozen"]:
        yield ""
        for label, said in _design(record):
            yield from _folded(f"  {label:<{_LABEL}}", said, width)
    here = record["outlook"]
    if here:
        yield ""
        for label, said in _outlook(here):
            yield from _folded(f"  {label:<{_LABEL}}", said, width)
        yield ""
        yield from _weeks(here)
    elif record["why_not"]:
        yield ""
        yield from _folded("  ", f"Its length cannot be told: {record['why_not']}.", width)
    for one in record["diagnostics"]:
        place = one["place"]
        where = f"{place['file']}:{place['line']}:{place['column']}"
        yield ""
        yield f"{where}: {one['severity']}[{one['code']}] {one['what']}"
        yield f"  mend: {one['mend']}"
    if record["registered"]:
        yield ""
        yield from _registered(record["registered"], head)


def _folded(first: str, said: str, width: int) -> list[str]:
    room = max(width, 40)
    return textwrap.wrap(said, room, initial_indent=first, subsequent_indent=" " * len(first),
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def _design(record: Record) -> Iterator[tuple[str, str]]:
    frozen, known = record["frozen"], record["registration"]
    arms = ", ".join(f"{arm} {_share(share)}" if share else arm for arm, share in frozen["arms"].items())
    yield (
        "design",
        " ".join(w for w in (frozen["design"], f"over {frozen['unit']}" if frozen["unit"] else "") if w),
    )
    yield "arms", arms or "none"
    if frozen["cluster"]:
        yield "cluster", frozen["cluster"]
    scale = frozen["objective"]["scale"]
    yield "metric", f"{frozen['metric']}, {frozen['statistic']}, {scale}"
    asked, above = (_changed(v, scale) for v in (frozen["objective"]["change"], frozen["promote_above"]))
    yield "margin", f"{asked} asked, beyond {above} to promote"
    for one in frozen["guardrails"]:
        margin = ", ".join(f"{k} {v:g}" for k, v in one["margin"].items() if v is not None)
        yield (
            "guardrail",
            f"{one['metric']} ({one['kind']}), worse {one['worse']}{', ' + margin if margin else ''}",
        )
    yield "looks", _LOOKS[frozen["looks"]]
    yield "registered", _standing(known)


def _standing(known: Record) -> str:
    digest = str(known["digest"])[:12]
    match known["state"]:
        case "none":
            return f"no; --register freezes {digest}"
        case "changed":
            return f"on {known['on']}, and changed since; --register freezes {digest}"
        case "registered":
            return f"on {known['on']}, {known['where']}, {digest}"
    return f"{known['where']}{', ' + known['on'] if known['on'] else ''}"


def _outlook(here: Record) -> Iterator[tuple[str, str]]:
    seen = f"from {here['rows']:,} rows" if here["from"] == "rows" else "from the plan as it is declared"
    yield "traffic", f"{here['weekly']:,.0f} units a week, standard deviation {here['sd']:.3g} ({seen})"
    if here["clusters"]:
        yield "clusters", f"{here['clusters']}, icc {here['icc']:.3g}"
    if here["explained"]:
        yield "covariates", f"explain {here['explained'] * 100:.0f} % of the variance"
    if here["price_of_looks"]:
        yield "looking", f"costs {here['price_of_looks']:.2f} times the units of one look, at most"
    least = _change(here, here["smallest_effect"])
    yield (
        "by the end",
        f"{least} is decided with a probability of {math.floor(here['decided_by_end'] * 100)} %",
    )
    needed = [
        f"{_needs(here['weeks_needed'][way])} {word}"
        for way, word in (
            ("once", "with one look"),
            ("looks", _LOOKS[here["looks"]]),
            ("promotion", "to promote"),
        )
        if (way != "promotion" or here["promotion_e"]) and not (way == "looks" and here["looks"] == "once")
    ]
    yield "needs", f"{', '.join(needed)}; {here['weeks']:.0f} are planned"
    if here["promotion_e"]:
        yield "promotion", f"an e-value of {here['promotion_e']:g} alone, less beside other accepted pilots"
    if here["shorter"]:
        yield "shorter", "; ".join(f"{one['what']}: {one['weeks']} weeks" for one in here["shorter"])


def _needs(weeks: int | None) -> str:
    return f"{weeks} weeks" if weeks else "never"


def _columns(here: Record) -> list[tuple[str, str]]:
    found = [("once", "one look")]
    if here["looks"] != "once":
        found.append(("looks", f"{here['looks']} looks"))
    if here["promotion_e"]:
        found.append(("promotion", "promotion"))
    return found


def _weeks(here: Record) -> Iterator[str]:
    """The least effect that is decided with 80 %, by week, and as bars that of the looks that are planned."""
    columns = _columns(here)
    drawn = "once" if here["looks"] == "once" else "looks"
    known = [abs(row[drawn]) for row in here["by_week"] if row[drawn] is not None]
    longest = max(known, default=1.0)
    yield "  The smallest effect that is decided with 80 %, by week"
    yield f"  {'week':>4} {'units':>9}" + "".join(f"{word:>14}" for _, word in columns)
    reached = False
    for row in here["by_week"]:
        cells = "".join(f"{_cell(here, row[way]):>14}" for way, _ in columns)
        bar = "" if row[drawn] is None else "▪" * max(1, round(abs(row[drawn]) / longest * _BAR))
        mark = ""
        if not reached and row[drawn] is not None and abs(row[drawn]) <= abs(here["smallest_effect"]):
            reached, mark = True, f"  ◂ {_change(here, here['smallest_effect'])}"
        yield f"  {row['week']:>4} {row['units']:>9,}{cells}  {bar}{mark}".rstrip()


def _cell(here: Record, value: float | None) -> str:
    return "–" if value is None else _change(here, value)


def _change(here: Record, value: float) -> str:
    return _changed(value, here["scale"])


def _changed(value: float, scale: str) -> str:
    return change(value, "relative change" if scale != "absolute" else "")


def _share(value: float) -> str:
    return f"{value * 100:g} %"


def _registered(outcome: Record, head: str) -> Iterator[str]:
    if not outcome["recorded"]:
        yield f"not registered: error[{outcome['code']}] {outcome['what']}"
        yield f"  mend: {outcome['mend']}"
        return
    digest = outcome["digest"][:12]
    if outcome["new"]:
        yield f"entry {outcome['seq']}: {outcome['actor']} registered design {digest}"
    else:
        yield f"entry {outcome['seq']} of {day(outcome['at'])} holds design {digest}: nothing was written"
    if outcome["new"] and outcome["replaces"]:
        yield f"it replaces entry {outcome['replaces']}: what came before counts no more; it takes a new slot"
    if outcome["new"]:
        yield f"commit {head}"
    if outcome["head_behind"]:
        yield str(outcome["head_behind"])


def markdown(record: Record) -> str:
    """The same as tables, for a comment on a pull request."""
    clean: dict[str, Any] = cleaned(record)
    parts = [
        marker("design"),
        f"**{escaped(clean['initiative'])}**: {escaped(clean['hypothesis'] or 'no pilot')}",
    ]
    if clean["frozen"]:
        parts.append(_pairs(list(_design(clean))))
    here = clean["outlook"]
    if here:
        parts.append(_pairs(list(_outlook(here))))
        columns = _columns(here)
        rows = [
            "| week | units | " + " | ".join(word for _, word in columns) + " |",
            "| --: " * (2 + len(columns)) + "|",
        ]
        rows += [
            f"| {row['week']} | {row['units']:,} | "
            + " | ".join(_cell(here, row[way]) for way, _ in columns)
            + " |"
            for row in here["by_week"]
        ]
        parts.append("\n".join(rows))
    parts += [
        f"- {d['severity']} {d['code']}: {escaped(d['what'])}. _{escaped(d['mend'])}_"
        for d in clean["diagnostics"]
    ]
    return fitted("\n\n".join(parts))


def _pairs(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "| --- | --- |", *(f"| {escaped(a)} | {escaped(b)} |" for a, b in rows)])
