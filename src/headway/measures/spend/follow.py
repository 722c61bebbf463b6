"""The default policy: of a ladder of rules, at every refit, the cheapest that kept within the budget before.

All rules of the ladder are replayed side by side on the past, each in a closed loop of its own; that costs nothing,
because the past is known. A rule is judged only by bins that it had not seen. This is choice by prequential loss
(Dawid, "Statistical theory: the prequential approach", 1984), under a constraint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.closed_loop import Loop, walk
from headway.measures.spend.cohort import Cohort, IntArray
from headway.measures.spend.outcome import tally
from headway.measures.spend.policies import LoadWeighted, Percentile, Policy
from headway.measures.spend.replay import ABOUT, Clock, HeldOut, refits, spread
from headway.statistics.contrast import FloatArray

LADDER: tuple[Policy, ...] = (
    *(Percentile(q, 0.10) for q in (0.90, 0.95, 0.98)),
    *(LoadWeighted(q) for q in (0.80, 0.85, 0.90, 0.95, 0.99)),
    Percentile(1.0, 0.15),
    Percentile(1.0, 0.50),
)
"""From rules that suit steady use to one that suits no saving: whatever the trace, one of them holds."""
KEPT = 0.75
"""The part of the budget that a rule may have used up; the rest is for what the past did not show."""
_MEMORY = 0.25
"""Half-life of a rule's record, and what is left out at its begin, as shares of the window."""


def loop_of(clock: Clock, seconds: float, short: float) -> Loop:
    """The closed loop of every rule: it raises once a workload has used up what its budget allows until a refit.

    A first raise is a fifth, because most breaches are small; what follows is a half. Raises end with the refit
    that has seen why they were needed.
    """
    free = max(1.0, short * clock.refit_seconds / seconds)
    return Loop(hold=clock.refit, first=1.2, free=free, budget=short)


@dataclass(frozen=True, slots=True)
class Followed:
    """What the default policy granted.

    Attributes:
        grants: (steps, workloads) held out.
        chosen: the rule at every refit from the split on, as a position in the ladder.
        base: (workloads), what the rule chosen last granted before any raise.
    """

    grants: FloatArray
    chosen: tuple[int, ...]
    base: FloatArray


def follow(held: HeldOut, short: float = 0.01, ladder: tuple[Policy, ...] = LADDER) -> Followed:
    """Replay the default policy on what is held out.

    Args:
        held: the cohort; the ladder is tried on what lies before the split, too.
        short: the share of bins in which a grant may be too small.
        ladder: the rules to choose from.
    """
    cohort, clock = held.cohort, held.clock
    before = math.floor((held.split - cohort.origin) / clock.refit_seconds + ABOUT)
    starts = held.all_at_once - before * clock.refit_seconds
    first = math.ceil((float(starts[0]) - cohort.origin) / cohort.seconds - ABOUT)
    made = refits(held, ladder, starts)
    groups = _refit_of(held, float(starts[0]), first)
    loop = loop_of(clock, cohort.seconds, short)
    above, granted = [], []
    samples = np.zeros(0)
    for bases in made:
        grants = walk(cohort, spread(held, bases, starts, first), first, cohort.capacity, loop)
        record = tally(cohort, grants, first, groups)
        above.append(record.above)
        granted.append(record.granted)
        samples = record.samples
    chosen = choose(np.array(above), np.array(granted), samples, clock, before, KEPT * short)
    grants = np.empty_like(cohort.peak[held.first :])
    mine = np.array(chosen)[groups[held.first - first :]]
    for rule in sorted(set(chosen)):
        base = spread(held, made[rule], starts, first)
        walked = walk(cohort, base, first, cohort.capacity, loop)[held.first - first :]
        grants[mine == rule] = walked[mine == rule]
    return Followed(grants, tuple(chosen[before:]), made[chosen[-1], -1])


def choose(
    above: FloatArray, granted: FloatArray, samples: FloatArray, clock: Clock, before: int, allowed: float
) -> list[int]:
    """The rule for every refit, from the record of all rules up to then.

    Args:
        above: (rules, refits), bins with use above the grant.
        granted: (rules, refits), grants summed over bins.
        samples: (refits), bins.
        clock: time constants.
        before: refits before the split.
        allowed: the share of bins above that a rule may have on its record.
    """
    per_window = clock.window / clock.refit
    fade = 2 ** (-1 / (_MEMORY * per_window))
    unripe = min(round(_MEMORY * per_window), before // 2)
    bad, cost, seen = np.zeros(len(above)), np.zeros(len(above)), 0.0
    chosen = []
    for k in range(len(samples)):
        share = bad / seen if seen else np.full(len(above), math.inf)
        kept = share <= allowed
        # With no rule within the budget, the least bad one; without a record, the most cautious one.
        order = np.lexsort((cost, np.where(kept, 0.0, share)))
        chosen.append(int(order[0]) if seen else len(above) - 1)
        cost = cost * fade + granted[:, k]
        if k >= unripe:
            bad, seen = bad * fade + above[:, k], seen * fade + samples[k]
    return chosen


def _refit_of(held: HeldOut, start: float, first: int) -> IntArray:
    since = held.cohort.steps[first:] - start
    return np.floor(since / held.clock.refit_seconds + ABOUT).astype(np.int64)
