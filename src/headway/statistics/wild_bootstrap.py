"""Wild cluster bootstrap with the null imposed, from cluster sums: what CR2 is held against."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.statistics.clusters import ClusterFit
from headway.statistics.contrast import Degenerate, FloatArray

Weights = Literal["all signs", "signs", "six points"]
"""Every vector of signs, drawn signs (Rademacher), or Webb's six-point weights."""

FEW = 12
"""Clusters below which signs give too few different draws and six-point weights are taken."""

ENUMERATED = 16
"""Most clusters for which every vector of signs is gone through."""

DRAWS = 9_999
"""Draws where not every vector is gone through; one more makes the p-value's denominator round."""

SEED = 20_080_801
"""Default seed of those draws."""

BLOCK = 1 << 20
"""Weights (draws x clusters) held at once: 8 MB of doubles."""

TIE = 1e-9
"""Draws this close to the observed t, relatively, are ties: all signs alike repeat it but for rounding."""

SIX_POINTS = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """What the bootstrap says of one contrast.

    Args:
        t: the contrast over its unadjusted (CR0) standard error, the statistic that is redrawn.
        p: two-sided p-value of the null.
        draws: weight vectors gone through.
        weights: how they were chosen.

    """

    t: float
    p: float
    draws: int
    weights: Weights


def wild_bootstrap(fitted: ClusterFit, c: FloatArray, null: float = 0.0, seed: int = SEED) -> Bootstrapped:
    """Bootstrap p-value of `c'beta = null`, never touching a row.

    Cameron, Gelbach, Miller, "Bootstrap-Based Improvements for Inference with
    Clustered Errors" (REStat 2008), residuals of the restricted fit. Signs where
    there are 12 clusters or more, all 2^G of them to 16 clusters, so that the
    answer is exact; below 12 the six-point weights of Webb (2023).

    The p-value stands beside the CR2 interval and does not decide.

    Args:
        fitted: the regression, from cluster sums.
        c: (k,) weights of the coefficients, as for `ClusterFit.contrast`.
        null: the hypothesised value of c'beta, same unit.
        seed: start of the drawn weights; without effect where all are gone through.

    Returns:
        t of the data, p-value, and how many draws of which weights it rests on.

    Raises:
        Degenerate: `singular` when the data do not identify c'beta,
            `zero_variance` when the residuals vanish.

    Example:
        >>> from headway.statistics.clusters import ClusterSums, fit
        >>> x = np.column_stack([np.ones(24), np.tile([0.0, 1.0], 12)])
        >>> y = np.tile([1.0, 2, 2, 4, 1, 3, 3, 3], 3) + np.arange(24.0) % 5
        >>> fitted = fit(ClusterSums.from_rows(x, y, np.repeat(np.arange(12), 2)))
        >>> found = wild_bootstrap(fitted, np.array([0.0, 1.0]))
        >>> found.draws, found.weights, round(found.p, 4)
        (4096, 'all signs', 0.0713)

    """
    d = fitted.direction(c)
    k = (float(c @ fitted.beta) - null) / float(d @ d)
    pull = np.einsum("gij,j->gi", fitted.leverage, d)
    # Restricted scores u and their reading a = d'u: a draw's estimate is then w'a and its residual scores
    # w_g a_g - (d'L_g)(U'w), so that no draw ever sees more than G and rank numbers.
    u = fitted.scores + k * pull
    a = u @ d
    error = math.sqrt(float(((fitted.scores @ d) ** 2).sum()))
    if error <= 0:
        raise Degenerate(reason="zero_variance", detail="the residuals of every cluster vanish")
    t = k * float(d @ d) / error
    draws, weights = _plan(a.size)
    beyond = 0
    for w in _weights(a.size, weights, draws, seed):
        residual = w * a - (w @ u) @ pull.T
        size = np.sqrt(np.einsum("bg,bg->b", residual, residual))
        beyond += int((np.abs(w @ a) >= abs(t) * size * (1 - TIE)).sum())
    if weights == "all signs":
        # One half is gone through: turning every sign turns t alone.
        return Bootstrapped(t, 2 * beyond / draws, draws, weights)
    return Bootstrapped(t, (1 + beyond) / (1 + draws), draws, weights)


def _plan(clusters: int) -> tuple[int, Weights]:
    if clusters < FEW:
        return DRAWS, "six points"
    return (2**clusters, "all signs") if clusters <= ENUMERATED else (DRAWS, "signs")


def _weights(clusters: int, kind: Weights, draws: int, seed: int) -> Iterator[FloatArray]:
    """Blocks (draws, clusters) of weights."""
    rng = np.random.default_rng(seed)
    total = draws // 2 if kind == "all signs" else draws
    step = max(1, BLOCK // clusters)
    for start in range(0, total, step):
        count = min(step, total - start)
        if kind == "six points":
            yield SIX_POINTS[rng.integers(0, 6, size=(count, clusters))]
        elif kind == "signs":
            yield np.where(rng.integers(0, 2, size=(count, clusters), dtype=np.int8), 1.0, -1.0)
        else:
            bits = np.arange(start, start + count)[:, None] >> np.arange(clusters)
            yield np.where(bits & 1, -1.0, 1.0)
