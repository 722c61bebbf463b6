"""From use to kWh, from kWh to whoever caused it, and from kWh to carbon per outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A counter or a bin of energy in its unit, in kWh.
KWH = {"kWh": 1.0, "Wh": 1e-3, "J": 1 / 3.6e6, "mJ": 1 / 3.6e9}
WATTS = {"W": 1.0, "kW": 1e3, "mW": 1e-3}
# A year in hours, leap years counted in.
YEAR_HOURS = 8766.0
_KILO = 1000.0


@dataclass(frozen=True, slots=True)
class DeviceHours:
    """How long devices were held, and how long they were at work (use times hours).

    Attributes:
        granted: device-hours held.
        used: device-hours at full use.
    """

    granted: float = 0.0
    used: float = 0.0

    def weight(self, idle: float) -> float:
        """Device-hours at full power that draw the same: idle x held + (1 - idle) x used."""
        return idle * self.granted + (1 - idle) * self.used


def kwh_of(hours: DeviceHours, watts: float, idle: float) -> float:
    """Energy of devices that no meter counts: power x (idle + (1 - idle) x use) x hours, without PUE.

    Args:
        hours: of devices held and used.
        watts: design power of one device.
        idle: the share of it that an idle device draws, an assumption.

    >>> round(kwh_of(DeviceHours(granted=24, used=12), watts=400, idle=0.15) * 1.2, 3)
    6.624
    """
    return watts * hours.weight(idle) / _KILO


def shared_out(kwh: float, tenants: Mapping[str, DeviceHours], idle: float) -> dict[str, float]:
    """The metered energy of shared devices by tenant: never whole to each.

    What the devices draw idle follows what is held, the rest follows how long it was at work. Without anybody
    at work or holding it, nothing is given to anybody.

    Args:
        kwh: what was metered.
        tenants: device-hours of each.
        idle: the share of its power that an idle device draws.

    >>> half = DeviceHours(granted=0.5, used=0.0)
    >>> shared_out(3.0, {"a": half, "b": half}, 0.15)
    {'a': 1.5, 'b': 1.5}
    """
    whole = sum(t.weight(idle) for t in tenants.values())
    return {name: kwh * t.weight(idle) / whole for name, t in tenants.items()} if whole > 0 else {}


def embodied_grams(kilograms: float, years: float, device_hours: float) -> float:
    """The part of a device's making that some hours of it bear (M of the Software Carbon Intensity).

    >>> embodied_grams(kilograms=150, years=4, device_hours=8766)
    37500.0
    """
    return kilograms * _KILO * device_hours / (years * YEAR_HOURS)


def carbon_intensity(kwh: float, grams_per_kwh: float, embodied: float, units: float) -> float:
    """Software Carbon Intensity (E x I + M) / R in g CO2e a unit (SCI 1.1, ISO/IEC 21031).

    >>> round(carbon_intensity(kwh=6.624, grams_per_kwh=380.95, embodied=0.0, units=1000), 4)
    2.5234
    """
    return (kwh * grams_per_kwh + embodied) / units
