"""What a machine costs goes to what is held on it; what nobody holds is idle, and nobody else's."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.measures.spend.node_split import Held, split_node

TEN = Decimal(10)
CAPACITY = {"cpu": Decimal(8), "memory": Decimal(32)}
PRICES = {"cpu": Decimal(3), "memory": Decimal("0.25")}


def test_a_workload_bears_the_larger_of_what_it_asked_for_and_what_it_used() -> None:
    """Four of eight cores asked for and one used is four; a request that was overrun is what was used."""
    made = split_node(
        TEN,
        CAPACITY,
        {
            "asks": {"cpu": Held(Decimal(4), Decimal(1))},
            "overruns": {"cpu": Held(Decimal(1), Decimal(2)), "memory": Held(use=Decimal(8))},
        },
        PRICES,
    )
    assert made.weights == {"cpu": Fraction(3, 4), "memory": Fraction(1, 4)}
    assert made.workloads == {"asks": Fraction(15, 4), "overruns": Fraction(15, 8) + Fraction(5, 8)}
    assert made.idle == Fraction(15, 4)


def test_without_prices_a_machine_with_gpus_costs_what_its_gpus_cost() -> None:
    """And it is said; a machine without them counts each resource the same."""
    gpus = split_node(TEN, {**CAPACITY, "gpu": Decimal(2)}, {"a": {"gpu": Held(Decimal(1))}}, {"cpu": TEN})
    assert [gpus.workloads["a"], gpus.idle] == [Fraction(5)] * 2
    assert gpus.method == "no price of every resource is known: all of it is the GPU's"
    plain = split_node(TEN, CAPACITY, {"a": {"cpu": Held(Decimal(8))}})
    assert [plain.workloads["a"], plain.idle] == [Fraction(5)] * 2
    assert "each counts the same" in plain.method


def test_a_machine_held_twice_over_has_nothing_idle() -> None:
    """Its cost is divided by what is held, not by what there is."""
    made = split_node(TEN, {"cpu": Decimal(4)}, {n: {"cpu": Held(Decimal(4))} for n in "ab"})
    assert made.workloads == {"a": Fraction(5), "b": Fraction(5)}
    assert made.idle == Fraction(0)


def test_a_machine_of_nothing_is_refused() -> None:
    """There is no part to divide by."""
    with pytest.raises(ValueError, match="without capacity"):
        split_node(TEN, {"cpu": Decimal(0)}, {})


amounts = st.decimals(min_value=0, max_value=10**6, places=6)


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=18),
    st.dictionaries(st.sampled_from("abc"), st.tuples(amounts, amounts)),
    st.none() | st.just(PRICES),
)
def test_workloads_and_idle_add_up_to_the_machine(
    cost: Decimal, held: dict[str, tuple[Decimal, Decimal]], prices: dict[str, Decimal] | None
) -> None:
    """Whatever is asked for, used, paid or credited."""
    workloads = {n: {"cpu": Held(*of), "disk": Held(*of)} for n, of in held.items()}
    made = split_node(cost, CAPACITY, workloads, prices)
    assert sum(made.workloads.values(), made.idle) == Fraction(cost)
    assert cost < 0 or made.idle >= 0
