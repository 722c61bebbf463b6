"""Rows of the fact ``usage`` as Parquet, and such files as one table of DuckDB."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headway.aggregates.duckdb_engine import literal_path
from headway.aggregates.engine import PART, Opened
from headway.kernel.identity import digest
from headway.portfolio.source import Source
from headway.sources.base import Context, under_contract
from headway.sources.kept_days import KeptDay
from headway.sources.telemetry_rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

# Ibis's words for the columns that the files have; `holder` only where the source says who holds what.
TYPES = {
    "workload": "string",
    "resource": "string",
    "ts": "timestamp(6)",
    "granted": "float64",
    "used": "float64",
    "used_max": "float64",
    "capacity": "float64",
    "samples": "int64",
    "unit": "string",
    "rung": "string",
}
PRESENT = frozenset({"workload", "resource", "ts", "used", "unit"})
_MICRO = 1_000_000


def write(rows: Sequence[Rows], file: Path, *, held: bool) -> KeptDay:
    """Write rows into a file, and say what is in it.

    Args:
        rows: by resource and workload.
        file: where to.
        held: whether the source says who holds a workload.
    """
    import pyarrow.parquet as pq

    table, name = _table(rows, held=held)
    pq.write_table(table, file, compression="zstd")
    rungs: dict[str, dict[str, int]] = {}
    names: dict[str, dict[str, None]] = {}
    for one in rows:
        names.setdefault(one.resource, {})[one.name] = None
        if one.rung:
            rungs.setdefault(one.rung, {})[_at(one)] = int((~np.isnan(one.used)).sum())
    newest = int(table["ts"].cast("int64").to_numpy().max()) // _MICRO if table.num_rows else 0
    read_from = {resource: tuple(sorted(found)) for resource, found in names.items()}
    return KeptDay(
        name,
        table.num_rows,
        newest,
        rungs,
        read_from,
        int(sum(r.clipped.sum() for r in rows if r.clipped is not None)),
    )


def _at(rows: Rows) -> str:
    return f"{rows.resource} {rows.key[0]}"


def _table(rows: Sequence[Rows], *, held: bool) -> tuple[pa.Table, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    there = [~np.isnan(r.used) for r in rows]
    counts = [int(t.sum()) for t in there]

    def numbers(column: str) -> pa.Array:
        every = [(getattr(r, column), t) for r, t in zip(rows, there, strict=True)]
        parts = [np.full(int(t.sum()), np.nan) if v is None else v[t] for v, t in every]
        whole = np.concatenate(parts) if parts else np.zeros(0)
        return pa.array(whole, mask=np.isnan(whole))

    which = pa.array(np.repeat(np.arange(len(rows)), counts))

    def texts(of: Callable[[Rows], str | None]) -> pa.Array:
        return pa.array([of(r) for r in rows], pa.string()).take(which)

    starts = [r.bins.starts[t] for r, t in zip(rows, there, strict=True)]
    moments = np.concatenate([np.zeros(0, np.int64), *starts])
    columns = {
        "workload": texts(lambda r: r.key[0]),
        "resource": texts(lambda r: r.resource),
        "ts": pa.array(moments * _MICRO, pa.int64()).cast(pa.timestamp("us")),
        **{c: numbers(c) for c in ("granted", "used", "used_max", "capacity")},
        "samples": pc.round(numbers("samples")).cast(pa.int64()),
        "unit": texts(lambda r: r.unit),
        "rung": texts(lambda r: r.rung),
        **({"holder": texts(lambda r: r.key[1])} if held else {}),
    }
    table = pa.table(columns)
    named = hashlib.sha256(digest([list(columns), table.num_rows]).encode())
    for column in table.columns:
        for buffer in (b for chunk in column.chunks for b in chunk.buffers() if b is not None):
            named.update(buffer)
    return table, named.hexdigest()


class Opening:
    """Opens the files as one table, once, without the rungs that a workload is not read by."""

    def __init__(
        self, declared: Source, files: Sequence[Path], context: Context, dropped: Iterable[tuple[str, str]]
    ) -> None:
        self._declared = declared
        self._files = tuple(files)
        self._context = context
        self._dropped = tuple(dropped)

    def __call__(self) -> Opened:
        """The open table.

        Raises:
            Exception: whatever DuckDB raises.
        """
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        engine: Any = self._context.engine("duckdb:")
        connection = engine.backend.con
        name = f"source_{digest(self._declared.source)[:16]}"
        paths = ", ".join("'" + literal_path(str(f)).replace("'", "''") + "'" for f in self._files)
        read = f"select r.* from read_parquet([{paths}], filename = '{PART}') as r"  # noqa: S608  quoted above
        if self._dropped:
            import pyarrow as pa

            # A workload has one rung: its rows of another are left out.
            at, rung = ([one[i] for one in self._dropped] for i in (0, 1))
            connection.register("incoming", pa.table({"at": at, "rung": rung}))
            connection.execute(f"create or replace temp table {name}_not as from incoming")
            connection.unregister("incoming")
            read += f" anti join {name}_not as n on n.at = r.resource || ' ' || r.workload"
            read += " and n.rung = r.rung"
        connection.execute(f"create or replace temp view {name} as {read}")
        table = under_contract(self._declared, engine.backend.table(name))
        return Opened(engine, table, PRESENT, dict(TYPES))


def moment(second: int) -> datetime:
    """A second since 1970 as a moment."""
    return datetime.fromtimestamp(second, UTC)


def chosen(days: Iterable[KeptDay], least: float = 0.9) -> Mapping[str, str]:
    """The rung by which each workload is read: the best that shows it nearly as often as any does.

    Args:
        days: what is known of each day.
        least: the share of the bins of its most frequent rung that a rung must have; below it history would
            begin anew with the better signal.
    """
    bins: dict[str, dict[str, int]] = {}
    for day in days:
        for rung, workloads in day.rungs.items():
            for workload, n in workloads.items():
                seen = bins.setdefault(workload, {})
                seen[rung] = seen.get(rung, 0) + n
    return {
        workload: next(r for r in sorted(seen) if seen[r] >= least * max(seen.values()))
        for workload, seen in bins.items()
    }
