"""Operating models: which requirements hold, told as changes to a shipped model."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any

from headway.gates.requirement import GATES, PlaceOf, Requirement, typed
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import Json, digest
from headway.portfolio.load import Portfolio
from headway.portfolio.nodes import to_plain
from headway.portfolio.yaml import read

SHIPPED = ("starter@1", "standard@1")
# The gate that stands after each stage; a retired initiative has none.
NEXT_GATE = {
    "proposed": "framed",
    "framed": "pilot",
    "piloting": "scale",
    "scaling": "operate",
    "operating": "keep",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """The requirements of one gate, standing ones of earlier gates included."""

    name: str
    mode: str
    rules: str
    requirements: tuple[Requirement, ...]

    def as_json(self) -> dict[str, Json]:
        """As plain JSON, to be pinned by a decision."""
        return {
            "name": self.name,
            "mode": self.mode,
            "rules": self.rules,
            "requirements": [r.as_json() for r in self.requirements],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Gate:
        """Read a pinned gate back.

        Raises:
            ValueError: a row is of a kind that this build does not know.
        """
        rows = []
        for row in data["requirements"]:
            made, found = typed(row, lambda *_: Place("pinned"))
            if made is None:
                raise ValueError(found[0].what)
            rows.append(made)
        return cls(data["name"], data["mode"], data["rules"], tuple(rows))


@dataclass(frozen=True, slots=True)
class OperatingModel:
    """The rows in force, their mode, and a name that says which version they are."""

    name: str
    mode: str
    rows: tuple[Requirement, ...]

    @property
    def rules(self) -> str:
        """Name and digest: every verdict prints which rules gave it."""
        return f"{self.name}#{digest([r.as_json() for r in self.rows])[:12]}"

    def gate(self, name: str) -> Gate:
        """One gate: its own rows, and the standing rows of the gates before it."""
        before = GATES[: GATES.index(name)]
        rows = [r for r in self.rows if r.gate == name or (r.standing and r.gate in before)]
        return Gate(name, self.mode, self.rules, tuple(rows))


def shipped(name: str) -> OperatingModel:
    """An operating model of the package.

    Raises:
        KeyError: no such model.
        ValueError: a shipped row is faulty (ours to mend).
    """
    if name not in SHIPPED:
        raise KeyError(name)
    file = f"{name.partition('@')[0]}.yaml"
    nodes, found = read(resources.files("headway.gates").joinpath(file).read_bytes(), file)
    document: Any = to_plain(nodes[0])
    rows = []
    for row in document["require"]:
        made, faults = typed(row, lambda *_: Place(file))
        found += faults
        if made:
            rows.append(made)
    if found:
        raise ValueError("\n".join(map(str, found)))
    return OperatingModel(name, document["mode"], tuple(rows))


def in_force(portfolio: Portfolio) -> tuple[OperatingModel, tuple[Diagnostic, ...]]:
    """The operating model of a portfolio, after all its changes, and the faults of those."""
    settings = portfolio.settings
    use = settings.operating_model
    found: list[Diagnostic] = []
    place: PlaceOf = partial(portfolio.place, "portfolio", settings.portfolio, "operating_model")
    base = _resolved(portfolio, use.extends, place, found, ())
    named = f"{settings.portfolio}({use.extends})" if use.set or use.drop or use.add else use.extends
    changes = {"set": use.set, "drop": use.drop, "add": use.add}
    rows = _changed(base, changes, place, found)
    return OperatingModel(named, use.mode, rows), tuple(found)


def _resolved(
    portfolio: Portfolio, name: str, place: PlaceOf, found: list[Diagnostic], seen: tuple[str, ...]
) -> OperatingModel:
    """A model by name: shipped, or declared in the portfolio and resolved in turn."""
    own = portfolio.operating_models
    if name in own and name not in seen:
        here: PlaceOf = partial(portfolio.place, "operating_model", name)
        base = _resolved(portfolio, own[name].extends, here, found, (*seen, name))
        changes = {"set": own[name].set, "drop": own[name].drop, "add": own[name].add}
        return OperatingModel(name, own[name].mode or base.mode, _changed(base, changes, here, found))
    if name in SHIPPED:
        return shipped(name)
    known = (*SHIPPED, *own)
    what = f"'{name}' extends itself" if name in seen else f"no operating model is called '{name}'"
    found.append(Diagnostic("HW506", what, place("extends"), f"extend one of: {', '.join(known)}"))
    return shipped(SHIPPED[0])


def _changed(
    base: OperatingModel, changes: Mapping[str, Any], place: PlaceOf, found: list[Diagnostic]
) -> tuple[Requirement, ...]:
    rows = {r.id: r for r in base.rows}
    for name, settings in changes["set"].items():
        if name in rows:
            rows |= _set(rows[name], settings, partial(place, "set", name), found)
        else:
            found.append(_unknown(name, rows, place("set", name)))
    for at, name in enumerate(changes["drop"]):
        if name not in rows:
            found.append(_unknown(name, rows, place("drop", at)))
        elif not rows[name].waivable:
            mend = "keep it; lower its mode instead if it comes too early"
            found.append(Diagnostic("HW504", f"'{name}' may not be dropped", place("drop", at), mend))
        else:
            del rows[name]
    for at, row in enumerate(changes["add"]):
        made, faults = typed(row, partial(place, "add", at))
        found += faults
        if made and made.id in rows:
            mend = "change the other one under `set`, or give this one a name of its own"
            found.append(Diagnostic("HW107", f"'{made.id}' is there already", place("add", at), mend))
        elif made:
            rows[made.id] = made
    return tuple(rows.values())


def _set(
    row: Requirement, settings: Mapping[str, Any], place: PlaceOf, found: list[Diagnostic]
) -> dict[str, Requirement]:
    if "id" in settings:
        found.append(
            Diagnostic(
                "HW103", "the id of a requirement never changes", place("id"), "drop it and add another"
            )
        )
        return {}
    made, faults = typed({**row.as_json(), **settings}, place)
    found += faults
    return {row.id: made} if made else {}


def _unknown(name: str, rows: Iterable[str], place: Place) -> Diagnostic:
    near = difflib.get_close_matches(name, list(rows), n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return Diagnostic("HW506", f"no requirement is called '{name}'{hint}", place, "correct the id")


def next_gate(model: OperatingModel, stage: str) -> Gate | None:
    """The gate an initiative stands before, or None once it is retired."""
    name = NEXT_GATE.get(stage)
    return model.gate(name) if name else None


def gate_faults(portfolio: Portfolio, model: OperatingModel) -> list[Diagnostic]:
    """HW501: a gate before which an initiative stands and that asks for nothing. HW505: a path that is not there."""
    found: list[Diagnostic] = []
    for name, initiative in portfolio.initiatives.items():
        gate = next_gate(model, initiative.stage)
        if gate is None or not initiative.live:
            continue
        place = portfolio.place("portfolio", portfolio.settings.portfolio, "operating_model")
        if not gate.requirements:
            mend = "add a requirement, or extend standard@1"
            what = f"the gate '{gate.name}', before which '{name}' stands, asks for nothing"
            found.append(Diagnostic("HW501", what, place, mend, subject=name))
        found += _paths(portfolio, name, gate, place)
    return found


def _paths(portfolio: Portfolio, name: str, gate: Gate, rule: Place) -> list[Diagnostic]:
    document = portfolio.documents["initiative", name]
    found = []
    for row in gate.requirements:
        bound: Any = row.body.get("bound")
        text = str(bound.get("value", "")) if isinstance(bound, Mapping) else ""
        if not text.startswith("{initiative."):
            continue
        parts = text[1:-1].split(".")[1:]
        here: Any = document.plain
        for part in parts:
            here = here.get(part) if isinstance(here, Mapping) else None
        if here is None:
            what = f"'{row.id}' reads {text}, which '{name}' does not declare"
            mend = f"declare {'.'.join(parts)}, or change the bound"
            see = ((rule, "the operating model in force"),)
            found.append(Diagnostic("HW505", what, document.place(*parts), mend, see, subject=name))
    return found
