"""Dated modes: a requirement taken over from another model, stricter from day to day as the file says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from headway.gates.requirement import MODES, Requirement
from headway.gates.row import PlaceOf
from headway.kernel.diagnostic import Diagnostic, Place
from headway.portfolio.adoption import Adoption
from headway.portfolio.wording import nearest

# How long an adopted requirement observes, and then warns, before it is stricter.
PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Dated:
    """From which day each mode holds, and where that is written.

    Attributes:
        model: where the requirement comes from.
        days: a day per mode, in the order of `MODES`; None where the mode never comes.
        place: of the entry.
    """

    model: str
    days: tuple[date | None, ...]
    place: Place

    def mode(self, day: date) -> str | None:
        """The mode that the dates give on a day: the strictest that has begun; None before the first."""
        begun = [m for m, start in zip(MODES, self.days, strict=True) if start is not None and start <= day]
        return begun[-1] if begun else None


def lowered(row: Requirement, dated: Dated, day: date) -> Requirement | None:
    """A requirement as it holds on a day: dates only lower its own mode."""
    mode = dated.mode(day)
    return None if mode is None else replace(row, mode=min(row.mode, mode, key=MODES.index))


def planned(row: Requirement, model: str, start: date) -> Adoption:
    """The adoption of a requirement from a day on: a period of each mode, up to the row's own."""
    steps = {m: start + PERIOD * at for at, m in enumerate(MODES[: MODES.index(row.mode) + 1])}
    return Adoption(row=row.id, model=model, **steps)


def row_of(
    one: Adoption, rows: Sequence[Requirement], place: PlaceOf
) -> tuple[Requirement | None, list[Diagnostic]]:
    """The requirement that an entry names in the rows of its model, or None with what is wrong.

    HW506: no such row. HW507: dates that do not follow one another. HW508: this version cannot judge it.
    """
    found = [*_dates(one, place)]
    row = next((r for r in rows if r.id == one.row), None)
    if row is None:
        near = nearest(one.row, tuple(r.id for r in rows))
        what = f"no requirement of {one.model} is called '{one.row}'"
        what, mend = (
            (f"{what}; did you mean '{near}'?", f"write {near}")
            if near
            else (what, f"write the id of a requirement of {one.model}")
        )
        return None, [*found, Diagnostic("HW506", what, place("row"), mend)]
    lacking = tuple(_to_come(row))
    if lacking:
        what = f"'{one.row}' cannot be judged by this version of headway: '{lacking[0]}' is still to come"
        mend = "adopt it once a version brings that; until then write a row of your own under add"
        return None, [*found, Diagnostic("HW508", what, place("row"), mend)]
    return (None, found) if found else (row, [])


def _dates(one: Adoption, place: PlaceOf) -> Iterator[Diagnostic]:
    before, name = one.observe, "observe"
    for mode in ("warn", "block"):
        day: date | None = getattr(one, mode)
        if day is None:
            continue
        if day <= before:
            what = f"'{one.row}' would {mode} on {day}, which is not after {name} on {before}"
            mend = f"write a day after {before}"
            yield Diagnostic("HW507", what, place(mode), mend)
        before, name = max(day, before), mode


def _to_come(row: Requirement) -> Iterator[str]:
    """What a row, or a member of it, waits for."""
    if row.predicate == "to_come":
        yield str(row.body["to_come"]["by"])
    for member in row.members:
        yield from _to_come(member)
