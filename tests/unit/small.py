"""A small portfolio as strings, rows of two arms, and what a test asks of its review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from headway.app.check import check
from headway.app.review import Review, review

PORTFOLIO = """\
headway: 1
portfolio: small
currency: EUR
time_zone: UTC
as_of: 2026-03-31
operating_model: {extends: starter@1, mode: block}
"""
PEOPLE = """\
people: small
persons: [{id: ann}, {id: bob}]
"""
OUTCOME = """\
outcome: waiting
customer: callers
metric: {name: y, unit: minutes, better: lower}
baseline: {value: 10, low: 9.8, high: 10.2, window: 2025-10-01/2025-12-01}
target: {value: 8, by: 2026-12-31}
drives: [{to: cost, kind: causal, slope: [1 EUR, 2 EUR, 3 EUR], per: 1 minute, volume: 1000 per year,
          owner: bob, attested_by: bob, valid_until: 2027-01-01}]
---
outcome: cost
line: cost
"""
INITIATIVE = """\
initiative: trial
problem: callers wait ten minutes on average before somebody answers, and one in five hangs up
outcome: waiting
accountable: ann
sponsor: bob
stage: piloting
"""
SOURCE = """\
source: units
kind: file
path: units.parquet
fact: unit
"""

RANDOMISED = """\
design: randomised
source: units
arms: {control: 50 %, treated: 50 %}
unit: call
metric: y
objective: {change: "-0.5", scale: absolute}
dates: {starts: 2026-01-01, ends: 2026-03-01}
registered: {where: osf.io, id: abc, on: 2025-12-01}
"""
FRAMED = INITIATIVE.replace("stage: piloting", "stage: framed")

Rows = dict[str, npt.NDArray[Any] | list[Any]]
Declare = Callable[..., Path]


def reviewed(folder: Path, as_of: str | None = None) -> Review:
    """The review of a folder whose files must be sound."""
    found = check(folder, as_of)
    assert not found.wrong, found.text()
    return review(found)


def estimates(made: Review, measure: str, name: str = "trial") -> dict[str, dict[str, Any]]:
    """Estimates of one measure by metric, details and grade beside the numbers."""
    found: dict[str, dict[str, Any]] = {}
    for e in made.collected.evidence[name]:
        if e.measure == measure:
            found[e.metric] = {**e.estimate.as_json(), **e.estimate.detail, "grade": e.estimate.grade.value}
    return found


def missing(made: Review, measure: str, name: str = "trial") -> dict[str, tuple[str, str]]:
    """Why metrics of one measure are missing."""
    return {m.metric: (m.reason, m.why) for m in made.collected.missing[name] if m.measure == measure}


def codes(made: Review) -> list[str]:
    """Codes of everything found."""
    return [d.code for d in made.diagnostics]


def two_arms(n: int = 400, seed: int = 1, **more: npt.NDArray[Any]) -> Rows:
    """Alternating arms of n units in 20 clusters, an outcome near 10 that the treatment lowers by 1."""
    draw = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    x = draw.normal(5, 1, n)
    y = 10 + 0.8 * (x - 5) - arm + draw.normal(0, 1, n)
    names = np.where(arm == 1, "treated", "control")
    return {
        "unit_id": np.arange(n),
        "variant": names.tolist(),
        "cluster": (np.arange(n) // 2) % 20,
        "x": x,
        "y": y,
        **more,
    }
