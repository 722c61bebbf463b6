"""Run every measure over every initiative in one pass over the sources."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from headway.aggregates.ask import Answers, Progress, ask
from headway.aggregates.engine import Bound, Read
from headway.aggregates.memory import Memory
from headway.aggregates.request import Request, count
from headway.evidence.derived import derive_all
from headway.evidence.record import Evidence, Missing, Provenance
from headway.evidence.remarks import provisional, remarks_of
from headway.evidence.shared import Overlaps, overlap_faults, running, shared_units
from headway.evidence.wanted import wanted, wanted_again, words_of
from headway.facts import EVENT_FACTS
from headway.facts.act import Act
from headway.facts.commitment import COMMITMENT
from headway.facts.past_estimate import PAST_ESTIMATE, PastEstimate
from headway.kernel.diagnostic import Diagnostic, Severity, in_order
from headway.kernel.errors import SourceFault
from headway.kernel.identity import Json, digest, instant
from headway.measures.base import Absent, Ask, Finding, Given, Measure, Result, measures
from headway.portfolio.initiative import Initiative, derived_name
from headway.portfolio.load import Portfolio
from headway.portfolio.outcome import baseline_name
from headway.portfolio.sharing import sharings
from headway.sources.base import Context, bind

# Measures whose result is that of a pilot, and stands once it has ended.
OF_PILOT = ("effect", "srm", "returns")


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
        overlaps: running pilots that share units, where a promotion budget is declared.
    """

    evidence: Mapping[str, tuple[Evidence, ...]]
    missing: Mapping[str, tuple[Missing, ...]]
    diagnostics: tuple[Diagnostic, ...]
    reads: tuple[Read, ...]
    answers: Answers
    asks: Mapping[str, Ask]
    overlaps: Overlaps = field(default_factory=Overlaps)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is remembered, and where.

    Attributes:
        store: keeps the digests of files.
        memory: keeps the sums of contents.
        acts: what the ledger says, read before the measures are.
        past: the effects that its decisions looked at.
    """

    store: Path
    memory: Memory = field(default_factory=Memory)
    acts: tuple[Act, ...] = ()
    past: tuple[PastEstimate, ...] = ()


def collect(
    portfolio: Portfolio,
    as_of: datetime,
    received_at: datetime,
    keeping: Keeping,
    only: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Bind the sources, ask each once, and turn the sums into evidence.

    Args:
        portfolio: what was declared.
        as_of: the moment judged; rows after it are not read.
        received_at: the moment of this run, by the clock.
        keeping: where what is found out is remembered.
        only: initiatives to collect for; all by default.
        progress: told of each read as it starts.

    A source that cannot be bound or read fails its own evidence only; so does a measure that breaks, which
    is a fault of ours and is told as a note.

    Raises:
        KeyError: `only` names an initiative that there is not.
    """
    chosen = {n: portfolio.initiatives[n] for n in (portfolio.initiatives if only is None else only)}
    context = Context(portfolio.root, instant(as_of), dict(os.environ), keeping.store, keeping.memory)
    with closing(context):
        return _collect(
            portfolio, chosen, _When(as_of, received_at, keeping.acts, keeping.past), context, progress
        )


@dataclass(frozen=True, slots=True)
class _When:
    """The moment judged, the moment of the run, and what had been recorded."""

    as_of: datetime
    received_at: datetime
    acts: tuple[Act, ...]
    past: tuple[PastEstimate, ...]


def _collect(
    portfolio: Portfolio,
    chosen: Mapping[str, Initiative],
    when: _When,
    context: Context,
    progress: Progress | None,
) -> Collected:
    bound, faults = _bind(portfolio, chosen, context)
    recorded = (when.acts, when.past)
    asks = {n: Ask(portfolio, i, when.as_of, bound, frozenset(faults), *recorded) for n, i in chosen.items()}
    every = measures()
    asked, broken = wanted(every, asks)
    answers = ask(asked, bound, progress, context.memory)
    while again := wanted_again(every, asks, answers, broken):
        answers = answers.and_more(ask(again, bound, progress, context.memory))
    faults |= answers.faults
    failed = {name: str(fault.happened) for name, fault in faults.items()}
    runs = {n: _Run(a, when.received_at, answers, failed) for n, a in asks.items()}
    for name, run in runs.items():
        run.all(every, {m: why for (of, m), why in broken.items() if of == name})
    overlaps = shared_units(_beside(portfolio, asks, when, context), context.memory)
    found = [d for run in runs.values() for d in run.diagnostics] + [
        _fault(portfolio, f) for f in faults.items()
    ]
    found += [*overlap_faults(portfolio, overlaps, asks), *remarks_of(portfolio, bound)]
    return Collected(
        {n: tuple(r.evidence) for n, r in runs.items()},
        {n: tuple(r.missing) for n, r in runs.items()},
        in_order(found),
        answers.reads,
        answers,
        asks,
        overlaps,
    )


