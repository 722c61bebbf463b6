"""What a component's meter says of energy, power and use of devices, by workload and holder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, Slot, count, greatest, least, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.measures.base import Ask
from headway.measures.spend.bins import Bins
from headway.measures.spend.power import KWH, WATTS, DeviceHours
from headway.measures.value.effect.base import at_midnight

_DAY_SECONDS = 86_400
_GPU = "gpu"
_TOKENS = ("tokens.input", "tokens.output")


@dataclass(slots=True)
class Workload:
    """What one workload used and held of one resource."""

    bins: Bins = field(default_factory=Bins)
    used: float = 0.0
    granted: float = 0.0


@dataclass(slots=True)
class Meter:
    """What a meter counted.

    Attributes:
        kwh: metered energy by workload, without PUE.
        devices: device-hours by workload.
        holder: of a workload; empty where nobody holds it.
        tokens: input and output together, by holder.
        bins: of everything read.
        window: first and last moment.
        says_holder: whether it names holders at all.
    """

    kwh: dict[str, float] = field(default_factory=dict)
    devices: dict[str, DeviceHours] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    bins: int = 0
    window: tuple[datetime, datetime] | None = None
    says_holder: bool = False


def energy_request(ask: Ask, bound: Bound) -> Request:
    """Use and grant by workload, resource and day: what a bin is long follows from how many a day has."""
    named = tuple(c for c in ("holder", "unit") if c in bound.columns)
    terms = (count("used"), total("used"), total("granted"), least("ts"), greatest("ts"))
    keys = ("resource", "workload", *named, Slot("ts", _DAY_SECONDS))
    return Request(bound.source, keys, terms, until=("ts", instant(ask.as_of)))


def meter_of(answer: Sums) -> Meter:
    """The meter's energy and device-hours; power counts only where energy does not."""
    made, rows = Meter(says_holder="holder" in answer.keys), _workloads(answer)
    for (resource, name, holder, unit), row in rows.items():
        made.bins += row.bins.n
        made.holder[name] = made.holder.get(name) or holder
        if resource == "energy":
            made.kwh[name] = made.kwh.get(name, 0.0) + row.used * KWH.get(unit, 1.0)
        elif resource == _GPU:
            before = made.devices.get(name, DeviceHours())
            hours = row.bins.hours
            made.devices[name] = DeviceHours(
                before.granted + row.granted * hours, before.used + row.used * hours
            )
        elif resource in _TOKENS:
            made.tokens[holder] = made.tokens.get(holder, 0.0) + row.used
    for (resource, name, _, unit), row in rows.items():
        if resource == "power" and ("energy", name) not in {(r, n) for r, n, *_ in rows}:
            made.kwh[name] = made.kwh.get(name, 0.0) + row.used * WATTS.get(unit, 1.0) * row.bins.hours / 1000
    moments = [m for row in rows.values() for m in (row.bins.first, row.bins.last) if m is not None]
    made.window = (min(moments), max(moments)) if moments else None
    return made


def _workloads(answer: Sums) -> dict[tuple[str, str, str, str], Workload]:
    made: dict[tuple[str, str, str, str], Workload] = {}
    keys = [str(k) for k in answer.keys]
    for at, group in enumerate(answer.groups):
        told = dict(zip(keys, group, strict=True))
        name = (
            str(told["resource"]),
            str(told["workload"]),
            *(str(told.get(k) or "") for k in ("holder", "unit")),
        )
        row = made.setdefault((name[0], name[1], name[2], name[3]), Workload())
        ends = (at_midnight(answer[end][at]) for end in (least("ts"), greatest("ts")))
        row.bins.day(int(answer[count("used")][at]), *ends)
        row.used += float(answer[total("used")][at])
        row.granted += float(answer[total("granted")][at] or 0.0)
    return made
