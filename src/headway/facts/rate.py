"""The fact ``rate``: what one unit of something costs, draws or emits, and on which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from headway.facts.base import Column, Fact

# A price per token has up to 24 decimals in published lists; power and carbon need no more than ten digits
# before the point.
RATE_DIGITS = (38, 28)

RATE = Fact(
    name="rate",
    meaning="one price, power, carbon factor, PUE or exchange rate, and the days on which it holds",
    columns=(
        Column("kind", "text", "price, power, carbon, pue or fx", required=True),
        Column(
            "key", "text", "what it is the rate of: model, device, country or provider/region", required=True
        ),
        Column("unit", "text", "per what: tokens.input, W, g/kWh ...", required=True),
        Column("value", "decimal", "the rate; empty where it is not stated, which is not 0", required=True),
        Column("currency", "text", "ISO 4217 code of a price"),
        Column("valid_from", "moment", "the first day on which it holds; empty: always"),
        Column("valid_to", "moment", "the day from which it holds no more; empty: for ever"),
        Column("source", "text", "where the figure comes from"),
        Column("year", "integer", "the year that it describes"),
        Column("digest", "text", "names the content of the file it stands in"),
    ),
    key=("kind", "key", "unit"),
    time=None,
    open=False,
    summed=(),
)


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the fact.

    Attributes:
        value: None where a list names the thing and states no rate of it: that is not 0.
        valid_from: the first day on which it holds.
        valid_to: the day from which it holds no more.
        year: the year that it describes, where it is known.
    """

    kind: str
    key: str
    unit: str
    value: Decimal | None
    currency: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    year: int | None = None

    def holds(self, on: date) -> bool:
        """Whether it holds on a day.

        >>> Rate("price", "m", "tokens.input", Decimal(1), valid_to=date(2026, 1, 1)).holds(date(2026, 1, 1))
        False
        """
        after = self.valid_from is None or self.valid_from <= on
        return after and (self.valid_to is None or on < self.valid_to)


def in_force(ranked: Sequence[Iterable[Rate]], unit: str, on: date) -> Rate | None:
    """The rate of a unit on a day: of the first source that states one, there the newest.

    Args:
        ranked: the rates of each source, the one that goes first in front: contract, bill, list.
        unit: such as ``tokens.input``.
        on: the day.

    Returns:
        None where no source states it: nothing is taken for 0.

    >>> contract, list_ = [Rate("price", "m", "t", None)], [Rate("price", "m", "t", Decimal("2e-6"))]
    >>> in_force([contract, list_], "t", date(2026, 1, 1)).value
    Decimal('0.000002')
    """
    for rates in ranked:
        found = [r for r in rates if r.unit == unit and r.value is not None and r.holds(on)]
        if found:
            return max(found, key=lambda r: (r.valid_from or date.min, r.year or 0))
    return None
