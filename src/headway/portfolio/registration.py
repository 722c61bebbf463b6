"""What a registration freezes of a pilot: all that could be chosen anew once its data are seen."""

from __future__ import annotations

from headway.kernel.identity import Json, digest
from headway.kernel.quantity import parse_share, show_duration
from headway.portfolio.guardrail import Margin
from headway.portfolio.pilot import Pilot, PilotWindow

SCHEMA = "headway.registration/1"
# The act by which a design enters the ledger.
ACT = "design_registered"
# r is fixed at this level whatever a gate asks for later (measurement.md 5.4).
ALPHA = 0.05


def frozen(pilot: Pilot) -> dict[str, Json]:
    """The design as it is registered.

    The last day is not in it where results may be looked at all along: what holds at every look may run
    longer. The source, the money and the words are not in it either: they change no number.
    """
    from headway.statistics.sequential import r_star

    dates, window, plan = pilot.dates, pilot.window, pilot.plan
    once = pilot.looks == "once"
    return {
        "schema": SCHEMA,
        "key": pilot.key,
        "design": pilot.design,
        "unit": pilot.unit,
        "cluster": pilot.cluster,
        "arms": dict(pilot.arms),
        "control": pilot.control,
        "metric": pilot.metric,
        "statistic": pilot.statistic,
        "objective": {"change": pilot.objective.value, "scale": pilot.objective.scale},
        "promote_above": parse_share(pilot.promote_above),
        "window": _window(window) if window else None,
        "covariates": sorted(pilot.covariates),
        "fixed_effects": sorted(pilot.fixed_effects),
        "starts": dates.starts.isoformat() if dates else None,
        "ends": dates.ends.isoformat() if dates and once else None,
        "looks": pilot.looks,
        "plan": {
            "units": plan.units,
            "icc": plan.icc,
            "smallest_effect": parse_share(plan.smallest_effect) if plan.smallest_effect else None,
        }
        if plan
        else None,
        "guardrails": [
            {
                "metric": one.metric,
                "kind": one.kind,
                "worse": one.worse,
                "margin": _margin(one.margin),
            }
            for one in sorted(pilot.guardrails, key=lambda one: one.metric)
        ],
        "alpha": ALPHA,
        "r": r_star(ALPHA),
    }


def digest_of(pilot: Pilot) -> str:
    """Names a design: equal designs have equal digests, however they are written."""
    return digest(frozen(pilot))


def _margin(margin: Margin) -> dict[str, Json]:
    """How much worse a guardrail may become; in the metric's own unit only where it says so."""
    made: dict[str, Json] = {k: getattr(margin, k) for k in ("ratio", "relative", "ceiling")}
    return made if margin.absolute is None else {**made, "absolute": margin.absolute}


def _window(window: PilotWindow) -> dict[str, Json]:
    """How long a unit is watched; what its values become only where that is not their sum."""
    made: dict[str, Json] = {"length": show_duration(window.length), "absent": window.absent}
    kinds = {metric: kind for metric, kind in sorted(window.aggregate.items()) if kind != "sum"}
    return {**made, "aggregate": kinds} if kinds else made
