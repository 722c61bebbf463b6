"""The table that a measured baseline is made of: each unit's values before anybody changed something.

Values of one unit resemble each other, so what is counted is units: one row per unit, with the sum and the
number of its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from headway.aggregates.engine import Bound, Opened
from headway.aggregates.memory import Memory
from headway.facts import SERIES
from headway.kernel.errors import SourceFault
from headway.kernel.identity import digest
from headway.portfolio.load import Portfolio
from headway.portfolio.outcome import baseline_name
from headway.sources.event_days import Seen, seen

if TYPE_CHECKING:
    from datetime import date

TOTAL, TIMES = "total", "times"


def baseline(portfolio: Portfolio, name: str, bound: Mapping[str, Bound], memory: Memory) -> Bound | None:
    """The table of an outcome whose baseline is measured; None where it is not, or its source failed.

    Args:
        portfolio: what was declared.
        name: the outcome.
        bound: the declared sources that could be bound.
        memory: what was found out about contents before.

    Raises:
        SourceFault: HW459 the source, the metric or the window does not allow it.
    """
    outcome = portfolio.outcomes[name]
    base = outcome.baseline
    if base is None or base.measure is None or base.measure not in bound:
        return None
    source, table = bound[base.measure], baseline_name(name)
    if base.window is None:
        what = "the baseline is to be measured, and 'window' does not say on which days"
        raise SourceFault("HW459", table, what, "add window: 2025-10-01/2025-12-01")
    if source.fact != SERIES or outcome.metric is None:
        what = f"source '{source.source}' fills the fact '{source.fact.name}'"
        raise SourceFault("HW459", table, what, "name a source of the fact series, and the outcome's metric")
    low, high = (_midnight(d, portfolio.settings.time_zone) for d in (base.window.start, base.window.end))
    looked = seen(source, "metric", memory)
    if outcome.metric.name not in looked.names:
        what = f"source '{source.source}' has no series of metric '{outcome.metric.name}'"
        raise SourceFault(
            "HW459", table, what, f"use one of: {', '.join(sorted(looked.names)) or 'none yet'}"
        )
    return _bound(table, outcome.metric.name, looked, (low, high))


def _bound(table: str, metric: str, looked: Seen, span: tuple[datetime, datetime]) -> Bound:
    source = looked.bound
    held = digest([metric, [at.isoformat() for at in span], looked.contents(*span)])
    return Bound(
        source=table,
        fact=SERIES,
        summed=False,
        types={"unit_id": source.types["unit_id"], TOTAL: "float64", TIMES: "float64"},
        digest=held if source.settled and source.digest else "",
        opening=_Opening(metric, looked, span),
        present=frozenset({TOTAL, TIMES}),
        settled=source.settled,
        fault=source.fault,
        unchanged=source.unchanged,
        made_of=(source.source,),
    )


@dataclass(frozen=True)
class _Opening:
    """Opens the table once."""

    metric: str
    looked: Seen
    span: tuple[datetime, datetime]

    def __call__(self) -> Opened:
        return self._opened

    @cached_property
    def _opened(self) -> Opened:
        from headway.sources.event_table import Rows, per_unit

        opened = self.looked.bound.opened
        rows = per_unit(Rows(opened.table, self.looked.parts), self.metric, *self.span)
        return Opened(opened.engine, rows, frozenset({TOTAL, TIMES}))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
