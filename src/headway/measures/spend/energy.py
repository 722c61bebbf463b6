"""The measure ``energy``: kWh, carbon and carbon per outcome of what an initiative holds and uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from headway.aggregates.engine import Bound
from headway.aggregates.request import Request
from headway.facts.rate import Rate
from headway.kernel.diagnostic import Diagnostic
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json
from headway.measures.base import Absent, Ask, Finding, Given, Result
from headway.measures.spend.daily import counts, counts_request
from headway.measures.spend.energy_meter import Meter, energy_request, meter_of
from headway.measures.spend.holding import part_of, unheld
from headway.measures.spend.power import DeviceHours, carbon_intensity, embodied_grams, kwh_of, shared_out
from headway.measures.spend.rates import bound_rates, rate_request, rates_in
from headway.portfolio.component import Component
from headway.portfolio.economics import Energy

ENERGY, CARBON, INTENSITY = "energy", "carbon", "carbon_intensity"
STANDS = timedelta(days=35)
# A grid changes: a factor of longer ago describes another one (HW449).
OLDEST_YEARS = 3
_THOUSAND = 1000.0


class EnergyMeasure:
    """Energy and carbon of each component with `energy:`, as far as the initiative holds it."""

    name = "energy"
    version = "1"
    after: tuple[str, ...] = ()

    def needs(self, ask: Ask) -> tuple[Request, ...]:
        """Its meter by workload and day, powers, the carbon of its grid, and what its outcomes count."""
        return tuple(r for component, bound in _metered(ask) for r in _requests(ask, component, bound))

    def estimate(self, ask: Ask, given: Given) -> Result:
        """Per component kWh, grams, and grams a unit."""
        bound = {c.component: b for c, b in _metered(ask)}
        found = [_One(ask, c, bound.get(c.component), given).result() for c in _components(ask)]
        return Result(
            tuple(f for r in found for f in r.findings),
            tuple(a for r in found for a in r.absent),
            tuple(d for r in found for d in r.diagnostics),
        )


def _components(ask: Ask) -> list[Component]:
    known = ask.portfolio.components
    return [known[c] for c in ask.initiative.uses if c in known and known[c].energy]


def _metered(ask: Ask) -> Iterator[tuple[Component, Bound]]:
    for component in _components(ask):
        bound = ask.bound.get(component.usage or "")
        if bound is not None and bound.fact.name == "usage" and not bound.summed:
            yield component, bound


def _requests(ask: Ask, component: Component, bound: Bound) -> tuple[Request, ...]:
    units = _units_request(ask)
    return (energy_request(ask, bound), *_rates(ask, component), *([units] if units else ()))


def _rates(ask: Ask, component: Component) -> list[Request]:
    declared = component.energy
    assert declared is not None  # noqa: S101  only components with energy are asked
    sources = bound_rates(ask, declared.factors)
    powers = [rate_request(b, "power", declared.device) for b in sources if declared.device]
    return [*powers, *(rate_request(b, "carbon", declared.grid) for b in sources if declared.grid)]


def _units_request(ask: Ask) -> Request | None:
    declared = ask.initiative.unit_cost
    bound = ask.bound.get(declared.source) if declared else None
    if declared is None or bound is None or bound.fact.name != "series":
        return None
    return counts_request(ask, bound, declared.metric)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The initiative's energy, without PUE, and how it is known.

    Attributes:
        kwh: all of it.
        idle_kwh: the part that its devices draw while they only wait, where that is reckoned.
        devices: its device-hours.
        grade: C where it was metered, D where it is reckoned from design power.
        method: how.
        reasons: what was assumed.
    """

    kwh: float
    idle_kwh: float | None
    devices: DeviceHours
    grade: Grade
    method: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _One:
    """One component's energy for one initiative."""

    ask: Ask
    component: Component
    bound: Bound | None
    given: Given

    @property
    def declared(self) -> Energy:
        assert self.component.energy is not None  # noqa: S101  only components with energy are asked
        return self.component.energy

    def result(self) -> Result:
        read = (self.component.usage or "", *self.component.rates)
        failed = next((self.given.failed[s] for s in read if s in self.given.failed), "")
        if failed or self.bound is None:
            name = self.component.component
            why = failed or f"no source meters what {name} uses (`usage:` of the component)"
            return self._absent("source_failed" if failed else "none", why)
        meter = meter_of(self.given.sums[energy_request(self.ask, self.bound)])
        drawn = self._drawn(meter)
        if isinstance(drawn, Result):
            return drawn
        kwh = drawn.kwh * self.declared.pue
        detail: dict[str, Json] = {
            "pue": self.declared.pue,
            "device_hours": drawn.devices.granted,
            "device_hours_used": drawn.devices.used,
        }
        if drawn.idle_kwh is not None:
            detail |= {"idle_share": self.declared.idle, "idle_kwh": drawn.idle_kwh * self.declared.pue}
        energy = self._finding(ENERGY, (kwh, "kWh"), drawn, meter, detail)
        rest = self._carbon(kwh, drawn, meter) if self.declared.grid else Result()
        return Result((energy, *rest.findings), rest.absent, rest.diagnostics)

    def _drawn(self, meter: Meter) -> _Drawn | Result:
        name, idle = self.ask.initiative.initiative, self.declared.idle
        part = None if meter.says_holder else part_of(self.ask, self.component.component)
        if not meter.says_holder and part is None:
            return self._absent("none", unheld(self.ask, self.component.component))
        own = _own(meter, name, None if part is None else float(part))
        if meter.kwh:
            kwh = _metered_kwh(meter, name, idle) if part is None else sum(meter.kwh.values()) * float(part)
            reasons = ("metered; a shared device by held and busy device-hours",)
            return _Drawn(kwh, None, own, Grade.C, f"metered energy x PUE {self.declared.pue:g}", reasons)
        watts = self._watts()
        if isinstance(watts, Diagnostic):
            return self._absent("none", watts.what, watts)
        if watts is None or not meter.devices:
            lacks = "its meter counts neither energy nor power, nor the use of devices of known power"
            return self._absent("none", lacks)
        assumed = f"of which an idle device is assumed to draw {idle * 100:g} %"
        reasons = (f"no meter counts energy: {watts:g} W by design, {assumed}",)
        method = f"{watts:g} W x ({idle:g} + {1 - idle:g} x use) x hours x PUE {self.declared.pue:g}"
        waiting = watts * idle * own.granted / _THOUSAND
        return _Drawn(kwh_of(own, watts, idle), waiting, own, Grade.D, method, reasons)

    def _watts(self) -> float | Diagnostic | None:
        if self.declared.watts is not None:
            return self.declared.watts
        if self.declared.device is None:
            return None
        stated = [r for r in self._stated("power") if r.value is not None]
        if stated:
            return float(stated[0].value or 0)
        what = f"no table states the power of '{self.declared.device}'"
        place = self.ask.portfolio.place("component", self.component.component, "energy", "device")
        mend = "name a source of kind carbon_factors under energy.factors, or write energy.watts"
        return Diagnostic("HW351", what, place, mend, subject=self.component.component)

    def _stated(self, kind: str) -> list[Rate]:
        """The rates of a kind, those of the source declared first in front."""
        asked = [r for r in _rates(self.ask, self.component) if ("kind", kind) in r.where]
        return [rate for r in asked if r in self.given.sums for rate in rates_in(self.given.sums[r])]

    def _carbon(self, kwh: float, drawn: _Drawn, meter: Meter) -> Result:
        """Carbon by the factor declared first, with every other one shown beside it."""
        factors = [r for r in self._stated("carbon") if r.value is not None]
        told = self._old(factors)
        if not factors:
            why = f"no table states the carbon of the grid '{self.declared.grid}'"
            absent = tuple(Absent(self._named(m), "none", why) for m in (CARBON, INTENSITY))
            return Result(absent=absent, diagnostics=told)
        per_kwh = float(factors[0].value or 0)
        detail: dict[str, Json] = {
            "kwh": kwh,
            "g_per_kwh": per_kwh,
            "factor": _source(factors[0]),
            "other_factors": [f"{float(r.value or 0):g} g/kWh, {_source(r)}" for r in factors[1:]],
        }
        found = [self._finding(CARBON, (kwh * per_kwh / _THOUSAND, "kg CO2e"), drawn, meter, detail)]
        per = self._units(meter)
        if per is None:
            why = "nothing counts its outcomes (`unit_cost:`) or its tokens while it ran"
            return Result(tuple(found), (Absent(self._named(INTENSITY), "none", why),), told)
        units, word = per
        embodied = self.declared.embodied
        made = embodied_grams(embodied.kilograms, embodied.years, drawn.devices.granted) if embodied else 0.0
        more: dict[str, Json] = {**detail, "units": units, "embodied_g": made if embodied else "not declared"}
        value = carbon_intensity(kwh, per_kwh, made, units)
        found.append(self._finding(INTENSITY, (value, f"g CO2e per {word}"), drawn, meter, more))
        return Result(tuple(found), diagnostics=told)

    def _old(self, factors: list[Rate]) -> tuple[Diagnostic, ...]:
        """HW449: a factor that is absent, old, or of a year that nobody tells; once for each component."""
        name = self.component.component
        first = next(n for n, i in self.ask.portfolio.initiatives.items() if name in i.uses)
        year, today = _year(factors[0]) if factors else None, self.ask.today.year
        if first != self.ask.initiative.initiative or (year is not None and today - year <= OLDEST_YEARS):
            return ()
        grid = self.declared.grid
        what = f"the carbon factor of '{grid}' is of {year}, more than {OLDEST_YEARS} years ago"
        if year is None:
            what = f"nothing tells the year of the carbon factor of '{grid}'"
        if not factors:
            what = f"no table states the carbon of the grid '{grid}'"
        place = self.ask.portfolio.place("component", name, "energy", "grid")
        mend = "name a newer table first under energy.factors, and its day under `dated` of that source"
        return (Diagnostic("HW449", what, place, mend, subject=name),)

    def _units(self, meter: Meter) -> tuple[float, str] | None:
        """What the carbon is divided by: outcomes while the meter ran, else thousands of tokens."""
        declared, request = self.ask.initiative.unit_cost, _units_request(self.ask)
        if declared and request in self.given.sums and request is not None and meter.window:
            first, last = (moment.date() for moment in meter.window)
            units = sum(float(n) for d, n in counts(self.given.sums[request]).items() if first <= d <= last)
            if units > 0:
                return units, declared.per
        name = self.ask.initiative.initiative if meter.says_holder else ""
        tokens = meter.tokens.get(name, 0.0)
        return (tokens / _THOUSAND, "1,000 tokens") if tokens > 0 else None

    def _named(self, metric: str) -> str:
        return f"{metric} [{self.component.component}]"

    def _finding(
        self, metric: str, amount: tuple[float, str], drawn: _Drawn, meter: Meter, detail: Mapping[str, Json]
    ) -> Finding:
        value, unit = amount
        estimate = Estimate(
            value=value,
            low=value,
            high=value,
            level=1.0,
            unit=unit,
            n=meter.bins,
            method=drawn.method,
            grade=drawn.grade,
            grade_reasons=drawn.reasons,
            detail=dict(detail),
        )
        assert self.bound is not None  # noqa: S101  it was measured from
        written = self.ask.portfolio.documents["component", self.component.component].digest
        requests = _requests(self.ask, self.component, self.bound)
        return Finding(self._named(metric), estimate, meter.window, STANDS, requests, {"component": written})

    def _absent(self, reason: str, why: str, *told: Diagnostic) -> Result:
        return Result(absent=(Absent(self._named(ENERGY), reason, why),), diagnostics=told)


