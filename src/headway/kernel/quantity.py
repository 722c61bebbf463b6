"""Shares, durations and other quantities as people write them: ``12 %``, ``30d``, ``9500 EUR per month``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from headway.kernel.money import Money

_DURATION = re.compile(r"^(\d+)\s*(s|min|h|d|w)$")
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
PER_YEAR = {
    "day": Decimal(365),
    "week": Decimal(52),
    "month": Decimal(12),
    "quarter": Decimal(4),
    "year": Decimal(1),
}


# The same few shares stand in every document.
@lru_cache(maxsize=4096)
def parse_share(text: str) -> float:
    """Read ``12 %`` or ``0.12`` as a share; a sign is kept.

    >>> parse_share("-10 %"), parse_share("0.25")
    (-0.1, 0.25)

    Raises:
        ValueError: neither form.
    """
    return float(parse_exact_share(text))


def parse_exact_share(text: str) -> Decimal:
    """Read ``12 %`` or ``0.12`` to the last digit, for shares that must add up.

    >>> parse_exact_share("33.333333333333333333 %")
    Decimal('0.33333333333333333333')

    Raises:
        ValueError: neither form.
    """
    body = text.strip()
    try:
        if body.endswith("%"):
            return Decimal(body[:-1].strip()).scaleb(-2)
        return Decimal(body)
    except InvalidOperation:
        message = f"'{text}' is not a share; write it as 12 % or 0.12"
        raise ValueError(message) from None


def parse_duration(text: str) -> timedelta:
    """Read ``30d``, ``6h``, ``2w``, ``90s``, ``15min``.

    >>> parse_duration("30d").days
    30

    Raises:
        ValueError: no number with one of these units.
    """
    found = _DURATION.match(text.strip())
    if not found:
        message = f"'{text}' is not a duration; write it as 30d, 6h, 2w, 90s or 15min"
        raise ValueError(message)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def show_duration(span: timedelta) -> str:
    """Write a duration as a person would: whole days where it is whole days.

    >>> show_duration(timedelta(days=30)), show_duration(timedelta(hours=6))
    ('30d', '6h')
    """
    seconds = int(span.total_seconds())
    for unit in ("d", "h", "min"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


@dataclass(frozen=True, slots=True)
class Rate:
    """Money or a count per period.

    >>> Rate.parse("9500 EUR per month").per_year
    Decimal('114000')
    """

    amount: Decimal
    currency: str | None
    per: str

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read ``9500 EUR per month`` or ``240000 per year``.

        Raises:
            ValueError: not an amount and a period (day, week, month, quarter, year).
        """
        head, word, period = text.strip().partition(" per ")
        if not word or period.strip() not in PER_YEAR:
            message = f"'{text}' is not a rate; write it as 9500 EUR per month or 240000 per year"
            raise ValueError(message)
        try:
            if head.strip()[-3:].isalpha():
                money = Money.parse(head)
                return cls(money.amount, money.currency, period.strip())
            return cls(Decimal(head.strip()), None, period.strip())
        except (InvalidOperation, ValueError):
            message = f"'{text}' is not a rate; write it as 9500 EUR per month or 240000 per year"
            raise ValueError(message) from None

    @property
    def per_year(self) -> Decimal:
        """The amount in a year of 12 months, 52 weeks or 365 days."""
        return self.amount * PER_YEAR[self.per]

    def __str__(self) -> str:
        unit = f" {self.currency}" if self.currency else ""
        return f"{self.amount:f}{unit} per {self.per}"
