"""An advice that was applied, in the ledger: what it promised can then be held against what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headway import __version__
from headway.decisions.approvals import Refused
from headway.decisions.entry import Entry
from headway.decisions.ledger import Act, Ledger, Recorded
from headway.kernel.identity import Json, digest
from headway.measures.spend.realised import ACT, Applied
from headway.portfolio.people import People


@dataclass(frozen=True, slots=True)
class Applying:
    """Who says that an advice was applied, and the whole advice as a document."""

    actor: str
    applied: Applied
    advice: Json

    def as_act(self) -> Act:
        """The act as it goes into the ledger, with the advice pinned."""
        return Act(
            at=self.applied.at,
            actor=self.actor,
            act=ACT,
            subject=self.applied.component,
            body={**self.applied.as_body(), "digest": digest(self.advice), "headway": __version__},
            pins={"advice": (self.advice,)},
        )


@dataclass(frozen=True, slots=True)
class Application:
    """An entry of an advice that was applied, and whether it was written now: each is recorded once."""

    recorded: Recorded
    new: bool


class _Already(Exception):
    """The newest entry on this workload and resource says the same."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


def apply(ledger: Ledger, applying: Applying, people: People) -> Application | Refused:
    """Record that an advice was applied, unless the newest entry on the workload says so already.

    Returns:
        `Refused` with HW528 where nobody in office bears the name.

    Raises:
        LedgerFault: nothing was recorded (see `Ledger.append`).
    """
    person = people.person(applying.actor)
    if person is None or person.left(applying.applied.at.date()):
        why = "is not in people.yaml" if person is None else "has left"
        mend = "record it as a person in people.yaml who is in office (--as PERSON)"
        return Refused("HW528", f"'{applying.actor}' {why}", mend)
    act = applying.as_act()

    def unless_same() -> None:
        earlier = applications(ledger.entries(), applying.applied)
        if earlier and _said(earlier[-1].body) == _said(act.body):
            raise _Already(earlier[-1])

    try:
        return Application(ledger.append(act, unless_same), new=True)
    except _Already as same:
        return Application(Recorded(same.entry), new=False)


def applications(entries: Iterable[Entry], applied: Applied) -> list[Entry]:
    """The advices applied to a workload and resource of a component, in order."""
    key = (applied.workload, applied.resource)
    return [
        e
        for e in entries
        if e.act == ACT
        and e.subject == applied.component
        and (e.body.get("workload"), e.body.get("resource")) == key
    ]


def other_advice(entry: Entry) -> str | None:
    """What keeps an entry from being one: it must pin the very advice whose digest it names."""
    named = entry.body.get("digest")
    if not isinstance(named, str) or entry.pins.get("advice") != (named,):
        return "the advice that it says was applied is not the one that it pins"
    return None


def _said(body: object) -> tuple[object, ...]:
    """What was done, whoever computed the rest anew."""
    known = body if isinstance(body, dict) else {}
    return tuple(known.get(key) for key in ("proposed", "recommender", "randomised", "promised"))
