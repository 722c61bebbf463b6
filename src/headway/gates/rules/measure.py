"""The predicate ``measure``: an end of an interval against a bound.

For ``op: ">"`` on the low end: met where the whole interval lies above, missed where none of it does,
inconclusive between. On the other end (``use: high`` with ``>``) the question is whether the bound is still
possible, and there is no between. An effect on the pilot's outcome, and its bound, are first turned to the
good direction (measurement.md 7); every other metric is judged in its own sign.

Where a pilot has several arms, its outcome and its return are met when one arm meets the bound, since one
approach is enough. Every other metric (a guardrail, the use of each resource) must hold in each of its rows.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from headway.evidence.freshness import stale
from headway.evidence.record import Evidence, Missing
from headway.gates.requirement import Requirement
from headway.gates.rules.base import Fault, Scene
from headway.gates.rules.wording import PERCENT, bound_words, estimate_words, level_words, metric_words
from headway.gates.subject import path_of
from headway.gates.verdict import Answer, State, at_least
from headway.kernel.quantity import parse_share
from headway.kernel.registry import names

# What one registered measure answers under a name of its own.
_WITHIN = {"return_probability": ("returns", "return_probability"), "return": ("returns", "return")}
# The metric that is meant where a row names none.
_MAIN = {
    "returns": "return",
    "srm": "srm",
    "cost": "cost",
    "power": "decided_by_end",
    "unit_cost": "unit_cost",
    "token_bill": "token_bill",
}
_SEVERAL = {
    "utilisation": "used_share, idle_share",
    "capacity": "grant_over_need, asked_over_need, violation",
    "waste": "waste_share, waste",
    "promises": "realised_saving, promises_kept",
    "commitments": "committed_share, commitment_saving",
    "energy": "energy, carbon, carbon_intensity",
}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_USES = ("low", "high", "value")
_KEYS = ("use", "op", "value", "level")
# All intervals are at this level where a bound names none (governance.md 3).
_LEVEL = "0.95"
_EXAMPLE = "write bound: {use: low, op: '>', value: 0, level: 0.95}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which evidence a row asks for; an effect without a metric means the pilot's outcome."""

    measure: str
    metric: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Wanted:
        """Read it from a row."""
        name = str(body["measure"])
        if name in _WITHIN:
            return cls(*_WITHIN[name])
        return cls(name, str(body["metric"]) if "metric" in body else _MAIN.get(name))

    @property
    def outcome(self) -> bool:
        """Whether the effect on the pilot's outcome is meant."""
        return self.measure == "effect" and self.metric is None

    @property
    def one_is_enough(self) -> bool:
        """Whether one arm that meets the bound is enough."""
        return self.outcome or self.measure == "returns"

    @property
    def counted(self) -> bool:
        """Whether it is a probability or a count over everything, whose point value may be judged."""
        return self.measure in ("srm", "cost") or self.metric in ("return_probability", "decided_by_end")

    def name(self) -> str:
        """In words."""
        return metric_words(self.metric or self.measure)

    def is_in(self, evidence: Evidence) -> bool:
        """Whether evidence is of this kind."""
        if self.outcome:
            return evidence.measure == "effect" and evidence.estimate.detail.get("role") == "outcome"
        named = (evidence.metric, _base(evidence.metric))
        return evidence.measure == self.measure and (self.metric is None or self.metric in named)

    def lacks(self, scene: Scene, *, exactly: bool) -> list[Missing]:
        """What is known to be missing of it: of its own metric, or else of the measure."""
        found = [m for m in scene.missing if m.measure == self.measure]
        pilot: Any = _pilot(scene)
        metric = str(pilot.get("metric")) if self.outcome else self.metric
        own = [m for m in found if metric in (m.metric, _base(m.metric))]
        return own if own or exactly else found


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound as it holds for one initiative, and what its row asks of the evidence."""

    row: Requirement
    wanted: Wanted
    use: str
    op: str
    value: float
    level: float
    percent: bool
    of_pilot: bool


class MeasureRule:
    """An end of an interval against a bound."""

    settings: tuple[str, ...] = ("metric", "bound")

    def check(self, body: Mapping[str, Any], fault: Fault) -> None:
        """Faults of a bound as written: unknown measure or comparison, a point value where an end is due."""
        _check_measure(body, fault)
        bound = body.get("bound")
        if not isinstance(bound, Mapping) or not {"op", "value"} <= set(bound):
            fault("HW105", "a measure needs a bound", _EXAMPLE, "bound")
            return
        for key in bound:
            if key not in _KEYS:
                fault("HW103", f"'{key}' is no part of a bound", f"use {', '.join(_KEYS)}", "bound", key)
        if str(bound["op"]) not in _OPERATORS:
            fault("HW105", f"'{bound['op']}' is no comparison", "use one of >, >=, <, <=", "bound", "op")
        if bound.get("use", "low") not in _USES:
            what = f"'{bound['use']}' is no part of an interval"
            fault("HW105", what, "use low, high or value", "bound", "use")
        elif bound.get("use") == "value" and not Wanted.of(body).counted:
            what = f"the point value of '{body['measure']}' has no doubt in it"
            fault("HW503", what, "use: low or use: high", "bound", "use")
        _check_numbers(bound, fault)

    def answer(self, row: Requirement, scene: Scene) -> Answer:
        """Judge the evidence that the row asks for."""
        wanted = Wanted.of(row.body)
        bound = _bound(row, wanted, scene)
        if isinstance(bound, Answer):
            return bound
        chosen = [e for e in scene.evidence if wanted.is_in(e)]
        need = _need(bound, chosen, scene)
        several = sorted({_base(e.metric) for e in chosen})
        if not wanted.outcome and wanted.metric is None and len(several) > 1:
            saw = f"the rule does not say which of {', '.join(several)} is meant"
            return Answer(State.MISSING, saw, need, "none")
        answers = [_judged(e, bound, scene, need) for e in chosen]
        lacking = wanted.lacks(scene, exactly=bool(chosen))
        answers += [_lacking(m, need, alone=not chosen and len(lacking) == 1) for m in lacking]
        if not answers:
            return Answer(State.MISSING, f"no {wanted.name()} has been measured", need, "none")
        return _together(answers, wanted, need)


def _check_measure(body: Mapping[str, Any], fault: Fault) -> None:
    name = str(body["measure"])
    registered = names("headway.measures")
    if name not in (*registered, *_WITHIN):
        known = ", ".join((*registered, *_WITHIN))
        fault("HW502", f"no measure is called '{name}'", f"use one of: {known}", "measure")
    if "metric" in body and (name in _WITHIN or not isinstance(body["metric"], str)):
        what = f"'{name}' takes no metric" if name in _WITHIN else "'metric' is not a text"
        fault("HW105", what, "take `metric` out, or correct it", "metric")
    if name in _SEVERAL and "metric" not in body:
        fault("HW105", f"'{name}' has several metrics", f"add metric: one of {_SEVERAL[name]}", "measure")


def _check_numbers(bound: Mapping[str, Any], fault: Fault) -> None:
    text = str(bound["value"]).strip()
    if isinstance(bound["value"], Mapping):
        mend = 'put the path in quotes: value: "{initiative.pilot.objective.change}"'
        fault("HW105", "the value of a bound is a mapping", mend, "bound", "value")
    elif text.startswith("{") and path_of(text) is None:
        mend = "write a path into the initiative, such as {initiative.pilot.objective.change}"
        fault("HW505", f"'{text}' is no path into an initiative", mend, "bound", "value")
    elif not text.startswith("{") and number(text) is None:
        mend = "write a number such as 0.9 or 5 %, or a path"
        fault("HW105", f"'{text}' is not a number", mend, "bound", "value")
    level = number(bound.get("level", _LEVEL))
    if level is None or not 0 < level <= 1:
        fault("HW105", f"'{bound['level']}' is no level", "write level: 0.95", "bound", "level")


def number(text: object) -> float | None:
    """A number or percentage as written; None for anything else, NaN and infinity included.

    >>> number("-10 %"), number("nan")
    (-0.1, None)
    """
    try:
        found = parse_share(str(text)) if isinstance(text, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _base(metric: str) -> str:
    return metric.partition(" [")[0]


def _pilot(scene: Scene) -> Mapping[str, Any]:
    initiative: Any = scene.subject.document["initiative"]
    pilot = initiative.get("pilot")
    return pilot if isinstance(pilot, Mapping) else {}


def _bound(row: Requirement, wanted: Wanted, scene: Scene) -> Bound | Answer:
    """The bound for this initiative; an answer where what stands at its path is no number."""
    written = row.body["bound"]
    text, path = str(written["value"]).strip(), path_of(str(written["value"]))
    need = f"{wanted.name()} {written['op']} {text}"
    if path:
        try:
            found = scene.subject.value(path)
        except KeyError:
            return Answer(State.MISSING, f"nothing is declared at {path}", need, "none")
        text = found if isinstance(found, str) else "a list or mapping"
    value = number(text)
    if value is None:
        return Answer(State.MISSING, f"what is declared at {path} is not a number: {text}", need, "unit")
    worst = "low" if written["op"] in (">", ">=") else "high"
    return Bound(
        row=row,
        wanted=wanted,
        use=written.get("use", worst),
        op=written["op"],
        value=value,
        level=number(written.get("level", _LEVEL)) or 0.0,
        percent=text.endswith("%"),
        of_pilot=bool(path and path.startswith("initiative.pilot.")),
    )


def _need(bound: Bound, chosen: list[Evidence], scene: Scene) -> str:
    """The bound in the metric's own sign and unit: −10 % asked of minutes reads ``effect < −10 %``."""
    wanted = bound.wanted
    op = _MIRRORED[bound.op] if wanted.outcome and _good(bound, scene) < 0 else bound.op
    unit = chosen[0].estimate.unit if chosen else _unit(wanted, scene)
    points = wanted.measure == "effect" and unit == "share"
    return bound_words(wanted.name(), op, bound.value, unit, percent=bound.percent, points=points)


