"""Who causes the peak: the Shapley value of a shared capacity that is sized by its busiest moment.

What a group of users needs is v(S) = max over time of the sum of their demands. A user's value is what it
adds to that, averaged over all orders in which the users could have come ("A value for n-person games",
Shapley, 1953). Values add up to the peak of all, exactly, in every order and so in every sample of orders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import FloatArray

# All groups of ten users are a thousand; beyond that, orders are drawn.
MOST_EXACT = 10
PERMUTATIONS = 2000
SEED = 7


@dataclass(frozen=True, slots=True)
class PeakShares:
    """Values by user, in the order of the demands.

    Attributes:
        values: in the unit of the demand; they add up to `peak`.
        standard_errors: how far a value may be off because orders were drawn; zero where all were counted.
        peak: the largest demand of all together.
        permutations: how many orders were drawn; 0 where all were counted.
    """

    values: FloatArray
    standard_errors: FloatArray
    peak: float
    permutations: int = 0


def share_peak(demand: npt.ArrayLike, permutations: int = PERMUTATIONS, seed: int = SEED) -> PeakShares:
    """The Shapley values of a peak: counted for few users, sampled for many.

    Args:
        demand: users by moments, not negative; all at the same moments.
        permutations: how many orders are drawn.
        seed: what they are drawn by.

    >>> share_peak([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]).values.tolist()
    [0.5, 0.5, 1.0]
    """
    table = np.atleast_2d(np.asarray(demand, dtype=float))
    if len(table) <= MOST_EXACT:
        values = counted_peak(table)
        return PeakShares(values, np.zeros(len(table)), _peak(table))
    return sampled_peak(table, permutations, seed)


def counted_peak(demand: npt.ArrayLike) -> FloatArray:
    """The values by all groups of users: 2 to the number of users of them."""
    table = np.atleast_2d(np.asarray(demand, dtype=float))
    users = len(table)
    together = np.zeros((1, table.shape[1]))
    for row in table:
        together = np.concatenate([together, together + row])
    # The groups of the first k users come before those with the next one, so a group's number is its members.
    worth = together.max(axis=1, initial=0.0)
    group = np.arange(2**users)
    size = np.array([n.bit_count() for n in group.tolist()])
    weight = np.array([1.0 / (users * math.comb(users - 1, k)) for k in range(users)])
    values = np.zeros(users)
    for user in range(users):
        without = group[(group >> user) & 1 == 0]
        values[user] = weight[size[without]] @ (worth[without | (1 << user)] - worth[without])
    return values


def sampled_peak(demand: npt.ArrayLike, permutations: int = PERMUTATIONS, seed: int = SEED) -> PeakShares:
    """The values over orders drawn by a seed, with their standard errors."""
    table = np.atleast_2d(np.asarray(demand, dtype=float))
    draw = np.random.default_rng(seed)
    added = np.empty((permutations, len(table)))
    for at in range(permutations):
        order = draw.permutation(len(table))
        worth = np.cumsum(table[order], axis=0).max(axis=1, initial=0.0)
        added[at, order] = np.diff(worth, prepend=0.0)
    errors = added.std(axis=0, ddof=1) / math.sqrt(permutations)
    return PeakShares(added.mean(axis=0), errors, _peak(table), permutations)


def _peak(table: FloatArray) -> float:
    return float(table.sum(axis=0).max(initial=0.0))
