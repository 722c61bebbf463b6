"""Means of two arms from sums alone: difference (Welch) and relative lift (delta method)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from headway.statistics.contrast import Contrast, Degenerate

ROUNDING = 1e-12
"""A sum of squares below this share of the raw sum is rounding of the sum, not variance."""

LOST_DIGITS = 1e8
"""n mean^2 / M2 beyond which half of a double's digits went into the shift."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and centred sum of squares of one arm; they merge by addition.

    Args:
        n: units with a value.
        mean: their mean, in the outcome's unit; 0 when `n` is 0.
        m2: sum of squared deviations from the mean, unit squared.

    Raises:
        Degenerate: `not_finite` when a figure is NaN or infinite.
        ValueError: `n` or `m2` is negative.

    """

    n: int
    mean: float
    m2: float

    def __post_init__(self) -> None:
        """Refuse sums no data can have."""
        if not (math.isfinite(self.mean) and math.isfinite(self.m2)):
            raise Degenerate(reason="not_finite", detail=f"mean {self.mean}, M2 {self.m2}")
        if self.n < 0 or self.m2 < 0:
            msg = f"n {self.n} and M2 {self.m2} cannot be negative"
            raise ValueError(msg)

    @classmethod
    def from_sums(cls, n: int, s1: float, s2: float, shift: float = 0.0) -> Moments:
        """Moments from the shifted sums an engine returns.

        Args:
            n: units with a value.
            s1: sum of (y - shift).
            s2: sum of (y - shift)^2.
            shift: the constant taken off each value before summing.

        Returns:
            The moments of y itself.

        Raises:
            Degenerate: a sum is NaN or infinite.

        Example:
            >>> Moments.from_sums(3, 6.0, 14.0)
            Moments(n=3, mean=2.0, m2=2.0)

        """
        if n == 0:
            return cls(0, 0.0, 0.0)
        m2 = s2 - s1 * s1 / n
        return cls(int(n), float(shift + s1 / n), 0.0 if m2 <= ROUNDING * s2 else float(m2))

    @classmethod
    def from_summary(cls, n: int, mean: float, variance: float) -> Moments:
        """Moments from published figures.

        Args:
            n: units.
            mean: sample mean.
            variance: sample variance (divisor n - 1).

        Returns:
            The same as from the rows behind the figures.

        Example:
            >>> Moments.from_summary(3, 2.0, 1.0)
            Moments(n=3, mean=2.0, m2=2.0)

        """
        return cls(int(n), float(mean), float((n - 1) * variance) if n > 0 else 0.0)

    @property
    def variance(self) -> float:
        """Sample variance (divisor n - 1); raises Degenerate below two units."""
        if self.n < 2:
            raise Degenerate(reason="too_few", detail=f"{self.n} units, variance needs 2")
        return self.m2 / (self.n - 1)

    def merge(self, other: Moments) -> Moments:
        """Moments of both parts together, in any order of merging.

        Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for
        Computing Sample Variances" (1979).

        Args:
            other: moments of another part of the same column.

        Returns:
            The moments of the union.

        Example:
            >>> Moments(1, 1.0, 0.0).merge(Moments(2, 2.5, 0.5))
            Moments(n=3, mean=2.0, m2=2.0)

        """
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        n = self.n + other.n
        delta = other.mean - self.mean
        mean = (self.n * self.mean + other.n * other.mean) / n
        return Moments(n, mean, self.m2 + other.m2 + delta * delta * self.n * other.n / n)


def lost_digits(n: int, s1: float, s2: float, most: float = LOST_DIGITS) -> bool:
    """Whether the shift was so far off that the variance lost its digits (HW410).

    Args:
        n: units.
        s1: sum of (y - shift).
        s2: sum of (y - shift)^2.
        most: how large n (mean - shift)^2 / M2 may be.

    Returns:
        True when it exceeds that: scan again with the mean as shift.

    Example:
        >>> lost_digits(2, 2e9, 2e18 + 512.0), lost_digits(2, 0.5, 0.5)
        (True, False)

    """
    if n == 0:
        return False
    offset = s1 * s1 / n
    return offset > most * (s2 - offset)


def welch(treated: Moments, control: Moments) -> Contrast:
    """Difference of two means without assuming equal variances.

    Welch, "The generalization of Student's problem" (Biometrika 1947);
    df by Satterthwaite. A proportion is the mean of a 0/1 column.

    Args:
        treated: moments of the treated arm.
        control: moments of the control arm.

    Returns:
        Treated minus control, in the outcome's unit.

    Raises:
        Degenerate: `too_few` below two units in an arm; `zero_variance` when
            neither arm varies.

    Example:
        >>> c = welch(Moments(4, 3.0, 6.0), Moments(4, 1.0, 6.0))
        >>> c.theta, c.se, c.df
        (2.0, 1.0, 6.0)

    """
    parts = (_mean_variance(treated), _mean_variance(control))
    return Contrast(
        theta=treated.mean - control.mean,
        se=math.sqrt(sum(parts)),
        df=satterthwaite(parts, (treated.n - 1, control.n - 1)),
        n=treated.n + control.n,
        method="welch",
    )


def log_ratio(treated: Moments, control: Moments) -> Contrast:
    """Log of the ratio of two means; exp(theta) - 1 is the relative lift.

    Delta method: Deng, Knoblich, Lu, "Applying the Delta Method in Metric
    Analytics" (KDD 2018); df by Satterthwaite over the two components.

    Args:
        treated: moments of the treated arm.
        control: moments of the control arm.

    Returns:
        ln(treated mean / control mean); interval ends pass through exp(.) - 1.

    Raises:
        Degenerate: `near_zero_mean` when a mean is not above zero or the control
            mean is below ten of its standard errors; otherwise as `welch`.

    Example:
        >>> c = log_ratio(Moments(100, 12.0, 99.0), Moments(100, 10.0, 99.0))
        >>> round(c.theta, 6), round(c.se, 6)
        (0.182322, 0.013017)

    """
    v_t, v_c = _mean_variance(treated), _mean_variance(control)
    if treated.mean <= 0 or control.mean <= 0 or control.mean < 10 * math.sqrt(v_c):
        raise Degenerate(
            reason="near_zero_mean",
            detail=f"means {treated.mean:.4g} and {control.mean:.4g}, control se {math.sqrt(v_c):.4g}",
        )
    parts = (v_t / treated.mean**2, v_c / control.mean**2)
    return Contrast(
        theta=math.log(treated.mean / control.mean),
        se=math.sqrt(sum(parts)),
        df=satterthwaite(parts, (treated.n - 1, control.n - 1)),
        n=treated.n + control.n,
        method="log_ratio",
    )


def satterthwaite(parts: tuple[float, float], dfs: tuple[float, float]) -> float:
    """Degrees of freedom of a sum of two variance estimates.

    Satterthwaite, "An Approximate Distribution of Estimates of Variance
    Components" (Biometrics Bulletin 1946).

    Args:
        parts: the two variances that are added.
        dfs: the degrees of freedom of each.

    Returns:
        The df of their sum.

    Raises:
        Degenerate: `zero_variance` when both parts are zero.

    Example:
        >>> satterthwaite((1.0, 1.0), (5, 5))
        10.0

    """
    total = sum(parts)
    if total <= 0:
        raise Degenerate(reason="zero_variance", detail="neither arm varies")
    return 1 / sum((part / total) ** 2 / df for part, df in zip(parts, dfs, strict=True))


def _mean_variance(arm: Moments) -> float:
    return arm.variance / arm.n
