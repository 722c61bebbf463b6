"""Many orders drawn for the same units, whose outcomes under every order are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.rollout.order import draw
from headway.statistics.panel import Panel
from headway.statistics.rollout_order import comparable, ordered

STARTS = ("3", "5", "7", "9")
PERIODS = 9


@dataclass(frozen=True, slots=True)
class Drawings:
    """What a number of orders gave.

    Attributes:
        bias: mean error, in simulation standard errors.
        coverage: share of 95 % intervals that held the truth.
        se: mean standard error with the best beta.
        se_did: the same with beta 1.
        spread: standard deviation of the estimates.
        spread_did: the same with beta 1.
        beta: mean of the best beta.
    """

    bias: float
    coverage: float
    se: float
    se_did: float
    spread: float
    spread_did: float
    beta: float


def drawings(orders: int, units: int, persistence: float, seed: int = 1) -> Drawings:
    """Draw orders on one fixed matrix of outcomes, with effects that differ between units and grow.

    Args:
        orders: how many, with the seeds 0, 1, 2 and so on.
        units: how many, dealt to four starts of which the last lies after the panel.
        persistence: of a unit's outcome from one period to the next, 0 to 1.
        seed: of the matrix.
    """
    random = np.random.default_rng(seed)
    quiet = random.normal(0, 1, (units, PERIODS))
    for t in range(1, PERIODS):
        quiet[:, t] += persistence * quiet[:, t - 1]
    quiet += 0.1 * np.arange(PERIODS)
    each = 0.3 + 0.2 * random.normal(0, 1, units)
    names = [f"u{i}" for i in range(units)]
    truth, found = [], []
    for lot in range(orders):
        order = draw(dict.fromkeys(names, ""), STARTS, str(lot)).starts
        starts = np.array([int(order[n]) for n in names])
        since = np.clip(np.arange(PERIODS) - starts[:, None] + 1, 0, 3)
        panel = Panel.from_rows(quiet + each[:, None] * since, starts)
        cells = comparable(panel)
        size = dict(zip(panel.starts, panel.n, strict=True))
        weights = np.array([size[c.start] for c in cells])
        truth.append(each.mean() * (weights @ [min(c.since + 1, 3) for c in cells]) / weights.sum())
        best, plain = ordered(panel), ordered(panel, beta=1.0)
        low, high = best.contrast(units).interval(0.95)
        found.append((best.theta, best.se, plain.theta, plain.se, best.beta, low, high))
    theta, se, did, did_se, beta, lows, highs = np.array(found).T
    error = theta - np.array(truth)
    return Drawings(
        bias=float(abs(error.mean()) / (error.std(ddof=1) / np.sqrt(orders))),
        coverage=float(((lows <= truth) & (truth <= highs)).mean()),
        se=float(se.mean()),
        se_did=float(did_se.mean()),
        spread=float(theta.std(ddof=1)),
        spread_did=float(did.std(ddof=1)),
        beta=float(beta.mean()),
    )
