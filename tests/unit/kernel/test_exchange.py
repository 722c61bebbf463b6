"""Dated exchange rates."""

from __future__ import annotations

import doctest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from headway.kernel import exchange
from headway.kernel.exchange import HOLDS, ExchangeRates

FRIDAY = date(2026, 3, 6)
RATES = ExchangeRates(
    "EUR", {"USD": ((FRIDAY, Decimal("0.92")), (FRIDAY + timedelta(days=3), Decimal("0.93")))}
)


def test_the_example_is_true() -> None:
    """The rate of Friday holds on Sunday."""
    assert doctest.testmod(exchange) == (0, 2)


def test_a_rate_holds_until_the_next_and_for_seven_days_at_most() -> None:
    """Before the first day there is none; a week after the last there is none any more."""
    assert RATES.on("USD", FRIDAY - timedelta(days=1)) is None
    assert RATES.on("USD", FRIDAY + timedelta(days=2)) == Decimal("0.92")
    last = FRIDAY + timedelta(days=3)
    assert RATES.on("USD", last + HOLDS) == Decimal("0.93")
    assert RATES.on("USD", last + HOLDS + timedelta(days=1)) is None
    assert RATES.on("GBP", FRIDAY) is None


def test_the_own_currency_needs_no_rate() -> None:
    """One EUR is one EUR on every day, with or without a file."""
    assert ExchangeRates("EUR").exchange(Decimal("1e-18"), "EUR", date(1970, 1, 1)) == Decimal("1e-18")
    assert ExchangeRates("EUR").parameters == {}


amounts = st.decimals(min_value=-(10**18), max_value=10**18, places=18)


@given(amounts, amounts)
def test_exchange_is_exact_so_that_parts_add_up(one: Decimal, other: Decimal) -> None:
    """Exchanging a sum is summing what was exchanged, to the last digit."""
    from headway.kernel.money import add

    parts = [RATES.exchange(x, "USD", FRIDAY) or Decimal(0) for x in (one, other)]
    assert RATES.exchange(add(one, other), "USD", FRIDAY) == add(*parts)
