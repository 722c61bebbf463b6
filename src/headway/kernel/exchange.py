"""Dated exchange rates: what an amount in another currency was worth on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

# A rate holds over a long weekend and a holiday, not over a month.
HOLDS = timedelta(days=7)
_EXACT_DIGITS = 100
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """Rates to one currency, by currency and day.

    Attributes:
        to: the currency amounts are turned into (ISO 4217 letters).
        days: by currency, its days with their rates, in the order of days; one unit of that currency is worth
            `rate` units of `to`.
        digest: names the content they were read from; empty where there is none.

    >>> rates = ExchangeRates("EUR", {"USD": ((date(2026, 3, 6), Decimal("0.92")),)})
    >>> rates.exchange(Decimal("10.50"), "USD", date(2026, 3, 8))
    Decimal('9.6600')
    """

    to: str
    days: Mapping[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)
    digest: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """What names these rates among the parameters of a number made with them."""
        return {"exchange_rates": self.digest} if self.digest else {}

    def on(self, currency: str, day: date) -> Decimal | None:
        """The rate of a day, else the last one of the seven days before it, else nothing."""
        if currency == self.to:
            return _ONE
        known = self.days.get(currency, ())
        at = bisect_right(known, day, key=lambda entry: entry[0])
        if not at or day - known[at - 1][0] > HOLDS:
            return None
        return known[at - 1][1]

    def exchange(self, amount: Decimal, currency: str, day: date) -> Decimal | None:
        """An amount in `to`, to its last digit, or nothing where no rate holds on that day."""
        rate = self.on(currency, day)
        if rate is None:
            return None
        with localcontext() as context:
            context.prec = _EXACT_DIGITS
            return amount * rate
