"""Requirements as the shipped operating models write them: what is asked, of which evidence, by whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from headway.app.explain.explanation import Explanation, facts, sentence
from headway.app.explain.terms import law
from headway.gates.model import SHIPPED, shipped
from headway.gates.requirement import Requirement
from headway.gates.rules.wording import SIGNS, metric_words
from headway.kernel.quantity import show_duration
from headway.portfolio.wording import nearest

_ENDS = {"low": "the low end of its interval", "high": "the high end of its interval", "value": "its value"}
_JOINED = {"all": "all of these", "any": "one of these", "none": "none of these"}


@cache
def every() -> Mapping[str, Mapping[str, Requirement]]:
    """Each shipped requirement: its id to the models that have it."""
    made: dict[str, dict[str, Requirement]] = {}
    for model in SHIPPED:
        for row in shipped(model).rows:
            made.setdefault(row.id, {})[model] = row
    return made


def row(what: str) -> Explanation | None:
    """A requirement of a shipped model, as it is written there."""
    found = every().get(what)
    if found is None:
        return None
    one = next(iter(found.values()))
    held = [f"{model}: {_held(model, r)}" for model, r in found.items()]
    return Explanation(
        "requirement",
        what,
        f"{what}: a requirement of gate {one.gate}",
        sentence(one.guidance),
        (*told(one), *facts(stands_in="; ".join(held))),
        related=related(one),
    )


def told(one: Requirement) -> tuple[tuple[str, str], ...]:
    """What is asked, of which evidence, and whose move it is."""
    lacking = "; ".join(to_come(one))
    return facts(
        asks=predicate(one),
        still_to_come=lacking and f"{lacking}; it is judged as missing wherever it is in force",
        evidence=", ".join(_evidence(one)),
        move=one.move,
        good_example=one.good_example,
        standing="judged again at every later gate" if one.standing else "",
        may_be_dropped="" if one.waivable else "no",
        law=law(one.law),
        why=one.why,
    )


def predicate(one: Requirement) -> str:
    """A predicate in plain words."""
    body: Mapping[str, Any] = one.body
    if one.members:
        joined = _JOINED.get(one.predicate, f"at least {body.get('at_least')} of these")
        return f"{joined}: " + "; ".join(f"({predicate(m)})" for m in one.members)
    match one.predicate:
        case "measure":
            return _measure(body)
        case "owner":
            return "one live accountable person, and a sponsor who is another human"
        case "to_come":
            return str(body["to_come"]["need"])
        case "declared":
            return _declared(body["declared"])
    return f"the rule {one.predicate}: {body[one.predicate]}"


def _measure(body: Mapping[str, Any]) -> str:
    bound, name = body["bound"], str(body["measure"])
    of = metric_words(str(body.get("metric") or name))
    if name == "effect" and "metric" not in body:
        of = "effect on the pilot's own metric, turned so that better is more"
    value = str(bound["value"])
    if value.startswith("{"):
        value = f"what the initiative declares under {value.strip('{}').removeprefix('initiative.')}"
    sign = SIGNS[str(bound["op"])]
    use = str(bound.get("use") or ("low" if sign in ">≥" else "high"))
    level = f", at level {bound['level']}" if "level" in bound else ""
    return f"{of}: {_ENDS[use]} {sign} {value}{level}"


def _declared(asked: Any) -> str:
    if not isinstance(asked, Mapping):
        return f"declared: {', '.join(map(str, asked))}"
    said = [f"declared: {', '.join(map(str, asked['paths']))}"] if asked.get("paths") else []
    said += ["the outcome leads to a P&L line"] if "reaches_line" in asked else []
    said += ["the pilot's design is registered, as it stands now"] if "registered" in asked else []
    said += [f"no finding {', '.join(asked['without'])}"] if asked.get("without") else []
    refused: Mapping[str, Any] = asked.get("refuse", {})
    said += [f"{path} is not {' or '.join(map(str, values))}" for path, values in refused.items()]
    return "; ".join(said)


def _evidence(one: Requirement) -> Iterator[str]:
    if one.grade:
        yield f"grade {one.grade} or better"
    if one.max_age:
        yield f"at most {show_duration(one.max_age)} old while it runs"
    if one.stands:
        yield f"the result of an ended pilot stands for {show_duration(one.stands)}"
    if one.min_n:
        yield f"at least {one.min_n:,} units"


def to_come(one: Requirement) -> list[str]:
    """What a requirement, or a member of it, waits for."""
    own = (
        [f"what answers it, '{one.body['to_come']['by']}', is not in this version"]
        if one.predicate == "to_come"
        else []
    )
    return [*own, *(said for member in one.members for said in to_come(member))]


def _held(model: str, one: Requirement) -> str:
    strict = f"as strict as the model ({_mode(model)})" if one.mode == "block" else one.mode
    return ", ".join((strict, *_evidence(one)))


@cache
def _mode(model: str) -> str:
    return shipped(model).mode


def paths(one: Requirement) -> Iterator[str]:
    """The fields that a requirement reads, from the document's kind on."""
    body: Mapping[str, Any] = one.body
    asked = body.get("declared", ())
    written = (*asked.get("paths", ()), *asked.get("refuse", {})) if isinstance(asked, Mapping) else asked
    for path in map(str, written):
        yield path if path.startswith(("outcome.", "initiative.")) else f"initiative.{path}"
    value = str(body.get("bound", {}).get("value", ""))
    if value.startswith("{"):
        yield value.strip("{}")
    if "owner" in body:
        yield from ("initiative.accountable", "initiative.sponsor")
    for member in one.members:
        yield from paths(member)


def reading(field: str) -> tuple[str, ...]:
    """The shipped requirements that read a field, or one inside it."""
    return tuple(
        name
        for name, models in every().items()
        if any(p == field or p.startswith(f"{field}.") for r in models.values() for p in paths(r))
    )


def reading_measure(measure: str) -> tuple[str, ...]:
    """The shipped requirements that ask for a measure."""
    within = {"return": "returns", "return_probability": "returns"}
    return tuple(
        name
        for name, models in every().items()
        for r in [next(iter(models.values()))]
        if within.get(str(r.body.get("measure")), r.body.get("measure")) == measure
    )


def related(one: Requirement) -> tuple[str, ...]:
    """What to ask next about a requirement."""
    measured = str(one.body.get("measure", ""))
    named = {"return": "returns", "return_probability": "returns"}.get(measured, measured)
    return (*([f"measure {named}"] if named else []), *dict.fromkeys(paths(one)), *_alike(one.id))


def _alike(name: str) -> tuple[str, ...]:
    gate = name.partition(".")[0]
    others = [n for n in every() if n.startswith(f"{gate}.") and n != name]
    near = nearest(name, others)
    return (near,) if near else ()
