"""The port of every face, and the words and numbers that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

Record = Mapping[str, Any]

# States in the order a reader cares, with a mark that reads without colour.
MARKS = {"met": "✓", "waived": "○", "inconclusive": "≈", "missing": "·", "missed": "✗"}
STAGES = ("proposed", "framed", "piloting", "scaling", "operating", "retired")


class Renderer(Protocol):
    """A face: the review's record and the width of the place it is shown in, to text."""

    def __call__(self, record: Record, width: int) -> str:
        """Draw the record."""
        ...


def money(amount: float | Decimal | str, currency: str) -> str:
    """An amount as a person reads it: whole above a thousand, cents below, all digits below a cent.

    >>> money(1234567.8, "EUR"), money("0.274164486660", "USD"), money("20.52", "USD")
    ('1,234,568 EUR', '0.27 USD', '20.52 USD')
    """
    value = Decimal(str(amount))
    places = 0 if abs(value) >= 1000 else 2  # noqa: PLR2004
    return f"{value:,.{places}f} {currency}".replace("-", "−")


def effects_of(initiative: Record) -> list[Record]:
    """The effects of an initiative, outcomes before proxies."""
    order = {"outcome": 0, "proxy": 1, "guardrail": 2}
    found = [e for e in initiative["evidence"] if e["measure"] == "effect"]
    return sorted(found, key=lambda e: order.get(str(e["estimate"]["detail"].get("role")), 3))


def other_evidence(initiative: Record) -> list[Record]:
    """Everything measured that is not an effect."""
    return [e for e in initiative["evidence"] if e["measure"] != "effect"]


def change(value: float, unit: str) -> str:
    """An effect's number, signed.

    >>> change(0.1884, "relative change"), change(-54.346, "points")
    ('+18.8 %', '−54.35 points')
    """
    if unit in ("relative change", "share"):
        percent = value * 100
        places = 2 if 0 < abs(percent) < 1 else 1
        return f"{percent:+.{places}f} %".replace("-", "−")
    digits = f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+.4g}"  # noqa: PLR2004
    return f"{digits} {unit}".strip().replace("-", "−")


def figure(value: float, unit: str) -> str:
    """A measured number, unsigned."""
    if unit in ("share", "probability"):
        return f"{value * 100:.1f} %"
    if unit.endswith("per year") or len(unit) == 3:  # noqa: PLR2004  a currency
        head, _, tail = unit.partition(" ")
        return f"{money(value, head)} {tail}".strip()
    return f"{value:,.3g} {unit}".replace("-", "−")


def interval(estimate: Record) -> str:
    """The ends of an interval with its level, or nothing for a count over everything."""
    if estimate["low"] == estimate["high"]:
        return ""
    write = change if "role" in estimate["detail"] else figure
    return f"{write(estimate['low'], estimate['unit'])} to {write(estimate['high'], estimate['unit'])}, {estimate['level'] * 100:g} %"


def open_rows(initiative: Record) -> list[Record]:
    """Requirements that are neither met nor waived, missed first."""
    order = {"missed": 0, "missing": 1, "inconclusive": 2}
    return sorted(
        (r for r in initiative["requirements"] if r["state"] in order), key=lambda r: order[r["state"]]
    )


def headline(initiative: Record) -> str:
    """The one sentence that says most about an initiative."""
    outcomes = [e for e in effects_of(initiative) if e["estimate"]["detail"].get("role") == "outcome"]
    if outcomes:
        return str(outcomes[0]["sentence"])
    others = other_evidence(initiative)
    if others:
        first = others[0]
        ends = interval(first["estimate"])
        return (
            f"{first['metric'].replace('_', ' ')} {figure(first['estimate']['value'], first['estimate']['unit'])}"
            + (f" ({ends})" if ends else "")
        )
    return str(initiative["missing"][0]["why"]) if initiative["missing"] else "nothing measured yet"
