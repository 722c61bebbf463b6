"""Which kinds of document there are: the first key of a document says what it is."""

from __future__ import annotations

from headway.portfolio.component import Component
from headway.portfolio.initiative import Initiative
from headway.portfolio.operating_model import OperatingModelChange
from headway.portfolio.outcome import Outcome
from headway.portfolio.people import People
from headway.portfolio.settings import PortfolioSettings
from headway.portfolio.source import Source
from headway.portfolio.values import Declared

SETTINGS_FILE = "portfolio.yaml"

# First key -> model. The kind is the first key, but for the settings, whose first key is the version.
MODELS: dict[str, type[Declared]] = {
    "headway": PortfolioSettings,
    "people": People,
    "source": Source,
    "outcome": Outcome,
    "initiative": Initiative,
    "component": Component,
    "operating_model": OperatingModelChange,
}
ARTICLES = {
    "headway": "portfolio.yaml",
    "people": "a list of people",
    "source": "a source",
    "outcome": "an outcome",
    "initiative": "an initiative",
    "component": "a component",
    "operating_model": "an operating model",
}


def kind_of(first_key: str) -> str:
    """The kind a first key stands for."""
    return "portfolio" if first_key == "headway" else first_key


def key_of(kind: str) -> str:
    """The first key of a kind of document."""
    return "headway" if kind == "portfolio" else kind
