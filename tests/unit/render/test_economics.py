"""Unit costs, token bills and energy, as a board reads them: beside the effect, with units and intervals."""

from __future__ import annotations

from typing import Any

from tests.unit.render import records
from tests.unit.render.reading import Page

from headway.render import board, economics, table
from headway.render.html import review

UNIT = {"unit": "EUR per claim", "method": "delta method over 60 periods"}


def priced(**factor: Any) -> dict[str, Any]:
    """A record of one initiative with everything that is known of its costs."""
    carbon = {"g_per_kwh": 380.95, "factor": "Germany, 2023", "other_factors": [], **factor}
    rows = [
        records.evidence("token_bill", "token_bill [llm]", records.estimate(96.79, 96.79, 96.79, "USD"), "C"),
        records.evidence("energy", "energy [pool]", records.estimate(6.624, 6.624, 6.624, "kWh"), "D"),
        records.evidence(
            "energy", "carbon [pool]", records.estimate(2.52, 2.52, 2.52, "kg CO2e", **carbon), "D"
        ),
        records.evidence(
            "energy",
            "carbon_intensity [pool]",
            records.estimate(25.2, 25.2, 25.2, "g CO2e per claim", **carbon),
            "D",
        ),
        records.evidence("unit_cost", "unit_cost", records.estimate(1.3, 1.29, 1.32, **UNIT), "C"),
        records.evidence("unit_cost", "unit_cost_marginal", records.estimate(0.55, 0.51, 0.6, **UNIT), "C"),
    ]
    return records.portfolio([records.initiative("priced", evidence=rows)])


def test_what_one_outcome_costs_stands_beside_the_effect() -> None:
    """With its interval, and what one more costs; energy and carbon per outcome after it."""
    (one,) = priced()["initiatives"]
    facts = board.facts(one)
    assert facts[0] == "costs 1.30 EUR per claim (1.29 to 1.32 EUR per claim, 95 %), one more 0.55 EUR"
    assert "draws 6.62 kWh, 25.2 g CO2e per claim" in facts


def test_without_them_nothing_is_said() -> None:
    """No empty line stands in for a number."""
    one = records.initiative("bare")
    assert (economics.unit_words(one), economics.drawn_words(one), economics.rows_of(one)) == ("", "", [])


def test_a_count_without_an_interval_and_without_a_line_is_said_shortly() -> None:
    """As a month-old bill may have it."""
    rows = [records.evidence("unit_cost", "unit_cost", records.estimate(1.3, 1.3, 1.3, **UNIT), "C")]
    assert economics.unit_words(records.initiative("x", evidence=rows)) == "costs 1.30 EUR per claim"


def test_a_terminal_shows_the_unit_cost_before_everything_else_that_is_no_effect() -> None:
    """Beside the effect, as it is read."""
    shown = table.review(priced(), 120, full=True)
    assert shown.index("unit cost 1.30 EUR") < shown.index("token bill [llm]") < shown.index("energy [pool]")


def test_the_page_shows_each_with_where_its_factor_comes_from() -> None:
    """The source and year of a carbon factor, and what another table says."""
    page = Page(review(priced(other_factors=["402 g/kWh, old, 2019"]), 100))
    assert page.faults == []
    for words in (
        "Unit cost and energy",
        "Cost of one more",
        "delta method over 60 periods",
        "380.95 g/kWh: Germany, 2023; another table says 402 g/kWh, old, 2019",
    ):
        assert words in page.text


def test_a_return_over_years_is_drawn_and_told_with_its_unit() -> None:
    """The picture's ends leave out what the axis says."""
    more = records.estimate(136955, -142207, 448544, "EUR over 3 years", cost_per_year="65347.34")
    rows = [records.evidence("returns", "return", more, "D")]
    page = Page(review(records.portfolio([records.initiative("long", evidence=rows)]), 100))
    assert "136,955 EUR over 3 years" in page.text
    assert "−142,207 to 448,544 EUR" in page.text
