"""Looks as arrays: each is the twin of a function of one number, and agrees with it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments, lin
from headway.statistics.looks import (
    CrossMomentsByDay,
    Looks,
    MomentsByDay,
    boundaries,
    lin_by_day,
    log_e_one_sided_of,
    log_e_two_sided_of,
    log_ratio_by_day,
    welch_by_day,
)
from headway.statistics.means import Moments, log_ratio, welch
from headway.statistics.sequential import boundary, log_e_one_sided, log_e_two_sided

DAYS = 40
T = np.array([-300.0, -12.0, -2.0, -0.3, 0.0, 0.4, 2.0, 9.0, 80.0])
DF = np.array([1.5, 4.0, 12.5, 300.0, 2e6, math.inf])
R = np.array([1e-3, 0.4, 7.9, 90.0])


def grid() -> list[FloatArray]:
    """Every t with every df and every r."""
    return [a.ravel() for a in np.meshgrid(T, DF, R)]


@pytest.mark.parametrize(
    ("many", "one"), [(log_e_one_sided_of, log_e_one_sided), (log_e_two_sided_of, log_e_two_sided)]
)
def test_e_values_of_arrays_are_those_of_numbers(
    many: Callable[..., FloatArray], one: Callable[..., float]
) -> None:
    """From the far left tail, where the cdf underflows, to an overwhelming effect."""
    t, df, r = grid()
    expected = [one(*row) for row in zip(t.tolist(), df.tolist(), r.tolist(), strict=True)]
    assert many(t, df, r) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_boundaries_of_arrays_are_those_of_numbers() -> None:
    """Where so few degrees of freedom never reach the bar, both say infinity."""
    df, r = (a.ravel() for a in np.meshgrid(DF, R))
    expected = [boundary(v, x, 0.05) for v, x in zip(df.tolist(), r.tolist(), strict=True)]
    assert boundaries(df, r, 0.05).tolist() == pytest.approx(expected, rel=1e-12)
    assert math.inf in expected
    assert np.isnan(boundaries(np.array([np.nan]), np.array([1.0]), 0.05)).all()


def running(seed: int, mean: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Daily counts, sums and squares of an arm; some days bring nobody, and the first brings one unit."""
    draw = np.random.default_rng(seed)
    sizes = [1, 0, *draw.integers(0, 6, DAYS - 2).tolist()]
    values = [draw.normal(mean, 2, n) for n in sizes]
    return (
        np.array(sizes, dtype=float).cumsum(),
        np.array([v.sum() for v in values]).cumsum(),
        np.array([(v * v).sum() for v in values]).cumsum(),
    )


@pytest.mark.parametrize(("many", "one"), [(welch_by_day, welch), (log_ratio_by_day, log_ratio)])
def test_a_contrast_by_day_is_the_contrast_of_each_day(
    many: Callable[..., Looks], one: Callable[..., Contrast]
) -> None:
    """Days on which the scalar refuses are NaN; all others agree, the interval for one look too."""
    arms = [running(1, 11.0), running(2, 10.0)]
    found = many(*(MomentsByDay.from_sums(*sums, np.array(3.0)) for sums in arms))
    low, high = found.once(0.95)
    refused = 0
    for day in range(DAYS):
        parts = [Moments.from_sums(int(n[day]), s1[day], s2[day], 3.0) for n, s1, s2 in arms]
        try:
            expected = one(*parts)
        except Degenerate:
            refused += 1
            assert np.isnan(found.theta[day])
            continue
        numbers = (found.theta[day], found.se[day], found.df[day], found.n[day], low[day], high[day])
        wanted = (expected.theta, expected.se, expected.df, expected.n, *expected.interval(0.95))
        assert numbers == pytest.approx(wanted, rel=1e-9)
    assert 0 < refused < DAYS


def test_lin_by_day_is_lin_of_each_day() -> None:
    """With a covariate, a copy of it, and one that is constant."""
    draw = np.random.default_rng(3)
    sums, singles = [], []
    for shift in (0.5, 0.0):
        x = draw.normal(3, 1, (200, 1))
        z = np.hstack([shift + x + draw.normal(0, 1, (200, 1)), x, 2 * x, np.full((200, 1), 7.0)])
        up_to = np.arange(1, 201, 5)
        first = z.cumsum(axis=0)[up_to - 1]
        second = (z[:, :, None] * z[:, None, :]).cumsum(axis=0)[up_to - 1]
        sums.append(CrossMomentsByDay.from_sums(up_to.astype(float), first, second, np.zeros(4)))
        singles.append(
            [
                CrossMoments.from_sums(int(n), a, b, np.zeros(4))
                for n, a, b in zip(up_to, first, second, strict=True)
            ]
        )
    found = lin_by_day(*sums)
    for day, parts in enumerate(zip(*singles, strict=True)):
        try:
            expected = lin(*parts)
        except Degenerate:
            assert np.isnan(found.theta[day])
            continue
        numbers = (found.theta[day], found.se[day], found.df[day])
        assert numbers == pytest.approx((expected.theta, expected.se, expected.df), rel=1e-7)
    assert np.isfinite(found.theta).sum() > 30


def test_looks_that_are_not_allowed_are_nothing() -> None:
    """They keep their count and lose their number."""
    looks = Looks(np.array([1.0, 2.0]), np.ones(2), np.full(2, np.inf), np.array([5.0, 6.0]))
    kept = looks.where(np.array([False, True]))
    assert np.isnan(kept.theta).tolist() == [True, False]
    assert kept.scaled_by(np.array([2.0, -2.0])).se.tolist() == [2.0, 2.0]
    assert kept.once(0.95)[0][1] == pytest.approx(2 - 1.959963984540054)
