"""Whether a history suffices for advice, and from which day on it will (it is no stage gate)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from headway.measures.spend.advice import Coverage, Direction, Interval, Level
from headway.measures.spend.load import Load
from headway.measures.spend.timeline import HOUR, Timeline, timeline
from headway.portfolio.capacity import Season
from headway.statistics.level_shift import LevelRatio, level_ratio

DAY, WEEK = 24.0, 168.0
LEAST_SAMPLES = 30
LEAST_PRESENT = 0.9
REPEATS_ABOVE = 0.3
"""Correlation with the week before above which the load follows the week."""

NEAR_GRANT, NEAR_SHARE = 0.95, 0.05
"""Saturated: use at this share of the grant or above, in more than this share of bins."""

KEEPS_WITHIN = 0.05
"""A grant within this share of the one held is left as it is: not worth a change."""

_SMALL = 0.01
_BLOCKS_OF_A_DAY = 5 * DAY
_SHORT_BLOCK, _LEAST_BLOCK = HOUR, 10
_RANK: dict[Level, int] = {"none": 0, "rolling": 1, "static": 2}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a history.

    Attributes:
        asked: the level that the advice needs: a commitment or a standing grant asks for static.
        season: the cycle that history must have seen whole; auto looks for it.
        clock_scale: hours of real time in an hour of the source's clock.
        split: seconds since 1970 at which the held-out part begins; none: in the middle. What the policy is
            fitted on, and where a shift is looked for, ends there; without a split it is all of the history.
    """

    asked: Level = "rolling"
    season: Season = "auto"
    clock_scale: float = 1.0
    split: float | None = None


@dataclass(frozen=True, slots=True)
class _History:
    """What is judged: the load on an even clock, its cycle in hours, and how its level moved."""

    line: Timeline
    terms: Terms
    season: float
    shift: LevelRatio | None


@dataclass(frozen=True, slots=True)
class _Lack:
    """Something that history lacks, the level that it still allows, and when time will have mended it."""

    code: str
    reason: str
    allows: Level
    until: float


def coverage(loads: Load | Sequence[Load], as_of: datetime, terms: Terms | None = None) -> Coverage:
    """Judge the history of one workload, or of several as one, up to a moment (spend-and-capacity.md 5).

    Samples may be unsorted, doubled, off the even clock, with gaps, or none at all.

    Args:
        loads: one resource.
        as_of: later samples do not count.
        terms: what is asked; by default what a policy needs that refits at least daily.

    Returns:
        The level allowed. `code` and `reason` are of what keeps it below the level asked or, where nothing
        does, of a shift of the level; every code is in `codes`. `sufficient_on` is the day on which the next
        level is reached if the load goes on, in UTC.
    """
    terms = terms or Terms()
    given = [loads] if isinstance(loads, Load) else list(loads)
    seen = [_until(load, as_of.timestamp()) for load in given]
    line = timeline(seen)
    saturated = any(is_saturated(load) for load in seen)
    if line is None:
        return Coverage("none", "HW443", "no sample", codes=("HW443",), reasons=("no sample",))
    history = _History(line, terms, _season(line, terms), _shift(line, seen, terms))
    shift = history.shift
    lacks = list(_lacks(history))
    standing: Level = "static"
    level = min((lack.allows for lack in lacks), key=_RANK.__getitem__, default=standing)
    holding = [lack for lack in lacks if _RANK[lack.allows] < _RANK[terms.asked]]
    told = holding or [lack for lack in lacks if lack.code == "HW441"]
    # What holds it at this level must be mended for the next one.
    next_level = [lack.until for lack in lacks if lack.allows == level]
    return Coverage(
        level,
        code=told[0].code if told else "",
        reason="; ".join(lack.reason for lack in told),
        sufficient_on=_day(max(next_level)) if next_level else None,
        shift=Interval(shift.value, shift.low, shift.high) if shift else None,
        saturated=saturated,
        season_hours=int(history.season),
        codes=tuple(lack.code for lack in told),
        reasons=tuple(lack.reason for lack in told),
    )


def suffices(found: Coverage, asked: Level) -> bool:
    """Whether advice of a level may be given."""
    return _RANK[found.level] >= _RANK[asked]


def is_saturated(load: Load) -> bool:
    """Whether use lies so often at the grant that nobody knows how much would have been used."""
    held = load.granted > 0
    bins = float(load.count[held].sum())
    near = held & (load.value >= NEAR_GRANT * load.granted)
    return bins > 0 and float(load.count[near].sum()) > NEAR_SHARE * bins


def direction(load: Load, granted: float, proposed: float | None) -> Direction:
    """More, less or as it is. A saturated workload is never advised less, since its demand is not known.

    Args:
        load: its history.
        granted: the grant now.
        proposed: the grant that the policy gives; None where it gives none.
    """
    if is_saturated(load):
        return "up"
    if proposed is None or abs(proposed - granted) <= KEEPS_WITHIN * granted:
        return "keep"
    return "up" if proposed > granted else "down"


