"""A rollout over a panel: rows of forty teams in eight months, and a lot that is drawn for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tests.unit.small import Rows

from headway.app.check import check
from headway.app.wiring import head_file, open_store
from headway.decisions.ledger import Act, Ledger
from headway.facts.panel import ORDER_DRAWN
from headway.kernel.identity import Json
from headway.rollout.order import draw

PANEL = """\
source: units
kind: file
path: units.parquet
fact: panel
"""
STAGGERED = """\
design: staggered
source: units
unit: team
metric: y
objective: {change: "-0.5", scale: absolute}
dates: {starts: 2025-05-01, ends: 2025-12-31}
"""
DRAWN = (
    STAGGERED.replace("staggered", "rollout_order") + "registered: {where: osf.io, id: abc, on: 2025-03-31}\n"
)
MONTHS = tuple(f"2025-{m:02d}-01" for m in range(3, 11))
STARTS = ("2025-05-01", "2025-07-01", "2025-09-01", "never")
TEAMS = tuple(f"team-{i:02d}" for i in range(80))


def lot(seed: str = "7") -> dict[str, str]:
    """Who starts when."""
    return dict(draw(dict.fromkeys(TEAMS, ""), STARTS, seed).starts)


def panel(starts: Mapping[str, str] | None = None, effect: float = -1.0, seed: int = 1) -> Rows:
    """One row per team and month: levels that differ, a common trend, an effect from the start on."""
    random = np.random.default_rng(seed)
    dealt = lot() if starts is None else starts
    level = random.normal(10, 1, len(TEAMS))
    rows: dict[str, list[Any]] = {"unit_id": [], "period": [], "starts": [], "y": []}
    for team, base in zip(TEAMS, level, strict=True):
        for i, month in enumerate(MONTHS):
            begun = dealt[team] != "never" and month >= dealt[team]
            rows["unit_id"].append(team)
            rows["period"].append(month)
            rows["starts"].append(None if dealt[team] == "never" else dealt[team])
            rows["y"].append(base + 0.2 * i + effect * begun + random.normal(0, 0.5))
    made: Rows = {k: list(v) for k, v in rows.items()}
    return made


def without(rows: Rows, dropped: npt.NDArray[np.bool_]) -> Rows:
    """The rows that are not dropped."""
    return {k: [v for v, d in zip(values, dropped, strict=True) if not d] for k, values in rows.items()}


def record(folder: Path, starts: Mapping[str, str], at: datetime = datetime(2025, 4, 1, tzinfo=UTC)) -> None:
    """Put a drawn order into the ledger, as of a day."""
    portfolio = check(folder).portfolio
    assert portfolio is not None
    body: dict[str, Json] = {"starts": {u: "" if s == "never" else s for u, s in starts.items()}, "seed": "7"}
    with open_store(portfolio) as store:
        act = Act(at=at, actor="ann", act=ORDER_DRAWN, subject="trial", body=body)
        Ledger(store, head_file(portfolio)).append(act)
