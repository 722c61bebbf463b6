"""Regression adjustment from cross-moments: Lin (slopes per arm) and CUPED (one slope)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.means import ROUNDING, satterthwaite

RANK_TOLERANCE = 1e-10
"""Eigenvalues of a correlation matrix below this share of the largest count as zero."""


@dataclass(frozen=True, slots=True, eq=False)
class CrossMoments:
    """Count, means and centred cross-products of outcome and covariates of one arm.

    Args:
        n: units.
        mean: (1 + p,), order y, x1 .. xp.
        scatter: (1 + p, 1 + p), sums of products of deviations, same order.

    Raises:
        Degenerate: `not_finite` when a figure is NaN or infinite.
        ValueError: shapes do not fit each other.

    """

    n: int
    mean: FloatArray
    scatter: FloatArray

    def __post_init__(self) -> None:
        """Refuse shapes that do not belong together."""
        if self.mean.ndim != 1 or self.scatter.shape != (self.mean.size, self.mean.size):
            msg = f"mean {self.mean.shape} and scatter {self.scatter.shape} do not fit"
            raise ValueError(msg)
        if not (np.isfinite(self.mean).all() and np.isfinite(self.scatter).all()):
            raise Degenerate(reason="not_finite", detail="a cross-moment is NaN or infinite")

    @classmethod
    def from_sums(cls, n: int, first: FloatArray, second: FloatArray, shift: FloatArray) -> CrossMoments:
        """Cross-moments from the shifted sums an engine returns.

        Args:
            n: units.
            first: (1 + p,), sums of (z - shift), order y, x1 .. xp.
            second: (1 + p, 1 + p), sums of products of (z - shift), both triangles.
            shift: (1 + p,), the constants taken off before summing.

        Returns:
            The cross-moments of the columns themselves.

        Raises:
            Degenerate: a sum is NaN or infinite.

        Example:
            >>> m = CrossMoments.from_sums(
            ...     2, np.array([2.0, 4.0]), np.array([[4.0, 8.0], [8.0, 16.0]]), np.zeros(2)
            ... )
            >>> m.scatter.tolist()
            [[2.0, 4.0], [4.0, 8.0]]

        """
        if n == 0:
            return cls(0, np.zeros_like(first), np.zeros_like(second))
        scatter = second - np.outer(first, first) / n
        constant = np.diag(scatter) <= ROUNDING * np.diag(second)
        scatter[constant, :] = 0.0
        scatter[:, constant] = 0.0
        return cls(n, shift + first / n, scatter)

    def merge(self, other: CrossMoments) -> CrossMoments:
        """Cross-moments of both parts together (Chan, Golub, LeVeque 1979).

        Args:
            other: cross-moments of another part, same columns.

        Returns:
            The cross-moments of the union.

        """
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        n = self.n + other.n
        delta = other.mean - self.mean
        mean = (self.n * self.mean + other.n * other.mean) / n
        between = np.outer(delta, delta) * (self.n * other.n / n)
        return CrossMoments(n, mean, self.scatter + other.scatter + between)


def lin(treated: CrossMoments, control: CrossMoments) -> Contrast:
    """Difference of means adjusted with a slope per arm; the default with covariates.

    Lin, "Agnostic notes on regression adjustments to experimental data" (Ann.
    Appl. Stat. 2013): asymptotically never worse than the plain difference. A
    covariate that is constant or a copy of others changes nothing.

    Args:
        treated: cross-moments of the treated arm, order y, x1 .. xp.
        control: cross-moments of the control arm, same columns.

    Returns:
        Adjusted treated minus control; df = n_t + n_c - 2 (p + 1).

    Raises:
        Degenerate: `too_few` when an arm has no residual degree of freedom;
            `zero_variance` when the covariates explain the outcome exactly.
        ValueError: the arms have different columns.

    Example:
        >>> shape = np.array([[8.0, 3.0], [3.0, 4.0]])
        >>> t = CrossMoments(6, np.array([5.0, 2.0]), shape)
        >>> c = CrossMoments(6, np.array([4.0, 1.0]), shape)
        >>> round(lin(t, c).theta, 6), lin(t, c).df
        (0.25, 8)

    """
    _same_columns(treated, control)
    total = treated.merge(control)
    b_t, rank_t = _slopes(treated)
    b_c, rank_c = _slopes(control)
    df_t, df_c = treated.n - rank_t - 1, control.n - rank_c - 1
    if min(df_t, df_c) < 1:
        raise Degenerate(
            reason="too_few",
            detail=f"{treated.n} and {control.n} units for {treated.mean.size - 1} covariates",
        )
    centre = total.mean[1:]
    gap = b_t - b_c
    variance = (
        _residual(treated, b_t) / (df_t * treated.n)
        + _residual(control, b_c) / (df_c * control.n)
        + float(gap @ total.scatter[1:, 1:] @ gap) / (total.n - 1) / total.n
    )
    plain = float(total.scatter[0, 0]) / (df_t + df_c) / total.n
    return Contrast(
        theta=_adjusted(treated, b_t, centre) - _adjusted(control, b_c, centre),
        se=math.sqrt(variance) if variance > ROUNDING * plain else 0.0,
        df=df_t + df_c,
        n=total.n,
        method="lin",
    )


def cuped(treated: CrossMoments, control: CrossMoments) -> Contrast:
    """Difference of means adjusted with one pooled within-arm slope.

    Deng, Xu, Kohavi, Walker, "Improving the Sensitivity of Online Controlled
    Experiments by Utilizing Pre-Experiment Data" (WSDM 2013). Variance falls by
    the squared correlation of outcome and covariate.

    Args:
        treated: cross-moments of the treated arm, order y, x1 .. xp.
        control: cross-moments of the control arm, same columns.

    Returns:
        Adjusted treated minus control; df by Satterthwaite as in `welch`.

    Raises:
        Degenerate: `too_few` below two units in an arm; `zero_variance` when the
            covariates explain the outcome exactly.
        ValueError: the arms have different columns.

    Example:
        >>> shape = np.array([[8.0, 3.0], [3.0, 4.0]])
        >>> t = CrossMoments(6, np.array([5.0, 2.0]), shape)
        >>> c = CrossMoments(6, np.array([4.0, 1.0]), shape)
        >>> round(cuped(t, c).theta, 6), round(cuped(t, c).se, 6)
        (0.25, 0.619139)

    """
    _same_columns(treated, control)
    if min(treated.n, control.n) < 2:
        raise Degenerate(reason="too_few", detail=f"{treated.n} and {control.n} units")
    pooled = CrossMoments(treated.n + control.n, treated.mean, treated.scatter + control.scatter)
    slope, _ = _slopes(pooled)
    parts = (
        _residual(treated, slope) / ((treated.n - 1) * treated.n),
        _residual(control, slope) / ((control.n - 1) * control.n),
    )
    centre = treated.merge(control).mean[1:]
    return Contrast(
        theta=_adjusted(treated, slope, centre) - _adjusted(control, slope, centre),
        se=math.sqrt(sum(parts)),
        df=satterthwaite(parts, (treated.n - 1, control.n - 1)),
        n=treated.n + control.n,
        method="cuped",
    )


def _same_columns(treated: CrossMoments, control: CrossMoments) -> None:
    if treated.mean.size != control.mean.size:
        msg = f"{treated.mean.size - 1} and {control.mean.size - 1} covariates in the two arms"
        raise ValueError(msg)


def _slopes(arm: CrossMoments) -> tuple[FloatArray, int]:
    xx, xy = arm.scatter[1:, 1:], arm.scatter[1:, 0]
    # Dollars beside 0/1 dummies: only on the correlation scale is a small eigenvalue a copy.
    scale = np.sqrt(np.diag(xx))
    floor = 4 * np.finfo(np.float64).eps * math.sqrt(arm.n) * np.abs(arm.mean[1:])
    unit = np.where(scale > floor, 1 / np.where(scale > floor, scale, 1.0), 0.0)
    values, vectors = np.linalg.eigh(xx * np.outer(unit, unit))
    kept = values > RANK_TOLERANCE * max(float(values.max(initial=0.0)), RANK_TOLERANCE)
    basis = unit[:, None] * vectors[:, kept] / np.sqrt(values[kept])
    return np.asarray(basis @ (basis.T @ xy), dtype=np.float64), int(kept.sum())


def _residual(arm: CrossMoments, slope: FloatArray) -> float:
    xx, xy = arm.scatter[1:, 1:], arm.scatter[1:, 0]
    raw = float(arm.scatter[0, 0])
    rss = raw - 2 * float(slope @ xy) + float(slope @ xx @ slope)
    return 0.0 if rss <= ROUNDING * raw else rss


def _adjusted(arm: CrossMoments, slope: FloatArray, centre: FloatArray) -> float:
    return float(arm.mean[0] - slope @ (arm.mean[1:] - centre))
