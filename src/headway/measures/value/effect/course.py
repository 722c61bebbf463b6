"""The course of a running effect: every past look, computed from running sums over closing days."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from headway.aggregates.days import day_of, number_of
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate
from headway.kernel.identity import Json
from headway.measures.base import Absent, Finding
from headway.measures.value.effect.base import Setting
from headway.statistics.contrast import FloatArray
from headway.statistics.looks import Looks, boundaries, log_e_one_sided_of
from headway.statistics.sequential import r_star

Days = npt.NDArray[np.int64]

# Looks that a record keeps: the picture of an outcome, and a sketch of what stands beside it.
MOST, MOST_BESIDE = 400, 12
_WEEK = 7
# Digits of a past look: it is drawn, and nothing is decided by it.
_DIGITS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The looks at one metric of one arm.

    Attributes:
        metric: the metric.
        arm: the treated arm.
        days: days since 1970 that the looks were possible on, in order.
        looks: the contrasts, on the scale of the estimate.
        share: of the planned information that was in, from counts alone.
        allowed: whether enough units stood in both arms for a large-sample interval.
    """

    metric: str
    arm: str
    days: Days
    looks: Looks
    share: FloatArray
    allowed: npt.NDArray[np.bool_]


@runtime_checkable
class Followed(Protocol):
    """A design whose sums tell one day from the next."""

    def courses(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Course]:
        """The looks at every metric and arm; none where the rows are not dated."""
        ...


def courses_of(
    design: object, setting: Setting, sums: Mapping[Request, Sums]
) -> dict[tuple[str, str], Course]:
    """The looks by metric and arm of a pilot that is looked at more than once, where its design can tell."""
    if setting.pilot.looks == "once" or not isinstance(design, Followed):
        return {}
    return {(c.metric, c.arm): c for c in design.courses(setting, sums)}


def with_looks(finding: Finding, course: Course | None, notes: Sequence[Diagnostic] = ()) -> Finding | Absent:
    """An effect that carries its past looks; as it was where there are none, or it is looked at once.

    `notes` are what voids the proof behind them. Where the counts allow no look on the newest day either,
    there is no effect yet.
    """
    estimate = finding.estimate
    if course is None or estimate.detail.get("interval") != "anytime":
        return finding
    if not course.allowed[-1:].all():
        why = "the first look at a rate needs ten events, and ten units without one, in every arm"
        return Absent(finding.metric, "below_min_n", why)
    if notes:
        estimate.detail["notes"] = [d.code for d in notes]
    return replace(finding, estimate=replace(estimate, looks=tuple(looks_of(course, estimate))))


@np.errstate(all="ignore")
def looks_of(course: Course, estimate: Estimate) -> list[Json]:
    """Past looks as records, oldest first, each with the interval that held on its day.

    A day that allowed no look yet is told with its count alone.
    """
    alpha = 1 - estimate.level
    scale = str(estimate.detail["scale"])
    looks, r = course.looks.where(course.allowed), r_star(alpha) * course.share
    reach = boundaries(looks.df, r, alpha) * looks.se
    theta = np.where(np.isfinite(reach), looks.theta, np.nan)
    once = looks.once(estimate.level)
    columns = [_shown(x, scale) for x in (theta, theta - reach, theta + reach, *once)]
    columns.append(_log_e(looks, course.share, theta, estimate))
    rows = zip(course.days.tolist(), looks.n.tolist(), *(c.tolist() for c in columns), strict=True)
    return [_row(day, n, numbers) for day, n, *numbers in rows]


def _row(day: int, n: float, numbers: Sequence[float]) -> dict[str, Json]:
    row: dict[str, Json] = {"day": day_of(day).isoformat(), "n": int(n)}
    if math.isnan(numbers[0]):
        return row
    value, low, high, low_once, high_once, log_e = numbers
    row |= {"value": value, "low": low, "high": high, "low_once": low_once, "high_once": high_once}
    return row if math.isnan(log_e) else {**row, "log_e_one_sided": log_e}


def _log_e(looks: Looks, share: FloatArray, theta: FloatArray, estimate: Estimate) -> FloatArray:
    """The e-value at each look against the hurdle of the record; none where the record has none."""
    e: Any = estimate.detail.get("e")
    if not isinstance(e, Mapping) or e.get("form") not in ("t", "normal"):
        return np.full(theta.shape, np.nan)
    good = 1.0 if e["side"] == "greater" else -1.0
    df = np.full(theta.shape, np.inf) if e["form"] == "normal" else looks.df
    t = good * (theta - float(e["null"])) / looks.se
    # r is that of the record, whatever level its interval has: it grows with the planned share alone.
    return _rounded(log_e_one_sided_of(t, df, float(e["r"]) / float(e["f"]) * share))


def _shown(theta: FloatArray, scale: str) -> FloatArray:
    return _rounded(np.expm1(theta) if scale == "log" else theta)


def _rounded(x: FloatArray) -> FloatArray:
    """To a few significant digits."""
    size = np.floor(np.log10(np.where(x == 0, 1.0, np.abs(x))))
    power = 10.0 ** (_DIGITS - 1 - size)
    return np.round(x * power) / power


def chosen(setting: Setting, days: Days, most: int) -> npt.NDArray[np.intp]:
    """The days looked at: all, or the last of each week; at most so many, and always the newest."""
    at = np.arange(len(days))
    if setting.pilot.looks == "weekly" and len(days):
        dates = setting.pilot.dates
        first = number_of(dates.starts) if dates else int(days[0])
        weeks = (days - first) // _WEEK
        at = at[np.append(weeks[1:] != weeks[:-1], True)]
    if len(at) > most:
        at = at[np.unique(np.linspace(0, len(at) - 1, most).round().astype(int))]
    return at.astype(np.intp)


def pilot_days(setting: Setting) -> int:
    """How many days the pilot has run, or was to run where it has ended."""
    dates = setting.pilot.dates
    if dates is None:
        return 1
    last: date = min(dates.ends, setting.ask.today)
    return max((last - dates.starts).days, 1)
