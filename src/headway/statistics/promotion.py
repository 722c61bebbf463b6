"""Which of many initiatives may be promoted under one error budget: online e-BH by count and by money."""

from __future__ import annotations

import math
from collections.abc import Sequence

FLOOR = 20.0
"""An e-value below this is taken as 0 where money is counted: a small one must not ride on a large sum."""

SLACK = 1e-12
"""Rounding allowed where weights or costs are compared with what they may add up to."""


def accepted_by_count(log_e: Sequence[float], weights: Sequence[float], share: float) -> tuple[bool, ...]:
    """Promotions of which at most `share` are expected to be false, whatever the dependence.

    Online e-BH (Fischer, Xu, Ramdas, arXiv 2407.20683): k* is the largest k for which at least k rows have
    weight * E >= 1 / (k share); those rows are accepted. A row once accepted stays so when others come.

    Args:
        log_e: natural log of each e-value, `-math.inf` for one that does not count yet.
        weights: each row's part of the budget, fixed beforehand; together at most 1.
        share: expected share of false promotions, between 0 and 1.

    Returns:
        Whether each row is accepted, in the order given.

    Raises:
        ValueError: lengths differ, a weight is negative or they exceed 1, an e-value is NaN, or `share` is
            not between 0 and 1.

    Example:
        >>> from math import log
        >>> sum(accepted_by_count([log(e) for e in (150, 60, 45, 30, 12, 3)], [0.1] * 6, 0.1))
        4

    """
    _check(log_e, weights, share)
    if sum(weights) > 1 + SLACK:
        msg = f"weights add up to {sum(weights)}, more than 1"
        raise ValueError(msg)
    scores = [e + math.log(w) if w > 0 else -math.inf for e, w in zip(log_e, weights, strict=True)]
    ordered = sorted(scores, reverse=True)
    bar = math.inf
    for k, score in enumerate(ordered, start=1):
        if score >= -math.log(k * share):
            bar = -math.log(k * share)
    return tuple(score >= bar for score in scores)


def accepted_by_money(
    log_e: Sequence[float], costs: Sequence[float], envelope: float, share: float, floor: float = FLOOR
) -> tuple[bool, ...]:
    """Promotions such that at most `share` of the promoted money is expected to go to what does not work.

    The largest set of rows with the highest e-values whose smallest E is at least envelope / (share * its
    cost). The floor is applied first, so that the guarantee stands; the proof is in
    docs/why/promotion-budget.md.

    Args:
        log_e: natural log of each e-value, `-math.inf` for one that does not count yet.
        costs: what each row asks for, fixed at registration, in the currency of `envelope`, >= 0.
        envelope: the money of the year, above zero and no less than all costs together.
        share: expected share of money on false promotions, between 0 and 1.
        floor: an e-value below it counts as 0.

    Returns:
        Whether each row is accepted, in the order given.

    Raises:
        ValueError: lengths differ, a cost is negative or they exceed the envelope, an e-value is NaN, or
            `share` is not between 0 and 1.

    Example:
        >>> from math import log
        >>> e = [log(e) for e in (150, 60, 45, 30, 12)]
        >>> accepted_by_money(e, [2, 3, 20, 5, 60], 100, 0.1)
        (True, True, True, False, False)

    """
    _check(log_e, costs, share)
    if not 0 < envelope < math.inf or sum(costs) > envelope * (1 + SLACK):
        msg = f"costs add up to {sum(costs)}, the envelope is {envelope}"
        raise ValueError(msg)
    least = math.log(floor) if floor > 0 else -math.inf
    bar, taken = math.inf, 0.0
    for e, cost in sorted(zip(log_e, costs, strict=True), reverse=True):
        taken += cost
        if e >= least and taken > 0 and e >= math.log(envelope) - math.log(share) - math.log(taken):
            bar = e
    return tuple(e >= bar for e in log_e)


def _check(log_e: Sequence[float], parts: Sequence[float], share: float) -> None:
    if len(log_e) != len(parts):
        msg = f"{len(log_e)} e-values and {len(parts)} weights or costs"
        raise ValueError(msg)
    if any(math.isnan(e) for e in log_e) or not all(0 <= p < math.inf for p in parts) or not 0 < share < 1:
        msg = f"e-values must be numbers, weights and costs >= 0, and share {share} between 0 and 1"
        raise ValueError(msg)