def _beside(
    portfolio: Portfolio, asks: Mapping[str, Ask], when: _When, context: Context
) -> Mapping[str, Ask]:
    """The running pilots whose units are compared: none where no promotion depends on it.

    Where not all initiatives are asked about, the sources of the others are bound for this alone; one that
    cannot be bound is told when its own initiative is asked about.
    """
    if portfolio.settings.promotion_budget is None or not any(map(running, asks.values())):
        return {}
    rest = {
        n: i
        for n, i in portfolio.initiatives.items()
        if n not in asks and running(Ask(portfolio, i, when.as_of, {}))
    }
    if not rest:
        return asks
    bound, faults = _bind(portfolio, rest, context)
    more = {n: Ask(portfolio, i, when.as_of, bound, frozenset(faults)) for n, i in rest.items()}
    return {**asks, **more}


def _bind(
    portfolio: Portfolio, chosen: Mapping[str, Initiative], context: Context
) -> tuple[dict[str, Bound], dict[str, SourceFault]]:
    used = _used(portfolio, chosen)
    bound: dict[str, Bound] = {}
    faults: dict[str, SourceFault] = {}
    for name in used:
        context.folder = portfolio.beside("source", name, "")
        try:
            bound[name] = bind(portfolio.sources[name], context)
        except SourceFault as fault:
            faults[name] = fault
        except Exception as error:  # noqa: BLE001  every driver raises its own kind; the review must go on
            faults[name] = SourceFault("HW306", name, words_of(error), "see what the engine said")
    derive_all(portfolio, chosen, context, bound, faults)
    return bound, faults


def _used(portfolio: Portfolio, chosen: Mapping[str, Initiative]) -> list[str]:
    """Sources that some measure may read: of pilots, bills, commitments, and use that somebody names."""
    pilots = [i.pilot for i in chosen.values() if i.pilot]
    named = {p.source for p in pilots if p.source}
    named |= {g.source for p in pilots for g in p.guardrails if g.source}
    used = {c for i in chosen.values() for c in i.uses if c in portfolio.components}
    named |= {usage for c in used if (usage := portfolio.components[c].usage)}
    named |= {s.usage for s in sharings(portfolio).values() if s.driver}
    named |= {rates for c in used for rates in portfolio.components[c].rates}
    named |= {source for i in chosen.values() for source in i.counts}
    always = ("cost", COMMITMENT.name, PAST_ESTIMATE.name)
    named |= {n for n, s in portfolio.sources.items() if s.fact in always}
    if any(i.pilot and i.pilot.over_events for i in chosen.values()):
        named |= {n for n, s in portfolio.sources.items() if s.fact in EVENT_FACTS}
    outcomes = (portfolio.outcomes.get(i.outcome) for i in chosen.values())
    named |= {o.baseline.measure for o in outcomes if o and o.baseline and o.baseline.measure}
    return [n for n in portfolio.sources if n in named]


def _fault(portfolio: Portfolio, item: tuple[str, SourceFault]) -> Diagnostic:
    name, fault = item
    path = {
        "HW301": ("path",),
        "HW305": ("sql",),
        "HW303": ("columns",),
        "HW307": ("engine",),
        "HW310": ("engine",),
        "HW352": ("digest",),
    }.get(fault.code, ())
    if path == ("engine",) and name in portfolio.sources and portfolio.sources[name].url:
        path = ("url",)
    level = next((n for n in portfolio.outcomes if baseline_name(n) == name), None)
    if level is not None:
        return Diagnostic(
            fault.code,
            fault.happened,
            portfolio.place("outcome", level, "baseline"),
            fault.mend,
            subject=level,
        )
    of = next((n for n in portfolio.initiatives if derived_name(n) == name), None)
    if of is not None:
        place = portfolio.place("initiative", of, "pilot")
        return Diagnostic(fault.code, fault.happened, place, fault.mend, subject=of)
    what = f"source '{name}': {fault.happened}"
    return Diagnostic(fault.code, what, portfolio.place("source", name, *path), fault.mend, subject=name)


