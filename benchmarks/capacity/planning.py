"""Bars 4 and 5: one pool, replicas and commitments, on the public trace of generative-AI serving.

One rule each for all traces, with the settings that stand in the code: none was chosen on what is scored.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np

from headway.measures.base import Absent
from headway.measures.spend.commitments import level_for
from headway.measures.spend.demand import Demand, demand_of
from headway.measures.spend.loads import exact_loads
from headway.measures.spend.pool import pool_grant, replayed
from headway.measures.spend.replicas import staff
from headway.statistics.contrast import FloatArray
from headway.statistics.newsvendor import best_level, saving

from .bar import Bar

_FOLDER = "genai-serving-trace"
_WITHIN = {0.28: 1.0, 0.40: 1.0, 0.60: 1.0, 0.72: 3.0}
_TRAIN_HOURS, _HOURS = 192, 408
_FIRST_TICK, _TICK = 1662858720, 57


def bars(data: Path) -> Iterable[Bar]:
    """Pool, replicas, commitments."""
    yield from _pool(fleet(data / _FOLDER / "pod_gpu_duty_cycle.parquet"))
    requests = data / _FOLDER / "lora_request_trace.parquet"
    yield from _replicas(requests)
    yield from _commitments(requests)


def fleet(path: Path) -> Demand:
    """GPUs busy and held in each of 1,440 steps, which are told as the minutes they are scaled from."""
    rows = duckdb.execute(
        f"SELECT container_ip AS pod, round((timestamp_anon - {_FIRST_TICK}) / {_TICK}) AS tick,"
        f" value / 100 AS used FROM read_parquet('{path}') WHERE container_ip NOT IN ('NULL', '')"
    ).fetchnumpy()
    at = np.asarray(rows["tick"], dtype=np.float64) * 60
    used = np.asarray(rows["used"], dtype=np.float64)
    return demand_of(exact_loads(rows["pod"].astype(str), at, used, 1.0, bin_seconds=60.0)).between(0, 1440)


def _pool(demand: Demand) -> Iterable[Bar]:
    made = replayed(demand, pool_grant(demand))
    yield Bar("pool: saving %", 100 * made.saving.value, least=84.6)
    yield Bar("pool: demand unserved %", 100 * made.unserved.value, most=0.2, digits=3)
    for other in made.beside:
        yield Bar(f"  {other.name}: saving %", 100 * other.saving)
        yield Bar(f"  {other.name}: demand unserved %", 100 * other.unserved, digits=3)


def _replicas(path: Path) -> Iterable[Bar]:
    rows = duckdb.execute(
        "SELECT epoch(gmt_create::TIMESTAMP) AS at, exec_time_seconds::DOUBLE AS took"
        f" FROM read_parquet('{path}') WHERE predict_status = 'SUCCEED' AND exec_time_seconds > 0"
        " AND gmt_create::TIMESTAMP BETWEEN '2024-11-19' AND '2024-12-06'"
    ).fetchnumpy()
    made = staff(np.asarray(rows["at"], dtype=np.float64), np.asarray(rows["took"], dtype=np.float64))
    if isinstance(made, Absent):
        yield Bar(f"replicas: {made.why}", np.nan, least=0)
        return
    yield Bar("replicas: servers", made.servers.value, most=3.40)
    yield Bar("replicas: late %", 100 * made.late.value, most=1.0)
    for other in made.beside:
        yield Bar(f"  {other.name}: servers", other.servers)
        yield Bar(f"  {other.name}: late %", 100 * other.late)


def _commitments(path: Path) -> Iterable[Bar]:
    rows = duckdb.execute(
        "SELECT date_diff('hour', TIMESTAMP '2024-11-19', gmt_create::TIMESTAMP) AS hour"
        f" FROM read_parquet('{path}') WHERE gmt_create::TIMESTAMP >= TIMESTAMP '2024-11-19'"
    ).fetchnumpy()["hour"]
    hours = np.asarray(rows, dtype=np.int64)
    number = np.bincount(hours[hours < _HOURS], minlength=_HOURS)
    servers = np.asarray(np.ceil(number / 3600 * 29.17 / 0.5), dtype=np.float64)
    past, after = servers[:_TRAIN_HOURS], servers[_TRAIN_HOURS:]
    for discount, within in _WITHIN.items():
        level, _ = level_for(past, discount)
        hindsight = 100 * saving(best_level(after, discount), after, discount)
        found = 100 * saving(level, after, discount)
        yield Bar(f"commitment at {discount:.2f}: points below hindsight", hindsight - found, most=within)
        yield Bar(f"commitment at {discount:.2f}: saving %", found, least=0.0)
        own = 100 * saving(best_level(past, discount), past, discount)
        yield Bar(
            f"commitment at {discount:.2f}: points from brute force in sample",
            abs(own - _brute_force(past, discount)),
            most=0.01,
            digits=4,
        )


def _brute_force(demand: FloatArray, discount: float) -> float:
    tried = np.arange(round(1000 * float(demand.max())) + 1) / 1000
    return max(100 * saving(float(level), demand, discount) for level in tried)
