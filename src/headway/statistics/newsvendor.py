"""How much of a thing whose use varies to buy ahead at a discount."""

from __future__ import annotations

import numpy as np

from headway.statistics.contrast import FloatArray

# A share such as 0.28 of 25 steps is 7 of them, whatever its last binary digit says.
_EXACT = 1e-9


def best_level(demand: FloatArray, discount: float) -> float:
    """The level that costs least: the smallest c with F(c) ≥ d, F being how demand is spread.

    A unit committed costs 1 - d in every step, and saves 1 in the steps in which it is used: it pays as long
    as it is used in more than 1 - d of them (newsvendor: Arrow, Harris, Marschak, "Optimal inventory policy",
    Econometrica 19, 1951).

    Args:
        demand: in every step, at least one.
        discount: share off the price on demand, between 0 and 1.

    Returns:
        A level among the demands seen.

    Example:
        >>> best_level(np.array([1.0, 2.0, 3.0, 4.0]), 0.5)
        2.0

    """
    steps = len(demand)
    at = min(steps - 1, max(0, int(np.ceil(discount * steps - _EXACT)) - 1))
    return float(np.partition(demand, at)[at])


def saving(level: float, demand: FloatArray, discount: float) -> float:
    """The share of what demand costs without a commitment that one saves; negative where it costs more.

    cost(c) = (1 - d)·c·T + Σ max(D - c, 0), in prices on demand.

    >>> round(saving(2.0, np.array([1.0, 2.0, 3.0, 4.0]), 0.5), 6)
    0.3
    """
    whole = float(demand.sum())
    if not whole:
        return 0.0 if not level else -np.inf
    cost = (1 - discount) * level * len(demand) + float(np.maximum(demand - level, 0.0).sum())
    return 1 - cost / whole


def used_share(level: float, demand: FloatArray) -> float:
    """The share of a commitment that is used; 1 where nothing is committed."""
    return float(np.minimum(demand, level).mean() / level) if level else 1.0


def covered_share(level: float, demand: FloatArray) -> float:
    """The share of demand that a commitment covers."""
    whole = float(demand.sum())
    return float(np.minimum(demand, level).sum()) / whole if whole else 0.0
