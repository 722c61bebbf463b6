"""Shrinkage of an effect towards effects seen before: what is left of a winner, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, ndtri

from headway.statistics.contrast import Degenerate, FloatArray

FEW = 10
"""Past effects below which their spread is hardly known (HW424)."""

FAT = 1.25
"""Robust over normal half-width above which the shape of past effects matters: "fat tails"."""


@dataclass(frozen=True, slots=True)
class Past:
    """Where effects of one kind lie, as earlier ones show it.

    Args:
        mean: of their true values.
        tau: standard deviation of their true values, noise taken out; 0 when noise explains all.
        n: past effects it rests on; 0 when declared.
        mean_se: standard error of `mean`; 0 when declared.

    """

    mean: float
    tau: float
    n: int
    mean_se: float = 0.0


@dataclass(frozen=True, slots=True)
class Shrunk:
    """An effect after regression towards the mean of past ones.

    Args:
        value: m + tau^2/(tau^2 + s^2) (theta - m).
        low: lower end of the robust interval.
        high: its upper end.
        sd: standard deviation of what is then believed, the doubt about the mean included; for draws.
        weight: tau^2/(tau^2 + s^2), the share of its own estimate that an effect keeps.
        fat: whether the robust interval is over 1.25 times as wide as the normal one.

    """

    value: float
    low: float
    high: float
    sd: float
    weight: float
    fat: bool


def paule_mandel(effects: FloatArray, errors: FloatArray) -> Past:
    """Mean and spread of the true effects behind noisy ones.

    Solves sum (v - m)^2 / (tau^2 + s^2) = n - 1 for tau^2, with m the mean weighted
    by 1/(tau^2 + s^2): Paule, Mandel (J. Res. NBS 1982). Use it on the relative scale
    alone: effects in different units have no common spread.

    Args:
        effects: (n,) estimates, on one scale.
        errors: (n,) their standard errors, above zero.

    Returns:
        Mean, tau and n; tau is 0 when the errors alone explain the spread.

    Raises:
        Degenerate: `too_few` below two effects, `not_finite` for a NaN, an infinite
            value or an error that is not above zero.
        ValueError: `effects` and `errors` differ in length.

    Example:
        >>> past = paule_mandel(np.array([0.02, 0.00, 0.05, -0.01]), np.full(4, 0.01))
        >>> round(past.mean, 4), round(past.tau, 4)
        (0.015, 0.0245)

    """
    if effects.shape != errors.shape or effects.ndim != 1:
        msg = f"effects {effects.shape}, errors {errors.shape}: one error for each effect"
        raise ValueError(msg)
    if effects.size < 2:
        raise Degenerate(reason="too_few", detail=f"{effects.size} past effects, needs 2")
    if not (np.isfinite(effects).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise Degenerate(reason="not_finite", detail="a past effect or its standard error is no number")
    # On its own scale, so that neither tiny nor huge units meet an absolute tolerance.
    unit = float(errors.max() + np.abs(effects - effects.mean()).max())
    v, s2 = effects / unit, (errors / unit) ** 2

    def excess(tau2: float) -> float:
        w = 1 / (tau2 + s2)
        return float((w * (v - (w @ v) / w.sum()) ** 2).sum()) - (v.size - 1)

    # At tau^2 = sum of squares about the mean, which are at most n, the sum is below n - 1 for certain.
    tau2 = brentq(excess, 0.0, float(v.size) ** 2, xtol=1e-15) if excess(0.0) > 0 else 0.0
    w = 1 / (tau2 + s2)
    mean, total = float(w @ v / w.sum()), float(w.sum())
    return Past(mean * unit, math.sqrt(tau2) * unit, v.size, unit / math.sqrt(total))


def shrink(theta: float, se: float, past: Past, alpha: float = 0.05) -> Shrunk:
    """Regress an effect towards the mean of past ones, as far as its own noise calls for.

    The posterior mean of Smith, Winkler (Management Science 2006) with an interval
    that holds for any shape of past effects with this spread: half-width
    cva(s^2/tau^2) w s (Armstrong, Kolesar, Plagborg-Moller, Econometrica 2022),
    and never narrower than what is known of the mean it was pulled to.

    Args:
        theta: the estimate, on the scale of the past effects.
        se: its standard error, above zero.
        past: mean and spread of earlier effects.
        alpha: 1 - level.

    Returns:
        Shrunk value, robust interval, the weight of the own estimate.

    Raises:
        Degenerate: `not_finite` for a NaN or an error that is not above zero.
        ValueError: `alpha` is not between 0 and 1.

    Example:
        >>> found = shrink(0.06, 0.02, Past(mean=0.01, tau=0.02, n=40))
        >>> [round(v, 4) for v in (found.value, found.low, found.high, found.weight)]
        [0.035, 0.0024, 0.0676, 0.5]

    """
    if not (math.isfinite(theta) and math.isfinite(se) and se > 0):
        raise Degenerate(reason="not_finite", detail=f"estimate {theta}, standard error {se}")
    z = -float(ndtri(alpha / 2))
    floor = z * past.mean_se
    if past.tau == 0:
        return Shrunk(past.mean, past.mean - floor, past.mean + floor, past.mean_se, 0.0, fat=False)
    ratio = (se / past.tau) ** 2
    weight = 1 / (1 + ratio)
    value = past.mean + weight * (theta - past.mean)
    robust, normal = robust_critical_value(ratio, alpha) * weight * se, z * math.sqrt(weight) * se
    half, sd = max(robust, floor), math.hypot(math.sqrt(weight) * se, (1 - weight) * past.mean_se)
    return Shrunk(value, value - half, value + half, sd, weight, fat=robust > FAT * normal)


def robust_critical_value(m2: float, alpha: float = 0.05) -> float:
    """How many standard errors an interval around a shrunk value needs, whatever shape the effects have.

    cva(m2) solves r(0, c) + sup over u >= m2 of (m2/u)(r(u, c) - r(0, c)) = alpha
    with r(u, c) = P(|Z + sqrt(u)| > c): the worst distribution of biases with
    second moment m2 puts its mass on 0 and one other point.

    Args:
        m2: second moment of the bias in squared standard errors, s^2/tau^2; not below 0.
        alpha: 1 - level, between 0 and 1.

    Returns:
        c; the normal quantile at m2 = 0.

    Raises:
        ValueError: `m2` is negative or not finite, or `alpha` not between 0 and 1.

    Example:
        >>> [round(robust_critical_value(m2), 5) for m2 in (0, 0.25, 1, 4)]
        [1.95996, 2.22665, 3.2592, 7.21635]

    """
    if not 0 <= m2 < math.inf or not 0 < alpha < 1:
        msg = f"m2 {m2} must be finite and not negative, alpha {alpha} between 0 and 1"
        raise ValueError(msg)
    plain = -float(ndtri(alpha / 2))
    if m2 == 0:
        return plain
    # Chebyshev: no distribution needs more than this.
    most = math.sqrt((1 + m2) / alpha) + 1
    return float(brentq(lambda c: _worst(c, m2) - alpha, plain, most, xtol=1e-12))


def _worst(c: float, m2: float) -> float:
    """The largest chance that |Z + bias| exceeds c, over biases with second moment m2."""
    start = math.sqrt(m2)

    def slope(b: float) -> float:
        return (_beyond(b, c) - _beyond(0.0, c)) / (b * b)

    # The slope rises to one peak, near c, and falls: beyond c + 3 the chance itself is 1.
    end = max(start, c) + 3
    found = minimize_scalar(
        lambda b: -slope(b), bounds=(start, end), method="bounded", options={"xatol": 1e-10}
    )
    return _beyond(0.0, c) + m2 * max(slope(start), slope(float(found.x)))


def _beyond(b: float, c: float) -> float:
    return float(ndtr(b - c) + ndtr(-b - c))
