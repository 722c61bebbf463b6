"""How directly each source of usage sees the work of GPUs, and what would raise it."""

from __future__ import annotations

from collections.abc import Iterator

from headway.aggregates.engine import Bound
from headway.app.doctor_finding import Finding
from headway.facts import USAGE
from headway.facts.rungs import POOR, RAISE, RUNGS, grade_by
from headway.kernel.estimate import Grade
from headway.portfolio.load import Portfolio

_SHOWN = 5


def rungs_of(portfolio: Portfolio, bound: Bound) -> Iterator[Finding]:
    """The rung of each workload of a source, by resource; nothing where it says none.

    Raises:
        Exception: whatever the engine raises.
    """
    if bound.fact is not USAGE or bound.summed or "rung" not in bound.columns:
        return
    place = str(portfolio.place("source", bound.source))
    for resource, workloads in sorted(_read(bound).items()):
        by: dict[str, list[str]] = {}
        for workload, rung in sorted(workloads.items()):
            by.setdefault(rung, []).append(workload)
        of = "workload" if len(by[min(by)]) == 1 else "workloads"
        counted = [f"{rung} on {len(by[rung])}{f' {of}' if rung == min(by) else ''}" for rung in sorted(by)]
        worst = max(by)
        what = f"{resource}: {', '.join(counted)}"
        if worst in POOR:
            named = ", ".join(by[worst][:_SHOWN]) + (" ..." if len(by[worst]) > _SHOWN else "")
            grade = grade_by(worst, sizing=True)[0].value
            what += f"; {named}: {RUNGS[worst]}; grade {grade} for a size"
            yield Finding("source", bound.source, "warning", what, RAISE, "HW348", place)
        elif worst != min(RUNGS):
            yield Finding("source", bound.source, "note", f"{what}; grade {Grade.C.value}", RAISE, "", place)
        else:
            yield Finding("source", bound.source, "well", what)


def _read(bound: Bound) -> dict[str, dict[str, str]]:
    """The lowest rung of each workload, by resource."""
    table = bound.opened.table
    named = table.filter(table["rung"].isin(list(RUNGS)))
    asked = named.group_by(["resource", "workload"]).aggregate(rung=named["rung"].max())
    found: dict[str, dict[str, str]] = {}
    for row in bound.opened.engine.fetch(asked).to_pylist():
        found.setdefault(str(row["resource"]), {})[str(row["workload"])] = str(row["rung"])
    return found
