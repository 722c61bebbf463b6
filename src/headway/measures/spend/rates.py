"""Rates as measures ask for them: which sources, in which order, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count
from headway.aggregates.sums import Sums
from headway.facts.rate import RATE, Rate
from headway.measures.base import Ask

_COLUMNS = ("kind", "key", "unit", "value", "currency", "valid_from", "valid_to", "source", "year")
# A list is what everybody pays who has agreed on nothing else.
_LIST = "price_list"


def bound_rates(ask: Ask, sources: Iterable[str]) -> tuple[Bound, ...]:
    """Those of some sources that are bound and hold rates, in the order given."""
    found = (ask.bound.get(s) for s in sources)
    return tuple(b for b in found if b is not None and b.fact.name == RATE.name)


def is_list(ask: Ask, source: str) -> bool:
    """Whether a source holds list prices, which come after all others."""
    declared = ask.portfolio.sources.get(source)
    return declared is not None and declared.kind == _LIST


def rate_request(bound: Bound, kind: str, key: str | None = None) -> Request:
    """The rates of one kind in a source, of one thing or of all: each is a group of its own."""
    where = (("kind", kind), *((("key", key),) if key else ()))
    return Request(bound.source, tuple(c for c in _COLUMNS if c in bound.columns), (count(),), where)


def rates_in(sums: Sums) -> tuple[Rate, ...]:
    """The rates that an answer holds."""
    names = [str(k) for k in sums.keys]
    return tuple(_rate(dict(zip(names, group, strict=True))) for group in sums.groups)


def read(requests: Sequence[Request], sums: Mapping[Request, Sums]) -> list[tuple[Rate, ...]]:
    """The rates of each request that was answered, in the order asked."""
    return [rates_in(sums[r]) for r in requests if r in sums]


def _rate(row: Mapping[str, Any]) -> Rate:
    kind, key, unit, currency, source = (
        str(row.get(column) or "") for column in ("kind", "key", "unit", "currency", "source")
    )
    value, year = row.get("value"), row.get("year")
    return Rate(
        kind,
        key,
        unit,
        value if value is None else Decimal(value),
        currency,
        _day(row.get("valid_from")),
        _day(row.get("valid_to")),
        source,
        None if year is None else int(year),
    )


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
