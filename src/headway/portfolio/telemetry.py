"""What a source that asks a monitoring system declares: which metrics, of what, since when."""

from __future__ import annotations

import re
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
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCES = re.compile(r"(?:\$\{[^}]+\})+")


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
    """What is wrong between the keys of a source that asks a monitoring system."""
    if source.token and not _REFERENCES.fullmatch(source.token):
        what = "'token' stands in clear; a file in Git is no place for it"
        mend = "write token: ${PROM_TOKEN}, and change it where it is used"
        yield Fault("HW105", ("token",), what, mend)
    if source.fact and source.fact != "usage":
        what = f"'{source.kind}' fills the fact usage, not '{source.fact}'"
        yield Fault("HW105", ("fact",), what, "write fact: usage")
    if source.kind == "opencost":
        if not (source.url or source.path):
            yield Fault("HW104", ("url",), "neither 'url' nor 'path' is given", "add url: ${OPENCOST_URL}")
        return
    if bool(source.profile) == bool(source.queries):
        both = bool(source.profile)
        what = (
            "both 'profile' and 'queries' are given" if both else "neither 'profile' nor 'queries' is given"
        )
        mend = "keep one of them" if both else "add profile: dcgm, or queries of your own"
        yield Fault("HW105" if both else "HW104", ("queries",), what, mend)
    if not SHORTEST_STEP <= source.step <= LONGEST_STEP or _DAY % source.step:
        what = "'step' must go into a day without rest, and be between 10 seconds and an hour"
        yield Fault("HW105", ("step",), what, "write step: 5min")
    if not 0 <= source.watts.idle < source.watts.full:
        what = "'full' must be above 'idle', and neither below nothing"
        yield Fault("HW105", ("watts",), what, "write watts: {idle: 60, full: 400}")
    yield from _labels(source)


def _labels(source: Source) -> Iterator[Fault]:
    """Labels go into expressions as they stand: they are words that Prometheus takes."""
    named = [("workload", w) for w in source.workload] + [("match", m) for m in source.match]
    named += [("holder", source.holder)] if source.holder else []
    for key, label in named:
        if not _LABEL.fullmatch(label):
            what = f"'{label}' is no label of Prometheus: letters, digits and underscores"
            yield Fault("HW105", (key,), what, f"write {key} with labels as Prometheus shows them")
