"""Difference in differences for one treated group: plain, and with weights on donors and periods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.simplex import nearest_shares
from headway.statistics.synthetic import PERFECT, OneTreated

Estimator = Callable[[FloatArray, FloatArray, int], float]


def synthetic_did(panel: OneTreated) -> Contrast:
    """Synthetic difference in differences (Arkhangelsky and others, AER 2021).

    Donors are weighted so that they move alongside the treated group before
    treatment (an intercept takes up the level; a ridge zeta^2 T0 spreads the shares,
    zeta = T1^(1/4) times the standard deviation of the donors' changes), and periods
    so that the donors' past imitates their later mean.

    Args:
        panel: one treated group and its donors.

    Returns:
        The effect in the outcome's unit, the placebo standard error (each donor
        treated in turn), and infinite df: the paper's interval is the normal one.

    Raises:
        Degenerate: `zero_variance` when all placebo effects are equal.

    Example:
        >>> donors = np.array([[1.0, 3.0, 2.0], [2.0, 2.0, 4.0], [3.0, 5.0, 3.0]])
        >>> found = synthetic_did(OneTreated(np.array([2.0, 2.0, 9.0]), donors, 2))
        >>> round(found.theta, 4), round(found.se, 4)
        (5.2698, 0.6356)

    """
    return _with_placebos(panel, _weighted, "synthetic difference in differences")


def difference_in_differences(panel: OneTreated) -> Contrast:
    """Change of the treated group's mean less that of the donors' mean, every weight equal.

    Args:
        panel: one treated group and its donors.

    Returns:
        The effect in the outcome's unit with its placebo standard error.

    Raises:
        Degenerate: `zero_variance` when all placebo effects are equal.

    Example:
        >>> donors = np.array([[1.0, 3.0, 2.0], [2.0, 2.0, 4.0], [3.0, 5.0, 3.0]])
        >>> round(difference_in_differences(OneTreated(np.array([2.0, 2.0, 9.0]), donors, 2)).theta, 4)
        5.6667

    """
    return _with_placebos(panel, _plain, "difference in differences")


def _with_placebos(panel: OneTreated, estimate: Estimator, method: str) -> Contrast:
    donors = panel.donors.shape[1]
    drawn = [estimate(*panel.placebo(d), panel.starts) for d in range(donors)]
    spread = float(np.std(drawn))
    return Contrast(
        theta=estimate(panel.treated, panel.donors, panel.starts),
        se=spread if spread > PERFECT * panel.range else 0.0,
        df=np.inf,
        n=panel.donors.size + panel.treated.size,
        method=method,
    )


def _plain(treated: FloatArray, donors: FloatArray, starts: int) -> float:
    difference = treated - donors.mean(axis=1)
    return float(difference[starts:].mean() - difference[:starts].mean())


def _weighted(treated: FloatArray, donors: FloatArray, starts: int) -> float:
    before, after = donors[:starts], donors[starts:]
    changes = np.diff(before, axis=0)
    if changes.size < 2:
        raise Degenerate("too_few", f"{changes.size} changes before treatment")
    zeta = (treated.size - starts) ** 0.25 * float(changes.std(ddof=1))
    level = nearest_shares(
        before - before.mean(axis=0), treated[:starts] - treated[:starts].mean(), zeta**2 * starts
    )
    later = after.mean(axis=0)
    when = nearest_shares((before - before.mean(axis=1, keepdims=True)).T, later - later.mean())
    by_period = treated - donors @ level.weights
    return float(by_period[starts:].mean() - when.weights @ by_period[:starts])
