"""Covariates that are read from a metric's own past: ``minutes@-28d``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from headway.kernel.quantity import parse_duration


@dataclass(frozen=True, slots=True)
class Before:
    """A metric over a span that ends where a unit's exposure begins.

    Attributes:
        metric: the metric.
        span: how far back it reaches.
    """

    metric: str
    span: timedelta


def before(covariate: str) -> Before | None:
    """The metric and span of a covariate that is one, None for the name of a column.

    >>> before("minutes@-28d")
    Before(metric='minutes', span=datetime.timedelta(days=28))

    Raises:
        ValueError: it reaches beyond the exposure, or its span is no duration.
    """
    metric, at, span = covariate.rpartition("@")
    if not at:
        return None
    length = parse_duration(span.removeprefix("-"))
    if not (metric and span.startswith("-") and length):
        message = f"'{covariate}' reaches beyond the exposure"
        raise ValueError(message)
    return Before(metric, length)