def _lacks(history: _History) -> Iterator[_Lack]:
    line, terms, shift = history.line, history.terms, history.shift
    if line.samples < LEAST_SAMPLES:
        until = line.end + (LEAST_SAMPLES - line.samples) * line.step
        yield _Lack("HW443", f"{line.samples:.0f} samples, {LEAST_SAMPLES} are needed", "none", until)
    yield from _too_short(history)
    if line.present < LEAST_PRESENT:
        until = line.end + 2 * DAY * HOUR / terms.clock_scale
        yield _Lack(
            "HW442", f"{100 * line.present:.0f} % of its bins are there, 90 % are needed", "none", until
        )
    if shift and shift.shifted:
        since = line.end - shift.newest * line.step
        until = since + _unchanged(history) * HOUR / terms.clock_scale
        what = f"its newest fifth is {shift.value:.2f} times the rest ({shift.low:.2f} to {shift.high:.2f})"
        yield _Lack("HW441", what, "rolling", until)


def _too_short(history: _History) -> Iterator[_Lack]:
    """Both parts must have seen a whole cycle: the day for any advice, the week for a standing grant."""
    line, terms = history.line, history.terms
    hours = line.hours * terms.clock_scale
    fitted = _hours_fitted(line, terms)
    shorter = min(fitted, hours - fitted)
    if terms.season == "none":
        return
    if shorter < DAY:
        until = line.start + 2 * DAY * HOUR / terms.clock_scale
        what = f"{hours:.1f} h of history, {shorter:.1f} h in its shorter part; a day is needed in each"
        yield _Lack("HW440", what, "none", until)
    elif terms.season != "daily" and hours < 2 * WEEK:
        until = line.start + 2 * WEEK * HOUR / terms.clock_scale
        what = f"{hours:.0f} h of history: whether it follows the week is known after {2 * WEEK:.0f} h"
        yield _Lack("HW440", what, "rolling", until)
    elif shorter < history.season:
        until = line.end + (history.season - shorter) * HOUR / terms.clock_scale
        what = f"it follows the week, and a part has seen {shorter:.0f} h of {WEEK:.0f} h"
        yield _Lack("HW440", what, "rolling", until)


def _hours_fitted(line: Timeline, terms: Terms) -> float:
    """Hours, on the real clock, of the part that the policy is fitted on."""
    if terms.split is None:
        return line.hours * terms.clock_scale / 2
    return min(max(terms.split - line.start, 0.0) / HOUR, line.hours) * terms.clock_scale


def _unchanged(history: _History) -> float:
    """Hours of an unchanged level that a standing grant needs."""
    return {"none": DAY, "daily": 2 * DAY, "weekly": 2 * WEEK}.get(history.terms.season, 2 * history.season)


def _season(line: Timeline, terms: Terms) -> float:
    """Hours of the cycle: as declared, or the week where the load is seen to follow it."""
    if terms.season != "auto":
        return WEEK if terms.season == "weekly" else DAY
    known = line.hours * terms.clock_scale >= 2 * WEEK
    return WEEK if known and line.lagged(WEEK / terms.clock_scale) > REPEATS_ABOVE else DAY


def _shift(line: Timeline, loads: Sequence[Load], terms: Terms) -> LevelRatio | None:
    fitted = line.mean
    if terms.split is not None:
        fitted = fitted[: max(0, math.ceil((terms.split - line.start) / line.step - 1e-9))]
    # A fifth of fewer points is no level.
    if fitted.size < LEAST_SAMPLES:
        return None
    step = line.step * terms.clock_scale
    hours, day = fitted.size * step / HOUR, round(DAY * HOUR / step)
    block = max(1, day) if hours >= _BLOCKS_OF_A_DAY else max(_LEAST_BLOCK, round(_SHORT_BLOCK / step))
    # Less than a day of a load that follows the day looks like a shift; before two days nothing better is
    # known.
    return level_ratio(fitted, block, _raised(loads), day if hours >= 2 * DAY else 0)


def _raised(loads: Sequence[Load]) -> float:
    """One per cent of what can be granted; one a bin where nothing is granted, as with requests."""
    filled = [load for load in loads if load.at.size]
    most = [load.capacity if math.isfinite(load.capacity) else float(load.granted.max()) for load in filled]
    held = [m for m in most if math.isfinite(m) and m > 0]
    return _SMALL * sum(held) / len(held) if held else 1.0


def _until(load: Load, end: float) -> Load:
    """What was known at a moment, in the order of time."""
    order = load.at.argsort(kind="stable")
    ordered = Load(
        load.workload,
        load.resource,
        load.unit,
        load.at[order],
        load.value[order],
        load.count[order],
        load.granted[order],
        load.bin_seconds,
        load.capacity,
        load.rung,
    )
    return ordered.between(float("-inf"), end)


def _day(moment: float) -> date:
    """The first day that begins at a moment or after it."""
    at = datetime.fromtimestamp(moment, UTC)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight if at == midnight else midnight + timedelta(days=1)).date()
