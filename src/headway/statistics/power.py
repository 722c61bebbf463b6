"""Before a pilot and during it: what it can detect, how many units it needs, and what looking costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from headway.statistics.stopping import Crossing, Rule, crossing

POWER = 0.8
"""The chance of a decision that a pilot is planned for."""

OUT_OF_REACH = 100
"""Beyond a hundred times today's units the answer is "not at this size"."""


def units_to_settle(n: int, half_width: float, distance: float) -> int | None:
    """Units at which the interval would just clear the bound, if the estimate stays.

    The half-width shrinks with the root of n, so n* = n (h / |d|)^2.

    Args:
        n: units so far.
        half_width: half of today's interval, in the outcome's unit, >= 0.
        distance: estimate minus bound, same unit; the sign does not matter.

    Returns:
        Total units needed (not the additional ones), or None when the estimate
        lies on the bound or more than a hundred times `n` would be needed.

    Raises:
        ValueError: `n` or `half_width` is negative or a figure is not finite.

    Example:
        >>> units_to_settle(400, 3.0, 1.5), units_to_settle(400, 3.0, 0.0)
        (1600, None)

    """
    if n < 0 or not (math.isfinite(half_width) and math.isfinite(distance)) or half_width < 0:
        msg = f"n {n}, half-width {half_width} and distance {distance} must be finite and >= 0"
        raise ValueError(msg)
    reach = abs(distance) * math.sqrt(OUT_OF_REACH)
    if distance == 0 or half_width > reach:
        return None
    return math.ceil(n * (half_width / abs(distance)) ** 2)


MOST_OF_PLAN = 3.0
"""Looks are followed to this share of the plan and no further."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How much the outcome of one unit varies, on the scale of the estimate.

    On the relative scale `sd` is that of a unit over the mean of its arm: the delta method of ln(m_t / m_c).

    Attributes:
        sd: standard deviation between units of the control arm, above zero.
        sd_treated: of the treated arm, where it differs, as it does for a share.
        explained: share of the variance that covariates explain, rho^2, below 1.
        icc: how alike the units of a cluster are, 0 to 1.
        clusters: clusters in both arms together, where whole clusters are assigned.
        cv: coefficient of variation of the cluster sizes.

    Raises:
        ValueError: a figure is outside its range.
    """

    sd: float
    sd_treated: float | None = None
    explained: float = 0.0
    icc: float = 0.0
    clusters: int | None = None
    cv: float = 0.0

    def __post_init__(self) -> None:
        sds = (self.sd, self.sd if self.sd_treated is None else self.sd_treated)
        sound = all(0 < sd < math.inf for sd in sds) and 0 <= self.explained < 1 and 0 <= self.icc <= 1
        if not sound or self.cv < 0 or (self.clusters is not None and self.clusters < 2):
            msg = f"no variation of an outcome: {self}"
            raise ValueError(msg)

    @property
    def df(self) -> float:
        """Degrees of freedom of the difference: two fewer than clusters, else those of the normal."""
        return math.inf if self.clusters is None else float(self.clusters - 2)

    def standard_error(self, units: float, shares: tuple[float, float] = (0.5, 0.5)) -> float:
        """Of the difference between a control and a treated arm.

        s^2 = (1 - rho^2) D (sd_c^2 / n_c + sd_t^2 / n_t) with the design effect D.

        Args:
            units: units of the whole pilot, above zero.
            shares: shares of them in the control and in the treated arm; they need not add up to 1.

        Example:
            >>> round(Variation(1.0).standard_error(400), 12)
            0.1

        """
        if not 0 < units < math.inf or not all(0 < share < 1 for share in shares):
            msg = f"{units} units in shares {shares}"
            raise ValueError(msg)
        treated = self.sd if self.sd_treated is None else self.sd_treated
        size = units / self.clusters if self.clusters else 1.0
        together = design_effect(size, self.icc, self.cv) if size > 1 else 1.0
        inflation = together * (1 - self.explained)
        control_n, treated_n = (units * share for share in shares)
        return math.sqrt(inflation * (self.sd**2 / control_n + treated**2 / treated_n))


def share_sd(share: float) -> float:
    """Standard deviation of one unit whose outcome is 0 or 1.

    >>> share_sd(0.2)
    0.4
    """
    if not 0 < share < 1:
        msg = f"a share is between 0 and 1, not {share}"
        raise ValueError(msg)
    return math.sqrt(share * (1 - share))


