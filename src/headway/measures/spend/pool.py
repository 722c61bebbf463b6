"""One pool for workloads that take turns: how many devices it would hold, and what would be left unserved.

Devices are taken to be interchangeable, so what is found here is an upper bound of what pooling saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from headway.measures.base import Absent
from headway.measures.spend.advice import Interval
from headway.measures.spend.demand import HOUR, Demand, demand_of
from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray
from headway.statistics.moving_blocks import block_bins, block_interval

BUDGET = 0.002
"""Share of demand that may be left unserved."""

TARGET = 0.7
"""The most that a device is to be loaded under the reference rule."""

COLD_SECONDS = 45.0
"""From the order of a device until it serves."""

REFERENCE_SECONDS = 900.0
WINDOWS = (0.2, 1 / 3, 0.5, 0.8, 1.0, 4 / 3, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Windows tried, as multiples of the reference."""

REACTIONS = 7.5
"""A window must span several times in which demand moves unseen: the reference spans so many."""

LEARNS_AFTER = 6 * HOUR
SHORT = 48 * HOUR
"""Below it the rule is fitted anew every hour, above it every six."""

REMEMBERS = 8 * 24 * HOUR
# Rounding up must not add a device for the last digit of a division.
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Beside:
    """Another rule on the same demand.

    Attributes:
        name: what it is called.
        saving: share of what is held now.
        unserved: share of demand above its grant.
        changes_per_hour: how often its grant changes.
    """

    name: str
    saving: float
    unserved: float
    changes_per_hour: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """What one shared pool would have held for these workloads, in whole units such as devices.

    Attributes:
        workloads: how many share it.
        held: what they hold on average now.
        pooled: what the pool would have held on average.
        peak: the most it would have held.
        saving: share of `held` that pooling saves; at best, since any device must serve any workload.
        unserved: share of demand above the pool.
        changes_per_hour: how often the size of the pool changes.
        beside: other rules, the reference rule first.
        words: the answer in one line.
        step_seconds: how long a step is; peaks inside it are not seen.
        at: seconds since 1970 at the start of each step, for drawing.
        demand: use in each step; NaN where nothing was observed.
        grant: size of the pool in each step.
    """

    workloads: int
    held: float
    pooled: Interval
    peak: float
    saving: Interval
    unserved: Interval
    changes_per_hour: float
    beside: tuple[Beside, ...]
    words: str
    step_seconds: float
    at: FloatArray
    demand: FloatArray
    grant: FloatArray


def pool(loads: Sequence[Load], floor: float = 2.0, budget: float = BUDGET) -> Pooled | Absent:
    """The pool that these workloads would have shared, replayed over their whole history.

    Every moment is sized from what came before it, so all of the history is held out. Whether there is
    enough of it to act on is the coverage gate's to say.

    Args:
        loads: of one resource and unit.
        floor: the least the pool holds.
        budget: the share of demand that may be left unserved.

    Returns:
        The replay; Absent where fewer than two workloads share, nothing is granted or nothing used.
    """
    if len({load.workload for load in loads if load.at.size}) < 2:  # noqa: PLR2004  one shares with nobody
        return Absent("pool", "none", "a pool needs two workloads, each with samples")
    demand = demand_of(loads)
    if not np.nansum(demand.used) or not np.nansum(demand.granted):
        return Absent("pool", "none", "nothing was used, or nothing granted")
    return replayed(demand, pool_grant(demand, floor, budget), floor)


def pool_grant(demand: Demand, floor: float = 2.0, budget: float = BUDGET) -> FloatArray:
    """Size of the pool in each step: ⌈M + β√M⌉, M the most demand in a window that was seen in time.

    Spare capacity grows with the root of demand, as in square-root staffing (Halfin, Whitt, 1981). From six
    hours on, every hour (six, of a history of two days or more), window and β are those that would have held
    least over the last eight days and left half of the budget unserved; before, the reference rule sizes it.
    """
    used = _carried(demand.used)
    lag = reaction_steps(demand.step_seconds)
    windows = sorted({window_steps(demand.step_seconds, w) for w in WINDOWS})
    most = np.array([recent_most(used, w, lag) for w in windows])
    root = np.sqrt(np.maximum(most, 1.0))
    grant = reference_grant(demand, floor)
    often = HOUR if len(used) * demand.step_seconds < SHORT else 6 * HOUR
    every = max(1, round(often / demand.step_seconds))
    kept = round(REMEMBERS / demand.step_seconds)
    for now in range(max(every, round(LEARNS_AFTER / demand.step_seconds)), len(used), every):
        # The step that is under way is not known.
        past = slice(max(0, now - kept), now - 1)
        allowed = budget / 2 * float(used[past].sum())
        betas = [least_beta(used[past], m[past], r[past], allowed) for m, r in zip(most, root, strict=True)]
        costs = [
            float(_whole(m[past] + b * r[past], floor).mean())
            for m, r, b in zip(most, root, betas, strict=True)
        ]
        best = int(np.argmin(costs))
        ahead = slice(now, now + every)
        grant[ahead] = _whole(most[best, ahead] + betas[best] * root[best, ahead], floor)
    return grant


def reference_grant(demand: Demand, floor: float = 2.0, window: float = 1.0) -> FloatArray:
    """N(t) = max(floor, ⌈max D[t - w - 1 .. t - 2] / 0.7⌉), for w = 15 minutes times `window`.

    Where steps are longer, the lag is what they force, and the window the same multiple of it.
    """
    steps = window_steps(demand.step_seconds, window)
    most = recent_most(_carried(demand.used), steps, reaction_steps(demand.step_seconds))
    return _whole(most / TARGET, floor)


