"""A pilot over exposures and series, wherever they lie, equals the same pilot over a row per unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pytest
import statsmodels.api as sm
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO, codes, estimates, reviewed

EXACT = 1e-10
START = datetime(2026, 1, 1)  # noqa: DTZ001  tables of moments without a zone are UTC
PILOT = """\
pilot:
  design: randomised
  key: trial
  arms: {control: 50 %, treated: 50 %}
  unit: call
  metric: y
  objective: {change: "-0.5", scale: absolute}
  window: {length: 14d}
  dates: {starts: 2026-01-01, ends: 2026-03-01}
"""
SOURCES = """\
source: exposures
kind: sql
engine: ${EVENTS_URL}
table: exposures
watermark: ts
fact: exposure
---
source: metrics
kind: sql
engine: ${EVENTS_URL}
table: metrics
watermark: ts
fact: series
---
source: people
kind: sql
engine: ${EVENTS_URL}
table: people
watermark: unit_id
fact: attribute
"""
KINDS = {
    "key": "text", "metric": "text", "variant": "text", "unit_id": "bigint", "ts": "timestamp",
    "value": "double precision", "team": "bigint", "age": "double precision",
}  # fmt: skip

Tables = dict[str, list[dict[str, Any]]]
Place = Callable[[Path, Tables, pytest.MonkeyPatch], None]


def in_duckdb(folder: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database file that headway opens read-only."""
    connection = duckdb.connect(str(folder / "events.db"))
    for name, rows in tables.items():
        connection.register("given", pa.Table.from_pylist(rows))
        connection.execute(f"create table {name} as select * from given")
        connection.unregister("given")
    connection.close()
    monkeypatch.setenv("EVENTS_URL", f"duckdb://{folder / 'events.db'}")


