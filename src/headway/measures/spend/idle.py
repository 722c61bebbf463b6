"""How much of the time a workload does nothing, and how much of that it keeps its memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.advice import Interval
from headway.measures.spend.load import Load
from headway.measures.spend.utilisation import IDLE_BELOW
from headway.statistics.contrast import FloatArray

# A workload holds its memory while it uses more than this share of what it was granted of it.
HOLDS_ABOVE = 0.05
MEMORY = {"gpu": "gpu.memory", "cpu": "memory"}


@dataclass(frozen=True, slots=True)
class Idle:
    """Shares of the time in which workloads were seen; no share of it is a saving.

    Attributes:
        share: of all bins, with use below 5 % of the grant.
        holding: of these idle bins, those that keep memory: between its ends, since hours and not bins are
            laid side by side; None where memory is not metered.
        bins: how many were seen.
    """

    share: float
    holding: Interval | None
    bins: float


def idle(loads: Sequence[Load], resource: str = "gpu") -> Idle | None:
    """The idle share of the workloads of one resource; None where there are none."""
    own = [x for x in loads if x.resource == resource and x.bins]
    if not own:
        return None
    beside = {x.workload: x for x in loads if x.resource == MEMORY.get(resource)}
    bins = sum(x.bins for x in own)
    still = sum(float(x.count[_still(x)].sum()) for x in own)
    ends = [_holding(x, beside[x.workload]) for x in own if x.workload in beside]
    known = sum(n for _, _, n in ends)
    holding = None
    if known:
        low, high = sum(a for a, _, _ in ends) / known, sum(b for _, b, _ in ends) / known
        holding = Interval((low + high) / 2, low, high)
    return Idle(still / bins, holding, bins)


def _still(load: Load) -> np.typing.NDArray[np.bool_]:
    return load.value < IDLE_BELOW * load.granted


def _holding(load: Load, memory: Load) -> tuple[float, float, float]:
    """Idle bins that keep memory: at least, at most, and how many idle bins were seen with memory beside."""
    slots, idle_share, bins = _by_slot(load, _still(load))
    there, holds, _ = _by_slot(memory, memory.value > HOLDS_ABOVE * memory.granted)
    _, mine, other = np.intersect1d(slots, there, assume_unique=True, return_indices=True)
    share, kept, n = idle_share[mine], holds[other], bins[mine]
    # What two shares of one hour have in common lies between these, whichever bins they are.
    low, high = np.maximum(share + kept - 1.0, 0.0), np.minimum(share, kept)
    return float((low * n).sum()), float((high * n).sum()), float((share * n).sum())


def _by_slot(load: Load, chosen: np.typing.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per moment the share of bins that are chosen, and how many bins there are."""
    slots, starts = np.unique(load.at, return_index=True)
    bins = np.add.reduceat(load.count, starts)
    return slots, np.add.reduceat(load.count * chosen, starts) / bins, bins
