"""Every past look of a comparison at once: arrays over days in place of one number a call.

Each function is the twin of a scalar one and agrees with it to rounding. A look that allows no estimate is
NaN, not an exception: on the first days of an experiment that is what most looks are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, log_ndtr, ndtri, stdtr, stdtrit

from headway.statistics.contrast import FloatArray
from headway.statistics.covariates import RANK_TOLERANCE
from headway.statistics.means import ROUNDING
from headway.statistics.sequential import UNDERFLOW, log_student_far

# The control mean must be this many of its standard errors away from zero (measurement.md 5.1).
_FROM_ZERO = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Contrasts at many looks; arrays of one shape, the last axis being time.

    Args:
        theta: estimates; NaN where a look allows none.
        se: their standard errors, same unit.
        df: degrees of freedom; `math.inf` means normal.
        n: units behind each.

    """

    theta: FloatArray
    se: FloatArray
    df: FloatArray
    n: FloatArray

    def where(self, allowed: npt.NDArray[np.bool_]) -> Looks:
        """The same looks without those that are not allowed."""
        return replace(self, theta=np.where(allowed, self.theta, np.nan))

    def scaled_by(self, factor: FloatArray) -> Looks:
        """The same looks in another unit, for example per cent of each day's control mean."""
        return replace(self, theta=self.theta * factor, se=self.se * np.abs(factor))

    @np.errstate(all="ignore")
    def once(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Low and high end of an interval for one planned look."""
        tail = (1 - level) / 2
        quantile = -np.where(np.isinf(self.df), ndtri(tail), stdtrit(self.df, tail))
        return self.theta - quantile * self.se, self.theta + quantile * self.se


@dataclass(frozen=True, slots=True, eq=False)
class MomentsByDay:
    """Counts, means and centred sums of squares of one arm up to each day.

    Args:
        n: units up to each day.
        mean: their mean; NaN where there is no unit.
        m2: sum of squared deviations from it.

    """

    n: FloatArray
    mean: FloatArray
    m2: FloatArray

    @classmethod
    @np.errstate(all="ignore")
    def from_sums(cls, n: FloatArray, s1: FloatArray, s2: FloatArray, shift: FloatArray) -> MomentsByDay:
        """Moments from running sums of (y - shift) and its square.

        Example:
            >>> m = MomentsByDay.from_sums(np.array([0.0, 3.0]), np.array([0.0, 6.0]), np.array([0, 14.0]), 0)
            >>> m.mean.tolist(), m.m2.tolist()
            ([nan, 2.0], [nan, 2.0])

        """
        known = np.where(n > 0, n, np.nan)
        m2 = s2 - s1 * s1 / known
        return cls(n, shift + s1 / known, np.where(m2 <= ROUNDING * s2, 0.0, m2))

    @property
    @np.errstate(all="ignore")
    def mean_variance(self) -> FloatArray:
        """Variance of the mean; NaN below two units."""
        return self.m2 / np.where(self.n > 1, self.n - 1, np.nan) / self.n


@np.errstate(all="ignore")
def welch_by_day(treated: MomentsByDay, control: MomentsByDay) -> Looks:
    """The twin of `means.welch`."""
    parts = treated.mean_variance, control.mean_variance
    return _looks(treated.mean - control.mean, parts, treated, control)


@np.errstate(all="ignore")
def log_ratio_by_day(treated: MomentsByDay, control: MomentsByDay) -> Looks:
    """The twin of `means.log_ratio`."""
    v_t, v_c = treated.mean_variance, control.mean_variance
    usable = (treated.mean > 0) & (control.mean > 0) & (control.mean >= _FROM_ZERO * np.sqrt(v_c))
    m_t, m_c = (np.where(usable, m.mean, np.nan) for m in (treated, control))
    return _looks(np.log(m_t / m_c), (v_t / m_t**2, v_c / m_c**2), treated, control)


def _looks(
    theta: FloatArray, parts: tuple[FloatArray, FloatArray], treated: MomentsByDay, control: MomentsByDay
) -> Looks:
    total = parts[0] + parts[1]
    varies = np.where(total > 0, total, np.nan)
    shares = ((p / varies) ** 2 / (m.n - 1) for p, m in zip(parts, (treated, control), strict=True))
    df = np.asarray(1 / sum(shares), dtype=np.float64)
    return Looks(np.where(np.isfinite(df), theta, np.nan), np.sqrt(varies), df, treated.n + control.n)


@dataclass(frozen=True, slots=True, eq=False)
class CrossMomentsByDay:
    """Cross-moments of outcome and covariates of one arm up to each day.

    Args:
        n: (days,) units.
        mean: (days, 1 + p), order y, x1 .. xp.
        scatter: (days, 1 + p, 1 + p), sums of products of deviations.

    """

    n: FloatArray
    mean: FloatArray
    scatter: FloatArray

    @classmethod
    def from_sums(
        cls, n: FloatArray, first: FloatArray, second: FloatArray, shift: FloatArray
    ) -> CrossMomentsByDay:
        """Cross-moments from running sums; the twin of `CrossMoments.from_sums`."""
        known = np.where(n > 0, n, 1.0)[:, None]
        scatter = second - first[:, :, None] * first[:, None, :] / known[:, :, None]
        size, raw = (np.diagonal(a, axis1=1, axis2=2) for a in (scatter, second))
        varies = size > ROUNDING * raw
        return cls(n, shift + first / known, scatter * (varies[:, :, None] & varies[:, None, :]))

    @np.errstate(all="ignore")
    def slopes(self) -> tuple[FloatArray, FloatArray]:
        """Slopes of y on the covariates and their rank, day by day."""
        xx, xy = self.scatter[:, 1:, 1:], self.scatter[:, 1:, 0]
        scale = np.sqrt(np.diagonal(xx, axis1=1, axis2=2))
        floor = 4 * np.finfo(np.float64).eps * np.sqrt(self.n)[:, None] * np.abs(self.mean[:, 1:])
        unit = np.where(scale > floor, 1 / np.where(scale > floor, scale, 1.0), 0.0)
        values, vectors = np.linalg.eigh(xx * (unit[:, :, None] * unit[:, None, :]))
        most = np.maximum(values.max(axis=1, initial=0.0), RANK_TOLERANCE)
        kept = values > RANK_TOLERANCE * most[:, None]
        inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
        inner = np.einsum("dij,di->dj", vectors, unit * xy) * inverse
        return unit * np.einsum("dij,dj->di", vectors, inner), kept.sum(axis=1).astype(float)

    @np.errstate(all="ignore")
    def residual(self, slope: FloatArray) -> FloatArray:
        """Sum of squares that the covariates leave."""
        raw = self.scatter[:, 0, 0]
        left = raw - 2 * np.einsum("di,di->d", slope, self.scatter[:, 1:, 0])
        left += np.einsum("di,dij,dj->d", slope, self.scatter[:, 1:, 1:], slope)
        return np.where(left <= ROUNDING * raw, 0.0, left)

    def adjusted(self, slope: FloatArray, centre: FloatArray) -> FloatArray:
        """The mean of y at given means of the covariates."""
        moved: FloatArray = self.mean[:, 0] - np.einsum("di,di->d", slope, self.mean[:, 1:] - centre)
        return moved


@np.errstate(all="ignore")
def lin_by_day(treated: CrossMomentsByDay, control: CrossMomentsByDay) -> Looks:
    """The twin of `covariates.lin`."""
    n = treated.n + control.n
    known = np.where(n > 1, n, np.nan)
    delta = control.mean - treated.mean
    centre = ((treated.n[:, None] * treated.mean + control.n[:, None] * control.mean) / known[:, None])[:, 1:]
    between = delta[:, :, None] * delta[:, None, :] * (treated.n * control.n / known)[:, None, None]
    scatter = treated.scatter + control.scatter + between
    (b_t, rank_t), (b_c, rank_c) = treated.slopes(), control.slopes()
    df_t, df_c = treated.n - rank_t - 1, control.n - rank_c - 1
    df_t, df_c = (np.where(np.minimum(df_t, df_c) >= 1, df, np.nan) for df in (df_t, df_c))
    gap = b_t - b_c
    variance = treated.residual(b_t) / (df_t * treated.n) + control.residual(b_c) / (df_c * control.n)
    variance += np.einsum("di,dij,dj->d", gap, scatter[:, 1:, 1:], gap) / (known - 1) / known
    varies = variance > ROUNDING * scatter[:, 0, 0] / (df_t + df_c) / known
    theta = treated.adjusted(b_t, centre) - control.adjusted(b_c, centre)
    usable = np.where(varies, theta, np.nan)
    return Looks(usable, np.sqrt(np.where(varies, variance, np.nan)), df_t + df_c, n)


@np.errstate(all="ignore")
def boundaries(df: FloatArray, r: FloatArray, alpha: float) -> FloatArray:
    """The twin of `sequential.boundary`; NaN where `df` or `r` is."""
    need = np.log1p(r) - 2 * math.log(alpha)
    growth = np.expm1(need / (df + 1))
    reached = np.where(growth < r, r - growth, np.nan)
    finite = np.where(np.isnan(reached) & ~np.isnan(growth), np.inf, np.sqrt(growth * df * (1 + r) / reached))
    return np.where(np.isinf(df), np.sqrt((1 + r) / r * need), finite)


@np.errstate(all="ignore")
def log_e_two_sided_of(t: FloatArray, df: FloatArray, r: FloatArray) -> FloatArray:
    """The twin of `sequential.log_e_two_sided`."""
    safe = np.where(t == 0, 1.0, t)
    growth = np.where(t == 0, 0.0, np.log1p(r / (df / safe * (1 + r) / safe + 1)))
    finite = 0.5 * (np.where(np.isinf(df), 0.0, (df + 1) * growth) - np.log1p(r))
    return np.where(np.isinf(df), 0.5 * (t * t * r / (1 + r) - np.log1p(r)), finite)


@np.errstate(all="ignore")
def log_e_one_sided_of(t: FloatArray, df: FloatArray, r: FloatArray) -> FloatArray:
    """The twin of `sequential.log_e_one_sided`."""
    q = r / (1 + r)
    normal = np.isinf(df)
    known = np.where(normal, 1.0, df)
    z = t * np.sqrt(q * (known + 1) / (known + t * t / (1 + r)))
    finite = math.log(2) + log_e_two_sided_of(t, known, r) + _log_student(z, known + 1)
    if not normal.any():
        return finite
    z = t * np.sqrt(q)
    low = np.log(erfcx(np.maximum(-z, 0.0) / math.sqrt(2)))
    high = math.log(2) + 0.5 * z * z + log_ndtr(z)
    return np.where(normal, np.where(z < 0, low, high) - 0.5 * np.log1p(r), finite)


def _log_student(z: FloatArray, df: FloatArray) -> FloatArray:
    cdf = stdtr(df, z)
    made: FloatArray = np.log(np.where(cdf > UNDERFLOW, cdf, 1.0))
    for at in np.argwhere(cdf <= UNDERFLOW):
        here = tuple(at)
        made[here] = log_student_far(float(z[here]), float(df[here]))
    return made
