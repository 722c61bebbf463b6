"""Numbers, dates and names as a person reads them."""

from __future__ import annotations

import math

import pytest
from tests.unit.render.records import cost, effect, estimate

from headway.render import figures


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (math.inf, "inf"),
        (1e-9, "1×10⁻⁹"),
        (-0.000123, "−0.000123"),
        (999_999.6, "1,000,000"),
        (8.25e20, "8.25×10²⁰"),
    ],
)
def test_three_digits_tell_a_number(value: float, said: str) -> None:
    """Tiny and huge numbers are powers of ten, the others plain."""
    assert figures.significant(value) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "0.00 EUR"),
        ("0.004", "0.0040 EUR"),
        ("-1234567.5", "−1,234,568 EUR"),
        ("12345678901234567890", "12,345,678,901,234,567,890 EUR"),
    ],
)
def test_money_keeps_what_matters(amount: str, said: str) -> None:
    """No digit of a large amount is lost to a float, and a small one is never 0.00."""
    assert figures.money(amount, "EUR") == said


def test_an_exact_amount_keeps_every_digit() -> None:
    """What is known to the last digit is shown to the last digit."""
    assert figures.number(cost("12345678901234567890.123456789012345678910")["estimate"]) == (
        "12,345,678,901,234,567,890.12345678901234567891 EUR"
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (effect("m", "outcome", 0.1, -0.2, 0.4)["estimate"], "−20.0 to +40.0 %, 95 %"),
        (effect("m", "outcome", 5.0, 1.0, 9.0, unit="minutes")["estimate"], "+1 to +9 minutes, 95 %"),
        (effect("m", "proxy", 0.1, 0.0, 0.2, unit="share")["estimate"], "+0.0 to +20.0 % points, 95 %"),
        (estimate(0.5, 0.0001, 0.9, "probability"), "< 0.1 to 90.0 %, 95 %"),
        (estimate(1.0, 1.0, 1.0, "EUR"), ""),
        (estimate(0.1, -3.0, 3.0, "minutes"), "−3 to 3 minutes, 95 %"),
    ],
)
def test_an_interval_names_its_unit_once(row: dict[str, object], said: str) -> None:
    """The unit stands behind the second end, and a count over everything has no interval."""
    assert figures.interval(row) == said


def test_a_day_is_the_day_of_the_house() -> None:
    """The end of a day in one zone is not the next day of another."""
    assert figures.day("2026-01-01T04:59:59Z", "America/New_York") == "31 Dec 2025"
    assert figures.day("2026-01-01T04:59:59Z", "No/Where") == "1 Jan 2026"
    assert figures.day("sometime soon") == "sometime s"
    assert figures.day("2026-13-45") == "2026-13-45"


def test_a_window_of_one_day_is_that_day() -> None:
    """A span names a day once, and says when nothing dates the data."""
    one = "2025-02-01T00:00:00Z"
    assert figures.span({"from": one, "to": one}) == "1 Feb 2025"
    assert figures.span(None) == "not dated"


def test_only_three_capitals_are_a_currency() -> None:
    """A metric's unit of three letters is no money."""
    assert [figures.currency_of(u) for u in ("EUR per year", "km", "day", "GPU h")] == ["EUR", "", "", "GPU"]
