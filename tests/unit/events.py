"""A small pilot over exposures and series: its declaration, its files, and the table that is made of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO

from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.app.check import check
from headway.kernel.identity import instant
from headway.sources.base import Context, bind
from headway.sources.derived import Making, derive

PILOT = """\
design: randomised
key: trial
arms: {control: 50 %, treated: 50 %}
unit: call
metric: y
objective: {change: "-0.5", scale: absolute}
window: {length: 2d}
dates: {starts: 2026-01-01, ends: 2026-03-01}
"""
SOURCES = """\
source: exposures
kind: file
path: exposures*.parquet
fact: exposure
---
source: metrics
kind: file
path: metrics*.parquet
fact: series
"""
PEOPLE_SOURCE = """\
source: people-list
kind: file
path: people.parquet
fact: attribute
"""
Row = Mapping[str, Any]


def shown(unit: object, variant: str, ts: str, **more: object) -> Row:
    """An exposure under the key `trial`."""
    return {"key": "trial", "unit_id": unit, "variant": variant, "ts": datetime.fromisoformat(ts), **more}


def measured(unit: object, ts: str, value: float | None, metric: str = "y") -> Row:
    """A value of a series."""
    return {"metric": metric, "unit_id": unit, "ts": datetime.fromisoformat(ts), "value": value}


def parquet(folder: Path, **tables: Iterable[Row]) -> None:
    """Files by name; a table with no row has no file."""
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(map(dict, rows))), folder / f"{name}.parquet")


def declared(folder: Path, pilot: str = PILOT, **files: str) -> Path:
    """The portfolio around the files."""
    block = "pilot:\n" + "".join(f"  {line}\n" for line in pilot.strip().splitlines())
    texts = {
        "portfolio": PORTFOLIO, "people": PEOPLE, "outcome": OUTCOME, "sources": SOURCES,
        "initiative": INITIATIVE + block, **files,
    }  # fmt: skip
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def made(folder: Path, context: Context, as_of: str = "2026-03-31T00:00:00Z") -> Bound:
    """The table of the pilot, not yet opened."""
    portfolio = check(folder).portfolio
    assert portfolio is not None
    moment = instant(datetime.fromisoformat(as_of).astimezone(UTC))
    every = {n: bind(s, context) for n, s in portfolio.sources.items()}
    found = derive(Making(portfolio, portfolio.initiatives["trial"], every, moment, context.memory))
    assert found is not None
    return found


def units(folder: Path, columns: Sequence[str] = ("y",), as_of: str = "2026-03-31T00:00:00Z") -> list[Any]:
    """Per unit its arm and these columns, in the order of names."""
    context = Context(folder, as_of, dict(os.environ), folder / ".headway", Memory())
    with closing(context):
        opened = made(folder, context, as_of).opened
        rows = opened.engine.fetch(opened.table).to_pylist()
    return sorted((r["unit_id"], r["variant"], *(r[c] for c in columns)) for r in rows)
