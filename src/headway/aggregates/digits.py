"""How many digits a sum of squares still holds: what tells a better shift, or that there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from headway.aggregates.request import count, sum_of
from headway.aggregates.sums import Sums
from headway.statistics.means import LOST_DIGITS, ROUNDING, lost_digits

# A double resolves a value to 2.2e-16 of itself; a standard deviation below ten thousand times that has
# lost all but four digits before anybody could subtract anything.
_COARSE = 1e4 * np.finfo(float).eps


# The shift of sums that are kept was chosen for other rows. Past a hundred standard deviations from it the
# variance of all rows is no longer good to 1e-10.
STALE = 1e4


def far_off(sums: Sums, most: float = LOST_DIGITS) -> dict[str, float]:
    """Better shifts for the columns whose squares swallowed their digits; `most` as in `lost_digits`."""
    better: dict[str, float] = {}
    for column, (n, first, second) in _moments(sums).items():
        old = sums.shift.get(column, 0.0)
        # Within rounding of the old shift there is no better one: the column is constant.
        if lost_digits(n, first, second, most) and abs(first / n) > ROUNDING * abs(old):
            better[column] = old + first / n
    return better


def coarse(sums: Sums, types: Mapping[str, str]) -> frozenset[str]:
    """Columns of doubles whose values carry fewer than four digits of their own variance."""
    found = set()
    for column, (n, first, second) in _moments(sums).items():
        spread = second - first * first / n
        varies = spread > ROUNDING * second
        step = _COARSE * abs(sums.shift.get(column, 0.0))
        if varies and types[column].startswith("float") and spread < n * step * step:
            found.add(column)
    return frozenset(found)


def _moments(sums: Sums) -> dict[str, tuple[int, float, float]]:
    """Count, sum and sum of squares of each column over all groups, where they were asked for."""
    found: dict[str, tuple[int, float, float]] = {}
    for term, squares in sums.values.items():
        if term.kind != "sum" or term.factors != 2 * term.factors[:1]:
            continue
        factor = term.factors[0]
        first = sums.values.get(sum_of(factor, complete=term.complete))
        rows = sums.values.get(count(*term.complete) if term.complete else count(factor.column))
        if factor.missing == "flag" or first is None or rows is None or not rows.sum():
            continue
        found[factor.column] = int(rows.sum()), math.fsum(first), math.fsum(squares)
    return found
