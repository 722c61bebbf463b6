"""Intervals for one treated group from shifting its errors in time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from headway.statistics.contrast import FloatArray
from headway.statistics.simplex import nearest_shares
from headway.statistics.synthetic import PERFECT, OneTreated

NEAR, FAR = 81, 40
"""Hypotheses tried near the estimate, and further out on each side."""

HALVINGS = 30
"""Steps that place an end between an accepted and a rejected hypothesis."""


def conformal_p(panel: OneTreated, effect: float) -> float:
    """P-value of a constant effect, by cyclic shifts of the errors in time.

    Chernozhukov, Wuthrich, Zhu (JASA 2021): take the effect off the treated periods,
    fit the mixture on **all** periods (so that the errors are exchangeable under the
    hypothesis), and count the shifts whose mean absolute error over the treated
    periods is at least as large.

    Args:
        panel: one treated group and its donors.
        effect: the hypothesis, in the outcome's unit.

    Returns:
        Share of the T shifts; never below 1/T.

    Example:
        >>> donors = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 5.0], [2.0, 4.0]])
        >>> panel = OneTreated(np.array([2.0, 2.0, 4.0, 9.0]), donors, 3)
        >>> conformal_p(panel, 6.0), conformal_p(panel, 0.0)
        (1.0, 0.25)

    """
    periods = panel.treated.size
    after = np.arange(periods) >= panel.starts
    free = panel.treated - effect * after
    shares = nearest_shares(panel.donors, free)
    error = np.abs(free - panel.donors @ shares.weights)
    seen = float(error[after].sum())
    doubled = np.concatenate([error, error])
    sums = np.convolve(doubled, np.ones(int(after.sum())), mode="valid")[:periods]
    # Equal sums differ in the last digits: a shift that ties must count.
    slack = PERFECT * (panel.range + abs(effect))
    return float((sums >= seen - slack).sum()) / periods


def conformal_interval(panel: OneTreated, centre: float, level: float) -> tuple[float, float] | None:
    """All constant effects that the shifts do not reject, and the estimate, from the least to the greatest.

    Beyond 2 T1 times the panel's range every hypothesis gets p = 1/T, so a search
    within that distance misses nothing outside it.

    Args:
        panel: one treated group and its donors.
        centre: the estimate, where the search starts.
        level: coverage, between 0 and 1.

    Returns:
        Low and high end, in the outcome's unit; infinite when 1/T is above
        1 - level, since then no effect can be rejected; None when all are, since the
        effect is then not constant.

    Raises:
        ValueError: `level` is not between 0 and 1.

    Example:
        >>> donors = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 5.0], [2.0, 4.0]])
        >>> panel = OneTreated(np.array([2.0, 2.0, 4.0, 9.0]), donors, 3)
        >>> conformal_interval(panel, 6.0, 0.95)
        (-inf, inf)

    """
    if not 0 < level < 1:
        msg = f"level {level} is not between 0 and 1"
        raise ValueError(msg)
    alpha, periods = 1 - level, panel.treated.size
    if 1 / periods > alpha + PERFECT:
        return -math.inf, math.inf

    def stands(effect: float) -> bool:
        return conformal_p(panel, effect) > alpha + PERFECT

    limit = 2 * (periods - panel.starts) * panel.range + abs(centre)
    near = centre + np.linspace(-1.0, 1.0, NEAR) * panel.range / 2
    out = np.geomspace(panel.range / 2, limit, FAR)[1:]
    tried: FloatArray = np.concatenate([(centre - out)[::-1], near, centre + out])
    kept = [i for i, effect in enumerate(tried) if stands(float(effect))]
    if not kept:
        return None
    low, high = kept[0], kept[-1]
    return (
        min(centre, _edge(stands, float(tried[low]), float(tried[max(low - 1, 0)]))),
        max(centre, _edge(stands, float(tried[high]), float(tried[min(high + 1, tried.size - 1)]))),
    )


def _edge(stands: Callable[[float], bool], inside: float, outside: float) -> float:
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if stands(middle) else (inside, middle)
    return inside
