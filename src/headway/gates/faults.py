"""What does not fit between an operating model and the initiatives before its gates."""

from __future__ import annotations

from collections.abc import Iterator

from headway.gates.model import Gate, OperatingModel, next_gate
from headway.gates.requirement import GATES, MODES, Requirement
from headway.gates.rules.measure import number
from headway.gates.subject import path_of
from headway.kernel.diagnostic import Diagnostic, Place, Severity
from headway.portfolio.load import Portfolio
from headway.portfolio.nodes import at as value_at

_SHOWN = 3


def gate_faults(portfolio: Portfolio, model: OperatingModel) -> list[Diagnostic]:
    """HW501: a gate that asks for nothing of initiatives before it. HW505: a path that leads to no number.

    A gate asks for something when it has a requirement of its own: the standing ones of earlier gates are
    no reason to pass it. That is told once for each gate, whoever stands before it.
    """
    found: list[Diagnostic] = []
    before: dict[str, list[str]] = {}
    reads = {gate: tuple(_reading(model.gate(gate))) for gate in GATES}
    for name, initiative in portfolio.initiatives.items():
        gate = next_gate(model, initiative.stage)
        if gate is None or not initiative.live:
            continue
        if not any(r.gate == gate.name for r in gate.requirements):
            before.setdefault(gate.name, []).append(name)
        for row, mode, text in reads[gate.name]:
            found += _path(portfolio, name, (row, text), model, mode)
    return [*found, *(_empty(portfolio, model, gate, before[gate]) for gate in GATES if gate in before)]


def _empty(portfolio: Portfolio, model: OperatingModel, gate: str, names: list[str]) -> Diagnostic:
    place = portfolio.place("portfolio", portfolio.settings.portfolio, "operating_model")
    see = tuple((portfolio.place("initiative", n, "stage"), "it stands before that gate") for n in names)
    who = f"'{names[0]}'" if len(names) == 1 else f"{len(names)} initiatives"
    stands = "stands" if len(names) == 1 else "stand"
    what = f"the gate '{gate}', before which {who} {stands}, has no requirement of its own: nobody passes it"
    mend = f"run headway gate --adopt {gate}.value.effect --write, or extend standard@1"
    return Diagnostic("HW501", what, place, mend, see[:_SHOWN], _weight(model.mode))


def _weight(mode: str) -> Severity | None:
    """What only observes does not make a file wrong."""
    return Severity.WARNING if mode == "observe" else None


def _lacks_pilot(portfolio: Portfolio, name: str) -> bool:
    """Whether HW202 tells that the whole pilot is absent: then nothing is said of its parts."""
    initiative = portfolio.initiatives[name]
    return initiative.pilot is None and initiative.stage in ("piloting", "scaling")


def _reading(gate: Gate) -> Iterator[tuple[Requirement, str, str]]:
    """The rows of a gate, and their members, that read a path: with the mode in force, and the path.

    Few do, and they are the same for every initiative before the gate.
    """
    for row in gate.requirements:
        mode = min(gate.mode, row.mode, key=MODES.index)
        yield from ((one, mode, text) for one, text in _bounds(row))


def _bounds(row: Requirement) -> Iterator[tuple[Requirement, str]]:
    for member in row.members:
        yield from _bounds(member)
    text = str(row.body["bound"]["value"]) if row.predicate == "measure" else ""
    if path_of(text) is not None:
        yield row, text


def _path(
    portfolio: Portfolio, name: str, reading: tuple[Requirement, str], model: OperatingModel, mode: str
) -> Iterator[Diagnostic]:
    """The path of a row, where it leads to no number in an initiative.

    While the row only observes, that is a warning: it is judged as missing, and shown as that.
    """
    row, text = reading
    document, parts = portfolio.documents["initiative", name], str(path_of(text)).split(".")[1:]
    value = value_at(document.plain, parts)
    if number(value) is not None or (parts[0] == "pilot" and _lacks_pilot(portfolio, name)):
        return
    what = f"'{row.id}' reads {text}, which '{name}' does not declare"
    if value is not None:
        what = f"'{row.id}' reads {text}, which in '{name}' is not a number"
    mend = f"declare {'.'.join(parts)} as a number, or change the bound"
    rule = model.places.get(row.id, Place("portfolio.yaml"))
    see = ((rule, "the requirement that reads it"),)
    yield Diagnostic("HW505", what, document.place(*parts), mend, see, _weight(mode), name)
