"""Freshness: to the microsecond at every end, in words that a person says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headway.evidence.freshness import stale
from headway.evidence.record import Evidence
from headway.kernel.estimate import Estimate, Grade

AS_OF = datetime(2026, 3, 31, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def seen(
    ago: timedelta = DAY, *, stood: timedelta | None = 30 * DAY, closed: bool = False, dated: bool = True
) -> Evidence:
    """Evidence whose data end some time before the moment judged, and which stands for a while."""
    last = AS_OF - ago
    estimate = Estimate(value=1, low=0, high=2, level=0.95, unit="", n=9, method="m", grade=Grade.A)
    return Evidence(
        "replies", "effect", "minutes", estimate, (last - DAY, last) if dated else None, AS_OF,
        last + stood if stood else None, closed, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "max_age", "stands", "why"),
    [
        (seen(30 * DAY), None, None, None),
        (seen(30 * DAY + TICK), None, None, "and it was valid until 2026-03-31"),
        (seen(5000 * DAY, stood=None), None, None, None),
        (seen(7 * DAY), 7 * DAY, None, None),
        (seen(7 * DAY + TICK), 7 * DAY, None, "and 7 days is the most that is asked"),
        (seen(DAY + TICK), DAY, None, "and 1 day is the most that is asked"),
        (seen(DAY + TICK), timedelta(hours=6), None, "and 6h is the most that is asked"),
        (seen(20 * DAY), 60 * DAY, None, None),
        (seen(31 * DAY), 60 * DAY, None, "and it was valid until"),
        # What has ended is not aged by a gate, and stands as long as the operating model says.
        (seen(20 * DAY, closed=True), DAY, None, None),
        (seen(31 * DAY, closed=True), DAY, None, "and it was valid until"),
        (seen(365 * DAY, closed=True), DAY, 365 * DAY, None),
        (seen(365 * DAY + TICK, closed=True), DAY, 365 * DAY, "and it stands for 365 days"),
        (seen(10 * DAY + TICK, closed=True), None, 10 * DAY, "and it stands for 10 days"),
        # Which says nothing about what still runs.
        (seen(20 * DAY), None, 10 * DAY, None),
        (seen(31 * DAY), None, 365 * DAY, "and it was valid until"),
        (seen(timedelta(0)), timedelta(0), None, None),
        (seen(-TICK), None, None, "after the moment judged"),
        (seen(-TICK, closed=True), None, 365 * DAY, "after the moment judged"),
        (seen(dated=False), None, None, "nothing dates its data"),
        (seen(dated=False, closed=True), None, 365 * DAY, "nothing dates its data"),
    ],
)
def test_equality_is_fresh(
    evidence: Evidence, max_age: timedelta | None, stands: timedelta | None, why: str | None
) -> None:
    """At its limit evidence is fresh, a microsecond later it is stale, and it says which limit that was."""
    found = stale(evidence, AS_OF, max_age, stands)
    assert (found is None) == (why is None)
    assert (why or "") in (found or "")


def test_the_words_name_the_last_day_of_the_data() -> None:
    """A person reads when the data end before reading what was asked."""
    assert stale(seen(40 * DAY), AS_OF, 30 * DAY) == (
        "its data end on 2026-02-19, and it was valid until 2026-03-21"
    )
