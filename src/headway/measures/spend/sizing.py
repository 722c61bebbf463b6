"""From the loads of a component to advice: coverage, replay, right size and promise, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.spend.advice import Advice, Coverage, Replayed
from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.coverage import LEAST_SAMPLES, Terms, coverage, direction, suffices
from headway.measures.spend.follow import LADDER, follow
from headway.measures.spend.load import Load
from headway.measures.spend.outcome import replayed
from headway.measures.spend.policies import LoadWeighted, Percentile, VpaLike
from headway.measures.spend.policies import Policy as Rule
from headway.measures.spend.promise import promise
from headway.measures.spend.replay import HeldOut, fitted, rolling
from headway.measures.spend.watching import Watching
from headway.portfolio.capacity import Capacity, Policy
from headway.statistics.contrast import FloatArray

_STANDING, _ROLLING = timedelta(days=7), timedelta(hours=24)
_LIVENESS = ("R3", "R4")
PROMISED = 12
"""So many workloads of a resource get a promise: those with most at stake."""

_LOOKS_BACK = 14 * 86_400.0
_AHEAD = 24.0


@dataclass(frozen=True, slots=True)
class Course:
    """What the policy would have granted over the part of a load that it had not seen.

    Attributes:
        split: where that part begins, in seconds since 1970.
        load: the part itself.
        grant: in each of its rows, in the load's unit.
    """

    split: float
    load: Load
    grant: FloatArray


@dataclass(frozen=True, slots=True)
class Sized:
    """One workload and resource with its advice, and the replay behind it where one could be run.

    Attributes:
        why_not: why nothing is advised, in one line; empty where something is.
        code: the code of that reason.
        peak: the greatest use inside a bin, beside each row of the load; None where no source keeps it.
    """

    load: Load
    advice: Advice
    course: Course | None = None
    why_not: str = ""
    code: str = ""
    peak: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class _Tried:
    """A policy on a whole cohort.

    Attributes:
        held: the cohort and where it is held out.
        grants: (steps, workloads) from the split on.
        next: per workload, what it would grant from now on.
    """

    held: HeldOut
    grants: FloatArray
    next: FloatArray


def size(
    loads: Sequence[Load], settings: Capacity, as_of: datetime, *, promised: bool = False
) -> tuple[tuple[Sized, ...], Replayed | None]:
    """Replay the loads of one resource together, and advise where history suffices and nothing forbids it.

    Args:
        loads: of one component and resource, each with a sample.
        settings: those of the component.
        as_of: the moment of the review.
        promised: whether a saving is promised as well, which takes many more replays.

    Returns:
        Each load with its advice, in their order; and the replay over all that could be replayed.
    """
    able = [i for i, load in enumerate(loads) if load.bins >= LEAST_SAMPLES and load.at[0] < load.at[-1]]
    tried = _try([loads[i] for i in able], settings) if able else None
    made = []
    for i, load in enumerate(loads):
        covered = coverage(load, as_of, Terms(season=settings.season, clock_scale=settings.clock_scale))
        at = able.index(i) if i in able else None
        course = _course(load, tried, at) if tried and at is not None else None
        proposed = float(tried.next[at]) if tried and at is not None else None
        one = Sized(load, _advice(load, settings, covered, as_of), course)
        if course and tried and at is not None:
            found = replayed(
                _alone(tried.held.cohort, at), tried.grants[:, [at]], tried.held.first, settings.short
            )
            one = replace(one, advice=replace(one.advice, replayed=found))
        made.append(_advised(one, settings, proposed))
    if promised:
        made = _promised(made, settings)
    if tried is None:
        return tuple(made), None
    return tuple(made), replayed(tried.held.cohort, tried.grants, tried.held.first, settings.short)


def _try(loads: Sequence[Load], settings: Capacity, split: float | None = None) -> _Tried:
    """The component's policy over the held-out part of all loads at once."""
    held = HeldOut.of(Cohort.of(loads), split, settings.floor)
    if settings.policy == "default":
        followed = follow(held, settings.short)
        return _Tried(held, followed.grants, fitted(held, LADDER[followed.chosen[-1]].policy))
    rule, loop = _rule(settings), Loop(held.clock.hold) if settings.policy == "closed_loop" else None
    grants = rolling(held, rule, loop)
    return _Tried(held, grants, grants[-1])


