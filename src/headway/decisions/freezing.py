"""The act that freezes an initiative's e-values: once per slot, under the lock of the ledger's writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from headway import __version__
from headway.decisions.decision import Decision, Kind
from headway.decisions.entry import Entry
from headway.decisions.ledger import Act, Ledger, Recorded
from headway.decisions.replay import Basis
from headway.evidence.frozen import ACT, Budget, FrozenE, Slot, frozen_of
from headway.evidence.record import Evidence
from headway.evidence.slots import Frozen
from headway.facts.act import Act as Row
from headway.gates.rules.base import Scene
from headway.gates.rules.promotion_budget import asking_now, asks_for_it
from headway.gates.verdict import Answer
from headway.kernel.identity import Json, instant

# These let a pilot go on, so that its e-value may still grow; every other decision is the last look at it.
_GOES_ON = (Kind.REQUEST_CHANGES, Kind.HOLD, Kind.RESUME)


class AlreadyFrozen(Exception):
    """Another entry has frozen the e-value of that slot, or of that initiative."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"entry {seq}")
        self.seq = seq


def freezing(decision: Decision) -> Act | None:
    """The act that must go before a decision, or None where nothing is to be frozen.

    A decision on the gate that asks for the promotion budget freezes the e-values it was judged by, unless
    they are frozen already. One that lets a running pilot go on freezes nothing; that of an ended pilot does,
    since no further look will come.
    """
    basis = decision.basis
    if basis is None:
        return None
    found = _ready(basis)
    if not found:
        return None
    rows, budget = found
    rests_on = [e for e in basis.evidence if e.id in {r.evidence for r in rows}]
    if decision.kind in _GOES_ON and not all(e.closed for e in rests_on):
        return None
    body: dict[str, Json] = {
        "as_of": instant(basis.as_of),
        "budget": budget.as_json(),
        "headway": __version__,
        "rows": [r.as_json() for r in rows],
    }
    return Act(
        at=decision.at,
        actor=decision.actor,
        act=ACT,
        subject=decision.initiative,
        body=body,
        pins={"evidence": tuple(e.as_json() for e in rests_on)},
    )


def _ready(basis: Basis) -> tuple[Sequence[FrozenE], Budget] | None:
    """What is to be frozen, under which budget: by the first row of the gate that asks for it."""
    promotion: Any = basis.subject.facts.get("promotion")
    row = next((one for row in basis.gate.requirements for one in asks_for_it(row)), None)
    if promotion is None or row is None:
        return None
    if any(r["initiative"] == basis.subject.name for r in promotion["frozen"]):
        return None
    scene = Scene(basis.subject, basis.evidence, basis.missing, basis.as_of)
    found = asking_now(row, scene)
    return None if isinstance(found, Answer) else (found, Budget.from_json(promotion["budget"]))


def freeze(ledger: Ledger, act: Act) -> Recorded:
    """Record an act of freezing, unless its slot or its initiative is frozen in that year already.

    Raises:
        AlreadyFrozen: nothing was recorded.
        LedgerFault: nothing was recorded (see `Ledger.append`).
    """
    mine = _frozen(act.subject, act.body, 0)

    def unless_frozen() -> None:
        # Read while no other process can add an entry: of two deciders at once, one comes too late.
        for other in frozen_in(ledger.entries()):
            same_year = other.budget.year == mine.budget.year
            if same_year and (other.slot == mine.slot or other.initiative == mine.initiative):
                raise AlreadyFrozen(other.seq)

    return ledger.append(act, unless_frozen)


def frozen_in(entries: Iterable[Entry | Row]) -> Iterator[Frozen]:
    """What was frozen, in the order of the ledger.

    An entry whose body is no such act is passed over: `verify` tells of it.
    """
    for entry in entries:
        if entry.act == ACT:
            try:
                yield _frozen(entry.subject, entry.body, entry.seq)
            except (AttributeError, KeyError, TypeError, ValueError):
                continue


def _frozen(subject: str, body: Mapping[str, Any], seq: int) -> Frozen:
    rows = tuple(FrozenE.from_json(row) for row in body["rows"])
    if not rows or {r.initiative for r in rows} != {subject} or len({r.slot for r in rows}) != 1:
        message = f"the rows are not those of one slot of {subject}"
        raise ValueError(message)
    return Frozen(seq, datetime.fromisoformat(body["as_of"]), Budget.from_json(body["budget"]), rows)


def misfit(entry: Entry, evidence: Iterable[Any]) -> str | None:
    """Why an act of freezing does not say what its pinned evidence says; None where it does.

    Args:
        entry: the act.
        evidence: the documents it pinned.
    """
    try:
        frozen = _frozen(entry.subject, entry.body, entry.seq)
        known = [Evidence.from_json(e) for e in evidence]
        for row in frozen.rows:
            slot = Slot(row.approaches, row.registration, row.slot, row.cost)
            if row not in [frozen_of(e, slot) for e in known]:
                return f"the e-value of '{row.approach}' is not that of its evidence"
    # Whatever stands in a document that was made up, verifying goes on to the next entry.
    except Exception as fault:  # noqa: BLE001
        return f"what it froze cannot be read ({type(fault).__name__}: {fault})"
    return None
