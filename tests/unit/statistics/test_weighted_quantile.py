"""Quantiles of weighted samples, against numpy and against the sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.statistics.weighted_quantile import bucket_end, higher, reaching

SAMPLES = st.lists(st.floats(0, 1e9), min_size=1, max_size=30)
SHARES = st.floats(0, 1)


@given(values=SAMPLES, q=SHARES)
def test_equal_counts_give_numpys_higher_quantile(values: list[float], q: float) -> None:
    """Samples seen once each have the quantile that numpy calls `higher`."""
    row = np.sort(np.array([values]))
    found = higher(row, np.cumsum(np.ones_like(row), axis=1), q)
    assert found[0] == np.quantile(row[0], q, method="higher")


@given(values=SAMPLES, q=SHARES, data=st.data())
def test_a_count_stands_for_so_many_samples(values: list[float], q: float, data: st.DataObject) -> None:
    """A sample seen three times is three samples."""
    row = np.sort(np.array(values))
    counts = np.array(data.draw(st.lists(st.integers(1, 4), min_size=len(row), max_size=len(row))))
    found = higher(row[None], np.cumsum(counts)[None].astype(float), q)
    assert found[0] == np.quantile(np.repeat(row, counts), q, method="higher")


@given(values=SAMPLES, share=st.floats(0.01, 1), data=st.data())
def test_the_smallest_value_that_reaches_the_share(
    values: list[float], share: float, data: st.DataObject
) -> None:
    """Up to the answer the weights reach the share, and below it they do not."""
    row = np.sort(np.array(values))
    weights = np.array(data.draw(st.lists(st.floats(0.1, 9), min_size=len(row), max_size=len(row))))
    (found,) = reaching(row[None], np.cumsum(weights)[None], share)
    assert weights[row <= found].sum() >= share * weights.sum() * (1 - 1e-9)
    assert weights[row < found].sum() <= share * weights.sum() * (1 + 1e-9)


def test_a_row_without_weight_has_no_quantile() -> None:
    """Nothing seen is not zero used."""
    rows, nothing = np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([[0.0, 0.0], [1.0, 2.0]])
    assert np.isnan(reaching(rows, nothing, 0.5)).tolist() == [True, False]
    assert np.isnan(higher(rows, nothing, 0.5)).tolist() == [True, False]


@given(value=st.floats(0, 1e4), first=st.floats(1e-3, 10))
def test_a_bucket_ends_above_what_it_holds(value: float, first: float) -> None:
    """The edge lies above the value, by a twentieth and the first bucket's width at most."""
    (end,) = bucket_end(np.array([value]), np.array([first]))
    assert value < end * (1 + 1e-7)
    assert end <= (value * 1.05 + first) * (1 + 1e-7)


@pytest.mark.parametrize("bucket", range(12))
def test_an_edge_begins_the_next_bucket(bucket: int) -> None:
    """Bucket i begins at (1.05^i - 1) / .05 and ends where the next one begins."""
    begins, ends = ((1.05**i - 1) / 0.05 for i in (bucket, bucket + 1))
    assert bucket_end(np.array([begins]), np.ones(1))[0] == pytest.approx(ends)
