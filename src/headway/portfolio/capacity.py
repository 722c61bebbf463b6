"""How the capacity of a component is sized, and what is held and asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from headway.portfolio.values import Count, Declared, Duration, Name, Number, Share, Text

Policy = Literal["default", "load_weighted", "closed_loop", "percentile", "vpa_like", "peak"]
Season = Literal["auto", "daily", "weekly", "none"]
Replay = Literal["advise", "observe"]


class Orderable(Declared):
    """Something that can be ordered to serve a component."""

    shape: Name = Field(description="what it is called", examples=["gpu-node"])
    price: Number = Field(description="what one costs an hour, in the portfolio's currency")
    capacity: Number = Field(description="what one serves, in the unit of the component's resource")
    memory: Number = Field(0.0, description="what one holds, in the unit of the resource's memory")
    lead: Duration = Field(timedelta(0), description="from the order until it serves")
    most: Count | None = Field(None, description="how many can be had; absent: as many as are wanted")


class Capacity(Declared):
    """Settings of the advice on one component; the defaults suit any trace and are not tuned to one.

    Time constants are in hours and follow the length of the history (`measures/spend/replay.py`), so none of
    them stands here.
    """

    policy: Policy = Field("default", description="the policy that sizes it")
    quantile: Share | None = Field(None, description="the share of load that a grant covers")
    margin: Share | None = Field(None, description="what is granted above it")
    short: Share = Field(0.01, description="the share of samples in which a grant may be too small")
    season: Season = Field("auto", description="the cycle that history must have seen whole")
    clock_scale: Number = Field(
        1.0, description="hours of real time in an hour of its meter's clock", examples=["1.0526"]
    )
    floor: Number = Field(0.0, description="the least that is granted, in the resource's unit")
    history: Duration = Field(timedelta(days=42), description="how far back the replay looks")
    replay: Replay = Field("advise", description="observe: replay, and advise nothing")
    granted: Number | None = Field(None, description="what is held now, where no source says it")
    asked: Number | None = Field(None, description="what the next step asks for, in the resource's unit")
    resource: Text = Field("gpu", description="the resource that `granted`, `asked` and `floor` are of")
    hpa: tuple[Text, ...] = Field((), description="resources whose use drives an autoscaler (HW450)")
    order: tuple[Orderable, ...] = Field((), description="what can be ordered to serve it (HW750, HW753)")
    machines: Count | None = Field(None, description="how many machines serve it now")
