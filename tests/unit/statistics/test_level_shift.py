"""A series whose newest fifth lies on another level is told from one that only moves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headway.statistics.level_shift import level_ratio


def test_a_steady_series_hardly_ever_shifts() -> None:
    """Of 200 series with memory, no more than two are called shifted at 99 %."""
    chance = np.random.default_rng(5)
    found = 0
    for _ in range(200):
        noise = chance.normal(size=480)
        steady = np.zeros(480)
        for i in range(1, 480):
            steady[i] = 0.5 * steady[i - 1] + noise[i]
        found += level_ratio(10 + steady, 24, 0.1).shifted
    assert found <= 2


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_a_shift_is_found_either_way(factor: float) -> None:
    """More and less are both shifts."""
    noise = np.random.default_rng(1).normal(1, 0.1, 500)
    noise[400:] *= factor
    found = level_ratio(noise, 20, 0.01)
    assert found.shifted
    made = (noise[400:].mean() + 0.01) / (noise[:400].mean() + 0.01)
    assert found.value == pytest.approx(made)
    assert found.low < made < found.high


def test_block_means_agree_with_plain_resampling() -> None:
    """The interval is that of resampled series written out in full."""
    series = np.random.default_rng(2).gamma(2.0, 1.0, 200)
    found = level_ratio(series, 7, 0.5)
    chance = np.random.default_rng(7)
    means = []
    for part in (series[160:], series[:160]):
        blocks = -(-part.size // 7)
        starts = chance.integers(0, part.size - 6, (1000, blocks))
        index = (starts[:, :, None] + np.arange(7)).reshape(1000, -1)[:, : part.size]
        means.append(part[index].mean(axis=1))
    ratios = (means[0] + 0.5) / (means[1] + 0.5)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(ratios, [0.005, 0.995])))


def test_the_newest_part_is_a_whole_cycle_where_one_is_told() -> None:
    """The upper half of a wave is no shift once the part it is in must be a whole wave."""
    wave = 1 + 0.9 * np.sin(np.arange(96) * 2 * np.pi / 48 + np.pi)
    assert level_ratio(wave, 10, 0.01).shifted
    assert not level_ratio(wave, 10, 0.01, least=48).shifted


def test_parts_without_values_tell_nothing() -> None:
    """A fifth that is missing altogether leaves the ratio open; single gaps do not."""
    series = np.ones(100)
    series[80:] = np.nan
    assert level_ratio(series, 5, 0.1).high == math.inf
    assert not level_ratio(series, 5, 0.1).shifted
    series[81] = 1.0
    assert level_ratio(series, 50, 0.1).value == pytest.approx(1.0)


@pytest.mark.parametrize(("block", "raised"), [(0, 1.0), (1, 0.0)])
def test_what_cannot_be_resampled_is_refused(block: int, raised: float) -> None:
    """A block has a length, and means are raised above nought."""
    with pytest.raises(ValueError, match="raised by"):
        level_ratio(np.ones(10), block, raised)
