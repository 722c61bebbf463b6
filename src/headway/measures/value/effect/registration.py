"""Whether a pilot's design was registered before its first exposure, and from when its data count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from headway.aggregates.request import Request, least
from headway.aggregates.sums import Sums
from headway.facts.act import Act, acts_of
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json, instant
from headway.measures.base import Ask
from headway.measures.value.effect.base import Setting, at_midnight, diagnostic
from headway.portfolio import registration as design
from headway.portfolio.load import Portfolio
from headway.portfolio.pilot import Pilot

# Designs whose rows are units: those assigned before the start belong to no arm of the pilot.
_OF_UNITS = ("randomised", "clusters")
_ASSIGNED = "assigned_at"


@dataclass(frozen=True)
class Registrations:
    """What is known of a pilot's registration: in the ledger, and elsewhere.

    Attributes:
        pilot: as it is declared now.
        acts: its registrations in the ledger, in order.
        zone: where days are cut.
    """

    pilot: Pilot
    acts: tuple[Act, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, ask: Ask) -> Registrations | None:
        """Those of an initiative that has a pilot."""
        return cls.known(ask.portfolio, ask.initiative.initiative, ask.acts, ask.as_of)

    @classmethod
    def known(
        cls, portfolio: Portfolio, name: str, acts: Iterable[Act], as_of: datetime
    ) -> Registrations | None:
        """Those that were known at a moment."""
        pilot = portfolio.initiatives[name].pilot
        if pilot is None:
            return None
        zone = ZoneInfo(portfolio.settings.time_zone)
        return cls(pilot, acts_of(acts, design.ACT, name, as_of), zone)

    @cached_property
    def digest(self) -> str:
        """Of the design as it is declared now."""
        return design.digest_of(self.pilot)

    @property
    def last(self) -> Act | None:
        """The registration that is in force."""
        return self.acts[-1] if self.acts else None

    @property
    def holds(self) -> bool:
        """Whether the registration in force is of the design as it is declared now."""
        return self.last is not None and self.last.body.get("digest") == self.digest

    def as_fact(self) -> dict[str, Json]:
        """What a gate reads: whether the design is registered as it stands now, where, and since when."""
        if self.outside and not self.holds:
            where = self.pilot.registered.where if self.pilot.registered else ""
            return {"state": "elsewhere", "on": self.outside.isoformat(), "where": where}
        if self.pilot.design == "published":
            return {"state": "published", "on": None, "where": self.pilot.citation}
        if self.last is None:
            return {"state": "none", "on": None, "where": ""}
        on = _day(self.last.at, self.zone).isoformat()
        state = "registered" if self.holds else "changed"
        return {"state": state, "on": on, "where": f"entry {self.last.seq} of the ledger"}

    @property
    def anew(self) -> bool:
        """Whether the registration in force replaced one of another design."""
        return self.holds and any(a.body.get("digest") != self.digest for a in self.acts)

    @property
    def restarted(self) -> bool:
        """Whether units count only from a registration that came after the start."""
        return self.since is not None and self.since != self.starts

    @property
    def outside(self) -> date | None:
        """The day of a registration that is kept elsewhere."""
        return self.pilot.registered.on if self.pilot.registered else None

    @property
    def starts(self) -> datetime | None:
        """The declared start, at midnight where days are cut."""
        dates = self.pilot.dates
        return datetime.combine(dates.starts, time.min, self.zone) if dates else None

    @property
    def since(self) -> datetime | None:
        """From when units count: the start, or a registration that replaced another after it."""
        begins = [self.starts] if self.starts else []
        if self.anew and self.last and self.outside is None:
            begins.append(self.last.at)
        return max(begins, default=None)


def named_registration(ask: Ask) -> str | None:
    """The digest of the registered design that an effect belongs to, where one is in force."""
    found = Registrations.of(ask)
    return found.digest if found and (found.holds or found.outside) else None


def since_of(setting: Setting) -> tuple[str, str] | None:
    """What leaves out the units that were assigned before the pilot began: a column and its least moment.

    None where no row is dated, where nothing says when it began, and for designs that need what was before.
    """
    found = Registrations.of(setting.ask)
    dated = _dated(setting)
    if found is None or found.since is None or dated is None or setting.pilot.design not in _OF_UNITS:
        return None
    column, later = dated
    return column, instant(found.since + later)


def not_begun(setting: Setting) -> str:
    """Why a pilot whose rows before the start are left out has no effect yet; empty once it has begun."""
    dates = setting.pilot.dates
    if dates is None or setting.ask.today >= dates.starts or since_of(setting) is None:
        return ""
    return f"it starts on {dates.starts}"


def first_seen(setting: Setting) -> tuple[str, ...]:
    """Columns whose least value tells the first exposure, besides the fact's own time."""
    return (_ASSIGNED,) if _ASSIGNED in setting.bound.columns and not setting.bound.summed else ()


