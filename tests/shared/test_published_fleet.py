"""Shares of a published day of GPU machines that headway computes, against figures known for them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from headway.measures.spend.idle import idle
from headway.measures.spend.joint import joint
from headway.measures.spend.load import Load
from headway.measures.spend.loads import exact_loads

TICK = 57.0
CARD = 48 * 2**30
LEAST = 360


def rows(shared: Path, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Machine, tick and value of every reading."""
    found = (
        duckdb.connect()
        .execute(f"""
        select container_ip as pod, round((timestamp_anon - 1662858720) / 57)::int as tick, value
        from '{shared}/genai-serving-trace/{name}.parquet'
        where container_ip is not null and container_ip not in ('', 'NULL') and value is not null
        order by all""")
        .fetchnumpy()
    )
    return found["pod"].astype(str), found["tick"].astype(float), found["value"].astype(float)


@pytest.fixture(scope="module")
def fleet(shared_data: Path) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Busy share of each GPU, and the memory that is held on it."""
    return rows(shared_data, "pod_gpu_duty_cycle"), rows(shared_data, "pod_gpu_memory_used_bytes")


def loads(fleet: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]], fold: str) -> list[Load]:
    """Work and memory of every machine on the clock of one fold."""

    def clock(tick: np.ndarray) -> np.ndarray:
        if fold == "B":
            return 1440 - tick
        return np.where(tick // 10 % 2 == 1, tick + 10_000, tick) if fold == "C" else tick

    (pod, tick, duty), (holder, at, held) = fleet
    work = exact_loads(pod, clock(tick) * TICK, duty / 100, 1.0, bin_seconds=TICK, capacity=1.0)
    memory = exact_loads(
        holder,
        clock(at) * TICK,
        held,
        float(CARD),
        bin_seconds=TICK,
        resource="gpu.memory",
        capacity=float(CARD),
    )
    return [*work, *memory]


@pytest.mark.parametrize(
    ("fold", "split", "saving", "binds", "workloads"),
    [("A", 720, 0.2656, 76, 102), ("B", 721, 0.1974, 73, 102), ("C", 10_000, 0.2062, 75, 106)],
)
def test_slices_by_work_and_memory_with_perfect_knowledge(
    fleet: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]],
    fold: str,
    split: int,
    saving: float,
    binds: int,
    workloads: int,
) -> None:
    """A card of 48 GiB is assumed; for most machines memory decides, and a quarter is all that can be had."""
    both = loads(fleet, fold)
    at = split * TICK
    able = {
        x.workload: at
        for x in both
        if x.resource == "gpu" and min((x.at < at).sum(), (x.at >= at).sum()) >= LEAST
    }
    found = joint(both, "gpu", able)
    assert found is not None
    assert (found.binds, found.workloads) == (binds, workloads)
    assert found.saving == pytest.approx(saving, abs=0.0005)


def test_idle_time_and_the_memory_that_it_keeps(
    fleet: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]],
) -> None:
    """Seven of ten minutes are idle, and nearly all of them keep memory that nobody else can have."""
    found = idle(loads(fleet, "A"))
    assert found is not None
    assert found.share == pytest.approx(0.723, abs=0.001)
    assert found.holding is not None
    assert found.holding.low > 0.99
