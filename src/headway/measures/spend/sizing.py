"""From the loads of a component to advice: coverage, replay, right size and promise, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from headway.kernel.estimate import Grade
from headway.measures.spend.advice import Advice, Coverage, Interval, Replayed
from headway.measures.spend.coverage import Terms, coverage, direction, suffices
from headway.measures.spend.load import Load
from headway.portfolio.capacity import Capacity
from headway.statistics.contrast import FloatArray

_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)
_DAY = 86_400.0


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


def size(load: Load, settings: Capacity, as_of: datetime) -> Sized:
    """Replay a load, and advise on it where its history suffices and nothing else stands against it.

    Args:
        load: what one workload used of one resource.
        settings: those of its component.
        as_of: the moment of the review; a moment of the load after it is not there.
    """
    covered = coverage(load, as_of, Terms(season=settings.season))
    course = replayed_course(load, settings)
    found = scored([course]) if course else None
    now = _granted_now(load)
    window = (_moment(load.at[0]), _moment(load.at[-1] + load.bin_seconds))
    advice = Advice(
        load.workload,
        load.resource,
        load.unit,
        now,
        None,
        "keep",
        covered,
        window,
        as_of + (timedelta(days=7) if covered.level == "static" else timedelta(hours=24)),
        found,
        policy=settings.policy,
        rung=load.rung,
        grade=Grade.D if load.rung in ("R3", "R4") else Grade.C,
        grade_reasons=("observational: what it was granted may have shaped what it used",),
    )
    why, code = _against(load, covered, course, settings)
    if why:
        return Sized(load, advice, course, why, code)
    proposed = grant_of(load, settings)
    # Where demand was cut off by the grant nobody knows it: only more may be advised (section 5).
    if covered.saturated:
        proposed = max(proposed, now)
    return Sized(load, replace(advice, proposed=proposed, direction=direction(load, now, proposed)), course)


def _against(load: Load, covered: Coverage, course: Course | None, settings: Capacity) -> tuple[str, str]:
    """What stands against advice, with its code: an autoscaler, the history, or the wish to observe alone."""
    if load.resource in settings.hpa:
        return f"an autoscaler is driven by its {load.resource}: both would chase each other", "HW450"
    if not suffices(covered, "rolling"):
        return covered.reason, covered.code or "HW440"
    if course is None:
        return "nothing is left to replay it on", "HW440"
    if settings.replay == "observe":
        return "its component asks to observe: replay, and advise nothing", ""
    return "", ""


def _granted_now(load: Load) -> float:
    """The grant in the newest bins."""
    return float(load.granted[-1])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def pooled(sized: Sequence[Sized]) -> Replayed | None:
    """The replay over all workloads of one resource; None where none could be replayed."""
    courses = [s.course for s in sized if s.course]
    return scored(courses) if courses else None


def scored(courses: Sequence[Course], short: float = 0.01) -> Replayed:
    """Saving, violation and the rest over all scored samples, with intervals by resampling workloads."""
    rows = np.array([_tally(c) for c in courses])
    bins, granted, grant, late, used, unserved = rows.T
    over = np.array([granted - grant, late, unserved])
    under = np.array([granted, bins, used])
    value = _ratio(over.sum(axis=1), under.sum(axis=1))
    if len(courses) > 1:
        drawn = np.random.default_rng(_SEED).integers(0, len(courses), (_RESAMPLES, len(courses)))
        again = _ratio(over[:, drawn].sum(axis=2), under[:, drawn].sum(axis=2))
        low, high = np.quantile(again, _ENDS, axis=1)
    else:
        low = high = value
    saving, violation, missing = (
        Interval(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)
    )
    slack = float(_ratio(grant.sum() - used.sum() + unserved.sum(), grant.sum()))
    above = float((late > short * bins).mean())
    return Replayed(saving, violation, missing, slack, above, int(bins.sum()), len(courses))


def _tally(course: Course) -> tuple[float, ...]:
    load, grant = course.load, course.grant
    missing = np.maximum(load.value - grant, 0.0)
    weights = load.count
    return (
        float(weights.sum()),
        float((load.granted * weights).sum()),
        float((grant * weights).sum()),
        float(weights[load.value > grant + 1e-9].sum()),
        float((load.value * weights).sum()),
        float((missing * weights).sum()),
    )


def _ratio(over: FloatArray, under: FloatArray) -> FloatArray:
    return np.divide(over, under, out=np.zeros(np.shape(over)), where=np.asarray(under) > 0)


# What follows is the simplest form of what other modules of this room answer.


def replayed_course(load: Load, settings: Capacity) -> Course | None:
    """The default policy over the second half of a load, refitted as it goes."""
    if load.bins < 30 or load.at[0] == load.at[-1]:  # noqa: PLR2004
        return None
    span = float(load.at[-1] - load.at[0])
    split = float(load.at[0]) + span / 2
    short = span < 2 * _DAY
    window, refit = (_DAY / 2, _DAY / 24) if short else (8 * _DAY, _DAY / 4)
    part = load.between(split, np.inf)
    grant = np.empty(len(part.at))
    for now in np.arange(split, float(load.at[-1]) + refit, refit):
        first, last = np.searchsorted(part.at, [now, now + refit])
        if first < last:
            grant[first:last] = _load_weighted(load.between(now - window, now), now, settings, load)
    return Course(split, part, grant)


def grant_of(load: Load, settings: Capacity) -> float:
    """The grant that the default policy would give from now on."""
    end = float(load.at[-1]) + load.bin_seconds
    return _load_weighted(load.between(end - 8 * _DAY, end), end, settings, load)


def _load_weighted(seen: Load, now: float, settings: Capacity, whole: Load) -> float:
    """The smallest value that covers a share of the load, weighted to the newest hours."""
    quantile, margin = settings.quantile or 0.95, settings.margin or 0.10
    most = min(whole.capacity, float(whole.granted.max()))
    if not len(seen.value):
        return most
    weights = seen.count * np.exp2(-(now - seen.at) / (_DAY / 2))
    order = np.argsort(seen.value, kind="stable")
    carried = weights[order] * (seen.value[order] if (seen.value * weights).sum() > 0 else 1.0)
    covered = np.cumsum(carried)
    value = seen.value[order][np.searchsorted(covered, quantile * covered[-1])]
    return float(np.clip(value * (1 + margin), max(0.05 * most, settings.floor), most))
