"""A panel in which one group is treated, read from sums: who, from when, and against whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any

import numpy as np

from headway.aggregates.request import Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.measures.base import Ask
from headway.measures.value.effect.answers import ALL, asked
from headway.measures.value.effect.base import Setting, diagnostic
from headway.measures.value.effect.integrity import digits_kept, finite_values
from headway.statistics.contrast import FloatArray

KEYS = ("unit_id", "starts", "period")
# Cells above which a panel is no longer a handful of groups (HW420).
MOST_CELLS = 20_000
# Persons below which a group is never shown (law L12).
LEAST_PERSONS = 5
# The longest step over the shortest from which on a period must be missing; months and quarters stay below.
UNEVEN = 1.5
_SHOWN = 3


class Unfit(ValueError):
    """A panel that allows no comparison, as the finding a person reads."""

    def __init__(self, found: Diagnostic) -> None:
        """Keep the finding."""
        super().__init__(found.what)
        self.found = found


@dataclass(frozen=True, slots=True, eq=False)
class GroupCourses:
    """Mean outcome by group and period.

    Attributes:
        treated: the treated group's name.
        donors: names of the groups that are not treated in any period of these.
        periods: the periods in their order.
        starts: periods before the first treated one.
        y: (T,) means of the treated group.
        others: (T, J) means of the donors.
        dropped: groups that cannot be donors, each with why.
    """

    treated: str
    donors: tuple[str, ...]
    periods: tuple[str, ...]
    starts: int
    y: FloatArray
    others: FloatArray
    dropped: tuple[tuple[str, str], ...]


def panel_request(setting: Setting) -> Request:
    """Rows, values and sums of every metric by group and period."""
    terms: dict[Term, None] = {ALL: None}
    for metric, _ in setting.metrics():
        terms |= dict.fromkeys((count(metric), sum_of(metric), sum_of(metric, metric)))
    return asked(setting, KEYS, terms)


def courses_of(setting: Setting, metric: str, sums: Mapping[Request, Sums]) -> GroupCourses:
    """The treated group and its donors on one metric.

    Raises:
        Unfit: HW410, HW411, HW420 or HW908.
    """
    answer = sums[panel_request(setting)]
    _sound(setting, answer)
    cells = _Cells(setting, answer, metric)
    treated = cells.treated()
    periods = cells.periods
    if treated.starts > periods[-1]:
        first, last = _named(treated.starts), _named(periods[-1])
        what = f"'{treated.name}' is treated from {first}, after the last period, {last}"
        raise cells.unfit(what, "wait until it has been treated for a period")
    y, why = cells.course(treated.name)
    if why:
        raise cells.unfit(f"the treated group '{treated.name}' has {why}", cells.mending(why))
    kept, dropped = cells.donors(treated)
    return GroupCourses(
        treated=treated.name,
        donors=tuple(name for name, _ in kept),
        periods=tuple(map(_named, periods)),
        starts=sum(p < treated.starts for p in periods),
        y=y,
        others=np.stack([course for _, course in kept], axis=1) if kept else np.zeros((len(periods), 0)),
        dropped=dropped,
    )


def left_out(setting: Setting, courses: GroupCourses) -> tuple[Diagnostic, ...]:
    """HW909: groups that could have been donors and are not."""
    if not courses.dropped:
        return ()
    named = "; ".join(f"'{name}' has {why}" for name, why in courses.dropped[:_SHOWN])
    left = len(courses.dropped)
    what = f"{left} {'group is' if left == 1 else 'groups are'} left out of the comparison: {named}"
    what += f"; and {left - _SHOWN} more" if left > _SHOWN else ""
    mend = "fill the periods, or make the groups coarser"
    return (diagnostic(setting, "HW909", what, mend, "source"),)


def _sound(setting: Setting, answer: Sums) -> None:
    if len(answer.groups) > MOST_CELLS:
        what = f"{len(answer.groups):,} groups times periods, at most {MOST_CELLS:,} are compared"
        raise Unfit(diagnostic(setting, "HW420", what, "make the groups or the periods coarser", "source"))
    found = finite_values(setting, answer, int(answer[ALL].sum())) or digits_kept(setting, answer)
    if found:
        raise Unfit(found)


@dataclass(frozen=True, slots=True)
class _Treated:
    name: str
    starts: Any


class _Cells:
    """Cells of a panel by group and period, up to the day that is judged."""

    def __init__(self, setting: Setting, answer: Sums, metric: str) -> None:
        self._setting = setting
        n, total = answer[count(metric)], answer[sum_of(metric)]
        shift = answer.shift.get(metric, 0.0)
        self._mean: dict[tuple[str, Any], float] = {}
        self._count: dict[tuple[str, Any], int] = {}
        self._starts: dict[str, set[Any]] = {}
        seen: set[Any] = set()
        for at, (unit, starts, period) in enumerate(answer.groups):
            if unit is None or _later(period, setting.ask):
                continue
            cell = (str(unit), _plain(period))
            seen.add(cell[1])
            self._starts.setdefault(cell[0], set()).add(_plain(starts))
            # Rows of one group and period with different starts are refused by name below.
            self._count[cell] = self._count.get(cell, 0) + int(n[at])
            if n[at]:
                self._mean[cell] = float(total[at]) / float(n[at]) + shift
        self.of_persons = max(self._count.values(), default=0) > 1
        self.periods: list[Any] = self._in_order(seen)

    def unfit(self, what: str, mend: str) -> Unfit:
        """HW908: no single treated group with a value in every period."""
        return Unfit(diagnostic(self._setting, "HW908", what, mend, "source"))

    def mending(self, why: str) -> str:
        """What mends a group that cannot take part."""
        return "make the groups coarser" if "rows" in why else "fill the periods, or drop them in `sql`"

    def treated(self) -> _Treated:
        """The one group with a first treated period."""
        for name, starts in self._starts.items():
            if len(starts) > 1:
                shown = " and ".join(sorted(map(_named, starts))[:2])
                raise self.unfit(
                    f"group '{name}' starts at {shown}", "give each group one first treated period"
                )
        found = [_Treated(name, s) for name, (s,) in sorted(self._starts.items()) if s is not None]
        if not found:
            raise self.unfit(
                "no group has a first treated period", "fill 'starts' for the group that is treated"
            )
        if len(found) > 1:
            names = ", ".join(f"'{t.name}'" for t in found[:_SHOWN])
            mend = "put them into one group in `sql`, or use design: staggered"
            raise self.unfit(f"{len(found)} groups are treated: {names}", mend)
        if any(type(p) is not type(found[0].starts) for p in self.periods):
            what = f"'starts' is {_named(found[0].starts)} and the first period {_named(self.periods[0])}"
            raise self.unfit(what, "write both in the same way")
        return found[0]

    def course(self, name: str) -> tuple[FloatArray, str]:
        """A group's means by period, and why it cannot take part."""
        missing = [p for p in self.periods if (name, p) not in self._mean]
        if missing:
            return np.zeros(0), f"no value in {_named(missing[0])}" + (
                f" and in {len(missing) - 1} more" if missing[1:] else ""
            )
        if self.of_persons:
            least = min(self._count[name, p] for p in self.periods)
            if least < LEAST_PERSONS:
                return np.zeros(0), f"fewer than {LEAST_PERSONS} rows in a period"
        return np.array([self._mean[name, p] for p in self.periods]), ""

    def donors(
        self, treated: _Treated
    ) -> tuple[Sequence[tuple[str, FloatArray]], tuple[tuple[str, str], ...]]:
        """Groups with a value in every period, in order of name, and the others."""
        kept, dropped = [], []
        for name in sorted(self._starts.keys() - {treated.name}):
            course, why = self.course(name)
            if why:
                dropped.append((name, why))
            else:
                kept.append((name, course))
        return kept, tuple(dropped)

    def _in_order(self, seen: set[Any]) -> list[Any]:
        if not seen:
            raise self.unfit("the source has no row yet", "wait, or correct the source")
        if None in seen:
            raise self.unfit("rows without a period", "fill 'period', or drop the rows in `sql`")
        periods = sorted(seen)
        if isinstance(periods[0], str) and len({len(p) for p in periods}) > 1:
            what = f"the periods '{periods[0]}' and '{periods[-1]}' have no order as text"
            raise self.unfit(what, "write dates, numbers, or text of one length such as 2026-W05")
        steps = [_step(b, a) for a, b in pairwise(periods)]
        if steps and max(steps) >= UNEVEN * min(steps):
            at = int(np.argmax(steps))
            what = f"between {_named(periods[at])} and {_named(periods[at + 1])} no group has a row"
            raise self.unfit(what, "fill the periods between, or make periods coarser")
        return periods


def _step(later: Any, earlier: Any) -> float:
    """Distance of two periods, in days or in their own unit; nothing can be said of text."""
    if isinstance(later, str):
        return 1.0
    gap = later - earlier
    return float(gap.total_seconds() if hasattr(gap, "total_seconds") else gap)


def _plain(value: Any) -> Any:
    """A date as its midnight and a moment in UTC, so that both compare; a whole float as its number."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    if isinstance(value, float):
        if np.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    return value


def _later(period: Any, ask: Ask) -> bool:
    """Whether a period begins after the moment that is judged; nothing is known of it yet."""
    if isinstance(period, datetime):
        return bool(_plain(period) > _plain(ask.as_of))
    return isinstance(period, date) and period > ask.today


def _named(period: Any) -> str:
    """A period for a person: a midnight is its day."""
    if isinstance(period, datetime):
        return str(period.date()) if period.time() == time.min else period.isoformat(" ", "minutes")
    return str(period)