def in_postgres(url: str) -> Place:
    """Tables of a real server, loaded by COPY; its time zone is not UTC."""

    def place(_: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter role headway set timezone = 'Asia/Kathmandu'")
            for name, rows in tables.items():
                columns = ", ".join(f"{c} {KINDS[c]}" for c in rows[0])
                connection.execute(f"drop table if exists {name}".encode())
                connection.execute(f"create table {name} ({columns})".encode())
                with connection.cursor().copy(f"copy {name} from stdin".encode()) as copy:
                    for row in rows:
                        copy.write_row(tuple(row.values()))
        monkeypatch.setenv("EVENTS_URL", url)

    return place


@pytest.fixture(params=["duckdb", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each engine in turn."""
    return in_duckdb if request.param == "duckdb" else in_postgres(request.getfixturevalue("postgres_url"))


def a_call_centre(units: int = 600, seed: int = 3) -> Tables:
    """Calls of six hundred people, before and after each was shown an arm, some of them again and again."""
    draw = np.random.default_rng(seed)
    exposures, metrics, people = [], [], []
    for unit in range(units):
        arm = ("control", "treated")[unit % 2]
        shown = START + timedelta(days=float(draw.uniform(0, 50)))
        level = float(draw.normal(5, 1))
        people.append({"unit_id": unit, "team": unit // 15, "age": float(draw.uniform(20, 60))})
        for again in range(int(draw.integers(1, 4))):
            at = shown + timedelta(days=float(again * draw.uniform(0, 9)))
            exposures.append({"key": "trial", "unit_id": unit, "variant": arm, "ts": at})
        for _ in range(int(draw.integers(0, 30))):
            at = shown + timedelta(days=float(draw.uniform(-40, 30)))
            value = level + float(draw.normal(0, 1)) - (arm == "treated") * (at >= shown)
            metrics.append({"metric": "y", "unit_id": unit, "ts": at, "value": value})
            metrics.append({"metric": "z", "unit_id": unit, "ts": at, "value": float(draw.integers(0, 3))})
    return {"exposures": exposures, "metrics": metrics, "people": people}


def per_unit(tables: Tables, kind: str = "sum", length: int = 14, before: int = 28) -> dict[str, Any]:
    """The same by loops over rows: what one would do without an engine."""
    as_of = datetime(2026, 3, 1)  # noqa: DTZ001
    first: dict[int, tuple[datetime, str]] = {}
    for row in tables["exposures"]:
        first[row["unit_id"]] = min(first.get(row["unit_id"], (as_of, "")), (row["ts"], row["variant"]))
    made = np.mean if kind == "mean" else np.sum
    y, x, treated, team = [], [], [], []
    for unit, (t0, arm) in first.items():
        if t0 + timedelta(days=length) > as_of:
            continue
        mine = [r for r in tables["metrics"] if r["unit_id"] == unit and r["metric"] == "y"]
        after = [r["value"] for r in mine if t0 <= r["ts"] < t0 + timedelta(days=length)]
        prior = [r["value"] for r in mine if t0 - timedelta(days=before) <= r["ts"] < t0]
        y.append(made(after) if after else np.nan)
        x.append(made(prior) if prior else np.nan)
        treated.append(float(arm == "treated"))
        team.append(unit // 15)
    return {n: np.array(v) for n, v in (("y", y), ("x", x), ("treated", treated), ("team", team))}


def declared(folder: Path, extra: str = "", pilot: str = PILOT) -> Path:
    """The portfolio around the tables."""
    texts = {
        "portfolio": PORTFOLIO, "people": PEOPLE, "outcome": OUTCOME, "sources": SOURCES,
        "initiative": f"{INITIATIVE}{pilot}{extra}",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_difference_of_sums_per_unit(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Welch over the sum of each unit's window, first exposures only, units without rows left out."""
    tables = a_call_centre()
    place(tmp_path, tables, monkeypatch)
    made = reviewed(declared(tmp_path))
    assert "HW303" not in codes(made)
    found = estimates(made, "effect")["y"]
    twin = per_unit(tables)
    kept = ~np.isnan(twin["y"])
    t, c = twin["y"][kept & (twin["treated"] == 1)], twin["y"][kept & (twin["treated"] == 0)]
    oracle = sm.stats.CompareMeans(sm.stats.DescrStatsW(t), sm.stats.DescrStatsW(c))
    assert found["theta"] == pytest.approx(t.mean() - c.mean(), abs=EXACT)
    assert (found["low"], found["high"]) == pytest.approx(oracle.tconfint_diff(usevar="unequal"), abs=1e-8)
    assert found["n"] == kept.sum()


def test_a_metric_adjusted_for_its_own_past(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lin's estimator with the mean of the four weeks before, imputed and flagged where there is none."""
    tables = a_call_centre()
    place(tmp_path, tables, monkeypatch)
    pilot = PILOT.replace("{length: 14d}", "{length: 14d, aggregate: {y: mean}}")
    found = estimates(reviewed(declared(tmp_path, "  covariates: [y@-28d]\n", pilot)), "effect")["y"]
    twin = per_unit(tables, "mean")
    kept = ~np.isnan(twin["y"])
    y, x, d = (twin[n][kept] for n in ("y", "x", "treated"))
    flag = np.isnan(x).astype(float)
    filled = np.where(np.isnan(x), np.nanmean(x), x)
    parts = [filled - filled.mean(), flag - flag.mean()]
    oracle = sm.OLS(y, np.column_stack([np.ones(y.size), d, *parts, *(d * p for p in parts)])).fit()
    assert flag.sum() > 5
    assert found["theta"] == pytest.approx(oracle.params[1], abs=EXACT)


def test_units_that_move_together(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster error of the regression on units, the team from a third table, no row taken as nought."""
    tables = a_call_centre()
    place(tmp_path, tables, monkeypatch)
    pilot = PILOT.replace("{length: 14d}", "{length: 14d, absent: zero}")
    found = estimates(reviewed(declared(tmp_path, "  cluster: team\n", pilot)), "effect")["y"]
    twin = per_unit(tables)
    y = np.nan_to_num(twin["y"])
    fitted = sm.OLS(y, np.column_stack([np.ones(y.size), twin["treated"]])).fit(
        cov_type="cluster", cov_kwds={"groups": twin["team"]}
    )
    assert found["theta"] == pytest.approx(fitted.params[1], abs=EXACT)
    assert found["cr1_se"] == pytest.approx(fitted.bse[1], abs=EXACT)


def test_twenty_metrics_are_one_scan(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty metrics, their pasts as covariates and the integrity of a pilot: one query."""
    tables = a_call_centre(200)
    tables["metrics"] += [
        {**row, "metric": f"m{i:02d}"} for row in tables["metrics"] if row["metric"] == "z" for i in range(19)
    ]
    place(tmp_path, tables, monkeypatch)
    metrics = [f"m{i:02d}" for i in range(19)]
    extra = f"  proxies: [{', '.join(metrics)}]\n  covariates: [y@-28d, m00@-28d]\n"
    made = reviewed(declared(tmp_path, extra))
    assert len(estimates(made, "effect")) == 20
    assert [(r.source, r.scans) for r in made.collected.reads] == [("pilot of trial", 1)]
    assert made.collected.reads[0].serves == ("effect of trial", "srm of trial")
