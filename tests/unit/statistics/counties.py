"""Counties that raised the minimum wage in different years, and what R's package `did` makes of them.

Rows: the package's data set `mpdta` (500 counties, 2003 to 2007). Answers: the reference files of csdid
(MIT), made with R: `nev_dr` (never treated as controls) and `nyt_dr` (not yet treated), no covariates.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import FloatArray
from headway.statistics.panel import Panel

ROWS = Path(__file__).parents[3] / "examples" / "public-evidence" / "data" / "county_employment.csv"
ANSWERS = Path(__file__).parent / "mpdta_in_r.csv"
YEARS = (2003, 2004, 2005, 2006, 2007)


@cache
def rows() -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Log employment by county and year, and the position of the first treated year (5: never)."""
    with ROWS.open(newline="") as file:
        found = list(csv.DictReader(file))
    names = list(dict.fromkeys(r["county"] for r in found))
    y = np.full((len(names), len(YEARS)), np.nan)
    starts = np.full(len(names), len(YEARS), dtype=np.intp)
    for r in found:
        at = names.index(r["county"])
        y[at, int(r["year"]) - YEARS[0]] = float(r["log_employment"])
        if int(r["first_treated"]):
            starts[at] = int(r["first_treated"]) - YEARS[0]
    return y, starts


def panel() -> Panel:
    """Cohort sums of the counties."""
    return Panel.from_rows(*rows())


def in_r(scenario: str, kind: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Estimates and standard errors of R by group (or event time, year) and period."""
    with ANSWERS.open(newline="") as file:
        return {
            (r["group"], r["t"]): (float(r["att"]), float(r["se"]))
            for r in csv.DictReader(file)
            if r["scenario"] == f"mpdta_{scenario}_dr" and r["type"] == kind
        }
