"""Whether the arms of a pilot over events are alike: who met two, who is missing, and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.unit.events import PILOT, Row, declared, parquet
from tests.unit.small import RANDOMISED, Declare, codes, estimates, missing, reviewed, two_arms

from headway.cli.main import cli

START = datetime(2026, 1, 5)  # noqa: DTZ001  tables of moments without a zone are UTC


def pilot_of(folder: Path, units: int = 400, *, crossing: int = 0, lost: float = 0.0) -> Path:
    """A pilot in which some units met both arms, and a share of the treated were never measured."""
    draw = np.random.default_rng(2)
    exposures: list[Row] = []
    metrics: list[Row] = []
    for unit in range(units):
        arm = ("control", "treated")[unit % 2]
        at = START + timedelta(minutes=unit)
        exposures.append({"key": "trial", "unit_id": unit, "variant": arm, "ts": at})
        if unit < crossing:
            other = "control" if arm == "treated" else "treated"
            exposures.append(
                {"key": "trial", "unit_id": unit, "variant": other, "ts": at + timedelta(days=1)}
            )
        if arm == "treated" and draw.random() < lost:
            continue
        value = float(draw.normal(10, 1)) - (arm == "treated")
        metrics.append({"metric": "y", "unit_id": unit, "ts": at + timedelta(hours=1), "value": value})
    parquet(folder, exposures=exposures, metrics=metrics)
    return declared(folder, PILOT)


def test_one_unit_in_a_hundred_may_meet_both_arms(tmp_path: Path) -> None:
    """It counts in the arm that it met first; how many there were stands beside the sample ratio."""
    made = reviewed(pilot_of(tmp_path, crossing=4))
    assert estimates(made, "effect")["y"]["n"] == 400
    assert estimates(made, "srm")["srm"]["crossed"] == 4


def test_more_than_that_and_there_is_no_effect(tmp_path: Path) -> None:
    """Who was assigned what is not known any more."""
    made = reviewed(pilot_of(tmp_path, crossing=5))
    assert "HW404" in codes(made)
    assert missing(made, "effect")["y"] == (
        "source_failed",
        "5 of 400 units met two arms within their window",
    )


def test_a_pilot_whose_treated_go_missing_has_no_effect(tmp_path: Path) -> None:
    """Those who stayed are not like those who were assigned, whatever their mean says."""
    made = reviewed(pilot_of(tmp_path, 4000, lost=0.2))
    assert "HW403" in codes(made)
    reason, why = missing(made, "effect")["y"]
    assert reason == "source_failed"
    assert why.startswith("2,000 of 2,000 / ")
    assert "who is missing depends on the arm" in why


def test_a_few_missing_by_chance_are_told_and_stop_nothing(tmp_path: Path) -> None:
    """The e-value of attrition stands beside the sample ratio."""
    made = reviewed(pilot_of(tmp_path, lost=0.02))
    assert estimates(made, "effect")["y"]["n"] < 400
    assert estimates(made, "srm")["srm"]["attrition_log_e"] < 0


def test_outcomes_that_go_missing_from_a_table_of_units_stop_the_effect_too(declare: Declare) -> None:
    """Empty outcomes in a wide table are counted in the same way."""
    rows = two_arms(4000)
    y = np.asarray(rows["y"])
    gone = (np.arange(4000) % 2 == 1) & (np.arange(4000) % 10 < 5)
    rows["y"] = [None if skip else float(v) for v, skip in zip(y, gone, strict=True)]
    assert "HW403" in codes(reviewed(declare(RANDOMISED, rows)))
    everywhere = np.arange(4000) % 10 < 2
    rows["y"] = [None if skip else float(v) for v, skip in zip(y, everywhere, strict=True)]
    assert "HW403" not in codes(reviewed(declare(RANDOMISED, rows)))


def test_of_assigned_clusters_it_is_clusters_that_go_missing(declare: Declare) -> None:
    """A class without an exam is one loss, not fifty."""
    rows = two_arms(2000)
    cluster = np.arange(2000) // 50
    rows |= {"cluster": cluster, "variant": np.where(cluster % 2, "treated", "control").tolist()}
    y = np.asarray(rows["y"])
    rows["y"] = [None if c in (1, 3, 5, 7, 9) else float(v) for v, c in zip(y, cluster, strict=True)]
    pilot = RANDOMISED.replace("design: randomised", "design: clusters\ncluster: class")
    made = reviewed(declare(pilot, rows))
    assert "HW403" not in codes(made)
    assert estimates(made, "srm")["srm"]["attrition_log_e"] < 1


def test_errors_over_events_are_counted_by_unit(tmp_path: Path) -> None:
    """A unit with three errors counts once, and one without a row has had none."""
    folder = pilot_of(tmp_path)
    metrics = pq.read_table(folder / "metrics.parquet").to_pylist()
    for unit in range(0, 120, 4):
        at = START + timedelta(minutes=unit, hours=1)
        metrics += [
            {"metric": "crash", "unit_id": unit + 1, "ts": at + timedelta(minutes=i), "value": 1.0}
            for i in range(3)
        ]
    parquet(folder, metrics=metrics)
    declared(folder, PILOT + "guardrails: [{metric: crash, kind: count, worse: up}]\n")
    found = estimates(reviewed(folder), "effect")["crash"]
    assert found["errors"] == {"control": 0, "treated": 30}
    assert (found["n"], found["guardrail"]["state"]) == (400, "missed")


def test_exposures_and_series_in_two_engines_are_not_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The effect is missing and the mend is said; nothing is computed from one half."""
    folder = pilot_of(tmp_path)
    database = str(tmp_path / "metrics.db")
    with duckdb.connect(database) as connection:
        connection.execute(
            "create table metrics as select * from read_parquet(?)", [f"{tmp_path}/metrics.parquet"]
        )
    monkeypatch.setenv("EVENTS_URL", f"duckdb://{database}")
    text = (folder / "sources.yaml").read_text()
    sql = "kind: sql\nengine: ${EVENTS_URL}\ntable: metrics\nwatermark: ts"
    (folder / "sources.yaml").write_text(text.replace("kind: file\npath: metrics*.parquet", sql))
    made = reviewed(folder)
    (found,) = (d for d in made.diagnostics if d.code == "HW313")
    assert found.what == "sources 'exposures' and 'metrics' lie in different engines"
    assert missing(made, "effect")["y"][0] == "source_failed"


