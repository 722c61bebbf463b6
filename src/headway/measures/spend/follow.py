"""The default policy: of several rules, at every refit, the cheapest that kept within the budget before.

All of them are replayed side by side on the past, each in a closed loop of its own; that costs nothing,
because the past is known. A rule is judged only by bins that it had not seen. This is choice by prequential
loss (Dawid, "Statistical theory: the prequential approach", 1984), under a constraint.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.closed_loop import Loop, walk
from headway.measures.spend.cohort import IntArray
from headway.measures.spend.outcome import Scored, Tally
from headway.measures.spend.policies import LoadWeighted, Percentile, Policy
from headway.measures.spend.replay import ABOUT, Clock, HeldOut, refits, spread
from headway.statistics.contrast import FloatArray


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule in a closed loop: a patient loop raises once the allowance is used up, an eager one at once."""

    policy: Policy
    patient: bool = True

    @property
    def name(self) -> str:
        """What a report calls it."""
        return self.policy.name + (", patient loop" if self.patient else ", eager loop")

    def loop(self, clock: Clock, seconds: float, short: float) -> Loop:
        """Its loop, for bins of so many seconds and a budget.

        A first raise is a fifth, because most breaches are small; what follows is a half. A raise ends when a
        refit has seen why it was needed. The allowance is what the budget gives between two refits.
        """
        free = max(1.0, short * clock.refit_seconds / seconds) if self.patient else 0.0
        return Loop(hold=clock.refit, first=1.2, free=free, budget=short)


LADDER = (
    *(Candidate(Percentile(q, 0.10)) for q in (0.95, 0.98)),
    *(Candidate(Percentile(q, 0.10), patient=False) for q in (0.90, 0.95, 0.98, 0.99)),
    *(Candidate(LoadWeighted(q)) for q in (0.80, 0.85, 0.90, 0.95, 0.99)),
    Candidate(Percentile(1.0, 0.15)),
    Candidate(Percentile(1.0, 0.50)),
)
"""From rules that suit steady use to one that suits hardly any saving; the last one is the most cautious."""
KEPT = 0.75
"""The part of the budget that a rule may have used up; the rest is for what the past did not show."""
_MEMORY = 0.25
"""Half-life of a rule's record, and what is left out at its begin, as shares of the window."""
_WEEK = 168.0
"""Hours. Where the window holds a week, so does a second record: one of days forgets Monday by Sunday."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What the default policy granted.

    Attributes:
        grants: (steps, workloads) held out.
        chosen: the candidate at every refit from the split on and at the one to come, by its position.
    """

    grants: FloatArray
    chosen: tuple[int, ...]


def follow(held: HeldOut, short: float = 0.01, candidates: tuple[Candidate, ...] = LADDER) -> Followed:
    """Replay the default policy on what is held out.

    Args:
        held: the cohort; the candidates are tried on what lies before the split, too.
        short: the share of bins in which a grant may be too small.
        candidates: the candidates to choose from; the last one must be the most cautious.
    """
    cohort, clock = held.cohort, held.clock
    before = math.floor((held.split - cohort.origin) / clock.refit_seconds + ABOUT)
    starts = held.all_at_once - before * clock.refit_seconds
    first = math.ceil((float(starts[0]) - cohort.origin) / cohort.seconds - ABOUT)
    policies = list(dict.fromkeys(candidate.policy for candidate in candidates))
    bases = dict(zip(policies, refits(held, policies, starts), strict=True))
    groups = _refit_of(held, float(starts[0]), first)

    def walked(candidate: Candidate) -> FloatArray:
        base = spread(held, bases[candidate.policy], starts, first)
        loop = candidate.loop(clock, cohort.seconds, short)
        return walk(cohort, base, first, cohort.capacity, loop)

    scored = Scored.of(cohort, first)
    key, refits_seen = groups[scored.step], int(groups[-1]) + 1
    records = [scored.tally(walked(candidate), key, refits_seen) for candidate in candidates]
    chosen = choose(records, clock, before, KEPT * short)
    grants = np.empty_like(cohort.peak[held.first :])
    mine = np.array(chosen)[groups[held.first - first :]]
    for at in sorted(set(mine.tolist())):
        # Walked again, because the grants of all candidates at once would not fit in memory.
        grants[mine == at] = walked(candidates[at])[held.first - first :][mine == at]
    return Followed(grants, tuple(chosen[before:]))


def choose(records: Sequence[Tally], clock: Clock, before: int, allowed: float) -> list[int]:
    """The candidate for every refit and the one that follows, from the record of all of them up to then.

    What those chosen before left of the budget is added to what the next one may use up, as far as the whole
    budget: after a rise that made every record bad, a sparing record of its own lets the policy back to a
    cheaper candidate. Where a window holds a week, a record of a week must show the same as that of days.

    Args:
        records: of each candidate, by refit.
        clock: time constants.
        before: refits before the split.
        allowed: the share of bins above its grant that a candidate may have on its record.
    """
    above, granted = np.array([r.above for r in records]), np.array([r.granted for r in records])
    samples = records[0].samples
    lives = [_MEMORY * clock.window] + ([_WEEK] if clock.window >= _WEEK else [])
    fade = 2 ** (-clock.refit / np.array(lives)[:, None])
    unripe = min(round(_MEMORY * clock.window / clock.refit), before // 2)
    bad, own, seen = np.zeros((len(lives), len(above))), np.zeros(len(lives)), np.zeros(len(lives))
    cost = np.zeros(len(above))
    chosen = []
    for k in range(len(samples) + 1):
        ripe = bool(seen[0])
        share = bad / seen[:, None] if ripe else np.full_like(bad, math.inf)
        spare = np.maximum(0.0, allowed - own / seen)[:, None] if ripe else 0.0
        within = (share <= np.minimum(allowed + spare, allowed / KEPT)).all(axis=0)
        # With no candidate within the budget, the least bad one; without a record, the most cautious one.
        order = np.lexsort((cost, np.where(within, 0.0, share.max(axis=0))))
        chosen.append(int(order[0]) if ripe else len(above) - 1)
        if k == len(samples):
            break
        cost = cost * fade[-1] + granted[:, k]
        if k >= unripe:
            bad, seen = bad * fade + above[:, k], seen * fade[:, 0] + samples[k]
            own = own * fade[:, 0] + above[chosen[-1], k]
    return chosen


def _refit_of(held: HeldOut, start: float, first: int) -> IntArray:
    since = held.cohort.steps[first:] - start
    return np.floor(since / held.clock.refit_seconds + ABOUT).astype(np.int64)
