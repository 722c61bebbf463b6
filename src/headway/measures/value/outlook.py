"""What a pilot will be able to tell: from its plan, the traffic that was seen, and how it is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from headway.kernel.quantity import parse_share
from headway.measures.base import Ask
from headway.measures.value.effect.record import FIRST_LOOK, shown
from headway.measures.value.effect.wording import good_sign
from headway.measures.value.traffic import Traffic
from headway.portfolio.pilot import Pilot, Scale, on_scale
from headway.statistics.power import POWER, Deciding, Variation, share_sd, units_needed
from headway.statistics.stopping import DAILY_LOOKS, Rule

Way = Literal["once", "looks", "promotion"]
WEEKS = 26
LEAST_WEEKS = 2
LEAST_UNITS = 4
# The cluster-robust interval is not believed below this (measurement.md 4).
LEAST_DF = 4.0
_WEEK = timedelta(days=7)


class Unplannable(ValueError):
    """Something that a plan needs is neither declared nor seen."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A pilot before its end.

    Attributes:
        scale: of the estimate.
        sign: +1 where more of the metric is good, else -1.
        hurdle: what a promotion must exceed, on the scale of the estimate.
        smallest: the smallest effect worth having, on that scale.
        variation: of one unit's outcome.
        shares: of the control arm and of the smallest treated arm.
        weekly: units that arrive in a week.
        planned: units that the boundary is tuned for.
        weeks: from the start to the end, less the window of the last unit.
        window: weeks from a unit's exposure to its outcome.
        looks: how often it is looked at.
        bar: the e-value that promotion asks of it alone; None where the portfolio has no budget.
        traffic: what was seen; None where all of it comes from the plan.
    """

    scale: Scale
    sign: int
    hurdle: float
    smallest: float
    variation: Variation
    shares: tuple[float, float]
    weekly: float
    planned: int
    weeks: float
    window: float
    looks: Literal["daily", "weekly", "once"]
    bar: float | None
    traffic: Traffic | None

    @property
    def distance(self) -> float:
        """From the hurdle to the smallest effect, above zero."""
        return self.sign * (self.smallest - self.hurdle)

    @property
    def df(self) -> float:
        """Of the estimate."""
        return self.variation.df

    def deciding(self, way: Way, weeks: float | None = None) -> Deciding:
        """How it is decided over so many weeks, by default those that are planned."""
        over = self.weeks if weeks is None else weeks
        looks = {"daily": DAILY_LOOKS, "once": 1}.get(self.looks, max(1, round(over)))
        if way == "promotion":
            return Deciding(Rule(self.bar or math.inf, "one", looks=looks))
        # At one look a fixed interval is narrower than one that holds at every look.
        return Deciding() if way == "once" or self.looks == "once" else Deciding(Rule(looks=looks))

    def detectable(self, way: Way, weeks: float) -> float | None:
        """The change that is decided with 80 % after so many weeks, as a person reads it; None: none is."""
        units = self.weekly * (weeks - self.window)
        if units < LEAST_UNITS:
            return None
        if way != "once" and self.looks != "once" and self._too_few(units):
            return None
        if self.df < LEAST_DF or (way == "promotion" and self.bar is None):
            return None
        reach = self.deciding(way, weeks).reach(POWER, self.df)
        if not math.isfinite(reach):
            return None
        return self.shown(self.hurdle + self.sign * reach * self.standard_error(units))

    def length(self, way: Way) -> int | None:
        """Whole weeks, the window of the last unit included; None where no number of weeks is enough."""
        if self.df < LEAST_DF or (way == "promotion" and self.bar is None):
            return None
        units = units_needed(self.distance, self.variation, self.shares, self.deciding(way))
        if units is None:
            return None
        if way != "once" and self.looks != "once" and self.variation.clusters is None:
            units = max(units, math.ceil(FIRST_LOOK / min(self.shares)))
        return max(LEAST_WEEKS, math.ceil(units / self.weekly - 1e-9) + math.ceil(self.window - 1e-9))

    def decided_by_end(self) -> float:
        """P(decided by the last day) at the smallest effect."""
        units = self.weekly * max(self.weeks, 0.0)
        if self.df < LEAST_DF or units < LEAST_UNITS or (self.looks != "once" and self._too_few(units)):
            return 0.0
        planned = self.standard_error(float(self.planned))
        share = (planned / self.standard_error(units)) ** 2
        return self.deciding("looks").decided(self.distance / planned, self.df, share)

    def shown(self, theta: float) -> float:
        """From the scale of the estimate to a change a person reads."""
        return shown(theta, "absolute" if self.scale == "absolute" else "log")

    def standard_error(self, units: float) -> float:
        """Of the effect with so many units in all arms."""
        return self.variation.standard_error(units, self.shares)

    def scaled(self, factor: float) -> Outlook:
        """The same with a larger or smaller standard deviation."""
        return replace(self, variation=replace(self.variation, sd=self.variation.sd * factor))

    def _too_few(self, units: float) -> bool:
        return self.variation.clusters is None and units * min(self.shares) < FIRST_LOOK


def outlook_of(ask: Ask, traffic: Traffic | None) -> Outlook:
    """The outlook of an initiative's pilot.

    Raises:
        Unplannable: with what is neither declared nor seen.
    """
    pilot = ask.initiative.pilot
    if pilot is None or pilot.dates is None or pilot.design not in ("randomised", "clusters"):
        message = "only a pilot with dates that assigns units or clusters at random can be planned"
        raise Unplannable(message)
    plan, scale = pilot.plan, pilot.objective.scale
    outcome = ask.portfolio.outcomes.get(ask.initiative.outcome)
    metric = outcome.metric if outcome else None
    sign = good_sign(pilot.objective.value, metric.better if metric else "higher")
    wanted = plan.smallest_effect if plan and plan.smallest_effect else pilot.objective.change
    smallest = on_scale(parse_share(wanted), scale)
    if not sign * (smallest - pilot.hurdle) > 0:
        message = f"the smallest effect {wanted} does not exceed promote_above, {pilot.promote_above}"
        raise Unplannable(message)
    window = (pilot.window.length / _WEEK) if pilot.window else 0.0
    weeks = (pilot.dates.ends - pilot.dates.starts) / _WEEK - window
    weekly = _weekly(pilot, traffic, weeks)
    planned = plan.units if plan and plan.units else math.ceil(weekly * max(weeks, 1.0))
    shares = pilot.shares or dict.fromkeys(pilot.arms, 1 / len(pilot.arms))
    return Outlook(
        scale=scale,
        sign=sign,
        hurdle=pilot.hurdle,
        smallest=smallest,
        variation=_variation(ask, pilot, traffic),
        shares=(shares[pilot.control], min(shares[a] for a in pilot.treatments)),
        weekly=weekly,
        planned=max(1, planned),
        weeks=weeks,
        window=window,
        looks=pilot.looks,
        bar=promotion_bar(ask, pilot),
        traffic=traffic,
    )


def promotion_bar(ask: Ask, pilot: Pilot) -> float | None:
    """1/(alpha gamma): what one of the pilot's approaches must reach when no other pilot is accepted."""
    budget = ask.portfolio.settings.promotion_budget
    if budget is None or not budget.slots or not budget.share:
        return None
    return budget.slots * max(1, len(pilot.treatments)) / budget.share


