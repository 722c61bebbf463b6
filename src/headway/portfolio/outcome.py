"""What should become better, and how it leads to money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from headway.portfolio.values import Day, Declared, Fault, Figure, Flag, Name, Rate, Text, TripleT, WindowT


class Metric(Declared):
    """The one measure of an outcome."""

    name: Text = Field(description="the column or series that carries it", examples=["reopened"])
    unit: Text = Field("", description="its unit: share, minutes, EUR ...", examples=["share"])
    better: Literal["lower", "higher"] = Field(description="which direction is good", examples=["lower"])


class Baseline(Declared):
    """Where the metric stood before anybody changed something."""

    value: Figure | None = Field(None, description="the level before")
    low: Figure | None = Field(None, description="lower end of its interval")
    high: Figure | None = Field(None, description="upper end of its interval")
    window: WindowT | None = Field(None, description="the days it was observed on")
    source: Text | None = Field(None, description="the source it was read from")
    measure: Text | None = Field(None, description="the source it shall be measured from")


class Target(Declared):
    """Where the metric should stand, and when."""

    value: Figure = Field(description="the level aimed at", examples=["0.14"])
    by: Day = Field(description="the day it should be reached", examples=["2026-12-31"])


class Drive(Declared):
    """An edge from this outcome towards a P&L line."""

    to: Text = Field(description="the outcome that is driven", examples=["claims-handling-cost"])
    kind: Literal["identity", "causal", "proxy"] = Field(
        description="identity: by arithmetic; causal: by a claim with an owner; proxy: only moves along",
        examples=["causal"],
    )
    slope: TripleT | None = Field(None, description="what one step is worth: low, middle, high")
    per: Text = Field("", description="the step that the slope is for", examples=["1 reopened"])
    volume: Rate | None = Field(None, description="how many steps there are in a year")
    owner: Text | None = Field(None, description="who answers for the claim")
    valid_until: Day | None = Field(None, description="the day from which the claim must be renewed")
    attested_by: Text | None = Field(None, description="who in finance attested the slope")


class Outcome(Declared):
    """What a customer gets, measured, or a line of the P&L."""

    outcome: Name = Field(description="the name of the outcome", examples=["claims-settled-first-time"])
    title: Text = Field("", description="one line for people")
    statement: Text = Field("", description="direction, metric, object: minimize the likelihood that ...")
    customer: Text | None = Field(
        None, description="whose outcome it is", examples=["customers with an open claim"]
    )
    metric: Metric | None = Field(
        None, description="the one measure of it", examples=["{name: reopened, unit: share, better: lower}"]
    )
    baseline: Baseline | None = Field(None, description="where it stood before")
    target: Target | None = Field(None, description="where it should stand, and when")
    owner: Text | None = Field(None, description="who answers for it")
    drives: tuple[Drive, ...] = Field((), description="the edges towards the P&L")
    line: Literal["cost", "revenue", "margin"] | None = Field(None, description="which line of the P&L it is")
    cashable: Flag | None = Field(None, description="whether a change of the line can be taken out as cash")

    def faults(self) -> Iterator[Fault]:
        """An outcome without customer and metric is not one, unless it is a line of the P&L."""
        if self.line is not None:
            return
        for key, example in (
            ("customer", "who has it"),
            ("metric", "{name: reopened, unit: share, better: lower}"),
        ):
            if getattr(self, key) is None:
                what = f"'{key}' is absent or empty; an outcome that is no P&L line needs it"
                yield Fault("HW104", (key,), what, f"add {key}: {example}")


def baseline_name(outcome: str) -> str:
    """What the table of a measured baseline is called; no declared name has blanks.

    >>> baseline_name("claims-settled")
    'baseline of claims-settled'
    """
    return f"baseline of {outcome}"
