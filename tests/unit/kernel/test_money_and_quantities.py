"""Money, shares, durations, rates and windows: what a person writes is what is meant, or a clear no."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.money import Money, add, settle, shown, split
from headway.kernel.quantity import Rate, parse_duration, parse_share, show_duration
from headway.kernel.window import Window


def test_money_is_a_decimal_and_a_currency() -> None:
    """`1200.50 EUR` keeps its digits, and amounts of one currency add."""
    total = Money.parse("1200.50 EUR") + Money.parse(" -0.50 EUR")
    assert total == Money(Decimal("1200.00"), "EUR")
    assert str(total) == "1200.00 EUR"


@pytest.mark.parametrize("text", ["1200", "EUR 12", "1,200 EUR", "1e3 EUR", "12 eur", "", "12 EURO"])
def test_anything_else_is_not_money(text: str) -> None:
    """A number without currency, a comma, an exponent: each is refused with the form to write."""
    with pytest.raises(ValueError, match=r"write it as 1200\.50 EUR"):
        Money.parse(text)


def test_currencies_are_never_added() -> None:
    """Euros and dollars need a dated rate first."""
    with pytest.raises(ValueError, match="without a dated rate"):
        Money.parse("1 EUR") + Money.parse("1 USD")


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**18), max_value=10**18)
    )
)
def test_sums_of_money_are_exact(amounts: list[Decimal]) -> None:
    """The sum of any amounts is their sum as fractions, to the last of eighteen decimals."""
    assert Fraction(add(*amounts)) == sum(map(Fraction, amounts), Fraction(0))


@given(
    st.integers(-(10**9), 10**9),
    st.dictionaries(st.text(min_size=1, max_size=3), st.fractions(0, 10), min_size=1, max_size=8).filter(
        lambda w: sum(w.values()) > 0
    ),
)
def test_a_split_adds_up_to_the_whole(cents: int, weights: dict[str, Fraction]) -> None:
    """Parts add up to the amount, and no part is a minor unit or more from its exact share."""
    amount = Decimal(cents) / 100
    parts = split(amount, weights)
    assert sum(parts.values()) == amount
    whole = sum(weights.values(), Fraction(0))
    assert all(
        abs(Fraction(parts[n]) - Fraction(amount) * w / whole) < Fraction(1, 100) for n, w in weights.items()
    )


@pytest.mark.parametrize(
    ("amount", "weights", "why"),
    [
        ("1.00", {"a": Fraction(0)}, "positive sum"),
        ("1.00", {"a": Fraction(2), "b": Fraction(-1)}, "non-negative"),
        ("1.001", {"a": Fraction(1)}, "finer than"),
    ],
)
def test_a_split_that_cannot_be_is_refused(amount: str, weights: dict[str, Fraction], why: str) -> None:
    """No weight, a negative one, or a fraction of a cent: nothing is divided."""
    with pytest.raises(ValueError, match=why):
        split(Decimal(amount), weights)


def test_amounts_are_shown_with_commas() -> None:
    """A person reads thousands, and as many decimals as are asked for."""
    assert shown(Decimal("-1234567.891"), 0) == "-1,234,568"


@pytest.mark.parametrize(("text", "share"), [("12 %", 0.12), ("-10%", -0.1), ("0.25", 0.25), (" 5 % ", 0.05)])
def test_a_share_is_per_cent_or_a_number(text: str, share: float) -> None:
    """`12 %` and `0.12` are the same share."""
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["twelve", "%", "1 2 %", ""])
def test_no_other_share(text: str) -> None:
    """Words and empty text are refused."""
    with pytest.raises(ValueError, match="is not a share"):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", timedelta(days=30)),
        ("6 h", timedelta(hours=6)),
        ("2w", timedelta(weeks=2)),
        ("90s", timedelta(seconds=90)),
        ("15min", timedelta(minutes=15)),
    ],
)
def test_a_duration_has_one_unit(text: str, span: timedelta) -> None:
    """Days, hours, weeks, seconds, minutes; shown again in the largest unit that is whole."""
    assert parse_duration(text) == span
    assert parse_duration(show_duration(span)) == span


def test_no_other_duration() -> None:
    """A month has no length."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration("1 month")


def test_a_duration_of_nothing_is_shown_in_seconds() -> None:
    """Zero is zero seconds."""
    assert show_duration(timedelta(0)) == "0s"


@pytest.mark.parametrize(
    ("text", "per_year", "shown_as"),
    [
        ("9500 EUR per month", "114000", "9500 EUR per month"),
        ("240000 per year", "240000", "240000 per year"),
        ("4000 EUR per week", "208000", "4000 EUR per week"),
        ("1 per quarter", "4", "1 per quarter"),
        ("2 per day", "730", "2 per day"),
    ],
)
def test_a_rate_is_an_amount_per_period(text: str, per_year: str, shown_as: str) -> None:
    """Money or a count, per day, week, month, quarter or year."""
    rate = Rate.parse(text)
    assert rate.per_year == Decimal(per_year)
    assert str(rate) == shown_as


@pytest.mark.parametrize("text", ["9500 EUR", "9500 EUR per fortnight", "x per year", "1.2.3 EUR per year"])
def test_no_other_rate(text: str) -> None:
    """A rate without a known period, or without a number, is refused."""
    with pytest.raises(ValueError, match="is not a rate"):
        Rate.parse(text)


def test_a_window_ends_before_its_last_date() -> None:
    """The end is exclusive: January has 31 days and ends on the 31st."""
    january = Window.parse("2026-01-01/2026-02-01")
    assert (january.days, january.last, str(january)) == (31, date(2026, 1, 31), "2026-01-01/2026-02-01")


@pytest.mark.parametrize(
    "text", ["2026-01-01", "2026-01-01/soon", "2026-02-01/2026-02-01", "2026-02-02/2026-02-01"]
)
def test_no_other_window(text: str) -> None:
    """A window without an end, or without a day, is refused."""
    with pytest.raises(ValueError, match="window"):
        Window.parse(text)


parts = st.dictionaries(st.text("abc", max_size=3), st.fractions(max_denominator=10**6), max_size=8)


@given(parts, st.integers(0, 4))
def test_settled_parts_add_up_to_their_rounded_sum_and_each_is_within_one_unit(
    exact: dict[str, Fraction], places: int
) -> None:
    """Negative, zero, none at all: the column adds up, and nobody is off by a whole unit."""
    made = settle(exact, places)
    unit = Fraction(1, 10**places)
    assert sum(map(Fraction, made.values()), Fraction(0)) == round(sum(exact.values()) / unit) * unit
    assert all(abs(Fraction(made[n]) - part) < unit for n, part in exact.items())


@given(st.decimals(-(10**9), 10**9, places=2), parts.filter(lambda p: any(w > 0 for w in p.values())))
def test_a_negative_whole_is_split_and_a_weight_of_zero_gets_nothing(
    amount: Decimal, weights: dict[str, Fraction]
) -> None:
    """A credit is divided as a charge is."""
    weights = {n: abs(w) for n, w in weights.items()}
    made = split(amount, weights)
    assert sum(made.values(), Decimal(0)) == amount
    assert all(made[n] == 0 for n, w in weights.items() if w == 0)


def test_a_sum_that_rounds_up_raises_every_part_where_it_must() -> None:
    """Three parts of 0.0066 are 0.0198, so two cents: two parts of one cent, the smaller names."""
    assert settle({"a": Fraction(66, 10**4), "b": Fraction(66, 10**4), "c": Fraction(66, 10**4)}) == {
        "a": Decimal("0.01"),
        "b": Decimal("0.01"),
        "c": Decimal("0.00"),
    }
