"""Whether units started as the lot had it: the drawn order in the ledger against the starts in the panel."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from headway.aggregates.request import Request, count
from headway.aggregates.sums import Sums
from headway.facts.act import acts_of
from headway.facts.panel import ORDER_DRAWN
from headway.measures.base import Ask
from headway.measures.value.effect.base import Setting

_MIDNIGHT = " 00:00:00"


@dataclass(frozen=True, slots=True)
class DrawnOrder:
    """Which unit starts when, by lot.

    Attributes:
        at: when it was recorded.
        starts: each unit's first treated period, as text; "" for never.
    """

    at: datetime
    starts: Mapping[str, str]

    def late(self, setting: Setting) -> str:
        """Why it was not drawn before the first start; empty where it was."""
        drawn = self.at.astimezone(ZoneInfo(setting.ask.portfolio.settings.time_zone)).date()
        first = setting.pilot.dates.starts if setting.pilot.dates else self.first_day
        if first is None:
            return "neither `dates` nor the drawn starts tell on which day the first unit started"
        return f"the order was drawn on {drawn}, after the first start on {first}" if drawn > first else ""

    @property
    def first_day(self) -> date | None:
        """The first start, where starts are dates."""
        days = [day for day in map(_day, self.starts.values()) if day]
        return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Followed:
    """How far units started as drawn.

    Attributes:
        share: of unit-periods that were treated, or not, as the order has them.
        units: units of the order or the panel.
        otherwise: of these, how many started otherwise, or stand in one of the two only.
    """

    share: float
    units: int
    otherwise: int

    @property
    def words(self) -> str:
        """What it says to a reader."""
        share = math.floor(self.share * 1000) / 10
        return f"{share:g}% of unit-periods are as drawn ({self.otherwise} of {self.units} units otherwise)"


def order_of(ask: Ask) -> DrawnOrder | None:
    """The order that was drawn for an initiative's rollout, where one is in the ledger."""
    acts = acts_of(ask.acts, ORDER_DRAWN, ask.initiative.initiative, ask.as_of)
    starts = acts[0].body.get("starts") if acts else None
    if not isinstance(starts, Mapping):
        return None
    return DrawnOrder(acts[0].at, {str(u): str(s or "") for u, s in starts.items()})


def started(setting: Setting) -> Request:
    """Each unit's actual start: names and periods, no outcome."""
    return Request(setting.pilot.source or "", ("unit_id", "starts"), (count(),))


def followed(order: DrawnOrder, answer: Sums, periods: Sequence[str]) -> Followed:
    """The share of unit-periods that are as drawn.

    A unit that stands in the order alone, or in the panel alone, is otherwise in every period: whoever may
    leave or join after the lot was drawn undoes it.

    Args:
        order: the drawn order.
        answer: what came back to `started`.
        periods: of the panel, in order.
    """
    actual = {_text(unit): position(start, periods) for unit, start in answer.groups}
    planned = {unit: position(start, periods) for unit, start in order.starts.items()}
    every = actual.keys() | planned.keys()
    off = {u: abs(actual[u] - planned[u]) if u in actual and u in planned else len(periods) for u in every}
    total = len(every) * len(periods)
    share = 1 - sum(off.values()) / total if total else 0.0
    return Followed(share, len(every), sum(gap > 0 for gap in off.values()))


def position(start: Any, periods: Sequence[str]) -> int:
    """The position of a first treated period; as many as there are periods for never, or not yet.

    >>> (
    ...     position(2005, ["2003", "2004", "2005"]),
    ...     position(None, ["2003"]),
    ...     position("2026-02-01", ["2026-01-01"]),
    ... )
    (2, 1, 1)
    """
    text = _text(start)
    if not text:
        return len(periods)
    numbers = [_number(p) for p in (text, *periods)]
    known = [n for n in numbers if n is not None]
    if len(known) == len(numbers):
        return bisect_left(known[1:], known[0])
    return bisect_left(list(periods), text)


def _text(value: Any) -> str:
    """A unit or a period as the ledger writes it: days without midnight, whole numbers without a point."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ").removesuffix(_MIDNIGHT)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(_MIDNIGHT)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if "-" in text else None
    except ValueError:
        return None
