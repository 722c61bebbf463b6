"""How soon an effect that is looked at again and again is decided, and what such looks cost."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from headway.statistics.contrast import FloatArray
from headway.statistics.sequential import boundary, log_e_one_sided, r_star

DAILY_LOOKS = 199
"""Looks from the first unit to the planned end that stand for "every day"; twice as many lower k* by 1 %."""

_NODES = {"two": 9.0, "one": 14.0}
_FEWEST_NODES = 64
_FAR = 8.0
"""No boundary is placed further out than this many standard errors: nothing gets there by chance."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a running pilot is decided: once its e-value reaches `threshold` at one of its looks.

    Attributes:
        threshold: the e-value asked for, above 1: 1/alpha for an interval, 1/(k alpha gamma) for a promotion.
        sides: ``two`` for the interval, ``one`` for the promotion e-value.
        df: degrees of freedom of the statistic.
        looks: how many, evenly from the first unit to the planned end.
        r: prior variance of the e-value at the planned end; a look at share f has r f.
    """

    threshold: float = 20.0
    sides: Literal["one", "two"] = "two"
    df: float = math.inf
    looks: int = DAILY_LOOKS
    r: float = r_star(0.05)

    def boundary(self, share: float) -> float:
        """The statistic at which it is decided, at a look with this share of the plan; may be infinite."""
        r = self.r * share
        if self.sides == "two":
            return boundary(self.df, r, 1 / self.threshold)
        need = math.log(self.threshold)

        def short(t: float) -> float:
            return log_e_one_sided(t, self.df, r) - need

        high = 4.0
        while short(high) < 0:
            high *= 2
            if high > 2**20:
                return math.inf
        return _root(short, -high, high)


@dataclass(frozen=True, slots=True)
class Crossing:
    """The chance of being decided, for every size of effect, from one pass over the looks.

    Under no effect the score at share f of the plan is Brownian motion. What is undecided after each look is
    carried to the next by Gauss-Legendre quadrature (Armitage, McPherson, Rowe, JRSS A 1969); an effect
    weights it by its likelihood ratio, so no effect needs a pass of its own. Effects are in standard errors
    at the planned end. Where the statistic is Student's t, its boundary is that of t and its path is taken as
    Brownian, which is exact only for infinite df.

    Attributes:
        shares: share of the plan at each look.
        scores: nodes of the score at each look.
        mass: the undecided mass at those nodes.
    """

    shares: FloatArray
    scores: tuple[FloatArray, ...]
    mass: tuple[FloatArray, ...]

    def undecided(self, effect: float, look: int) -> float:
        """The chance that an effect is not decided by a look; looks are counted from 0."""
        share = float(self.shares[look])
        tilt = np.exp(effect * self.scores[look] - 0.5 * effect * effect * share)
        return min(1.0, float(np.sum(self.mass[look] * tilt)))

    def decided(self, effect: float, share: float = 1.0) -> float:
        """The chance that an effect is decided by a share of the plan; looks after it do not count.

        Example:
            >>> round(crossing(Rule()).decided(0.0), 4)
            0.0158

        """
        look = int(np.searchsorted(self.shares, share + 1e-9)) - 1
        return 0.0 if look < 0 else 1.0 - self.undecided(effect, look)

    def effect_for(self, power: float) -> float:
        """The effect decided by the planned end with probability `power`, in standard errors there."""
        return _root(lambda effect: self.decided(effect) - power, 0.0, 60.0)

    def expected_share(self, effect: float) -> float:
        """Mean share of the plan at which it stops: when decided, at the latest at the planned end."""
        end = int(np.searchsorted(self.shares, 1.0 + 1e-9))
        steps = np.diff(self.shares[:end], prepend=0.0)
        alive = [1.0, *(self.undecided(effect, look) for look in range(end - 1))]
        return float(np.dot(steps, alive))


@lru_cache(maxsize=64)
def crossing(rule: Rule, until: float = 1.0) -> Crossing:
    """Follow a rule to a share of its plan, which may pass 1.

    Raises:
        ValueError: the rule has no look, a threshold of at most 1, or `until` is not above zero.
    """
    if rule.looks < 1 or not rule.threshold > 1 or not 0 < until < math.inf:
        message = f"{rule.looks} looks, threshold {rule.threshold}, until {until}"
        raise ValueError(message)
    step = 1.0 / rule.looks
    count = max(1, math.floor(until * rule.looks + 1e-9))
    shares: FloatArray = step * np.arange(1, count + 1, dtype=np.float64)
    # About 1.5 nodes for each standard deviation of a step, which is what smooth densities need.
    nodes_wanted = max(_FEWEST_NODES, math.ceil(_NODES[rule.sides] * math.sqrt(count)))
    unit, weights = np.polynomial.legendre.leggauss(nodes_wanted)
    scale = 1.0 / math.sqrt(2 * math.pi * step)
    scores, mass = np.zeros(1), np.ones(1)
    kept: list[tuple[FloatArray, FloatArray]] = []
    for share in shares:
        reach = math.sqrt(share)
        high = min(rule.boundary(float(share)), _FAR) * reach
        low = -high if rule.sides == "two" else -_FAR * reach
        middle, half = (high + low) / 2, (high - low) / 2
        nodes = middle + half * unit
        density = scale * np.exp(-((nodes[:, None] - scores) ** 2) / (2 * step)) @ mass
        scores, mass = nodes, half * weights * density
        kept.append((scores, mass))
    return Crossing(shares, tuple(s for s, _ in kept), tuple(m for _, m in kept))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    # Imported when a rule is followed: it takes longer than all else that a review without a plan waits for.
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-10))
