"""Ratios of sums, such as spend per order: the unit is drawn, the denominator is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments
from headway.statistics.means import ROUNDING, satterthwaite

LEAST_SIGNAL = 10.0
"""A denominator nearer to zero than ten of its standard errors divides nothing (HW413)."""


def ratio_of_sums(
    treated: CrossMoments, control: CrossMoments, scale: Literal["absolute", "log"] = "absolute"
) -> Contrast:
    """Difference (or log ratio) of two arms' ratios of sums, by the delta method.

    Deng, Knoblich, Lu, "Applying the Delta Method in Metric Analytics" (KDD 2018):
    per arm R = sum y / sum x with variance that of the mean of (y - R x) / mean x.

    Args:
        treated: cross-moments per unit of the treated arm, order y, x.
        control: cross-moments of the control arm, same order.
        scale: `absolute` for R_t - R_c, `log` for ln(R_t / R_c).

    Returns:
        The contrast; df by Satterthwaite.

    Raises:
        Degenerate: `too_few` below two units in an arm; `near_zero_mean` when a
            denominator (on the log scale also a ratio) is too near zero;
            `zero_variance` when neither arm varies.
        ValueError: not two columns.

    Example:
        >>> shape = np.array([[40.0, 18.0], [18.0, 10.0]])
        >>> t = CrossMoments(50, np.array([6.0, 2.0]), shape)
        >>> c = CrossMoments(50, np.array([4.0, 2.0]), shape)
        >>> round(ratio_of_sums(t, c).theta, 6), round(ratio_of_sums(t, c).se, 6)
        (1.0, 0.055328)

    """
    return _compared(_ratio(treated), _ratio(control), scale, "ratio of sums")


def ratio_cuped(
    treated: CrossMoments, control: CrossMoments, scale: Literal["absolute", "log"] = "absolute"
) -> Contrast:
    """The same, adjusted by the units' ratio before exposure: four columns.

    The ratio before is made linear about its pooled value, then one slope, pooled
    within arms, takes off what it foretells (Deng, Xu, Kohavi, Walker, WSDM 2013).

    Args:
        treated: cross-moments of the treated arm, order y, x, y before, x before.
        control: cross-moments of the control arm, same order.
        scale: as in `ratio_of_sums`.

    Returns:
        The contrast; df by Satterthwaite.

    Raises:
        Degenerate: as `ratio_of_sums`.
        ValueError: not four columns.

    Example:
        >>> shape = np.diag([40.0, 10.0, 40.0, 10.0]) + 8.0
        >>> t = CrossMoments(50, np.array([6.0, 2.0, 4.1, 2.0]), shape)
        >>> c = CrossMoments(50, np.array([4.0, 2.0, 3.9, 2.0]), shape)
        >>> round(ratio_cuped(t, c).theta, 6)
        0.986364

    """
    plain = _ratio(treated, 4), _ratio(control, 4)
    before = treated.merge(control).mean[2:]
    if not before[1] > 0:
        raise Degenerate(reason="near_zero_mean", detail=f"denominator before of mean {before[1]:.4g}")
    earlier = np.array([0.0, 0.0, 1.0, -before[0] / before[1]]) / before[1]
    slope = _slope(plain, earlier)
    new, old = (
        _Ratio(r.value - slope * float(earlier @ r.arm.mean), r.line - slope * earlier, r.arm) for r in plain
    )
    return _compared(new, old, scale, "ratio of sums, cuped")


def ratio_of(units: CrossMoments) -> Contrast:
    """A ratio of sums by itself, such as the mean of all values of units that have several each.

    Args:
        units: cross-moments per unit, order y, x.

    Returns:
        sum y / sum x with its error over units; df = units - 1.

    Raises:
        Degenerate: `too_few` below two units; `near_zero_mean`; `zero_variance`.
        ValueError: not two columns.

    Example:
        >>> u = CrossMoments(20, np.array([6.0, 2.0]), np.array([[40.0, 12.0], [12.0, 10.0]]))
        >>> round(ratio_of(u).theta, 6), round(ratio_of(u).se, 6)
        (3.0, 0.19534)

    """
    found = _ratio(units)
    se = math.sqrt(found.variance)
    if se <= 0:
        raise Degenerate(reason="zero_variance", detail=f"all {units.n} units have the same ratio")
    return Contrast(theta=found.value, se=se, df=units.n - 1, n=units.n, method="ratio of sums")


def paired_log_ratio(pairs: CrossMoments) -> Contrast:
    """Log of the ratio of two means that were measured together, such as two arms per block.

    Args:
        pairs: cross-moments over pairs, order treated, control.

    Returns:
        ln(mean treated / mean control); df = pairs - 1.

    Raises:
        Degenerate: `too_few` below two pairs; `near_zero_mean`; `zero_variance`.
        ValueError: not two columns.

    Example:
        >>> p = CrossMoments(20, np.array([11.0, 10.0]), np.array([[19.0, 9.5], [9.5, 19.0]]))
        >>> round(paired_log_ratio(p).theta, 6), round(paired_log_ratio(p).se, 6)
        (0.09531, 0.021417)

    """
    found = _ratio(pairs)
    value = _positive(found.value)
    return Contrast(
        theta=math.log(value),
        se=math.sqrt(found.variance) / value,
        df=pairs.n - 1,
        n=pairs.n,
        method="paired log ratio",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ratio:
    """A ratio and the line of columns whose mean has its error."""

    value: float
    line: FloatArray
    arm: CrossMoments

    @property
    def variance(self) -> float:
        squares = float(self.line @ self.arm.scatter @ self.line)
        raw = float(self.line**2 @ np.diag(self.arm.scatter))
        return 0.0 if squares <= ROUNDING * raw else squares / (self.arm.n - 1) / self.arm.n


def _ratio(arm: CrossMoments, columns: int = 2) -> _Ratio:
    if arm.mean.size != columns:
        msg = f"{arm.mean.size} columns where {columns} belong"
        raise ValueError(msg)
    if arm.n < 2:
        raise Degenerate(reason="too_few", detail=f"{arm.n} units, variance needs 2")
    below, noise = float(arm.mean[1]), math.sqrt(float(arm.scatter[1, 1]) / (arm.n - 1) / arm.n)
    if below <= 0 or below < LEAST_SIGNAL * noise:
        raise Degenerate(reason="near_zero_mean", detail=f"denominator of mean {below:.4g}, se {noise:.4g}")
    value = float(arm.mean[0]) / below
    line = np.zeros(columns)
    line[:2] = 1 / below, -value / below
    return _Ratio(value, line, arm)


def _slope(arms: tuple[_Ratio, _Ratio], earlier: FloatArray) -> float:
    across = sum(float(r.line @ r.arm.scatter @ earlier) for r in arms)
    along = sum(float(earlier @ r.arm.scatter @ earlier) for r in arms)
    raw = sum(float(earlier**2 @ np.diag(r.arm.scatter)) for r in arms)
    # A ratio that was the same for every unit foretells nothing.
    return across / along if along > ROUNDING * raw else 0.0


def _compared(treated: _Ratio, control: _Ratio, scale: Literal["absolute", "log"], method: str) -> Contrast:
    v_t, v_c = treated.variance, control.variance
    theta = treated.value - control.value
    if scale == "log":
        r_t, r_c = (_positive(r.value) for r in (treated, control))
        theta, v_t, v_c = math.log(r_t / r_c), v_t / r_t**2, v_c / r_c**2
    return Contrast(
        theta=theta,
        se=math.sqrt(v_t + v_c),
        df=satterthwaite((v_t, v_c), (treated.arm.n - 1, control.arm.n - 1)),
        n=treated.arm.n + control.arm.n,
        method=method,
    )


def _positive(ratio: float) -> float:
    if ratio <= 0:
        raise Degenerate(reason="near_zero_mean", detail=f"a ratio of {ratio:.4g} has no logarithm")
    return ratio
