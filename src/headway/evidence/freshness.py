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
            own validity (for instance for old published studies).
    """
    age = evidence.age(as_of)
    if age is None:
        return "nothing dates its data"
    if age < timedelta(0):
        return (
            f"its data end on {evidence.observed[1].date()}, after the moment judged"
            if evidence.observed
            else None
        )
    if stands is not None and evidence.closed:
        return f"it is {age.days} days old and stands for {show_duration(stands)}" if age > stands else None
    if evidence.valid_until is not None and as_of > evidence.valid_until:
        return f"it was valid until {evidence.valid_until.date()}"
    if max_age is not None and not evidence.closed and age > max_age:
        return f"it is {age.days} days old, at most {show_duration(max_age)} is asked"
    return None
