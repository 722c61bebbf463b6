"""What a replay adds up to: saving, violation, unserved use, slack, and how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.advice import Interval, Replayed
from headway.measures.spend.closed_loop import ABOVE
from headway.measures.spend.cohort import Cohort, IntArray
from headway.statistics.contrast import FloatArray

_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)
_DAY, _HOUR = 86_400.0, 3_600.0
_DAYS_FOR_DAYS = 5
_LEAST_BLOCK = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of a replay, one column per workload, refit or block of time.

    Attributes:
        samples: bins scored.
        granted: grant, summed over them.
        reference: what was granted in fact, summed.
        used: use, summed.
        above: bins with use above the grant.
        unserved: use above the grant, summed.
    """

    samples: FloatArray
    granted: FloatArray
    reference: FloatArray
    used: FloatArray
    above: FloatArray
    unserved: FloatArray

    @property
    def saving(self) -> float:
        """Share of what was granted in fact that would not have been."""
        return _share(self.reference.sum() - self.granted.sum(), self.reference.sum())

    @property
    def violation(self) -> float:
        """Share of bins with use above the grant."""
        return _share(self.above.sum(), self.samples.sum())

    def of(self, at: int) -> Tally:
        """One column of it."""
        return Tally(*(getattr(self, name)[at : at + 1] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Scored:
    """The samples that are scored, one row each, made once for any number of replays of them.

    Attributes:
        workload: position in the cohort.
        step: since the first step scored.
        count: bins with that use.
        value: use.
        reference: what was granted in fact.
    """

    workload: IntArray
    step: IntArray
    count: FloatArray
    value: FloatArray
    reference: FloatArray

    @classmethod
    def of(cls, cohort: Cohort, first: int) -> Scored:
        """The samples of a cohort from a step on."""
        workload, column = np.nonzero((cohort.step >= first) & (cohort.count > 0))
        step = cohort.step[workload, column]
        return cls(
            workload,
            step - first,
            cohort.count[workload, column],
            cohort.value[workload, column],
            cohort.granted[step, workload],
        )

    def tally(self, grants: FloatArray, key: IntArray, size: int) -> Tally:
        """Sums of a replay by a key.

        Args:
            grants: (steps, workloads) from the first step scored on.
            key: of each row, from 0 on.
            size: how many keys there are.
        """
        grant = grants[self.step, self.workload]
        over = self.value - grant
        parts = (
            self.count,
            self.count * grant,
            self.count * self.reference,
            self.count * self.value,
            np.where(over > ABOVE * grant, self.count, 0.0),
            self.count * np.maximum(over, 0.0),
        )
        return Tally(*(np.asarray(np.bincount(key, part, size), dtype=float) for part in parts))


def tally(cohort: Cohort, grants: FloatArray, first: int) -> Tally:
    """Score grants on the samples of a cohort from a step on, by workload.

    Args:
        cohort: what was used.
        grants: (steps, workloads) from step `first` on.
        first: the step that `grants` begins with.
    """
    scored = Scored.of(cohort, first)
    return scored.tally(grants, scored.workload, len(cohort.names))


def replayed(cohort: Cohort, grants: FloatArray, first: int, short: float = 0.01) -> Replayed:
    """The figures of a replay, with 95 % intervals: workloads are resampled, or blocks of time of one.

    Args:
        cohort: what was used.
        grants: (steps, workloads) from step `first` on.
        first: the step that `grants` begins with.
        short: the share of bins in which a grant may be too small.
    """
    scored = Scored.of(cohort, first)
    whole = scored.tally(grants, scored.workload, len(cohort.names))
    if len(cohort.names) > 1:
        drawn = _workloads(whole)
    else:
        drawn = _blocks(scored.tally(grants, scored.step, len(grants)), cohort.seconds)
    return _figures(whole, drawn, short)


def _figures(whole: Tally, drawn: Tally, short: float) -> Replayed:
    scored = whole.samples > 0
    share = whole.above[scored] / whole.samples[scored]
    served = whole.used.sum() - whole.unserved.sum()
    return Replayed(
        saving=_interval(whole.saving, _shares(drawn.reference - drawn.granted, drawn.reference)),
        violation=_interval(whole.violation, _shares(drawn.above, drawn.samples)),
        unserved=_interval(
            _share(whole.unserved.sum(), whole.used.sum()), _shares(drawn.unserved, drawn.used)
        ),
        slack=1 - _share(served, whole.granted.sum()),
        above=float((share > short).mean()) if scored.any() else math.nan,
        samples=int(whole.samples.sum()),
        workloads=int(scored.sum()),
    )


def _workloads(whole: Tally) -> Tally:
    """Sums of 2,000 fleets drawn from the workloads of this one."""
    n = len(whole.samples)
    draws = np.random.default_rng(_SEED).integers(0, n, (_RESAMPLES, n))
    times = np.zeros((_RESAMPLES, n))
    np.add.at(times, (np.arange(_RESAMPLES)[:, None], draws), 1.0)
    return Tally(*(times @ getattr(whole, name) for name in Tally.__slots__))


def _blocks(by_step: Tally, seconds: float) -> Tally:
    """Sums of 2,000 histories made of moving blocks of this one: days, or hours where there are few days."""
    n = len(by_step.samples)
    days = n * seconds / _DAY >= _DAYS_FOR_DAYS
    wanted = _DAY / seconds if days else max(_HOUR / seconds, _LEAST_BLOCK)
    length = max(1, min(round(wanted), n))
    number = max(1, round(n / length))
    starts = np.random.default_rng(_SEED).integers(0, n - length + 1, (_RESAMPLES, number))
    made = []
    for name in Tally.__slots__:
        through = np.concatenate([[0.0], np.cumsum(getattr(by_step, name))])
        made.append((through[starts + length] - through[starts]).sum(axis=1))
    return Tally(*made)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _shares(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)


def _interval(value: float, drawn: FloatArray) -> Interval:
    low, high = np.quantile(drawn, _ENDS)
    return Interval(value, float(low), float(high))