def _rule(settings: Capacity) -> Rule:
    """The declared policy with its declared quantile and margin."""
    given = {k: v for k, v in (("quantile", settings.quantile), ("margin", settings.margin)) if v is not None}
    usual: Mapping[Policy, Rule] = {
        "load_weighted": LoadWeighted(**given),
        "closed_loop": Percentile(**{"margin": 0.15, **given}),
        "percentile": Percentile(**given),
        "vpa_like": VpaLike(**given),
        "peak": Percentile(1.0, **{"margin": 0.15, **{k: v for k, v in given.items() if k == "margin"}}),
    }
    return usual[settings.policy]


def _course(load: Load, tried: _Tried, at: int) -> Course | None:
    """The grants beside the rows of a load that are held out; None where none is."""
    cohort, first = tried.held.cohort, tried.held.first
    steps = cohort.step[at, : len(load.at)]
    kept = steps >= first
    if not kept.any():
        return None
    part = load.between(float(load.at[kept][0]), np.inf)
    return Course(tried.held.split, part, tried.grants[steps[kept] - first, at])


def _alone(cohort: Cohort, at: int) -> Cohort:
    """One workload of a cohort, on the same clock."""
    rows = slice(at, at + 1)
    return Cohort(
        cohort.names[rows],
        cohort.at[rows],
        cohort.value[rows],
        cohort.count[rows],
        cohort.step[rows],
        cohort.origin,
        cohort.seconds,
        cohort.peak[:, rows],
        cohort.granted[:, rows],
        cohort.capacity[rows],
    )


def _advice(load: Load, settings: Capacity, covered: Coverage, as_of: datetime) -> Advice:
    """What is known of a workload before anything is advised on it."""
    reasons = ("observational: what it was granted may have shaped what it used",)
    poor = load.rung in _LIVENESS
    parameters: dict[str, Json] = {
        "quantile": settings.quantile,
        "margin": settings.margin,
        "short": settings.short,
    }
    return Advice(
        load.workload,
        load.resource,
        load.unit,
        float(load.granted[-1]),
        None,
        "keep",
        covered,
        (_moment(load.at[0]), _moment(load.at[-1] + load.bin_seconds)),
        as_of + (_STANDING if covered.level == "static" else _ROLLING),
        policy=settings.policy,
        parameters=parameters,
        rung=load.rung,
        grade=Grade.D if poor else Grade.C,
        grade_reasons=(*reasons, f"{load.rung} sees that it runs, not how hard it works")
        if poor
        else reasons,
    )


def _advised(one: Sized, settings: Capacity, proposed: float | None) -> Sized:
    """The same with a grant and its direction, or with why not."""
    why, code = _against(one, settings, proposed)
    if why or proposed is None:
        return replace(one, why_not=why, code=code)
    advice, now = one.advice, one.advice.granted
    # Where demand was cut off by the grant nobody knows it: only more may be advised (section 5).
    grant = max(proposed, now) if advice.coverage.saturated else proposed
    way = direction(one.load, now, grant)
    return replace(one, advice=replace(advice, proposed=grant, direction=way))


def _against(one: Sized, settings: Capacity, proposed: float | None) -> tuple[str, str]:
    """What stands against advice, with its code: an autoscaler, the history, or the wish to observe alone."""
    covered, resource = one.advice.coverage, one.load.resource
    if resource in settings.hpa:
        return f"an autoscaler is driven by its {resource}: both would chase each other", "HW450"
    if not suffices(covered, "rolling"):
        return covered.reason, covered.code or "HW440"
    if one.course is None or proposed is None:
        return "nothing of it lies in the part that is held out", "HW440"
    if settings.replay == "observe":
        return "it is to be observed: replayed, and not advised on", ""
    return "", ""


def _promised(sized: Sequence[Sized], settings: Capacity) -> list[Sized]:
    """The same with the interval in which the saving of the coming day is to be found again.

    A promise takes some more replays, so it is made for the workloads with most at stake, and out of the
    last two weeks.
    """
    staked = sorted((s for s in sized if s.advice.proposed is not None), key=_stake, reverse=True)[:PROMISED]
    if not staked:
        return list(sized)
    start = max(float(s.load.at[-1]) + s.load.bin_seconds for s in staked)
    loads = [s.load.between(start - _LOOKS_BACK, start) for s in staked]

    found = promise(loads, start, _AHEAD, Watching(settings)).intervals
    by_load = {id(s.load): p for s, p in zip(staked, found, strict=True)}
    return [replace(s, advice=replace(s.advice, promised=by_load.get(id(s.load)))) for s in sized]


def _stake(one: Sized) -> float:
    advice = one.advice
    return abs(advice.granted - (advice.proposed or 0.0)) * one.load.bins


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
