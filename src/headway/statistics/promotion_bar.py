"""How large an e-value must be to be accepted beside those that are there already."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headway.statistics.promotion import FLOOR


@dataclass(frozen=True, slots=True)
class Bar:
    """The least e-value that would be accepted.

    Attributes:
        log_e: its natural log; `math.inf` where none would be.
        beside: how many others are accepted together with it.
    """

    log_e: float
    beside: int


def bar_by_count(log_e: Sequence[float], weights: Sequence[float], weight: float, share: float) -> Bar:
    """The least e-value that `accepted_by_count` takes as one more row.

    Args:
        log_e: natural logs of the others.
        weights: of the others.
        weight: of the new row, above zero.
        share: expected share of false promotions, between 0 and 1.

    Returns:
        The bar; its `beside` counts the others that pass with a row that just reaches it.

    Example:
        >>> from math import exp, log
        >>> bar = bar_by_count([log(70), log(80)], [0.05, 0.05], 0.05, 0.1)
        >>> round(exp(bar.log_e), 1), bar.beside
        (66.7, 2)

    """
    scores = sorted((e + math.log(w) for e, w in zip(log_e, weights, strict=True) if w > 0), reverse=True)
    k = max((k for k in range(2, len(scores) + 2) if scores[k - 2] >= -math.log(k * share)), default=1)
    return Bar(-math.log(k * share) - math.log(weight), k - 1)


def bar_by_money(
    log_e: Sequence[float],
    costs: Sequence[float],
    cost: float,
    envelope: float,
    share: float,
    floor: float = FLOOR,
) -> Bar:
    """The least e-value that `accepted_by_money` takes as one more row.

    Args:
        log_e: natural logs of the others.
        costs: of the others.
        cost: of the new row.
        envelope: the money of the year, above zero.
        share: expected share of money on false promotions, between 0 and 1.
        floor: an e-value below it counts as 0; above zero.

    Returns:
        The bar; its `beside` counts the others above it. Infinite where nothing asks for money.

    Example:
        >>> from math import exp, log
        >>> bar = bar_by_money([log(150), log(60)], [2, 3], 20, 100, 0.1)
        >>> round(exp(bar.log_e), 1), bar.beside
        (40.0, 2)

    """
    least = math.log(floor)
    larger = sorted(((e, c) for e, c in zip(log_e, costs, strict=True) if e >= least), reverse=True)
    best, taken = Bar(math.inf, 0), cost
    for at in range(len(larger) + 1):
        need = math.log(envelope) - math.log(share) - math.log(taken) if taken > 0 else math.inf
        # The others counted here must lie above the bar that they make.
        if need < best.log_e and (at == 0 or need <= larger[at - 1][0]):
            best = Bar(need, at)
        taken += larger[at][1] if at < len(larger) else 0.0
    if best.log_e >= least:
        return best
    return Bar(least, len(larger))
