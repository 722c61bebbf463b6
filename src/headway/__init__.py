"""headway: the decision system for an organisation that runs many AI initiatives."""

__version__ = "0.1.0"
