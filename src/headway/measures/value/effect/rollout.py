"""What both rollout designs share: cohort sums asked of the wide rows, and the panel made of the answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from scipy.special import ndtr, stdtr

from headway.aggregates.request import Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.identity import Json
from headway.measures.value.effect.base import Compared, Refused, Role, Scale, Setting, diagnostic
from headway.measures.value.effect.evalue import good_direction, hurdle
from headway.measures.value.effect.integrity import NONFINITE_LIMIT
from headway.measures.value.effect.record import LEVEL, shown
from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.panel import LEAST_IN_COHORT, Panel
from headway.statistics.staggered import Cell

START = "starts_at"
ALL = count()
CHANGES = count("start changes")
# Below this many standard errors from zero a mean is no denominator (measurement.md 5.1).
_FAR_FROM_ZERO = 10
KEEP_SOME = "keep some units that start later, or never"
EARLIER = "give earlier periods, or leave these units out"
# Names of cells shown in a finding.
_SHOWN = 3


def request(setting: Setting) -> Request:
    """Per cohort: units, and per metric the sums and the sums of products of all periods."""
    terms: dict[Term, None] = {ALL: None, CHANGES: None}
    for metric, _ in setting.metrics():
        columns = columns_of(setting, metric)
        terms |= dict.fromkeys((count(columns[0]), count(f"{metric} not finite"), count(f"{metric} twice")))
        terms |= dict.fromkeys(sum_of(c) for c in columns)
        terms |= dict.fromkeys(sum_of(*pair) for pair in combinations_with_replacement(columns, 2))
    return Request(setting.bound.source, (START,), tuple(terms))


def columns_of(setting: Setting, metric: str) -> tuple[str, ...]:
    """The wide columns of a metric, one per period in order."""
    return tuple(c for c in setting.bound.columns if c.startswith(f"{metric} at "))


def periods_of(setting: Setting) -> tuple[str, ...]:
    """The periods, as the panel's source writes them."""
    metric = setting.pilot.metric
    return tuple(c.removeprefix(f"{metric} at ") for c in columns_of(setting, metric))


@dataclass(frozen=True, slots=True)
class Rows:
    """The panel of one metric, and who takes no part in it.

    Attributes:
        panel: cohort sums of the units that take part.
        periods: names of its periods.
        incomplete: units without an outcome in some period.
        lone: names of the starts of cohorts that had one unit.
        from_start: units that were treated in the first period already.
    """

    panel: Panel
    periods: tuple[str, ...]
    incomplete: int
    lone: tuple[str, ...]
    from_start: int

    def named(self, position: int) -> str:
        """A period by its name; the first one after all for what never starts."""
        return self.periods[position] if position < len(self.periods) else "never"

    def as_json(self) -> dict[str, Json]:
        """Counts for the record."""
        cohorts = zip(self.panel.starts, self.panel.n, strict=True)
        return {
            "cohorts": {self.named(start): int(n) for start, n in cohorts},
            "periods": len(self.periods),
            "incomplete": self.incomplete,
        }


def rows_of(setting: Setting, metric: str, answer: Sums) -> Rows:
    """The panel of a metric, without cohorts that have no before, or of one unit.

    Raises:
        Degenerate: `not_finite`, `too_few` when nobody is left; Unfit with HW905 or HW418.
    """
    periods = periods_of(setting)
    if not answer.groups:
        raise Degenerate("too_few", "the panel has no row")
    _refuse(answer, metric)
    columns = columns_of(setting, metric)
    n = answer[count(columns[0])].astype(float)
    first = np.stack([answer[sum_of(c)] for c in columns], axis=1)
    second = np.empty((len(n), len(columns), len(columns)))
    for (i, a), (j, b) in combinations_with_replacement(list(enumerate(columns)), 2):
        second[:, i, j] = second[:, j, i] = answer[sum_of(a, b)]
    shift = np.array([answer.shift.get(c, 0.0) for c in columns])
    panel = Panel.from_sums([int(g[0]) for g in answer.groups], n, first, second, shift)
    early = [start == 0 for start in panel.starts]
    lone = [units < LEAST_IN_COHORT and not e for units, e in zip(panel.n, early, strict=True)]
    if all(early):
        raise Unfit(
            "HW418", f"all units were treated in {periods[0]} already, the first period there is", EARLIER
        )
    kept = panel.only([not (a or b) for a, b in zip(early, lone, strict=True)])
    named = [*periods, "never"]
    return Rows(
        kept,
        periods,
        int(answer[ALL].sum() - n.sum()),
        tuple(named[s] for s, alone in zip(panel.starts, lone, strict=True) if alone),
        int(panel.n[0]) if early[0] else 0,
    )


