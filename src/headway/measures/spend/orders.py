"""The measure ``orders``: what to order now for the demand that is to come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from headway.aggregates.request import Request
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.capacity_plan import Need, Order, Shape, order
from headway.measures.spend.demand import HOUR, demand_of
from headway.measures.spend.load import Load
from headway.measures.spend.loads import Meter, Metered, load_request, metered
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.forecast import Forecast, forecast, models_of

PRICE = "order_price"
STANDS = timedelta(days=7)
LEVEL = 0.95
"""Demand stays below its bound with this chance: being short costs nineteen times what holding does."""

_DAY, _WEEK = 24, 168
_HISTORY = 4
"""Demand is forecast a quarter as far as its history reaches back."""

_MEMORY = {"gpu": "gpu.memory", "cpu": "memory"}


class OrdersMeasure:
    """The cheapest order that serves the forecast of each component that declares what can be ordered."""

    name = "orders"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Loads by the hour of the components that declare it."""
        return tuple(load_request(ask, of) for of in _ordering(ask))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """The price of an hour of what is to be ordered, per component."""
        components = (ask.portfolio.components.get(c) for c in ask.initiative.uses)
        broken = [
            Absent(f"{PRICE} [{c.component}]", "source_failed", given.failed[c.usage])
            for c in components
            if c and c.capacity and c.capacity.order and c.usage and c.usage in given.failed
        ]
        if broken:
            return Result(absent=tuple(broken))
        made = [_of_component(ask, of, given) for of in _ordering(ask)]
        return Result(
            tuple(f for r in made for f in r.findings),
            tuple(a for r in made for a in r.absent),
            tuple(d for r in made for d in r.diagnostics),
        )


def _ordering(ask: Ask) -> list[Metered]:
    return [of for of in metered(ask) if of.dated and of.settings.order]


def _of_component(ask: Ask, of: Metered, given: Given) -> Result:
    component = of.component.component
    metric = f"{PRICE} [{component}]"
    request = load_request(ask, of)
    loads = Meter.of(given.sums[request]).loads(of.settings.granted)
    resource = of.settings.resource
    demand = _ahead(loads, resource)
    if isinstance(demand, str):
        return Result(absent=(Absent(metric, "coverage", demand),))
    memory = _ahead(loads, _MEMORY.get(resource, ""))
    horizon = len(demand.high)
    far = [s for s in of.settings.order if _hours(s.lead) >= horizon]
    told = [_too_far(ask, component, s.shape, _hours(s.lead), horizon) for s in far]
    shapes = [
        Shape(s.shape, s.price, s.capacity, s.memory, "", _hours(s.lead), s.most or math.inf)
        for s in of.settings.order
        if s not in far
    ]
    if not shapes:
        why = f"nothing that can be ordered comes within the {horizon} hours that demand is forecast for"
        return Result(absent=(Absent(metric, "coverage", why),), diagnostics=tuple(told))
    lead = max(math.ceil(s.lead_hours) for s in shapes)
    held = None if isinstance(memory, str) or not any(s.memory for s in shapes) else memory
    made = order(shapes, [_need(demand.high, held.high if held else None, lead)])
    if made.code:
        told.append(_infeasible(ask, component, made))
        return Result(absent=(Absent(metric, "none", made.words),), diagnostics=tuple(told))
    likely = order(shapes, [_need(demand.values, held.values if held else None, lead)])
    estimate = _estimate(ask, made, likely, demand, lead)
    own = [load for load in loads if load.resource == resource]
    ends = min(x.at[0] for x in own), max(x.at[-1] for x in own)
    window = (datetime.fromtimestamp(ends[0], UTC), datetime.fromtimestamp(ends[1], UTC))
    return Result((Finding(metric, estimate, window, STANDS, (request,)),), (), tuple(told))


def _ahead(loads: Sequence[Load], resource: str) -> Forecast | str:
    """Demand of all workloads hour by hour, a quarter as far ahead as it is known; in words why not."""
    own = [load for load in loads if load.resource == resource]
    if not own:
        return f"no use of {resource} is metered by the hour"
    demand = demand_of(own).every(HOUR)
    used = demand.used[demand.present]
    horizon = len(used) // _HISTORY // _DAY * _DAY
    if not horizon:
        return f"{len(used)} hours of use are known, {_HISTORY * _DAY} are needed"
    week = _WEEK if len(used) >= 2 * _WEEK else 0
    try:
        return forecast(used, horizon, LEVEL, models_of(_DAY, week), origins=max(1, _HISTORY - 1))
    except Degenerate as fault:
        return fault.detail


def _need(demand: FloatArray, memory: FloatArray | None, lead: int) -> Need:
    """The most that is expected from the moment on at which everything ordered has come."""
    return Need(float(demand[lead:].max()), float(memory[lead:].max()) if memory is not None else 0.0)


def _estimate(ask: Ask, made: Order, likely: Order, demand: Forecast, lead: int) -> Estimate:
    counts: dict[str, Json] = dict(made.counts)
    detail: dict[str, Json] = {
        "order": counts,
        "binding": list(made.binding),
        "demand": float(demand.high[lead:].max()),
        "hours": len(demand.high),
        "forecast": demand.model,
    }
    return Estimate(
        value=made.price,
        low=min(likely.price, made.price),
        high=made.price,
        level=LEVEL,
        unit=f"{ask.portfolio.settings.currency} per hour",
        n=len(demand.high),
        method=f"least price that serves the upper bound of demand ({made.words})",
        grade=Grade.C,
        grade_reasons=("a forecast from use that was observed",),
        detail=detail,
    )


def _hours(lead: timedelta) -> float:
    return lead.total_seconds() / HOUR


def _too_far(ask: Ask, component: str, shape: str, lead: float, horizon: int) -> Diagnostic:
    place = ask.portfolio.place("component", component, "capacity")
    what = (
        f"'{shape}' takes {lead:g} hours to come, and demand on {component} is forecast {horizon} hours ahead"
    )
    mend = "meter it longer: demand is forecast a quarter as far as its history reaches back"
    return Diagnostic("HW753", what, place, mend, subject=ask.initiative.initiative)


def _infeasible(ask: Ask, component: str, made: Order) -> Diagnostic:
    place = ask.portfolio.place("component", component, "capacity")
    mend = "raise `most` of a shape under order, or add one that serves it"
    return Diagnostic("HW750", f"{component}: {made.words}", place, mend, subject=ask.initiative.initiative)
