"""A cell is read where it leaves no doubt, and stays text elsewhere."""

import pytest

from headway.exchange.values import blank, money, rate, stage, status, tier


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Initiated", "proposed"),
        ("Acquisition and/or Development", "framed"),
        ("Pre-deployment", "framed"),
        ("Implementation and Assessment", "piloting"),
        ("Pilot", "piloting"),
        ("PoC", "piloting"),
        ("MVP", "piloting"),
        ("Operation and Maintenance", "operating"),
        ("Deployed", "operating"),
        ("Live", "operating"),
        ("Retired", "retired"),
        ("Idee", "proposed"),
        ("In Entwicklung", "framed"),
        ("Pilotbetrieb", "piloting"),
        ("Betrieb", "operating"),
        ("Außer Betrieb", "retired"),
        ("Roll-out", "scaling"),
        ("3 - Pilot", "piloting"),
        ("c) Deployed", "operating"),
        ("Phase 2: Pilot", "piloting"),
        ("Pilot (until May)", "piloting"),
        ("in progress", None),
        ("green", None),
        ("", None),
        ("Deployed " * 20, None),
    ],
)
def test_words_for_stages(word: str, meant: str | None) -> None:
    """The federal words of three years, and those of firms in two languages; others are asked for."""
    assert stage(word) == meant


def test_words_for_status_and_tier() -> None:
    """Only their own words count: a federal `High-impact` is no tier of the EU."""
    assert [status(w) for w in ("On Hold", "abgelehnt", "läuft", "aktiv")] == [
        "on-hold",
        "rejected",
        None,
        "active",
    ]
    assert [tier(w) for w in ("Hochrisiko", "limited risk", "High-impact", "verboten")] == [
        "high",
        "limited",
        None,
        "prohibited",
    ]


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "–", "?", "N/A", "n.a.", "TBD", "k. A.", "unbekannt", "[]", "null", "~"]
)
def test_cells_that_say_nothing(cell: str) -> None:
    """A gap by any name is a gap."""
    assert blank(cell)


@pytest.mark.parametrize("cell", ["0", "no", "None of the callers is served", "手", "x" * 99, "nada"])
def test_cells_that_say_something(cell: str) -> None:
    """A zero and a no are answers."""
    assert not blank(cell)


@pytest.mark.parametrize(
    ("cell", "header", "amount"),
    [
        ("80000 EUR", "", "80000 EUR"),
        ("80.000,00 €", "", "80000.00 EUR"),
        ("€ 1,200.50", "", "1200.50 EUR"),
        ("1'200 CHF", "", "1200 CHF"),
        ("1 200 000", "Budget in EUR", "1200000 EUR"),
        ("1.200.000 €", "", "1200000 EUR"),
        ("80k USD", "", "80000 USD"),
        ("1,2 Mio €", "", "1200000 EUR"),
        ("250", "Kosten (T€)", "250000 EUR"),
        ("250", "Budget TEUR", "250000 EUR"),
        ("-5 EUR", "", "-5 EUR"),
        ("12,5", "Cost USD", "12.5 USD"),
        ("1.200 €", "", "1200 EUR"),
        ("1,200 USD", "", "1200 USD"),
        ("1200.500 €", "", None),
        ("1.200 KWD", "", None),
        ("1.200 Mio €", "", None),
        ("80000", "Budget", None),
        ("80000 EUR or USD", "", None),
        ("50-80 EUR", "", None),
        ("about 80000 EUR", "", None),
        ("EUR", "", None),
        ("1.2.3 EUR", "", None),
        ("12,34,56 EUR", "", None),
        ("1,2.3 EUR", "", None),
    ],
)
def test_money_is_read_only_one_way(cell: str, header: str, amount: str | None) -> None:
    """A currency is never assumed, and what could be thousands or decimals is asked for."""
    assert money(cell, header) == amount


def test_a_rate_needs_its_period() -> None:
    """In the cell, or in the header."""
    assert rate("4000 EUR per week") == "4000 EUR per week"
    assert rate("4.000,00 €", "Verzögerungskosten je Woche") == "4000.00 EUR per week"
    assert rate("4000 EUR", "Cost of delay") is None
