"""The smallest slice of a device that would have held both the work and the memory of each workload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.idle import MEMORY
from headway.measures.spend.load import Load

LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Joint:
    """What slices by compute and memory together would have saved, had the future been known.

    Attributes:
        saving: share of what was granted.
        binds: workloads whose memory, and not their work, decides the slice.
        workloads: how many were looked at.
    """

    saving: float
    binds: int
    workloads: int


def joint(loads: Sequence[Load], resource: str, splits: dict[str, float]) -> Joint | None:
    """Slices cut with perfect knowledge, an upper bound; None where memory is not metered beside the work.

    Args:
        loads: of one component.
        resource: the compute resource.
        splits: by workload, where the part that the replay scores begins; others are left out.
    """
    memory = {x.workload: x for x in loads if x.resource == MEMORY.get(resource)}
    own = [x for x in loads if x.resource == resource and x.workload in splits and x.workload in memory]
    kept = paid = 0.0
    binds = 0
    for load in own:
        part = load.between(splits[load.workload], np.inf)
        beside = memory[load.workload].between(splits[load.workload], np.inf)
        work, held = _most(part), _most(beside)
        slice_ = min(1.0, max(work, held, LEAST))
        granted = float((part.granted * part.count).sum()) * part.bin_seconds
        binds += held > work
        kept += slice_ * granted
        paid += granted
    return Joint(1 - kept / paid, binds, len(own)) if paid else None


def _most(load: Load) -> float:
    """The greatest use as a share of the device, or of the grant where no capacity is known."""
    if not len(load.value):
        return 0.0
    whole = load.granted if np.isinf(load.capacity) else np.full(len(load.value), load.capacity)
    return float(np.max(np.divide(load.value, whole, out=np.zeros(len(whole)), where=whole > 0)))
