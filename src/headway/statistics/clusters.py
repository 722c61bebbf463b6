"""Regression with correlated rows from per-cluster cross-products: CR0 to CR3, Satterthwaite df."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import Contrast, Degenerate, FloatArray

Kind = Literal["CR0", "CR1", "CR2", "CR3"]
"""Cluster-robust variance; CR2 is the one that decides."""

ABSORBED = 1e-8
"""Eigenvalue of I - H_gg at or below which fixed effects absorb that direction."""

RANK_TOLERANCE = 1e-10
"""Eigenvalues of the scaled X'X below this share of the largest count as zero."""

ROUNDING = 1e-12
"""Scores and traces below this share of what they are a difference of are rounding."""

ESTIMABLE = 1e-6
"""Largest share of a contrast that may lie outside the row space of X."""


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """Cross-products of the design and the outcome, one block per cluster.

    Args:
        n: (G,) rows per cluster.
        xx: (G, k, k) X_g'X_g, both triangles.
        xy: (G, k) X_g'y_g.
        yy: (G,) y_g'y_g.

    Raises:
        Degenerate: `not_finite` when a sum is NaN or infinite.
        ValueError: shapes do not fit each other.

    """

    n: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: FloatArray

    def __post_init__(self) -> None:
        """Refuse blocks that do not belong together."""
        groups, k = self.xy.shape
        if self.xx.shape != (groups, k, k) or not self.n.shape == self.yy.shape == (groups,):
            msg = f"n {self.n.shape}, xx {self.xx.shape}, xy {self.xy.shape}, yy {self.yy.shape}"
            raise ValueError(msg)
        if not all(np.isfinite(part).all() for part in (self.n, self.xx, self.xy, self.yy)):
            raise Degenerate(reason="not_finite", detail="a cluster sum is NaN or infinite")

    @classmethod
    def from_rows(cls, x: FloatArray, y: FloatArray, cluster: npt.NDArray[np.generic]) -> ClusterSums:
        """Sum rows by cluster, for data small enough to hold.

        Args:
            x: (n, k) design, including the constant.
            y: (n,) outcome.
            cluster: (n,) label of each row's cluster.

        Returns:
            One block per distinct label, in sorted order of labels.

        Example:
            >>> x, y = np.ones((3, 1)), np.array([1.0, 2.0, 3.0])
            >>> ClusterSums.from_rows(x, y, np.array(["a", "b", "b"])).xy.tolist()
            [[1.0], [5.0]]

        """
        _, label = np.unique(cluster, return_inverse=True)
        order = np.argsort(label, kind="stable")
        starts = np.flatnonzero(np.diff(label[order], prepend=-1))
        x, y = x[order], y[order]
        blocks = zip(np.split(x, starts[1:]), np.split(y, starts[1:]), strict=True)
        sums = [(len(b), a.T @ a, a.T @ b, b @ b) for a, b in blocks]
        n, xx, xy, yy = (np.array(part, dtype=np.float64) for part in zip(*sums, strict=True))
        return cls(n, xx, xy, yy)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterFit:
    """Least squares fitted from cluster sums; ask it for contrasts.

    All blocks are kept in a basis in which X'X is the identity: there the
    pseudo-inverse, the leverage of a cluster and every CR adjustment are plain
    matrix functions of `leverage`, also when fixed effects are collinear.

    Args:
        beta: (k,) coefficients; single ones mean nothing where columns are collinear.
        rank: independent columns.
        n: rows.
        clusters: clusters with rows.
        basis: (k, rank), columns M with M'X'XM = I and MM' a generalised inverse of X'X.
        scores: (G, rank) M'X_g'(y_g - X_g beta).
        leverage: (G, rank, rank) M'X_g'X_gM.
        outside: (k, k) projector on what no contrast may contain, for scaled contrasts.
        column_scale: (k,) scale of those contrasts.

    """

    beta: FloatArray
    rank: int
    n: int
    clusters: int
    basis: FloatArray
    scores: FloatArray
    leverage: FloatArray
    outside: FloatArray
    column_scale: FloatArray

    def contrast(self, c: FloatArray, kind: Kind = "CR2") -> Contrast:
        """The estimate c'beta with a cluster-robust standard error.

        CR1: Liang, Zeger (Biometrika 1986), factor G/(G-1) (n-1)/(n-rank). CR2:
        Bell, McCaffrey (2002), Pustejovsky, Tipton (JBES 2018). CR3: delete-one
        jackknife form, factor (G-1)/G (packages differ in it). Use CR2; the others
        are for comparison.

        Args:
            c: (k,) weights of the coefficients, for example a unit vector.
            kind: CR0, CR1, CR2 or CR3.

        Returns:
            Estimate, standard error and df: Satterthwaite for CR2 (Bell and
            McCaffrey, independent rows as working model), clusters - 1 otherwise.

        Raises:
            Degenerate: `singular` when the data do not identify c'beta,
                `zero_variance` when the residuals vanish.
            ValueError: `c` has not one weight per coefficient.

        Example:
            >>> x = np.column_stack([np.ones(8), np.tile([0.0, 1.0], 4)])
            >>> y = np.array([1.0, 2, 2, 4, 1, 3, 3, 3])
            >>> sums = ClusterSums.from_rows(x, y, np.repeat([1, 2, 3, 4], 2))
            >>> effect = fit(sums).contrast(np.array([0.0, 1.0]))
            >>> round(effect.theta, 6), round(effect.se, 6), round(effect.df, 6)
            (1.25, 0.478714, 3.0)

        """
        direction = self.direction(c)
        adjusted, p = self._adjust(direction, kind)
        variance = _factor(kind, self) * float(((adjusted @ direction) ** 2).sum())
        df = float(self.clusters - 1)
        if kind == "CR2":
            df = _satterthwaite(p, self.leverage, float(direction @ direction))
        return Contrast(
            theta=float(c @ self.beta),
            se=math.sqrt(variance),
            df=df,
            n=self.n,
            clusters=self.clusters,
            method=kind,
        )

    def degrees(self, c: FloatArray) -> float:
        """Satterthwaite df of the CR2 error of c'beta: from who stands where, never from outcomes.

        Args:
            c: (k,) weights of the coefficients.

        Returns:
            Degrees of freedom, above zero.

        Raises:
            Degenerate: `singular` when the data do not identify c'beta,
                `zero_variance` when fixed effects absorb every cluster.

        """
        direction = self.direction(c)
        _, p = self._adjust(direction, "CR2")
        return _satterthwaite(p, self.leverage, float(direction @ direction))

    def direction(self, c: FloatArray) -> FloatArray:
        """A contrast of the coefficients read in the basis of the fit, where its variance is a plain length.

        Args:
            c: (k,) weights of the coefficients.

        Returns:
            (rank,) M'c.

        Raises:
            Degenerate: `singular` when the data do not identify c'beta.
            ValueError: `c` has not one weight per coefficient.

        """
        if c.shape != self.beta.shape:
            msg = f"contrast {c.shape} for coefficients {self.beta.shape}"
            raise ValueError(msg)
        scaled = c * self.column_scale
        size = float(np.linalg.norm(scaled))
        if size == 0 or float(np.linalg.norm(self.outside @ scaled)) > ESTIMABLE * size:
            raise Degenerate(
                reason="singular",
                detail=f"rank {self.rank} of {self.beta.size}: the contrast is not identified",
            )
        return np.asarray(c @ self.basis, dtype=np.float64)

    def _adjust(self, direction: FloatArray, kind: Kind) -> tuple[FloatArray, FloatArray]:
        """Adjusted scores (G, rank) and the same adjustment of the contrast (G, rank)."""
        power = {"CR0": 0.0, "CR1": 0.0, "CR2": -0.5, "CR3": -1.0}[kind]
        if power == 0:
            return self.scores, np.broadcast_to(direction, self.scores.shape)
        values, vectors = np.linalg.eigh(np.eye(self.rank) - self.leverage)
        kept = values > ABSORBED
        weight = np.where(kept, np.where(kept, values, 1.0) ** power, 0.0)

        def apply(v: FloatArray) -> FloatArray:
            inner = weight * np.einsum("gij,gi->gj", vectors, v)
            return np.asarray(np.einsum("gij,gj->gi", vectors, inner), dtype=np.float64)

        return apply(self.scores), apply(np.broadcast_to(direction, self.scores.shape))


