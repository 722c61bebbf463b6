"""Which metrics of a monitoring system fill which resource of the fact ``usage``: a YAML file per system."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from headway.portfolio.values import Declared, Flag, Number, Text
from headway.portfolio.yaml import read, to_plain


class Metric(Declared):
    """A metric by its name in Prometheus.

    Attributes:
        scale: turns its unit into that of the resource.
        where: matchers beside those of the source.
        between_watts: whether it is power, of which the part above that of an idle device is work.
        of: the name in the convention that it comes from, where Prometheus writes another.
    """

    name: Text
    rung: Literal["R1", "R2", "R3", "R4"] | None = None
    scale: Number = 1.0
    where: tuple[Text, ...] = ()
    between_watts: Flag = False
    of: Text = ""


class Resource(Declared):
    """How one resource is read.

    Attributes:
        reads: a gauge (mean and peak); the rate of a counter (a second); the amount a counter grew by; or the
            mean of a histogram.
        share: whether each series is a share of one thing: as many are granted as there are series.
        names: the first that is there wins; names of different rungs are kept apart.
        granted: metrics that add up to what is held.
        capacity: metrics that add up to the most that may be held.
    """

    resource: Text
    unit: Text
    reads: Literal["gauge", "rate", "amount", "mean"]
    share: Flag = False
    names: tuple[Metric, ...] = Field(min_length=1)
    granted: tuple[Metric, ...] = ()
    capacity: tuple[Metric, ...] = ()


class Profile(Declared):
    """The metrics of one kind of system, and the labels that name a workload there."""

    profile: Text
    meaning: Text
    workload: tuple[Text, ...]
    resources: tuple[Resource, ...]


@cache
def profile_of(name: str) -> Profile:
    """The profile of a name that `portfolio.telemetry.ProfileName` lists."""
    text = files("headway.sources").joinpath("profiles").joinpath(f"{name}.yaml").read_bytes()
    (document,), faults = read(text, f"{name}.yaml")
    assert not faults, faults  # noqa: S101  our own file
    return Profile.model_validate(to_plain(document))
