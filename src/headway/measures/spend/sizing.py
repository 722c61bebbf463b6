"""From the loads of a component to advice: coverage, replay, right size and promise, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from headway.kernel.estimate import Grade
from headway.kernel.identity import Json
from headway.measures.spend.advice import Advice, Coverage, Replayed
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.coverage import LEAST_SAMPLES, Terms, coverage, direction, suffices
from headway.measures.spend.load import Load
from headway.measures.spend.memory import Joint, joint, margin_of, peak_grants
from headway.measures.spend.outcome import replayed
from headway.measures.spend.promise import promise
from headway.measures.spend.replay import HeldOut
from headway.measures.spend.right_size import Proposal, RightSize, right_size
from headway.measures.spend.watching import Watching
from headway.portfolio.capacity import Capacity
from headway.statistics.contrast import FloatArray

_STANDING, _ROLLING = timedelta(days=7), timedelta(hours=24)
_LIVENESS = ("R3", "R4")
_SLICED = ("gpu", "gpu.memory")
# Hours for which a saving is promised, and a grant of memory has to hold.
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


def size(
    loads: Sequence[Load], settings: Capacity, as_of: datetime, *, promised: bool = False
) -> tuple[tuple[Sized, ...], Replayed | None]:
    """Replay the loads of one resource together, and advise where history suffices and nothing forbids it.

    Args:
        loads: of one component, resource and unit, each with a sample.
        settings: those of the component.
        as_of: the moment of the review.
        promised: whether a saving is promised as well, which takes more replays.

    Returns:
        Each load with its advice, in their order; and the replay over all that could be replayed.
    """
    found = _memory(loads, as_of) if "memory" in loads[0].resource else right_size(loads, settings, as_of)
    proposals = iter(found.proposals)
    since, end = (as_of - settings.history).timestamp(), as_of.timestamp()
    terms = Terms(season=settings.season, clock_scale=settings.clock_scale)
    made = []
    for load in loads:
        # What was seen only in hours that the history does not hold whole gets no proposal.
        whole = found.proposals if len(found.proposals) == len(loads) else load.between(since, end).at
        proposal = next(proposals) if len(whole) else None
        course = None
        if proposal and proposal.replayed is not None and load.bins >= LEAST_SAMPLES:
            course = Course(proposal.split, load.between(proposal.split, np.inf), proposal.grant)
        advice = replace(
            _advice(load, settings, coverage(load, as_of, terms), as_of),
            replayed=proposal.replayed if proposal and course else None,
            policy=found.policy,
            parameters=found.parameters,
        )
        made.append(_advised(Sized(load, advice, course), settings, proposal.proposed if proposal else None))
    if promised and "memory" not in loads[0].resource:
        made = _promised(made, settings)
    tried = any(s.course for s in made)
    return tuple(made), found.replayed if tried else None


def _memory(loads: Sequence[Load], as_of: datetime) -> RightSize:
    """Grants of memory: the highest use and a margin learnt from all workloads, since a breach kills."""
    cohort = Cohort.of(loads)
    held, now = HeldOut.of(cohort), as_of.timestamp()
    margin = margin_of(loads, now, _AHEAD)
    before = margin_of(loads, held.split, _AHEAD)
    tried = peak_grants(loads, held.split, before.share)
    grants = np.tile(tried, (len(cohort.peak) - held.first, 1))
    proposals = []
    for i, (load, proposed) in enumerate(zip(loads, peak_grants(loads, now, margin.share), strict=True)):
        part = load.between(held.split, np.inf)
        alone = replayed(cohort.only(i), grants[:, [i]], held.first) if part.at.size else None
        own = np.full(part.at.size, tried[i])
        granted = float(load.granted[-1])
        way = direction(load, granted, float(proposed))
        proposals.append(Proposal(load, granted, float(proposed), way, held.split, own, alone))
    parameters: dict[str, Json] = {"margin": margin.share, "level": margin.level, "hours": _AHEAD}
    name = f"peak x {1 + margin.share:.2f}"
    return RightSize(tuple(proposals), replayed(cohort, grants, held.first), name, parameters)


def _advice(load: Load, settings: Capacity, covered: Coverage, as_of: datetime) -> Advice:
    """What is known of a workload before anything is advised on it."""
    reasons = ("observational: what it was granted may have shaped what it used",)
    poor = load.rung in _LIVENESS
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


def together(sized: Sequence[Sized]) -> list[Sized]:
    """Advice on all resources of one workload, agreed: a larger slice decides, and more outranks less.

    Compute and memory of a GPU are cut together, since a slice has both; a container asks for each apart.
    """
    device = [s for s in sized if s.load.resource in _SLICED and s.advice.proposed is not None]
    slices = _slices(device) if len(device) == len(_SLICED) else None
    grows = any(s.advice.direction == "up" for s in sized)
    return [_agreed(s, slices if s in device else None, grows=grows) for s in sized]


def _slices(device: Sequence[Sized]) -> Joint | None:
    whole = {s.load.resource: min(s.load.capacity, s.advice.granted) for s in device}
    if not all(w > 0 for w in whole.values()):
        return None
    return joint({s.load.resource: s.advice.proposed or 0.0 for s in device}, whole)


def _agreed(one: Sized, slices: Joint | None, *, grows: bool) -> Sized:
    advice = one.advice
    if advice.proposed is None or (slices is None and not grows):
        return one
    grant = max(advice.proposed, slices.grants[one.load.resource] if slices else 0.0)
    if grows and grant < advice.granted:
        grant = advice.granted
    way = "up" if advice.direction == "up" else direction(one.load, advice.granted, grant)
    binds = slices.binds if slices else ""
    return replace(one, advice=replace(advice, proposed=grant, direction=way, binds=binds))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
