"""Running comparisons of means: the sums up to each day, and the contrast on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from headway.aggregates.days import number_of
from headway.aggregates.request import Factor, Key, Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.measures.value.effect.answers import by_day, by_moment, dated_by, day_key, snapshots
from headway.measures.value.effect.base import Setting
from headway.measures.value.effect.course import MOST, MOST_BESIDE, Course, Days, chosen
from headway.statistics.contrast import FloatArray
from headway.statistics.looks import (
    CrossMomentsByDay,
    Looks,
    MomentsByDay,
    lin_by_day,
    log_ratio_by_day,
    welch_by_day,
)

# The large-sample interval is not looked at before this many units stand in every arm, and for a rate this
# many events and as many non-events (measurement.md 5.4).
FIRST_LOOK, FIRST_EVENTS = 100, 10
_A_RATE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """Sums up to each day.

    Attributes:
        metrics: those that have these days.
        days: the days, in order.
        arms: the arms, in the order of the second axis.
        at: where on the first axis a sum stands.
        sums: (sums, arms, days), each up to and with its day.
        shift: what each column was shifted by.
    """

    metrics: tuple[str, ...]
    days: Days
    arms: tuple[str, ...]
    at: Mapping[Term, int]
    sums: FloatArray
    shift: Mapping[str, float]

    def only(self, looks: npt.NDArray[np.intp]) -> Running:
        """The same on some of the days."""
        return replace(self, days=self.days[looks], sums=self.sums[:, :, looks])

    def of(self, terms: Sequence[Term], arm: str) -> FloatArray:
        """(terms, days) the running sums of one arm."""
        found: FloatArray = self.sums[[self.at[t] for t in terms], self.arms.index(arm)]
        return found


def courses_of_means(
    setting: Setting, request: Request, sums: Mapping[Request, Sums], factors: Sequence[Factor]
) -> list[Course]:
    """The looks at every metric and treated arm; none where the rows are not dated."""
    found = []
    for running in (
        _snapshots(setting, sums[request]) if setting.cumulative else _days(setting, request, sums)
    ):
        treated = [a for a in setting.treated if a in running.arms]
        for metrics, most in _by_room(setting, running.metrics):
            shown = running.only(chosen(setting, running.days, most))
            if setting.control in running.arms and metrics:
                found += [c for arm in treated for c in _courses(setting, metrics, arm, shown, factors)]
    return found


def _by_room(setting: Setting, metrics: Sequence[str]) -> list[tuple[list[str], int]]:
    """The outcome, whose every look is kept, and the metrics beside it."""
    outcome = [m for m in metrics if m == setting.pilot.metric]
    return [(outcome, MOST), ([m for m in metrics if m not in outcome], MOST_BESIDE)]


def _days(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> list[Running]:
    """All metrics over closing days, which add up."""
    per = by_day(setting, request, sums)
    key = day_key(per) if per else None
    if per is None or key is None:
        return []
    days, running = _cube(per, key)
    return [replace(running, days=np.array(days, dtype=np.int64), sums=running.sums.cumsum(axis=2))]


def _snapshots(setting: Setting, answer: Sums) -> list[Running]:
    """Each metric over its own snapshots, sums up to their day already; the last of a day counts."""
    zone, found = ZoneInfo(setting.ask.portfolio.settings.time_zone), []
    moments, running = _cube(by_moment(setting, answer), dated_by(setting) or "")
    at = {moment: i for i, moment in enumerate(moments)}
    for metric, stated in snapshots(setting, answer).items():
        last = {number_of(m.astimezone(zone).date()): at[m] for m in stated}
        if last:
            only = running.only(np.array(list(last.values()), dtype=np.intp))
            found.append(replace(only, metrics=(metric,), days=np.array(list(last), dtype=np.int64)))
    return found


def _cube(per: Sums, key: Key) -> tuple[list[Any], Running]:
    """Sums by arm and moment as one block; rows without a moment have no place in time."""
    of_arm, of_time = per.keys.index("variant"), per.keys.index(key)
    known = [i for i, g in enumerate(per.groups) if g[of_time] is not None]
    times = sorted({per.groups[i][of_time] for i in known})
    arms = tuple(dict.fromkeys(str(per.groups[i][of_arm]) for i in known))
    arm_at, time_at = {a: i for i, a in enumerate(arms)}, {t: i for i, t in enumerate(times)}
    cells = (
        np.array([arm_at[str(per.groups[i][of_arm])] for i in known], dtype=np.intp),
        np.array([time_at[per.groups[i][of_time]] for i in known], dtype=np.intp),
    )
    terms = [t for t in per.values if t.kind in ("count", "sum")]
    made = np.zeros((len(terms), len(arms), len(times)))
    for i, term in enumerate(terms):
        np.add.at(made[i], cells, per.values[term][known])
    metrics = tuple(t.complete[0] for t in terms if t.kind == "count" and len(t.complete) == 1)
    at = {t: i for i, t in enumerate(terms)}
    return times, Running(metrics, np.arange(len(times)), arms, at, made, per.shift)


def _courses(
    setting: Setting, metrics: Sequence[str], arm: str, running: Running, factors: Sequence[Factor]
) -> list[Course]:
    """The looks at some metrics of one arm, all at once where there are no covariates."""
    treated, control = (_moments(metrics, a, running) for a in (arm, setting.control))
    if factors:
        looks = [_adjusted(setting, m, arm, running, factors) for m in metrics]
    else:
        relative = [setting.scale_of(m) == "relative" for m in metrics]
        forms = {r: (log_ratio_by_day if r else welch_by_day)(treated, control) for r in set(relative)}
        every = [forms[r] for r in relative]
        looks = [Looks(f.theta[i], f.se[i], f.df[i], f.n[i]) for i, f in enumerate(every)]
    enough = _enough(treated) & _enough(control)
    plan = setting.pilot.plan
    made = []
    for i, metric in enumerate(metrics):
        n = looks[i].n
        planned = float(plan.units) if plan and plan.units else max(float(n[-1]), 1.0)
        made.append(Course(metric, arm, running.days, looks[i], n / planned, enough[i] & (n > 0)))
    return made


def _moments(metrics: Sequence[str], arm: str, running: Running) -> MomentsByDay:
    """(metrics, days) moments of one arm."""
    n = running.of([count(m) for m in metrics], arm)
    first = running.of([sum_of(m) for m in metrics], arm)
    second = running.of([sum_of(m, m) for m in metrics], arm)
    shift = np.array([running.shift.get(m, 0.0) for m in metrics])[:, None]
    return MomentsByDay.from_sums(n, first, second, shift)


def _enough(arm: MomentsByDay) -> npt.NDArray[np.bool_]:
    """Whether a large-sample interval may be looked at."""
    rate = np.abs(arm.m2 - arm.n * arm.mean * (1 - arm.mean)) <= _A_RATE * arm.n
    events = arm.n * arm.mean
    rare = rate & (np.minimum(events, arm.n - events) < FIRST_EVENTS - 0.5)
    enough: npt.NDArray[np.bool_] = (arm.n >= FIRST_LOOK) & ~rare
    return enough


def _adjusted(setting: Setting, metric: str, arm: str, running: Running, factors: Sequence[Factor]) -> Looks:
    """Lin's estimator on every day; on the relative scale, its difference over the day's control mean."""
    names = (Factor(metric), *factors)
    treated, control = (_cross(metric, names, a, running) for a in (arm, setting.control))
    looks = lin_by_day(treated, control)
    if setting.scale_of(metric) != "relative":
        return looks
    usable = np.isfinite(
        log_ratio_by_day(*(_moments([metric], a, running) for a in (arm, setting.control))).theta
    )
    return looks.where(usable[0]).scaled_by(1 / np.where(usable[0], control.mean[:, 0], 1.0))


def _cross(metric: str, names: Sequence[Factor], arm: str, running: Running) -> CrossMomentsByDay:
    def complete(*factors: Factor) -> tuple[str, ...]:
        return () if Factor(metric) in factors else (metric,)

    first = running.of([sum_of(f, complete=complete(f)) for f in names], arm).T
    pairs = [sum_of(f, g, complete=complete(f, g)) for f in names for g in names]
    second = running.of(pairs, arm).T.reshape(len(running.days), len(names), len(names))
    shift = np.array([0.0 if f.missing == "flag" else running.shift.get(f.column, 0.0) for f in names])
    return CrossMomentsByDay.from_sums(running.of([count(metric)], arm)[0], first, second, shift)
