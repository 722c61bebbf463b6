"""What a component's meter counted of its tokens, by day: of everybody, and of one initiative."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from headway.aggregates.engine import Bound
from headway.aggregates.request import Day, Request, count, greatest, least, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.kernel.money import ZERO, add
from headway.measures.base import Ask
from headway.measures.spend.bins import Bins
from headway.measures.spend.daily import day_of
from headway.measures.spend.holding import part_of, unheld
from headway.measures.value.effect.base import at_midnight

PREFIX = "tokens."
# A meter may count requests beside tokens, one a row or many.
REQUESTS = "requests"
Counts = dict[date, dict[str, Decimal]]


@dataclass(slots=True)
class Metered:
    """What a meter counted.

    Attributes:
        whole: by day, then resource, of everybody.
        own: the same, of the initiative.
        rows: of the meter.
        window: first and last of its moments.
        bin_hours: how long its longest bin is.
    """

    whole: Counts = field(default_factory=dict)
    own: Counts = field(default_factory=dict)
    rows: int = 0
    window: tuple[datetime, datetime] | None = None
    bin_hours: float = 0.0

    @property
    def hours(self) -> Decimal:
        """From its first moment to the end of its last bin."""
        if self.window is None:
            return ZERO
        span = (self.window[1] - self.window[0]).total_seconds() / 3600
        return Decimal(str(span + self.bin_hours))


def total_of(counts: Counts, *resources: str) -> Decimal:
    """What was counted of some resources over all days."""
    return add(*(n for day in counts.values() for r, n in day.items() if r in resources))


def meter_request(ask: Ask, bound: Bound) -> Request:
    """Everything that a meter counts, by resource, day and, where it says so, holder."""
    held = ("holder",) if "holder" in bound.columns else ()
    day = Day("ts", ask.portfolio.settings.time_zone)
    terms = (count("used"), total("used"), least("ts"), greatest("ts"))
    return Request(
        bound.source, ("resource", "workload", *held, day), terms, until=("ts", instant(ask.as_of))
    )


def counted(ask: Ask, component: str, answer: Sums) -> Metered | str:
    """Tokens and requests by day; or why nobody can say whose they are."""
    held = answer.keys.index("holder") if "holder" in answer.keys else None
    part = part_of(ask, component) if held is None else ZERO
    if part is None:
        return unheld(ask, component)
    made, bins = Metered(), dict[tuple[str, str], Bins]()
    for at, group in enumerate(answer.groups):
        resource, day = str(group[0]), group[-1]
        if day is None or not (resource.startswith(PREFIX) or resource == REQUESTS):
            continue
        used = Decimal(str(answer[total("used")][at]))
        mine = part if held is None else Decimal(group[held] == ask.initiative.initiative)
        for days, n in ((made.whole, used), (made.own, used * mine)):
            here = days.setdefault(day_of(day), {})
            here[resource] = add(here.get(resource, ZERO), n)
        rows = int(answer[count("used")][at])
        ends = (at_midnight(answer[end][at]) for end in (least("ts"), greatest("ts")))
        bins.setdefault((resource, str(group[1])), Bins()).day(rows, *ends)
        made.rows += rows
    moments = [m for one in bins.values() for m in (one.first, one.last) if m is not None]
    made.window = (min(moments), max(moments)) if moments else None
    made.bin_hours = max((one.hours for one in bins.values()), default=0.0)
    return made
