"""The review as data: the record that every face is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headway.app.check import diagnostic_json
from headway.app.coverage import coverage_of
from headway.app.gaps import gaps_of, missing_json, open_by_measure
from headway.app.moves import moves_of
from headway.app.promotion import promotion_json
from headway.app.totals import totals_of
from headway.app.wins import wins_json
from headway.evidence.record import Evidence
from headway.kernel.diagnostic import Place
from headway.kernel.identity import Json, instant, plain
from headway.measures.value.effect.wording import objective_of, sentence
from headway.portfolio.initiative import Initiative
from headway.portfolio.load import Portfolio

if TYPE_CHECKING:
    from headway.app.review import Review, Reviewed

SCHEMA = "headway.review/1"


def record_of(review: Review) -> dict[str, Json]:
    """The schema ``headway.review/1``, without what changed since an earlier review."""
    settings = review.portfolio.settings
    decided = review.decisions.last()
    verdicts = [r.verdict for r in review.initiatives if r.verdict]
    judged = [(r.basis.gate, r.verdict) for r in review.initiatives if r.basis and r.verdict]
    totals: dict[str, Any] = totals_of(review.collected, [r.verdict for r in review.initiatives])
    return {
        "schema": SCHEMA,
        "as_of": instant(review.as_of),
        "portfolio": {
            "name": settings.portfolio,
            "title": settings.title or settings.portfolio,
            "currency": settings.currency,
            "time_zone": settings.time_zone,
            "rules": review.model.rules,
            "mode": review.model.mode,
        },
        "people": people_json(review.portfolio),
        "totals": {**totals, "stages": _stages(review), "claimed": _claimed(review)},
        "coverage": coverage_of(review.portfolio, review.collected, totals["bill"]),
        "promotion": promotion_json(review),
        "wins": wins_json(review),
        "changes": None,
        "moves": moves_of(review.portfolio, verdicts, decided),
        "gaps": gaps_of(review.portfolio, judged, review.collected.missing),
        "outcomes": _outcomes(review),
        "initiatives": [_initiative(review, r, decided) for r in review.initiatives],
        "diagnostics": [diagnostic_json(d) for d in review.diagnostics],
    }


def place_json(place: Place) -> dict[str, Json]:
    """Where something stands."""
    return {"file": place.file, "line": place.line, "column": place.column}


def people_json(portfolio: Portfolio) -> dict[str, Json]:
    """Name of a person or seat to the human name behind it; the id itself where none is given."""
    people = portfolio.people
    made: dict[str, Json] = {}
    for name in sorted(people.names()):
        holder = people.holder(name)
        person = people.person(holder) if holder else None
        made[name] = {"name": (person.name or person.id) if person else None, "person": holder}
    return made


def _stages(review: Review) -> dict[str, Json]:
    counted: dict[str, int] = {}
    for one in review.initiatives:
        stage = one.initiative.stage
        counted[stage] = counted.get(stage, 0) + 1
    return dict(counted)


def _claimed(review: Review) -> dict[str, Json]:
    """Initiatives by the stage that a list claims for them, where their files do not bear it out."""
    counted: dict[str, int] = {}
    for one in review.initiatives:
        claimed = one.initiative.stage_claimed
        if claimed and claimed != one.initiative.stage:
            counted[claimed] = counted.get(claimed, 0) + 1
    return dict(counted)


def _initiative(
    review: Review, reviewed: Reviewed, decided: Mapping[str, Mapping[str, Json]]
) -> dict[str, Json]:
    one, verdict = reviewed.initiative, reviewed.verdict
    portfolio, name = review.portfolio, one.initiative
    outcome = portfolio.outcomes.get(one.outcome)
    better = outcome.metric.better if outcome and outcome.metric else "higher"
    pilot = one.pilot
    citation = (pilot.citation if pilot else "") or _citation(portfolio, pilot.source if pilot else None)
    evidence = [_evidence(one, better, e) for e in review.collected.evidence[name]]
    settles = open_by_measure(reviewed.basis.gate, verdict) if reviewed.basis and verdict else {}
    taken = decided.get(name)
    return {
        "name": name,
        "title": one.title or name,
        "place": place_json(portfolio.place("initiative", name)),
        "problem": " ".join(one.problem.split()),
        "outcome": one.outcome,
        "outcome_title": (outcome.title if outcome else "") or one.outcome,
        "accountable": one.accountable,
        "sponsor": one.sponsor,
        "stage": one.stage,
        "stage_claimed": one.stage_claimed,
        "status": one.status,
        "gate": verdict.gate if verdict else None,
        "verdict": verdict.state.value if verdict else None,
        "enforced": verdict.enforced.value if verdict else None,
        "decision": dict(taken) if taken else None,
        "objective": _objective(one, better),
        "forecast": _forecast(portfolio, one),
        "citation": citation,
        "requirements": [r.as_json() for r in verdict.requirements] if verdict else [],
        "evidence": evidence,
        "missing": missing_json(one, review.collected.missing[name], settles),
    }


def _evidence(one: Initiative, better: str, evidence: Evidence) -> Json:
    """One row of evidence with its sentence, and the looks that were taken at it before."""
    said = _sentence(one, better, evidence) if evidence.measure == "effect" else ""
    made: Any = plain({**evidence.as_json(), "sentence": said})
    if evidence.estimate.looks:
        made["estimate"]["detail"]["looks"] = list(evidence.estimate.looks)
    row: Json = made
    return row


def _sentence(one: Initiative, better: str, evidence: Evidence) -> str:
    if one.pilot is None:
        return ""
    change, good = objective_of(one.pilot, better)
    role = evidence.estimate.detail.get("role")
    return sentence(evidence.estimate, evidence.metric, change if role == "outcome" else 0.0, good)


def _objective(one: Initiative, better: str) -> Json:
    if one.pilot is None:
        return None
    change, good = objective_of(one.pilot, better)
    return {"change": change, "scale": one.pilot.objective.scale, "good": good, "metric": one.pilot.metric}


def _forecast(portfolio: Portfolio, one: Initiative) -> Json:
    if one.forecast is None:
        return None
    triple, line = one.forecast.per_year, portfolio.outcomes.get(one.forecast.line)
    return {
        "line": one.forecast.line,
        "line_title": (line.title if line else "") or one.forecast.line,
        "per_year": [f"{a:f}" for a in (triple.low, triple.mid, triple.high)],
        "currency": triple.currency,
    }


def _citation(portfolio: Portfolio, source: str | None) -> str:
    declared = portfolio.sources.get(source) if source else None
    return declared.citation if declared else ""


def _outcomes(review: Review) -> list[Json]:
    portfolio, made = review.portfolio, list[Json]()
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
                "latest_effect": _latest(review, by),
            }
        )
    return made


def _latest(review: Review, initiatives: list[str]) -> Json:
    """The newest effect on an outcome, by the last day observed; of equal ones the better graded."""
    found: list[Any] = [
        e
        for name in initiatives
        for e in review.collected.evidence.get(name, ())
        if e.measure == "effect" and e.estimate.detail.get("role") == "outcome"
    ]
    if not found:
        return None
    # Descending by moment, ascending by grade: the later sort is the leading one.
    graded = sorted(found, key=lambda e: e.estimate.grade.value)
    best: Evidence = max(graded, key=lambda e: instant(e.observed[1]) if e.observed else "")
    estimate = best.estimate
    return {
        "initiative": best.subject,
        "metric": best.metric,
        "value": plain(estimate.value),
        "low": plain(estimate.low),
        "high": plain(estimate.high),
        "level": plain(estimate.level),
        "unit": estimate.unit,
        "grade": estimate.grade.value,
        "observed_to": instant(best.observed[1]) if best.observed else None,
        "id": best.id,
    }
