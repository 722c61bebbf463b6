"""Randomisation test of whole clusters, from cluster sums: no model, one sharp null."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Degenerate, FloatArray

EXACT = 20_000
"""Assignments up to which every one is gone through."""

DRAWS = 9_999
"""Assignments drawn where there are more; one more makes the p-value's denominator round."""

SEED = 19_351_130
"""Default seed of those draws."""

BLOCK = 1 << 20
"""Labels (assignments x clusters) held at once: 8 MB of doubles."""

TIE = 1e-9
"""Effects this close to the observed one, relatively, are ties: equal sums in another order."""

ABSORBED = 1e-10
"""Share of an arm's units that must remain when the other columns are taken out."""


@dataclass(frozen=True, slots=True)
class Permuted:
    """What re-drawing the assignment says of one treated arm against control.

    Args:
        p: two-sided p-value of the sharp null, that the arm changes no outcome of any unit.
        draws: assignments gone through.
        exact: whether these are all there are.
        clusters: clusters of this arm and of control together.

    """

    p: float
    draws: int
    exact: bool
    clusters: int


def permutation_test(
    sums: ClusterSums, arm: int, others: Sequence[int] = (), seed: int = SEED
) -> Permuted | None:
    """Assign whole clusters anew and count how often the effect comes out as large.

    Valid at any number of clusters and for any outcome, because the assignment was
    the only thing random (Fisher 1935); the statistic is the regression's own
    coefficient, adjusted for every other column. Clusters of further arms keep
    theirs. The assignment is taken to be a complete randomisation of the clusters.

    Args:
        sums: cross-products per cluster; column 0 is the constant.
        arm: column that is 1 in clusters of the treated arm, 0 elsewhere.
        others: columns of further arms.
        seed: start of the draws; without effect where all assignments are gone through.

    Returns:
        The p-value and what it rests on; None where units inside clusters were
        assigned, since sums of clusters do not tell who could have been swapped.

    Raises:
        Degenerate: `few_clusters` when either side has no cluster, `singular` when the
            other columns absorb the arm.

    Example:
        >>> x = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])
        >>> sums = ClusterSums.from_rows(x, np.array([1.0, 2, 3, 7, 8, 9]), np.arange(6))
        >>> permutation_test(sums, 1)
        Permuted(p=0.1, draws=20, exact=True, clusters=6)

    """
    sums = _with_rows(sums)
    inside, outside = (_constant(sums, j) for j in ([arm], others))
    if inside is None or outside is None:
        return None
    eligible = np.flatnonzero(inside | ~outside)
    treated = int(inside.sum())
    if not 0 < treated < eligible.size:
        detail = f"{treated} clusters in the arm, {eligible.size - treated} in control"
        raise Degenerate(reason="few_clusters", detail=detail)
    left, read = _taken_out(sums, arm)
    effect = _Effects(left[eligible], sums.n[eligible], read[eligible])
    seen = effect.of(inside[eligible].astype(np.float64)[None, :])[0]
    if math.isinf(seen):
        raise Degenerate(reason="singular", detail="the other columns absorb the arm")
    total = math.comb(eligible.size, treated)
    exact = total <= EXACT
    draws = _every(eligible.size, treated) if exact else _drawn(eligible.size, treated, seed)
    beyond = sum(int((effect.of(z) >= seen * (1 - TIE)).sum()) for z in draws)
    if exact:
        return Permuted(beyond / total, total, exact=True, clusters=eligible.size)
    return Permuted((1 + beyond) / (1 + DRAWS), DRAWS, exact=False, clusters=eligible.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Effects:
    """The coefficient of any assignment: sum of residuals over the arm's remaining sum of squares."""

    residual: FloatArray
    n: FloatArray
    read: FloatArray

    def of(self, z: FloatArray) -> FloatArray:
        """Its size per row of `z`; infinite, so never below the observed one, where it does not exist."""
        units = z @ self.n
        explained = z @ self.read
        spare = units - np.einsum("bk,bk->b", explained, explained)
        there = spare > ABSORBED * units
        size = np.abs(z @ self.residual) / np.where(there, spare, 1.0)
        return np.where(there, size, np.inf)


def _with_rows(sums: ClusterSums) -> ClusterSums:
    used = sums.n > 0
    return ClusterSums(sums.n[used], sums.xx[used], sums.xy[used], sums.yy[used])


def _constant(sums: ClusterSums, columns: Sequence[int]) -> npt.NDArray[np.bool_] | None:
    """Which clusters have one of these indicators on; None when one is on for a part of a cluster."""
    on = np.zeros(sums.n.shape, dtype=np.bool_)
    for j in columns:
        units = sums.xx[:, j, j]
        if not ((units == 0) | (units == sums.n)).all():
            return None
        on |= units > 0
    return on


def _taken_out(sums: ClusterSums, arm: int) -> tuple[FloatArray, FloatArray]:
    """Without the arm: residual sum per cluster, and its reading (G, rank) of the other columns."""
    rest = np.delete(np.arange(sums.xy.shape[1]), arm)
    fitted = fit(ClusterSums(sums.n, sums.xx[:, rest][:, :, rest], sums.xy[:, rest], sums.yy))
    units = sums.xx[:, 0, rest]
    return sums.xy[:, 0] - units @ fitted.beta, units @ fitted.basis


def _every(clusters: int, treated: int) -> Iterator[FloatArray]:
    chosen = combinations(range(clusters), treated)
    step = max(1, BLOCK // clusters)
    while block := list(islice(chosen, step)):
        yield _labels(np.array(block), clusters)


def _drawn(clusters: int, treated: int, seed: int) -> Iterator[FloatArray]:
    rng = np.random.default_rng(seed)
    step = max(1, BLOCK // clusters)
    for start in range(0, DRAWS, step):
        order = rng.random((min(step, DRAWS - start), clusters)).argpartition(treated - 1, axis=1)
        yield _labels(order[:, :treated], clusters)


def _labels(chosen: npt.NDArray[np.int64], clusters: int) -> FloatArray:
    z = np.zeros((len(chosen), clusters))
    np.put_along_axis(z, chosen, 1.0, axis=1)
    return z