def _refuse(answer: Sums, metric: str) -> None:
    units = int(answer[ALL].sum())
    twice, changes = (int(answer[t].sum()) for t in (count(f"{metric} twice"), CHANGES))
    mend = "give one row per unit and period, with one start for all rows of a unit"
    if twice:
        raise Unfit("HW905", f"{_units(twice)} with two outcomes in one period", mend)
    if changes:
        raise Unfit("HW905", f"{_units(changes)} with rows that start in different periods", mend)
    strange = int(answer[count(f"{metric} not finite")].sum())
    if strange > NONFINITE_LIMIT * units:
        raise Degenerate(
            "not_finite", f"{_units(strange)} of {units} with an outcome that is no finite number"
        )


class Unfit(Degenerate):
    """Rows that allow no estimate for a reason that rollouts alone have; with its code and mend."""

    def __init__(self, code: str, detail: str, mend: str) -> None:
        """Keep the machine's word and the reader's sentences apart."""
        super().__init__("singular", detail)
        self.code = code
        self.mend = mend


def refused(setting: Setting, metric: str, fault: Degenerate) -> Refused:
    """What is said where there is no estimate."""
    if not isinstance(fault, Unfit):
        return Refused(metric, "", fault)
    found = diagnostic(setting, fault.code, f"{metric}: {fault.detail}", fault.mend, "metric")
    return Refused(metric, "", fault, found=found)


def somebody_compared(rows: Rows, after: Sequence[object]) -> None:
    """Whether any cell from a start on can be compared with anybody.

    Raises:
        Degenerate: `too_few` where nobody was treated; Unfit with HW417 where nobody is left untreated.
    """
    if min(rows.panel.starts) >= rows.panel.periods:
        raise Degenerate("too_few", f"no unit was treated from {rows.periods[0]} to {rows.periods[-1]}")
    if not after:
        detail = "whenever a unit is treated, all others are treated too, so nobody is left to compare with"
        raise Unfit("HW417", detail, KEEP_SOME)


def diagnostics(setting: Setting, rows: Rows, alone: Sequence[Cell]) -> Iterator[Diagnostic]:
    """HW417, HW418 and HW906: cells, cohorts and units that take no part."""
    after = [cell for cell in alone if cell.since >= 0]
    if after:
        named = [f"{rows.named(c.start)} in {rows.named(c.period)}" for c in after[:_SHOWN]]
        more = f" and {len(after) - _SHOWN} more" if len(after) > _SHOWN else ""
        what = f"nobody is left to compare with the units that started {', '.join(named)}{more}"
        yield diagnostic(setting, "HW417", what, KEEP_SOME, "metric")
    if rows.from_start:
        what = f"{_units(rows.from_start)} treated in {rows.periods[0]} already, the first period there is"
        yield diagnostic(setting, "HW418", what, EARLIER, "metric")
    left = [f"{_units(rows.incomplete)} without an outcome in some period"] if rows.incomplete else []
    if rows.lone:
        left.append(f"a single unit that started in {', '.join(rows.lone[:_SHOWN])}")
    if left:
        what = f"{' and '.join(left)}: left out"
        yield diagnostic(setting, "HW906", what, "fill the gaps, or sum periods up to coarser ones", "metric")


