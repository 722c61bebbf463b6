"""The design ``staggered``: a rollout whose order nobody drew, by Callaway and Sant'Anna from cohort sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.value.effect import rollout
from headway.measures.value.effect.base import Arm, Compared, Refused, Role, Setting, diagnostic
from headway.measures.value.effect.rollout import Rows, Shown
from headway.measures.value.effect.sensitivity import EXTRA, UNTESTED, Breakdown, NotInstalled, breakdown
from headway.statistics.contrast import Degenerate
from headway.statistics.staggered import (
    Averages,
    Cells,
    Wald,
    averages,
    cells,
    simple,
    uniform_critical,
    wald,
)

METHOD = "Callaway and Sant'Anna, controls not treated yet"
# Below this p-value, trends before the start differ.
_NOTABLE = 0.05


class Staggered:
    """Units that start in different periods, each cohort against those that are not treated yet."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: cohort sums of every metric."""
        return (rollout.request(setting),)

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """The average effect on every metric, with its event study beside it."""
        answer = rollout.answered(setting, sums)
        return [self._metric(setting, metric, role, answer) for metric, role in setting.metrics()]

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """None: a unit is its own control before its start."""
        return {}

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """B where trends before the start could be looked at, else C."""
        try:
            rows = rollout.rows_of(setting, setting.pilot.metric, rollout.answered(setting, sums))
        except Degenerate:
            return Grade.C, ("the order was not drawn by lot",)
        return graded(rows, "the order was not drawn by lot")

    def _metric(self, setting: Setting, metric: str, role: Role, answer: Sums) -> Compared | Refused:
        try:
            return effect(setting, metric, role, rollout.rows_of(setting, metric, answer))
        except Degenerate as fault:
            return rollout.refused(setting, metric, fault)


def graded(rows: Rows, why: str) -> tuple[Grade, tuple[str, ...]]:
    """The grade of a rollout in an order not drawn, or not followed: B where trends could be looked at."""
    found = cells(rows.panel)
    trend = wald(found.effects.at(found.before))
    if trend is None:
        return Grade.C, (why, "no cohort has two periods before its start, so trends cannot be looked at")
    seen = "apart" if trend.p_value < _NOTABLE else "alike as far as can be told"
    return Grade.B, (why, f"before the start cohorts moved {seen} (p {trend.p_value:.2g})")


def effect(setting: Setting, metric: str, role: Role, rows: Rows) -> Compared:
    """The average effect of one metric, with what `explain` shows beside it.

    Raises:
        Degenerate: no cell has a control, no variance, or a relative effect on near nothing.
    """
    found = cells(rows.panel)
    rollout.somebody_compared(rows, found.after)
    contrast = simple(found).contrast(METHOD)
    mean = rollout.treated_mean(rows.panel, [found.cells[i] for i in found.after])
    made = rollout.compared(setting, metric, contrast, rows, mean)
    at = rollout.shown_as(made, contrast)
    trend = wald(found.effects.at(found.before))
    limit, absent = drift(setting, found) if role == "outcome" else (None, ())
    beside = {
        **made.beside,
        **details(found, rows, at),
        "trend_before": _test(trend),
        "breakdown": limit.as_json() if limit else None,
        "caution": limit.words if limit else UNTESTED,
    }
    notes = (*rollout.diagnostics(setting, rows, found.without_control), *absent)
    return rollout.calibrated(setting, replace(made, beside=beside, notes=notes), role)


def drift(setting: Setting, found: Cells) -> tuple[Breakdown | None, tuple[Diagnostic, ...]]:
    """How far trends may drift, where the pilot asks; HW309 where the extra it takes is not installed."""
    if setting.pilot.sensitivity is None:
        return None, ()
    try:
        return breakdown(found), ()
    except NotInstalled:
        what = f"the extra `{EXTRA}`, which tells how far trends may drift, is not installed"
        mend = f"pip install 'headway[{EXTRA}]', or take `sensitivity` away"
        return None, (diagnostic(setting, "HW309", what, mend, "sensitivity"),)


def details(found: Cells, rows: Rows, at: Shown) -> dict[str, Json]:
    """Averages by cohort, by period and since the start, on the scale of the estimate."""
    by = averages(found, "dynamic")
    critical = uniform_critical(by.effects.covariance)
    made: dict[str, Json] = {
        "event_study": at.study(by.labels, by.effects.theta, by.effects.se, critical),
        "by_time_since_start": _overall(by, at),
    }
    for name, over in (("by_start", averages(found, "group")), ("by_period", averages(found, "calendar"))):
        each: dict[str, Json] = {
            rows.named(label): at.average(float(t), float(s))
            for label, t, s in zip(over.labels, over.effects.theta, over.effects.se, strict=True)
        }
        made[name] = {**_overall(over, at), "each": each}
    return made


def _overall(of: Averages, at: Shown) -> dict[str, Json]:
    return at.average(float(of.overall.theta[0]), float(of.overall.se[0]))


def _test(trend: Wald | None) -> Json:
    return {"w": trend.w, "df": trend.df, "p_value": trend.p_value} if trend else None
