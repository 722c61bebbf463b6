"""What is told of workloads whose history carries no advice yet, and of signals too poor for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from headway.kernel.diagnostic import Diagnostic
from headway.measures.spend.advice import Advice
from headway.portfolio.load import Portfolio

_MENDS = {
    "HW440": "wait: history grows by itself; or declare the cycle: capacity: {season: daily}",
    "HW441": "wait for a whole cycle on the new level; advice that is renewed daily goes on",
    "HW442": "find why bins are missing: a gap is not idle time",
    "HW443": "wait for more samples, or take them in shorter bins",
}
POOR = ("R3", "R4")
"""Rungs that see that a device runs, and not how hard it works."""


def uncovered(
    portfolio: Portfolio, component: str, resource: str, advices: Sequence[Advice]
) -> Iterator[Diagnostic]:
    """HW440 to HW443 and HW451 on the workloads of one component and resource, each told once.

    Args:
        portfolio: where the component is declared.
        component: its name.
        resource: gpu, memory ...
        advices: of all its workloads.
    """
    place = portfolio.place("component", component)
    for code, mend in _MENDS.items():
        lacking = [a for a in advices if code in a.coverage.codes]
        if lacking:
            covered = lacking[0].coverage
            why = covered.reasons[covered.codes.index(code)]
            what = f"{_many(lacking, advices)} of '{component}' [{resource}]: {why}"
            yield Diagnostic(code, what + _enough(lacking), place, mend, subject=component)
    poor = [a for a in advices if a.rung in POOR]
    if poor:
        rungs = ", ".join(sorted({a.rung for a in poor}))
        what = (
            f"{_many(poor, advices)} of '{component}' [{resource}]: {rungs} sees that a device runs, not how"
            " hard it works, so that advice is of grade D"
        )
        mend = "let the exporter tell SM_ACTIVE or GR_ENGINE_ACTIVE; `headway doctor` names the line"
        yield Diagnostic("HW451", what, place, mend, subject=component)


def _many(some: Sequence[Advice], advices: Sequence[Advice]) -> str:
    return f"{len(some)} of {len(advices)} workload{'s' if len(advices) > 1 else ''}"


def _enough(lacking: Iterable[Advice]) -> str:
    """The day on which the first of them will do."""
    days = [a.coverage.sufficient_on for a in lacking if a.coverage.sufficient_on]
    return f"; enough on {min(days).isoformat()}" if days else ""
