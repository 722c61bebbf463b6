"""Verified-return coverage in words and as a bar of grades."""

from __future__ import annotations

from decimal import Decimal

from headway.render.base import Record
from headway.render.figures import day, money
from headway.render.summary import percent

# In the order of a bar: what is known best stands first, what nobody measured last.
GRADES = ("A", "B", "C", "D", "none")
BAR = 40
_KNOWN = {"metered": "billed", "declared": "a year at declared rates", "budget": "in budgets of pilots"}
_LABELS = {"metered": "billed", "declared": "declared", "budget": "budgets"}
_BEST = ("A", "B")


def sentences(record: Record) -> list[str]:
    """One sentence for each kind of spend; grades are listed, never added."""
    coverage = record["coverage"]
    made = [_sentence(b) for b in coverage["bases"] if Decimal(b["amount"]) > 0]
    if not made:
        return ["No spend is known yet: neither a bill nor a declared cost."] if record["initiatives"] else []
    unknown = len(coverage["uncounted"])
    if unknown:
        whose = "1 initiative states no cost" if unknown == 1 else f"{unknown:,} initiatives state no cost"
        made.append(f"{whose}.")
    return made


def _sentence(base: Record) -> str:
    when = ""
    if base["from"]:
        first, last = day(base["from"]), day(base["to"])
        when = f" on {first}" if first == last else f" from {first} to {last}"
    said = f"Of {money(base['amount'], base['currency'])} {_KNOWN[base['basis']]}{when}, "
    found = shares(base)
    measured = [(g, words) for g, words in found if g != "none"]
    if not measured:
        return said + "nothing has a measured outcome behind it."
    none = f"; {dict(found)['none']} has none" if "none" in dict(found) else ""
    if {g for g, _ in measured} & set(_BEST):
        (grade, words), *others = measured
        first = f"{words} has a measured outcome of grade {grade} behind it"
        return said + ", ".join([first, *(f"{w} one of grade {g}" for g, w in others)]) + none + "."
    parts = ", ".join(f"{w} one of grade {g}" for g, w in measured)
    return f"{said}nothing has a measured outcome of grade A or B behind it; {parts}{none}."


def shares(base: Record) -> list[tuple[str, str]]:
    """Grade and share in words, of each that has any."""
    whole = Decimal(base["amount"])
    found = base["by_grade"]
    return [(g, percent(Decimal(found[g]), whole)) for g in GRADES if g in found]


def label(base: Record, *, several: bool) -> str:
    """What a bar is of."""
    words = _LABELS[base["basis"]]
    return f"{words}, {base['currency']}" if several else words


def letters(base: Record, width: int = BAR) -> str:
    """A bar of one letter per part: grades by their letter, what nobody measured as dots.

    >>> letters({"amount": "100", "by_grade": {"A": "14", "none": "86"}}, 20)
    'AAA·················'
    """
    whole = Decimal(base["amount"])
    if whole <= 0:
        return ""
    return "".join(
        ("·" if g == "none" else g) * n for g, n in _divided(base["by_grade"], whole, width).items()
    )


def _divided(by_grade: Record, whole: Decimal, width: int) -> dict[str, int]:
    """So many letters each that they fill the bar; what is there at all has at least one."""
    amounts = {g: Decimal(by_grade[g]) for g in GRADES if g in by_grade and Decimal(by_grade[g]) > 0}
    made = {g: max(1, int(a * width / whole)) for g, a in amounts.items()}
    rest = sorted(amounts, key=lambda g: amounts[g] * width / whole - made[g], reverse=True)
    at = 0
    while rest and sum(made.values()) < width:
        made[rest[at % len(rest)]] += 1
        at += 1
    while sum(made.values()) > width:
        made[max(made, key=lambda g: made[g])] -= 1
    return made


def legend(record: Record) -> list[tuple[str, str]]:
    """Bar and shares of each kind of spend."""
    bases = [b for b in record["coverage"]["bases"] if Decimal(b["amount"]) > 0]
    several = len({b["currency"] for b in bases}) > 1
    return [
        (
            label(b, several=several),
            ", ".join(f"{w} none" if g == "none" else f"{w} grade {g}" for g, w in shares(b)),
        )
        for b in bases
    ]
