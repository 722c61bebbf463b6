"""Use case ``review``: the whole portfolio, from files and sources to verdicts and next moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from headway.aggregates.ask import Progress
from headway.app.check import Checked, diagnostic_json
from headway.app.moves import moves_of
from headway.app.totals import totals_of
from headway.app.wiring import store_folder
from headway.decisions.replay import Basis
from headway.evidence.collect import Collected, collect
from headway.gates.model import OperatingModel, next_gate
from headway.gates.subject import subject_of
from headway.gates.verdict import State, Verdict
from headway.kernel.clock import now
from headway.kernel.diagnostic import Diagnostic, in_order
from headway.kernel.identity import Json, instant, plain
from headway.measures.value.effect.wording import objective_of, sentence
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

SCHEMA = "headway.review/1"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One initiative: what was judged, and the verdict; no verdict once it is retired or rejected."""

    initiative: Initiative
    basis: Basis | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Review:
    """The review as data; every face is drawn from `as_json`."""

    portfolio: Portfolio
    model: OperatingModel
    as_of: datetime
    initiatives: tuple[Reviewed, ...]
    collected: Collected
    diagnostics: tuple[Diagnostic, ...]

    @property
    def enforced(self) -> State:
        """The worst state that a blocking requirement has anywhere."""
        from headway.gates.verdict import of_all

        return of_all(r.verdict.enforced for r in self.initiatives if r.verdict)

    def as_json(self) -> dict[str, Json]:
        """The schema ``headway.review/1``."""
        settings = self.portfolio.settings
        rows = [_initiative(self, r) for r in self.initiatives]
        return {
            "schema": SCHEMA,
            "as_of": instant(self.as_of),
            "portfolio": {
                "name": settings.portfolio,
                "title": settings.title or settings.portfolio,
                "currency": settings.currency,
                "time_zone": settings.time_zone,
                "rules": self.model.rules,
                "mode": self.model.mode,
            },
            "totals": totals_of(self.collected, [r.verdict for r in self.initiatives]),
            "moves": moves_of(self.portfolio, [r.verdict for r in self.initiatives if r.verdict]),
            "outcomes": _outcomes(self.portfolio),
            "initiatives": rows,
            "diagnostics": [diagnostic_json(d) for d in self.diagnostics],
        }


def review(checked: Checked, only: Iterable[str] | None = None, progress: Progress | None = None) -> Review:
    """Collect the evidence of a checked portfolio and judge every initiative at its next gate.

    Args:
        checked: a portfolio that could be loaded; faulty documents are not in it.
        only: names of initiatives; all by default.
        progress: told of each source as it is read.

    Raises:
        ValueError: nothing could be loaded.
        HeadwayError: the store is not to be had.
    """
    portfolio, model = checked.portfolio, checked.model
    if portfolio is None or model is None:
        message = "a portfolio that cannot be loaded cannot be reviewed"
        raise ValueError(message)
    collected = collect(portfolio, checked.as_of, now(), store_folder(portfolio), only, progress)
    reviewed = tuple(_judge(portfolio, model, checked, collected, name) for name in collected.asks)
    found = in_order((*checked.diagnostics, *collected.diagnostics))
    return Review(portfolio, model, checked.as_of, reviewed, collected, found)


def _judge(
    portfolio: Portfolio, model: OperatingModel, checked: Checked, collected: Collected, name: str
) -> Reviewed:
    initiative = portfolio.initiatives[name]
    gate = next_gate(model, initiative.stage) if initiative.live else None
    if gate is None:
        return Reviewed(initiative, None, None)
    basis = Basis(
        gate=gate,
        subject=subject_of(portfolio, name, checked.diagnostics, checked.as_of),
        evidence=collected.evidence[name],
        missing=collected.missing[name],
        as_of=checked.as_of,
    )
    return Reviewed(initiative, basis, basis.judge())


def _initiative(review: Review, reviewed: Reviewed) -> dict[str, Json]:
    one, verdict = reviewed.initiative, reviewed.verdict
    portfolio, name = review.portfolio, one.initiative
    outcome = portfolio.outcomes.get(one.outcome)
    better = outcome.metric.better if outcome and outcome.metric else "higher"
    pilot = one.pilot
    citation = (pilot.citation if pilot else "") or _citation(portfolio, pilot.source if pilot else None)
    evidence = [
        {**e.as_json(), "sentence": _sentence(one, better, e) if e.measure == "effect" else ""}
        for e in review.collected.evidence[name]
    ]
    return {
        "name": name,
        "title": one.title or name,
        "problem": " ".join(one.problem.split()),
        "outcome": one.outcome,
        "accountable": one.accountable,
        "sponsor": one.sponsor,
        "stage": one.stage,
        "status": one.status,
        "gate": verdict.gate if verdict else None,
        "verdict": verdict.state.value if verdict else None,
        "enforced": verdict.enforced.value if verdict else None,
        "objective": _objective(one, better),
        "forecast": _forecast(one),
        "citation": citation,
        "requirements": [r.as_json() for r in verdict.requirements] if verdict else [],
        "evidence": plain(evidence),
        "missing": [m.as_json() for m in review.collected.missing[name]],
    }


def _sentence(one: Initiative, better: str, evidence: object) -> str:
    from headway.evidence.record import Evidence

    if not isinstance(evidence, Evidence) or one.pilot is None:
        return ""
    change, good = objective_of(one.pilot, better)
    role = evidence.estimate.detail.get("role")
    return sentence(evidence.estimate, evidence.metric, change if role == "outcome" else 0.0, good)


def _objective(one: Initiative, better: str) -> Json:
    if one.pilot is None:
        return None
    change, good = objective_of(one.pilot, better)
    return {"change": change, "scale": one.pilot.objective.scale, "good": good, "metric": one.pilot.metric}


def _forecast(one: Initiative) -> Json:
    if one.forecast is None:
        return None
    triple = one.forecast.per_year
    return {
        "line": one.forecast.line,
        "per_year": [f"{a:f}" for a in (triple.low, triple.mid, triple.high)],
        "currency": triple.currency,
    }


def _citation(portfolio: Portfolio, source: str | None) -> str:
    declared = portfolio.sources.get(source) if source else None
    return declared.citation if declared else ""


def _outcomes(portfolio: Portfolio) -> list[Json]:
    made: list[Json] = []
    for name, one in portfolio.outcomes.items():
        by = [i.initiative for i in portfolio.initiatives.values() if i.outcome == name]
        base, target = one.baseline, one.target
        made.append(
            {
                "name": name,
                "title": one.title or name,
                "statement": one.statement,
                "customer": one.customer,
                "line": one.line,
                "metric": {"name": one.metric.name, "unit": one.metric.unit, "better": one.metric.better}
                if one.metric
                else None,
                "baseline": plain({k: getattr(base, k) for k in ("value", "low", "high")}) if base else None,
                "target": {"value": plain(target.value), "by": target.by.isoformat()} if target else None,
                "owner": one.owner,
                "initiatives": list(by),
                "drives": [d.to for d in one.drives],
            }
        )
    return made
