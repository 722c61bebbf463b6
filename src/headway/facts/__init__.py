"""The narrow waist: the named tables that sources fill and measures read, each with its contract."""

from headway.facts.base import Column, Fact
from headway.facts.cost import COST
from headway.facts.exposure import EXPOSURE
from headway.facts.panel import PANEL
from headway.facts.series import SERIES
from headway.facts.unit import UNIT
from headway.facts.usage import USAGE

FACTS: dict[str, Fact] = {fact.name: fact for fact in (UNIT, EXPOSURE, SERIES, PANEL, COST, USAGE)}

__all__ = ["COST", "EXPOSURE", "FACTS", "PANEL", "SERIES", "UNIT", "USAGE", "Column", "Fact"]
