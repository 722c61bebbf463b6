"""The loads of the workloads that an initiative holds: asked of its meters, and made of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from headway.aggregates.engine import Bound
from headway.aggregates.groups import Groups
from headway.aggregates.request import ZERO_BUCKET, Bucket, Request, Slot, Term, count, greatest, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.identity import instant
from headway.measures.base import Ask
from headway.measures.spend.load import Load
from headway.portfolio.capacity import Capacity
from headway.portfolio.component import Component
from headway.statistics.contrast import FloatArray
from headway.statistics.log_histogram import GAMMA

SLOT_SECONDS = 3600
# History is asked for in whole weeks, so that what was summed for yesterday's review serves today's.
_WEEK = timedelta(days=7)
IntArray: TypeAlias = npt.NDArray[np.int64]
_NAMED = ("workload", "resource", "unit", "rung")
# A group whose moment or use is empty.
_NOWHERE = np.iinfo(np.int64).min
# Below this bucket lies nothing that a double can tell from nought.
_LEAST = -30_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The share of slots that hold at most the usual number of bins; above it lie those that were written twice.
_USUAL = 0.9
# Stages in which nothing is held yet: what others hold of a component is the nearest like workload.
_BEFORE = ("proposed", "framed")


@dataclass(frozen=True, slots=True)
class Metered:
    """A component that an initiative uses, and the source that meters it."""

    component: Component
    bound: Bound

    @property
    def settings(self) -> Capacity:
        """How it is sized; the defaults where nothing is declared."""
        return self.component.capacity or Capacity()

    @property
    def dated(self) -> bool:
        """Whether its rows say when they were: what arrives summed has no time of day."""
        return not self.bound.summed


def metered(ask: Ask) -> tuple[Metered, ...]:
    """The metered components of an initiative; a source that meters two of them counts for the first."""
    found: dict[str, Metered] = {}
    for name in ask.initiative.uses:
        component = ask.portfolio.components.get(name)
        bound = ask.bound.get(component.usage or "") if component else None
        if component and bound and bound.fact.name == "usage":
            found.setdefault(bound.source, Metered(component, bound))
    return tuple(found.values())


def load_request(ask: Ask, of: Metered) -> Request:
    """Histograms of use by workload, resource and hour, over the history that its component declares."""
    bound = of.bound
    named = tuple(c for c in ("rung", "unit") if c in bound.columns)
    return Request(
        bound.source,
        ("workload", "resource", *named, Slot("ts", SLOT_SECONDS), Bucket("used")),
        _terms(bound),
        (("holder", ask.initiative.initiative),) if holds(ask, of) else (),
        ("ts", instant(ask.as_of)),
        since=("ts", instant(history_of(ask, of))),
    )


def history_of(ask: Ask, of: Metered) -> datetime:
    """Where the history that a component declares begins, in whole weeks back from its newest row."""
    newest = of.bound.newest
    last = ask.as_of if newest is None else min(newest, ask.as_of)
    return _whole_weeks(last - of.settings.history)


def holds(ask: Ask, of: Metered) -> bool:
    """Whether the workloads read are those that the initiative holds, and not all of the component."""
    return "holder" in of.bound.columns and ask.initiative.stage not in _BEFORE


def _terms(bound: Bound) -> tuple[Term, ...]:
    capacity = (sum_of("capacity"), count("capacity")) if "capacity" in bound.columns else ()
    peak = (greatest("used_max"),) if "used_max" in bound.columns else ()
    return (count("used"), sum_of("granted"), count("granted"), *capacity, *peak)


def _whole_weeks(moment: datetime) -> datetime:
    return _EPOCH + (moment - _EPOCH) // _WEEK * _WEEK


@dataclass(frozen=True, slots=True)
class Meter:
    """The answer of one meter, its groups taken apart once and brought into the order of time.

    Attributes:
        names: workload, resource, unit and rung of every load, in the order of the answer.
        starts: where the rows of each begin, and where the last ends.
        at: seconds since 1970, ascending within a load.
        value: the upper edge of the bucket.
        count: bins in it.
        granted: mean grant of these bins; NaN where nothing says it.
        capacity: mean capacity of them; NaN likewise.
        peak: greatest use inside a bin; NaN where the source keeps none.
    """

    names: tuple[tuple[str, str, str, str], ...]
    starts: IntArray
    at: FloatArray
    value: FloatArray
    count: FloatArray
    granted: FloatArray
    capacity: FloatArray
    peak: FloatArray

    @classmethod
    def of(cls, answer: Sums, since: datetime | None = None) -> Meter:
        """Take an answer apart; without what lies before a moment, and without rows that have no use."""
        groups, keys = answer.columns, answer.keys
        present = [key for key in _NAMED if key in keys]
        names = groups.chosen([keys.index(key) for key in present])
        order, which = names.different()
        slot = _numbers(groups, keys.index(Slot("ts", SLOT_SECONDS)))
        bucket = _numbers(groups, keys.index(Bucket("used")))
        at = slot * float(SLOT_SECONDS)
        first = since.timestamp() if since else -np.inf
        kept = (slot != _NOWHERE) & (bucket != _NOWHERE) & (at > first - SLOT_SECONDS)
        sort = np.lexsort((bucket, slot, which))
        sort = sort[kept[sort]]
        which, bucket = which[sort], bucket[sort]
        bins = answer[count("used")].astype(float)[sort]
        told = [dict(zip(present, name, strict=True)) for name in names.take(order)]
        return cls(
            tuple(
                (_text(n, "workload"), _text(n, "resource"), _text(n, "unit"), _text(n, "rung")) for n in told
            ),
            np.searchsorted(which, np.arange(len(order) + 1)),
            at[sort],
            np.where(bucket == ZERO_BUCKET, 0.0, np.power(GAMMA, np.maximum(bucket, _LEAST) + 1.0)),
            bins,
            _mean(answer, "granted", sort),
            _mean(answer, "capacity", sort),
            _greatest(answer, sort),
        )

    def loads(self, granted: float | None = None) -> list[Load]:
        """Every load that was seen at all.

        Args:
            granted: what is granted where no row says it; by default the capacity, else the most ever used.
        """
        return [self._load(i, granted) for i in range(len(self.names)) if self.starts[i] < self.starts[i + 1]]

    def peaks(self, load: Load) -> FloatArray | None:
        """The greatest use inside a bin, beside each row of a load; None where the source keeps none."""
        which = self.names.index((load.workload, load.resource, load.unit, load.rung))
        found = self.peak[self.starts[which] : self.starts[which + 1]]
        return None if np.isnan(found).all() else np.fmax(found, load.value)

    def _load(self, which: int, granted: float | None) -> Load:
        part = slice(int(self.starts[which]), int(self.starts[which + 1]))
        at, value, bins = self.at[part], self.value[part], self.count[part]
        workload, resource, unit, rung = self.names[which]
        known = self.capacity[part][~np.isnan(self.capacity[part])]
        capacity = float(known.max()) if known.size else np.inf
        held = _filled(self.granted[part], granted, capacity, float(value.max()))
        return Load(workload, resource, unit, at, value, bins, held, _bin_seconds(at, bins), capacity, rung)


def exact_loads(
    workloads: Sequence[str] | npt.NDArray[np.str_],
    at: FloatArray,
    used: FloatArray,
    granted: FloatArray | float,
    **more: Any,
) -> list[Load]:
    """Loads of exact samples, one row each: rows of any order, those of one moment averaged.

    Args:
        workloads: whose each sample is.
        at: seconds since 1970.
        used: use, in `unit`; samples that are not finite are left out, what is below nought is nought.
        granted: what was granted, in `unit`.
        more: `resource` and `unit` (gpu, devices by default), `bin_seconds`, `capacity`, `rung`.
    """
    names, which = np.unique(np.asarray(workloads), return_inverse=True)
    held = np.broadcast_to(np.asarray(granted, dtype=float), np.shape(used))
    kept = np.isfinite(used) & np.isfinite(at)
    sort = np.lexsort((at, which))
    sort = sort[kept[sort]]
    which, moments = which[sort], at[sort]
    new = np.r_[True, (np.diff(which) != 0) | (np.diff(moments) != 0)][: len(sort)]
    groups = np.cumsum(new) - 1
    size = np.bincount(groups) if len(sort) else np.ones(0)
    value = np.bincount(groups, np.maximum(used[sort], 0.0)) / size if len(sort) else np.zeros(0)
    grant = np.bincount(groups, held[sort]) / size if len(sort) else np.zeros(0)
    which, moments = which[new], moments[new]
    starts = np.searchsorted(which, np.arange(len(names) + 1))
    made = []
    for i, name in enumerate(names.tolist()):
        part = slice(int(starts[i]), int(starts[i + 1]))
        if part.start < part.stop:
            own, ones = moments[part], np.ones(part.stop - part.start)
            seconds = more.get("bin_seconds") or (float(np.median(np.diff(own))) if len(own) > 1 else 60.0)
            made.append(
                Load(
                    str(name),
                    str(more.get("resource", "gpu")),
                    str(more.get("unit", "devices")),
                    own,
                    value[part],
                    ones,
                    grant[part],
                    seconds,
                    float(more.get("capacity", np.inf)),
                    str(more.get("rung", "")),
                )
            )
    return made


def _numbers(groups: Groups, key: int) -> IntArray:
    """The whole numbers of a key; where it is empty, one that none of them is."""
    level = [_NOWHERE if value is None else value for value in groups.levels[key]]
    return np.array(level, dtype=np.int64)[groups.codes[key]]


def _text(named: Mapping[str, object], key: str) -> str:
    value = named.get(key)
    return "" if value is None else str(value)


def _mean(answer: Sums, column: str, sort: IntArray) -> FloatArray:
    """The mean of a column in each row; NaN where it is empty or the source has it not."""
    if sum_of(column) not in answer.values:
        return np.full(len(sort), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = answer[sum_of(column)][sort] / answer[count(column)][sort]
    return np.asarray(mean + answer.shift.get(column, 0.0), dtype=float)


def _greatest(answer: Sums, sort: IntArray) -> FloatArray:
    if greatest("used_max") not in answer.values:
        return np.full(len(sort), np.nan)
    return np.array([np.nan if v is None else float(v) for v in answer[greatest("used_max")][sort]])


def _filled(found: FloatArray, granted: float | None, capacity: float, most: float) -> FloatArray:
    """Grants without gaps: what is declared, else the capacity, else what was used at most."""
    gaps = np.isnan(found)
    if not gaps.any():
        return found
    assumed = granted if granted is not None else capacity if np.isfinite(capacity) else most
    return np.where(gaps, assumed, found)


def _bin_seconds(at: FloatArray, bins: FloatArray) -> float:
    """How long a bin is, by how many an hour usually holds; a few hours written twice change nothing."""
    slots, starts = np.unique(at, return_index=True)
    usual = float(np.quantile(np.add.reduceat(bins, starts), _USUAL, method="lower"))
    if usual > 1.0 or len(slots) == 1:
        return SLOT_SECONDS / usual
    return float(np.median(np.diff(slots)))
