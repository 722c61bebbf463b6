"""Operating models: which requirements hold, told as changes to a shipped model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import resources
from typing import Any

from headway.gates.changes import Rows, changed, placed
from headway.gates.requirement import GATES, Requirement
from headway.gates.row import PlaceOf, typed
from headway.gates.rules.measure import number
from headway.gates.subject import path_of
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import Json, digest
from headway.portfolio.load import Portfolio
from headway.portfolio.nodes import at as value_at
from headway.portfolio.nodes import place_of, to_plain
from headway.portfolio.wording import nearest
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
_FOLDER = "headway/gates"


class UnknownRow(ValueError):
    """A row was pinned that this build cannot read: it was sound for the build that pinned it."""


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
            UnknownRow: this build cannot read a row.
        """
        rows = []
        for row in data["requirements"]:
            made, found = typed(row, lambda *_: Place("pinned"))
            if made is None:
                raise UnknownRow(found[0].what)
            rows.append(made)
        return cls(data["name"], data["mode"], data["rules"], tuple(rows))


@dataclass(frozen=True)
class OperatingModel:
    """The rows in force, their mode, and a name that says which version they are.

    `places` says where the predicate of each row stands: in the settings, in a document of the house's own,
    or in a shipped file.
    """

    name: str
    mode: str
    rows: tuple[Requirement, ...]
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)

    @cached_property
    def rules(self) -> str:
        """Name and digest: every verdict prints which rules gave it."""
        return f"{self.name}#{digest([r.as_json() for r in self.rows])[:12]}"

    def gate(self, name: str) -> Gate:
        """One gate: its own rows, and the standing rows of the gates before it."""
        return self._gates[name]

    @cached_property
    def _gates(self) -> Mapping[str, Gate]:
        # Asked once for every initiative, and the same for all that stand before it.
        return {
            name: Gate(
                name,
                self.mode,
                self.rules,
                tuple(r for r in self.rows if r.gate == name or (r.standing and r.gate in GATES[:at])),
            )
            for at, name in enumerate(GATES)
        }


def shipped(name: str) -> OperatingModel:
    """An operating model of the package.

    Raises:
        KeyError: no such model.
        ValueError: a shipped row is faulty (ours to mend).
    """
    if name not in SHIPPED:
        raise KeyError(name)
    file = f"{name.partition('@')[0]}.yaml"
    content = resources.files("headway.gates").joinpath(file).read_bytes()
    return from_file(name, content, f"{_FOLDER}/{file}")


def from_file(name: str, content: bytes, file: str) -> OperatingModel:
    """An operating model written out in full.

    Raises:
        ValueError: what is wrong with it.
    """
    nodes, found = read(content, file)
    document: Any = to_plain(nodes[0]) if nodes else {"require": [], "mode": ""}
    rows, places = [], {}
    for index, row in enumerate(document["require"]):
        here: PlaceOf = partial(_at, nodes[0], index)
        made, faults = typed(row, here)
        found += faults
        if made:
            rows.append(made)
            places[made.id] = placed(made, here)
    if found:
        raise ValueError("\n".join(map(str, found)))
    return OperatingModel(name, document["mode"], tuple(rows), places)


def _at(node: Any, index: int, *path: str | int) -> Place:
    return place_of(node, ("require", index, *path))


def in_force(portfolio: Portfolio) -> tuple[OperatingModel, tuple[Diagnostic, ...]]:
    """The operating model of a portfolio, after all its changes, and the faults of those.

    Models of the house that nothing extends are checked too.
    """
    settings = portfolio.settings
    use = settings.operating_model
    resolver = _Resolver(portfolio)
    place: PlaceOf = partial(portfolio.place, "portfolio", settings.portfolio, "operating_model")
    base = resolver.resolve(use.extends, place, ())
    changes = {"set": use.set, "drop": use.drop, "add": use.add}
    rows = changed(_rows(base), changes, place, resolver.found, whole=resolver.whole)
    for name in portfolio.operating_models:
        if name not in resolver.seen:
            resolver.resolve(name, partial(portfolio.place, "operating_model", name), ())
    named = f"{settings.portfolio}({use.extends})" if any(changes.values()) else use.extends
    model = OperatingModel(named, use.mode or base.mode, tuple(rows.requirements.values()), rows.places)
    return model, tuple(resolver.found)


def _rows(model: OperatingModel) -> Rows:
    return Rows({r.id: r for r in model.rows}, dict(model.places))


