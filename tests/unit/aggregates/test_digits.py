"""Which shift is far off is told from the sums alone."""

import numpy as np
import pytest

from headway.aggregates.digits import far_off
from headway.aggregates.request import Factor, count, sum_of
from headway.aggregates.sums import Sums

N = 1000
ULP = 8.881784197001252e-16


def about(shift: float, first: float, second: float) -> Sums:
    """The sums of a thousand values about a shift."""
    values = {
        count("y"): np.array([N]),
        sum_of("y"): np.array([first]),
        sum_of("y", "y"): np.array([second]),
        # Not a column's moments: an indicator, and a square without its sum.
        sum_of(Factor("x", "flag"), Factor("x", "flag")): np.array([3.0]),
        sum_of("z", "z"): np.array([1e30]),
    }
    return Sums((), ((),), values, {"y": shift})


@pytest.mark.parametrize(
    ("sums", "better"),
    [
        (about(0.0, N * 1e9, N * (1e18 + 1)), {"y": 1e9}),
        (about(5.0, N * 1e9, N * (1e18 + 1)), {"y": 1e9 + 5}),
        (about(1e9, 0.0, N * 1.0), {}),
        (about(0.0, N * 1e3, N * (1e6 + 1)), {}),
        (about(7.1, N * ULP, N * ULP * ULP), {}),
        (about(0.0, 0.0, 0.0), {}),
    ],
    ids=["far", "far-from-a-shift", "near", "near-enough", "within-rounding", "zeros"],
)
def test_a_shift_is_far_off_where_it_swallowed_the_variance(sums: Sums, better: dict[str, float]) -> None:
    """A better shift is the mean; within rounding of the old one there is none, and none is needed."""
    assert far_off(sums) == better


def test_no_rows_have_no_shift() -> None:
    """An empty answer asks for no further scan."""
    empty = Sums((), (), {t: np.array([]) for t in (count("y"), sum_of("y"), sum_of("y", "y"))})
    assert far_off(empty) == {}
