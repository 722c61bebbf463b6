"""Published experiments, read from the shared data folder, and their oracles."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest

from headway.statistics.clusters import ClusterSums
from headway.statistics.contrast import FloatArray
from headway.statistics.synthetic import OneTreated


class Regression(NamedTuple):
    """Rows of a clustered regression: design, outcome, cluster labels."""

    x: FloatArray
    y: FloatArray
    cluster: np.typing.NDArray[np.generic]

    def sums(self) -> ClusterSums:
        """Cross-products per cluster."""
        return ClusterSums.from_rows(self.x, self.y, self.cluster)


@pytest.fixture(scope="session")
def shared(shared_data: Path) -> Path:
    """Folder of published data."""
    return shared_data


@pytest.fixture(scope="session")
def metr(shared: Path) -> Regression:
    """Log of total minutes on AI allowed and log forecast, 246 issues of 16 developers."""
    rows = _rows(shared / "metr-developer-rct" / "data_complete.csv")
    treated = _column(rows, "ai_treatment")
    after = _column(rows, "post_review_implementation_time")
    for arm in (0.0, 1.0):
        missing = (treated == arm) & np.isnan(after)
        after[missing] = np.nanmean(after[treated == arm])
    forecast = np.log(_column(rows, "predicted_time_no_ai"))
    return Regression(
        x=np.column_stack([np.ones(len(rows)), treated, forecast]),
        y=np.log(_column(rows, "initial_implementation_time") + after),
        cluster=np.array([row["dev_id"] for row in rows]),
    )


@pytest.fixture(scope="session")
def tutor(shared: Path) -> Callable[[str], Regression]:
    """Score on both arms, earlier grade and four sets of fixed effects, by outcome column."""
    kept = [r for r in _rows(shared / "genai-tutor-rct" / "final_data.csv") if r["Honors"] == "0"]

    def build(outcome: str) -> Regression:
        rows = [r for r in kept if "NA" not in (r[outcome], r["gpa_prev"], r["Grader"])]
        parts = [np.ones(len(rows))]
        parts += [_column(rows, name) for name in ("GPTBase", "GPTTutor", "gpa_prev")]
        for name in ("teacher", "Session", "Grader", "Year"):
            labels = np.array([r[name] for r in rows])
            # Every level keeps its dummy: the fit must cope with collinear fixed effects.
            parts += [(labels == level).astype(np.float64) for level in np.unique(labels)]
        return Regression(
            x=np.column_stack(parts),
            y=_column(rows, outcome),
            cluster=np.array([r["Class"] for r in rows]),
        )

    return build


@pytest.fixture(scope="session")
def hillstrom(shared: Path) -> dict[str, dict[str, FloatArray]]:
    """Columns visit, spend and history by arm of the e-mail experiment."""
    table = pq.read_table(shared / "online-experiments" / "hillstrom_email.parquet")
    arm = table["segment"].to_numpy()
    return {
        name: {
            column: table[column].to_numpy()[arm == name].astype(np.float64)
            for column in ("visit", "spend", "history")
        }
        for name in np.unique(arm).tolist()
    }


@pytest.fixture(scope="session")
def nsw(shared: Path) -> dict[float, FloatArray]:
    """Earnings and eight covariates of the NSW experiment, (n, 9), by arm."""
    rows = _rows(shared / "causal-classics" / "lalonde_nsw_dw.csv")
    names = ("re78", "age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
    z = np.column_stack([_column(rows, name) for name in names])
    treated = _column(rows, "treat")
    return {arm: z[treated == arm] for arm in (0.0, 1.0)}


@pytest.fixture(scope="session")
def cps(shared: Path) -> FloatArray:
    """Earnings in 1978 of 15,992 people outside the NSW experiment."""
    table = pq.read_table(shared / "causal-classics" / "lalonde_cps_controls.parquet")
    return np.asarray(table["re78"].to_numpy(), dtype=np.float64)


@pytest.fixture(scope="session")
def echoes(shared: Path) -> dict[str, FloatArray]:
    """Clean time in seconds of phase 1, by whether an assistant was used."""
    times: dict[str, list[float]] = defaultdict(list)
    for row in _rows(shared / "echoes-developer-study" / "task1.csv"):
        if row["clean_time"]:
            times[row["ai"]].append(float(row["clean_time"]))
    return {arm: np.array(values) for arm, values in times.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _column(rows: list[dict[str, str]], name: str) -> FloatArray:
    return np.array([float(r[name]) if r[name] not in {"", "NA"} else np.nan for r in rows])


@pytest.fixture(scope="session")
def prop99(shared: Path) -> OneTreated:
    """Cigarette packs per person, 1970 to 2000: California, taxed from 1989, and 38 other states."""
    with (shared / "causal-classics" / "prop99_california.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    states = sorted({r["State"] for r in rows} - {"California"})
    packs = {(r["State"], int(r["Year"])): float(r["PacksPerCapita"]) for r in rows}
    years = range(1970, 2001)
    return OneTreated(
        treated=np.array([packs["California", y] for y in years]),
        donors=np.array([[packs[s, y] for s in states] for y in years]),
        starts=19,
    )
