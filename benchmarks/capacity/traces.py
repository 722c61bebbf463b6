"""Traces as loads: the shared one with its three folds, and any other from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.measures.spend.load import Load

FOLDER = "genai-serving-trace"
TICKS = 1440
_START, _TICK = 1662858720, 57
_SECONDS = 60.0
_FEWEST = 360
Ticks = Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Fold:
    """Loads and the moment from which they are held out, in seconds of the trace's own clock."""

    name: str
    loads: list[Load]
    split: float


def by_tick(data: Path, metric: str = "pod_gpu_duty_cycle") -> Ticks:
    """Mean of a metric per container and tick; 1,440 ticks count as 24 hours (spend-and-capacity.md 6.2)."""
    table = pq.read_table(
        data / FOLDER / f"{metric}.parquet", columns=["container_ip", "timestamp_anon", "value"]
    )
    table = table.filter(pc.and_(pc.is_valid(table["container_ip"]), pc.is_valid(table["value"])))
    pod = table["container_ip"].to_numpy(zero_copy_only=False).astype(str)
    tick = np.rint((table["timestamp_anon"].to_numpy() - _START) / _TICK).astype(np.int64)
    value = table["value"].to_numpy()
    names, row = np.unique(pod, return_inverse=True)
    key, cell = np.unique(row * (TICKS + 1) + tick, return_inverse=True)
    mean = np.bincount(cell, value) / np.bincount(cell)
    owner, when = np.divmod(key, TICKS + 1)
    return {str(name): (when[owner == i], mean[owner == i]) for i, name in enumerate(names)}


def folds(ticks: Ticks, granted: float = 100.0, unit: str = "%") -> Iterator[Fold]:
    """A as it was, B with time reversed, C every other block of ten ticks."""
    for name, split in (("A", TICKS // 2), ("B", TICKS // 2 + 1), ("C", 10_000)):
        loads = []
        for pod, (tick, value) in ticks.items():
            at = {"A": tick, "B": TICKS - tick, "C": tick + 10_000 * (tick // 10 % 2)}[name]
            if min((at < split).sum(), (at >= split).sum()) >= _FEWEST:
                order = np.argsort(at)
                loads.append(load(pod, at[order] * _SECONDS, value[order], granted, unit))
        yield Fold(name, loads, split * _SECONDS)


def load(pod: str, at: Any, value: Any, granted: float, unit: str = "%") -> Load:
    """One container that holds the same all day."""
    held = np.full(len(at), granted)
    return Load(pod, "gpu", unit, at, value, np.ones(len(at)), held, _SECONDS, granted)


def hourly(one: Load, seconds: float = 3600.0) -> Load:
    """The same load as histograms by slot: buckets with their upper edges, as they are kept."""
    slot = np.floor(one.at / seconds)
    least = 1e-4 * one.granted[0]
    kept = np.where(one.value < least, least, one.value)
    edge = np.where(one.value < least, least, 1.02 ** (np.floor(np.log(kept) / np.log(1.02)) + 1))
    edge = np.where(one.value == 0, 0.0, edge)
    cells, cell = np.unique(np.column_stack([slot, edge]), axis=0, return_inverse=True)
    return Load(
        one.workload,
        one.resource,
        one.unit,
        cells[:, 0] * seconds,
        cells[:, 1],
        np.bincount(cell.ravel()).astype(float),
        np.full(len(cells), one.granted[0]),
        one.bin_seconds,
        one.capacity,
    )


def from_file(path: Path, names: Mapping[str, str]) -> dict[str, list[Load]]:
    """Loads of a Parquet or CSV file, by resource.

    Args:
        path: one row per workload and bin.
        names: the file's name of each column that it names otherwise: workload, ts, used, granted and, where
            there are, resource and capacity.

    Raises:
        SystemExit: a column is missing, or the file has no row.
    """
    table = _table(path)
    column = {c: names.get(c, c) for c in ("workload", "ts", "used", "granted", "resource", "capacity")}
    missing = [
        column[c] for c in ("workload", "ts", "used", "granted") if column[c] not in table.column_names
    ]
    if missing or not table.num_rows:
        raise SystemExit(f"{path}: {'no column ' + ', '.join(missing) if missing else 'no row'}")
    ts = table[column["ts"]]
    at = (pc.cast(ts, "timestamp[us]").cast("int64").to_numpy() / 1e6) if _is_moment(ts) else ts.to_numpy()
    used, granted = (table[column[c]].to_numpy().astype(float) for c in ("used", "granted"))
    most = table[column["capacity"]].to_numpy() if column["capacity"] in table.column_names else None
    series, of = _series(table, column)
    good = np.isfinite(used) & np.isfinite(granted)
    order = np.lexsort((at, of))
    order = order[good[order]]
    made: dict[str, list[Load]] = {}
    for rows in np.split(order, np.flatnonzero(np.diff(of[order])) + 1):
        name, resource = series[int(of[rows[0]])]
        when, first, cell = np.unique(at[rows], return_index=True, return_inverse=True)
        mean = np.maximum(np.bincount(cell, used[rows]) / np.bincount(cell), 0.0)
        cap = float(most[rows].max()) if most is not None else np.inf
        gaps = np.diff(when)
        apart = float(np.median(gaps)) if gaps.size else _SECONDS
        one, held = np.ones(when.size), granted[rows][first]
        made.setdefault(resource, []).append(
            Load(name, resource, "", when.astype(float), mean, one, held, apart, cap)
        )
    return made


def _series(table: Any, column: Mapping[str, str]) -> tuple[list[tuple[str, str]], Any]:
    """Name and resource of every series of a table, and which of them each row belongs to."""
    who = table[column["workload"]].cast("string").combine_chunks().dictionary_encode()
    names, code = who.dictionary.to_pylist(), who.indices.to_numpy()
    if column["resource"] not in table.column_names:
        return [(name, "used") for name in names], code
    what = table[column["resource"]].cast("string").combine_chunks().dictionary_encode()
    kinds = what.dictionary.to_pylist()
    both = code.astype(np.int64) * len(kinds) + what.indices.to_numpy()
    return [(name, kind) for name in names for kind in kinds], both


def _table(path: Path) -> Any:
    if path.suffix == ".csv":
        from pyarrow import csv

        return csv.read_csv(path)
    return pq.read_table(path)


def _is_moment(column: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(column.type))