class _Run:
    """One initiative through every measure."""

    def __init__(self, ask: Ask, received_at: datetime, answers: Answers, failed: Mapping[str, str]) -> None:
        self.ask = ask
        self.received_at = received_at
        self.answers = answers
        self.failed = failed
        self.evidence: list[Evidence] = []
        self.missing: list[Missing] = []
        self.diagnostics: list[Diagnostic] = []
        # The request is held beside its digest, so that no other one can take its place in memory.
        self._digests: dict[int, tuple[Request, str]] = {}

    @property
    def subject(self) -> str:
        return self.ask.initiative.initiative

    def all(self, every: tuple[Measure, ...], broken: Mapping[str, str]) -> None:
        """Run every measure, but for those that broke when they were asked what they need."""
        earlier: dict[str, Result] = {}
        for measure in every:
            result, evidence = self._run(measure, earlier, broken.get(measure.name))
            earlier[measure.name] = result
            self.evidence += evidence
            self.diagnostics += result.diagnostics
            self.missing += [
                Missing(self.subject, measure.name, a.metric, a.reason, a.why) for a in result.absent
            ]

    def _run(
        self, measure: Measure, earlier: Mapping[str, Result], broken: str | None
    ) -> tuple[Result, list[Evidence]]:
        if broken is None:
            try:
                given = Given(self.answers.sums, self.failed, dict(earlier))
                result = _finite(measure.estimate(self.ask, given))
                made = [self._evidence(measure, finding) for finding in result.findings]
                # What has no canonical form could be neither named nor pinned: it breaks here, not later.
                digest([evidence.as_json() for evidence in made])
                return result, made
            except Exception as error:  # noqa: BLE001  a bug in one measure must not cost the review
                broken = words_of(error)
        # HW306 is the nearest registered word: what should have been computed was not to be had.
        told = Diagnostic(
            "HW306",
            f"the measure '{measure.name}' broke on '{self.subject}': {broken}",
            self.ask.portfolio.place("initiative", self.subject),
            "report it with this line: it is a fault of headway, not of your files",
            severity=Severity.NOTE,
            subject=self.subject,
        )
        why = f"the measure broke, which is a fault of headway: {broken}"
        return Result(absent=(Absent(measure.name, "source_failed", why),), diagnostics=(told,)), []

    def _evidence(self, measure: Measure, finding: Finding) -> Evidence:
        asked: dict[str, Json] = {"measure_version": measure.version, **finding.parameters}
        if measure.after:
            asked["declared"] = self._declared()
        return Evidence(
            subject=self.subject,
            measure=measure.name,
            metric=finding.metric,
            estimate=provisional(
                finding.estimate.rounded(), (self.ask.bound[r.source] for r in finding.requests)
            ),
            observed=finding.observed,
            received_at=self.received_at,
            valid_until=finding.observed[1] + finding.stands if finding.observed else None,
            closed=measure.name in OF_PILOT and closed(self.ask),
            provenance=tuple(p for r in finding.requests for p in self._provenance(r)) or (self._written(),),
            asked=asked,
        )

    def _named(self, request: Request) -> str:
        """The request's digest; twenty metrics of one pilot rest on one request, whose text is long."""
        if id(request) not in self._digests:
            self._digests[id(request)] = request, request.digest
        return self._digests[id(request)][1]

    def _provenance(self, request: Request) -> Iterator[Provenance]:
        """One per declared source: a table that is made of several rests on each of them."""
        asked = self.ask.bound[request.source]
        what = self._named(request)
        what = digest([what, asked.digest]) if asked.made_of else what
        for name in asked.made_of or (request.source,):
            bound, declared = self.ask.bound[name], self.ask.portfolio.sources[name]
            yield Provenance(
                source=name,
                fact=bound.fact.name,
                digest=bound.digest,
                request=what,
                rows=None if asked.made_of else self._rows(request),
                citation=declared.citation,
                licence=declared.licence,
            )

    def _rows(self, request: Request) -> int | None:
        """Rows of the source that took part, where the request counts them."""
        everything = count()
        if everything not in request.terms:
            return None
        return int(self.answers.sums[request][everything].sum())

    def _written(self) -> Provenance:
        """Figures that stand in the pilot itself: a published study, cited as its document says."""
        pilot = self.ask.initiative.pilot
        document = self.ask.portfolio.documents["initiative", self.subject]
        written = digest(document.plain.get("pilot"))
        citation = pilot.citation if pilot else ""
        return Provenance("declared", "initiative", written, "declared", citation=citation)

    def _declared(self) -> str:
        """What a measure that builds on others reads besides: slopes, baselines and rates, as written."""
        documents = self.ask.portfolio.documents
        outcomes = [d.digest for (kind, _), d in documents.items() if kind == "outcome"]
        return digest([documents["initiative", self.subject].digest, *outcomes])


def _finite(result: Result) -> Result:
    """The result without what is not a finite number: that is missing, and nothing later reads it."""
    why = "an end of its interval is not a finite number"
    odd = tuple(Absent(f.metric, "source_failed", why) for f in result.findings if not f.estimate.finite)
    sound = tuple(f for f in result.findings if f.estimate.finite)
    return replace(result, findings=sound, absent=(*result.absent, *odd))


def closed(ask: Ask) -> bool:
    """Whether a pilot has ended: on its last day it has, as days are cut in the portfolio's time zone."""
    pilot = ask.initiative.pilot
    if pilot is None or pilot.dates is None:
        return pilot is not None
    zone = ZoneInfo(ask.portfolio.settings.time_zone)
    return ask.as_of.astimezone(zone).date() >= pilot.dates.ends
