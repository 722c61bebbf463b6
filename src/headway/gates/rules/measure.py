"""The predicate ``measure``: an end of an interval against a bound."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from headway.evidence.freshness import stale
from headway.evidence.record import Evidence
from headway.gates.judge import Scene
from headway.gates.requirement import Requirement
from headway.gates.verdict import Answer, State
from headway.kernel.identity import Json
from headway.kernel.quantity import parse_share
from headway.kernel.registry import names
from headway.measures.value.effect.wording import good_sign, sentence, turned

# Measures whose point value may be judged: probabilities and counts over everything (HW503 otherwise).
POINT_VALUES = ("return_probability", "srm", "cost")
# Measures that one registered measure answers under a name of their own.
_WITHIN = {"return_probability": "returns", "return": "returns"}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_USES = ("low", "high", "value")


def check_bound(row: Mapping[str, Any], fault: Callable[..., None]) -> None:
    """Faults of a bound as written: unknown measure or operator, a point value where an end is due."""
    measure, bound = str(row["measure"]), row.get("bound")
    if _WITHIN.get(measure, measure) not in names("headway.measures"):
        known = ", ".join((*names("headway.measures"), *_WITHIN))
        fault("HW502", f"no measure is called '{measure}'", f"use one of: {known}", "measure")
    if not isinstance(bound, Mapping) or not {"op", "value"} <= set(bound):
        fault(
            "HW105",
            "a measure needs a bound",
            "write bound: {use: low, op: '>', value: 0, level: 0.95}",
            "bound",
        )
        return
    if bound["op"] not in _OPERATORS:
        fault("HW105", f"'{bound['op']}' is no comparison", "use one of >, >=, <, <=", "bound", "op")
    if bound.get("use", "low") not in _USES:
        fault(
            "HW105", f"'{bound['use']}' is no part of an interval", "use low, high or value", "bound", "use"
        )
    if bound.get("use") == "value" and measure not in POINT_VALUES:
        fault(
            "HW503",
            f"the point value of '{measure}' has no doubt in it",
            "use: low or use: high",
            "bound",
            "use",
        )


def measure(body: Mapping[str, Any], row: Requirement, scene: Scene) -> Answer:
    """Judge evidence of one measure; with several arms, one that meets the bound is enough."""
    bound = body["bound"]
    text = str(bound["value"])
    try:
        needed = float(parse_share(str(scene.subject.value(text[1:-1])) if text.startswith("{") else text))
    except KeyError:
        return Answer(
            State.MISSING,
            f"nothing is declared at {text[1:-1]}",
            f"{body['measure']} {bound['op']} {text}",
            "none",
        )
    except ValueError:
        return Answer(
            State.MISSING, f"'{text}' is not a number", f"{body['measure']} {bound['op']} {text}", "unit"
        )
    chosen = [e for e in scene.evidence if _asked(e, body)]
    need = f"{_name(body)} {bound['op']} {_number(needed, chosen)}"
    if not chosen:
        return _absent(body, scene, need)
    answers = [_one(e, needed, bound, row, scene, need) for e in chosen]
    if len(answers) == 1:
        return answers[0]
    met = [a for a in answers if a.state is State.MET]
    state = (
        State.MET
        if met
        else min(
            (a.state for a in answers), key=lambda s: (s is not State.INCONCLUSIVE, s is not State.MISSING)
        )
    )
    reason = next((a.reason for a in answers if a.state is state), "")
    saw = " | ".join(a.saw for a in (met or answers))
    return Answer(state, saw, need, reason, tuple(i for a in answers for i in a.evidence_ids))


def _asked(evidence: Evidence, body: Mapping[str, Any]) -> bool:
    name, base = str(body["measure"]), evidence.metric.partition(" [")[0]
    if evidence.measure not in (name, _WITHIN.get(name)):
        return False
    if "metric" in body:
        return base == body["metric"]
    if name in _WITHIN:
        return base == name
    if name == "effect":
        return evidence.estimate.detail.get("role") == "outcome"
    return evidence.measure == name and (base == name or name not in POINT_VALUES)


def _absent(body: Mapping[str, Any], scene: Scene, need: str) -> Answer:
    name = str(body["measure"])
    found = [m for m in scene.missing if m.measure in (name, _WITHIN.get(name))]
    if found:
        return Answer(State.MISSING, found[0].why, need, found[0].reason)
    return Answer(State.MISSING, f"no {_name(body)} has been measured", need, "none")


def _one(
    evidence: Evidence, needed: float, bound: Mapping[str, Any], row: Requirement, scene: Scene, need: str
) -> Answer:
    ids = (evidence.id,)
    old = stale(evidence, scene.as_of, row.max_age, row.stands)
    estimate = evidence.estimate
    blocked = (
        ("stale", old)
        if old
        else ("grade", f"grade {estimate.grade}, {row.grade} is asked: {'; '.join(estimate.grade_reasons)}")
        if row.grade and not estimate.grade.at_least(row.grade)
        else ("below_min_n", f"{estimate.n} units, {row.min_n} are asked")
        if estimate.n < row.min_n
        else ("level", f"an interval at {estimate.level:g}, {bound['level']} is asked")
        if estimate.level < float(bound.get("level", 0))
        else None
    )
    words = _words(evidence, needed, scene)
    if blocked:
        return Answer(State.MISSING, f"{words} ({blocked[1]})", need, blocked[0], ids)
    return Answer(_state(evidence, needed, bound, scene), words, need, "", ids)


def _state(evidence: Evidence, needed: float, bound: Mapping[str, Any], scene: Scene) -> State:
    low, high, value, op = evidence.estimate.low, evidence.estimate.high, evidence.estimate.value, bound["op"]
    if evidence.measure == "effect":
        at = turned(evidence.estimate, needed, _good(evidence, needed, scene))
        low, high, value, needed = at.low, at.high, at.value, at.objective
    holds = _OPERATORS[op]
    if bound.get("use") == "value":
        return State.MET if holds(value, needed) else State.MISSED
    worst, best = (low, high) if op in (">", ">=") else (high, low)
    if holds(worst, needed):
        return State.MET
    return State.INCONCLUSIVE if holds(best, needed) else State.MISSED


def _good(evidence: Evidence, needed: float, scene: Scene) -> int:
    pilot: Any = scene.subject.document["initiative"]
    try:
        change = parse_share(str(pilot["pilot"]["objective"]["change"]))
    except (KeyError, TypeError, ValueError):
        change = needed
    return good_sign(change, str(scene.subject.facts["better"]))


def _words(evidence: Evidence, needed: float, scene: Scene) -> str:
    if evidence.measure == "effect":
        return sentence(evidence.estimate, evidence.metric, needed, _good(evidence, needed, scene))
    return plain_words(evidence)


def plain_words(evidence: Evidence) -> str:
    """An estimate in words: name, value, interval, level, grade."""
    estimate = evidence.estimate
    if estimate.low == estimate.high:
        return f"{evidence.metric} {_unit(estimate.value, estimate.unit)}, grade {estimate.grade}"
    ends = f"{_unit(estimate.low, estimate.unit)} to {_unit(estimate.high, estimate.unit)}, {estimate.level * 100:g} %"
    return f"{evidence.metric} {_unit(estimate.value, estimate.unit)} ({ends}), grade {estimate.grade}"


def _unit(x: float, unit: str) -> str:
    if unit in ("share", "probability"):
        return f"{x * 100:.1f} %"
    amount = f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"  # noqa: PLR2004  beyond that decimals are noise
    return f"{amount} {unit}".replace("-", "−")


def _number(needed: float, chosen: list[Evidence]) -> str:
    unit = chosen[0].estimate.unit if chosen else ""
    if unit in ("relative change", "share", "probability"):
        return f"{needed * 100:g} %".replace("-", "−")
    return f"{needed:g} {unit}".strip().replace("-", "−")


def _name(body: Mapping[str, Any]) -> str:
    name: Json = body.get("metric") or body["measure"]
    return str(name).replace("_", " ")
