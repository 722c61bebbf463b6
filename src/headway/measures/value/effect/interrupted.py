"""One series before and after a moment, alone or less the mean of series that were not treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.measures.value.effect.base import Arm, Compared, Refused, Setting, diagnostic
from headway.measures.value.effect.counterfactual import drawn_from, graded, on_scale, refused, too_short
from headway.measures.value.effect.one_treated import (
    GroupCourses,
    Unfit,
    courses_of,
    left_out,
    panel_request,
)
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.interrupted import (
    LEAST_POINTS,
    InterruptedSeries,
    interrupted_series,
    placebo_ratios,
)

LEVEL = 0.95
# A trend needs two points before it can be continued.
LEAST_BEFORE = 2
# A placebo needs another series to be compared with.
LEAST_CONTROLS = 2


class Interrupted:
    """Segmented regression; with series that were not treated, on the difference to their mean."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: sums of every metric by group and period."""
        return (panel_request(setting),)

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """None: one group is treated."""
        return {}

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """The treated series against its own trend, on every metric."""
        return [_compared(setting, metric, sums) for metric, _ in setting.metrics()]

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """C for a series alone; B beside enough others, unless made-up dates show as much."""
        try:
            courses, fitted = _fitted(setting, setting.pilot.metric, sums)
        except (Unfit, Degenerate) as fault:
            return Grade.C, (str(fault),)
        doubts = [doubt for doubt in (_doubt(courses, fitted),) if doubt]
        if not courses.donors:
            return Grade.C, ("one series, with nothing beside it", *doubts)
        error = _beside(courses) - fitted.counterfactual
        rmspe = float(np.sqrt((error[: courses.starts] ** 2).mean()))
        return graded(courses, rmspe, doubts, fitted="the trend of the difference")


def _fitted(
    setting: Setting, metric: str, sums: Mapping[Request, Sums]
) -> tuple[GroupCourses, InterruptedSeries]:
    courses = courses_of(setting, metric, sums)
    periods = len(courses.periods)
    if periods < LEAST_POINTS:
        raise too_short(setting, f"{periods} periods, an interrupted series needs {LEAST_POINTS}")
    if courses.starts < LEAST_BEFORE:
        before = f"{courses.starts} period{'s' if courses.starts != 1 else ''}"
        raise too_short(setting, f"{before} before '{courses.treated}' is treated, needs {LEAST_BEFORE}")
    return courses, interrupted_series(_beside(courses), courses.starts)


def _beside(courses: GroupCourses) -> FloatArray:
    """The series that is fitted: the treated one, less the mean of the others where there are any."""
    return courses.y - _others(courses)


def _others(courses: GroupCourses) -> FloatArray:
    if not courses.donors:
        return np.zeros(courses.y.size)
    return np.asarray(courses.others.mean(axis=1), dtype=np.float64)


def _compared(setting: Setting, metric: str, sums: Mapping[Request, Sums]) -> Compared | Refused:
    try:
        courses, fitted = _fitted(setting, metric, sums)
        without = _others(courses) + fitted.counterfactual
        expected = float(without[courses.starts :].mean())
        shown = on_scale(setting, metric, fitted.contrast, None, expected + fitted.contrast.theta)
    except Unfit as fault:
        return refused(metric, fault)
    except Degenerate as fault:
        return Refused(metric, "", fault)
    ranked = len(courses.donors) >= LEAST_CONTROLS
    dates = {courses.periods[at]: effect for at, effect in fitted.placebos}
    return Compared(
        metric,
        courses.treated,
        shown.contrast,
        shown.scale,
        expected,
        {},
        note=f"against {len(courses.donors)} others" if courses.donors else "",
        beside={
            "groups": len(courses.donors) + 1,
            "periods": len(courses.periods),
            "memory": fitted.memory,
            "placebo_dates": dict(dates),
            "counterfactual": drawn_from(
                setting, metric, courses, without, "controlled" if courses.donors else "trend"
            ),
        },
        form="calibrator" if ranked else "none",
        p_one_sided=_rank(courses, fitted, shown.hurdle, shown.good) if ranked else None,
        ends=shown.ends,
        notes=(*left_out(setting, courses), *_warned(setting, courses, fitted)),
    )


def _rank(courses: GroupCourses, fitted: InterruptedSeries, hurdle: float, good: int) -> float:
    """Share of series whose effect is at least as large against its error, the treated one among them."""
    seen = good * (fitted.contrast.theta - hurdle) / fitted.contrast.se
    ratios = good * placebo_ratios(courses.others, courses.starts)
    return (1 + int((~(ratios < seen)).sum())) / (ratios.size + 1)


def _doubt(courses: GroupCourses, fitted: InterruptedSeries) -> str:
    """Why the effect may be the series' own drift."""
    if fitted.drifts:
        dates = ", ".join(f"{courses.periods[at]} {_signed(effect)}" for at, effect in fitted.placebos)
        return f"made-up dates move it as much as the real one ({dates})"
    return f"its errors remember without end (phi {fitted.memory:.2f})" if fitted.at_border else ""


def _signed(effect: float) -> str:
    return f"{effect:+.3g}".replace("-", "−")


def _warned(setting: Setting, courses: GroupCourses, fitted: InterruptedSeries) -> tuple[Diagnostic, ...]:
    doubt = _doubt(courses, fitted)
    if not doubt:
        return ()
    what = f"the effect {_signed(fitted.contrast.theta)} may be drift: {doubt}"
    mend = "add series that were not treated" if not courses.donors else "use design: synthetic"
    return (diagnostic(setting, "HW421", what, mend, "metric"),)