def reaction_steps(step_seconds: float) -> int:
    """Steps in which demand moves unseen: the one under way, and those until a device serves."""
    return 1 + int(np.ceil(COLD_SECONDS / step_seconds))


def window_steps(step_seconds: float, window: float) -> int:
    """Steps of a window, a multiple of 15 minutes or of 7.5 reaction times, whichever is longer."""
    seconds = max(REFERENCE_SECONDS, REACTIONS * reaction_steps(step_seconds) * step_seconds)
    return max(1, round(window * seconds / step_seconds))


def recent_most(used: FloatArray, window: int, lag: int) -> FloatArray:
    """For each step the most of `window` steps that ended `lag` steps ago; before the first, the first.

    >>> recent_most(np.array([1.0, 5.0, 2.0, 3.0, 4.0]), 2, 2).tolist()
    [1.0, 1.0, 1.0, 5.0, 5.0]
    """
    padded = np.concatenate([np.full(window + lag, used[0]), used])
    most = sliding_window_view(padded, window).max(axis=1)
    return np.asarray(most[1 : len(used) + 1], dtype=np.float64)


def least_beta(used: FloatArray, most: FloatArray, root: FloatArray, allowed: float) -> float:
    """The least β ≥ 0 with Σ max(0, D - M - βr) ≤ allowed; exact, since that sum is piecewise linear in β.

    >>> least_beta(np.array([4.0, 3.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 1.0)
    2.0
    """
    over = used > most
    ratio = (used[over] - most[over]) / root[over]
    order = np.argsort(-ratio)
    ratio, weight = ratio[order], root[over][order]
    if float((ratio * weight).sum()) <= allowed:
        return 0.0
    weights, sums = np.cumsum(weight), np.cumsum(ratio * weight)
    at = int(np.searchsorted(sums - ratio * weights, allowed, side="right")) - 1
    return max(0.0, float((sums[at] - allowed) / weights[at]))


def autoscaler_grant(demand: Demand, floor: float = 2.0) -> FloatArray:
    """What a horizontal autoscaler would do: the most of five wanted sizes, rises two steps late."""
    used = _carried(demand.used)
    wanted = _whole(np.concatenate([used[:1], used[:-1]]) / TARGET, floor)
    padded = np.concatenate([np.full(4, wanted[0]), wanted])
    calm = sliding_window_view(padded, 5).max(axis=1)
    late = np.concatenate([np.full(2, calm[0]), calm])
    return np.asarray(sliding_window_view(late, 3).min(axis=1), dtype=np.float64)


def scored(name: str, demand: Demand, grant: FloatArray) -> Beside:
    """Saving, unserved share and changes of one rule on a demand."""
    seen = demand.present
    used, held, size = demand.used[seen], demand.granted[seen], grant[seen]
    hours = len(grant) * demand.step_seconds / HOUR
    return Beside(
        name,
        1 - float(size.mean() / held.mean()),
        float(np.maximum(0.0, used - size).sum() / used.sum()),
        float(np.count_nonzero(np.diff(grant))) / hours,
    )


def replayed(demand: Demand, grant: FloatArray, floor: float = 2.0) -> Pooled:
    """A pool of a given size in each step against the demand that came."""
    seen = demand.present
    used, held, size = demand.used[seen], demand.granted[seen], grant[seen]
    rows = np.column_stack([size, held, np.maximum(0.0, used - size), used, np.ones(len(used))])
    block = block_bins(len(rows), demand.step_seconds)
    own = scored("pool", demand, grant)
    pooled_ends = block_interval(rows, lambda s: s[:, 0] / s[:, 4], block)
    saving_ends = block_interval(rows, lambda s: 1 - s[:, 0] / s[:, 1], block)
    unserved_ends = block_interval(rows, lambda s: s[:, 2] / np.maximum(s[:, 3], _EXACT), block)
    oracle = np.full(len(grant), max(floor, np.ceil(np.nanmax(demand.used) / TARGET)))
    beside = (
        scored("reference", demand, reference_grant(demand, floor)),
        scored("autoscaler", demand, autoscaler_grant(demand, floor)),
        scored("static, in hindsight", demand, oracle),
        scored("every step, in hindsight", demand, _whole(_carried(demand.used) / TARGET, 1.0)),
    )
    words = (
        f"a pool of {size.mean():.1f} on average ({size.max():.0f} at most) in place of {held.mean():.1f}"
        f" held saves {100 * own.saving:.1f} % at best and leaves {100 * own.unserved:.2f} % of demand"
        f" unserved, by means of {demand.step_seconds / 60:g} minutes"
    )
    return Pooled(
        workloads=demand.workloads,
        held=float(held.mean()),
        pooled=Interval(float(size.mean()), *pooled_ends),
        peak=float(size.max()),
        saving=Interval(own.saving, *saving_ends),
        unserved=Interval(own.unserved, *unserved_ends),
        changes_per_hour=own.changes_per_hour,
        beside=beside,
        words=words,
        step_seconds=demand.step_seconds,
        at=demand.at,
        demand=demand.used,
        grant=grant,
    )


def _whole(size: FloatArray, floor: float) -> FloatArray:
    return np.asarray(np.maximum(floor, np.ceil(size - _EXACT)), dtype=np.float64)


def _carried(used: FloatArray) -> FloatArray:
    """Where nothing was observed, what was observed last; a gap is not idle."""
    known = np.isfinite(used)
    at = np.maximum.accumulate(np.where(known, np.arange(len(used)), -1))
    first = float(used[int(np.argmax(known))])
    return np.asarray(np.where(at < 0, first, used[at]), dtype=np.float64)
