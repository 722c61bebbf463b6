"""Numbers, dates and names as a person reads them."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headway.render.base import Record

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CURRENCY_LETTERS = 3
_THOUSAND = 1000
_MOST_PLACES = 6
_LEAST_SHOWN_SHARE = 0.001
# Measures whose own word would not be understood beside a number.
_METRICS = {
    "cost": "cost",
    "unallocated_share": "share of the bill nobody claims",
    "return": "return, cost deducted",
    "return_probability": "probability that the return is positive",
    "srm": "evidence against the planned split",
    "used_share": "used share of what was granted",
    "idle_share": "share of the time idle",
    "grant_over_need": "granted over the need that a replay shows",
    "asked_over_need": "asked for over the need that a replay shows",
    "violation": "share of samples short of the replayed grant",
    "waste_share": "waste, as a share of what is granted",
    "waste": "waste: avoided by a replay that is short at most 1 % of the time, or held by nobody",
    "unit_cost_marginal": "cost of one more",
    "unit_cost_at_volume": "unit cost at the planned volume",
    "unit_cost_to_target": "unit cost at the planned volume, of its target",
    "self_hosting_ratio": "cost of devices of one's own",
}


def minus(text: str) -> str:
    """A number's text with the sign that is as wide as a plus."""
    return text.replace("-", "−")


def money(amount: float | Decimal | str, currency: str) -> str:
    """An amount as a person reads it: whole from a thousand, cents below, first digits below a cent.

    >>> money(1234567.8, "EUR"), money("0.274164486660", "USD"), money("-0.00123", "USD")
    ('1,234,568 EUR', '0.27 USD', '−0.0012 USD')
    """
    value = Decimal(str(amount))
    size = abs(value)
    if 0 < size < Decimal("0.005"):
        return f"{minus(f'{value:.{1 - size.adjusted()}f}')} {currency}"
    return f"{minus(f'{value:,.{0 if size >= _THOUSAND else 2}f}')} {currency}"


def places_of(amounts: list[str]) -> int:
    """How many decimals a column of exact amounts needs so that every digit shows; at least two."""
    return max([2, *(len(a.partition(".")[2].rstrip("0")) for a in amounts)])


def exact(amount: str, places: int = 0) -> str:
    """Every digit of an amount, thousands apart; zeros at its end only up to a number of places.

    >>> exact("1234567.1234567890123", 2), exact("-12", 2), exact("4984.871665000000", 2)
    ('1,234,567.1234567890123', '−12.00', '4,984.871665')
    """
    whole, _, rest = amount.partition(".")
    digits = whole.lstrip("-")
    grouped = f"{int(digits or '0'):,}"
    decimals = rest.rstrip("0").ljust(places, "0")
    return minus("-" if whole.startswith("-") else "") + grouped + (f".{decimals}" if decimals else "")


def declared(value: float | str, unit: str = "") -> str:
    """A declared number with the digits it was declared with; a share in per cent.

    >>> declared(19.25), declared(1200000.0), declared(0.1982, "share")
    ('19.25', '1,200,000', '19.82 %')
    """
    number_ = Decimal(str(value)) * (100 if unit == "share" else 1)
    plain = exact(_trimmed(f"{number_:f}"))
    return f"{plain} %" if unit == "share" else plain


def share(value: float) -> str:
    """A share in per cent; what rounds to nothing or to all says on which side it lies.

    >>> share(0.314), share(0.00001), share(0.99999), share(0.0), share(1.0)
    ('31.4 %', '< 0.1 %', '> 99.9 %', '0 %', '100 %')
    """
    if 0 < value < _LEAST_SHOWN_SHARE:
        return "< 0.1 %"
    if 1 - _LEAST_SHOWN_SHARE < value < 1:
        return "> 99.9 %"
    return minus(f"{value * 100:.0f} %" if value in (0, 1) else f"{value * 100:.1f} %")


def significant(value: float, *, signed: bool = False) -> str:
    """At least three significant digits, plainly where a person can read it so, in powers of ten elsewhere.

    >>> significant(1234.6), significant(0.0456), significant(4.2e17), significant(2.5, signed=True)
    ('1,235', '0.0456', '4.2×10¹⁷', '+2.5')
    """
    sign = "+" if signed else ""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}" if value else "0"
    size = math.floor(math.log10(abs(value)))
    if not -_MOST_PLACES <= size < 12:  # noqa: PLR2004  a trillion is the last name most people know
        head, _, power = f"{value:{sign}.2e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return minus(f"{head.rstrip('0').rstrip('.')}×10{raised}")
    places = min(max(0, 2 - size), 8)
    text = f"{value:{sign},.{places}f}"
    return minus(text.rstrip("0").rstrip(".") if "." in text else text)


