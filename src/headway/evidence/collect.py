"""Run every measure over every initiative in one pass over the sources."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from headway.aggregates.ask import Answers, Progress, ask
from headway.aggregates.engine import Bound, Read
from headway.aggregates.request import Request
from headway.evidence.record import Evidence, Missing, Provenance
from headway.kernel.diagnostic import Diagnostic, in_order
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest, instant
from headway.measures.base import Ask, Finding, Given, Measure, Result, measures
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio
from headway.sources.base import Context, bind


@dataclass(frozen=True, slots=True)
class Collected:
    """All evidence of a portfolio at one moment, what is missing, and how it was read.

    Attributes:
        evidence: by initiative.
        missing: by initiative, per metric that could not be estimated.
        diagnostics: faults of sources and warnings of measures.
        reads: every query that was sent, with whom it served.
        answers: the sums themselves, for portfolio totals.
        asks: by initiative, the setting its measures saw.
    """

    evidence: Mapping[str, tuple[Evidence, ...]]
    missing: Mapping[str, tuple[Missing, ...]]
    diagnostics: tuple[Diagnostic, ...]
    reads: tuple[Read, ...]
    answers: Answers
    asks: Mapping[str, Ask]


def collect(
    portfolio: Portfolio,
    as_of: datetime,
    received_at: datetime,
    store: Path,
    only: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Bind the sources, ask each once, and turn the sums into evidence.

    Args:
        portfolio: what was declared.
        as_of: the moment judged; rows after it are not read.
        received_at: the moment of this run, by the clock.
        store: where digests of files are remembered.
        only: initiatives to collect for; all by default.
        progress: told of each read as it starts.

    A source that cannot be bound or read fails its own evidence only.
    """
    chosen = {n: portfolio.initiatives[n] for n in (only or portfolio.initiatives)}
    bound, faults = _bind(portfolio, chosen, as_of, store)
    asks = {n: Ask(portfolio, i, as_of, bound, frozenset(faults)) for n, i in chosen.items()}
    every = measures()
    wanted = _wanted(every, asks)
    answers = ask([r for requests in wanted.values() for r in requests], bound, progress)
    faults |= answers.faults
    failed = {name: str(fault.happened) for name, fault in faults.items()}
    runs = {n: _Run(a, received_at, bound, every, answers, failed) for n, a in asks.items()}
    for run in runs.values():
        run.all()
    found = [d for run in runs.values() for d in run.diagnostics] + [
        _fault(portfolio, f) for f in faults.items()
    ]
    return Collected(
        {n: tuple(r.evidence) for n, r in runs.items()},
        {n: tuple(r.missing) for n, r in runs.items()},
        in_order(found),
        answers.reads,
        answers,
        asks,
    )


def _wanted(every: tuple[Measure, ...], asks: Mapping[str, Ask]) -> dict[tuple[str, str], list[Request]]:
    made: dict[tuple[str, str], list[Request]] = {}
    for name, one in asks.items():
        for measure in every:
            serves = f"{measure.name} of {name}"
            made[name, measure.name] = [replace(r, serves=serves) for r in measure.needs(one)]
    return made


def _bind(
    portfolio: Portfolio, chosen: Mapping[str, Initiative], as_of: datetime, store: Path
) -> tuple[dict[str, Bound], dict[str, SourceFault]]:
    used = _used(portfolio, chosen)
    context = Context(portfolio.root, instant(as_of), dict(os.environ), store)
    bound: dict[str, Bound] = {}
    faults: dict[str, SourceFault] = {}
    for name in used:
        context.folder = portfolio.beside("source", name, "")
        try:
            bound[name] = bind(portfolio.sources[name], context)
        except SourceFault as fault:
            faults[name] = fault
    return bound, faults


def _used(portfolio: Portfolio, chosen: Mapping[str, Initiative]) -> list[str]:
    """Sources that some measure may read: pilots', bills, and usage that an initiative names."""
    named = {i.pilot.source for i in chosen.values() if i.pilot and i.pilot.source}
    named |= {s for i in chosen.values() for s in i.uses}
    named |= {n for n, s in portfolio.sources.items() if s.fact == "cost"}
    return [n for n in portfolio.sources if n in named]


def _fault(portfolio: Portfolio, item: tuple[str, SourceFault]) -> Diagnostic:
    name, fault = item
    path = {"HW301": ("path",), "HW305": ("sql",), "HW303": ("columns",), "HW307": ("engine",)}.get(
        fault.code, ()
    )
    what = f"source '{name}': {fault.happened}"
    return Diagnostic(fault.code, what, portfolio.place("source", name, *path), fault.mend, subject=name)


class _Run:
    """One initiative through every measure."""

    def __init__(
        self,
        ask: Ask,
        received_at: datetime,
        bound: Mapping[str, Bound],
        every: tuple[Measure, ...],
        answers: Answers,
        failed: Mapping[str, str],
    ) -> None:
        self.ask = ask
        self.received_at = received_at
        self.bound = bound
        self.every = every
        self.answers = answers
        self.failed = failed
        self.evidence: list[Evidence] = []
        self.missing: list[Missing] = []
        self.diagnostics: list[Diagnostic] = []

    def all(self) -> None:
        earlier: dict[str, Result] = {}
        for measure in self.every:
            given = Given(self.answers.sums, self.failed, earlier)
            result = measure.estimate(self.ask, given)
            earlier[measure.name] = result
            self.diagnostics += result.diagnostics
            subject = self.ask.initiative.initiative
            self.missing += [Missing(subject, measure.name, a.metric, a.reason, a.why) for a in result.absent]
            for finding in result.findings:
                self._accept(measure, finding)

    def _accept(self, measure: Measure, finding: Finding) -> None:
        subject = self.ask.initiative.initiative
        if not finding.estimate.finite:
            why = "an end of its interval is not a finite number"
            self.missing.append(Missing(subject, measure.name, finding.metric, "source_failed", why))
            return
        asked: dict[str, Json] = {"measure_version": measure.version, **finding.parameters}
        provenance = tuple(self._provenance(r) for r in finding.requests)
        if not provenance:
            document = self.ask.portfolio.documents["initiative", subject]
            provenance = (Provenance("declared", "initiative", digest(document.plain), "declared"),)
        valid = finding.observed[1] + finding.stands if finding.observed else None
        self.evidence.append(
            Evidence(
                subject=subject,
                measure=measure.name,
                metric=finding.metric,
                estimate=finding.estimate.rounded(),
                observed=finding.observed,
                received_at=self.received_at,
                valid_until=valid,
                closed=_closed(self.ask) and measure.name in ("effect", "srm", "returns"),
                provenance=provenance,
                asked=asked,
            )
        )

    def _provenance(self, request: Request) -> Provenance:
        bound = self.bound[request.source]
        declared = self.ask.portfolio.sources[request.source]
        return Provenance(
            request.source,
            bound.fact.name,
            bound.digest,
            request.digest,
            None,
            declared.citation,
            declared.licence,
        )


def _closed(ask: Ask) -> bool:
    pilot = ask.initiative.pilot
    return pilot is not None and (pilot.dates is None or ask.as_of.date() >= pilot.dates.ends)
