"""A span of days, its end exclusive: ``2026-01-01/2026-07-01``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days from `start` (inclusive) to `end` (exclusive).

    >>> Window.parse("2026-01-01/2026-02-01").days
    31
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            message = f"the window {self.start}/{self.end} holds no day"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read two ISO dates joined by a stroke.

        Raises:
            ValueError: not two dates, or the end is not after the start.
        """
        first, _, second = text.strip().partition("/")
        try:
            start, end = date.fromisoformat(first.strip()), date.fromisoformat(second.strip())
        except ValueError:
            message = f"'{text}' is not a window; write it as 2026-01-01/2026-07-01"
            raise ValueError(message) from None
        return cls(start, end)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"
