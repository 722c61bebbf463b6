"""The narrow waist: the named tables that sources fill and measures read, each with its contract."""

from headway.facts.attribute import ATTRIBUTE
from headway.facts.base import Column, Fact
from headway.facts.commitment import COMMITMENT
from headway.facts.cost import COST
from headway.facts.exposure import EXPOSURE
from headway.facts.panel import PANEL
from headway.facts.past_estimate import PAST_ESTIMATE
from headway.facts.rate import RATE
from headway.facts.series import SERIES
from headway.facts.unit import UNIT
from headway.facts.usage import USAGE

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (UNIT, EXPOSURE, SERIES, ATTRIBUTE, PANEL, PAST_ESTIMATE, COST, COMMITMENT, USAGE, RATE)
}
# What a pilot is read from that names no source of its own.
EVENT_FACTS = ("exposure", "series", "attribute")

__all__ = [
    "ATTRIBUTE",
    "COMMITMENT",
    "COST",
    "EVENT_FACTS",
    "EXPOSURE",
    "FACTS",
    "PANEL",
    "PAST_ESTIMATE",
    "RATE",
    "SERIES",
    "UNIT",
    "USAGE",
    "Column",
    "Fact",
]
