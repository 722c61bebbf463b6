"""The right size of the workloads of a component, with the replay that says what it would have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from headway.kernel.identity import Json
from headway.measures.spend.advice import Direction, Replayed
from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.coverage import direction
from headway.measures.spend.follow import LADDER, follow
from headway.measures.spend.load import Load
from headway.measures.spend.outcome import replayed
from headway.measures.spend.policies import LoadWeighted, Percentile, Policy, VpaLike
from headway.measures.spend.replay import LEAST_BINS, Clock, HeldOut, fitted, rolling
from headway.portfolio.capacity import Capacity
from headway.statistics.contrast import FloatArray


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one workload.

    Attributes:
        load: its history up to now.
        granted: the grant now, in the load's unit.
        proposed: the grant proposed; None where too few bins were seen.
        direction: more, less, or as it is; a change within a twentieth is none, so that advice does not flap.
        split: seconds since 1970 at which the part begins that was held out.
        grant: what the policy granted in each row of that part.
        replayed: the replay on this workload alone; None where nothing was held out.
    """

    load: Load
    granted: float
    proposed: float | None
    direction: Direction
    split: float
    grant: FloatArray
    replayed: Replayed | None


@dataclass(frozen=True, slots=True)
class RightSize:
    """What is proposed for all workloads of one resource.

    Attributes:
        proposals: one per workload with a bin up to now, in the order they came.
        replayed: the replay over all of them; None where nothing was held out.
        policy: what sizes them, as a report names it.
        parameters: what it was run with.
    """

    proposals: tuple[Proposal, ...]
    replayed: Replayed | None
    policy: str
    parameters: dict[str, Json]


@dataclass(frozen=True, slots=True)
class _Replay:
    grants: FloatArray
    proposed: FloatArray
    name: str


def right_size(
    loads: Sequence[Load], settings: Capacity, now: datetime, split: float | None = None
) -> RightSize:
    """Size the workloads of one resource from their use up to now, and replay the policy on the later half.

    The default policy chooses for all of them together: pass the whole component.

    Args:
        loads: of one resource; what lies after `now`, or longer back than the settings look, is not read.
        settings: those of the component.
        now: the moment of the advice.
        split: seconds since 1970 from which history is held out; its middle by default.

    Raises:
        ValueError: the loads are of several resources or units.
    """
    if len({(load.resource, load.unit) for load in loads}) > 1:
        msg = "loads of several resources or units are not sized together"
        raise ValueError(msg)
    end = now.timestamp()
    seen = [load.between(end - settings.history.total_seconds(), end) for load in loads]
    seen = [load for load in seen if load.at.size]
    if not seen:
        return RightSize((), None, settings.policy, {})
    held = HeldOut.of(Cohort.of(seen), split, settings.floor)
    replay = _replay(held, settings)
    parameters: dict[str, Json] = {
        "short": settings.short,
        "window_hours": held.clock.window,
        "refit_hours": held.clock.refit,
        "least": float(held.least.min()),
    }
    whole = replayed(held.cohort, replay.grants, held.first, settings.short)
    proposals = tuple(_proposal(held, replay, i, load, settings) for i, load in enumerate(seen))
    return RightSize(proposals, whole if whole.samples else None, replay.name, parameters)


def policy_of(settings: Capacity, clock: Clock) -> tuple[Policy, Loop | None]:
    """The rule that settings name, and its loop where it has one.

    The default policy is no single rule (`follow`), unless a quantile or a margin is asked of it.
    """
    quantile = 0.95 if settings.quantile is None else settings.quantile
    match settings.policy:
        case "load_weighted" | "default":
            return LoadWeighted(quantile, _margin(settings, 0.10)), None
        case "closed_loop":
            return Percentile(quantile, _margin(settings, 0.15)), Loop(clock.hold)
        case "percentile":
            return Percentile(quantile, _margin(settings, 0.0)), None
        case "vpa_like":
            return VpaLike(), None
        case "peak":
            return Percentile(1.0, _margin(settings, 0.15)), None


def _margin(settings: Capacity, usual: float) -> float:
    return usual if settings.margin is None else settings.margin


def _replay(held: HeldOut, settings: Capacity) -> _Replay:
    if settings.policy == "default" and settings.quantile is None and settings.margin is None:
        followed = follow(held, settings.short)
        candidate = LADDER[followed.chosen[-1]]
        return _Replay(followed.grants, fitted(held, candidate.policy), f"default, now {candidate.name}")
    policy, loop = policy_of(settings, held.clock)
    name = f"{policy.name}, closed loop" if loop else policy.name
    return _Replay(rolling(held, policy, loop), fitted(held, policy), name)


def _proposal(held: HeldOut, replay: _Replay, i: int, load: Load, settings: Capacity) -> Proposal:
    later = load.between(held.split, np.inf)
    step = np.rint((later.at - held.cohort.origin) / held.cohort.seconds).astype(np.int64) - held.first
    granted, found = float(load.granted[-1]), float(replay.proposed[i])
    proposed = None if np.isnan(found) or load.bins < LEAST_BINS else found
    return Proposal(
        load,
        granted,
        proposed,
        direction(load, granted, proposed),
        held.split,
        replay.grants[step, i],
        replayed(held.cohort.only(i), replay.grants[:, [i]], held.first, settings.short)
        if later.at.size
        else None,
    )
