"""How far trends may drift before an effect is in doubt: Rambachan and Roth (REStud 2023), through an extra.

It is computed where the pilot asks for it, and never because a package happens to be there: two machines with
the same files must say the same.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from headway.kernel.identity import Json
from headway.statistics.contrast import FloatArray
from headway.statistics.staggered import Cells, averages, cells

UNTESTED = "not tested for drifting trends"
EXTRA = "causal"
# Drift beyond so many times the largest step before the start is not looked at by diff-diff.
MOST_M = 10.0


class NotInstalled(ImportError):
    """The extra is not there (HW309)."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The drift that an effect withstands.

    Attributes:
        m: the smallest drift per period after the start, in units of the largest seen before it, at which the
            95 % interval of the average over event times holds 0; None where `MOST_M` does not reach.
    """

    m: float | None

    @property
    def words(self) -> str:
        """What it says to a reader."""
        if self.m is None:
            return f"withstands trends that drift {MOST_M:g} times as fast as before the start"
        if self.m == 0:
            return "the average over time since the start is in doubt even if trends do not drift"
        return f"withstands trends that drift up to {self.m:.2g} times as fast as before the start"

    def as_json(self) -> dict[str, Json]:
        """For the record."""
        return {"m": self.m, "method": "Rambachan and Roth, relative magnitudes, by diff-diff"}


def breakdown(found: Cells) -> Breakdown | None:
    """The smallest drift that puts an effect in doubt; None where the periods do not allow to say.

    Raises:
        NotInstalled: the extra is not there.
    """
    event_study = coefficients(found)
    if event_study is None:
        return None
    try:
        import diff_diff
    except ImportError as error:
        raise NotInstalled from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = results(diff_diff, *event_study)
            m = diff_diff.HonestDiD(method="relative_magnitude").breakdown_value(made)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None
    return Breakdown(None if m is None else round(float(m), 2))


def coefficients(found: Cells) -> tuple[tuple[int, ...], FloatArray, FloatArray] | None:
    """Event times around the start without a gap, effects against the last one before it, covariance."""
    if not found.after or not found.before:
        return None
    by = averages(cells(found.effects.panel, base="universal"), "dynamic")
    before = _run([e for e in by.labels if e < 0][::-1], range(-2, min(by.labels) - 1, -1))[::-1]
    after = _run([e for e in by.labels if e >= 0], range(max(by.labels) + 1))
    kept = [by.labels.index(e) for e in (*before, *after)]
    if not before or not after:
        return None
    effects = by.effects.at(kept)
    return (*before, *after), effects.theta, effects.covariance


def results(package: Any, labels: tuple[int, ...], effects: FloatArray, covariance: FloatArray) -> Any:
    """An event study in the form that diff-diff takes one from other software in."""
    se = np.sqrt(np.diag(covariance))
    no = (math.nan, math.nan)
    each = {
        e: package.PeriodEffect(e, float(t), float(s), math.nan, math.nan, no)
        for e, t, s in zip(labels, effects, se, strict=True)
    }
    return package.MultiPeriodDiDResults(
        period_effects=each, avg_att=math.nan, avg_se=math.nan, avg_t_stat=math.nan, avg_p_value=math.nan,
        avg_conf_int=no, n_obs=0, n_treated=0, n_control=0,
        pre_periods=[e for e in labels if e < 0], post_periods=[e for e in labels if e >= 0],
        vcov=covariance, reference_period=-1, interaction_indices={e: i for i, e in enumerate(labels)},
    )  # fmt: skip


def _run(found: list[int], wanted: range) -> list[int]:
    """The event times that follow one another from the start on."""
    made: list[int] = []
    for e, expected in zip(found, wanted, strict=False):
        if e != expected:
            break
        made.append(e)
    return made