def registered_grade(
    setting: Setting, graded: tuple[Grade, tuple[str, ...]], request: Request, sums: Mapping[Request, Sums]
) -> tuple[Grade, tuple[str, ...], tuple[Diagnostic, ...]]:
    """The grade that a registration allows: randomised and registered before the first exposure is A.

    Returns:
        Grade and reasons, and HW400 or HW401 where it was not, or was changed.
    """
    grade, reasons = graded
    found = Registrations.of(setting.ask)
    if grade is not Grade.A or found is None:
        return grade, reasons, ()
    first = _first_exposure(setting, found, request, sums)
    day = _day(first, found.zone) if first else None
    if found.outside and (day is None or found.outside <= day):
        where = setting.pilot.registered.where if setting.pilot.registered else ""
        return Grade.A, (f"{reasons[0]}, registered: {where}", *reasons[1:]), ()
    if found.last and not found.holds:
        what = f"the design was changed after it was registered (entry {found.last.seq} of the ledger)"
        return _at_most(setting, reasons, "HW401", what, "register the changed design: what follows counts")
    if found.last and (first is None or not _after(found.last.at, first)):
        on = _day(found.last.at, found.zone)
        again = " anew; what went before is left out" if found.restarted else ""
        return Grade.A, (f"{reasons[0]}, registered on {on}{again}", *reasons[1:]), ()
    if found.last and found.anew:
        what = f"the design was registered anew on {_day(found.last.at, found.zone)}, and no row is dated"
        return _at_most(setting, reasons, "HW401", what, "map assigned_at, so that what followed can count")
    late = found.outside or (_day(found.last.at, found.zone) if found.last else None)
    seen = f" on {day}" if day else ""
    what = (
        f"registered on {late}, after the first exposure{seen}"
        if late
        else f"not registered before the first exposure{seen}"
    )
    name = setting.ask.initiative.initiative
    before = f"run `headway design {name} --register` before the next pilot starts"
    mend = f"{before}, or accept grade {_best(setting)}"
    return _at_most(setting, reasons, "HW400", what, mend)


def _best(setting: Setting) -> Grade:
    """C; but the same rollout in an order that nobody drew would be B without any registration."""
    return Grade.B if setting.pilot.design == "rollout_order" else Grade.C


def _at_most(
    setting: Setting, reasons: tuple[str, ...], code: str, what: str, mend: str
) -> tuple[Grade, tuple[str, ...], tuple[Diagnostic, ...]]:
    path = "registered" if setting.pilot.registered else "design"
    told = diagnostic(setting, code, what, mend, path)
    best = _best(setting) if code == "HW400" else Grade.C
    return best, (f"{reasons[0]}, but {what} ({code})", *reasons[1:]), (told,)


def _dated(setting: Setting) -> tuple[str, timedelta] | None:
    """The column that dates a unit, and how long after its exposure that is."""
    if _ASSIGNED in setting.bound.present and not setting.bound.summed:
        return _ASSIGNED, timedelta()
    closes = setting.bound.fact.time
    if not closes or closes not in setting.bound.columns:
        return None
    window = setting.pilot.window
    return closes, window.length if window else timedelta()


def _first_exposure(
    setting: Setting, found: Registrations, request: Request, sums: Mapping[Request, Sums]
) -> datetime | None:
    """The earliest exposure that the rows tell, else the declared start, else the first closed window."""
    told = [v for c in first_seen(setting) for v in _values(sums[request], c)]
    if told:
        return min(m for v in told if (m := at_midnight(v)) is not None)
    if found.starts is not None:
        return found.since if since_of(setting) else found.starts
    dated = _dated(setting)
    if dated is None:
        return None
    closed = [m for v in _values(sums[request], dated[0]) if (m := at_midnight(v)) is not None]
    return min(closed) - dated[1] if closed else None


def _values(answer: Sums, column: str) -> list[Any]:
    term = least(column)
    return [v for v in answer[term] if v is not None] if term in answer.values else []


def _after(at: datetime, first: datetime) -> bool:
    """Whether a moment lies after an exposure; an exposure that is dated by its day is compared by days."""
    local = at.astimezone(first.tzinfo)
    return local.date() > first.date() if first.time() == time.min else local > first


def _day(at: datetime, zone: ZoneInfo) -> date:
    """The day of a moment; one that was given as a day keeps it."""
    return at.date() if at.time() == time.min else at.astimezone(zone).date()
