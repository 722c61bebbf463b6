"""Rates: the first source that states one is believed, and there the newest that holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from headway.facts.rate import Rate, in_force

DAY = date(2026, 3, 1)


def price(value: str | None, valid_from: date | None = None, valid_to: date | None = None) -> Rate:
    """A price of one token of input."""
    stated = None if value is None else Decimal(value)
    return Rate("price", "m", "tokens.input", stated, "USD", valid_from, valid_to)


def test_the_first_source_that_states_a_rate_is_believed() -> None:
    """A contract before the bill, the bill before a list; a blank states nothing."""
    contract, bill, listed = [price(None)], [price("2")], [price("1")]
    assert in_force([contract, bill, listed], "tokens.input", DAY) == bill[0]
    assert in_force([[], [], listed], "tokens.input", DAY) == listed[0]
    assert in_force([contract], "tokens.input", DAY) is None
    assert in_force([bill], "tokens.output", DAY) is None


def test_of_two_that_hold_the_newer_does() -> None:
    """The first day counts, the last does not."""
    old, new = price("3"), price("2", valid_from=DAY)
    assert in_force([[old, new]], "tokens.input", DAY) == new
    assert in_force([[old, new]], "tokens.input", date(2026, 2, 28)) == old
    ended = price("3", valid_to=DAY)
    assert in_force([[ended]], "tokens.input", date(2026, 2, 28)) == ended
    assert in_force([[ended]], "tokens.input", DAY) is None


def test_nought_is_a_price() -> None:
    """What costs nothing is stated; that is not the same as saying nothing."""
    assert in_force([[price("0")], [price("5")]], "tokens.input", DAY) == price("0")
