"""How long the bins of a meter are, told from its days: no source says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_DAY_HOURS = 24.0
_SECONDS = 3600.0


@dataclass(slots=True)
class Bins:
    """The bins of one workload and resource, a day after the other.

    >>> hourly = Bins()
    >>> hourly.day(24, datetime(2026, 3, 1), datetime(2026, 3, 1, 23))
    >>> hourly.hours
    1.0
    """

    n: int = 0
    busiest_day: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def day(self, n: int, first: datetime | None, last: datetime | None) -> None:
        """Add a day's bins, with its first and last moment."""
        self.n += n
        self.busiest_day = max(self.busiest_day, n)
        self.first = min((m for m in (self.first, first) if m is not None), default=None)
        self.last = max((m for m in (self.last, last) if m is not None), default=None)

    @property
    def hours(self) -> float:
        """How long one is: a full day or a span without gaps tells it; both only err to the long side."""
        if not self.n or self.first is None or self.last is None:
            return 0.0
        by_day = _DAY_HOURS / self.busiest_day
        if self.n == 1:
            return min(by_day, 1.0)
        return min((self.last - self.first).total_seconds() / _SECONDS / (self.n - 1), by_day)