def compared(setting: Setting, metric: str, contrast: Contrast, rows: Rows, treated_mean: float) -> Compared:
    """The effect on the scale of the objective.

    Args:
        setting: the pilot.
        metric: the metric.
        contrast: its effect, in the metric's unit.
        rows: the panel it comes from.
        treated_mean: mean outcome of the treated, from their start on.

    Raises:
        Degenerate: `near_zero_mean` for a relative effect on what would have been near zero.
    """
    without = treated_mean - contrast.theta
    note, scale = "", setting.scale_of(metric)
    if scale == "relative":
        if not abs(without) >= _FAR_FROM_ZERO * contrast.se:
            detail = (
                f"without the treatment the mean would be {without:.6g}, standard error {contrast.se:.3g}"
            )
            raise Degenerate("near_zero_mean", detail)
        contrast, note = contrast.scaled_by(1 / without), "over the mean that would have been"
    return Compared(metric, "", contrast, scale, without, {}, note, rows.as_json())


def calibrated(setting: Setting, found: Compared, role: Role) -> Compared:
    """The same with the one-sided p-value that its e-value is made of."""
    good, contrast = good_direction(setting, found.metric, role), found.contrast
    t = good * (contrast.theta - hurdle(setting, found, role)) / contrast.se
    p = stdtr(contrast.df, -t) if math.isfinite(contrast.df) else ndtr(-t)
    return replace(found, form="calibrator", p_one_sided=float(p))


def treated_mean(panel: Panel, cells: Sequence[Cell]) -> float:
    """Mean outcome of the treated over cells, weighted by cohort size."""
    at = {start: k for k, start in enumerate(panel.starts)}
    weights = np.array([panel.n[at[c.start]] for c in cells])
    means = np.array([panel.mean[at[c.start], c.period] for c in cells])
    return float(weights @ means / weights.sum())


@dataclass(frozen=True, slots=True)
class Shown:
    """How figures beside an effect come to its scale.

    Attributes:
        factor: from the metric's unit to the scale of the estimate.
        scale: that scale.
    """

    factor: float
    scale: Scale

    def figure(self, value: float) -> float:
        """A figure as a person reads it."""
        return shown(value * self.factor, self.scale)

    def average(self, value: float, se: float) -> dict[str, Json]:
        """An average with its interval, looked at once."""
        made: dict[str, Json] = {"value": self.figure(value)}
        if se > 0:
            low, high = sorted(map(self.figure, Contrast(value, se, math.inf, 0).interval(LEVEL)))
            made |= {"low": low, "high": high}
        return made

    def study(self, labels: Sequence[int], theta: FloatArray, se: FloatArray, critical: float) -> list[Json]:
        """An event study: per period since the start the effect, its own interval, and the uniform band."""
        made: list[Json] = []
        for since, value, own in zip(labels, map(float, theta), map(float, se), strict=True):
            reach = critical * own
            band = sorted((self.figure(value - reach), self.figure(value + reach)))
            made.append(
                {
                    "since": since,
                    "se": abs(self.factor) * own,
                    **self.average(value, own),
                    "band_low": band[0],
                    "band_high": band[1],
                }
            )
        return made


def shown_as(found: Compared, contrast: Contrast) -> Shown:
    """The scale of an effect, from the effect in the metric's unit.

    >>> whole = Contrast(2.0, 1.0, 9.0, 10)
    >>> shown_as(Compared("y", "", whole.scaled_by(0.1), "relative", None, {}), whole).figure(5.0)
    0.5
    """
    return Shown(found.contrast.theta / contrast.theta if contrast.theta else 1.0, found.scale)


def _units(n: int) -> str:
    return f"{n} unit" if n == 1 else f"{n} units"


def answered(setting: Setting, sums: Mapping[Request, Sums]) -> Sums:
    """The answer to `request`."""
    return sums[request(setting)]
