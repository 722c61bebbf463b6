"""The port of every measure: what it needs, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.facts.act import Act
from headway.facts.past_estimate import PastEstimate
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.kernel.registry import load, names
from headway.portfolio.initiative import Initiative, derived_name
from headway.portfolio.load import Portfolio

# How long a result stands when nothing newer comes, by how it was identified (measurement.md 7).
STANDS = {
    Grade.A: timedelta(days=365),
    Grade.B: timedelta(days=180),
    Grade.C: timedelta(days=90),
    Grade.D: timedelta(days=90),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One initiative at one moment, with the sources that could be bound and what the ledger holds.

    The ledger's rows are those of the facts ``act`` and ``past_estimate``.
    """

    portfolio: Portfolio
    initiative: Initiative
    as_of: datetime
    bound: Mapping[str, Bound]
    unbound: frozenset[str] = frozenset()
    acts: tuple[Act, ...] = ()
    past: tuple[PastEstimate, ...] = ()

    @property
    def today(self) -> date:
        """The day of `as_of` in the portfolio's time zone, where days are cut."""
        return self.as_of.astimezone(ZoneInfo(self.portfolio.settings.time_zone)).date()

    @property
    def table(self) -> str | None:
        """The name of the pilot's table: made for it, or the source that it declares; None without either."""
        made = derived_name(self.initiative.initiative)
        if made in self.bound or made in self.unbound:
            return made
        return self.initiative.pilot.source if self.initiative.pilot else None

    def in_own(self, amount: Decimal, currency: str | None) -> Decimal:
        """A declared amount in the portfolio's currency, at today's rate; without a currency as it is.

        Raises:
            NoRate: no rate of today or the seven days before (HW343, which `check` tells).
        """
        found = amount if currency is None else self.portfolio.rates.exchange(amount, currency, self.today)
        if found is None:
            message = f"no rate turns {currency} into {self.portfolio.settings.currency} on {self.today}"
            raise NoRate(message)
        return found


class NoRate(ValueError):
    """An amount in another currency, and no rate of its day."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An estimate of one metric, with the window it saw and how long it stands.

    Attributes:
        metric: what was estimated, in the initiative's words.
        estimate: the number with its doubt.
        observed: first and last moment of the data, or None where the source dates nothing.
        stands: how long it is valid after the last moment.
        requests: the questions it rests on.
        parameters: what else shaped it (arms, objective, seed); part of its identity.
    """

    metric: str
    estimate: Estimate
    observed: tuple[datetime, datetime] | None
    stands: timedelta
    requests: tuple[Request, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Absent:
    """A metric that could not be estimated, with the reason a gate prints and one line of why."""

    metric: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a measure made of its sums for one initiative."""

    findings: tuple[Finding, ...] = ()
    absent: tuple[Absent, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a measure is given: the answers to its requests, and the results of the measures before it."""

    sums: Mapping[Request, Sums]
    failed: Mapping[str, str]
    earlier: Mapping[str, Result] = field(default_factory=dict)


class Measure(Protocol):
    """A measure: pure, but for the records it is handed.

    `after` names the measures whose results it reads; `version` changes when its numbers would.
    """

    name: str
    version: str
    after: tuple[str, ...]

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """The sums it wants for one initiative; none where it does not apply."""
        ...

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Estimates from those sums."""
        ...


@runtime_checkable
class AsksAgain(Protocol):
    """A measure that cannot know all it wants before some of it is answered."""

    def asks_again(self, ask: Ask, sums: Mapping[Request, Sums]) -> tuple[Request, ...]:
        """What it wants besides, now that its first requests are answered; mostly nothing."""
        ...


def measures() -> tuple[Measure, ...]:
    """Every registered measure, each after those it reads."""
    loaded = {name: load("headway.measures", name)() for name in names("headway.measures")}  # type: ignore[operator]
    placed: dict[str, Measure] = {}
    while len(placed) < len(loaded):
        ready = [n for n, m in loaded.items() if n not in placed and set(m.after) <= set(placed)]
        if not ready:
            left = ", ".join(sorted(set(loaded) - set(placed)))
            message = f"measures wait for each other: {left}"
            raise ValueError(message)
        placed |= {n: loaded[n] for n in ready}
    return tuple(placed.values())
