"""The predicate ``guardrails``: what must not become worse lies inside its margin, each and every one.

Met where all are; missed where one lies beyond its margin; a guardrail that was declared and could not be
judged is missing, and so is a pilot that declares none: no evidence of harm is no evidence of its absence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headway.evidence.freshness import stale
from headway.evidence.record import Evidence
from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene
from headway.gates.rules.wording import metric_words
from headway.gates.verdict import Answer, State, at_least

PREDICATE = "guardrails"
_INSIDE = "inside"
_NEED = "every guardrail's harmful end lies inside its margin"


class GuardrailsRule:
    """Every guardrail inside its margin."""

    settings: tuple[str, ...] = ()

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """There is one thing to ask of guardrails."""
        if body[PREDICATE] != _INSIDE:
            fault("HW105", f"'{body[PREDICATE]}' cannot be asked", "write guardrails: inside", PREDICATE)

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge every guardrail that the pilot declares, in each of its arms."""
        declared = _declared(scene)
        if not declared:
            saw = "the pilot declares no guardrail: guardrails: [{metric: complaints, worse: up}]"
            return Answer(State.MISSING, saw, _NEED, "none")
        answers = [one for metric in declared for one in _of(metric, row, scene)]
        state = at_least(len(answers), [a.state for a in answers])
        telling = [a for a in answers if a.state is state]
        reason = telling[0].reason if state is State.MISSING else ""
        ids = tuple(dict.fromkeys(i for a in answers for i in a.evidence_ids))
        return Answer(state, " | ".join(dict.fromkeys(a.saw for a in telling)), _NEED, reason, ids)


def _declared(scene: Scene) -> list[str]:
    """The metrics that guard and are not what the pilot is about."""
    initiative: Any = scene.subject.document["initiative"]
    pilot = initiative.get("pilot")
    if not isinstance(pilot, Mapping):
        return []
    named: Any = pilot.get("guardrails") or []
    own = {pilot.get("metric"), *(pilot.get("proxies") or [])}
    return [str(g["metric"]) for g in named if g["metric"] not in own]


def _of(metric: str, row: Requirement, scene: Scene) -> Iterator[Answer]:
    """One answer per arm; what could not be judged is missing."""
    found = [e for e in scene.evidence if e.measure == "effect" and _base(e.metric) == metric]
    lacking = [m for m in scene.missing if m.measure == "effect" and _base(m.metric) == metric]
    yield from (_judged(e, row, scene) for e in found)
    for m in lacking:
        yield Answer(State.MISSING, f"{metric_words(m.metric)}: {m.why}", _NEED, m.reason)
    if not found and not lacking:
        yield Answer(State.MISSING, f"{metric_words(metric)} has not been measured", _NEED, "none")


def _judged(evidence: Evidence, row: Requirement, scene: Scene) -> Answer:
    # Measures bring an engine with them, which checking files must not wait for.
    from headway.measures.value.effect.wording import guardrail_sentence

    name, estimate = metric_words(evidence.metric), evidence.estimate
    said: Any = estimate.detail.get("guardrail")
    if not isinstance(said, Mapping):
        return Answer(State.MISSING, f"{name} was not judged against a margin", _NEED, "none", (evidence.id,))
    words = guardrail_sentence(estimate, evidence.metric)
    for reason, why in _obstacles(evidence, row, scene):
        if why:
            return Answer(State.MISSING, f"{words}; {why}", _NEED, reason, (evidence.id,))
    return Answer(State(said["state"]), words, _NEED, "", (evidence.id,))


def _obstacles(evidence: Evidence, row: Requirement, scene: Scene) -> Iterator[tuple[str, str]]:
    """Why a guardrail may not be judged, one reason after the other; an empty text is no obstacle."""
    estimate = evidence.estimate
    poor = row.grade is not None and not estimate.grade.at_least(row.grade)
    reasons = f": {'; '.join(estimate.grade_reasons)}" if estimate.grade_reasons else ""
    yield "stale", stale(evidence, scene.as_of, row.max_age, row.stands) or ""
    yield "grade", f"{row.grade} is asked{reasons}" if poor else ""
    few = estimate.n < row.min_n
    yield "below_min_n", f"{estimate.n:,} units, {row.min_n:,} are asked" if few else ""


def _base(metric: str) -> str:
    return metric.partition(" [")[0]


guardrails = GuardrailsRule()
