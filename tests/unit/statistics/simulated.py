"""Simulated Brownian motion under a stopping rule: what the quadrature is checked against."""

from __future__ import annotations

import math

import numpy as np

from headway.statistics.stopping import Rule


def simulated(rule: Rule, effect: float, until: float, runs: int, seed: int) -> dict[float, float]:
    """Share of paths that were decided by half the plan, its end, and `until`; in blocks, to bound memory."""
    draw = np.random.default_rng(seed)
    looks = math.floor(until * rule.looks + 1e-9)
    shares = np.arange(1, looks + 1) / rule.looks
    bound = np.array([rule.boundary(float(share)) for share in shares])
    counted = dict.fromkeys((0.5, 1.0, until), 0)
    for start in range(0, runs, 5_000):
        size = min(5_000, runs - start)
        steps = draw.standard_normal((size, looks)) / math.sqrt(rule.looks) + effect / rule.looks
        z = np.cumsum(steps, axis=1) / np.sqrt(shares)
        crossed = (np.abs(z) if rule.sides == "two" else z) >= bound
        for share in counted:
            counted[share] += int(crossed[:, : int(np.sum(shares <= share + 1e-9))].any(axis=1).sum())
    return {share: n / runs for share, n in counted.items()}
