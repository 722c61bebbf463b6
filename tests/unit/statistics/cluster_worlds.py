"""Worlds of clusters in which nothing works: how often an interval holds nought, or a look is fooled."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import FloatArray
from headway.statistics.sequential import log_e_two_sided, r_star
from headway.statistics.wild_bootstrap import wild_bootstrap

Assigned = Literal["within", "between"]
LOOKS = 8
LEAST_DF = 4.0
ICC = 0.1


@dataclass(frozen=True)
class World:
    """Rows of clusters: constant, arm and (where unequal) a covariate; outcome; cluster; look of arrival."""

    x: FloatArray
    y: FloatArray
    cluster: np.typing.NDArray[np.int64]
    look: np.typing.NDArray[np.int64]

    @property
    def arm(self) -> FloatArray:
        """The contrast that picks the arm."""
        return np.asarray(np.arange(self.x.shape[1]) == 1, dtype=np.float64)


def world(clusters: int, assigned: Assigned, rng: np.random.Generator, *, equal: bool = False) -> World:
    """Cluster effects are lognormal; nothing works.

    Ten to fifty rows a cluster and a covariate that differs between clusters; or 30 rows each and none.
    Where units are assigned inside clusters, the slopes of the arm differ between clusters and are drawn
    around 0; where whole clusters are (half of them, by lot), the arm has no slope at all.
    """
    sizes = np.full(clusters, 30) if equal else rng.integers(10, 51, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    level = rng.lognormal(sigma=1.0, size=clusters) * 0.5
    if assigned == "within":
        arm = rng.integers(0, 2, cluster.size)
        slope = rng.normal(scale=0.4, size=clusters)
    else:
        arm = (rng.permutation(clusters) < clusters // 2).astype(np.int64)[cluster]
        slope = np.zeros(clusters)
    covariate = rng.normal(size=cluster.size) + 0.5 * rng.normal(size=clusters)[cluster]
    y = level[cluster] + slope[cluster] * arm + 0.5 * covariate + rng.normal(size=cluster.size)
    columns = [np.ones(cluster.size), arm] if equal else [np.ones(cluster.size), arm, covariate]
    x = np.column_stack(columns).astype(np.float64)
    return World(x, y, cluster, rng.integers(0, LOOKS, cluster.size))


@dataclass(frozen=True)
class Coverage:
    """Shares of intervals that hold the truth, at 95 %: CR2's of all, and of those shown (df 4 or more)."""

    runs: int
    refused: float
    shown: float
    cr2: float
    cr1: float
    bootstrap: float

    def line(self, clusters: int, assigned: Assigned) -> str:
        """One row of the printed table."""
        return (
            f"{clusters:>3} {assigned:<8} CR2 {self.cr2:6.1%}, of those shown {self.shown:6.1%} "
            f"(refused {self.refused:6.1%}), CR1 {self.cr1:6.1%}, bootstrap {self.bootstrap:6.1%}"
        )


def coverage(clusters: int, assigned: Assigned, runs: int, seed: int, *, equal: bool = False) -> Coverage:
    """How often CR2 with Satterthwaite df, CR1 with G - 1 and the wild bootstrap hold the truth, 0."""
    rng = np.random.default_rng(seed)
    seen: Counter[str] = Counter()
    for _ in range(runs):
        w = world(clusters, assigned, rng, equal=equal)
        fitted = fit(ClusterSums.from_rows(w.x, w.y, w.cluster))
        best = fitted.contrast(w.arm)
        shown = best.df >= LEAST_DF * (1 - 1e-9)
        seen["shown"] += shown
        seen["cr2"] += best.p_value() >= 0.05
        seen["held"] += shown and best.p_value() >= 0.05
        seen["cr1"] += fitted.contrast(w.arm, "CR1").p_value() >= 0.05
        seen["bootstrap"] += wild_bootstrap(fitted, w.arm).p >= 0.05
    return Coverage(
        runs,
        refused=1 - seen["shown"] / runs,
        shown=seen["held"] / max(1, seen["shown"]),
        cr2=seen["cr2"] / runs,
        cr1=seen["cr1"] / runs,
        bootstrap=seen["bootstrap"] / runs,
    )


def crossed(clusters: int, assigned: Assigned, runs: int, seed: int) -> tuple[float, float]:
    """Share of worlds whose e-value reaches 20 at any of eight looks; the same for |z| > 1.96 by CR1."""
    rng = np.random.default_rng(seed)
    seen = np.zeros(2)
    for _ in range(runs):
        w = world(clusters, assigned, rng)
        planned = _information(np.bincount(w.cluster, minlength=clusters))
        anytime = peeked = False
        for look in range(LOOKS):
            here = w.look <= look
            fitted = fit(ClusterSums.from_rows(w.x[here], w.y[here], w.cluster[here]))
            best, usual = (fitted.contrast(w.arm, kind) for kind in ("CR2", "CR1"))
            f = _information(np.bincount(w.cluster[here], minlength=clusters)) / planned
            log_e = log_e_two_sided(best.theta / best.se, best.df, r_star(0.05) * f)
            anytime |= best.df >= LEAST_DF and log_e >= math.log(20)
            peeked |= abs(usual.theta / usual.se) > 1.96
        seen += anytime, peeked
    return float(seen[0]) / runs, float(seen[1]) / runs


def _information(sizes: np.typing.NDArray[np.int64]) -> float:
    """Effective units: a cluster of m counts m / (1 + (m - 1) icc)."""
    return float((sizes / (1 + np.maximum(sizes - 1, 0) * ICC)).sum())
