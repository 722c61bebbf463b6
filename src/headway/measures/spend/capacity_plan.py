"""What to order now, so that the demand expected when it arrives can be served at the least price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from headway.statistics.contrast import FloatArray
from headway.statistics.forecast import Forecast

IntArray: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that can be ordered.

    Attributes:
        name: what it is called.
        price: of one for an hour.
        capacity: what one serves, in the unit of demand.
        memory: what one holds, in the unit of the memory needed.
        region: where it stands; it serves demand of that region only.
        lead_hours: from the order until it serves.
        most: how many can be had.
    """

    name: str
    price: float
    capacity: float
    memory: float = 0.0
    region: str = ""
    lead_hours: float = 0.0
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Need:
    """What must be served in one region.

    Attributes:
        demand: the bound that demand stays below when the order arrives, in its unit.
        memory: what must be held at once.
        region: where.
    """

    demand: float
    memory: float = 0.0
    region: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What to order.

    Attributes:
        counts: how many of each shape; empty where no order serves the need.
        price: of all of them for an hour.
        binding: the rows that keep it from being cheaper, or from being possible.
        code: HW750 where nothing that can be had serves the need; HW753 where demand is not forecast as far
            ahead as the order takes.
        words: the answer in one line.
    """

    counts: Mapping[str, int]
    price: float
    binding: tuple[str, ...]
    code: str
    words: str


def need_at(ahead: Forecast, step_hours: float, lead_hours: float) -> float | None:
    """The upper bound of demand at and after the moment an order arrives; None beyond the forecast (HW753).

    An order that arrives in L hours must serve what comes from then on, so the largest bound after it counts.
    """
    first = math.ceil(lead_hours / step_hours)
    after = ahead.high[first:]
    return max(0.0, float(after.max())) if after.size else None


def order(shapes: Sequence[Shape], needs: Sequence[Need]) -> Order:
    """The cheapest order that serves every need: least Σ pn with Σ cn ≥ demand and Σ mn ≥ memory.

    Whole machines are ordered (an integer programme, by HiGHS). It is meant for planning, where there is
    time; `quick` answers at once (after RAS: Newell and others, "RAS: continuously optimized region-wide
    datacenter resource allocation", SOSP 2021).

    Args:
        shapes: what can be had.
        needs: one per region.

    Returns:
        The order; without counts and with HW750 where nothing serves the need, naming the row that fails.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows, least, named = _rows(shapes, needs)
    lacking = _lacking(shapes, rows, least, named)
    if lacking:
        return Order({}, 0.0, lacking, "HW750", f"no order serves it: {'; '.join(lacking)}")
    price = np.array([s.price for s in shapes])
    most = np.array([s.most for s in shapes])
    found = milp(
        price,
        integrality=np.ones(len(shapes), dtype=np.int64),
        bounds=Bounds(np.zeros(len(shapes)), most),
        constraints=LinearConstraint(rows, lb=least),
    )
    counts = np.round(np.asarray(found.x, dtype=np.float64)).astype(np.int64)
    return _ordered(shapes, counts, _binding(shapes, counts, rows, least, named))


def quick(shapes: Sequence[Shape], need: Need) -> Order:
    """A simple rule: as many as are needed of the one shape that serves the need cheapest."""
    here = [i for i, s in enumerate(shapes) if s.region == need.region]
    rows, least, named = _rows(shapes, [need])
    best: tuple[float, int, int] | None = None
    for i in here:
        column = rows[:, i]
        if ((column <= 0) & (least > 0)).any():
            continue
        wanted = math.ceil(max(0.0, *(least[column > 0] / column[column > 0]).tolist()) - 1e-9)
        if wanted <= shapes[i].most and (best is None or wanted * shapes[i].price < best[0]):
            best = (wanted * shapes[i].price, i, wanted)
    if best is None:
        lacking = _lacking(shapes, rows, least, named) or ("no shape alone serves it",)
        return Order({}, 0.0, lacking, "HW750", f"no order serves it: {'; '.join(lacking)}")
    counts = np.zeros(len(shapes), dtype=np.int64)
    counts[best[1]] = best[2]
    return _ordered(shapes, counts, _binding(shapes, counts, rows, least, named))


def _rows(shapes: Sequence[Shape], needs: Sequence[Need]) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Each need as rows over shapes, with the least that is wanted and a name."""
    rows, least, named = [], [], []
    for need in needs:
        here = [s.region == need.region for s in shapes]
        where = f" in {need.region}" if need.region else ""
        for what, wanted, of in (
            ("demand", need.demand, [s.capacity for s in shapes]),
            ("memory", need.memory, [s.memory for s in shapes]),
        ):
            rows.append([v if h else 0.0 for v, h in zip(of, here, strict=True)])
            least.append(wanted)
            named.append(f"{what}{where}")
    return np.array(rows), np.array(least), tuple(named)


def _lacking(
    shapes: Sequence[Shape], rows: FloatArray, least: FloatArray, named: Sequence[str]
) -> tuple[str, ...]:
    """The rows that everything that can be had does not fill; each on its own, since more never hurts."""
    made = []
    for row, wanted, name in zip(rows, least, named, strict=True):
        there = sum(v * s.most for v, s in zip(row, shapes, strict=True) if v > 0)
        if there < wanted - 1e-9:
            made.append(f"{name} of {wanted:g}, where at most {there:g} can be had")
    return tuple(made)


def _binding(
    shapes: Sequence[Shape], counts: IntArray, rows: FloatArray, least: FloatArray, named: Sequence[str]
) -> tuple[str, ...]:
    """The rows that one machine less of any kind ordered would leave unfilled, and what is sold out."""
    made = []
    filled = rows @ counts
    for row, wanted, name, full in zip(rows, least, named, filled, strict=True):
        smallest = min((v for v, n in zip(row, counts, strict=True) if n and v > 0), default=math.inf)
        if wanted > 0 and full - smallest < wanted:
            made.append(name)
    sold_out = [s for s, n in zip(shapes, counts, strict=True) if n and n >= s.most]
    return (*made, *(f"{s.name}: all {s.most:g} are ordered" for s in sold_out))


def _ordered(shapes: Sequence[Shape], counts: IntArray, binding: tuple[str, ...]) -> Order:
    chosen = {s.name: int(n) for s, n in zip(shapes, counts, strict=True) if n}
    price = float(sum(s.price * n for s, n in zip(shapes, counts, strict=True)))
    listed = ", ".join(f"{n} x {name}" for name, n in chosen.items()) or "nothing"
    return Order(chosen, price, binding, "", f"order {listed} at {price:g} an hour")
