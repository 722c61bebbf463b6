"""How much memory a workload is granted: a breach kills it, so workloads are counted and not samples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headway.measures.spend.calibration import LEAST_SAMPLES, conformal, origins
from headway.measures.spend.load import Load
from headway.measures.spend.timeline import HOUR
from headway.statistics.contrast import FloatArray

LEVEL = 0.95
"""The share of workloads that shall not exceed their grant once."""

AFTER_KILL = 1.25
"""Times the limit at which a workload was killed, below which it is not granted again."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What is granted above the highest peak that was seen.

    Attributes:
        share: of the peak; never below 0.
        level: the share of workloads that it would have held for: 0.95, or less where so few workloads and
            moments cannot carry that; 0 without any.
        moments: earlier moments that it was learnt at.
    """

    share: float
    level: float
    moments: int


@dataclass(frozen=True, slots=True)
class Joint:
    """One slice of a device for all that a workload uses of it.

    Attributes:
        slice: share of the device.
        binds: the resource that decides.
        grants: by resource, in its own unit.
    """

    slice: float
    binds: str
    grants: Mapping[str, float]


def margin_of(loads: Sequence[Load], start: float, hours: float, level: float = LEVEL) -> Margin:
    """The conformal quantile of the next peak over the highest one before it, over all workloads.

    The next peak is that of as many hours as the grant shall stand. It is looked at from several moments of
    the past, and the worst of these decides, since what moves all workloads at once is seen once a moment.

    Args:
        loads: workloads of one resource; nothing from `start` on is read.
        start: when the grant begins, in seconds since 1970.
        hours: how long it stands, on the source's clock.
        level: the share of workloads that shall stay below.
    """
    known = [load.between(-math.inf, start) for load in loads]
    first = min((float(load.at[0]) for load in known if load.at.size), default=start)
    widest, seen, moments = 1.0, 0, 0
    for origin, ahead in origins(first, start, hours * HOUR):
        ratios = _ratios(known, origin, origin + ahead)
        if not ratios.size:
            continue
        widest = max(widest, conformal(ratios, level))
        seen += ratios.size
        moments += 1
    return Margin(widest - 1, min(level, seen / (seen + 1)), moments)


def peak_grants(
    loads: Sequence[Load], start: float, margin: float, killed_at: Mapping[str, float] | None = None
) -> FloatArray:
    """The highest use before a moment and a margin, in the loads' unit, at most what can be granted.

    Args:
        loads: workloads of one resource; nothing from `start` on is read.
        start: seconds since 1970.
        margin: share above the peak.
        killed_at: by workload, the highest limit at which it was killed for want of memory.

    Returns:
        One grant per load; what it holds now where it was not seen before.
    """
    limits = killed_at or {}
    made = []
    for load in loads:
        known = load.between(-math.inf, start)
        peak = float(known.value.max()) * (1 + margin) if known.at.size else float(load.granted[:1].sum())
        made.append(min(load.capacity, max(peak, AFTER_KILL * limits.get(load.workload, 0.0))))
    return np.array(made)


def exceed(loads: Sequence[Load], start: float, grants: FloatArray) -> FloatArray:
    """Whether each workload exceeds its grant at least once from a moment on; false without a sample."""
    later = [load.between(start, math.inf).value for load in loads]
    above = [(used > grant * (1 + 1e-9)).any() for used, grant in zip(later, grants, strict=True)]
    return np.array(above, dtype=bool)


def joint(proposed: Mapping[str, float], device: Mapping[str, float]) -> Joint:
    """Compute and memory are cut together: the larger share of a device decides for both.

    Args:
        proposed: grants by resource, each in its own unit.
        device: by the same resources, what the whole device has.

    Raises:
        ValueError: nothing is proposed, or a device has nothing of a resource.

    Example:
        >>> joint({"gpu": 0.2, "gpu.memory": 24.0}, {"gpu": 1.0, "gpu.memory": 48.0})
        Joint(slice=0.5, binds='gpu.memory', grants={'gpu': 0.5, 'gpu.memory': 24.0})

    """
    if not proposed or any(not device.get(name, 0.0) > 0 for name in proposed):
        msg = f"shares of a device need its size: {sorted(proposed)} of {sorted(device)}"
        raise ValueError(msg)
    shares = {name: min(grant / device[name], 1.0) for name, grant in sorted(proposed.items())}
    binds = max(shares, key=shares.__getitem__)
    return Joint(shares[binds], binds, {name: shares[binds] * device[name] for name in shares})


def _ratios(loads: Sequence[Load], origin: float, end: float) -> FloatArray:
    """Peak from a moment to another over the highest before it, of workloads with samples on both sides."""
    made = []
    for load in loads:
        before, after = load.between(-math.inf, origin), load.between(origin, end)
        if before.bins >= LEAST_SAMPLES and after.bins >= LEAST_SAMPLES and before.value.max() > 0:
            made.append(float(after.value.max() / before.value.max()))
    return np.array(made)
