"""Facts are contracts: what a source must bring, and under which names."""

import pytest

from headway.facts import COST, FACTS, UNIT, USAGE, Fact

every = pytest.mark.parametrize("fact", FACTS.values(), ids=str)


@every
def test_a_contract_names_each_column_once_and_says_what_it_means(fact: Fact) -> None:
    """No two columns share a name, and none is left unexplained, in rows or already summed."""
    for summed in (False, True):
        names = [column.name for column in fact.contract(summed=summed)]
        assert len(names) == len(set(names))
        assert all(column.meaning for column in fact.contract(summed=summed))
    assert fact.meaning
    assert FACTS[fact.name] is fact


@every
def test_key_and_time_are_columns_of_the_contract(fact: Fact) -> None:
    """What names a row and what dates it is declared."""
    names = {column.name for column in fact.columns}
    assert set(fact.key) <= names
    assert fact.time is None or fact.time in names
    assert all(c.required for c in fact.columns if c.name in fact.key)


def test_a_bill_is_money_and_a_moment() -> None:
    """FOCUS costs are decimals in a currency, never floats; the period dates them."""
    kinds = {column.name: column.type for column in COST.columns}
    assert {kinds[name] for name in ("BilledCost", "EffectiveCost", "ListCost")} == {"decimal"}
    assert [c.name for c in COST.columns if c.required] == [
        "BilledCost",
        "BillingCurrency",
        "ChargePeriodStart",
    ]


def test_summed_facts_carry_what_their_measures_add() -> None:
    """Arms bring n and the sums of a metric and its squares; usage brings buckets with counts and sums."""
    assert {"variant", "metric", "n", "sum_x", "sum_xx"} <= {c.name for c in UNIT.contract(summed=True)}
    assert {"bucket", "n", "sum_used", "sum_granted"} <= {c.name for c in USAGE.contract(summed=True)}
