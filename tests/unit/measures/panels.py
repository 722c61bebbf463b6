"""A panel in which one office is treated, and what a test asks of its review."""

from __future__ import annotations

import numpy as np
from tests.unit.small import Declare, Rows, reviewed

from headway.app.review import Review
from headway.statistics.contrast import FloatArray

SOURCE = "source: units\nkind: file\npath: units.parquet\nfact: panel\n"
PILOT = """\
design: synthetic
source: units
unit: office
metric: y
objective: {change: "-2", scale: absolute}
dates: {starts: 2020-01-01, ends: 2026-03-01}
"""
RELATIVE = PILOT.replace('"-2", scale: absolute', "-10 %, scale: relative")
INTERRUPTED = PILOT.replace("synthetic", "interrupted")


def courses(donors: int = 12, periods: int = 30, starts: int = 22, effect: float = -4.0) -> FloatArray:
    """(T, 1 + J) means near 40 that share two slow waves; the first column is treated from `starts` on."""
    draw, drawn = np.random.default_rng(5), max(donors, 3)
    walks = draw.normal(size=(periods, 2)).cumsum(axis=0)
    y = 40 + walks @ draw.uniform(0, 1, size=(2, drawn + 1)) + draw.normal(0, 0.3, (periods, drawn + 1))
    y[:, 0] = y[:, 1:4].mean(axis=1) + draw.normal(0, 0.2, periods)
    y[starts:, 0] += effect
    return y[:, : donors + 1]


def panel(y: FloatArray, starts: int = 22, each: int = 1, first: int = 1) -> Rows:
    """Rows of a panel: offices 00, 01 ..., periods numbered from one, the same mean by `each` rows."""
    periods, groups = y.shape
    spread = np.linspace(-1, 1, each) if each > 1 else np.zeros(1)
    unit = np.repeat(np.tile([f"office {g:02}" for g in range(groups)], periods), each)
    period = np.repeat(np.arange(periods) + first, groups * each)
    return {
        "unit_id": unit.tolist(),
        "period": period,
        "starts": [starts + first if u == "office 00" else None for u in unit],
        "y": (np.repeat(y.ravel(), each).reshape(-1, each) + spread).ravel(),
    }


def without(rows: Rows, unit: str, *periods: int) -> Rows:
    """The rows less those of one office in some periods, or in all."""
    at = zip(rows["unit_id"], rows["period"], strict=True)
    gone = [u == unit and (not periods or int(p) in periods) for u, p in at]
    return {k: [v for v, g in zip(values, gone, strict=True) if not g] for k, values in rows.items()}


def seen(declare: Declare, pilot: str, rows: Rows, **files: str) -> Review:
    """The review of a pilot over a panel."""
    return reviewed(declare(pilot, rows, source=SOURCE, **files))


def told(made: Review, code: str) -> str:
    """What was said under a code."""
    return next(d.what for d in made.diagnostics if d.code == code)