def _own(meter: Meter, name: str, part: float | None) -> DeviceHours:
    """The device-hours of an initiative: of what it holds, or its part of all."""
    mine = [h for w, h in meter.devices.items() if part is not None or meter.holder[w] == name]
    scale = 1.0 if part is None else part
    return DeviceHours(sum(h.granted for h in mine) * scale, sum(h.used for h in mine) * scale)


def _metered_kwh(meter: Meter, name: str, idle: float) -> float:
    """Energy of the workloads it holds, and its part of devices that several use."""
    own = sum(kwh for w, kwh in meter.kwh.items() if meter.holder[w] == name)
    shared = sum(kwh for w, kwh in meter.kwh.items() if not meter.holder[w])
    tenants: dict[str, DeviceHours] = {}
    for workload, hours in meter.devices.items():
        if workload not in meter.kwh:
            before = tenants.get(meter.holder[workload], DeviceHours())
            tenants[meter.holder[workload]] = DeviceHours(
                before.granted + hours.granted, before.used + hours.used
            )
    return own + shared_out(shared, tenants, idle).get(name, 0.0)


def _year(rate: Rate) -> int | None:
    return rate.year or (rate.valid_from.year if rate.valid_from else None)


def _source(rate: Rate) -> str:
    return f"{rate.source or 'source not told'}, {_year(rate) or 'year not told'}"
