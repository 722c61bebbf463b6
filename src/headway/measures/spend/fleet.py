"""All workloads of one component and resource: what is granted, what was needed, and what stood idle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headway.aggregates.request import Request
from headway.aggregates.sums import Sums
from headway.measures.base import Ask
from headway.measures.spend.advice import Interval, Replayed
from headway.measures.spend.idle import Idle, idle
from headway.measures.spend.idle_release import Released, release
from headway.measures.spend.joint import Joint, joint
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Meter, Metered, load_request, metered
from headway.measures.spend.price import Held, granted_units, held
from headway.measures.spend.sizing import Sized, size, together
from headway.statistics.contrast import FloatArray

_RESAMPLES = 2000
_SEED = 7
_ENDS = (0.025, 0.975)
_HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """The workloads of one component and resource.

    Attributes:
        of: the component and its meter.
        resource: gpu, gpu.memory, cpu, memory ...
        sized: each workload with its advice.
        replayed: the replay over those that could be replayed.
        idle: the idle share, where the resource has one.
        granted: how much of it is granted on average, in its unit.
        price: what it costs by the hour, for the resource that bears the price; in words why not.
        joint: what slices by work and memory together would have saved at most.
        released: what would have been given back while it idled; none for memory.
    """

    of: Metered
    resource: str
    unit: str
    sized: tuple[Sized, ...]
    replayed: Replayed | None
    idle: Idle | None
    granted: float
    price: Held | str
    joint: Joint | None = None
    released: Released | None = None

    @property
    def advised(self) -> list[Sized]:
        """The workloads on which something is advised."""
        return [s for s in self.sized if s.advice.proposed is not None]

    @property
    def need(self) -> Interval | None:
        """How much of it the replay needed on average; None where nothing could be replayed."""
        if self.replayed is None:
            return None
        saving = self.replayed.saving
        return Interval(*(self.granted * (1 - s) for s in (saving.value, saving.high, saving.low)))

    @property
    def per_unit_day(self) -> float | None:
        """What one unit costs a day; None without a price."""
        return self.price.unit_hour * _HOURS_A_DAY if isinstance(self.price, Held) else None


def fleets(ask: Ask, sums: Mapping[Request, Sums]) -> list[Fleet]:
    """Every component of an initiative that is metered in time, by resource.

    Args:
        ask: the initiative.
        sums: the answers to `load_request` and `price_requests`.
    """
    return [fleet for of in metered(ask) for fleet in fleets_of(ask, of, sums)]


def fleets_of(ask: Ask, of: Metered, sums: Mapping[Request, Sums], *, promised: bool = False) -> list[Fleet]:
    """One component by resource, the one that bears its price first; none where nothing was seen of it.

    Args:
        ask: the initiative it is read for.
        of: the component and its meter.
        sums: as `fleets`.
        promised: whether savings are promised as well, which takes many more replays.
    """
    answer = sums.get(load_request(ask, of)) if of.dated else None
    if answer is None:
        return []
    meter = Meter.of(answer, ask.as_of - of.settings.history)
    return _of_component(ask, of, meter, sums, promised=promised)


def _of_component(
    ask: Ask, of: Metered, meter: Meter, sums: Mapping[Request, Sums], *, promised: bool
) -> list[Fleet]:
    loads = meter.loads(of.settings.granted)
    price = held(ask, of, loads, sums)
    bears = price.resource if isinstance(price, Held) else ""
    parts: dict[str, list[Load]] = {}
    for load in loads:
        parts.setdefault(_label(load, loads), []).append(load)
    found = {name: size(own, of.settings, ask.as_of, promised=promised) for name, own in parts.items()}
    agreed = _agreed([s for sized, _ in found.values() for s in sized])
    made = []
    for name in sorted(parts, key=lambda r: (r != bears, r)):
        own, (sized, whole) = parts[name], found[name]
        priced = price if name == bears or not bears else f"the price is put on {bears}"
        told = tuple(
            replace(_priced(agreed[id(s.load)], priced, own), peak=meter.peaks(s.load)) for s in sized
        )
        made.append(_fleet(of, name, told, whole, priced, loads))
    return made


def _fleet(
    of: Metered,
    name: str,
    sized: tuple[Sized, ...],
    whole: Replayed | None,
    price: Held | str,
    loads: Sequence[Load],
) -> Fleet:
    own, memory = [s.load for s in sized], "memory" in name
    splits = {s.load.workload: s.course.split for s in sized if s.course}
    return Fleet(
        of,
        name,
        own[0].unit,
        sized,
        whole,
        None if memory else idle(loads, own[0].resource),
        granted_units(own),
        price,
        None if memory else joint(loads, own[0].resource, splits),
        None if memory else _released(own),
    )


def _label(load: Load, loads: Sequence[Load]) -> str:
    """The resource, and its unit where it is metered in several: different units are not sized together."""
    several = len({x.unit for x in loads if x.resource == load.resource}) > 1
    return f"{load.resource} in {load.unit or 'no unit'}" if several else load.resource


def _agreed(sized: Sequence[Sized]) -> dict[int, Sized]:
    """The advice on every load, once the resources of one workload have agreed."""
    by_workload: dict[str, list[Sized]] = {}
    for one in sized:
        by_workload.setdefault(one.load.workload, []).append(one)
    return {id(s.load): s for own in by_workload.values() for s in together(own)}


def _released(own: Sequence[Load]) -> Released | None:
    """What could be given back while nothing at all was used: even a little use would have been cut short."""
    found = release([replace(x, value=np.where(x.value > 0, x.granted, 0.0)) for x in own])
    return found if isinstance(found, Released) else None


def _priced(one: Sized, price: Held | str, fleet: Sequence[Load]) -> Sized:
    """The advice with what it saves in a day, where there is a price: by the time the workload was there."""
    advice = one.advice
    if isinstance(price, str) or advice.proposed is None or not advice.granted:
        return one
    whole = sum(held_seconds(x) for x in fleet)
    part = held_seconds(one.load) / whole if whole else 0.0
    share = 1 - advice.proposed / advice.granted
    worth = share * part * price.units * price.unit_hour * _HOURS_A_DAY
    return replace(one, advice=replace(advice, saving_per_day=worth))


def oversized(fleet: Fleet) -> tuple[Interval, float] | None:
    """The share of what is granted that a replay would not have granted, and the share not known.

    Grants that were too small are no waste of less than nothing: they count as none. Workloads on which
    nothing may be advised are not known, and the high end counts all of theirs as waste.
    """
    known = [s for s in fleet.advised if s.course]
    if not known:
        return None
    rows = np.array([_over(s, fleet.released) for s in known])
    unknown = [s for s in fleet.sized if s.advice.proposed is None and s.code != "HW450"]
    dark = sum(held_seconds(s.load) for s in unknown)
    lit = sum(held_seconds(s.load) for s in known)
    share = dark / (dark + lit) if dark + lit else 0.0
    value, low, high = _resampled(rows)
    return Interval(value, low * (1 - share), high * (1 - share) + share), share


def _over(one: Sized, released: Released | None) -> tuple[float, float]:
    """What is granted and not needed, and what is granted; while it was given back it is not oversized."""
    course = one.course
    assert course is not None  # noqa: S101  `oversized` has looked
    weights = course.load.count * course.load.bin_seconds
    granted = float((course.load.granted * weights).sum())
    needed = float((course.grant * weights).sum())
    saturated = one.advice.coverage.saturated
    given_back = released.by_workload.get(one.load.workload, 0.0) * 3600.0 if released else 0.0
    kept = 1.0 - min(given_back / held_seconds(one.load), 1.0)
    return (0.0 if saturated else max(granted - needed, 0.0) * kept), granted


def held_seconds(load: Load) -> float:
    """Units times seconds that were granted."""
    return float((load.granted * load.count).sum()) * load.bin_seconds


def _resampled(rows: FloatArray) -> tuple[float, float, float]:
    over, under = rows.T
    value = float(over.sum() / under.sum()) if under.sum() else 0.0
    if len(rows) == 1:
        return value, value, value
    drawn = np.random.default_rng(_SEED).integers(0, len(rows), (_RESAMPLES, len(rows)))
    low, high = np.quantile(over[drawn].sum(axis=1) / under[drawn].sum(axis=1), _ENDS)
    return value, float(low), float(high)
