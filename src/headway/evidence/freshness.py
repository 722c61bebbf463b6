"""Whether evidence is fresh: valid by its own grade, and young enough for the one who asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from headway.evidence.record import Evidence
from headway.kernel.quantity import show_duration


def stale(
    evidence: Evidence, as_of: datetime, max_age: timedelta | None = None, stands: timedelta | None = None
) -> str | None:
    """Why evidence is stale at a moment, or None when it is fresh; equality is fresh.

    Args:
        evidence: the record.
        as_of: the moment of judging.
        max_age: what a gate asks of running evidence; the result of an ended pilot is not aged by it.
        stands: how long the operating model lets an ended pilot's result stand, instead of its grade's
            own validity: longer (for instance for published studies) or shorter. It says nothing about a
            pilot that still runs.
    """
    if evidence.observed is None:
        return "nothing dates its data"
    last = evidence.observed[1]
    age, ended = as_of - last, f"its data end on {last.date()}"
    if age < timedelta(0):
        return f"{ended}, after the moment judged"
    if stands is not None and evidence.closed:
        return f"{ended}, and it stands for {_limit(stands)}" if age > stands else None
    if evidence.valid_until is not None and as_of > evidence.valid_until:
        return f"{ended}, and it was valid until {evidence.valid_until.date()}"
    if max_age is not None and not evidence.closed and age > max_age:
        return f"{ended}, and {_limit(max_age)} is the most that is asked"
    return None


def _limit(span: timedelta) -> str:
    """A limit as a person says it.

    >>> _limit(timedelta(days=40)), _limit(timedelta(days=1)), _limit(timedelta(hours=6))
    ('40 days', '1 day', '6h')
    """
    if not span.days or span != timedelta(days=span.days):
        return show_duration(span)
    return "1 day" if span.days == 1 else f"{span.days} days"
