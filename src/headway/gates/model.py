"""Operating models: which requirements hold, told as changes to a shipped model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from headway.gates.adoption import Dated, lowered, row_of
from headway.gates.changes import Adopted, Rows, changed, placed
from headway.gates.requirement import GATES, Requirement
from headway.gates.row import PlaceOf, typed
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.identity import Json, digest
from headway.portfolio.adoption import Adoption
from headway.portfolio.load import Portfolio
from headway.portfolio.nodes import place_of, to_plain
from headway.portfolio.operating_model import OperatingModelChange
from headway.portfolio.settings import OperatingModelUse
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

    Attributes:
        name: of the model, with its version.
        mode: the ceiling of every row's.
        rows: in the order written.
        places: where the predicate of each row stands: in the settings, in a document of the house's own,
            or in a shipped file.
        dated: of adopted rows, from which day they are stricter.
    """

    name: str
    mode: str
    rows: tuple[Requirement, ...]
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)
    dated: Mapping[str, Dated] = field(default_factory=dict, compare=False)

    @cached_property
    def rules(self) -> str:
        """Name and digest: every verdict prints which rules gave it."""
        return f"{self.name}#{digest([r.as_json() for r in self.rows])[:12]}"

    def on(self, day: date) -> OperatingModel:
        """The model as it holds on a day: adopted rows in the mode of that day, or not yet there."""
        held = [lowered(r, self.dated[r.id], day) if r.id in self.dated else r for r in self.rows]
        return replace(self, rows=tuple(r for r in held if r))

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


def in_force(portfolio: Portfolio, as_of: datetime) -> tuple[OperatingModel, tuple[Diagnostic, ...]]:
    """The operating model of a portfolio, after all its changes, and the faults of those.

    Models of the house that nothing extends are checked too.

    Args:
        portfolio: what was declared.
        as_of: the moment judged; its day in the portfolio's time zone decides over dated modes.
    """
    settings = portfolio.settings
    use = settings.operating_model
    resolver = _Resolver(portfolio)
    place: PlaceOf = partial(portfolio.place, "portfolio", settings.portfolio, "operating_model")
    model = resolver.changed(use, place, ())
    for name in portfolio.operating_models:
        if name not in resolver.seen:
            resolver.resolve(name, partial(portfolio.place, "operating_model", name), ())
    named = any((use.set, use.drop, use.add, use.adopt))
    name = f"{settings.portfolio}({use.extends})" if named else use.extends
    day = as_of.astimezone(ZoneInfo(settings.time_zone)).date()
    return replace(model, name=name).on(day), tuple(resolver.found)


def named_model(portfolio: Portfolio, name: str) -> OperatingModel | None:
    """A shipped model, or one of the house as it stands without dates; None where no such model is sound."""
    resolver = _Resolver(portfolio)
    made = resolver.resolve(name, lambda *_: Place(name), ())
    return None if resolver.found else made


def _rows(model: OperatingModel) -> Rows:
    return Rows({r.id: r for r in model.rows}, dict(model.places), dict(model.dated))


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
            return replace(self.changed(own[name], here, (*through, name)), name=name)
        self.whole = False
        if name in through or not self.portfolio.declares("operating_model", name):
            known = [n for n in (*SHIPPED, *own) if n not in through]
            self.found.append(_no_model(name, place, through, known))
        return shipped(SHIPPED[0])

    def changed(
        self, use: OperatingModelUse | OperatingModelChange, place: PlaceOf, through: tuple[str, ...]
    ) -> OperatingModel:
        """The model that a document extends, with the document's changes made."""
        base = self.resolve(use.extends, place, through)
        whole = self.whole
        adopted = self._adopted(use.adopt, place, through)
        self.whole = whole
        changes = {"set": use.set, "drop": use.drop, "add": use.add}
        rows = changed(_rows(base), changes, place, self.found, whole=whole, adopted=adopted)
        held = tuple(rows.requirements.values())
        return OperatingModel(use.extends, use.mode or base.mode, held, rows.places, rows.dated)

    def _adopted(
        self, entries: tuple[Adoption, ...], place: PlaceOf, through: tuple[str, ...]
    ) -> list[Adopted]:
        """The rows that a document adopts, each out of its own model, however the entries are ordered."""
        made = []
        for at, one in enumerate(entries):
            here: PlaceOf = partial(place, "adopt", at)
            model = self.resolve(one.model, lambda *_, here=here: here("from"), through)
            row, found = row_of(one, model.rows, here) if self.whole else (None, [])
            self.found += found
            if row:
                dated = Dated(one.model, (one.observe, one.warn, one.block), here("row"))
                made.append(Adopted(row, model.places[row.id], dated))
        return sorted(made, key=lambda a: (a.dated.days[0] or date.max, a.row.id))

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
