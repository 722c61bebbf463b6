"""A pilot's design, frozen in the ledger before its first exposure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from headway import __version__
from headway.decisions.approvals import Refused
from headway.decisions.entry import Entry
from headway.decisions.ledger import Act, Ledger, Recorded
from headway.kernel.identity import digest
from headway.portfolio.people import People
from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import ACT, frozen


@dataclass(frozen=True, slots=True)
class Registering:
    """Who registers which initiative's design, and when."""

    actor: str
    initiative: str
    at: datetime
    pilot: Pilot

    def as_act(self) -> Act:
        """The act as it goes into the ledger, with the frozen design pinned."""
        design = frozen(self.pilot)
        return Act(
            at=self.at,
            actor=self.actor,
            act=ACT,
            subject=self.initiative,
            body={"digest": digest(design), "headway": __version__},
            pins={"design": (design,)},
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """The registration that is in force.

    Attributes:
        recorded: its entry.
        new: whether it was written now; the same design is registered once.
        replaces: the registration of another design before it, if there is one.
    """

    recorded: Recorded
    new: bool
    replaces: Entry | None


class _Already(Exception):
    """The design is registered as it is."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


def register(ledger: Ledger, registering: Registering, people: People) -> Standing | Refused:
    """Freeze a design in the ledger, unless the one in force is the same already.

    Whether it is the same is asked while no other process can write, so that of two who register at once one
    writes and both are told the same entry.

    Returns:
        `Refused` with HW528 where nobody in office bears the name.

    Raises:
        LedgerFault: nothing was recorded (see `Ledger.append`).
    """
    person = people.person(registering.actor)
    if person is None or person.left(registering.at.date()):
        why = "is not in people.yaml" if person is None else "has left"
        mend = "register as a person in people.yaml who is in office (--as PERSON)"
        return Refused("HW528", f"'{registering.actor}' {why}", mend)
    act = registering.as_act()

    def unless_same() -> None:
        earlier = registrations(ledger.entries(), registering.initiative)
        if earlier and earlier[-1].body.get("digest") == act.body["digest"]:
            raise _Already(earlier[-1])

    try:
        recorded, new = ledger.append(act, unless_same), True
    except _Already as same:
        recorded, new = Recorded(same.entry), False
    known = registrations(ledger.entries(), registering.initiative)
    before = [e for e in known if e.seq < recorded.entry.seq]
    return Standing(recorded, new, before[-1] if before else None)


def registrations(entries: Iterable[Entry], initiative: str) -> list[Entry]:
    """The registrations of an initiative's designs, in order."""
    return [e for e in entries if e.act == ACT and e.subject == initiative]


def other_design(entry: Entry) -> str | None:
    """What keeps a registration from being one: it must pin the very design whose digest it names."""
    named = entry.body.get("digest")
    if not isinstance(named, str) or entry.pins.get("design") != (named,):
        return "the design it registers is not the one that it pins"
    return None
