"""May this person decide this: the one way in for decisions, whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headway.decisions.decision import Decision, Kind
from headway.decisions.freezing import AlreadyFrozen, freeze, freezing
from headway.decisions.ledger import Ledger, Recorded
from headway.gates.verdict import State, Verdict
from headway.portfolio.people import People


@dataclass(frozen=True, slots=True)
class Admitted:
    """The decision may be recorded.

    Attributes:
        verdict: what its basis was judged to be.
        against: whether it approves a gate that is not met.
    """

    verdict: Verdict | None
    against: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The decision may not be recorded: the code, what stands against it, and what would settle it."""

    code: str
    what: str
    mend: str


def admit(decision: Decision, people: People) -> Admitted | Refused:
    """Whether a decision may be recorded. Nothing is read or written.

    Returns:
        `Refused` with HW528 (nobody by that name may decide), HW523 (the gate is not met and blocks) or
        HW527 (no comment where one is due); else `Admitted`.
    """
    person = people.person(decision.actor)
    if person is None or person.left(decision.at.date()):
        what = (
            f"'{decision.actor}' is not in people.yaml" if person is None else f"'{decision.actor}' has left"
        )
        return Refused("HW528", what, "decide as a person in people.yaml who is in office (--as PERSON)")
    verdict = decision.basis.judge() if decision.basis else None
    against = decision.kind.approves and not _is_met(verdict)
    if against and _blocks(verdict):
        what = (
            f"gate {verdict.gate} is {verdict.enforced.value} and blocks" if verdict else "no gate was judged"
        )
        mend = "settle what the gate still asks for, or decide request_changes, hold or reject"
        return Refused("HW523", what, mend)
    if not decision.comment.strip() and (against or decision.kind is not Kind.APPROVE):
        what = f"{decision.kind.value}{' against the verdict' if against else ''} says no reason"
        return Refused("HW527", what, "say why in one sentence (--comment)")
    return Admitted(verdict, against)


def _is_met(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.state is State.MET and bool(verdict.requirements)


def _blocks(verdict: Verdict | None) -> bool:
    """Whether no comment can carry an approval: a blocking requirement is open, or nothing was asked."""
    return verdict is None or not verdict.requirements or verdict.enforced is not State.MET


def decide(ledger: Ledger, decision: Decision, people: People, salt: bytes) -> Recorded | Refused:
    """Record a decision if it may be, after the e-values it rests on: no other function appends one.

    The e-values go first, so that a process killed in between leaves none that a decision rests on unfrozen.

    Args:
        ledger: where it goes.
        decision: what is decided.
        people: who may decide.
        salt: 16 random bytes for the comment.

    Returns:
        What was recorded; `Refused` as `admit` gives it, or with HW427: another process froze first.

    Raises:
        LedgerFault: nothing was recorded (see `Ledger.append`).
    """
    answer = admit(decision, people)
    if isinstance(answer, Refused):
        return answer
    act, frozen = freezing(decision), None
    if act:
        try:
            frozen = freeze(ledger, act).entry
        except AlreadyFrozen as fault:
            what = f"entry {fault.seq} has frozen the e-value of this slot meanwhile"
            mend = "decide again: the decision then rests on the frozen row"
            return Refused("HW427", what, mend)
    made = ledger.append(decision.to_act(answer.verdict, against=answer.against, salt=salt))
    return replace(made, after=frozen)