def _unit(wanted: Wanted, scene: Scene) -> str:
    """The unit evidence would have, as declared."""
    metric = _base(wanted.metric or "")
    if metric.endswith("_share") or metric == "return_probability":
        return "share"
    if not wanted.outcome:
        return ""
    pilot, outcome = _pilot(scene), scene.subject.document.get("outcome")
    objective = pilot.get("objective")
    scale = objective.get("scale") if isinstance(objective, Mapping) else None
    if scale in ("relative", "log"):
        return "relative change"
    declared = outcome.get("metric") if isinstance(outcome, Mapping) else None
    same = isinstance(declared, Mapping) and declared.get("name") == pilot.get("metric")
    return str(declared.get("unit") or "") if isinstance(declared, Mapping) and same else ""


def _lacking(missing: Missing, need: str, *, alone: bool) -> Answer:
    saw = missing.why if alone else f"{metric_words(missing.metric)}: {missing.why}"
    return Answer(State.MISSING, saw, need, missing.reason)


def _together(answers: list[Answer], wanted: Wanted, need: str) -> Answer:
    """One answer out of those of several arms or rows, by three-valued logic."""
    if len(answers) == 1:
        return answers[0]
    state = at_least(1 if wanted.one_is_enough else len(answers), [a.state for a in answers])
    telling = [a for a in answers if a.state is state]
    reason = next((a.reason for a in telling), "") if state is State.MISSING else ""
    shown = telling if state is State.MET else answers
    ids = tuple(dict.fromkeys(i for a in answers for i in a.evidence_ids))
    return Answer(state, " | ".join(dict.fromkeys(a.saw for a in shown)), need, reason, ids)


