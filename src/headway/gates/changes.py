"""Changes to an operating model: `set`, `drop`, `adopt` and `add`, each fault at its own place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from headway.gates.adoption import Dated
from headway.gates.requirement import Requirement
from headway.gates.row import PlaceOf, typed
from headway.kernel.diagnostic import Diagnostic, Place
from headway.portfolio.wording import nearest


@dataclass(frozen=True, slots=True)
class Rows:
    """Requirements by id in order, where each one's predicate stands, and the dates of adopted ones."""

    requirements: dict[str, Requirement]
    places: dict[str, Place] = field(default_factory=dict)
    dated: dict[str, Dated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adopted:
    """A requirement to be taken over: the row, where its predicate stands, and from when it holds."""

    row: Requirement
    place: Place
    dated: Dated


def placed(row: Requirement, place: PlaceOf) -> Place:
    """Where the predicate of a row stands: its bound where it has one."""
    return place("bound", "value") if row.predicate == "measure" else place(row.predicate)


def changed(
    base: Rows,
    changes: Mapping[str, Any],
    place: PlaceOf,
    found: list[Diagnostic],
    *,
    whole: bool = True,
    adopted: Sequence[Adopted] = (),
) -> Rows:
    """The rows of a model after the changes of one document.

    What is adopted comes in after `drop`, so that a requirement that was dropped can come back with dates;
    `set` changes an adopted requirement too.

    Args:
        base: the rows that are taken over.
        changes: `set`, `drop` and `add` as plain data.
        place: gives the place of a path inside the document.
        found: faults are added here.
        whole: False where `base` could not be found, so that an id it lacks says nothing.
        adopted: what is taken over from other models.
    """
    made = Rows(dict(base.requirements), dict(base.places), dict(base.dated))
    late = {one.row.id for one in adopted}
    first = {k: v for k, v in changes["set"].items() if k not in late}
    _set_all(made, first, place, found, whole=whole)
    for at, name in enumerate(changes["drop"]):
        if name in made.requirements:
            _drop(made, name, place("drop", at), found)
        elif whole:
            found.append(_unknown(name, made.requirements, place("drop", at)))
    for one in adopted:
        _adopt(made, one, found)
    rest = {k: v for k, v in changes["set"].items() if k in late}
    _set_all(made, rest, place, found, whole=whole)
    for at, row in enumerate(changes["add"]):
        _add(made, row, partial(place, "add", at), found)
    return made


def _set_all(
    made: Rows, settings: Mapping[str, Any], place: PlaceOf, found: list[Diagnostic], *, whole: bool
) -> None:
    for name, changes in settings.items():
        if name in made.requirements:
            _set(made, name, changes, partial(place, "set", name), found)
        elif whole:
            found.append(_unknown(name, made.requirements, place("set", name)))


def _adopt(made: Rows, one: Adopted, found: list[Diagnostic]) -> None:
    name = one.row.id
    if name in made.requirements:
        # The same requirement twice in one list is told apart from one that the model has anyway.
        see = ((made.dated[name].place if name in made.dated else made.places[name], "it stands here"),)
        mend = "leave it out; how strict it is there is changed under `set`"
        found.append(Diagnostic("HW107", f"'{name}' is there already", one.dated.place, mend, see))
        return
    made.requirements[name] = one.row
    made.places[name] = one.place
    made.dated[name] = one.dated


def _set(made: Rows, name: str, settings: Mapping[str, Any], place: PlaceOf, found: list[Diagnostic]) -> None:
    row = made.requirements[name]
    if "id" in settings:
        mend = "drop it and add another"
        found.append(Diagnostic("HW103", "the id of a requirement never changes", place("id"), mend))
        return
    after, faults = typed(_merged(row.as_json(), settings), place)
    found += faults
    if after is None:
        return
    if not row.waivable and after.waivable:
        mend = "take `waivable` out; lower its mode instead if it comes too early"
        found.append(Diagnostic("HW504", f"'{name}' may not become waivable", place("waivable"), mend))
        return
    made.requirements[name] = after
    if after.body != row.body:
        made.places[name] = placed(after, place)


def _merged(row: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A row with some settings changed; of a bound, or another mapping, only the keys that are given."""
    merged = {**row, **settings}
    for key, value in settings.items():
        before = row.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[key] = {**before, **value}
    return merged


def _drop(made: Rows, name: str, place: Place, found: list[Diagnostic]) -> None:
    if made.requirements[name].waivable:
        del made.requirements[name]
        made.dated.pop(name, None)
        return
    mend = "keep it; lower its mode instead if it comes too early"
    found.append(Diagnostic("HW504", f"'{name}' may not be dropped", place, mend))


def _add(made: Rows, row: Mapping[str, Any], place: PlaceOf, found: list[Diagnostic]) -> None:
    after, faults = typed(row, place)
    found += faults
    if after is None:
        return
    if after.id in made.requirements:
        mend = "change the other one under `set`, or give this one a name of its own"
        see = ((made.places[after.id], "it stands here"),)
        found.append(Diagnostic("HW107", f"'{after.id}' is there already", place("id"), mend, see))
        return
    made.requirements[after.id] = after
    made.places[after.id] = placed(after, place)


def _unknown(name: str, known: Iterable[str], place: Place) -> Diagnostic:
    near = nearest(name, tuple(known))
    hint = f"; did you mean '{near}'?" if near else ""
    mend = f"write {near}" if near else "write the id of a requirement that is taken over"
    return Diagnostic("HW506", f"no requirement is called '{name}'{hint}", place, mend)
