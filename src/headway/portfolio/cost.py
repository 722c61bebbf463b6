"""What an initiative or a component costs: rows of the bill, parts of shared things, people."""

from __future__ import annotations

from pydantic import Field

from headway.portfolio.values import Declared, ExactShare, Number, Rate, Share, Text


class CostSelector(Declared):
    """Rows of the bill that belong to whoever declares it: by tag or by FOCUS column."""

    tag: dict[str, Text] | None = Field(
        None, description="tag to its value", examples=["{application: replies}"]
    )
    column: dict[str, Text] | None = Field(
        None, description="FOCUS column to its value", examples=["{SubAccountId: a-17}"]
    )


class SharedCost(Declared):
    """A part of a shared component's cost: by a declared share, or by a driver."""

    component: Text = Field(description="the component that is shared", examples=["gpu-pool"])
    driver: Text = Field(
        "",
        description="what the cost is divided by: usage.RESOURCE (mean use), usage.RESOURCE.granted or "
        "usage.RESOURCE.peak; absent: mean use",
        examples=["usage.gpu", "usage.gpu.peak"],
    )
    share: ExactShare | None = Field(
        None,
        description="the declared share, where there is no driver; those of all initiatives are together "
        "exactly 100 %",
        examples=["60 %"],
    )


class Staffing(Declared):
    """People who work on the initiative."""

    role: Text = Field(description="what they do", examples=["ml-engineer"])
    share: Share = Field(1.0, description="the part of their time", examples=["50 %"])
    of: Number = Field(1.0, description="how many people")
    rate: Rate = Field(description="what one of them costs", examples=["9500 EUR per month"])


class Cost(Declared):
    """What the initiative costs: its rows of the bill, its part of shared things, its people."""

    select: tuple[CostSelector, ...] = Field((), description="rows of the bill, by tag or column")
    shared: tuple[SharedCost, ...] = Field((), description="parts of shared components")
    people: tuple[Staffing, ...] = Field((), description="people and their rates")


class ComponentCost(Declared):
    """What a component costs, and how that is divided over the initiatives that use it."""

    select: tuple[CostSelector, ...] = Field((), description="rows of the bill, by tag or column")
    shares: dict[str, ExactShare] = Field(
        {},
        description="initiative to its declared share; together exactly 100 %",
        examples=["{replies: 60 %}"],
    )
