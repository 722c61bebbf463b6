"""The design ``rollout_order``: a rollout in an order drawn by lot, by Roth and Sant'Anna's estimator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.value.effect import rollout, staggered
from headway.measures.value.effect.base import Arm, Compared, Refused, Role, Setting, diagnostic
from headway.measures.value.effect.followed import Followed, followed, order_of, started
from headway.measures.value.effect.rollout import Rows, Shown
from headway.statistics.contrast import Degenerate
from headway.statistics.rollout_order import Ordered, anticipation, comparable, covariance, ordered
from headway.statistics.staggered import Cell, uniform_critical

# Share of unit-periods that must be as the drawn order has them (measurement.md 4).
FOLLOWED = 0.95
# A placebo as far off as this, or further, counts as anticipation.
FORESEEN = 0.05


@dataclass(frozen=True, slots=True)
class Checks:
    """What the grade of a drawn order rests on.

    Attributes:
        drawn: why the order does not count as drawn in time; empty where it does.
        followed: how far the units followed it; None where there is no order.
        foreseen: p-value of the test of anticipation; None where it cannot be made.
    """

    drawn: str
    followed: Followed | None
    foreseen: float | None

    def against(self) -> tuple[str, ...]:
        """Why the rollout is not randomised; empty where it is."""
        found = [self.drawn] if self.drawn else []
        if self.followed is not None and self.followed.share < FOLLOWED:
            found.append(f"{self.followed.words}, at least {FOLLOWED:.0%} are due")
        if self.foreseen is None:
            found.append("no cohort has two periods before its start, so anticipation cannot be looked at")
        elif self.foreseen < FORESEEN:
            found.append(f"outcomes moved before the start already (p {self.foreseen:.2g})")
        return tuple(found)


class DrawnRollout:
    """Units that start in an order drawn by lot; as `Staggered` where that order does not hold."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """Cohort sums of every metric, and where an order was drawn each unit's actual start."""
        asked = rollout.request(setting)
        return (asked, started(setting)) if order_of(setting.ask) else (asked,)

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """The average effect on every metric, with its event study beside it."""
        return [self._metric(setting, metric, role, sums) for metric, role in setting.metrics()]

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """None: a unit is a control until its start."""
        return {}

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """A where the order was drawn in time and followed, and nothing moved before; else as staggered."""
        try:
            rows = rollout.rows_of(setting, setting.pilot.metric, rollout.answered(setting, sums))
            found = checks(setting, rows, sums)
        except Degenerate:
            return Grade.C, ("no panel to look at",)
        against = found.against()
        if against:
            return staggered.graded(rows, "; ".join(against))
        order = order_of(setting.ask)
        words = f"order drawn by lot on {order.at.date()}" if order else ""
        return Grade.A, (words, found.followed.words if found.followed else "")

    def _metric(
        self, setting: Setting, metric: str, role: Role, sums: Mapping[Request, Sums]
    ) -> Compared | Refused:
        try:
            rows = rollout.rows_of(setting, metric, rollout.answered(setting, sums))
            found = checks(setting, rows, sums)
            if found.against():
                made = staggered.effect(setting, metric, role, rows)
                return replace(made, notes=(*made.notes, *_not_followed(setting, found)))
            return effect(setting, metric, rows, found)
        except Degenerate as fault:
            return rollout.refused(setting, metric, fault)


def checks(setting: Setting, rows: Rows, sums: Mapping[Request, Sums]) -> Checks:
    """What a grade rests on, from the ledger and the rows.

    Raises:
        Degenerate: the panel allows no test.
    """
    order = order_of(setting.ask)
    if order is None:
        drawn, share = "no drawn order is recorded", None
    else:
        drawn = order.late(setting)
        share = followed(order, sums[started(setting)], rows.periods)
    test = anticipation(rows.panel)
    seen = None
    if test is not None:
        # Where nothing varies nothing moved.
        seen = test.contrast(rows.panel.units).p_value() if test.se > 0 else float(test.theta == 0)
    return Checks(drawn, share, seen)


def _not_followed(setting: Setting, found: Checks) -> tuple[Diagnostic, ...]:
    """HW423: an order was drawn, and units started otherwise."""
    if found.followed is None or found.followed.share >= FOLLOWED:
        return ()
    mend = "let units start as drawn, or declare design: staggered; the grade is B from here on"
    return (diagnostic(setting, "HW423", found.followed.words, mend, "design"),)


def effect(setting: Setting, metric: str, rows: Rows, found: Checks) -> Compared:
    """The average effect of one metric, with what `explain` shows beside it.

    Raises:
        Degenerate: no cell has a control, no variance, or a relative effect on near nothing.
    """
    taken = comparable(rows.panel)
    rollout.somebody_compared(rows, taken)
    best = ordered(rows.panel, taken)
    contrast = best.contrast(rows.panel.units)
    made = rollout.compared(setting, metric, contrast, rows, rollout.treated_mean(rows.panel, taken))
    at = rollout.shown_as(made, contrast)
    plain = ordered(rows.panel, taken, 1.0)
    beside: dict[str, Json] = {
        **made.beside,
        "beta": best.beta,
        "level": best.level,
        "gap": best.gap,
        "difference_in_differences": at.average(plain.theta, plain.se),
        "anticipation_p_value": found.foreseen,
        "followed": found.followed.share if found.followed else None,
        "event_study": _study(rows, taken, at),
    }
    alone = [
        Cell(start, period)
        for start in rows.panel.starts
        for period in range(start, rows.panel.periods)
        if Cell(start, period) not in taken
    ]
    notes = tuple(rollout.diagnostics(setting, rows, alone))
    return replace(made, beside=beside, form="t", notes=notes)


def _study(rows: Rows, taken: Sequence[Cell], at: Shown) -> list[Json]:
    """Effects by time since the start, each with its own beta, and the placebo before it."""
    labels = sorted({cell.since for cell in taken})
    each: list[Ordered] = [ordered(rows.panel, [c for c in taken if c.since == e]) for e in labels]
    placebo = anticipation(rows.panel)
    if placebo is not None:
        labels, each = [-1, *labels], [placebo, *each]
    joint = covariance(rows.panel, each)
    theta = np.array([one.theta for one in each])
    return at.study(labels, theta, np.sqrt(np.diag(joint)), uniform_critical(joint))
