"""The comparison that shall tell whether an initiative moves its outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from headway.kernel.quantity import parse_share
from headway.portfolio.before import after_exposure
from headway.portfolio.guardrail import Guardrail, misfits
from headway.portfolio.values import (
    Change,
    Count,
    Day,
    Declared,
    Duration,
    Fault,
    Figure,
    Money,
    Number,
    Share,
    Text,
    refuse,
)

Design = Literal[
    "randomised",
    "clusters",
    "rollout_order",
    "staggered",
    "synthetic",
    "interrupted",
    "before_after",
    "observational",
    "published",
]
Scale = Literal["absolute", "relative", "log"]
# Designs whose comparison lies in time: when a unit is treated stands in its rows, and nothing has arms.
OVER_TIME = ("rollout_order", "staggered", "synthetic", "interrupted")
# Of these, the ones in which a single group is treated: nothing is adjusted, and there is one look.
ONE_TREATED = ("synthetic", "interrupted")
# The others: many units start one after another.
ROLLOUTS = ("rollout_order", "staggered")
Kind = Literal["sum", "mean", "any", "last"]
# Designs whose units can be read from exposures and series.
OVER_EVENTS = ("randomised", "clusters", "before_after", "observational")
_SUM_SLACK = 1e-9


def _planned_share(found: object) -> float | None:
    if found is None:
        return None
    try:
        share = parse_share(str(found))
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        raise refuse("the share of units in this arm", "50 %")
    return share


ArmShare = Annotated[
    float | None,
    PlainValidator(_planned_share),
    WithJsonSchema(
        {"type": ["string", "number"], "description": "the planned share of units", "examples": ["50 %"]}
    ),
]

# Written as a mapping, or as a list of names when no shares were planned.
Arms = Annotated[
    dict[str, ArmShare],
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
                {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            ],
            "examples": ["{control: 50 %, assisted: 50 %}"],
        }
    ),
]


def _one(found: object) -> str:
    if isinstance(found, list | tuple):
        example = "the metric that decides, and list the others under guardrails or proxies"
        raise refuse("one primary metric", example, "HW407")
    if not isinstance(found, str):
        raise refuse("a text", "a few words")
    return found


PrimaryMetric = Annotated[
    str,
    PlainValidator(_one),
    WithJsonSchema({"type": ["string", "number", "boolean"], "description": "a text"}),
]


class Objective(Declared):
    """The change that was promised."""

    change: Change = Field(
        description="the change with its sign, which is the good direction", examples=["-10 %"]
    )
    scale: Scale = Field(
        "absolute", description="absolute, relative, or log: already a logarithm, shown as exp - 1"
    )

    @property
    def value(self) -> float:
        """The change as a number: -0.1 for ``-10 %``."""
        return parse_share(self.change)

    @property
    def bound(self) -> float:
        """The change on the scale of the estimate: ln(1 + change) for relative and log, else itself.

        >>> round(Objective(change="-10 %", scale="relative").bound, 4)
        -0.1054
        """
        return on_scale(self.value, self.scale)


def on_scale(change: float, scale: Scale) -> float:
    """A change on the scale of its estimate: ln(1 + change) for relative and log scales, else as it is."""
    return change if scale == "absolute" else math.log1p(change)


class PilotDates(Declared):
    """When the pilot runs."""

    starts: Day = Field(description="the first day", examples=["2026-01-12"])
    ends: Day = Field(description="the day it ends", examples=["2026-04-12"])


class PilotWindow(Declared):
    """How long one unit is watched, from its own first exposure."""

    length: Duration = Field(description="how long", examples=["14d"])
    absent: Literal["missing", "zero"] = Field("missing", description="what a unit without rows counts as")
    aggregate: dict[str, Kind] = Field(
        {},
        description="metric to what a unit's values become: sum (the default), mean, any (1 or 0), or last",
        examples=["{minutes: mean}"],
    )


class PilotPlan(Declared):
    """The size that was planned."""

    units: Count | None = Field(None, description="how many units", examples=["2400"])
    icc: Share | None = Field(None, description="how alike the units of a cluster are, 0 to 1")
    smallest_effect: Change | None = Field(
        None, description="the smallest effect worth having", examples=["-8 %"]
    )
    weekly: Count | None = Field(
        None, description="units that arrive in a week, where no rows tell it", examples=["200"]
    )
    clusters: Count | None = Field(
        None, description="clusters in all arms together, where no rows tell it", examples=["40"]
    )
    mean: Figure | None = Field(
        None, description="mean of the metric without the change, where no rows tell it", examples=["0.19"]
    )
    sd: Number | None = Field(
        None, description="standard deviation of the metric between units, where no rows tell it"
    )


class Registered(Declared):
    """A registration kept elsewhere."""

    where: Text = Field(description="the register", examples=["osf.io"])
    id: Text = Field("", description="the number there")
    on: Day | None = Field(None, description="the day of registration")


class PublishedEstimate(Declared):
    """A result as it was printed."""

    metric: Text = Field(description="what was measured", examples=["minutes"])
    arm: Text = Field("", description="the arm that is compared with the control")
    value: Figure = Field(description="the estimate", examples=["0.19"])
    low: Figure = Field(description="lower end of its interval", examples=["0.02"])
    high: Figure = Field(description="upper end of its interval", examples=["0.39"])
    level: Share = Field(0.95, description="coverage of the interval")
    se: Number | None = Field(None, description="the standard error")
    df: Number | None = Field(None, description="the degrees of freedom")
    n: Count | None = Field(None, description="units it rests on")
    clusters: Count | None = Field(None, description="clusters it rests on")
    scale: Scale = Field("absolute", description="the scale of value, low and high")
    method: Text = Field("", description="the estimator, in one line")
    design: Literal["randomised", "clusters", "observational"] = Field(
        "observational", description="how the comparison was made; the grade follows from it"
    )


class Pilot(Declared):
    """One comparison with exactly one primary metric."""

    key: Text | None = Field(
        None, description="the key in the fact `exposure`; default: the initiative's name"
    )
    design: Design = Field(description="how arms are compared", examples=["randomised"])
    source: Text | None = Field(
        None,
        description="the source with one row per unit; without it, exposures and series are read",
        examples=["reply-pilot"],
    )
    arms: Arms = Field({}, description="name of an arm to its planned share, or a list of names")
    control: Text = Field("", description="the arm compared with; default: `control`, else the first arm")
    unit: Text = Field("", description="what is assigned", examples=["claim"])
    cluster: Text | None = Field(
        None, description="the group whose units are not independent", examples=["team"]
    )
    metric: PrimaryMetric = Field(description="the primary metric, exactly one", examples=["reopened"])
    statistic: Literal["mean", "median"] = Field("mean", description="what of the metric is compared")
    objective: Objective = Field(
        description="the change promised", examples=["{change: -10 %, scale: relative}"]
    )
    promote_above: Change = Field("0 %", description="the change a promotion must show to exceed")
    window: PilotWindow | None = Field(None, description="how long one unit is watched")
    covariates: tuple[Text, ...] = Field(
        (),
        max_length=8,
        description="columns measured before exposure, at most 8; over events also `metric@-28d`",
    )
    fixed_effects: tuple[Text, ...] = Field((), description="category columns, at most 50 levels in all")
    dates: PilotDates | None = Field(None, description="when it runs")
    looks: Literal["daily", "weekly", "once"] = Field("once", description="how often results are looked at")
    plan: PilotPlan | None = Field(None, description="the size that was planned")
    budget: Money | None = Field(None, description="what it may cost", examples=["80000 EUR"])
    asks: Money | None = Field(
        None, description="the money that is asked for once it is scaled", examples=["800000 EUR"]
    )
    stop: Text = Field("", description="what ends it early")
    guardrails: tuple[Guardrail, ...] = Field((), description="metrics that must not become worse")
    proxies: tuple[Text, ...] = Field((), description="metrics that only move along")
    sensitivity: Literal["drifting_trends"] | None = Field(
        None, description="for a staggered rollout: how far trends may drift (extra `causal`)"
    )
    registered: Registered | None = Field(None, description="a registration kept elsewhere")
    estimates: tuple[PublishedEstimate, ...] = Field((), description="the results of a published pilot")
    citation: Text = Field("", description="the publication")
    published: Day | None = Field(None, description="the day of publication", examples=["2025-07-10"])

    @model_validator(mode="before")
    @classmethod
    def _name_the_arms(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        arms = data.get("arms")
        if (
            isinstance(arms, list | tuple)
            and all(isinstance(a, str) for a in arms)
            and len(set(arms)) == len(arms)
        ):
            arms = dict.fromkeys(arms)
        if isinstance(arms, dict) and arms and not data.get("control"):
            data = {**data, "control": "control" if "control" in arms else str(next(iter(arms)))}
        return {**data, "arms": arms} if isinstance(arms, dict) else data

    @property
    def over_events(self) -> bool:
        """Whether its units are made of exposures and series, since no source holds a row for each."""
        return self.source is None and self.design in OVER_EVENTS

    @property
    def treatments(self) -> tuple[str, ...]:
        """The arms other than the control, as declared."""
        return tuple(arm for arm in self.arms if arm != self.control)

    @property
    def shares(self) -> dict[str, float] | None:
        """The planned share per arm, or None when none was planned."""
        planned = {arm: share for arm, share in self.arms.items() if share is not None}
        return planned if planned and len(planned) == len(self.arms) else None

    @property
    def hurdle(self) -> float:
        """`promote_above` on the scale of the estimate."""
        return on_scale(parse_share(self.promote_above), self.objective.scale)

    def faults(self) -> Iterator[Fault]:
        """Settings that the design needs and does not have, or that contradict each other."""
        if self.metric in self.proxies:
            what = f"'{self.metric}' is the primary metric and is listed as a proxy"
            yield Fault("HW408", ("metric",), what, "name the outcome it stands for as the metric")
        if self.dates and self.dates.ends <= self.dates.starts:
            what = f"the pilot ends on {self.dates.ends}, not after its start on {self.dates.starts}"
            yield Fault("HW105", ("dates", "ends"), what, "give an end after the start")
        yield from self._unreachable()
        outcomes = {self.metric, *self.proxies, *(g.metric for g in self.guardrails)}
        yield from after_exposure(self.covariates, outcomes, over_events=self.over_events)
        yield from self._published() if self.design == "published" else self._run_here()

    def _unreachable(self) -> Iterator[Fault]:
        if self.objective.scale == "absolute":
            return
        for path, change in (
            (("objective", "change"), self.objective.change),
            (("promote_above",), self.promote_above),
        ):
            if parse_share(change) <= -1:
                what = f"'{path[-1]}' is '{change}'; on this scale a change is above -100 %"
                yield Fault("HW105", path, what, "write a smaller fall, such as -10 %")

    def _published(self) -> Iterator[Fault]:
        examples = {"estimates": "[{metric: minutes, value: 0.19, low: 0.02, high: 0.39}]",
                    "citation": "authors, title, year", "published": "2025-07-10"}  # fmt: skip
        for key, example in examples.items():
            if not getattr(self, key):
                yield Fault("HW432", (key,), f"a published pilot without '{key}'", f"add {key}: {example}")
        for index, one in enumerate(self.estimates):
            if not one.low <= one.value <= one.high:
                what = f"the value {one.value:g} lies outside its interval from {one.low:g} to {one.high:g}"
                yield Fault("HW105", ("estimates", index, "value"), what, "copy the three figures again")

    def _run_here(self) -> Iterator[Fault]:
        if self.over_events and self.window is None and self.key is not None:
            what = "a pilot over exposures and series without 'window': how long one unit is watched"
            yield Fault("HW432", ("window",), what, "add window: {length: 14d}, or name its rows as source")
        elif self.source is None and not (self.over_events and self.window):
            yield Fault(
                "HW432",
                ("source",),
                f"the design '{self.design}' without 'source'",
                "add source: and name its rows",
            )
        yield from self._over_time() if self.design in OVER_TIME else self._armed()
        yield from self._guarded()
        if (
            self.looks != "once"
            and self.design not in ONE_TREATED
            and (self.plan is None or not self.plan.units)
        ):
            what = f"looks '{self.looks}' without 'plan.units': how many units the boundary is tuned for"
            yield Fault("HW432", ("looks",), what, "add plan: {units: 2400}, or look once")

    def _guarded(self) -> Iterator[Fault]:
        return misfits(
            self.guardrails,
            clustered=self.design == "clusters" or self.cluster is not None,
            armed=self.design not in OVER_TIME,
            dated=self.dates is not None,
            planned=self.shares is not None,
        )

    def _over_time(self) -> Iterator[Fault]:
        if self.arms:
            what = f"the design '{self.design}' with arms; who is treated, and from when, stands in 'starts'"
            yield Fault("HW432", ("arms",), what, "drop arms")
        one = self.design in ONE_TREATED
        set_ = {"cluster": self.cluster, "covariates": self.covariates, "fixed_effects": self.fixed_effects,
                "statistic": self.statistic != "mean", "looks": one and self.looks != "once"}  # fmt: skip
        means = "means of groups, once" if one else "means of units, period by period"
        for key, given in set_.items():
            if given:
                what = f"the design '{self.design}' with '{key}'; it compares {means}"
                yield Fault("HW432", (key,), what, f"drop {key}")

    def _armed(self) -> Iterator[Fault]:
        if len(self.arms) < 2:  # noqa: PLR2004 - a comparison has two sides
            what = f"the design '{self.design}' with fewer than two arms"
            yield Fault("HW432", ("arms",), what, "add arms: {control: 50 %, assisted: 50 %}")
        elif self.control not in self.arms:
            what = f"the control '{self.control}' is none of the arms {', '.join(self.arms)}"
            yield Fault("HW432", ("control",), what, "name one of the arms as control")
        planned = [share for share in self.arms.values() if share is not None]
        if planned and (len(planned) < len(self.arms) or abs(sum(planned) - 1) > _SUM_SLACK):
            what = f"the shares of the arms add up to {sum(planned):.6g}, not to 1"
            yield Fault(
                "HW432", ("arms",), what, "correct the shares, or list the names alone: [control, assisted]"
            )