def fit(sums: ClusterSums) -> ClusterFit:
    """Least squares from cluster sums.

    Collinear columns (fixed effects) are allowed: contrasts that the data
    identify come out as if the copies had been dropped.

    Args:
        sums: cross-products per cluster; clusters without rows are ignored.

    Returns:
        The fit, ready for any number of contrasts.

    Raises:
        Degenerate: `few_clusters` below two clusters with rows, `too_few` when rows
            do not exceed the independent columns, `singular` when X is zero.

    Example:
        >>> x, y = np.ones((4, 1)), np.array([1.0, 2.0, 3.0, 6.0])
        >>> fit(ClusterSums.from_rows(x, y, np.array([1, 1, 2, 2]))).beta.tolist()
        [3.0]

    """
    used = sums.n > 0
    clusters, n = int(used.sum()), round(float(sums.n.sum()))
    if clusters < 2:
        raise Degenerate(reason="few_clusters", detail=f"{clusters} clusters, needs 2")
    xx, xy = sums.xx[used], sums.xy[used]
    basis, outside, scale = _orthonormal(xx.sum(axis=0))
    rank = basis.shape[1]
    if n <= rank:
        raise Degenerate(reason="too_few", detail=f"{n} rows for {rank} independent columns")
    leverage, seen = basis.T @ xx @ basis, xy @ basis
    fitted = leverage @ seen.sum(axis=0)
    scores = seen - fitted
    size = np.linalg.norm(seen, axis=1) + np.linalg.norm(fitted, axis=1)
    scores[np.linalg.norm(scores, axis=1) <= ROUNDING * size] = 0.0
    return ClusterFit(
        beta=basis @ seen.sum(axis=0),
        rank=rank,
        n=n,
        clusters=clusters,
        basis=basis,
        scores=scores,
        leverage=leverage,
        outside=outside,
        column_scale=scale,
    )


