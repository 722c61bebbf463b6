"""Mergeable histogram of non-negative values with at most one per cent relative error."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.statistics.contrast import Degenerate, FloatArray

GAMMA = 1.02
"""Ratio of a bucket's edges, the same everywhere, so that any two histograms merge."""

Edge = Literal["upper", "mid"]
"""Which value stands for a bucket: its upper edge (grants) or its geometric middle."""


def bucket_of(value: float) -> int:
    """Bucket floor(log(value) / log(GAMMA)) of a value above zero.

    Masson, Rim, Lee, "DDSketch" (VLDB 2019).

    Args:
        value: a finite number above zero, any unit.

    Returns:
        The bucket, negative below 1.

    Raises:
        ValueError: `value` is not finite and above zero.

    Example:
        >>> bucket_of(1.0), bucket_of(100.0), bucket_of(0.5)
        (0, 232, -36)

    """
    if not (value > 0 and math.isfinite(value)):
        msg = f"{value} has no bucket: it must be finite and above zero"
        raise ValueError(msg)
    return int(_buckets(np.array([value]))[0])


def lower_edge(bucket: int) -> float:
    """Smallest value of a bucket, GAMMA^bucket; 1.0 for bucket 0."""
    return math.pow(GAMMA, bucket)


def upper_edge(bucket: int) -> float:
    """Value that ends a bucket, GAMMA^(bucket + 1); what a grant is set to."""
    return math.pow(GAMMA, bucket + 1)


def midpoint(bucket: int) -> float:
    """Geometric middle of a bucket, within 1 % of every value in it."""
    return math.pow(GAMMA, bucket + 0.5)


@dataclass(frozen=True, slots=True)
class LogHistogram:
    """Counts per bucket, with zeros and near-zeros counted apart.

    Args:
        counts: values per bucket.
        zero: values equal to 0.
        underflow: values above 0 and below `underflow_below`.
        underflow_below: that bound, in the values' unit; 0 when none are kept apart.

    Raises:
        ValueError: a count is negative.

    """

    counts: Mapping[int, int]
    zero: int = 0
    underflow: int = 0
    underflow_below: float = 0.0

    def __post_init__(self) -> None:
        """Refuse counts no data can have."""
        if min(self.zero, self.underflow, *self.counts.values(), 0) < 0:
            msg = "a histogram count is negative"
            raise ValueError(msg)

    @classmethod
    def from_values(cls, values: Sequence[float] | FloatArray, underflow_below: float = 0.0) -> LogHistogram:
        """Count values into buckets.

        Args:
            values: numbers >= 0, any order.
            underflow_below: values above 0 and below this are counted as underflow.

        Returns:
            The histogram.

        Raises:
            ValueError: a value is negative, NaN or infinite.

        Example:
            >>> LogHistogram.from_values([0.0, 0.001, 1.0, 1.01], underflow_below=0.01)
            LogHistogram(counts={0: 2}, zero=1, underflow=1, underflow_below=0.01)

        """
        data = np.asarray(values, dtype=np.float64).ravel()
        if not (np.isfinite(data).all() and (data >= 0).all()):
            msg = "a log histogram takes finite values >= 0"
            raise ValueError(msg)
        positive = data[data > 0]
        kept = positive[positive >= underflow_below]
        buckets, counts = np.unique(_buckets(kept), return_counts=True)
        pairs = zip(buckets.tolist(), counts.tolist(), strict=True)
        zero, underflow = data.size - positive.size, positive.size - kept.size
        return cls(dict(pairs), zero, underflow, underflow_below)

    @property
    def n(self) -> int:
        """Number of values counted."""
        return self.zero + self.underflow + sum(self.counts.values())

    def merge(self, other: LogHistogram) -> LogHistogram:
        """Histogram of both parts together, in any order of merging.

        Args:
            other: histogram of another part, same `underflow_below`.

        Returns:
            The histogram of the union.

        Raises:
            ValueError: both hold values and their `underflow_below` differ.

        Example:
            >>> LogHistogram({3: 1}).merge(LogHistogram({3: 2}, zero=1)).n
            4

        """
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        if self.underflow_below != other.underflow_below:
            msg = f"underflow below {self.underflow_below} and {other.underflow_below} differ"
            raise ValueError(msg)
        counts = Counter(self.counts)
        counts.update(other.counts)
        return LogHistogram(
            dict(sorted(counts.items())),
            self.zero + other.zero,
            self.underflow + other.underflow,
            self.underflow_below,
        )

    def quantile(self, q: float, edge: Edge = "upper") -> float:
        """Value at rank ceil(q n), as its bucket's upper edge or geometric middle.

        Args:
            q: share between 0 and 1.
            edge: `upper` never lies below the true order statistic; `mid` is within 1 %.

        Returns:
            The quantile, in the values' unit; 0 for the zero bucket.

        Raises:
            Degenerate: `too_few` on an empty histogram.
            ValueError: `q` is outside 0..1.

        Example:
            >>> round(LogHistogram.from_values([1.0, 10.0, 100.0]).quantile(0.5, "mid"), 3)
            10.044

        """
        if not 0 <= q <= 1:
            msg = f"q {q} is not between 0 and 1"
            raise ValueError(msg)
        # 0.07 * 100 is 7.000000000000001 in doubles, and must stay rank 7.
        rank = max(1, math.ceil(q * self._filled() * (1 - 1e-12)))
        if rank <= self.zero:
            return 0.0
        seen = self.zero + self.underflow
        if rank <= seen:
            return self.underflow_below / (1 if edge == "upper" else 2)
        ordered = sorted(self.counts)
        through = seen + np.cumsum([self.counts[bucket] for bucket in ordered])
        bucket = ordered[int(np.searchsorted(through, rank))]
        return upper_edge(bucket) if edge == "upper" else midpoint(bucket)

    def share_below(self, x: float) -> float:
        """Share of values below `x`, log-linear inside the bucket that holds it.

        Args:
            x: a number, in the values' unit.

        Returns:
            A share; exact at bucket edges, else off by at most one bucket's share.

        Raises:
            Degenerate: `too_few` on an empty histogram.

        Example:
            >>> LogHistogram({0: 1, 10: 3}, zero=4).share_below(upper_edge(0))
            0.625

        """
        total = self._filled()
        if not x > 0:
            return 0.0
        below = float(self.zero)
        if self.underflow:
            reached = x / self.underflow_below if self.underflow_below else 1.0
            below += self.underflow * min(1.0, reached)
        position = math.log(x) / math.log(GAMMA)
        below += sum(k * min(1.0, max(0.0, position - b)) for b, k in self.counts.items())
        return below / total

    def _filled(self) -> int:
        if self.n == 0:
            raise Degenerate(reason="too_few", detail="the histogram is empty")
        return self.n


def _buckets(values: FloatArray) -> np.typing.NDArray[np.int64]:
    return np.floor(np.log(values) / math.log(GAMMA)).astype(np.int64)
