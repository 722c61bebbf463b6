"""A grant that rises by itself when use exceeds it, and falls back when the raise was held long enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from headway.measures.spend.cohort import Cohort, IntArray
from headway.statistics.contrast import FloatArray

ABOVE = 1e-9
"""Use exceeds a grant when it lies above it by more than this share of the grant."""
_LEAST_DELAY = 300.0
_DELAY_STEPS = 2


@dataclass(frozen=True, slots=True)
class Loop:
    """How breaches raise a grant. It sees that use was above, not by how much.

    Attributes:
        hold: hours a raise is held from its start; a new breach renews it.
        raised: what a grant is multiplied by.
        first: the same, for the first raise above what the policy grants.
        free: breaches that raise nothing, because the budget allows them; they come back with time.
        budget: share of bins that may be above; how fast free breaches come back.
    """

    hold: float
    raised: float = 1.5
    first: float = 1.5
    free: float = 0.0
    budget: float = 0.01

    def delay(self, seconds: float) -> int:
        """Steps between a breach and the raise: two, and at least five minutes."""
        return max(_DELAY_STEPS, int(np.ceil(_LEAST_DELAY / seconds)))


def walk(cohort: Cohort, base: FloatArray, first: int, most: FloatArray, loop: Loop) -> FloatArray:
    """Grants per step when breaches raise them.

    Args:
        cohort: what was used.
        base: (steps, workloads), the grant of the policy alone, from step `first` on.
        first: the step that `base` begins with.
        most: the most that can be granted, per workload.
        loop: how breaches raise.

    Returns:
        (steps, workloads) from step `first` on.
    """
    delay = loop.delay(cohort.seconds)
    hold = max(1, round(loop.hold * 3600 / cohort.seconds))
    raised = np.zeros_like(base)
    peak = cohort.peak[first : first + len(base)]
    spent = np.full(base.shape[1], -loop.free)
    told = np.zeros(base.shape[1])
    # Only where use exceeds even what the policy grants alone can anything happen.
    for t, above in _by_step(peak > base * (1 + ABOVE)):
        granted = np.maximum(base[t], raised[t])
        hit = above[peak[t, above] > granted[above] * (1 + ABOVE)]
        spent[hit] = np.maximum(spent[hit] - loop.budget * (t - told[hit]), -loop.free) + 1
        told[hit] = t
        due = hit[(spent[hit] > 0) & (granted[hit] < most[hit])]
        factor = np.where(raised[t, due] >= base[t, due], loop.raised, loop.first)
        wanted = np.minimum(factor * granted[due], most[due])
        # Up to what is held first: only a breach of that shows that more is needed.
        held = cohort.granted[first + t, due]
        wanted = np.where(granted[due] < held * (1 - ABOVE), np.minimum(wanted, held), wanted)
        if t + delay < len(base):
            new = raised[t + delay - 1, due] < wanted * (1 - ABOVE)
            ahead = slice(t + delay, t + delay + hold)
            raised[ahead, due[new]] = np.maximum(raised[ahead, due[new]], wanted[new])
    return np.maximum(base, raised)


def _by_step(above: np.typing.NDArray[np.bool_]) -> Iterator[tuple[int, IntArray]]:
    """Steps in which anything is above, each with the workloads that are."""
    steps, workloads = np.nonzero(above)
    edges = np.flatnonzero(np.diff(steps, prepend=-1, append=-1))
    for start, end in pairwise(edges):
        yield int(steps[start]), workloads[start:end]
