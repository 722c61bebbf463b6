"""What one treated group is compared with: its scale, its grade, and its course for a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.kernel.estimate import Grade, significant
from headway.kernel.identity import Json
from headway.kernel.quantity import parse_share
from headway.measures.value.effect.base import Compared, Refused, Scale, Setting, diagnostic
from headway.measures.value.effect.evalue import good_direction, hurdle
from headway.measures.value.effect.one_treated import GroupCourses, Unfit
from headway.measures.value.effect.record import unit_of
from headway.statistics.contrast import Contrast, Degenerate, FloatArray

# What a comparison of groups must have to stand in for chance (measurement.md 4).
LEAST_BEFORE = 8
LEAST_DONORS = 10
WORST_FIT = 0.25
# Placebo lines kept for the picture: those that fit best before treatment.
MOST_LINES = 40
# Digits of a course: nobody reads more off a picture.
_DIGITS = 6

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OnScale:
    """An effect on the scale of the objective.

    Attributes:
        contrast: the effect.
        ends: its interval, where that does not follow from the contrast.
        scale: the scale.
        hurdle: `promote_above` in the outcome's own unit.
        good: +1 where more is better, -1 where less is.
    """

    contrast: Contrast
    ends: Ends | None
    scale: Scale
    hurdle: float
    good: int


def refused(metric: str, fault: Unfit) -> Refused:
    """A metric whose panel allows no comparison."""
    return Refused(metric, "", Degenerate("too_few", fault.found.what), found=fault.found)


def too_short(setting: Setting, what: str) -> Unfit:
    """HW419: too few periods for the design."""
    return Unfit(diagnostic(setting, "HW419", what, "collect more periods, or bind earlier ones", "source"))


def on_scale(setting: Setting, metric: str, contrast: Contrast, ends: Ends | None, actual: float) -> OnScale:
    """Turn an effect in the outcome's unit to the scale of the objective.

    An effect of theta on a group whose mean is `actual` says that without it the mean would be
    actual - theta; so the relative effect is theta / (actual - theta), for the ends as for the point.

    Args:
        setting: the pilot.
        metric: what was compared; only the pilot's own metric has a hurdle other than 0.
        contrast: the effect in the outcome's unit.
        ends: its interval in that unit, or None for that of the contrast.
        actual: mean of the treated group from treatment on.

    Raises:
        Degenerate: `near_zero_mean` when some effect inside the interval leaves nothing to compare with.
    """
    role = dict(setting.metrics())[metric]
    good = good_direction(setting, metric, role)
    scale, rail = setting.scale_of(metric), setting.guardrail(metric)
    if scale != "relative":
        asked = Compared(metric, "", contrast, scale, None, {})
        return OnScale(contrast, ends, scale, hurdle(setting, asked, role), good)
    low, high = ends or contrast.interval(0.95)
    without = actual - contrast.theta
    if actual <= 0 or actual - max(high, contrast.theta) <= 0:
        detail = f"without treatment the mean would be {significant(without, 4):g}, and may be nought"
        raise Degenerate("near_zero_mean", detail)
    relative = replace(contrast, theta=contrast.theta / without, se=contrast.se * actual / without**2)
    above = parse_share(setting.pilot.promote_above) if role == "outcome" else 0.0
    above = rail.bound("relative") if rail else above
    turned = (low / (actual - low), high / (actual - high))
    return OnScale(relative, turned, "relative", above * actual / (1 + above), good)


def graded(
    courses: GroupCourses, rmspe: float, more: Sequence[str] = (), *, fitted: str = "the mixture"
) -> tuple[Grade, tuple[str, ...]]:
    """B where the comparison stands in for chance, else C with every reason.

    Args:
        courses: the treated group and its donors.
        rmspe: root mean squared error before treatment.
        more: further reasons for C.
        fitted: what is compared with.
    """
    donors = len(courses.donors)
    spread = float(courses.y[: courses.starts].std(ddof=1)) if courses.starts > 1 else 0.0
    reasons = [*more]
    if courses.starts < LEAST_BEFORE:
        reasons.append(f"{courses.starts} periods before treatment, grade B asks for {LEAST_BEFORE}")
    if donors < LEAST_DONORS:
        reasons.append(f"{donors} donors, grade B asks for {LEAST_DONORS}")
    if not rmspe <= WORST_FIT * spread:
        share = f"{rmspe / spread:.2f} of" if spread else "above"
        reasons.append(
            f"{fitted} misses by {share} the spread before treatment, grade B allows {WORST_FIT:g}"
        )
    if reasons:
        return Grade.C, tuple(reasons)
    most = (donors + 1) ** 0.5 / 2
    return Grade.B, (
        f"{donors} groups that nobody treated stand in for chance over {courses.starts} periods",
        f"among {donors + 1} groups an e-value cannot exceed {most:.1f}: it informs and rarely promotes",
    )


def drawn_from(
    setting: Setting,
    metric: str,
    courses: GroupCourses,
    without: FloatArray,
    kind: str,
    gaps: Sequence[FloatArray] = (),
) -> dict[str, Json]:
    """The course of the treated group beside what it is compared with, for a picture.

    Args:
        setting: the pilot.
        metric: the metric.
        courses: the treated group and its donors.
        without: (T,) what it is compared with.
        kind: ``synthetic``, ``trend`` or ``controlled``.
        gaps: (T,) placebo gaps, best fit first.
    """
    return {
        "kind": kind,
        "treated": courses.treated,
        "unit": unit_of(setting, metric, relative=False),
        "periods": list(courses.periods),
        "starts": courses.starts,
        "actual": _short(courses.y),
        "without": _short(without),
        "placebos": [_short(gap) for gap in gaps[:MOST_LINES]],
        "donors": len(courses.donors),
    }


def beside(contrast: Contrast, level: float) -> Mapping[str, Json]:
    """Another estimator's figures, in the outcome's unit."""
    low, high = contrast.interval(level)
    return {"value": contrast.theta, "se": contrast.se, "low": low, "high": high}


def _short(values: FloatArray) -> list[Json]:
    return [significant(float(v), _DIGITS) for v in np.asarray(values)]
