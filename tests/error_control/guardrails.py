"""Rollouts that do no harm, under guardrails watched sixty times: how many are stopped."""

from __future__ import annotations

import math

import numpy as np

from headway.statistics.counts import Counts, counts_log_e, ratio_interval
from headway.statistics.evalues import sample_ratio_log_e
from headway.statistics.sequential import boundary, r_star

ALPHA = 0.02
LOOKS = 60
REQUESTS = 200
RATE = 0.01


def counts_alarm(runs: int, seed: int, share: float, factor: float = 1.0, pile: int = 1) -> float:
    """Share of rollouts in which the ratio of error rates is shown to be above 1 at some look.

    Args:
        runs: rollouts.
        seed: of the draws.
        share: of requests on the new arm.
        factor: how many times as often the new arm errs.
        pile: errors that always come together; 1 is what the method is for.
    """
    rng = np.random.default_rng(seed)
    alarms = 0
    for _ in range(runs):
        new = rng.binomial(REQUESTS, share, LOOKS)
        k = pile * rng.binomial(new, min(1.0, factor * RATE / pile)).cumsum()
        m = pile * rng.binomial(REQUESTS - new, RATE / pile).cumsum()
        alarms += any(_above([Counts(a, b, share)]) for a, b in zip(k.tolist(), m.tolist(), strict=True))
    return alarms / runs


def _above(epochs: list[Counts]) -> bool:
    """Whether the interval lies above 1: bisection only where the e-value of 1 says so."""
    return counts_log_e(epochs) >= -math.log(ALPHA) and ratio_interval(epochs, ALPHA)[0] > 1


def split_alarm(runs: int, seed: int) -> float:
    """Share of sound rollouts stopped by the sample ratio at e >= 100."""
    rng = np.random.default_rng(seed)
    new = rng.binomial(REQUESTS, 0.5, (runs, LOOKS)).cumsum(axis=1)
    total = REQUESTS * np.arange(1, LOOKS + 1)
    return sum(
        any(
            sample_ratio_log_e([x, n - x], [0.5, 0.5]) >= math.log(100)
            for x, n in zip(row.tolist(), total.tolist(), strict=True)
        )
        for row in new
    ) / runs  # fmt: skip


def means_alarm(runs: int, seed: int, alpha: float = ALPHA) -> float:
    """Share of sound rollouts in which a mean per unit is shown to be worse than a margin it sits on."""
    rng = np.random.default_rng(seed)
    harm = rng.normal(0, 1, (runs, LOOKS)) * math.sqrt(REQUESTS)
    n = REQUESTS * np.arange(1, LOOKS + 1)
    z = harm.cumsum(axis=1) / np.sqrt(n)
    bounds = np.array([boundary(math.inf, r_star(alpha) * m / n[-1], alpha) for m in n.tolist()])
    return float((z > bounds).any(axis=1).mean())
