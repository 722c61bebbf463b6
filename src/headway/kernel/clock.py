"""The only clock. Everything else is told what time it is, so that every run can be repeated."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """The last instant of a day in a time zone: a bare ``as_of`` date means all that day knew.

    >>> end_of_day(date(2026, 3, 31), "Europe/Berlin").isoformat()
    '2026-03-31T23:59:59.999999+02:00'
    """
    return datetime.combine(day, time.max, tzinfo=ZoneInfo(zone))


def parse_as_of(text: str, zone: str) -> datetime:
    """Read ``2026-03-31`` (its last instant in `zone`) or a full ISO moment.

    Raises:
        ValueError: neither.
    """
    try:
        if len(text) == len("2026-03-31"):
            return end_of_day(date.fromisoformat(text), zone)
        at = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is not a date; write it as 2026-03-31 or 2026-03-31T12:00:00Z"
        raise ValueError(message) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
