"""Laws of shrinkage, for every effect and every past."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.statistics.shrinkage import Past, paule_mandel, shrink

effects = st.floats(-2, 2).map(lambda x: round(x, 6))
errors = st.floats(1e-4, 1).map(lambda x: round(x, 6))
pasts = st.builds(Past, effects, st.floats(1e-3, 1), st.integers(5, 500), st.floats(0, 0.1))
rows = st.lists(st.tuples(effects, errors), min_size=2, max_size=30)


def columns(found: list[tuple[float, float]]) -> tuple[np.typing.NDArray[np.float64], ...]:
    """Effects and their errors."""
    return tuple(np.array(c, dtype=np.float64) for c in zip(*found, strict=True))


@given(effects, errors, pasts)
def test_what_is_left_lies_between_the_effect_and_the_past(theta: float, se: float, past: Past) -> None:
    """Never beyond its own estimate, never beyond the mean; the interval holds it."""
    found = shrink(theta, se, past)
    low, high = sorted((theta, past.mean))
    assert low - 1e-12 <= found.value <= high + 1e-12
    assert found.low <= found.value <= found.high
    assert 0 < found.weight < 1


@given(effects, errors, pasts)
def test_the_sign_of_good_does_not_matter(theta: float, se: float, past: Past) -> None:
    """Turned round, everything turns round."""
    turned = shrink(-theta, se, Past(-past.mean, past.tau, past.n, past.mean_se))
    found = shrink(theta, se, past)
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


@given(effects, errors, pasts)
def test_more_noise_keeps_less(theta: float, se: float, past: Past) -> None:
    """An effect measured twice as badly keeps a smaller share of itself."""
    assert shrink(theta, 2 * se, past).weight < shrink(theta, se, past).weight


@given(rows)
def test_the_order_of_the_past_does_not_matter(found: list[tuple[float, float]]) -> None:
    """A past is a set."""
    mixed = sorted(found)
    one, two = paule_mandel(*columns(found)), paule_mandel(*columns(mixed))
    assert (two.mean, two.tau) == pytest.approx((one.mean, one.tau), rel=1e-6, abs=1e-9)


@given(rows)
def test_the_equation_of_paule_and_mandel_holds(found: list[tuple[float, float]]) -> None:
    """The weighted squares come to n - 1, or to less where tau is 0."""
    v, s = columns(found)
    past = paule_mandel(v, s)
    squares = float((((v - past.mean) ** 2) / (past.tau**2 + s**2)).sum())
    if past.tau > 0:
        assert squares == pytest.approx(len(found) - 1, rel=1e-6)
    else:
        assert squares <= len(found) - 1 + 1e-9
