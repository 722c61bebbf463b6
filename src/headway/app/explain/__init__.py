"""What a word means: a code, a field, a requirement, evidence, a number of the report, a person."""

from headway.app.explain.explanation import SCHEMA, UnknownWordError
from headway.app.explain.find import explain, names

__all__ = ["SCHEMA", "UnknownWordError", "explain", "names"]
