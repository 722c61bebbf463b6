"""Money: a Decimal and a currency, never a float, never added across currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TypeVar

# Names that have an order, so that ties of rounding fall the same way everywhere.
Name = TypeVar("Name", str, tuple[str, ...])

_FORM = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s+([A-Z]{3})$")
_EXACT_DIGITS = 100
ZERO = Decimal(0)
_WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 letters).

    >>> Money.parse("1200.50 EUR") + Money.parse("0.50 EUR")
    Money(amount=Decimal('1201.00'), currency='EUR')
    """

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read ``1200.50 EUR``.

        Raises:
            ValueError: the text is not an amount and a currency of three capitals.
        """
        found = _FORM.match(text.strip())
        if not found:
            message = f"'{text}' is not money; write it as 1200.50 EUR"
            raise ValueError(message)
        return cls(Decimal(found[1]), found[2])

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            message = f"cannot add {other.currency} to {self.currency} without a dated rate"
            raise ValueError(message)
        return Money(add(self.amount, other.amount), self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def add(*amounts: Decimal) -> Decimal:
    """Sum amounts exactly, whatever their number of digits.

    >>> add(Decimal("1e20"), Decimal("1e-18"))
    Decimal('100000000000000000000.000000000000000001')
    """
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        return sum(amounts, ZERO)


def exact(amount: Decimal) -> str:
    """All digits of an amount that carry something; an exact zero is 0.

    >>> exact(Decimal("100.50")), exact(Decimal("1E+2")), exact(Decimal("0.00"))
    ('100.5', '100', '0')
    """
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"", "-0"} else text


def shown(amount: Decimal, places: int = 2) -> str:
    """An amount for a person: grouped by a thin comma, rounded half even at the reporting grain.

    >>> shown(Decimal("1234567.891"))
    '1,234,567.89'
    """
    return f"{amount:,.{places}f}"


def split(amount: Decimal, weights: Mapping[str, Fraction], places: int = 2) -> dict[str, Decimal]:
    """Divide a rounded amount by exact weights so that the parts add up to it, by largest remainder.

    Args:
        amount: the whole, a multiple of the minor unit (10 to the minus `places`).
        weights: exact non-negative weights by name; they need not add to 1.
        places: decimals of the minor unit.

    Returns:
        A part per name; ties of remainder go to the smaller name.

    Raises:
        ValueError: no weight is positive, one is negative, or `amount` is finer than the minor unit.

    >>> split(Decimal("1.00"), {"a": Fraction(1), "b": Fraction(1), "c": Fraction(1)})
    {'a': Decimal('0.34'), 'b': Decimal('0.33'), 'c': Decimal('0.33')}
    """
    whole = sum(weights.values(), Fraction(0))
    if whole <= 0 or any(w < 0 for w in weights.values()):
        message = "weights must be non-negative with a positive sum"
        raise ValueError(message)
    unit = Decimal(1).scaleb(-places)
    minor = Fraction(amount) / Fraction(unit)
    if minor.denominator != 1:
        message = f"{amount} is finer than {unit}"
        raise ValueError(message)
    return _apportion({name: minor * w / whole for name, w in weights.items()}, int(minor), unit)


def settle(parts: Mapping[Name, Fraction], places: int = 2) -> dict[Name, Decimal]:
    """Round parts so that they still add up to their sum, itself rounded half even.

    Args:
        parts: exact amounts by name, of any sign.
        places: decimals to round to.

    Returns:
        A part per name, less than one unit of the last decimal off; what is left over after rounding down
        goes to the largest remainders, ties to the smaller name.

    >>> settle({"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(-2, 3)}, 1)
    {'a': Decimal('0.4'), 'b': Decimal('0.3'), 'c': Decimal('-0.7')}
    """
    unit = Decimal(1).scaleb(-places)
    exact = {name: part * 10**places for name, part in parts.items()}
    return _apportion(exact, round(sum(exact.values(), Fraction(0))), unit)


def _apportion(exact: Mapping[Name, Fraction], whole: int, unit: Decimal) -> dict[Name, Decimal]:
    counts = {name: x.numerator // x.denominator for name, x in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (counts[name] - exact[name], name))
    for name in by_remainder[: whole - sum(counts.values())]:
        counts[name] += 1
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        return {name: unit * count for name, count in counts.items()}


def decimals_of(amounts: Iterable[Decimal], least: int = 0) -> int:
    """The decimals of the amount that has most of them, and at least so many.

    >>> decimals_of([Decimal("1.50"), Decimal("2.125")])
    3
    """
    found = (a.as_tuple().exponent for a in amounts)
    return max([least, *(-e for e in found if isinstance(e, int))])


def minor_places(currency: str) -> int:
    """Decimals of a currency's minor unit (ISO 4217): 2, but for those that have none or three.

    >>> minor_places("EUR"), minor_places("JPY"), minor_places("KWD")
    (2, 0, 3)
    """
    return 0 if currency in _WITHOUT_MINOR else 3 if currency in _WITH_THOUSANDTHS else 2
