"""A pilot whose rows stay with its authors: figures as printed, graded by their design, always cited."""

from __future__ import annotations

from datetime import UTC, datetime, time

from headway.kernel.estimate import Estimate, Grade
from headway.measures.base import STANDS, Finding
from headway.measures.value.effect.record import named
from headway.portfolio.pilot import Pilot, PublishedEstimate

_GRADES = {"randomised": Grade.A, "clusters": Grade.A, "observational": Grade.C}


def published_effects(pilot: Pilot) -> tuple[Finding, ...]:
    """One finding per published estimate.

    The pilot's metric is the outcome, its proxies are proxies; what is neither is kept as a guardrail.
    """
    arms = len({e.arm for e in pilot.estimates})
    return tuple(_finding(pilot, estimate, arms) for estimate in pilot.estimates)


def _finding(pilot: Pilot, printed: PublishedEstimate, arms: int) -> Finding:
    grade = _GRADES[printed.design]
    role = (
        "outcome"
        if printed.metric == pilot.metric
        else "proxy"
        if printed.metric in pilot.proxies
        else "guardrail"
    )
    estimate = Estimate(
        value=float(printed.value),
        low=float(printed.low),
        high=float(printed.high),
        level=printed.level,
        unit="relative change" if printed.scale != "absolute" else printed.metric,
        n=printed.n or 0,
        method=f"{printed.method or 'as published'}; {pilot.citation}",
        grade=grade,
        grade_reasons=(f"published, graded by its design: {printed.design}",),
        detail={
            "arm": printed.arm,
            "role": role,
            "scale": printed.scale,
            "se": printed.se,
            "df": printed.df,
            "clusters": printed.clusters,
            "interval": "once",
            "citation": pilot.citation,
            "design": "published",
        },
    )
    last = pilot.dates.ends if pilot.dates else pilot.published
    first = pilot.dates.starts if pilot.dates else pilot.published
    observed = None
    if first and last:
        observed = (datetime.combine(first, time.min, UTC), datetime.combine(last, time.min, UTC))
    return Finding(named(printed.metric, printed.arm, arms), estimate, observed, STANDS[grade])
