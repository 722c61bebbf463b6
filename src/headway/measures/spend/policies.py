"""Rules that set a grant from what was used: each is a small object that fits on a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from headway.measures.spend.cohort import Window
from headway.statistics.contrast import FloatArray
from headway.statistics.weighted_quantile import bucket_end, higher, reaching


class Policy(Protocol):
    """A rule that is fitted anew at every refit."""

    @property
    def name(self) -> str:
        """What a report calls it."""
        ...

    def fit(self, window: Window) -> FloatArray:
        """A grant per workload, before floor and capacity; NaN where the window holds nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Percentile:
    """A quantile of use and a margin; 0.95 without a margin is krr's `simple` rule for CPU, 1 is the peak.

    Attributes:
        quantile: numpy's, `method='higher'`.
        margin: granted above it.
    """

    quantile: float = 0.95
    margin: float = 0.0

    @property
    def name(self) -> str:
        """Quantile and margin, as people write them."""
        rank = "max" if self.quantile == 1 else f"P{100 * self.quantile:g}"
        return rank + (f" x {1 + self.margin:.2f}" if self.margin else "")

    def fit(self, window: Window) -> FloatArray:
        """The quantile of the window, every bin counting the same."""
        return higher(window.values, window.through, self.quantile) * (1 + self.margin)


@dataclass(frozen=True, slots=True)
class VpaLike:
    """As the vertical pod autoscaler recommends: a decayed bucket quantile and a margin.

    Attributes:
        quantile: of decayed use.
        margin: granted above the bucket's upper edge.
        half_life: hours in which a sample's weight halves.
        first: width of the first bucket, as a share of what is granted.
    """

    quantile: float = 0.90
    margin: float = 0.15
    half_life: float = 24.0
    first: float = 0.01

    @property
    def name(self) -> str:
        """What a report calls it."""
        return "VPA-like"

    def fit(self, window: Window) -> FloatArray:
        """Upper edge of the bucket that the quantile falls in, and the margin."""
        through = np.cumsum(window.counts * np.exp2(-window.age / self.half_life), axis=1)
        width = np.maximum(self.first * window.reference, np.finfo(np.float64).tiny)
        return bucket_end(reaching(window.values, through, self.quantile), width) * (1 + self.margin)


@dataclass(frozen=True, slots=True)
class LoadWeighted:
    """The value that covers a share of the decayed load, and a margin.

    After "Autopilot: workload autoscaling at Google" (Rzadca and others, 2020).

    Attributes:
        quantile: the share of load covered.
        margin: granted above it.
        half_life: hours in which a sample's weight halves.
    """

    quantile: float = 0.95
    margin: float = 0.10
    half_life: float = 12.0

    @property
    def name(self) -> str:
        """Quantile and margin, as people write them."""
        return f"load-weighted P{100 * self.quantile:g} x {1 + self.margin:.2f}"

    def fit(self, window: Window) -> FloatArray:
        """The load-weighted quantile of the window."""
        through = window.through_load(self.half_life)
        return reaching(window.values, through, self.quantile) * (1 + self.margin)
