"""A person's decision about an initiative, and the act it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from headway import __version__
from headway.decisions.ledger import Act
from headway.decisions.replay import Basis, recorded
from headway.decisions.text import FreeText
from headway.gates.judge import RULES_VERSION
from headway.gates.verdict import Verdict
from headway.kernel.identity import Json

DECISION = "decision"


class Kind(StrEnum):
    """What a person may decide."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    RESUME = "resume"
    RETIRE = "retire"

    @property
    def approves(self) -> bool:
        """Whether it lets the initiative pass a gate.

        >>> [kind.value for kind in Kind if kind.approves]
        ['approve', 'approve_with_conditions']
        """
        return self in {Kind.APPROVE, Kind.APPROVE_WITH_CONDITIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decides what about which initiative, and why.

    Attributes:
        kind: what is decided.
        actor: the id of the person, as in people.yaml.
        initiative: its name.
        at: when, in the portfolio's time zone.
        comment: why; only a plain approval may do without.
        basis: what was judged; an approval needs it.

    Raises:
        ValueError: the basis is of another initiative.
    """

    kind: Kind
    actor: str
    initiative: str
    at: datetime
    comment: str = ""
    basis: Basis | None = None

    def __post_init__(self) -> None:
        if self.basis and self.basis.subject.name != self.initiative:
            message = f"a decision about {self.initiative} cannot rest on {self.basis.subject.name}"
            raise ValueError(message)

    def to_act(self, verdict: Verdict | None, *, against: bool, salt: bytes) -> Act:
        """The act as it goes into the ledger. Only `approvals.decide` asks for it.

        Args:
            verdict: what its basis was judged to be.
            against: whether it approves a gate that is not met.
            salt: 16 random bytes for the comment.
        """
        words = self.comment.strip()
        comment = FreeText(words, salt) if words else None
        body: dict[str, Json] = {
            "kind": self.kind.value,
            "against": against,
            "comment": comment.digest if comment else None,
            "headway": __version__,
            "rules_version": RULES_VERSION,
        }
        pins: dict[str, tuple[Json, ...]] = {}
        if self.basis and verdict:
            body |= recorded(verdict)
            pins = {**self.basis.as_documents(), "verdict": (verdict.as_json(),)}
        return Act(
            at=self.at,
            actor=self.actor,
            act=DECISION,
            subject=self.initiative,
            body=body,
            pins=pins,
            texts=(comment,) if comment else (),
        )
