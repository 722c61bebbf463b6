"""Metrics that go on growing while they are looked at: no interval is valid at every look (HW409)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from headway.aggregates.request import Request, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Grade, significant, worst
from headway.measures.value.effect.answers import by_moment, snapshots
from headway.measures.value.effect.base import Setting, diagnostic
from headway.statistics.contrast import Degenerate
from headway.statistics.means import Moments

# A control mean that moved by less than a twentieth, or within its own doubt, stands still.
DRIFT, DOUBT = 0.05, 3.0
REASON = "open-ended metric looked at more than once: no interval is proven for that"


def open_ended(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> Diagnostic | None:
    """HW409 for a pilot whose units are counted before they are done.

    The proof that an interval is valid at every look needs each unit once, with a value that stands from
    then on. Snapshots hold that only where a window closes each unit; without one, and wherever the
    control mean drifts from the first snapshot to the newest, they do not.
    """
    if not setting.cumulative or setting.pilot.looks == "once":
        return None
    drifts = _drifts(setting, sums[request])
    if setting.pilot.window and not drifts:
        return None
    metric, first, last = drifts[0] if drifts else ("", 0.0, 0.0)
    what = "snapshots of a pilot without `window`: units are counted before they are done"
    if drifts:
        others = f", and that of {len(drifts) - 1} more" if len(drifts) > 1 else ""
        what = (
            f"open-ended metric: from the first to the newest snapshot the control mean of '{metric}' went "
            f"from {first:g} to {last:g}{others}, so no interval is valid at every look"
        )
    mend = "set `window`, and count a unit once, when its window has closed"
    return diagnostic(setting, "HW409", what, mend, "looks")


def voided(graded: tuple[Grade, tuple[str, ...]]) -> tuple[Grade, tuple[str, ...]]:
    """The grade without that proof: what was looked at again and again cannot be promoted by an e-value."""
    grade, reasons = graded
    return worst(grade, Grade.C), (*reasons, REASON)


def _drifts(setting: Setting, answer: Sums) -> list[tuple[str, float, float]]:
    """Metrics whose control mean moved from the first snapshot to the newest, the outcome first."""
    per, found = by_moment(setting, answer), []
    at = {(str(arm), moment): i for i, (arm, moment) in enumerate(per.groups)}
    stated = snapshots(setting, answer)
    for metric, _ in setting.metrics():
        moments = stated.get(metric, [])
        if len(moments) > 1:
            ends = [_moments(per, metric, at[setting.control, m]) for m in (moments[0], moments[-1])]
            if _moved(*ends):
                found.append((metric, significant(ends[0].mean, 3), significant(ends[1].mean, 3)))
    return found


def _moments(per: Sums, metric: str, at: int) -> Moments:
    n, first, second = (per[t][at] for t in (count(metric), sum_of(metric), sum_of(metric, metric)))
    return Moments.from_sums(int(n), float(first), float(second), per.shift.get(metric, 0.0))


def _moved(first: Moments, last: Moments) -> bool:
    try:
        doubt = math.sqrt(first.variance / first.n + last.variance / last.n)
    except Degenerate:
        return False
    away = abs(last.mean - first.mean)
    return away > DRIFT * abs(first.mean) and away > DOUBT * doubt
