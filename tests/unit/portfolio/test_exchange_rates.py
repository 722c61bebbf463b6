"""The file of dated rates, and declared amounts in other currencies."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO

from headway.kernel.money import Money
from headway.kernel.quantity import Rate
from headway.portfolio.check import check
from headway.portfolio.declared_amounts import declared_amounts
from headway.portfolio.kinds import MODELS
from headway.portfolio.load import Portfolio, load
from headway.portfolio.values import Triple

WITH_RATES = PORTFOLIO + "exchange_rates: data/fx.csv\n"


FRAMED = INITIATIVE.replace("piloting", "framed")


def written(folder: Path, **files: str) -> Path:
    """A small portfolio, some of its files replaced."""
    texts = {"portfolio": PORTFOLIO, "people": PEOPLE, "outcome": OUTCOME, "initiative": FRAMED, **files}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def loaded(folder: Path, rates: bytes, **files: str) -> tuple[Portfolio, list[str]]:
    """A portfolio with these rates, and what was found wrong with it."""
    written(folder, portfolio=WITH_RATES, **files)
    (folder / "data").mkdir()
    (folder / "data" / "fx.csv").write_bytes(rates)
    found = load(folder)
    assert found.portfolio
    return found.portfolio, [f"{d.place} {d.code} {d.what}" for d in check(found)]


def test_rates_are_read_by_day_and_currency(tmp_path: Path) -> None:
    """Order of lines, blank lines, spaces and a byte-order mark do not matter."""
    text = "\ufeffdate, currency ,rate\n2026-03-31,USD,0.92\n\n2026-03-30,USD,0.91\n2026-03-30,EUR,1\n"
    portfolio, found = loaded(tmp_path, text.encode())
    assert found == []
    assert portfolio.rates.on("USD", date(2026, 3, 30)) == Decimal("0.91")
    assert portfolio.rates.to == "EUR"
    assert portfolio.rates.digest


def test_every_faulty_line_is_told_with_its_place(tmp_path: Path) -> None:
    """A wrong day, currency or rate, a line too short, two rates of one day, a rate of the own currency."""
    text = (
        "date,currency,rate\n31.03.2026,USD,1\n2026-03-31,usd,1\n2026-03-31,USD,0\n2026-03-31,USD,x\n"
        "2026-03-31,USD\n2026-03-30,USD,0.9\n2026-03-30,USD,0.8\n2026-03-30,EUR,2\n"
    )
    portfolio, found = loaded(tmp_path, text.encode())
    assert found == [
        "data/fx.csv:2:1 HW105 'date' is '31.03.2026'; expected a date",
        "data/fx.csv:3:1 HW105 'currency' is 'usd'; expected three capitals",
        "data/fx.csv:4:1 HW105 'rate' is '0'; expected a number above 0",
        "data/fx.csv:5:1 HW105 'rate' is 'x'; expected a number above 0",
        "data/fx.csv:6:1 HW105 the line has 2 values; expected 3",
        "data/fx.csv:8:1 HW105 USD on 2026-03-30 has two rates",
        "data/fx.csv:9:1 HW105 the portfolio's own currency EUR has the rate 2; expected other currencies",
    ]
    assert portfolio.rates.days == {}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Datum;Kurs\n", "HW105"),
        (b"", "HW105"),
        (b"date,currency,rate\n\xff\n", "HW112"),
        (b'date,currency,rate\n"' + b"x" * 200_000 + b'",USD,1\n', "HW105"),
        (b" " * 20_000_001, "HW109"),
    ],
)
def test_a_file_of_another_kind_is_one_fault(tmp_path: Path, content: bytes, code: str) -> None:
    """Another header, nothing at all, another encoding, a cell without end, a file without end."""
    _, found = loaded(tmp_path, content)
    assert [line.split()[1] for line in found] == [code]


def test_a_file_wrong_in_every_line_is_told_in_a_few(tmp_path: Path) -> None:
    """Ten lines say what is wrong, one says how many more."""
    _, found = loaded(tmp_path, b"date,currency,rate\n" + b"x,USD,1\n" * 500)
    assert len(found) == 11
    assert "data/fx.csv:1:1 HW105 490 more lines of the exchange rates cannot be read" in found


def test_rates_that_are_not_there_are_told_where_they_are_named(tmp_path: Path) -> None:
    """HW301 at the line of portfolio.yaml."""
    found = check(load(written(tmp_path, portfolio=WITH_RATES)))
    assert [(d.code, str(d.place)) for d in found] == [("HW301", "portfolio.yaml:7:17")]


FOREIGN = (
    "forecast: {line: cost, per_year: '[1, 2, 3] USD'}\ncost_of_delay: 10 USD per week\n"
    "cost: {people: [{role: engineer, share: 50 %, of: 1, rate: 100 USD per month}]}\n"
)


def test_declared_amounts_in_another_currency_need_a_rate_of_today(tmp_path: Path) -> None:
    """HW343 at each of them; with a rate of the last seven days there is nothing to tell."""
    outcome = OUTCOME.replace("[1 EUR, 2 EUR, 3 EUR]", "[1 USD, 2 USD, 3 USD]")
    files = {"initiative": FRAMED + FOREIGN, "outcome": outcome}
    found = check(load(written(tmp_path, **files)))
    assert [(d.code, d.place.file, d.place.line) for d in found] == [
        ("HW343", "initiative.yaml", 7),
        ("HW343", "initiative.yaml", 8),
        ("HW343", "initiative.yaml", 9),
        ("HW343", "outcome.yaml", 6),
    ]
    assert {d.mend for d in found} == {
        "write it in EUR, or name a file of rates: exchange_rates: data/fx.csv"
    }
    _, told = loaded(tmp_path, b"date,currency,rate\n2026-03-25,USD,0.9\n", **files)
    assert told == []


def test_a_rate_that_is_too_old_is_told(tmp_path: Path) -> None:
    """The last rate is of eight days before the day judged."""
    files = {"initiative": FRAMED + "cost_of_delay: 10 USD per week\n"}
    _, told = loaded(tmp_path, b"date,currency,rate\n2026-03-23,USD,0.9\n", **files)
    what = "the amount is in USD, and no rate to EUR is of 2026-03-31 or the seven days before"
    assert told == [f"initiative.yaml:7:16 HW343 {what}"]


def _money_fields(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Paths to every field that can hold an amount with a currency."""
    for name, field in model.model_fields.items():
        for part in _parts(field.annotation):
            if part in (Money, Rate, Triple):
                yield (*path, name)
            elif isinstance(part, type) and issubclass(part, BaseModel):
                yield from _money_fields(part, (*path, name))


