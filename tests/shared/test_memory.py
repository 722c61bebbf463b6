"""Memory by the highest peak and a margin, on a public trace: what it saves, and who exceeds it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.shared.traces import LEAST, START, TICK, fold, gpu, pods, turned

from headway.measures.spend.load import Load
from headway.measures.spend.memory import exceed, joint, margin_of, peak_grants
from headway.statistics.contrast import FloatArray

CARD = 48 * 2.0**30
MEMORY = ("pod_memory_util", 1.0)
GPU_MEMORY = ("pod_gpu_memory_used_bytes", CARD)


def scored(loads: list[Load], split: float, grants: FloatArray) -> tuple[float, float, float]:
    """Saving, samples above and workloads above, in per cent, after the split."""
    later = [load.between(split, math.inf) for load in loads]
    held = sum(load.bins * load.granted[0] for load in later)
    kept = sum(load.bins * grant for load, grant in zip(later, grants, strict=True))
    above = sum(float((one.value > g * (1 + 1e-9)).sum()) for one, g in zip(later, grants, strict=True))
    samples = sum(load.bins for load in later)
    return 100 * (1 - kept / held), 100 * above / samples, 100 * float(exceed(loads, split, grants).mean())


@pytest.mark.parametrize(
    ("trace", "workloads", "margin", "saving", "share"),
    [
        (MEMORY, 142, 0.15, 39.32, 11.3),
        (MEMORY, 142, 0.30, 34.01, 9.2),
        (GPU_MEMORY, 105, 0.15, 11.80, 9.5),
    ],
)
def test_a_fixed_margin(
    shared_data: Path,
    trace: tuple[str, float],
    workloads: int,
    margin: float,
    saving: float,
    share: float,
) -> None:
    """Hardly a sample exceeds it, and one workload in ten does once."""
    loads, split = fold(pods(shared_data, trace[0], "", trace[1]), "A")
    assert len(loads) == workloads
    found = scored(loads, split, peak_grants(loads, split, margin))
    assert found[0] == pytest.approx(saving, abs=0.05)
    assert found[2] == pytest.approx(share, abs=0.05)
    if (trace, margin) == (MEMORY, 0.15):
        assert found[1] == pytest.approx(0.016, abs=0.001)
        oracle = np.array([load.between(split, math.inf).value.max() for load in loads])
        assert scored(loads, split, oracle)[0] == pytest.approx(46.94, abs=0.05)


@pytest.mark.parametrize("trace", [MEMORY, GPU_MEMORY], ids=["container", "gpu"])
@pytest.mark.parametrize("name", ["A", "B"])
def test_a_margin_that_was_learnt_is_exceeded_by_fewer_workloads(
    shared_data: Path, trace: tuple[str, float], name: str
) -> None:
    """Where a fixed 15 % lets up to a half of the workloads die once, one in ten at most, five asked for."""
    loads, split = fold(pods(shared_data, trace[0], "", trace[1]), name)
    learnt = margin_of(loads, split, 720 * TICK / 3600)
    assert learnt.level == 0.95
    share = scored(loads, split, peak_grants(loads, split, learnt.share))[2]
    assert share <= 10


@pytest.mark.parametrize(("name", "saving", "binds"), [("A", 26.56, 76), ("B", 19.74, 73), ("C", 20.62, 75)])
def test_compute_and_memory_together(shared_data: Path, name: str, saving: float, binds: int) -> None:
    """With perfect knowledge the slice that both need saves half of what compute alone would."""
    memory = {load.workload: load for load in pods(shared_data, GPU_MEMORY[0], "", CARD)}
    saved = samples = bound = 0.0
    for used, held in _tested(gpu(shared_data), memory, name):
        most = float(held.max()) if held.size else 0.0
        made = joint({"gpu": max(float(used.max()), 5.0), "memory": most}, {"gpu": 100.0, "memory": CARD})
        saved += used.size * (1 - made.slice)
        samples += used.size
        bound += made.binds == "memory"
    assert 100 * saved / samples == pytest.approx(saving, abs=0.05)
    assert bound == binds


def _tested(loads: list[Load], memory: dict[str, Load], name: str) -> list[tuple[FloatArray, FloatArray]]:
    """What each eligible GPU used of compute and of memory on the held-out part of a fold."""
    if name != "C":
        eligible, split = fold(loads, name)
        beside = {w: turned(one) for w, one in memory.items()} if name == "B" else memory
        cut = [(one, beside[one.workload]) for one in eligible]
        return [(a.between(split, math.inf).value, b.between(split, math.inf).value) for a, b in cut]
    odd = [(load.value[_odd(load)], load) for load in loads]
    kept = [(used, load) for used, load in odd if min(used.size, load.at.size - used.size) >= LEAST]
    return [(used, memory[load.workload].value[_odd(memory[load.workload])]) for used, load in kept]


def _odd(load: Load) -> np.typing.NDArray[np.bool_]:
    return np.asarray(np.rint((load.at - START) / TICK) // 10 % 2 == 1)