def change(value: float, unit: str, *, bare: bool = False) -> str:
    """An effect's number, signed; bare leaves the unit to the other end of the interval.

    >>> change(0.1884, "relative change"), change(-54.346, "points"), change(0.0452, "share")
    ('+18.8 %', '−54.3 points', '+4.5 % points')
    """
    if unit in ("relative change", "share"):
        percent = value * 100
        places = 2 if 0 < abs(percent) < 1 else 1
        tail = " %" if unit == "relative change" else " % points"
        return minus(f"{percent:+,.{places}f}") + ("" if bare else tail)
    return significant(value, signed=True) + ("" if bare or not unit else f" {unit}")


def currency_of(unit: str) -> str:
    """The currency of a unit such as ``EUR`` or ``EUR per year``; nothing for any other unit."""
    head = unit.partition(" ")[0]
    return head if len(head) == _CURRENCY_LETTERS and head.isascii() and head.isupper() else ""


def figure(value: float, unit: str) -> str:
    """A measured number that is no change.

    >>> figure(0.314, "share"), figure(-87585.4, "USD per year"), figure(8, "e-value")
    ('31.4 %', '−87,585 USD per year', '8 e-value')
    """
    if unit in ("share", "probability"):
        return share(value)
    if unit == "relative change":
        return change(value, unit)
    if currency_of(unit):
        head, _, tail = unit.partition(" ")
        return f"{money(value, head)} {tail}".strip()
    return f"{significant(value)} {unit}".strip()


def number(estimate: Record) -> str:
    """The value of an estimate: signed where it is an effect, to the last digit where that is known."""
    detail = estimate["detail"]
    if "role" in detail:
        return change(estimate["value"], estimate["unit"])
    if "exact" in detail and currency_of(estimate["unit"]):
        return f"{exact(_trimmed(detail['exact']), 2)} {estimate['unit']}"
    return figure(estimate["value"], estimate["unit"])


def interval(estimate: Record) -> str:
    """The ends of an interval with its level, or nothing for a count over everything."""
    low, high, unit = estimate["low"], estimate["high"], estimate["unit"]
    if low == high:
        return ""
    if "role" in estimate["detail"]:
        ends = f"{change(low, unit, bare=True)} to {change(high, unit)}"
    else:
        last = figure(high, unit)
        tail = " %" if last.endswith(" %") else f" {unit}"
        ends = f"{figure(low, unit).removesuffix(tail)} to {last}"
    return f"{ends}, {estimate['level'] * 100:g} %"


def day(moment: str, zone: str = "UTC") -> str:
    """A day as people write it, in a time zone; a day without a time stands as it is.

    >>> day("2025-09-01T03:30:00.000000Z", "America/New_York"), day("2026-12-31")
    ('31 Aug 2025', '31 Dec 2026')
    """
    return _day(iso(moment, zone))


def iso(moment: str, zone: str = "UTC") -> str:
    """The day of a moment in a time zone, as 2025-09-01; text that is no moment stands as it is."""
    try:
        at = datetime.fromisoformat(moment)
        return (at.astimezone(ZoneInfo(zone)) if at.tzinfo else at).date().isoformat()
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return moment[:10]


def span(window: Record | None) -> str:
    """The first and last day that data were observed."""
    if window is None:
        return "not dated"
    first, last = day(window["from"]), day(window["to"])
    return first if first == last else f"{first} to {last}"


def metric_words(metric: str) -> str:
    """A metric's name as words; an arm or resource in brackets stays.

    >>> metric_words("used_share [gpu]"), metric_words("log_minutes")
    ('used share of what was granted [gpu]', 'log minutes')
    """
    base, bracket, rest = metric.partition(" [")
    return _METRICS.get(base, base.replace("_", " ")) + bracket + rest


def _trimmed(amount: str) -> str:
    """The same amount without zeros that carry nothing."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def _day(date: str) -> str:
    year, _, rest = date.partition("-")
    month, _, of_month = rest.partition("-")
    try:
        return f"{int(of_month)} {_MONTHS[int(month) - 1]} {year}"
    except (ValueError, IndexError):
        return date
