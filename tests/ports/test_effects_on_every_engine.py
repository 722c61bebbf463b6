"""The same pilot over the same rows, wherever they lie: sums pushed down equal rows pulled up, to 1e-10."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pytest
import statsmodels.api as sm
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO, Rows, estimates, reviewed, two_arms

EXACT = 1e-10
PILOT = """\
pilot:
  design: randomised
  source: units
  arms: {control: 50 %, treated: 50 %}
  unit: call
  metric: y
  objective: {change: "-0.5", scale: absolute}
  dates: {starts: 2026-01-01, ends: 2026-03-01}
"""
SOURCE = """\
source: units
kind: sql
engine: ${UNITS_URL}
table: units
watermark: unit_id
fact: unit
"""

Place = Callable[[Path, Rows, pytest.MonkeyPatch], None]


def rows_of_a_call_centre() -> Rows:
    """Two thousand calls in forty teams: a metric far from zero, a rate, and gaps in both."""
    rows = two_arms(2000, seed=5)
    draw = np.random.default_rng(9)
    rows["cluster"] = (np.arange(2000) // 50).tolist()
    y = np.asarray(rows["y"]) + 1e6 + 0.3 * (np.arange(2000) // 50 % 7)
    rows["y"] = [None if skip else float(v) for v, skip in zip(y, draw.random(2000) < 0.05, strict=True)]
    rows["hung"] = (draw.random(2000) < 0.2).tolist()
    rows["day"] = (np.arange(2000) % 5).tolist()
    return rows


def in_duckdb(folder: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database file that headway opens read-only."""
    table = pa.table({k: pa.array(v) for k, v in rows.items()})
    connection = duckdb.connect(str(folder / "units.db"))
    connection.register("given", table)
    connection.execute("create table units as select * from given")
    connection.close()
    monkeypatch.setenv("UNITS_URL", f"duckdb://{folder / 'units.db'}")


def in_postgres(url: str) -> Place:
    """A table of a real server, loaded by COPY."""

    def place(folder: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
        kinds = {
            "unit_id": "bigint",
            "variant": "text",
            "cluster": "bigint",
            "hung": "boolean",
            "day": "bigint",
        }
        columns = ", ".join(f"{name} {kinds.get(name, 'double precision')}" for name in rows)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("drop table if exists units")
            connection.execute(f"create table units ({columns})".encode())
            with connection.cursor().copy("copy units from stdin") as copy:
                for row in zip(*(np.asarray(v, dtype=object) for v in rows.values()), strict=True):
                    copy.write_row(row)
        monkeypatch.setenv("UNITS_URL", url)

    return place


@pytest.fixture(params=["duckdb", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each engine in turn."""
    return in_duckdb if request.param == "duckdb" else in_postgres(request.getfixturevalue("postgres_url"))


def declared(folder: Path, extra: str = "") -> Path:
    """The portfolio around the table."""
    texts = {
        "portfolio": PORTFOLIO,
        "people": PEOPLE,
        "outcome": OUTCOME,
        "source": SOURCE,
        "initiative": f"{INITIATIVE}{PILOT}{extra}",
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def complete(rows: Rows, *names: str) -> dict[str, npt.NDArray[Any]]:
    """The columns as floats, over the rows in which y is present."""
    y = np.array([np.nan if v is None else v for v in rows["y"]], dtype=float)
    kept = ~np.isnan(y)
    found: dict[str, npt.NDArray[Any]] = {"y": y[kept]}
    found["treated"] = (np.asarray(rows["variant"])[kept] == "treated").astype(float)
    return found | {n: np.asarray(rows[n], dtype=float)[kept] for n in names}


def test_a_difference_of_means(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Welch on the rows, by statsmodels, and from sums; a million away from zero no digit is lost."""
    rows = rows_of_a_call_centre()
    place(tmp_path, rows, monkeypatch)
    found = estimates(reviewed(declared(tmp_path)), "effect")["y"]
    data = complete(rows)
    t, c = data["y"][data["treated"] == 1], data["y"][data["treated"] == 0]
    oracle = sm.stats.CompareMeans(sm.stats.DescrStatsW(t), sm.stats.DescrStatsW(c))
    low, high = oracle.tconfint_diff(usevar="unequal")
    # Rows are subtracted before they are averaged, so that the twin does not lose the digits itself.
    centre = float(data["y"].mean())
    assert found["theta"] == pytest.approx((t - centre).mean() - (c - centre).mean(), abs=EXACT)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=1e-7)
    assert found["n"] == data["y"].size


def test_a_cluster_regression_with_fixed_effects(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coefficient and cluster error of the regression on rows, from cells that the engine summed."""
    rows = rows_of_a_call_centre()
    place(tmp_path, rows, monkeypatch)
    extra = "  cluster: team\n  covariates: [x]\n  fixed_effects: [day]\n"
    found = estimates(reviewed(declared(tmp_path, extra)), "effect")["y"]
    data = complete(rows, "x", "day", "cluster")
    dummies = [(data["day"] == k).astype(float) for k in range(1, 5)]
    design = np.column_stack([np.ones(data["y"].size), data["treated"], data["x"] - 5, *dummies])
    fitted = sm.OLS(data["y"] - 1e6, design).fit(
        cov_type="cluster", cov_kwds={"groups": data["cluster"].astype(int)}
    )
    assert found["theta"] == pytest.approx(fitted.params[1], abs=EXACT)
    assert found["cr1_se"] == pytest.approx(fitted.bse[1], abs=EXACT)


def test_lins_estimator(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interacted regression on rows, from cross-products."""
    rows = rows_of_a_call_centre()
    place(tmp_path, rows, monkeypatch)
    found = estimates(reviewed(declared(tmp_path, "  covariates: [x]\n")), "effect")["y"]
    data = complete(rows, "x")
    x = data["x"] - data["x"].mean()
    design = np.column_stack([np.ones(x.size), data["treated"], x, data["treated"] * x])
    fitted = sm.OLS(data["y"] - 1e6, design).fit()
    assert found["theta"] == pytest.approx(fitted.params[1], abs=EXACT)


def test_a_rate(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A boolean column is a share, also where the engine cannot cast it to a number."""
    rows = rows_of_a_call_centre()
    place(tmp_path, rows, monkeypatch)
    found = estimates(reviewed(declared(tmp_path, "  proxies: [hung]\n")), "effect")["hung"]
    hung, treated = np.asarray(rows["hung"], dtype=float), np.asarray(rows["variant"]) == "treated"
    assert found["theta"] == pytest.approx(hung[treated].mean() - hung[~treated].mean(), abs=EXACT)


def test_twenty_metrics_are_one_scan(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Effects of twenty metrics and the sample ratio: one query at their grain, which reads the table once.

    Whether a unit stands in two rows is asked at a grain of its own.
    """
    rows = rows_of_a_call_centre()
    rows |= {f"m{i:02d}": np.asarray(rows["x"]) * i + np.arange(2000) % 7 for i in range(19)}
    place(tmp_path, rows, monkeypatch)
    folder = declared(tmp_path, f"  proxies: [{', '.join(f'm{i:02d}' for i in range(19))}]\n")
    made = reviewed(folder)
    assert len(estimates(made, "effect")) == 20
    by_arm, by_unit = sorted(made.collected.reads, key=lambda read: "unit_id" in read.sql)
    assert (by_arm.scans, by_unit.scans) == (1, 1)
    assert "unit_id" in by_unit.sql
    assert by_arm.serves == by_unit.serves == ("effect of trial", "srm of trial")