def least_clusters(df: float, *, within: bool) -> int:
    """How many clusters of like size a comparison of two arms needs for so many degrees of freedom.

    Args:
        df: Satterthwaite degrees of freedom of CR2, at most 200.
        within: every cluster holds both arms; else each cluster is in one, half in each.

    Returns:
        Clusters of both arms together.

    Raises:
        ValueError: `df` is above 200.

    Example:
        >>> least_clusters(4, within=True), least_clusters(4, within=False)
        (5, 6)

    """
    for clusters in range(2, 203) if within else range(4, 204, 2):
        label = np.repeat(np.arange(clusters), 2)
        arm = np.tile([0.0, 1.0], clusters) if within else (label % 2).astype(np.float64)
        x = np.column_stack([np.ones(arm.size), arm])
        reached = fit(ClusterSums.from_rows(x, np.zeros(arm.size), label)).degrees(np.array([0.0, 1.0]))
        if reached >= df * (1 - ROUNDING):
            return clusters
    msg = f"{df} degrees of freedom: no table of clusters is that long"
    raise ValueError(msg)


def _orthonormal(xx: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Basis M with M'xxM = I, projector on the null space, and the scale of contrasts."""
    size = np.sqrt(np.diag(xx))
    scale = np.where(size > 0, 1 / np.where(size > 0, size, 1.0), 1.0)
    values, vectors = np.linalg.eigh(xx * np.outer(scale, scale))
    kept = values > RANK_TOLERANCE * values.max(initial=0.0)
    if not kept.any():
        raise Degenerate(reason="singular", detail="every column of the design is zero")
    inside = vectors[:, kept]
    basis = scale[:, None] * inside / np.sqrt(values[kept])
    return basis, np.eye(size.size) - inside @ inside.T, scale


def _factor(kind: Kind, of: ClusterFit) -> float:
    groups = of.clusters
    if kind == "CR1":
        return groups / (groups - 1) * (of.n - 1) / (of.n - of.rank)
    return (groups - 1) / groups if kind == "CR3" else 1.0


def _satterthwaite(p: FloatArray, leverage: FloatArray, unadjusted: float) -> float:
    """(tr Omega)^2 / tr Omega^2 with Omega = diag(a) - WW', never formed (G x G)."""
    w = np.einsum("gij,gj->gi", leverage, p)
    a = np.einsum("gi,gi->g", p, w)
    size = np.einsum("gi,gi->g", w, w)
    trace = float(a.sum() - size.sum())
    trace_of_square = float((a * a - 2 * a * size).sum() + ((w.T @ w) ** 2).sum())
    if trace <= ROUNDING * unadjusted:
        raise Degenerate(reason="zero_variance", detail="fixed effects absorb every cluster")
    return trace * trace / trace_of_square