def test_a_source_that_may_hold_its_rows_and_fails_leaves_no_number(tmp_path: Path) -> None:
    """An effect over the exposures that could be read would be one of other units."""
    folder = pilot_of(tmp_path)
    (folder / "more.yaml").write_text("source: elsewhere\nkind: file\npath: absent.parquet\nfact: exposure\n")
    made = reviewed(folder)
    assert {"HW301", "HW306"} <= set(codes(made))
    assert missing(made, "effect")["y"] == (
        "source_failed",
        "source 'elsewhere' may hold rows of this pilot, and cannot be read",
    )


def test_each_day_is_a_look_of_its_own(tmp_path: Path) -> None:
    """Units count on the day their window closes: sums of days add up, and one query tells them all."""
    folder = pilot_of(tmp_path, 6000)
    declared(folder, f"{PILOT}looks: daily\nplan: {{units: 6000}}\n")
    made = reviewed(folder, "2026-01-09")
    record: Any = made.as_json()
    rows = record["initiatives"][0]["evidence"]
    (found,) = (e for e in rows if (e["measure"], e["metric"]) == ("effect", "y"))
    assert [(look["day"], look["n"]) for look in found["estimate"]["detail"]["looks"]] == [
        ("2026-01-07", 1440),
        ("2026-01-08", 2880),
        ("2026-01-09", 4320),
    ]
    assert [read.scans for read in made.collected.reads] == [1]


def test_what_is_no_number_is_kept_apart(tmp_path: Path) -> None:
    """A unit with a NaN among its values has no outcome; more than one in a thousand stops the effect."""
    folder = pilot_of(tmp_path, 4000)
    nan = [{"metric": "y", "unit_id": 1, "ts": START + timedelta(hours=2), "value": float("nan")}]
    parquet(tmp_path, metrics_more=nan)
    assert estimates(reviewed(folder), "effect")["y"]["n"] == 3999
    parquet(tmp_path, metrics_more=[{**nan[0], "unit_id": u} for u in range(5)])
    assert "HW411" in codes(reviewed(folder))


def test_the_query_over_events_can_be_asked_for(tmp_path: Path) -> None:
    """What was made of sources is explained with them, and with the text that was sent."""
    folder = pilot_of(tmp_path)
    done = CliRunner().invoke(cli, ["explain", "trial/effect/y", "-p", str(folder)])
    assert done.exit_code == 0, done.output
    for words in ("Source exposures", "Source metrics", "Query over pilot of trial", "ROW_NUMBER()"):
        assert words in done.output
