"""What a source that asks a monitoring system declares: which metrics, of what, since when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from headway.portfolio.values import Declared, Fault, Number, Text

if TYPE_CHECKING:
    from headway.portfolio.source import Source

ProfileName = Literal["dcgm", "kube", "vllm", "otel_genai"]
SHORTEST_STEP, LONGEST_STEP = timedelta(seconds=10), timedelta(hours=1)
_DAY = timedelta(days=1)


class UsageQuery(Declared):
    """A resource by expressions of one's own, in PromQL; each is evaluated once a step."""

    resource: Text = Field(description="the resource", examples=["gpu"])
    used: Text = Field(description="its mean use over the step", examples=["avg_over_time(fleet_use[5m])"])
    used_max: Text | None = Field(None, description="its peak use inside the step")
    granted: Text | None = Field(None, description="what was held")
    unit: Text = Field("", description="devices, bytes, cores ...")
    rung: Literal["R1", "R2", "R3", "R4"] | None = Field(None, description="how directly work is observed")


class Watts(Declared):
    """Between which two powers a device's work is read off where nothing better is metered (rung R4)."""

    idle: Number = Field(60.0, description="power of one idle device, in watts")
    full: Number = Field(400.0, description="power of one device at full work, in watts")


def faults_of(source: Source) -> Iterator[Fault]:
    """What is wrong between the keys of a source that asks Prometheus."""
    if bool(source.profile) == bool(source.queries):
        what = (
            "both 'profile' and 'queries' are given" if source.profile else "neither 'profile' nor 'queries'"
        )
        mend = "keep one of them" if source.profile else "add profile: dcgm"
        yield Fault("HW105" if source.profile else "HW104", ("queries",), what, mend)
    seconds = source.step.total_seconds()
    if not SHORTEST_STEP <= source.step <= LONGEST_STEP or _DAY.total_seconds() % seconds:
        what = "'step' must go into a day without rest, and be between 10 seconds and an hour"
        yield Fault("HW105", ("step",), what, "write step: 5min")
    if source.watts.full <= source.watts.idle or source.watts.idle < 0:
        yield Fault("HW105", ("watts",), "'full' must be above 'idle'", "write watts: {idle: 60, full: 400}")
    if source.fact and source.fact != "usage":
        what = f"'{source.kind}' fills the fact usage, not '{source.fact}'"
        yield Fault("HW105", ("fact",), what, "write fact: usage")
