"""A rollout seen from cohort sums alone: units that start in the same period, over all periods.

A unit's row is the vector of its outcomes over T periods. Every estimator of a staggered rollout is a
weighted sum of cohort means, so that its influence on one unit is linear in the unit's vector plus a constant
of its cohort. Counts, sums and sums of products by cohort therefore give every estimate and every covariance;
no row is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import Contrast, Degenerate, FloatArray

LEAST_IN_COHORT = 2
"""Units below which a cohort says nothing of its own spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Moments per cohort over T periods, cohorts in the order of their start.

    Args:
        starts: position of each cohort's first treated period, 0 to T - 1; T for never within the panel.
        n: (K,) units per cohort, each with an outcome in every period.
        mean: (K, T) means.
        cov: (K, T, T) covariances with divisor n.

    Raises:
        Degenerate: `not_finite` when a moment is NaN or infinite.
        ValueError: shapes do not fit, or starts are not in order.

    """

    starts: tuple[int, ...]
    n: FloatArray
    mean: FloatArray
    cov: FloatArray

    def __post_init__(self) -> None:
        """Refuse moments that do not belong together."""
        cohorts, periods = self.mean.shape
        fits = self.cov.shape == (cohorts, periods, periods) and self.n.shape == (len(self.starts),)
        if not fits or len(self.starts) != cohorts or list(self.starts) != sorted(set(self.starts)):
            msg = f"starts {self.starts}, n {self.n.shape}, mean {self.mean.shape}, cov {self.cov.shape}"
            raise ValueError(msg)
        if not all(np.isfinite(part).all() for part in (self.n, self.mean, self.cov)):
            raise Degenerate("not_finite", "a cohort sum is NaN or infinite")

    @classmethod
    def from_sums(
        cls,
        starts: Sequence[int],
        n: FloatArray,
        first: FloatArray,
        second: FloatArray,
        shift: FloatArray | None = None,
    ) -> Panel:
        """Moments from sums; cohorts that start after the last period are one, the never-treated.

        Args:
            starts: position of each row's first treated period; T or more for never.
            n: (R,) units.
            first: (R, T) sums of the shifted outcomes.
            second: (R, T, T) sums of their products.
            shift: (T,) what was taken off each period before summing.

        Returns:
            The panel; cohorts without units are left out.

        Raises:
            Degenerate: `too_few` without a unit, `not_finite` for a sum that is NaN or infinite.

        Example:
            >>> panel = Panel.from_sums(
            ...     [1, 2],
            ...     np.array([2.0, 2.0]),
            ...     np.array([[2.0, 6.0], [4.0, 4.0]]),
            ...     np.array([[[4.0, 8], [8, 20]], [[8.0, 8], [8, 10]]]),
            ... )
            >>> panel.mean.tolist(), panel.cov[0].tolist()
            ([[1.0, 3.0], [2.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]])

        """
        periods = first.shape[1]
        at = np.minimum(np.asarray(starts, dtype=np.intp), periods)
        kept = np.unique(at[n > 0])
        if not kept.size:
            raise Degenerate("too_few", "no unit has an outcome in every period")
        here = (at == kept[:, None]).astype(np.float64)
        size = here @ n
        # Infinities meet here on purpose: what comes of them is refused by name.
        with np.errstate(invalid="ignore", over="ignore"):
            centred = here @ first / size[:, None]
            products = np.einsum("kr,rst->kst", here, second) / size[:, None, None]
            cov = products - centred[:, :, None] * centred[:, None, :]
            mean = centred if shift is None else centred + shift
            cov = _without_rounding(cov, products)
        return cls(tuple(int(k) for k in kept), size, mean, cov)

    @classmethod
    def from_rows(cls, y: FloatArray, starts: npt.NDArray[np.intp]) -> Panel:
        """Sum rows by cohort, for data small enough to hold.

        Args:
            y: (N, T) outcomes.
            starts: (N,) position of each unit's first treated period; T or more for never.

        Returns:
            The panel.

        Raises:
            Degenerate: `too_few` without a unit, `not_finite` for an outcome that is NaN or infinite.

        Example:
            >>> Panel.from_rows(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([1, 2])).starts
            (1, 2)

        """
        if not np.isfinite(y).all():
            raise Degenerate("not_finite", "an outcome is NaN or infinite")
        shift = y.mean(axis=0) if len(y) else np.zeros(y.shape[1])
        moved = y - shift
        kept = np.unique(starts)
        rows = [moved[starts == k] for k in kept]
        n = np.array([len(r) for r in rows], dtype=np.float64)
        first = np.array([r.sum(axis=0) for r in rows]).reshape(len(rows), y.shape[1])
        second = np.array([r.T @ r for r in rows]).reshape(len(rows), y.shape[1], y.shape[1])
        return cls.from_sums([int(k) for k in kept], n, first, second, shift)

    @property
    def periods(self) -> int:
        """How many periods were seen, T."""
        return int(self.mean.shape[1])

    @property
    def units(self) -> int:
        """How many units, in all cohorts."""
        return round(float(self.n.sum()))

    @property
    def shares(self) -> FloatArray:
        """(K,) each cohort's share of the units."""
        return np.asarray(self.n / self.n.sum(), dtype=np.float64)

    def only(self, kept: Sequence[bool]) -> Panel:
        """The panel of some of its cohorts.

        Raises:
            Degenerate: `too_few` when none is left.
        """
        if not any(kept):
            raise Degenerate("too_few", "no cohort is left to compare")
        at = np.flatnonzero(kept)
        return Panel(tuple(self.starts[i] for i in at), self.n[at], self.mean[at], self.cov[at])


