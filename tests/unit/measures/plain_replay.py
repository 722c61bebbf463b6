"""A replay written out plainly: load-weighted P95 x 1.10, refitted every hour on the last twelve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

LEAST = 30


@dataclass(frozen=True)
class PlainReplay:
    """The rolling policy of the reference figures.

    Attributes:
        hour: seconds of the source's clock in an hour.
        floor: least share granted of what is held.
    """

    hour: float = 3600.0
    floor: float = 0.05

    def __call__(self, loads: Sequence[Load], start: float, end: float) -> FloatArray:
        """The saving on each load; NaN where it has no sample in between."""
        return np.array([self._saving(load, start, end) for load in loads])

    def _saving(self, load: Load, start: float, end: float) -> float:
        granted = reference = 0.0
        grant = float("nan")
        for moment in np.arange(start, end - 1e-6, self.hour):
            seen = load.between(moment - 12 * self.hour - 1e-6, moment - 1e-6)
            if seen.bins >= LEAST:
                grant = self._grant(seen, moment)
            used = load.between(moment - 1e-6, min(moment + self.hour, end) - 1e-6)
            reference += float(used.count @ used.granted)
            granted += float(used.count @ (used.granted if np.isnan(grant) else np.full(used.at.size, grant)))
        return 1 - granted / reference if reference else float("nan")

    def _grant(self, seen: Load, moment: float) -> float:
        weight = seen.count * 2.0 ** (-(moment - seen.at) / (12 * self.hour))
        order = np.argsort(seen.value, kind="stable")
        by = weight * seen.value if (weight * seen.value).sum() > 0 else weight
        through = np.cumsum(by[order])
        found = int(np.searchsorted(through, 0.95 * through[-1] * (1 - 1e-12)))
        least = self.floor * float(seen.granted[-1])
        return min(max(1.1 * float(seen.value[order][found]), least), seen.capacity)
