"""The policy of a component, run once over history so that a promise can ask for any part of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import LADDER, follow
from headway.measures.spend.load import Load
from headway.measures.spend.policies import Policy
from headway.measures.spend.replay import ABOUT, HeldOut, rolling
from headway.measures.spend.right_size import policy_of
from headway.portfolio.capacity import Capacity
from headway.statistics.contrast import FloatArray

Rule = Callable[[float], tuple[Policy, Loop | None]]
"""What sizes from a moment on."""


@dataclass(frozen=True, slots=True)
class Run:
    """A policy on a cohort, held out from a moment on.

    Attributes:
        held: the cohort.
        grants: (steps, workloads) from there on.
        rule: what it sized by at a moment.
        floor: the least that may be granted.
    """

    held: HeldOut
    grants: FloatArray
    rule: Rule
    floor: float

    def saved(self, start: float, end: float) -> FloatArray:
        """What it saved on each load between two moments; NaN without a sample."""
        return _saved(self.held, self.grants, start, end)

    def ahead(self, futures: Sequence[Load], start: float, end: float) -> FloatArray:
        """What the rule in force at a moment would save, if the loads went on like this."""
        policy, loop = self.rule(start)
        clock = self.held.clock
        near = [load.between(start - clock.window * 3600, end) for load in futures]
        held = replace(HeldOut.of(Cohort.of(near), start, self.floor), clock=clock)
        return _saved(held, rolling(held, policy, loop), start, end)


@dataclass(frozen=True, slots=True)
class Watching:
    """The policy that a component's settings name."""

    settings: Capacity

    def on(self, loads: Sequence[Load], since: float) -> Run:
        """Run it over loads, each with a sample, from a moment on."""
        held = HeldOut.of(Cohort.of(loads), since, self.settings.floor)
        if self.settings.policy != "default":
            policy, loop = policy_of(self.settings, held.clock)
            return Run(held, rolling(held, policy, loop), lambda _: (policy, loop), self.settings.floor)
        followed = follow(held, self.settings.short)

        def rule(moment: float) -> tuple[Policy, Loop | None]:
            at = math.floor((moment - since) / held.clock.refit_seconds + ABOUT)
            rung = LADDER[followed.chosen[min(max(at, 0), len(followed.chosen) - 1)]]
            return rung.policy, rung.loop(held.clock, held.cohort.seconds, self.settings.short)

        return Run(held, followed.grants, rule, self.settings.floor)


def _saved(held: HeldOut, grants: FloatArray, start: float, end: float) -> FloatArray:
    cohort = held.cohort
    last = math.ceil((end - cohort.origin) / cohort.seconds - ABOUT)
    first = max(held.first, math.ceil((start - cohort.origin) / cohort.seconds - ABOUT))
    workload, column = np.nonzero((cohort.step >= first) & (cohort.step < last) & (cohort.count > 0))
    step, count = cohort.step[workload, column], cohort.count[workload, column]
    size = len(cohort.names)
    granted = np.bincount(workload, count * grants[step - held.first, workload], size)
    reference = np.bincount(workload, count * cohort.granted[step, workload], size)
    return np.where(reference > 0, 1 - granted / np.where(reference > 0, reference, 1.0), np.nan)
