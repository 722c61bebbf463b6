"""Small and seeded: whoever looks often, keeps a series or promotes many pays no more than the stated error.

`make soak` runs the same simulations at the size of the printed figures.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.error_control import guardrails, looks, portfolios, series

from headway.statistics.blocks import blocked, blocked_log_ratio
from headway.statistics.sequential import log_e_two_sided, r_star


def noise(nominal: float, runs: int) -> float:
    """Three Monte Carlo errors of a share."""
    return 3 * math.sqrt(nominal * (1 - nominal) / runs)


@pytest.mark.parametrize("outcome", looks.OUTCOMES)
def test_199_looks_alarm_in_at_most_five_per_cent(outcome: str) -> None:
    """Normal, lognormal and rare outcomes (seed 11): the sequence holds 5 %, peeking at 1.96 passes 25 %."""
    seen = looks.watched(outcome, 1000, 11)
    assert seen.sequential <= looks.ALPHA
    assert seen.peeked > 0.25


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.9])
def test_blocks_forget_and_points_do_not(phi: float) -> None:
    """Block means hold 2 % at every correlation (seed 12); points alarm in a third or more from .6 on."""
    seen = series.watched(phi, 720, 500, 12)
    assert seen.blocked <= 0.02 + noise(0.02, 500)
    assert seen.pointwise > 0.3 or phi < 0.6
    assert seen.refused < 0.1


def test_the_simulated_look_is_the_look_of_the_product() -> None:
    """At its last look the simulation alarms exactly when the e-value of `blocked` reaches 1/alpha."""
    drift = series.nulls(0.6, 160, 60, 13) + np.linspace(0, 2, 60)[:, None]
    answers = []
    for run in drift:
        found = blocked(run, 8)
        e = log_e_two_sided(found.theta / found.se, found.df, r_star(0.02))
        means = run.reshape(20, 8).mean(axis=1)
        answers.append((e >= -math.log(0.02), series.alarmed(means, 0.02, step=5)))
    assert {now for now, _ in answers} == {True, False}
    assert all(ever for now, ever in answers if now)


def test_one_budget_over_many_initiatives_keeps_both_shares() -> None:
    """400 correlated portfolios (seed 14): false share and false money stay below 10 %, p < .05 does not."""
    seen = portfolios.kept(400, 14)
    for rule in ("e-BH by count", "e-BH by money", "e-BH by money, no floor", "e-LOND"):
        assert max(seen[rule].false_share, seen[rule].false_money) <= portfolios.SHARE
    assert seen["p < .05"].false_share > portfolios.SHARE
    assert seen["e-BH by count"].power > 1.5 * seen["e-LOND"].power > 0.2
    assert seen["e-BH by money"].money_power > 1.5 * seen["e-LOND"].money_power


def test_on_the_worst_day_of_the_year_too_the_budget_is_kept() -> None:
    """150 portfolios that freeze one by one (seed 19): nothing is taken back, both shares stay below 10 %."""
    assert max(portfolios.largest(150, 19)) <= portfolios.SHARE


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_sixty_looks_at_error_counts_hold_two_per_cent(share: float) -> None:
    """Equal error rates (seed 15) rarely alarm, at half of the traffic and at a twentieth of it."""
    assert guardrails.counts_alarm(300, 15, share) <= guardrails.ALPHA + noise(0.02, 300)


def test_sixty_looks_at_splits_and_means_hold_their_error() -> None:
    """A sound split never reaches e = 100 here, and a mean on its margin rarely passes it (seed 16)."""
    assert guardrails.split_alarm(100, 16) <= 0.01 + noise(0.01, 100)
    assert guardrails.means_alarm(1000, 16) <= guardrails.ALPHA + noise(0.02, 1000)


def test_errors_in_pairs_are_no_units() -> None:
    """Errors that always come in fives alarm far beyond 2 % (seed 17): count units with an error."""
    assert guardrails.counts_alarm(100, 17, 0.5, pile=5) > 0.15


def test_swapping_arms_mirrors_a_series() -> None:
    """A ratio of two series turns its sign with the arms."""
    treated, control = 50 + series.nulls(0.6, 160, 2, 18)
    up, down = blocked_log_ratio(treated, control, 8), blocked_log_ratio(control, treated, 8)
    assert (up.theta, up.se) == pytest.approx((-down.theta, down.se))