def _without_rounding(cov: FloatArray, products: FloatArray) -> FloatArray:
    """Covariances that are a difference of equal numbers are nothing but rounding."""
    size = np.sqrt(np.einsum("kss->ks", products))
    noise = 1e-13 * size[:, :, None] * size[:, None, :]
    return np.where(np.abs(cov) <= noise, 0.0, cov)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Estimates of one panel with their influence, so that any average of them has its covariance.

    Args:
        panel: where they come from.
        theta: (J,) estimates.
        slopes: (J, K, T) influence of a unit of cohort k: slopes'(Y - mean of k) + level.
        levels: (J, K) that constant.

    """

    panel: Panel
    theta: FloatArray
    slopes: FloatArray
    levels: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """(J, J) covariance of the estimates, with the units as what was drawn."""
        panel, n = self.panel, float(self.panel.n.sum())
        carried = np.einsum("jks,kst->jkt", self.slopes, panel.cov * panel.n[:, None, None])
        within = np.einsum("jkt,lkt->jl", carried, self.slopes)
        return np.asarray((within + (self.levels * panel.n) @ self.levels.T) / n**2, dtype=np.float64)

    @property
    def se(self) -> FloatArray:
        """(J,) standard errors, in the outcome's unit."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)), dtype=np.float64)

    def at(self, members: Sequence[int]) -> Family:
        """Some of the estimates, in the order named."""
        kept = np.asarray(members, dtype=np.intp)
        return Family(self.panel, self.theta[kept], self.slopes[kept], self.levels[kept])

    def evenly(self) -> Family:
        """The plain average of all, as a family of one."""
        return self._combined(np.full(self.theta.size, 1 / self.theta.size))

    def by_size(self, cohorts: Sequence[int]) -> Family:
        """The average by the size of each estimate's cohort, which is itself an estimate.

        Args:
            cohorts: position of each estimate's cohort in the panel.

        Returns:
            A family of one; its influence holds that of the estimated weights.

        """
        at = np.asarray(cohorts, dtype=np.intp)
        share = self.panel.shares[at]
        made = self._combined(share / share.sum())
        # d(theta)/d(share of k), with the weights' sum kept at one.
        pull = (self.theta - made.theta[0]) / share.sum()
        levels = made.levels + np.bincount(at, weights=pull, minlength=len(self.panel.n))
        return Family(self.panel, made.theta, made.slopes, levels)

    def contrast(self, method: str) -> Contrast:
        """A family of one as the primitive that intervals and e-values come from.

        Its degrees of freedom are Satterthwaite's over cohorts: with a few units per cohort the normal limit
        is too sure of itself.

        Raises:
            Degenerate: `zero_variance` or `not_finite`.
        """
        n = self.panel.n
        within = np.einsum("ks,kst,kt->k", self.slopes[0], self.panel.cov, self.slopes[0])
        parts = n * (within + self.levels[0] ** 2) / n.sum() ** 2
        df = satterthwaite(parts, n)
        return Contrast(float(self.theta[0]), float(self.se[0]), df, self.panel.units, None, method)

    def _combined(self, weights: FloatArray) -> Family:
        return Family(
            self.panel,
            np.array([weights @ self.theta]),
            np.einsum("j,jkt->kt", weights, self.slopes)[None],
            (weights @ self.levels)[None],
        )


def satterthwaite(parts: FloatArray, n: FloatArray) -> float:
    """Degrees of freedom of a variance that is a sum of independent parts, one per cohort.

    Args:
        parts: (K,) what each cohort adds to the variance.
        n: (K,) its units, at least two where it adds anything.

    Returns:
        Satterthwaite's value; infinite where nothing adds to the variance.

    Example:
        >>> satterthwaite(np.array([1.0, 1.0]), np.array([11.0, 11.0]))
        20.0

    """
    used = parts > 0
    if not used.any():
        return float("inf")
    spread = (parts[used] ** 2 / np.maximum(n[used] - 1, 1)).sum()
    return float(parts.sum() ** 2 / spread) if spread > 0 else float("inf")


def joined(families: Sequence[Family]) -> Family:
    """Families of one panel as one, in their order."""
    return Family(
        families[0].panel,
        np.concatenate([f.theta for f in families]),
        np.concatenate([f.slopes for f in families]),
        np.concatenate([f.levels for f in families]),
    )