def _parts(annotation: object) -> Iterator[object]:
    inner = typing.get_args(annotation)
    if not inner:
        yield annotation
    for part in inner:
        yield from _parts(part)


def test_no_field_for_an_amount_is_forgotten(tmp_path: Path) -> None:
    """Whatever field of whatever document can hold money is among the declared amounts."""
    every = {
        (kind, *path)
        for kind, model in MODELS.items()
        for path in _money_fields(model, ())
        # A count of steps in a year, and a share of those who could: never money.
        if path[-1] not in {"volume", "adoption"}
    }
    pilot = (
        "pilot: {design: before_after, source: rows, arms: [before, after], metric: y,"
        " objective: {change: '-1', scale: absolute}, budget: 5 EUR, asks: 6 EUR}\n"
    )
    settings = PORTFOLIO + "promotion_budget: {envelope: 9 EUR}\n"
    initiative = FRAMED + FOREIGN + pilot
    initiative += (
        "unit_cost: {per: claim, source: rows, metric: y, target: 2 EUR}\nreturns: {investment: 3 EUR}\n"
    )
    hosted = "self_hosted: {device_hour: 4 EUR}"
    component = f"component: gateway\ntokens: {{model: a, prices: [rows], {hosted}}}\n"
    found = load(written(tmp_path, portfolio=settings, initiative=initiative, c=component)).portfolio
    assert found
    kinds = {"portfolio": "headway"}
    assert every == {
        (kinds.get(kind, kind), *(step for step in path if isinstance(step, str)))
        for kind, _, path, _ in declared_amounts(found)
    }
