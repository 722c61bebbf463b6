"""What changed since an earlier review, in lines that a person reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from headway.render.base import Record
from headway.render.figures import change, currency_of, day, figure, metric_words, money
from headway.render.people import person

# Lines of one kind before the rest is counted.
LINES = 5
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SPEND = {
    "metered": "the bill",
    "declared": "a year's spend at declared rates",
    "budget": "the budgets of pilots",
}


def title(record: Record) -> str:
    """Since when, and which revision that was; without one, today's files were judged as of then."""
    since = record["changes"]
    then = day(since["as_of"], record["portfolio"]["time_zone"])
    if since["revision"] is None:
        return f"Since {then} (today's files as of then)"
    if _DAY.fullmatch(since["since"]):
        return f"Since {then} ({since['revision'][:10]})"
    return f"Since {since['since']} ({since['revision'][:10]}, judged as of {then})"


def lines(record: Record, *, full: bool = False) -> list[str]:
    """Every change in a line, the weightiest kind first; said plainly where there is none."""
    made: list[str] = []
    for kind in (_initiatives, _decisions, _verdicts, _requirements, _effects, _expired, _spend, _rules):
        found = list(kind(record, record["changes"]))
        made += found if full else found[:LINES]
        if not full and len(found) > LINES:
            made.append(f"and {len(found) - LINES} more of that kind; `--all` shows them")
    return made or ["Nothing changed: the same initiatives, verdicts, numbers and spend."]


def _title(record: Record, name: str) -> str:
    return next((i["title"] for i in record["initiatives"] if i["name"] == name), name)


def _initiatives(record: Record, since: Record) -> Iterator[str]:
    for name in since["initiatives"]["new"]:
        yield f"new: {_title(record, name)}"
    for name in since["initiatives"]["removed"]:
        yield f"gone: {name}"
    for row in since["stages"]:
        yield f"{_title(record, row['initiative'])}: {row['before']} → {row['after']}"


def _decisions(record: Record, since: Record) -> Iterator[str]:
    for row in since["decisions"]:
        gate = f" at gate {row['gate']}" if row["gate"] else ""
        against = ", against the verdict" if row["against"] else ""
        yield (
            f"{person(record, row['actor'])} decided {row['kind'].replace('_', ' ')} for "
            f"{_title(record, row['initiative'])}{gate} on {day(row['at'])}{against}"
        )


def _verdicts(record: Record, since: Record) -> Iterator[str]:
    for row in since["verdicts"]:
        yield f"{_title(record, row['initiative'])}: gate {row['gate']} {row['before']} → {row['after']}"


def _requirements(record: Record, since: Record) -> Iterator[str]:
    for row in since["requirements"]:
        yield (
            f"{_title(record, row['initiative'])}: {row['id']} {row['before']} → {row['after']}; "
            f"was: {row['saw_before']}; is: {row['saw_after']}"
        )


def _effects(record: Record, since: Record) -> Iterator[str]:
    for row in since["effects"]:
        before, after = (_estimate(row[k]) for k in ("before", "after"))
        yield f"{_title(record, row['initiative'])}: {metric_words(row['metric'])} {before} → {after}"


def _estimate(row: Mapping[str, object] | None) -> str:
    if row is None:
        return "not measured"
    unit = str(row["unit"])
    show = figure if currency_of(unit) else change
    tail = " %" if unit == "relative change" else f" {unit}"
    low, high = (show(_number(row[k]), unit) for k in ("low", "high"))
    ends = f"{low.removesuffix(tail)} to {high}"
    return f"{show(_number(row['value']), unit)} ({ends}), grade {row['grade']}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _expired(record: Record, since: Record) -> Iterator[str]:
    for row in since["expired"]:
        what = f"evidence on {metric_words(row['metric'])} expired on {day(row['valid_until'])}"
        yield f"{_title(record, row['initiative'])}: {what}"


def _spend(_: Record, since: Record) -> Iterator[str]:
    for row in since["spend"]:
        less = Decimal(row["added"]) < 0
        added = money(abs(Decimal(row["added"])), row["currency"])
        yield f"{_SPEND.get(row['basis'], row['basis'])} {'fell' if less else 'grew'} by {added}"


def _rules(_: Record, since: Record) -> Iterator[str]:
    if since["rules"]["before"] != since["rules"]["after"]:
        yield f"rules: {since['rules']['before']} → {since['rules']['after']}"