def _weekly(pilot: Pilot, traffic: Traffic | None, weeks: float) -> float:
    if traffic and traffic.weekly:
        return traffic.weekly
    if pilot.plan and pilot.plan.weekly:
        return float(pilot.plan.weekly)
    if pilot.plan and pilot.plan.units and weeks > 0:
        return pilot.plan.units / weeks
    message = "nothing tells how many units arrive: declare plan.weekly or plan.units"
    raise Unplannable(message)


def _variation(ask: Ask, pilot: Pilot, traffic: Traffic | None) -> Variation:
    plan = pilot.plan
    sd, mean = (traffic.sd, traffic.mean) if traffic else _planned(ask, pilot)
    if pilot.objective.scale == "relative":
        if mean is None or not abs(mean) > 0:
            message = "a relative effect needs the mean of the metric: declare plan.mean"
            raise Unplannable(message)
        sd /= abs(mean)
    clusters = (traffic.clusters if traffic else None) or (plan.clusters if plan else None)
    # Rows of a cluster design without a cluster column are clusters themselves.
    if pilot.design != "clusters" or (traffic and not clusters):
        return Variation(sd, explained=traffic.explained if traffic else 0.0)
    if not clusters:
        message = "nothing tells how many clusters there are: declare plan.clusters"
        raise Unplannable(message)
    icc = plan.icc if plan and plan.icc is not None else traffic.icc if traffic else None
    if icc is None:
        message = "nothing tells how alike the units of a cluster are: declare plan.icc"
        raise Unplannable(message)
    explained, cv = (traffic.explained, traffic.cv) if traffic else (0.0, 0.0)
    return Variation(sd, explained=explained, icc=icc, clusters=max(2, clusters), cv=cv)


def _planned(ask: Ask, pilot: Pilot) -> tuple[float, float | None]:
    """Standard deviation and mean as they are declared; a share has the one that follows from its mean."""
    plan = pilot.plan
    outcome = ask.portfolio.outcomes.get(ask.initiative.outcome)
    metric, baseline = (outcome.metric, outcome.baseline) if outcome else (None, None)
    same = metric is not None and metric.name == pilot.metric
    mean = plan.mean if plan else None
    if mean is None and same and baseline and baseline.value is not None:
        mean = float(baseline.value)
    if plan and plan.sd:
        return plan.sd, mean
    if mean is not None and same and metric is not None and metric.unit == "share" and 0 < mean < 1:
        return share_sd(mean), mean
    message = "nothing tells how much the metric varies: declare plan.sd, or bind rows of it"
    raise Unplannable(message)
