"""Pooling, replicas, idle release, commitments and forecasts on the public trace give its known figures.

The figures were computed from the trace of Lin and others, "Understanding Diffusion Model Serving in
Production" (SoCC 2025), and are quoted with attribution; its rows stay where they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest
from tests.shared.traces import FOLDER, START, TICK, gpu, requests_per_hour

from headway.measures.base import Absent
from headway.measures.spend.commitments import Offer, commit, level_for
from headway.measures.spend.coverage import Terms, coverage
from headway.measures.spend.demand import Demand, demand_of
from headway.measures.spend.idle_release import release
from headway.measures.spend.load import Load
from headway.measures.spend.pool import (
    REFERENCE_SECONDS,
    Beside,
    Pooled,
    autoscaler_grant,
    pool_grant,
    recent_most,
    reference_grant,
    replayed,
    scored,
)
from headway.measures.spend.replicas import Goal, Staffed, erlang_by_hour, staff
from headway.statistics.autoscaling import Reactive, autoscaled
from headway.statistics.contrast import FloatArray
from headway.statistics.forecast import forecast, models_of
from headway.statistics.newsvendor import best_level, saving
from headway.statistics.queueing import fifo_waits, least_servers, staffed_waits

WEEK, DAY, HOUR = 168, 24, 3600.0
DISCOUNTS = (0.28, 0.40, 0.60, 0.72)


@pytest.fixture(scope="module")
def loads(shared_data: Path) -> list[Load]:
    """The duty of every pod, its steps of 57 s told as the minutes that they are scaled from."""
    made = gpu(shared_data)
    return [
        Load(x.workload, "gpu", x.unit, (x.at - START) / TICK * 60, x.value, x.count, x.granted, 60.0, 100.0)
        for x in made
    ]


@pytest.fixture(scope="module")
def fleet(loads: list[Load]) -> Demand:
    """GPUs busy in each of 1,440 minutes."""
    return demand_of(loads).between(0, 1440)


@pytest.fixture(scope="module")
def requests(shared_data: Path) -> tuple[FloatArray, FloatArray]:
    """Arrivals in seconds since the first, and service as recorded."""
    path = shared_data / FOLDER / "lora_request_trace.parquet"
    rows = duckdb.execute(
        "SELECT epoch(gmt_create::TIMESTAMP) AS at, exec_time_seconds::DOUBLE AS took"
        f" FROM read_parquet('{path}') WHERE predict_status = 'SUCCEED' AND exec_time_seconds > 0"
        " AND gmt_create::TIMESTAMP BETWEEN '2024-11-19' AND '2024-12-06'"
    ).fetchnumpy()
    at, took = np.asarray(rows["at"], dtype=np.float64), np.asarray(rows["took"], dtype=np.float64)
    order = np.argsort(at, kind="stable")
    return at[order] - at.min(), took[order]


def figures(of: Beside) -> tuple[float, float]:
    """Saving and unserved share in per cent."""
    return round(100 * of.saving, 2), round(100 * of.unserved, 3)


def late(at: FloatArray, waits: FloatArray) -> float:
    """Per cent of requests from hour 168 on that waited more than ten seconds."""
    return 100 * float((waits[at >= WEEK * HOUR] > 10).mean())


def test_demand_of_the_fleet(fleet: Demand) -> None:
    """109.24 GPUs are held and 7.68 are busy; at most 29.72 at once."""
    assert fleet.granted.mean() == pytest.approx(109.24, abs=0.005)
    assert fleet.used.mean() == pytest.approx(7.68, abs=0.005)
    assert np.quantile(fleet.used, [0.95, 0.99]) == pytest.approx([20.77, 24.95], abs=0.005)
    assert fleet.used.max() == pytest.approx(29.72, abs=0.005)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(5, (86.84, 0.499)), (10, (85.52, 0.300)), (15, (84.62, 0.178)), (30, (82.95, 0.091))],
)
def test_the_reference_rule(fleet: Demand, minutes: int, expected: tuple[float, float]) -> None:
    """The longer the window, the less is saved and the less is short."""
    grant = reference_grant(fleet, window=minutes * 60 / REFERENCE_SECONDS)
    assert figures(scored("", fleet, grant)) == pytest.approx(expected, abs=0.01)


def test_oracles_and_an_autoscaler(fleet: Demand) -> None:
    """In hindsight 43 GPUs suffice; an autoscaler saves more and is short five times as often."""
    beside = {b.name: b for b in replayed(fleet, reference_grant(fleet)).beside}
    assert figures(beside["static, in hindsight"]) == pytest.approx((60.64, 0), abs=0.01)
    assert figures(beside["every step, in hindsight"]) == pytest.approx((89.46, 0), abs=0.01)
    assert figures(scored("", fleet, autoscaler_grant(fleet))) == pytest.approx((87.49, 0.857), abs=0.01)
    assert beside["reference"].changes_per_hour == pytest.approx(8.4, abs=0.05)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("minutes", [1, 2])
def test_the_pool_of_any_day_and_bin(fleet: Demand, minutes: int, backwards: bool) -> None:
    """Whichever way the day runs the pool keeps its budget, and saves the reference less 1.5 points."""
    used, held = (x.reshape(-1, minutes).mean(axis=1) for x in (fleet.used, fleet.granted))
    if backwards:
        used, held = used[::-1], held[::-1]
    day = Demand(fleet.at[::minutes], used, held, 60.0 * minutes, fleet.workloads)
    made: Pooled = replayed(day, pool_grant(day))
    assert made.unserved.value <= 0.002
    assert made.saving.value >= made.beside[0].saving - 0.015
    assert made.saving.low < made.saving.value < made.saving.high
    if minutes == 1 and not backwards:
        assert made.saving.value >= 0.846


def test_nothing_is_seen_before_it_was(fleet: Demand) -> None:
    """Demand of the last two minutes changes no grant of now."""
    other = fleet.used.copy()
    other[1000:] = 40.0
    changed = Demand(fleet.at, other, fleet.granted, 60.0, fleet.workloads)
    assert (pool_grant(fleet)[:1002] == pool_grant(changed)[:1002]).all()
    assert recent_most(fleet.used, 15, 2)[500] == fleet.used[484:499].max()


@pytest.mark.parametrize(
    ("minutes", "share", "cold"), [(5, 43.66, 25.6), (10, 34.15, 13.9), (30, 18.61, 4.1), (60, 11.31, 1.0)]
)
def test_idle_release(loads: list[Load], minutes: float, share: float, cold: float) -> None:
    """What is released sooner saves more and is started far more often."""
    made = release(loads, after=minutes * 60)
    assert not isinstance(made, Absent)
    assert 100 * made.share.value == pytest.approx(share, abs=0.01)
    assert made.cold_starts == pytest.approx(cold, abs=0.06)


def test_requests_of_the_service(requests: tuple[FloatArray, FloatArray]) -> None:
    """24,523 requests in bursts twelve times as uneven as chance."""
    at, took = requests
    assert len(at) == 24_523
    assert took.mean() == pytest.approx(29.17, abs=0.005)
    assert took.var() / took.mean() ** 2 == pytest.approx(0.529, abs=0.001)
    apart = np.diff(at)
    assert apart.std() / apart.mean() == pytest.approx(12.57, abs=0.01)


@pytest.mark.parametrize(("servers", "share"), [(3, 33.7), (5, 4.50), (6, 1.82), (7, 0.88), (8, 0.44)])
def test_fixed_servers(requests: tuple[FloatArray, FloatArray], servers: int, share: float) -> None:
    """Seven servers that never change keep the goal of one per cent; six do not."""
    at, took = requests
    assert late(at, fifo_waits(at, took, servers)) == pytest.approx(share, abs=0.05)


def test_erlang_says_three_and_six(requests: tuple[FloatArray, FloatArray]) -> None:
    """At the mean load three servers, at the P95 hour six: neither keeps the goal, so it is a sanity line."""
    _, took = requests
    service = float(took.mean())
    assert [least_servers(a, service, 10, 0.01) for a in (0.489, 2.08)] == [3, 6]


def test_staffing_by_the_hour(requests: tuple[FloatArray, FloatArray]) -> None:
    """Even the true rate of each hour misses the goal, since bursts are shorter than hours."""
    at, took = requests
    service, hours = float(took.mean()), int(at[-1] // HOUR) + 1
    rate = np.bincount((at // HOUR).astype(int), minlength=hours).astype(float)
    busiest = np.bincount((at // 300).astype(int), minlength=hours * 12).reshape(hours, 12).max(axis=1) * 12.0
    true, burst = erlang_by_hour(rate, service, Goal()), erlang_by_hour(busiest, service, Goal())

    def days(plan: FloatArray) -> FloatArray:
        return np.array([max([*plan[max(0, h - WEEK) : h][::-1][23::24], 1]) for h in range(hours)])

    plans = {
        "true rate": (true, 2.89, 2.18),
        "last week": (np.concatenate([true[:WEEK], true[:-WEEK]]), 2.61, 7.76),
        "seven days + 1": (days(true) + 1, 4.56, 1.20),
        "busiest five minutes": (days(burst), 5.03, 0.54),
    }
    for name, (plan, servers, share) in plans.items():
        found = late(at, staffed_waits(at, took, plan, HOUR))
        assert plan[WEEK:].mean() == pytest.approx(servers, abs=0.01), name
        assert found == pytest.approx(share, abs=0.02), name


@pytest.mark.parametrize(
    ("setting", "servers", "share"),
    [((1, 1.5), 3.40, 0.60), ((2, 1.0), 3.48, 0.89), ((1, 1.0), 2.50, 3.24), ((2, 1.5), 4.40, 0.17)],
)
def test_a_reactive_autoscaler(
    requests: tuple[FloatArray, FloatArray], setting: tuple[int, float], servers: float, share: float
) -> None:
    """With cold starts of 45 s: half of seven fixed servers, and fewer are late."""
    at, took = requests
    made = autoscaled(at, took, [Reactive(*setting)])
    assert made.paid[WEEK * 240 :].mean() == pytest.approx(servers, abs=0.006)
    assert late(at, made.waits) == pytest.approx(share, abs=0.006)


def test_what_is_advised_for_the_service(requests: tuple[FloatArray, FloatArray]) -> None:
    """At most 3.40 servers and one per cent late, on hours that nothing was learned from."""
    made = staff(*requests)
    assert isinstance(made, Staffed)
    assert made.servers.value <= 3.40
    assert made.late.value <= 0.01
    assert (round(made.load, 3), round(made.load_p95, 2), round(made.load_peak, 2)) == (0.489, 2.08, 3.32)


@pytest.fixture(scope="module")
def servers(shared_data: Path) -> FloatArray:
    """Servers busy in each of 408 hours, at half load each."""
    number = requests_per_hour(shared_data, 408).value
    return np.asarray(np.ceil(number / 3600 * 29.17 / 0.5), dtype=np.float64)


@pytest.mark.parametrize(
    ("discount", "trained", "oracle", "peak"),
    [
        (0.28, 0.00, 0.72, -171.6),
        (0.40, 8.26, 8.26, -126.3),
        (0.60, 20.81, 20.81, -51.0),
        (0.72, 28.35, 31.12, -5.8),
    ],
)
def test_a_commitment_for_the_service(
    servers: FloatArray, discount: float, trained: float, oracle: float, peak: float
) -> None:
    """Eight days of history say what nine more days save; committing to the peak may double the cost."""
    past, after = servers[:192], servers[192:]
    level, _ = level_for(past, discount)
    assert 100 * saving(level, after, discount) == pytest.approx(trained, abs=0.01)
    assert 100 * saving(best_level(after, discount), after, discount) == pytest.approx(oracle, abs=0.01)
    assert 100 * saving(past.max(), after, discount) == pytest.approx(peak, abs=0.1)


@pytest.mark.parametrize(
    ("discount", "seen", "peak", "after"),
    [
        (0.28, 3.81, -170.7, -114.9),
        (0.40, 9.08, -125.6, -152.7),
        (0.60, 22.69, -50.4, -118.0),
        (0.72, 37.62, -5.3, -73.4),
    ],
)
def test_half_a_day_carries_no_commitment(
    loads: list[Load], fleet: Demand, discount: float, seen: float, peak: float, after: float
) -> None:
    """What half a day advises would have doubled the cost of the other half: the coverage gate refuses it."""
    gpus = np.ceil(fleet.used / 0.7)
    assert 100 * saving(best_level(gpus, discount), gpus, discount) == pytest.approx(seen, abs=0.01)
    assert 100 * saving(gpus.max(), gpus, discount) == pytest.approx(peak, abs=0.1)
    trained = best_level(gpus[:720], discount)
    assert 100 * saving(trained, gpus[720:], discount) == pytest.approx(after, abs=0.1)
    now = datetime.fromtimestamp(720 * 60, UTC)
    seen_of = coverage([x.between(0, 720 * 60) for x in loads], now, Terms(asked="static"))
    refused = commit(fleet.between(0, 720), [Offer("a year", discount)], seen_of)
    assert isinstance(refused, Absent)
    assert refused.reason == "coverage"


def test_the_forecast_of_requests(shared_data: Path) -> None:
    """What came a week before is the best of the plain forecasts, from five origins."""
    number = requests_per_hour(shared_data, 408).value
    made = forecast(number, DAY, 0.9, models_of(DAY, WEEK))
    assert (made.model, made.origins) == ("naive-168", 5)
    expected = {"naive-168": 0.344, "naive-24": 0.420, "mean-24": 0.959, "mean-168": 0.943}
    assert {k: round(v, 3) for k, v in made.errors.items()} == expected