def _judged(evidence: Evidence, bound: Bound, scene: Scene, need: str) -> Answer:
    ids = (evidence.id,)
    if not evidence.estimate.finite:
        saw = f"{metric_words(evidence.metric)}: an end of its interval is not a finite number"
        return Answer(State.MISSING, saw, need, "source_failed", ids)
    words = _words(evidence, bound, scene)
    for reason, why in _obstacles(evidence, bound, scene):
        if why:
            return Answer(State.MISSING, words + why, need, reason, ids)
    return Answer(_state(evidence, bound, scene), words, need, "", ids)


def _obstacles(evidence: Evidence, bound: Bound, scene: Scene) -> list[tuple[str, str]]:
    """Why evidence may not be judged, one reason after the other; an empty text is no obstacle."""
    row, estimate = bound.row, evidence.estimate
    old = stale(evidence, scene.as_of, row.max_age, row.stands)
    poor = row.grade is not None and not estimate.grade.at_least(row.grade)
    reasons = f": {'; '.join(estimate.grade_reasons)}" if estimate.grade_reasons else ""
    narrow = estimate.level < bound.level
    return [
        ("stale", f"; {old}" if old else ""),
        ("grade", f", where {row.grade} is asked{reasons}" if poor else ""),
        ("below_min_n", f"; {estimate.n:,} units, {row.min_n:,} are asked" if estimate.n < row.min_n else ""),
        (
            "level",
            f"; its level is {level_words(estimate)}, {bound.level * 100:g} % is asked" if narrow else "",
        ),
        ("unit", _misfit(evidence, bound, scene)),
    ]


