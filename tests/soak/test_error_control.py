"""The error-control simulations at the size of the figures that the documentation prints."""

from __future__ import annotations

import logging
import math

import pytest
from tests.error_control import guardrails, looks, portfolios, series

pytestmark = pytest.mark.soak
LOG = logging.getLogger(__name__)


def noise(nominal: float, runs: int) -> float:
    """Three Monte Carlo errors of a share."""
    return 3 * math.sqrt(nominal * (1 - nominal) / runs)


@pytest.mark.parametrize(
    ("outcome", "beyond", "expected"),
    [
        ("normal", 1.0, 0.017),
        ("lognormal", 1.0, 0.016),
        ("rate of 5 %", 1.0, 0.015),
        ("normal", 5.0, 0.029),
        ("lognormal", 5.0, 0.025),
        ("rate of 5 %", 5.0, 0.024),
    ],
)
def test_199_looks(outcome: str, beyond: float, expected: float) -> None:
    """20,000 null experiments each (seed 101): 5 % is held, up to the plan and to five times the plan.

    How much of the 5 % is used depends on how far the looks go on, and never exceeds it.
    """
    seen = looks.watched(outcome, 20_000, 101, beyond)
    LOG.info("%s, to %g x the plan: %s", outcome, beyond, seen)
    assert seen.sequential <= looks.ALPHA
    assert seen.sequential == pytest.approx(expected, abs=0.004)
    assert seen.peeked > 0.3


@pytest.mark.parametrize("points", [180, 720, 1440])
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.8, 0.9])
def test_series_in_blocks(phi: float, points: int) -> None:
    """3,000 null series each (seed 102), the block read from a baseline: 2 % is held at every length."""
    seen = series.watched(phi, points, 3000, 102)
    LOG.info("phi %g, %d points: %s", phi, points, seen)
    assert seen.blocked <= 0.02 + noise(0.02, 3000)


@pytest.mark.parametrize(
    ("phi", "points", "block"), [(0.6, 720, 8), (0.6, 180, 12), (0.9, 720, 38), (0.9, 1440, 38)]
)
def test_series_in_blocks_of_known_length(phi: float, points: int, block: int) -> None:
    """With the block that the true correlation gives (seed 103), also 2 %."""
    seen = series.watched(phi, points, 3000, 103, block=block)
    LOG.info("phi %g, %d points, block %d: %s", phi, points, block, seen)
    assert seen.blocked <= 0.02 + noise(0.02, 3000)


def test_portfolios() -> None:
    """4,000 correlated portfolios of 60 initiatives, 80 % without effect (seed 104): both shares are kept."""
    seen = portfolios.kept(4000, 104)
    for name, one in seen.items():
        LOG.info("%s: %s", name, one)
    for rule in ("e-BH by count", "e-BH by money", "e-LOND"):
        assert max(seen[rule].false_share, seen[rule].false_money) <= 0.01
    assert seen["p < .05"].false_share > portfolios.SHARE
    assert seen["e-BH by count"].power > 2 * seen["e-LOND"].power


def test_the_worst_day_of_the_year() -> None:
    """4,000 portfolios that freeze one by one (seed 107): the largest false share of any day is in budget."""
    count, money = portfolios.largest(4000, 107)
    LOG.info("largest false share %.4f, largest false money %.4f", count, money)
    assert max(count, money) <= 0.02


def test_guardrails() -> None:
    """1,000 sound rollouts x 60 looks (seed 105): counts, splits and means alarm in at most 2 % and noise."""
    most = guardrails.ALPHA + noise(guardrails.ALPHA, 1000)
    sound = {share: guardrails.counts_alarm(1000, 105, share) for share in (0.5, 0.05)}
    split, mean = guardrails.split_alarm(1000, 105), guardrails.means_alarm(1000, 105)
    LOG.info("counts %s, split %g, mean %g", sound, split, mean)
    assert max(*sound.values(), mean) <= most
    assert split <= 0.01 + noise(0.01, 1000)


def test_what_a_guardrail_on_counts_finds() -> None:
    """A doubling at half of the traffic is caught in 88 %, a tripling at a twentieth in 65 % (seed 106)."""
    doubled = guardrails.counts_alarm(1000, 106, 0.5, factor=2.0)
    tripled = guardrails.counts_alarm(1000, 106, 0.05, factor=3.0)
    pairs, fives = (guardrails.counts_alarm(1000, 106, 0.5, pile=pile) for pile in (2, 5))
    LOG.info("doubled %g, tripled %g, in pairs %g, in fives %g", doubled, tripled, pairs, fives)
    assert (doubled, tripled) == pytest.approx((0.88, 0.65), abs=0.05)
    assert (pairs, fives) == pytest.approx((0.07, 0.35), abs=0.05)
