"""After the win in words: claimed, shrunk and today, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headway.render.base import Record
from headway.render.figures import change, day, metric_words
from headway.render.people import titled

TITLE = "After the win: claimed, shrunk, today"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One effect that an approval rested on.

    Attributes:
        name: the initiative.
        title: for people.
        metric: what was measured.
        on: the day of the approval.
        claimed: the effect then, with its interval.
        shrunk: what past effects left of it then; `none` where there was nothing to hold it against.
        realised: what it is in this review; `none` where it is no longer measured.
    """

    name: str
    title: str
    metric: str
    on: str
    claimed: str
    shrunk: str
    realised: str


def lines(record: Record) -> Iterator[Line]:
    """One row per effect, in the order of the approvals."""
    zone = record["portfolio"]["time_zone"]
    for win in record["wins"]:
        yield Line(
            name=win["initiative"],
            title=titled(record, [win["initiative"]])[0],
            metric=metric_words(win["metric"]),
            on=day(win["decided_at"], zone),
            claimed=_figures(win["claimed"], win["unit"]),
            shrunk=_figures(win["shrunk"], win["unit"]),
            realised=_figures(win["realised"], win["unit"]),
        )


def _figures(of: Record | None, unit: str) -> str:
    if of is None:
        return _NONE
    ends = f"{change(of['low'], unit, bare=True)} to {change(of['high'], unit, bare=True)}"
    return f"{change(of['value'], unit)} ({ends})"
