"""What a policy would have granted on the part of history that it had not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.closed_loop import Loop, walk
from headway.measures.spend.cohort import Cohort, Window
from headway.measures.spend.policies import LoadWeighted, Policy
from headway.statistics.contrast import FloatArray

STANDING: Policy = LoadWeighted(0.95, 0.10)
"""The default policy where nothing is refitted: one rule, because there is no record to choose by."""
LEAST_BINS = 30
"""A window with fewer changes nothing."""
LEAST_SHARE = 0.05
"""The least that is granted, as a share of what is granted now."""
NEAR = 0.95
"""The share of a grant at which use is near it: who never came there needs no more."""
_SHORT = 48.0
_CORES = 2


@dataclass(frozen=True, slots=True)
class Clock:
    """Time constants, in hours; they follow the length of the history.

    Attributes:
        window: how far back a refit looks.
        refit: between two refits.
        hold: how long a raise is held.
    """

    window: float
    refit: float
    hold: float

    @classmethod
    def of(cls, hours: float) -> Clock:
        """The constants for a history of so many hours."""
        return cls(12.0, 1.0, 6.0) if hours < _SHORT else cls(192.0, 6.0, 24.0)

    @property
    def refit_seconds(self) -> float:
        """Seconds between two refits."""
        return self.refit * 3600


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A cohort and the moment from which it is held out.

    Attributes:
        cohort: all of its history.
        split: seconds since 1970; policies see what lies before, and are scored from here on.
        clock: time constants.
        least: the least that may be granted, per workload.
    """

    cohort: Cohort
    split: float
    clock: Clock
    least: FloatArray

    @classmethod
    def of(cls, cohort: Cohort, split: float | None = None, floor: float = 0.0) -> HeldOut:
        """Hold out a cohort's history from a moment on: from its middle unless told.

        Args:
            cohort: all of its history.
            split: seconds since 1970.
            floor: the least that may be granted to any workload, in the resource's unit.
        """
        steps = len(cohort.peak)
        at = float(cohort.steps[steps // 2]) if split is None else split
        granted = cohort.granted[int(cohort.step_of(np.array([at]))[0])]
        least = np.minimum(np.maximum(LEAST_SHARE * granted, floor), cohort.capacity)
        return cls(cohort, at, Clock.of(steps * cohort.seconds / 3600), least)

    @property
    def first(self) -> int:
        """The first step held out."""
        return math.ceil((self.split - self.cohort.origin) / self.cohort.seconds - ABOUT)

    @property
    def end(self) -> float:
        """When history ends, in seconds since 1970."""
        return float(self.cohort.steps[-1]) + self.cohort.seconds

    def bounded(self, found: FloatArray, window: Window) -> FloatArray:
        """A grant between its bounds: more than is held now only where use came near what is held."""
        near = window.peak >= NEAR * window.reference
        most = np.where(near, self.cohort.capacity, np.minimum(window.reference, self.cohort.capacity))
        return np.clip(found, self.least, np.maximum(most, self.least))

    @property
    def all_at_once(self) -> FloatArray:
        """Refits that begin at the split, for every workload."""
        return np.full(len(self.cohort.names), self.split)

    @property
    def each_on_its_own(self) -> FloatArray:
        """Refits that begin with each workload's first sample after the split."""
        later = np.where(self.cohort.at >= self.split, self.cohort.at, np.inf).min(axis=1)
        return np.where(np.isfinite(later), later, self.split)


ABOUT = 1e-6


def refits(held: HeldOut, policies: Sequence[Policy], starts: FloatArray) -> FloatArray:
    """Grants at every refit, before any loop; NaN before a workload's first.

    Args:
        held: the cohort.
        policies: several, because they share the sorting of each window.
        starts: when the refits of each workload begin, seconds since 1970.

    Returns:
        (policies, refits, workloads).
    """
    cohort, clock = held.cohort, held.clock
    number = max(1, math.ceil((held.end - float(starts.min())) / clock.refit_seconds - ABOUT))
    made = np.full((len(policies), number, len(starts)), np.nan)

    def refit(k: int) -> FloatArray:
        window = cohort.window(starts + k * clock.refit_seconds, clock.window)
        found = np.array([held.bounded(policy.fit(window), window) for policy in policies])
        return np.where(window.seen >= LEAST_BINS, found, np.nan)

    # Sorting lets go of the interpreter, so that two cores are used.
    with ThreadPoolExecutor(_CORES) as pool:
        for k, found in enumerate(pool.map(refit, range(number))):
            made[:, k] = np.where(np.isnan(found), made[:, k - 1] if k else np.nan, found)
    return made


def fitted(held: HeldOut, policy: Policy) -> FloatArray:
    """What a policy grants to each workload when history ends; NaN where it saw too little."""
    window = held.cohort.window(np.full(len(held.cohort.names), held.end), held.clock.window)
    found = held.bounded(policy.fit(window), window)
    return np.where(window.seen >= LEAST_BINS, found, np.nan)


def spread(held: HeldOut, made: FloatArray, starts: FloatArray, first: int) -> FloatArray:
    """(steps, workloads) from step `first`: what each refit granted, until the next one."""
    cohort = held.cohort
    since = cohort.steps[first:, None] - starts
    k = np.floor(since / held.clock.refit_seconds + ABOUT).astype(np.int64)
    base = made[np.clip(k, 0, len(made) - 1), np.arange(len(starts))]
    return np.where(np.isnan(base), cohort.granted[first:], base)


def rolling(held: HeldOut, policy: Policy, loop: Loop | None = None) -> FloatArray:
    """Grants per step held out, refitted on the way: with a loop, from each workload's first bin on."""
    starts = held.each_on_its_own if loop else held.all_at_once
    base = spread(held, refits(held, [policy], starts)[0], starts, held.first)
    return walk(held.cohort, base, held.first, held.cohort.capacity, loop) if loop else base


def static(held: HeldOut, policy: Policy) -> FloatArray:
    """Grants per step held out, fitted once on all that lies before."""
    starts = held.all_at_once
    window = held.cohort.window(starts, math.inf)
    found = held.bounded(policy.fit(window), window)
    return spread(held, found[None], starts, held.first)


def hindsight(held: HeldOut, policy: Policy) -> FloatArray:
    """Grants per step of a policy fitted on the very part that it is scored on: what nobody can reach."""
    window = held.cohort.window(np.full(len(held.cohort.names), held.end), (held.end - held.split) / 3600)
    found = held.bounded(policy.fit(window), window)
    return spread(held, found[None], held.all_at_once, held.first)
