"""A baseline that is measured: the mean of a series before the start, with its doubt over units."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from tests.unit.events import Row, measured, parquet
from tests.unit.small import FRAMED, INITIATIVE, OUTCOME, Declare, codes, estimates, missing, reviewed

DECLARED = "baseline: {value: 10, low: 9.8, high: 10.2, window: 2025-10-01/2025-12-01}"
MEASURED = OUTCOME.replace(DECLARED, "baseline: {measure: metrics, window: 2025-10-01/2025-12-01}")
SERIES = "source: metrics\nkind: file\npath: metrics*.parquet\nfact: series\n"
STUDY = """\
cost: {people: [{role: clerk, rate: 600 EUR per year, share: 100 %}]}
pilot:
  design: published
  arms: [control, treated]
  metric: y
  objective: {change: -5 %, scale: relative}
  published: 2026-01-10
  citation: "Doe, 2026"
  estimates: [{metric: y, arm: treated, value: -0.1, low: -0.12, high: -0.08, n: 500, scale: relative}]
"""


def values(units: int = 60) -> list[Row]:
    """Values of sixty people, some of whom have many: each has a level of their own."""
    draw = np.random.default_rng(8)
    rows: list[Row] = []
    for unit in range(units):
        level = draw.normal(10, 2)
        for _ in range(int(draw.integers(1, 9))):
            at = datetime(2025, 10, 1) + timedelta(days=float(draw.uniform(0, 61)))  # noqa: DTZ001  UTC
            rows.append({"metric": "y", "unit_id": unit, "ts": at, "value": float(draw.normal(level, 1))})
    return rows


def test_the_level_is_the_mean_of_all_values_and_its_doubt_that_of_units(
    declare: Declare, tmp_path: Path
) -> None:
    """Statsmodels gives the same mean and cluster error; what lies outside the window does not count."""
    rows = values()
    outside = [measured(1, "2025-09-30T23:59", 1e6), measured(1, "2025-12-01T00:00", 1e6)]
    other = [measured(2, "2025-11-01T00:00", 1e6, "z")]
    parquet(tmp_path, metrics=[*rows, *outside, *other])
    made = reviewed(declare(initiative=FRAMED, outcome=MEASURED, source=SERIES))
    found = estimates(made, "baseline")["y"]
    y, unit = np.array([r["value"] for r in rows]), np.array([r["unit_id"] for r in rows])
    oracle = sm.OLS(y, np.ones(y.size)).fit(cov_type="cluster", cov_kwds={"groups": unit}, use_t=True)
    assert found["value"] == pytest.approx(oracle.params[0], abs=1e-10)
    assert found["se"] == pytest.approx(oracle.bse[0], abs=1e-10)
    assert (found["low"], found["high"]) == pytest.approx(tuple(oracle.conf_int()[0]), abs=1e-9)
    assert (found["n"], found["values"], found["df"], found["unit"]) == (60, y.size, 59, "minutes")
    days = estimates(made, "baseline")["baseline_days"]
    assert (days["low"], days["unit"], days["grade"]) == (61, "days", "C")


def test_a_relative_effect_works_on_the_measured_level(declare: Declare, tmp_path: Path) -> None:
    """Minus ten per cent of what was measured; a level that was declared beside it is not read."""
    parquet(tmp_path, metrics=values())
    outcome = MEASURED.replace("baseline: {measure", "baseline: {value: 1000, measure")
    made = reviewed(declare(initiative=INITIATIVE + STUDY, outcome=outcome, source=SERIES))
    level = estimates(made, "baseline")["y"]["value"]
    assert estimates(made, "returns")["return"]["value"] == pytest.approx(0.1 * level * 2000 - 600, rel=0.05)


def test_days_after_the_window_change_nothing(declare: Declare, tmp_path: Path) -> None:
    """Where things stood is not asked again when new files arrive."""
    parquet(tmp_path, metrics=values(), metrics_before=[measured(1, "2025-09-01T00:00", 5.0)])
    folder = declare(initiative=FRAMED, outcome=MEASURED, source=SERIES)
    first = reviewed(folder)
    parquet(tmp_path, metrics_new=[measured(1, "2026-02-01T00:00", 5.0)])
    second = reviewed(folder)
    assert [r.remembered for r in second.collected.reads] == [True]
    assert estimates(second, "baseline") == estimates(first, "baseline")


@pytest.mark.parametrize(
    ("outcome", "source", "words"),
    [
        (MEASURED.replace(", window: 2025-10-01/2025-12-01", ""), SERIES, "on which days"),
        (MEASURED.replace("name: y", "name: hours"), SERIES, "no series of metric 'hours'"),
        (MEASURED, SERIES.replace("series", "attribute"), "fills the fact 'attribute'"),
    ],
)
def test_what_does_not_allow_it_is_said(
    declare: Declare, tmp_path: Path, outcome: str, source: str, words: str
) -> None:
    """At the outcome, with its mend."""
    parquet(tmp_path, metrics=values(3))
    made = reviewed(declare(initiative=FRAMED, outcome=outcome, source=source))
    (found,) = (d for d in made.diagnostics if d.code == "HW459")
    assert words in found.what
    assert str(found.place).startswith("outcome.yaml:4:")
    ((reason, why),) = missing(made, "baseline").values()
    assert (reason, words in why) == ("source_failed", True)


def test_one_unit_is_no_sample_and_a_source_that_fails_says_so(declare: Declare, tmp_path: Path) -> None:
    """Neither is a level of nought."""
    parquet(tmp_path, metrics=[measured(1, "2025-11-01T00:00", 5), measured(1, "2025-11-02T00:00", 6)])
    folder = declare(initiative=FRAMED, outcome=MEASURED, source=SERIES)
    assert missing(reviewed(folder), "baseline")["y"] == ("below_min_n", "1 units, variance needs 2")
    parquet(tmp_path, metrics=[measured(u, "2025-11-01T00:00", 5) for u in range(9)])
    assert missing(reviewed(folder), "baseline")["y"][0] == "below_min_n"
    (tmp_path / "metrics.parquet").unlink()
    made = reviewed(folder)
    assert "HW301" in codes(made)
    assert missing(made, "baseline")["y"][0] == "source_failed"
