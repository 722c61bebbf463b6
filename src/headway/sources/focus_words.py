"""Words for the rows of a bill: how many, whose, for how much, and which is the first of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from headway.kernel.money import add, exact
from headway.sources.focus_scan import Rows

T = TypeVar("T")
_PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9 _.-]*$")
# Providers named in a finding; a bill of resellers has hundreds.
_SHOWN = 6


def where(rows: Sequence[Rows]) -> str:
    """How many rows of which providers, their BilledCost, and one of them as an example."""
    of = by(rows, lambda r: r.provider)
    named = [f"{name or 'no provider'} {counted(some)}" for name, some in list(of.items())[:_SHOWN]]
    if len(of) > _SHOWN:
        named.append(f"{len(of) - _SHOWN} more providers")
    first = min(rows, key=_place)
    file = f" of {first.part.rpartition('/')[2]}" if first.part else ""
    example = f"such as {first.first}{file}" if first.first else "none of which has a name"
    many = "1 row" if counted(rows) == "1" else f"{counted(rows)} rows"
    return f"in {many} ({', '.join(named)}; BilledCost {', '.join(billed(rows))}), {example}"


def _place(rows: Rows) -> tuple[str, int, str]:
    number = rows.first.removeprefix("row ").replace(",", "")
    return rows.part, int(number) if number.isdecimal() else 0, rows.first


def counted(rows: Iterable[Rows]) -> str:
    """How many."""
    return f"{sum(r.rows for r in rows):,}"


def billed(rows: Iterable[Rows]) -> list[str]:
    """The BilledCost of rows by currency."""
    some = by(rows, lambda r: r.currency)
    return [f"{summed(of, 0)} {currency or 'in no currency'}" for currency, of in some.items()]


def summed(rows: Iterable[Rows], at: int) -> str:
    """The sum of one of the amounts that rows have sums of, with all its digits."""
    return exact(add(*(r.amounts[at] for r in rows)))


def by(rows: Iterable[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    """Things by what they have in common, in the order of that."""
    found: dict[Any, list[T]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return dict(sorted(found.items()))


def listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def quoted(text: str) -> str:
    """A text as a key or value in YAML's flow form."""
    return text if _PLAIN.match(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def period(start: str, end: str) -> str:
    """A billing period: its month, or its days where it is none.

    >>> period("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"), period("2026-06-16T00:00:00Z", "")
    ('2026-06', '2026-06-16')
    """
    first = start[8:10] == "01" and end[8:10] in ("01", "")
    months = (int(end[:4]) - int(start[:4])) * 12 + int(end[5:7]) - int(start[5:7]) if first and end else 1
    if first and months == 1:
        return start[:7]
    return f"{start[:10]} to {end[:10]}" if end else start[:10]
