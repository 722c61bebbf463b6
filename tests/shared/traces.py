"""The public traces of generative-AI serving as loads (Lin and others, SoCC 2025)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

FOLDER = "genai-serving-trace"
TICK = 57.0
START = 1662858720.0
TICKS = 1440
FOLD_AT = {"A": 720, "B": 721}
LEAST = 360


def pods(shared: Path, file: str, unit: str, most: float) -> list[Load]:
    """One load per pod of a file of samples every 57 s."""
    path = shared / FOLDER / f"{file}.parquet"
    rows = duckdb.execute(
        f"SELECT container_ip AS pod, round((timestamp_anon - {START}) / {TICK})::INT AS tick,"
        f" avg(value) AS used FROM read_parquet('{path}') WHERE container_ip NOT IN ('NULL', '')"
        " GROUP BY ALL ORDER BY pod, tick"
    ).fetchnumpy()
    names, first = np.unique(rows["pod"].astype(str), return_index=True)
    ends = [*first[1:], len(rows["pod"])]
    return [
        Load(
            str(name),
            file,
            unit,
            START + TICK * rows["tick"][a:b].astype(np.float64),
            np.maximum(rows["used"][a:b].astype(np.float64), 0.0),
            np.ones(b - a),
            np.full(b - a, most),
            TICK,
            most,
        )
        for name, a, b in zip(names, first, ends, strict=True)
    ]


def gpu(shared: Path) -> list[Load]:
    """GPU duty, in per cent of one device."""
    return pods(shared, "pod_gpu_duty_cycle", "percent", 100.0)


def turned(load: Load) -> Load:
    """The same load backwards in time."""
    back = 2 * START + TICK * TICKS - load.at[::-1]
    return replace(load, at=back, value=load.value[::-1], count=load.count[::-1], granted=load.granted[::-1])


def fold(loads: list[Load], name: str) -> tuple[list[Load], float]:
    """The loads with at least 360 samples on both sides of a fold's split, and the moment of the split."""
    made = [turned(load) for load in loads] if name == "B" else loads
    split = START + TICK * FOLD_AT[name]
    before = [int((load.at < split).sum()) for load in made]
    both = [min(n, load.at.size - n) for n, load in zip(before, made, strict=True)]
    return [load for load, n in zip(made, both, strict=True) if n >= LEAST], split


def requests_per_hour(shared: Path, hours: int) -> Load:
    """Requests for a fine-tuned model per hour from 19 November 2024 on; nothing is granted."""
    path = shared / FOLDER / "lora_request_trace.parquet"
    rows = duckdb.execute(
        "SELECT date_diff('hour', TIMESTAMP '2024-11-19', date_trunc('hour', gmt_create)) AS hour"
        f" FROM read_parquet('{path}') WHERE gmt_create >= TIMESTAMP '2024-11-19'"
    ).fetchnumpy()["hour"]
    number = np.bincount(rows[rows < hours], minlength=hours).astype(np.float64)
    return series(number, 3600.0, start=1731974400.0, granted=0.0)


def series(
    used: FloatArray, bin_seconds: float, start: float = 1767225600.0, granted: float = 1.0, name: str = "w"
) -> Load:
    """A load from one value per bin; a bin without a value is NaN."""
    there = np.isfinite(used)
    at = start + bin_seconds * np.flatnonzero(there).astype(np.float64)
    n = int(there.sum())
    most = granted if granted > 0 else np.inf
    return Load(name, "gpu", "share", at, used[there], np.ones(n), np.full(n, granted), bin_seconds, most)
