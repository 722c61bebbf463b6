"""The days of a time zone as arithmetic on seconds, the same on every engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400
# Clocks are known to change between these years; before and after, a day is cut as at the nearest end.
FIRST_YEAR, LAST_YEAR = 2005, 2037
_EPOCH = date(1970, 1, 1)


@cache
def offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """Since which second of 1970 a zone is how many seconds ahead of UTC; the oldest first.

    >>> offsets("UTC")
    ((1104537600, 0),)
    """
    here = ZoneInfo(zone)
    at, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (FIRST_YEAR, LAST_YEAR + 1))
    found = [(at, _offset(here, at))]
    for day in range(at + DAY_SECONDS, end, DAY_SECONDS):
        if _offset(here, day) != found[-1][1]:
            found.append(_changed(here, day - DAY_SECONDS, day))
    return tuple(found)


def _changed(zone: ZoneInfo, before: int, after: int) -> tuple[int, int]:
    """The second in which the clocks changed between two moments, and the offset from then on."""
    old, new = _offset(zone, before), _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after, new


def _offset(zone: ZoneInfo, second: int) -> int:
    ahead = datetime.fromtimestamp(second, zone).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


def day_of(number: int) -> date:
    """The day that a number since 1970-01-01 names.

    >>> day_of(20534).isoformat()
    '2026-03-22'
    """
    return _EPOCH + timedelta(days=number)


def number_of(day: date) -> int:
    """A day as the days since 1970-01-01.

    >>> number_of(date(2026, 3, 22))
    20534
    """
    return (day - _EPOCH).days
