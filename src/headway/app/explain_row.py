"""Requirements: what a gate row asks in plain words, how strictly, whose move it is, and who stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headway.app.explanation import Explanation, Rows, facts
from headway.gates.model import SHIPPED, OperatingModel, shipped
from headway.gates.requirement import GROUPS, MODES, Requirement
from headway.gates.rules.measure import Wanted
from headway.gates.rules.wording import SIGNS
from headway.gates.subject import path_of
from headway.kernel.quantity import show_duration

if TYPE_CHECKING:
    from headway.app.review import Review

_WORDS = {">": "lies above", ">=": "is at least", "<": "lies below", "<=": "is at most"}
_ENDS = {
    "low": "the lower end of the interval of",
    "high": "the upper end of the interval of",
    "value": "the value of",
}
_MODES = {
    "observe": "observe: it is watched, and holds nothing back",
    "warn": "warn: it warns, and holds nothing back",
    "block": "block: what is not met is held back",
}
_GROUPS = {"all": "all of", "any": "one of", "none": "none of"}


def requirement(name: str, made: Review | None) -> Explanation | None:
    """A row by its id: as it is in force in a portfolio, or else as headway ships it.

    Args:
        name: gate.component.name.
        made: the review of the portfolio that asks; None outside one.
    """
    own = _row(made.model, name) if made else None
    where = [m for m in SHIPPED if _row(shipped(m), name)]
    row = own or (_row(shipped(where[0]), name) if where else None)
    if row is None:
        return None
    named = facts(
        [
            ("asks", asks(row)),
            ("least grade", f"{row.grade.value} or better" if row.grade else ""),
            ("at most", f"{show_duration(row.max_age)} old while the pilot runs" if row.max_age else ""),
            ("stands", f"{show_duration(row.stands)} once its pilot has ended" if row.stands else ""),
            ("at least", f"{row.min_n} units" if row.min_n else ""),
            ("mode", _mode(row, made if own else None)),
            ("written at", str(made.model.places.get(name, "")) if made and own else ""),
            ("judged", _judged_at(row)),
            ("whose move", row.move),
            ("guidance", row.guidance),
            ("good example", row.good_example),
            ("rests on", row.law),
            ("why here", row.why),
            ("dropped or waived", "it may be" if row.waivable else "it may not be"),
            ("shipped in", ", ".join(where) or "no shipped model: it is the house's own"),
        ]
    )
    tables = (_standings(name, made),) if made and own else ()
    not_in_force = made is not None and own is None
    title = f"a requirement of gate {row.gate}" + (", not in force here" if not_in_force else "")
    see = (f"headway gate --adopt {name} --write",) if not_in_force else ()
    return Explanation("requirement", name, title, facts=named, tables=tables, see=see)


def _row(model: OperatingModel, name: str) -> Requirement | None:
    return next((r for r in model.rows if r.id == name), None)


def _judged_at(row: Requirement) -> str:
    return f"at gate {row.gate}" + (" and at every later one" if row.standing else "")


def _mode(row: Requirement, made: Review | None) -> str:
    """The mode in force and which of row and model gave it, with the place that says so."""
    if made is None:
        return f"{_MODES[row.mode]}; a portfolio may hold it lower"
    mode = min(made.model.mode, row.mode, key=MODES.index)
    portfolio = made.portfolio
    name = portfolio.settings.portfolio
    if mode == row.mode:
        lower = "" if made.model.mode == row.mode else f", lower than the gates' {made.model.mode}"
        return f"{_MODES[mode]}; the row says so{lower} ({made.model.places.get(row.id, 'shipped')})"
    if portfolio.settings.operating_model.mode:
        place = str(portfolio.place("portfolio", name, "operating_model", "mode"))
    else:
        place = portfolio.settings.operating_model.extends
    return f"{_MODES[mode]}; the row says {row.mode}, and all gates here are held to {mode} ({place})"


def _standings(name: str, made: Review) -> Rows:
    rows = tuple(
        (v.initiative, j.state.value, j.saw, j.need, j.who)
        for v in (r.verdict for r in made.initiatives)
        if v
        for j in v.requirements
        if j.id == name
    )
    return Rows("how each initiative stands at it now", ("initiative", "state", "saw", "needs", "who"), rows)


def asks(row: Requirement) -> str:
    """A predicate as a sentence."""
    if row.predicate in GROUPS:
        number = f"at least {row.body.get('at_least')} of"
        return f"{_GROUPS.get(row.predicate, number)}: {'; '.join(asks(m) for m in row.members)}"
    if row.predicate == "owner":
        return "one live person is accountable, and the sponsor is another human"
    return _bound(row) if row.predicate == "measure" else _declared(row.body.get("declared"))


def _bound(row: Requirement) -> str:
    wanted, bound = Wanted.of(row.body), row.body["bound"]
    name = "the effect on the pilot's metric" if wanted.outcome else wanted.name()
    value = str(bound["value"])
    path = path_of(value)
    where = f"what the initiative declares under {path.partition('.')[2]}" if path else value
    level = f" at the level {bound['level']}" if "level" in bound else ""
    good = "; an effect is turned to the good direction first" if wanted.outcome else ""
    op = str(bound["op"])
    return (
        f"{_ENDS[str(bound['use'])]} {name}{level} {_WORDS[op]} {where} ({SIGNS[op]}), "
        f"by the measure {wanted.measure}{good}"
    )


def _declared(asked: Any) -> str:
    if not isinstance(asked, Mapping):
        return "these are declared: " + ", ".join(map(str, asked or ()))
    said = ["these are declared: " + ", ".join(asked["paths"])] if asked.get("paths") else []
    said += ["the outcome leads to a P&L line"] if "reaches_line" in asked else []
    said += ["none of the findings " + ", ".join(asked["without"])] if asked.get("without") else []
    for path, values in asked.get("refuse", {}).items():
        said.append(f"{path} is not {' or '.join(map(str, values))}")
    return "; ".join(said)


def all_rows() -> dict[str, Requirement]:
    """Every row of every shipped model."""
    return {r.id: r for name in reversed(SHIPPED) for r in shipped(name).rows}


def readers_of_measure(name: str) -> list[str]:
    """The shipped rows that read a measure."""
    return sorted(i for i, row in all_rows().items() if name in {w.measure for w in _wanted(row)})


def readers_of_field(path: str) -> list[str]:
    """The shipped rows that read a field of an initiative or an outcome, or a part of it."""
    kind, _, rest = path.partition(".")
    if kind not in ("initiative", "outcome"):
        return []
    asked = rest if kind == "initiative" else f"outcome.{rest}"
    return sorted(
        i
        for i, row in all_rows().items()
        if any(p == asked or p.startswith(f"{asked}.") or asked.startswith(f"{p}.") for p in _paths(row))
    )


def _wanted(row: Requirement) -> Iterator[Wanted]:
    if row.predicate == "measure":
        yield Wanted.of(row.body)
    for member in row.members:
        yield from _wanted(member)


def _paths(row: Requirement) -> Iterator[str]:
    """The fields that a row reads, as written in an initiative's document."""
    if row.predicate == "declared":
        asked = row.body["declared"]
        if isinstance(asked, Mapping):
            yield from map(str, asked.get("paths", ()))
            yield from map(str, asked.get("refuse", {}))
        else:
            yield from map(str, asked)
    elif row.predicate == "owner":
        yield from ("accountable", "sponsor")
    elif row.predicate == "measure":
        path = path_of(str(row.body["bound"]["value"]))
        if path:
            yield path.partition(".")[2]
    for member in row.members:
        yield from _paths(member)
