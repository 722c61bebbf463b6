"""Waiting lines: Erlang's tables, what a simulation finds, and first come, first served by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from tests.unit.statistics.plain_autoscaler import plain

from headway.statistics.autoscaling import Reactive, autoscaled
from headway.statistics.contrast import FloatArray
from headway.statistics.queueing import (
    erlang_b,
    erlang_c,
    fifo_waits,
    halfin_whitt,
    least_servers,
    staffed_waits,
    waits_longer,
)


@pytest.mark.parametrize(
    ("servers", "load"),
    [(1, 0.0101), (2, 0.153), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)],
)
def test_the_published_table_of_one_per_cent_lost(servers: int, load: float) -> None:
    """Each traffic of the Erlang B table at 1 %, as rounded there, loses 1 % at its number of lines."""
    assert erlang_b(servers, load) == pytest.approx(0.01, rel=6e-3)


def test_one_server_and_two_are_known_in_closed_form() -> None:
    """One server makes its load wait; two at half load each make a third wait; no load makes nobody wait."""
    assert erlang_c(1, 0.3) == pytest.approx(0.3)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(5, 0.0) == 0.0


@pytest.mark.parametrize(("servers", "load"), [(3, 0.5), (40, 31.0), (10_500, 10_400.0), (400, 2.0)])
def test_what_is_lost_is_a_ratio_of_poisson_chances(servers: int, load: float) -> None:
    """B = P(N = c) / P(N ≤ c), as SciPy knows them; thousands of servers neither overflow nor cancel."""
    expected = poisson.pmf(servers, load) / poisson.cdf(servers, load)
    assert erlang_b(servers, load) == pytest.approx(expected, rel=1e-9)


def test_a_load_beyond_the_servers_waits_for_ever() -> None:
    """Then everybody waits, and longer than anything."""
    assert erlang_c(3, 3.0) == waits_longer(3, 4.0, 10.0, 1e9) == 1.0


def test_the_fewest_servers_are_the_fewest() -> None:
    """One server less would make too many wait."""
    for load in (0.1, 2.0, 17.0, 240.0):
        servers = least_servers(load, 30.0, 10.0, 0.01)
        assert waits_longer(servers, load, 30.0, 10.0) <= 0.01
        assert servers - 1 <= load or waits_longer(servers - 1, load, 30.0, 10.0) > 0.01


@pytest.mark.parametrize("load", [50.0, 400.0, 5000.0])
@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_the_start_value_lies_beside_the_answer_under_heavy_traffic(load: float, share: float) -> None:
    """Halfin and Whitt's number of servers is at most two beside the number that makes the share wait."""
    servers = int(load) + 1
    while erlang_c(servers, load) > share:
        servers += 1
    assert abs(halfin_whitt(load, share) - servers) <= 2


def test_a_long_line_of_memoryless_requests_waits_as_erlang_says() -> None:
    """Half a million simulated requests, three servers, two in use on average."""
    chance = np.random.default_rng(5)
    at = np.cumsum(chance.exponential(15.0, 500_000))
    waits = fifo_waits(at, chance.exponential(30.0, at.size), 3)
    assert (waits > 0).mean() == pytest.approx(erlang_c(3, 2.0), abs=0.006)
    assert (waits > 20).mean() == pytest.approx(waits_longer(3, 2.0, 30.0, 20.0), abs=0.005)


def test_servers_come_and_go_between_periods() -> None:
    """A second server from the second period on takes what waits; when it leaves it ends what it began."""
    at, took = np.array([0.0, 1.0, 11.0, 25.0]), np.array([20.0, 5.0, 12.0, 1.0])
    assert staffed_waits(at, took, np.array([1.0, 2.0, 1.0]), 10.0).tolist() == [0.0, 19.0, 0.0, 0.0]
    assert fifo_waits(at, took, 1).tolist() == [0.0, 19.0, 14.0, 12.0]


seconds = st.integers(0, 400).map(float)


@given(
    arrivals=st.lists(seconds, min_size=1, max_size=25),
    took=st.lists(st.integers(1, 200).map(float), min_size=25, max_size=25),
    spare=st.integers(1, 3),
    factor=st.sampled_from([0.0, 1.0, 1.5, 2.0]),
    batch=st.sampled_from([1, 1, 3]),
)
def test_the_fast_autoscaler_does_what_the_plain_one_does(
    arrivals: list[float], took: list[float], spare: int, factor: float, batch: int
) -> None:
    """Whatever comes: the same waits, and the same servers at each look."""
    rule = Reactive(spare, factor, start=20.0, patience=60.0, batch=batch)
    at = sorted(arrivals)
    made = autoscaled(np.array(at), np.array(took[: len(at)]), [rule])
    waits, paid = plain(at, took[: len(at)], rule)
    assert made.waits.tolist() == pytest.approx(waits)
    assert made.paid.tolist() == paid


def test_a_setting_holds_for_its_period() -> None:
    """From the second period on two more servers are kept, and paid for."""
    at: FloatArray = np.arange(0.0, 1200.0, 30.0)
    made = autoscaled(at, np.full(at.size, 1.0), [Reactive(1, 0.0), Reactive(3, 0.0)], period=600.0)
    assert set(made.paid[:40]) == {1}
    assert set(made.paid[40:]) == {3}
    assert made.starts == 2


def test_no_request_needs_no_replay() -> None:
    """An empty trace has no wait and no look."""
    nothing = np.zeros(0)
    made = autoscaled(nothing, nothing, [Reactive(1, 1.0)])
    assert (made.waits.size, made.paid.size, made.starts) == (0, 0, 0)
