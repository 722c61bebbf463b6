"""Covariates that are read from a metric's own past: ``minutes@-28d``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from headway.kernel.quantity import parse_duration
from headway.portfolio.values import Fault


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


def after_exposure(
    covariates: Sequence[str], outcomes: Collection[str], *, over_events: bool
) -> Iterator[Fault]:
    """HW414 for each covariate that the treatment may have moved.

    Args:
        covariates: as the pilot lists them.
        outcomes: the metrics that it compares.
        over_events: whether it is read from events, where a covariate may be a metric's past.
    """
    for index, covariate in enumerate(covariates):
        if covariate in outcomes:
            what = f"the covariate '{covariate}' is an outcome: it is measured after exposure"
        elif over_events and _reaches_beyond(covariate):
            what = f"the covariate '{covariate}' reaches beyond the first exposure"
        else:
            continue
        earlier = f"write {covariate.partition('@')[0]}@-28d"
        mend = earlier if over_events else "name a column measured before exposure"
        yield Fault("HW414", ("covariates", index), what, mend)


def _reaches_beyond(covariate: str) -> bool:
    try:
        before(covariate)
    except ValueError:
        return True
    return False
