"""What a component's meter says of energy, power and use of devices, by workload and holder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, Slot, count, greatest, least, total
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.measures.base import Ask
from headway.measures.spend.power import KWH, WATTS, DeviceHours
from headway.measures.value.effect.base import at_midnight

_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3600.0
_GPU = "gpu"
_TOKENS = ("tokens.input", "tokens.output")


@dataclass(slots=True)
class Workload:
    """One workload and resource: its bins, and how long one of them is."""

    n: int = 0
    used: float = 0.0
    granted: float = 0.0
    busiest_day: int = 0
    moments: list[datetime] = field(default_factory=list)

    @property
    def bin_hours(self) -> float:
        """How long a bin is: a full day or a span without gaps tells it; both only err to the long side."""
        span = (max(self.moments) - min(self.moments)).total_seconds() if self.moments else 0.0
        by_span = span / (self.n - 1) if self.n > 1 else _HOUR_SECONDS
        return min(by_span, _DAY_SECONDS / self.busiest_day) / _HOUR_SECONDS


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
        made.bins += row.n
        made.holder[name] = made.holder.get(name) or holder
        if resource == "energy":
            made.kwh[name] = made.kwh.get(name, 0.0) + row.used * KWH.get(unit, 1.0)
        elif resource == _GPU:
            before = made.devices.get(name, DeviceHours())
            hours = row.bin_hours
            made.devices[name] = DeviceHours(
                before.granted + row.granted * hours, before.used + row.used * hours
            )
        elif resource in _TOKENS:
            made.tokens[holder] = made.tokens.get(holder, 0.0) + row.used
    for (resource, name, _, unit), row in rows.items():
        if resource == "power" and ("energy", name) not in {(r, n) for r, n, *_ in rows}:
            made.kwh[name] = made.kwh.get(name, 0.0) + row.used * WATTS.get(unit, 1.0) * row.bin_hours / 1000
    moments = [m for row in rows.values() for m in row.moments]
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
        n = int(answer[count("used")][at])
        row.n += n
        row.busiest_day = max(row.busiest_day, n)
        row.used += float(answer[total("used")][at])
        row.granted += float(answer[total("granted")][at] or 0.0)
        ends = (at_midnight(answer[end][at]) for end in (least("ts"), greatest("ts")))
        row.moments += [m for m in ends if m is not None]
    return made
