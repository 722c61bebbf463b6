"""What the record says as a whole: the headline, the P&L lines, what is missing, and where the money goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from headway.render.base import (
    Record,
    best_standing,
    effects_of,
    other_evidence,
    outcome_effects,
    standing,
)
from headway.render.figures import interval, metric_words, money, number
from headway.render.glossary import STAGES, STANDINGS

_SEVERAL = {
    "reached": "reach their objective",
    "undecided": "are not decided",
    "short": "do not reach theirs",
    "wrong": "moved the wrong way",
    "unmeasured": "have no measured effect",
}
_ONE = {
    **STANDINGS,
    "undecided": "is not decided",
    "short": "does not reach its objective",
    "unmeasured": "has no measured effect",
}

# From here cents are noise in what is only about so much.
_ROUNDED = 10
_BASES = {
    "cost_of_delay": "declared cost of delay",
    "forecast": "a week of the forecast",
    "declared_spend": "what goes on being spent",
}


def headline(record: Record) -> str:
    """One sentence about the whole portfolio, computed from nothing but the record."""
    initiatives = record["initiatives"]
    if not initiatives:
        return "No initiative is declared yet."
    counts: dict[str, int] = {}
    for one in initiatives:
        best = best_standing(one)
        counts[best] = counts.get(best, 0) + 1
    said = [_counted(n, s, len(initiatives), said=not at) for at, (s, n) in enumerate(_ordered(counts))]
    if "reached" in counts:
        said[0] += _grades_reached(initiatives)
    return f"{len(initiatives):,} initiative{'s' if len(initiatives) > 1 else ''}: {', '.join(said)}."


def _grades_reached(initiatives: Sequence[Record]) -> str:
    """The grades of the effects that reach an objective: a C that reaches it has not shown it."""
    grades = {
        e["grade"]
        for i in initiatives
        for e in outcome_effects(i)
        if standing(e, i["objective"]) == "reached"
    }
    return f" (grade{'s' if len(grades) > 1 else ''} {', '.join(sorted(grades))})"


def _ordered(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(s, counts[s]) for s in STANDINGS if s in counts]


def _counted(n: int, how: str, of: int, *, said: bool) -> str:
    words = (_ONE if n == 1 else _SEVERAL)[how]
    if how == "short" and said and n > 1:
        words = "do not reach their objective"
    if n == of and how == "unmeasured" and n > 1:
        return "none has a measured effect"
    if n == of:
        return f"it {words}" if n == 1 else f"all {words}"
    return f"{n:,} {words}"


def percent(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in per cent; whole per cents, and never 0 or 100 for what is not quite so.

    >>> (
    ...     percent(Decimal(62), Decimal(100)),
    ...     percent(Decimal(1), Decimal(1000)),
    ...     percent(Decimal(999), Decimal(1000)),
    ... )
    ('62 %', '< 1 %', '> 99 %')
    """
    if not whole:
        return "–"
    share = part / whole * 100
    if 0 < share < 1:
        return "< 1 %"
    return "> 99 %" if 99 < share < 100 else f"{share:.0f} %".replace("-", "−")  # noqa: PLR2004  per cent


def percent_of(part: str, whole: str) -> str:
    """The same of exact amounts as text."""
    return percent(Decimal(part), Decimal(whole))


def verdicts(record: Record) -> list[tuple[str, int]]:
    """How many initiatives stand how before their gates, the best first."""
    states = record["totals"]["states"]
    order = ("met", "waived", "inconclusive", "missing", "missed")
    return [(s, states[s]) for s in order if s in states]


def claimed(record: Record) -> str:
    """What a list claims of stages, and no file bears out; empty where there is nothing of it."""
    counted = record["totals"]["claimed"]
    parts = [f"{counted[stage]:,} {stage}" for stage in STAGES if stage in counted]
    return f"Claimed, with nothing declared behind it: {', '.join(parts)}" if parts else ""


def stages(record: Record) -> list[str]:
    """How many initiatives are in which stage, in the order of stages."""
    counted = record["totals"]["stages"]
    return [f"{counted[s]:,} {s}" for s in STAGES if s in counted]


def lines_of(record: Record, outcome: str) -> list[str]:
    """The P&L lines that an outcome leads to, by walking what it drives; a loop ends where it closes."""
    known = {o["name"]: o for o in record["outcomes"]}
    found: dict[str, None] = {}
    seen: set[str] = set()
    ahead = [outcome]
    while ahead:
        name = ahead.pop(0)
        one = known.get(name)
        if one is None or name in seen:
            continue
        seen.add(name)
        if one["line"]:
            found[name] = None
        ahead += one["drives"]
    return list(found)


def missing_groups(initiatives: Iterable[Record]) -> list[dict[str, Any]]:
    """What is not measured, joined under what it waits for, the most shared first."""
    groups: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for one in initiatives:
        for row in one["missing"]:
            group = groups.setdefault((row["why"], row["reason"]), {"metrics": {}, "initiatives": {}})
            group["metrics"][metric_words(row["metric"])] = None
            group["initiatives"][one["name"]] = None
    made: list[dict[str, Any]] = [
        {"why": why, "reason": reason, **{k: list(v) for k, v in group.items()}}
        for (why, reason), group in groups.items()
    ]
    return sorted(made, key=lambda g: (-len(g["initiatives"]), -len(g["metrics"]), g["why"]))


def first_row(initiative: Record) -> Record | None:
    """The estimate that says most: an outcome's effect, else any effect, else anything."""
    effects = outcome_effects(initiative) or effects_of(initiative)
    spoken = [e for e in effects if e["sentence"]]
    return next(iter((*spoken, *effects, *other_evidence(initiative))), None)


def first_finding(initiative: Record) -> str:
    """The one sentence that says most about an initiative."""
    row = first_row(initiative)
    if row is not None:
        return str(row["sentence"]) or told(row)
    return str(initiative["missing"][0]["why"]) if initiative["missing"] else "nothing measured yet"


def told(row: Record) -> str:
    """An evidence row as words: metric, number, interval and grade; a judged guardrail as its sentence."""
    if "guardrail" in row["estimate"]["detail"]:
        return str(row["sentence"])
    ends = interval(row["estimate"])
    words = f"{metric_words(row['metric'])} {number(row['estimate'])}"
    return words + (f" ({ends})" if ends else "") + f", grade {row['grade']}"


def settling(move: Record) -> str:
    """The requirement a move settles; a decision settles its whole gate."""
    return "" if ":" in move["requirement"] else f"settles {move['requirement']}"


def waiting(move: Record, currency: str) -> str:
    """What a week of waiting costs, and by what that is known."""
    week, bases = move["waiting_per_week"], move["waiting_basis"]
    if not week:
        return ""

    def about(amount: float) -> str:
        return f"{round(amount):,} {currency}" if amount >= _ROUNDED else money(amount, currency)

    named = [_BASES.get(b, b) + (f" {about(a)}" if len(bases) > 1 else "") for b, a in bases.items()]
    return f"a week of waiting costs about {about(week)} ({', '.join(named)})"


def behind(initiatives: Sequence[Record], name: str) -> str:
    """The best grade of an effect on the outcome behind an initiative's spend, as the bill's grades count."""
    grades = [e["grade"] for i in initiatives if i["name"] == name for e in outcome_effects(i)]
    return min(grades, default="none")
