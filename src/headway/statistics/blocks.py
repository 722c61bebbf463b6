"""Series are no samples: neighbours are averaged into blocks before anything is tested."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments
from headway.statistics.ratios import paired_log_ratio

FIRST_LOOK = 15
"""Blocks before the first look; with fewer the t-form does not keep its error (measurement 5.6)."""

BASELINE = 50
"""Points of baseline per unit of autocorrelation time; with fewer that time is not known."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How long a series remembers.

    Attributes:
        phi: correlation of neighbours.
        time: autocorrelation time in points: this many points say as much as one
            independent one; at least 1.
        points: points it was read from.

    """

    phi: float
    time: float
    points: int

    @property
    def block(self) -> int:
        """Points per block: twice the autocorrelation time, rounded up."""
        # A phi of exactly .6 gives 8.000000000000002 in doubles.
        return math.ceil(2 * self.time - 1e-9)


def memory_of(baseline: FloatArray) -> Memory:
    """Autocorrelation time of a series, from a stretch before anything changed.

    The longer of (1 + phi)/(1 - phi), exact for a first-order series, and the sum
    of autocorrelations cut at the first negative pair (Geyer, "Practical Markov
    Chain Monte Carlo", Statistical Science 1992), which sees slower cycles.

    Args:
        baseline: values at even steps, in order of time.

    Returns:
        Correlation of neighbours and autocorrelation time.

    Raises:
        Degenerate: `not_finite`; `zero_variance` when the series does not move;
            `few_blocks` when it is shorter than 50 autocorrelation times.

    Example:
        >>> noise = np.random.default_rng(1).normal(size=400)
        >>> memory_of(noise).block
        2

    """
    series = _finite(baseline)
    lags = _autocorrelations(series)
    phi = float(lags[1]) if lags.size > 1 else 0.0
    pairs = lags[: lags.size // 2 * 2].reshape(-1, 2).sum(axis=1)
    kept = pairs[: int(np.argmax(pairs <= 0))] if (pairs <= 0).any() else pairs
    time = max(1.0, (1 + phi) / (1 - phi), 2 * float(kept.sum()) - 1)
    if series.size < BASELINE * time:
        raise Degenerate(
            reason="few_blocks",
            detail=f"{series.size} points of baseline, {math.ceil(BASELINE * time)} are needed at"
            f" autocorrelation time {time:.3g}",
        )
    return Memory(phi, time, int(series.size))


def block_means(series: FloatArray, length: int) -> FloatArray:
    """Means of consecutive blocks; an unfinished last block is left out.

    Args:
        series: values at even steps, in order of time; rows of several columns are
            averaged column by column.
        length: points per block, at least 1.

    Returns:
        One mean (or row of means) per full block.

    Raises:
        ValueError: `length` is below 1.

    Example:
        >>> block_means(np.array([1.0, 3.0, 5.0, 7.0, 9.0]), 2).tolist()
        [2.0, 6.0]

    """
    if length < 1:
        msg = f"a block of {length} points"
        raise ValueError(msg)
    full = len(series) // length
    return np.asarray(series[: full * length].reshape(full, length, *series.shape[1:]).mean(axis=1))


def blocked(differences: FloatArray, length: int) -> Contrast:
    """Mean difference of two series from block means, t with blocks - 1 df.

    Args:
        differences: treated minus control at even steps, in order of time.
        length: points per block, from `Memory.block` of a baseline.

    Returns:
        The mean over full blocks; `clusters` counts them.

    Raises:
        Degenerate: `few_blocks` below 15 blocks; `zero_variance`; `not_finite`.

    Example:
        >>> blocked(np.tile([1.0, 3.0, 2.0, 4.0], 10), 2).theta
        2.5

    """
    means = _enough(block_means(_finite(differences), length), length)
    se = float(means.std(ddof=1)) / math.sqrt(means.size)
    return Contrast(
        theta=float(means.mean()),
        se=se,
        df=means.size - 1,
        n=means.size * length,
        clusters=int(means.size),
        method=f"block means of {length}",
    )


def blocked_log_ratio(treated: FloatArray, control: FloatArray, length: int) -> Contrast:
    """Log of the ratio of two series' means from block means, t with blocks - 1 df.

    Args:
        treated: values at even steps, in order of time.
        control: values at the same moments.
        length: points per block, from `Memory.block` of a baseline.

    Returns:
        ln(mean treated / mean control) over full blocks; `clusters` counts them.

    Raises:
        Degenerate: as `blocked`, and `near_zero_mean`.
        ValueError: the series differ in length.

    Example:
        >>> c = blocked_log_ratio(np.arange(100.0) + 101, np.arange(100.0) + 100, 5)
        >>> round(c.theta, 6), c.df
        (0.006667, 19)

    """
    if treated.shape != control.shape:
        msg = f"{treated.size} and {control.size} points"
        raise ValueError(msg)
    both = _enough(block_means(_finite(np.column_stack([treated, control])), length), length)
    n, sums = len(both), both.sum(axis=0)
    found = paired_log_ratio(CrossMoments.from_sums(n, sums, both.T @ both, np.zeros(2)))
    return Contrast(
        theta=found.theta,
        se=found.se,
        df=n - 1,
        n=n * length,
        clusters=n,
        method=f"log ratio of block means of {length}",
    )


def _enough(means: FloatArray, length: int) -> FloatArray:
    if len(means) < FIRST_LOOK:
        raise Degenerate(
            reason="few_blocks",
            detail=f"{len(means)} blocks of {length} points, the first look needs {FIRST_LOOK}",
        )
    return means


def _finite(series: FloatArray) -> FloatArray:
    values = np.asarray(series, dtype=np.float64)
    if not np.isfinite(values).all():
        raise Degenerate(reason="not_finite", detail="the series holds NaN or infinity")
    return values


def _autocorrelations(series: FloatArray) -> FloatArray:
    """Autocorrelations from lag 0 on, by the fast Fourier transform; divisor n at every lag."""
    if series.size < 3:
        raise Degenerate(reason="few_blocks", detail=f"{series.size} points of baseline")
    centred = series - series.mean()
    if float(centred @ centred) <= 1e-12 * float(series @ series):
        raise Degenerate(reason="zero_variance", detail="the baseline does not move")
    padded = np.fft.rfft(centred, 2 * series.size)
    lags = np.fft.irfft(np.abs(padded) ** 2)[: series.size]
    return np.asarray(lags / lags[0], dtype=np.float64)