def _misfit(evidence: Evidence, bound: Bound, scene: Scene) -> str:
    """Where bound and estimate cannot be compared; nought is nought in every unit."""
    unit = evidence.estimate.unit
    # A metric that declares no unit goes by its own name: then nobody can say that per cent is wrong.
    if bound.value == 0 or unit == _base(evidence.metric):
        return ""
    if bound.percent and unit not in PERCENT:
        return f"; it is in {unit}, the bound in per cent"
    objective = _pilot(scene).get("objective")
    scale = objective.get("scale") if isinstance(objective, Mapping) else None
    relative = scale in ("relative", "log")
    if bound.wanted.outcome and bound.of_pilot and relative != (unit == "relative change"):
        return f"; it is in {unit}, the objective {'a relative change' if relative else 'absolute'}"
    return ""


def _state(evidence: Evidence, bound: Bound, scene: Scene) -> State:
    estimate, needed = evidence.estimate, bound.value
    low, high, value = estimate.low, estimate.high, estimate.value
    if bound.wanted.outcome:
        # Measures bring an engine with them, which checking files must not wait for.
        from headway.measures.value.effect.wording import turned

        at = turned(estimate, needed, _good(bound, scene))
        low, high, value, needed = at.low, at.high, at.value, at.objective
    holds = _OPERATORS[bound.op]
    worst, best = ("low", "high") if bound.op in (">", ">=") else ("high", "low")
    ends = {"low": low, "high": high, "value": value}
    if holds(ends[bound.use], needed):
        return State.MET
    return State.INCONCLUSIVE if bound.use == worst and holds(ends[best], needed) else State.MISSED


def _good(bound: Bound, scene: Scene) -> int:
    from headway.measures.value.effect.wording import good_sign

    objective = _pilot(scene).get("objective")
    change = number(objective.get("change")) if isinstance(objective, Mapping) else None
    return good_sign(bound.value if change is None else change, str(scene.subject.facts["better"]))


def _words(evidence: Evidence, bound: Bound, scene: Scene) -> str:
    if bound.wanted.outcome:
        from headway.measures.value.effect.wording import sentence

        name = metric_words(evidence.metric)
        return sentence(evidence.estimate, name, bound.value, _good(bound, scene))
    return estimate_words(evidence)


measure = MeasureRule()
