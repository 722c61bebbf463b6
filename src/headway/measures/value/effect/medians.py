"""Medians of two arms: exact below ten thousand rows, from log-histograms above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from headway.aggregates.request import UNDERFLOW_BUCKET, ZERO_BUCKET, Bucket, Request, least
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Grade
from headway.measures.value.effect.answers import ALL, asked
from headway.measures.value.effect.base import Arm, Compared, Design, Refused, Setting
from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.log_histogram import LogHistogram
from headway.statistics.quantiles import median_difference, median_log_ratio, quantile

# From here on quantiles come from histograms (relative error at most 1 %); below, they are exact.
EXACT_BELOW = 10_000
_Z = 1.959963984540054
# The rank interval needs this many units on the rarer side of the quantile.
_LEAST_UNITS = 200


class Medians:
    """The median of the primary metric, whatever way the arms came about."""

    def __init__(self, graded: Design) -> None:
        self._graded = graded

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: how often each value (or bucket) of the metric occurs in each arm."""
        metric = setting.pilot.metric
        if setting.bound.rows < EXACT_BELOW:
            return (asked(setting, ("variant", metric), (ALL,)),)
        return (asked(setting, ("variant", Bucket(metric)), (ALL, least(metric))),)

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """Every treated arm against control."""
        request = self.needs(setting)[0]
        answer, arms = sums[request], self.arms(setting, sums)
        return [_compare(setting, arm, request, answer, arms) for arm in setting.treated]

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """Counts per arm."""
        answer = sums[self.needs(setting)[0]]
        found: dict[str, Arm] = {}
        for at, (arm, value) in enumerate(answer.groups):
            seen = found.get(str(arm), Arm(0, 0))
            n = int(answer[ALL][at])
            found[str(arm)] = Arm(seen.units + n, seen.measured + (n if value is not None else 0))
        return found

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """That of the same comparison of means."""
        return self._graded.grade(setting, sums)


def _compare(
    setting: Setting, arm: str, request: Request, answer: Sums, arms: Mapping[str, Arm]
) -> Compared | Refused:
    metric = setting.pilot.metric
    try:
        if isinstance(request.keys[1], Bucket):
            _not_negative(answer, metric)
            here, there = (_histogram(answer, name) for name in (arm, setting.control))
            contrast, control = _from_histograms(here, there, relative=setting.scale == "relative")
        else:
            treated, other = (_values(answer, name) for name in (arm, setting.control))
            contrast = (median_log_ratio if setting.scale == "relative" else median_difference)(
                treated, other
            )
            control = quantile(other, 0.5)
    except Degenerate as fault:
        return Refused(metric, arm, fault)
    scale = "log" if setting.scale == "relative" else setting.scale
    return Compared(metric, arm, contrast, scale, control, arms, "medians")


def _values(answer: Sums, arm: str) -> FloatArray:
    rows = [
        (float(v), int(answer[ALL][i]))
        for i, (name, v) in enumerate(answer.groups)
        if str(name) == arm and v is not None
    ]
    return np.repeat([v for v, _ in rows], [n for _, n in rows]).astype(float)


def _not_negative(answer: Sums, metric: str) -> None:
    lowest = min((float(v) for v in answer[least(metric)] if v is not None), default=0.0)
    if lowest < 0:
        raise Degenerate("negative", f"the metric goes down to {lowest:g}; a log-histogram begins at zero")


def _histogram(answer: Sums, arm: str) -> LogHistogram:
    counts = {
        int(b): int(answer[ALL][i])
        for i, (name, b) in enumerate(answer.groups)
        if str(name) == arm and b is not None
    }
    return LogHistogram(counts, counts.pop(ZERO_BUCKET, 0), counts.pop(UNDERFLOW_BUCKET, 0))


def _from_histograms(
    treated: LogHistogram, control: LogHistogram, *, relative: bool
) -> tuple[Contrast, float]:
    """Interval ends at ranks n/2 -+ z sqrt(n)/2 (measurement.md 5.1), read from the buckets."""
    middles, variances = [], []
    for arm in (treated, control):
        if arm.n < _LEAST_UNITS:
            raise Degenerate("too_few", f"{arm.n} units")
        step = _Z * math.sqrt(0.25 / arm.n)
        points = [arm.quantile(q, "mid") for q in (0.5 - step, 0.5, 0.5 + step)]
        if relative:
            if points[0] <= 0:
                raise Degenerate("near_zero_mean", "the median is zero")
            points = [math.log(p) for p in points]
        middles.append(points[1])
        variances.append(((points[2] - points[0]) / (2 * _Z)) ** 2)
    control_median = math.exp(middles[1]) if relative else middles[1]
    n = treated.n + control.n
    made = Contrast(
        middles[0] - middles[1], math.sqrt(sum(variances)), math.inf, n, method="medians of log-histograms"
    )
    return made, control_median
