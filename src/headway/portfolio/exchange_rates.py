"""The file of dated exchange rates that portfolio.yaml names: date, currency, rate to the portfolio's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.exchange import ExchangeRates
from headway.kernel.identity import digest_bytes
from headway.portfolio.wording import shown

COLUMNS = ("date", "currency", "rate")
MOST_BYTES = 20_000_000
# A file of another kind is wrong in every line; a few of them say so.
_MOST_FAULTS = 10
_CURRENCY_LETTERS = 3


Days = Mapping[str, tuple[tuple[date, Decimal], ...]]


@dataclass(frozen=True, slots=True)
class RatesRead:
    """The rates of a portfolio, and what is wrong with the file they stand in."""

    rates: ExchangeRates
    faults: tuple[Diagnostic, ...] = ()


def exchange_rates(root: Path, file: str | None, own: str, named: Place) -> RatesRead:
    """Read a portfolio's rates; without a file, or with a faulty one, only its own currency has a rate.

    Args:
        root: the portfolio's folder.
        file: the file of rates, relative to the folder.
        own: the portfolio's currency.
        named: where portfolio.yaml names the file.
    """
    none = ExchangeRates(own)
    if file is None:
        return RatesRead(none)
    content = _content(root / file, file, named)
    if isinstance(content, Diagnostic):
        return RatesRead(none, (content,))
    days, faults = _read(content.decode("utf-8-sig"), file, own)
    more = len(faults) - _MOST_FAULTS
    if more > 0:
        what = f"{more} more lines of the exchange rates cannot be read"
        mend = "correct the lines named before this one"
        faults = [*faults[:_MOST_FAULTS], Diagnostic("HW105", what, Place(file), mend)]
    return (
        RatesRead(none, tuple(faults))
        if faults
        else RatesRead(ExchangeRates(own, days, digest_bytes(content)))
    )


def _content(path: Path, file: str, named: Place) -> bytes | Diagnostic:
    """The bytes of the file, which are UTF-8, or why they cannot be had."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        content.decode("utf-8-sig")
    except OSError as fault:
        what = f"the exchange rates '{file}' cannot be read: {fault.strerror or fault}"
        return Diagnostic("HW301", what, named, "name a CSV file of date,currency,rate")
    except UnicodeDecodeError:
        return Diagnostic(
            "HW112", f"the exchange rates '{file}' are not UTF-8", named, "save the file as UTF-8"
        )
    if len(content) > MOST_BYTES:
        what = f"the exchange rates '{file}' are larger than {MOST_BYTES:,} bytes"
        return Diagnostic("HW109", what, named, "keep the days and currencies in use")
    return content


def _read(text: str, file: str, own: str) -> tuple[Days, list[Diagnostic]]:
    lines = csv.reader(io.StringIO(text))
    try:
        rows = [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as fault:
        what = f"the exchange rates are not CSV: {fault}"
        return {}, [Diagnostic("HW105", what, Place(file, lines.line_num), "save the file as plain CSV")]
    head = tuple(cell.strip().lower() for cell in rows[0][1]) if rows else ()
    if head != COLUMNS:
        what = f"the exchange rates begin with {shown(','.join(head))}"
        return {}, [Diagnostic("HW105", what, Place(file, 1, 1), f"begin the file with {','.join(COLUMNS)}")]
    found: dict[str, dict[date, Decimal]] = {}
    faults: list[Diagnostic] = []
    for line, row in rows[1:]:
        entry = _entry(row, own)
        if isinstance(entry, str):
            faults.append(Diagnostic("HW105", entry, Place(file, line, 1), "write it as 2026-03-31,USD,0.92"))
            continue
        day, currency, rate = entry
        if found.setdefault(currency, {}).setdefault(day, rate) != rate:
            what = f"{currency} on {day} has two rates"
            faults.append(Diagnostic("HW105", what, Place(file, line, 1), "keep one of the two"))
    return {currency: tuple(sorted(days.items())) for currency, days in found.items()}, faults


def _entry(row: list[str], own: str) -> tuple[date, str, Decimal] | str:
    """A day's rate, or what is wrong with the line."""
    cells = [cell.strip() for cell in row]
    if len(cells) != len(COLUMNS):
        return f"the line has {len(cells)} values; expected {len(COLUMNS)}"
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        return f"'date' is {shown(cells[0])}; expected a date"
    currency = cells[1]
    if len(currency) != _CURRENCY_LETTERS or not (currency.isalpha() and currency.isupper()):
        return f"'currency' is {shown(currency)}; expected three capitals"
    try:
        rate = Decimal(cells[2])
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or rate <= 0:
        return f"'rate' is {shown(cells[2])}; expected a number above 0"
    if currency == own and rate != 1:
        return f"the portfolio's own currency {own} has the rate {rate:f}; expected other currencies"
    return day, currency, rate
