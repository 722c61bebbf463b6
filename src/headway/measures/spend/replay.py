"""What a policy would have granted on the part of history that it had not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.closed_loop import Loop, walk
from headway.measures.spend.fleet import Fleet
from headway.measures.spend.policies import Policy
from headway.statistics.contrast import FloatArray

LEAST_BINS = 30
"""A window with fewer changes nothing."""
LEAST_SHARE = 0.05
"""The least that is granted, as a share of what is granted now."""
_SHORT = 48.0


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
class Held:
    """A fleet and the moment from which it is held out.

    Attributes:
        fleet: all of its history.
        split: seconds since 1970; policies see what lies before, and are scored from here on.
        clock: time constants.
        least: the least that may be granted, per workload.
    """

    fleet: Fleet
    split: float
    clock: Clock
    least: FloatArray

    @classmethod
    def of(cls, fleet: Fleet, split: float | None = None, floor: float = 0.0) -> Held:
        """Hold out a fleet's history from a moment on: from its middle unless told.

        Args:
            fleet: all of its history.
            split: seconds since 1970.
            floor: the least that may be granted to any workload, in the resource's unit.
        """
        steps = len(fleet.peak)
        at = float(fleet.steps[steps // 2]) if split is None else split
        granted = fleet.granted[int(fleet.step_of(np.array([at]))[0])]
        least = np.minimum(np.maximum(LEAST_SHARE * granted, floor), fleet.capacity)
        return cls(fleet, at, Clock.of(steps * fleet.seconds / 3600), least)

    @property
    def first(self) -> int:
        """The first step held out."""
        return math.ceil((self.split - self.fleet.origin) / self.fleet.seconds - ABOUT)

    @property
    def end(self) -> float:
        """When history ends, in seconds since 1970."""
        return float(self.fleet.steps[-1]) + self.fleet.seconds

    @property
    def all_at_once(self) -> FloatArray:
        """Refits that begin at the split, for every workload."""
        return np.full(len(self.fleet.names), self.split)

    @property
    def each_on_its_own(self) -> FloatArray:
        """Refits that begin with each workload's first sample after the split."""
        later = np.where(self.fleet.at >= self.split, self.fleet.at, np.inf).min(axis=1)
        return np.where(np.isfinite(later), later, self.split)


ABOUT = 1e-6


def refits(held: Held, policies: Sequence[Policy], starts: FloatArray) -> FloatArray:
    """Grants at every refit, before any loop; NaN before a workload's first.

    Args:
        held: the fleet.
        policies: several, because they share the sorting of each window.
        starts: when the refits of each workload begin, seconds since 1970.

    Returns:
        (policies, refits, workloads).
    """
    fleet, clock = held.fleet, held.clock
    number = max(1, math.ceil((held.end - float(starts.min())) / clock.refit_seconds - ABOUT))
    made = np.full((len(policies), number, len(starts)), np.nan)
    for k in range(number):
        window = fleet.window(starts + k * clock.refit_seconds, clock.window)
        enough = window.seen >= LEAST_BINS
        for p, policy in enumerate(policies):
            found = np.clip(policy.fit(window), held.least, fleet.capacity)
            made[p, k] = np.where(enough & ~np.isnan(found), found, made[p, k - 1] if k else np.nan)
    return made


def spread(held: Held, made: FloatArray, starts: FloatArray, first: int) -> FloatArray:
    """(steps, workloads) from step `first`: what each refit granted until the next; what was granted, before."""
    fleet = held.fleet
    since = fleet.steps[first:, None] - starts
    k = np.floor(since / held.clock.refit_seconds + ABOUT).astype(np.int64)
    base = made[np.clip(k, 0, len(made) - 1), np.arange(len(starts))]
    return np.where(np.isnan(base), fleet.granted[first:], base)


def rolling(held: Held, policy: Policy, loop: Loop | None = None) -> FloatArray:
    """Grants per step held out, refitted on the way; with a loop, each workload's refits have a clock of its own."""
    starts = held.each_on_its_own if loop else held.all_at_once
    base = spread(held, refits(held, [policy], starts)[0], starts, held.first)
    return walk(held.fleet, base, held.first, held.fleet.capacity, loop) if loop else base


def static(held: Held, policy: Policy) -> FloatArray:
    """Grants per step held out, fitted once on all that lies before."""
    starts = held.all_at_once
    found = np.clip(policy.fit(held.fleet.window(starts, math.inf)), held.least, held.fleet.capacity)
    return spread(held, found[None], starts, held.first)


def hindsight(held: Held, policy: Policy) -> FloatArray:
    """Grants per step of a policy that was fitted on the very part that it is scored on: what nobody can reach."""
    window = held.fleet.window(np.full(len(held.fleet.names), held.end), (held.end - held.split) / 3600)
    found = np.clip(policy.fit(window), held.least, held.fleet.capacity)
    return spread(held, found[None], held.all_at_once, held.first)