class _Resolver:
    """Finds models by name, those of the house by resolving what they extend."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.found: list[Diagnostic] = []
        self.seen: set[str] = set()
        self.whole = True

    def resolve(self, name: str, place: PlaceOf, through: tuple[str, ...]) -> OperatingModel:
        """A model by name; `place` is the document that names it, `through` the chain that led here."""
        own = self.portfolio.operating_models
        if name in SHIPPED:
            self.whole = True
            if name in own and name not in self.seen:
                self._taken(name)
            return shipped(name)
        if name in own and name not in through:
            self.seen.add(name)
            here: PlaceOf = partial(self.portfolio.place, "operating_model", name)
            base = self.resolve(own[name].extends, here, (*through, name))
            changes = {"set": own[name].set, "drop": own[name].drop, "add": own[name].add}
            rows = changed(_rows(base), changes, here, self.found, whole=self.whole)
            mode = own[name].mode or base.mode
            return OperatingModel(name, mode, tuple(rows.requirements.values()), rows.places)
        self.whole = False
        if name in through or not self.portfolio.declares("operating_model", name):
            known = [n for n in (*SHIPPED, *own) if n not in through]
            self.found.append(_no_model(name, place, through, known))
        return shipped(SHIPPED[0])

    def _taken(self, name: str) -> None:
        self.seen.add(name)
        place = self.portfolio.place("operating_model", name, "operating_model")
        mend = "give it a name of its own, such as harbour@1"
        self.found.append(Diagnostic("HW107", f"'{name}' is a model that headway ships", place, mend))


def _no_model(name: str, place: PlaceOf, through: tuple[str, ...], known: list[str]) -> Diagnostic:
    if name in through:
        way = " -> ".join((*through[through.index(name) :], name))
        what, mend = f"'{name}' extends itself: {way}", "extend a shipped model in one of them"
    else:
        near = nearest(name, known)
        what = f"no operating model is called '{name}'" + (f"; did you mean '{near}'?" if near else "")
        mend = f"extend one of: {', '.join(known)}"
    return Diagnostic("HW506", what, place("extends"), mend)


def next_gate(model: OperatingModel, stage: str) -> Gate | None:
    """The gate an initiative stands before, or None once it is retired."""
    name = NEXT_GATE.get(stage)
    return model.gate(name) if name else None


def gate_faults(portfolio: Portfolio, model: OperatingModel) -> list[Diagnostic]:
    """HW501: a gate that asks for nothing of an initiative before it. HW505: a path that leads to no number.

    A gate asks for something when it has a requirement of its own: the standing ones of earlier gates are
    no reason to pass it.
    """
    found: list[Diagnostic] = []
    for name, initiative in portfolio.initiatives.items():
        gate = next_gate(model, initiative.stage)
        if gate is None or not initiative.live:
            continue
        if not any(r.gate == gate.name for r in gate.requirements):
            place = portfolio.place("portfolio", portfolio.settings.portfolio, "operating_model")
            see = ((portfolio.place("initiative", name, "stage"), "it stands before that gate"),)
            what = f"the gate '{gate.name}', before which '{name}' stands, has no requirement of its own"
            mend = f"add a requirement such as {gate.name}.value.effect, or extend standard@1"
            found.append(Diagnostic("HW501", what, place, mend, see, subject=name))
        for row in gate.requirements:
            found += _paths(portfolio, name, row, model.places)
    return found


def _lacks_pilot(portfolio: Portfolio, name: str) -> bool:
    """Whether HW202 tells that the whole pilot is absent: then nothing is said of its parts."""
    initiative = portfolio.initiatives[name]
    return initiative.pilot is None and initiative.stage in ("piloting", "scaling")


def _paths(
    portfolio: Portfolio, name: str, row: Requirement, places: Mapping[str, Place]
) -> Iterator[Diagnostic]:
    """Paths in the bounds of a row, or of its members, that lead to no number in an initiative."""
    for member in row.members:
        yield from _paths(portfolio, name, member, places)
    text = str(row.body["bound"]["value"]) if row.predicate == "measure" else ""
    path = path_of(text)
    if path is None:
        return
    document, parts = portfolio.documents["initiative", name], path.split(".")[1:]
    value = value_at(document.plain, parts)
    if number(value) is not None or (parts[0] == "pilot" and _lacks_pilot(portfolio, name)):
        return
    what = f"'{row.id}' reads {text}, which '{name}' does not declare"
    if value is not None:
        what = f"'{row.id}' reads {text}, which in '{name}' is not a number"
    mend = f"declare {'.'.join(parts)} as a number, or change the bound"
    rule = places.get(row.id, Place("portfolio.yaml"))
    see = ((rule, "the requirement that reads it"),)
    yield Diagnostic("HW505", what, document.place(*parts), mend, see, subject=name)
