"""Rollouts in a random order: Roth and Sant'Anna's efficient estimator from cohort sums (arXiv 2102.01291).

With the order drawn by lot, units that start later are a fair comparison in levels too, not only in changes.
The estimate takes off beta times the difference there was before the start; the beta with the least variance
comes from the data. Beta 0 compares levels, beta 1 is Callaway and Sant'Anna's with controls not treated yet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.panel import LEAST_IN_COHORT, Panel, satterthwaite
from headway.statistics.staggered import Cell


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """One average of a rollout in random order.

    Args:
        level: difference of levels after the start, theta_0.
        gap: the same difference in the last period before the start, X.
        beta: the share of the gap that is taken off.
        theta: level - beta gap, in the outcome's unit.
        se: its standard error (Neyman: never too small on average).
        df: its degrees of freedom, Satterthwaite's over cohorts; with a few units per cohort the normal limit
            would be too sure of itself.
        weights: (K, T) what each cohort's mean in each period counts in `theta`.

    """

    level: float
    gap: float
    beta: float
    theta: float
    se: float
    df: float
    weights: FloatArray

    def contrast(self, units: int) -> Contrast:
        """The primitive that intervals and e-values come from.

        Raises:
            Degenerate: `zero_variance`.
        """
        return Contrast(self.theta, self.se, self.df, units, None, "Roth and Sant'Anna, order drawn by lot")


def comparable(panel: Panel) -> tuple[Cell, ...]:
    """Cells from each start on that somebody not treated yet can be compared with."""
    last = max(panel.starts)
    return tuple(
        Cell(start, period)
        for start in panel.starts
        for period in range(start, min(last, panel.periods))
        if 0 < start < panel.periods
    )


def ordered(panel: Panel, taken: Sequence[Cell] | None = None, beta: float | None = None) -> Ordered:
    """The average effect over cells, weighted by cohort size.

    Args:
        panel: cohort sums; cohorts treated in the first period must be left out before.
        taken: the cells averaged; by default all that can be compared.
        beta: the share of the gap taken off; by default the one with the least variance.

    Returns:
        The estimate with its standard error.

    Raises:
        Degenerate: `too_few` when no cell can be compared or a cohort has one unit.

    Example:
        >>> y = np.array([[1.0, 2.0], [2.0, 4.0], [1.0, 1.5], [2.0, 2.0]])
        >>> found = ordered(Panel.from_rows(y, np.array([1, 1, 2, 2])), beta=1.0)
        >>> found.theta, round(found.se, 6)
        (1.25, 0.559017)

    """
    after, before = _weights(panel, taken, lambda cell: (cell.period, cell.start - 1))
    spread = _spread(panel)
    joint = _bilinear(before, spread, after, panel)
    own = _bilinear(before, spread, before, panel)
    if beta is None:
        beta = joint / own if own > 0 else 0.0
    return _at(panel, spread, after, before, beta)


def anticipation(panel: Panel) -> Ordered | None:
    """What moved in the last period before the start already, which a drawn order rules out unless foreseen.

    Returns:
        The change from the second last to the last period before the start, against those that start later,
        averaged by cohort size; None where no cohort has two periods before its start.

    Raises:
        Degenerate: `too_few` when a cohort has one unit.
    """
    starts = [s for s in panel.starts if 1 < s < panel.periods and s < max(panel.starts)]
    if not starts:
        return None
    placebo = [Cell(start, start - 1) for start in starts]
    after, before = _weights(panel, placebo, lambda cell: (cell.start - 1, cell.start - 2))
    return _at(panel, _spread(panel), after, before, 1.0)


def covariance(panel: Panel, estimates: Sequence[Ordered]) -> FloatArray:
    """(J, J) covariance of several averages of one panel, at the beta each was given."""
    weights = np.array([e.weights for e in estimates])
    carried = np.einsum("jks,kst,k->jkt", weights, _spread(panel), 1 / panel.n)
    return np.asarray(np.einsum("jkt,lkt->jl", carried, weights), dtype=np.float64)


def _weights(
    panel: Panel, taken: Sequence[Cell] | None, columns: Callable[[Cell], tuple[int, int]]
) -> tuple[FloatArray, FloatArray]:
    """Weights of the cohort means after and before the start: the treated less those that start later."""
    chosen = comparable(panel) if taken is None else tuple(taken)
    starts = np.array(panel.starts)
    size = {start: float(panel.n[k]) for k, start in enumerate(panel.starts)}
    total = sum(size[cell.start] for cell in chosen)
    after, before = np.zeros(panel.mean.shape), np.zeros(panel.mean.shape)
    for cell in chosen:
        beside = (starts > cell.period) & (starts != cell.start)
        share = np.where(beside, panel.n, 0.0)
        if not beside.any():
            raise Degenerate("too_few", "a cohort has nobody left to be compared with")
        sides = np.where(starts == cell.start, 1.0, 0.0) - share / share.sum()
        one, other = columns(cell)
        after[:, one] += size[cell.start] / total * sides
        before[:, other] += size[cell.start] / total * sides
    if not chosen:
        raise Degenerate("too_few", "no cohort has units to be compared with after its start")
    return after, before


def _at(panel: Panel, spread: FloatArray, after: FloatArray, before: FloatArray, beta: float) -> Ordered:
    weights = after - beta * before
    level, gap = float((after * panel.mean).sum()), float((before * panel.mean).sum())
    parts = np.clip(np.einsum("ks,kst,kt->k", weights, spread, weights) / panel.n, 0.0, None)
    df = satterthwaite(parts, panel.n)
    return Ordered(level, gap, beta, level - beta * gap, math.sqrt(parts.sum()), df, weights)


def _spread(panel: Panel) -> FloatArray:
    """(K, T, T) covariances with divisor n - 1."""
    small = panel.n < LEAST_IN_COHORT
    if small.any():
        raise Degenerate("too_few", f"{int(small.sum())} cohorts of one unit say nothing of their spread")
    return np.asarray(panel.cov * (panel.n / (panel.n - 1))[:, None, None], dtype=np.float64)


def _bilinear(one: FloatArray, spread: FloatArray, other: FloatArray, panel: Panel) -> float:
    return float(np.einsum("ks,kst,kt,k->", one, spread, other, 1 / panel.n))