def design_effect(size: float, icc: float, cv: float = 0.0) -> float:
    """By how much clusters of unequal sizes raise the variance of a mean.

    1 + ((1 + cv^2) m - 1) icc: Eldridge, Ashby, Kerry (Int. J. Epidemiol. 2006).

    Args:
        size: mean units of a cluster, at least 1.
        icc: how alike the units of a cluster are, 0 to 1.
        cv: coefficient of variation of the sizes.

    Example:
        >>> design_effect(21, 0.1), design_effect(1, 0.5)
        (3.0, 1.0)

    """
    return 1 + ((1 + cv * cv) * size - 1) * icc


@dataclass(frozen=True, slots=True)
class Deciding:
    """How a pilot is decided: at one look with t quantiles, or by a rule that holds at every look.

    Attributes:
        rule: of the e-value; None for one look at the planned end.
        alpha: of the two-sided interval at that one look.
    """

    rule: Rule | None = None
    alpha: float = 0.05

    def reach(self, power: float = POWER, df: float = math.inf) -> float:
        """The effect that is decided with probability `power`, in standard errors at the planned end.

        Returns:
            q_(1 - alpha/2) + q_power for one look; `math.inf` where so few df never decide.

        Example:
            >>> round(Deciding().reach(), 4), round(Deciding(Rule()).reach(), 4)
            (2.8016, 3.6086)

        """
        spread = _quantile(power, df)
        if self.rule is None:
            return _quantile(1 - self.alpha / 2, df) + spread
        path = self._path(df)
        return math.inf if path is None else path.effect_for(power) + spread - float(ndtri(power))

    def decided(self, effect: float, df: float = math.inf, share: float = 1.0) -> float:
        """The chance that an effect is decided by a share of the plan.

        Args:
            effect: in standard errors at the planned end, signed so that good is positive.
            df: degrees of freedom.
            share: share of the planned units that are in.
        """
        if self.rule is None:
            gap = effect * math.sqrt(share) - _quantile(1 - self.alpha / 2, df)
            return float(ndtr(gap) if math.isinf(df) else stdtr(df, gap))
        # A plan that is outgrown further is one in name only; what comes later is left out.
        known = min(share, MOST_OF_PLAN)
        path = self._path(df, max(1.0, math.ceil(known * 4) / 4))
        return 0.0 if path is None else path.decided(effect, known)

    def expected_share(self, effect: float, df: float = math.inf) -> float:
        """Mean share of the plan that is used before it stops."""
        path = self._path(df)
        return 1.0 if path is None else path.expected_share(effect)

    def price(self, power: float = POWER) -> float:
        """k*: units for each unit of a single look at 5 %, two-sided, and the same power.

        Example:
            >>> round(Deciding(Rule()).price(), 3), round(Deciding(Rule(200, "one")).price(), 2)
            (1.659, 2.26)

        """
        return (self.reach(power) / Deciding().reach(power)) ** 2

    def _path(self, df: float, until: float = 1.0) -> Crossing | None:
        if self.rule is None:
            return None
        rule = replace(self.rule, df=df)
        return crossing(rule, until) if math.isfinite(rule.boundary(1.0)) else None


def units_needed(
    effect: float,
    variation: Variation,
    shares: tuple[float, float] = (0.5, 0.5),
    deciding: Deciding | None = None,
    power: float = POWER,
) -> int | None:
    """Units of the whole pilot at which an effect is decided with probability `power`.

    Args:
        effect: distance of the effect from the hurdle, on the scale of `variation`.
        variation: of one unit.
        shares: shares of the units in the control and in the treated arm.
        deciding: how it is decided; by default at one look.
        power: the chance of a decision.

    Returns:
        Units, rounded up; None where no number of units is enough, because the clusters are too few.

    Raises:
        ValueError: the effect is zero or not finite.

    Example:
        >>> units_needed(0.1, Variation(1.0)), units_needed(0.1, Variation(1.0, icc=0.1, clusters=10))
        (3140, None)

    """
    if not 0 < abs(effect) < math.inf:
        msg = f"an effect of {effect} cannot be planned for"
        raise ValueError(msg)
    how = deciding or Deciding()
    reach = how.reach(power, variation.df) if variation.df > 0 else math.inf
    if not math.isfinite(reach):
        return None
    wanted = (effect / reach) ** 2
    # s^2 = a / units + floor: units of a cluster add, up to the clusters' own variance.
    per_unit = replace(variation, clusters=None, icc=0.0, cv=0.0).standard_error(1.0, shares) ** 2
    floor = 0.0
    if variation.clusters is not None:
        floor = per_unit * variation.icc * (1 + variation.cv**2) / variation.clusters
        if wanted <= floor:
            return None
        alone = math.ceil(per_unit / wanted)
        if alone <= variation.clusters:
            return alone
        per_unit *= 1 - variation.icc
    return math.ceil(per_unit / (wanted - floor) - 1e-9)


def _quantile(probability: float, df: float) -> float:
    return float(ndtri(probability) if math.isinf(df) else stdtrit(df, probability))
