"""Quantiles of weighted samples, for many series at once: every row of a matrix is a series of its own.

A row is sorted by value, with weight 0 where it is shorter than the matrix. Running weights are handed in, so
that several quantiles of one row cost one sum.
"""

from __future__ import annotations

import numpy as np

from headway.statistics.contrast import FloatArray

_SLACK = 1e-12
"""Sums of doubles in another order differ in their last digits, and must not move an answer."""


def reaching(values: FloatArray, through: FloatArray, share: float) -> FloatArray:
    """Smallest value at which the weights up to it reach a share of all weights.

    Args:
        values: (rows, samples), ascending in each row; anything where the weight is 0.
        through: (rows, samples), running sum of weights, none negative.
        share: between 0 and 1.

    Returns:
        One value per row; NaN where a row has no weight.

    Example:
        >>> reaching(np.array([[1.0, 2.0, 9.0]]), np.array([[1.0, 3.0, 4.0]]), 0.75).tolist()
        [2.0]

    """
    return _at(values, through, share * through[:, -1])


def higher(values: FloatArray, through: FloatArray, q: float) -> FloatArray:
    """Quantile that is a sample, the higher of two (numpy's `higher`), of samples seen several times.

    Args:
        values: (rows, samples), ascending in each row.
        through: (rows, samples), running sum of how often each was seen.
        q: between 0 and 1.

    Returns:
        One value per row; NaN where a row has no sample.

    Example:
        >>> higher(np.array([[1.0, 2.0, 9.0]]), np.array([[1.0, 2.0, 3.0]]), 0.6).tolist()
        [9.0]

    """
    return _at(values, through, np.ceil((through[:, -1] - 1) * q) + 1)


def bucket_end(value: FloatArray, first: FloatArray, ratio: float = 1.05) -> FloatArray:
    """Upper edge of a value's bucket, as the vertical pod autoscaler counts.

    Bucket i begins at first * (ratio^i - 1) / (ratio - 1).

    Args:
        value: none negative; NaN stays NaN.
        first: width of the first bucket, above 0, in the values' unit.
        ratio: of a bucket's width to the one below it.

    Returns:
        One edge per value.

    Example:
        >>> bucket_end(np.array([0.5, 1.5]), np.ones(2)).round(9).tolist()
        [1.0, 2.05]

    """
    # A value on an edge belongs to the bucket that begins there, whatever its logarithm rounds to.
    bucket = np.floor(np.log1p(value / first * (ratio - 1)) / np.log(ratio) + 1e-9)
    return np.asarray(first * (ratio ** (bucket + 1) - 1) / (ratio - 1))


def _at(values: FloatArray, through: FloatArray, wanted: FloatArray) -> FloatArray:
    reached = through >= (wanted * (1 - _SLACK))[:, None]
    found = values[np.arange(len(values)), reached.argmax(axis=1)]
    return np.where(through[:, -1] > 0, found, np.nan)
