"""Judge a decision again from the documents it pinned: same documents, same verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headway.decisions.entry import Entry, document
from headway.evidence.record import Evidence, Missing
from headway.gates.judge import RULES_VERSION, judge
from headway.gates.model import Gate, UnknownRow
from headway.gates.subject import Subject
from headway.gates.verdict import Verdict
from headway.kernel.identity import Json, canonical, digest, instant

Documents = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a decision rests on: everything the judge looks at, and nothing else.

    Attributes:
        gate: the requirements in force.
        subject: the initiative as declared.
        evidence: accepted evidence about it.
        missing: why other evidence is not there.
        as_of: the moment judged.
    """

    gate: Gate
    subject: Subject
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    as_of: datetime

    def judge(self) -> Verdict:
        """The verdict on the documents as they are pinned.

        Computed here, so that nobody can hand in another; and from their bytes, because JSON does not tell
        1.0 from 1, and what is recorded must be what a replay comes to.
        """
        kept = {
            name: tuple(document(canonical(row)) for row in rows)
            for name, rows in self.as_documents().items()
        }
        return Basis.from_documents(kept, instant(self.as_of)).judge_as_read()

    def judge_as_read(self) -> Verdict:
        """The verdict on a basis that was read from its documents."""
        return judge(self.gate, self.subject, self.evidence, self.missing, self.as_of)

    def as_documents(self) -> dict[str, tuple[Json, ...]]:
        """The documents to pin, by name; `from_documents` reads them back."""
        return {
            "gate": (self.gate.as_json(),),
            "initiative": (self.subject.as_json(),),
            "evidence": tuple(evidence.as_json() for evidence in self.evidence),
            "missing": tuple(missing.as_json() for missing in self.missing),
        }

    @classmethod
    def from_documents(cls, documents: Documents, as_of: str) -> Basis:
        """Read what was pinned.

        Raises:
            KeyError, TypeError, ValueError: these are not the documents of a basis.
            UnknownRules: the gate asks for something that this build cannot judge.
        """
        (gate,), (subject,) = documents["gate"], documents["initiative"]
        return cls(
            gate=_gate(gate),
            subject=Subject.from_json(subject),
            evidence=tuple(Evidence.from_json(row) for row in documents["evidence"]),
            missing=tuple(Missing.from_json(row) for row in documents["missing"]),
            as_of=datetime.fromisoformat(as_of),
        )


class UnknownRules(Exception):
    """The rules of a pinned gate are not in this build."""


def _gate(pinned: Mapping[str, Any]) -> Gate:
    try:
        return Gate.from_json(pinned)
    except UnknownRow as fault:
        message = f"{pinned['rules']} ({fault})"
        raise UnknownRules(message) from None


def recorded(verdict: Verdict) -> dict[str, Json]:
    """The fields of a decision's body that follow from its verdict."""
    return {
        "gate": verdict.gate,
        "state": verdict.state.value,
        "enforced": verdict.enforced.value,
        "mode": verdict.mode,
        "rules": verdict.rules,
        "as_of": verdict.as_of,
        "verdict": digest(verdict.as_json()),
    }


@dataclass(frozen=True, slots=True)
class Replayed:
    """What judging a decision's documents again came to.

    Attributes:
        fields: the fields of its body that follow from the verdict, as `recorded` gives them.
        why: what kept it from being judged.
        unknown: the rules that this build lacks, when that is why.
    """

    fields: Mapping[str, Json] = field(default_factory=dict)
    why: str = ""
    unknown: str = ""


JudgeAgain = Callable[[Entry, Documents], Replayed]


def judge_again(entry: Entry, documents: Documents) -> Replayed:
    """Judge a decision from its pinned documents alone.

    Args:
        entry: the decision.
        documents: what it pinned, by name.
    """
    version = entry.body.get("rules_version")
    if not isinstance(version, int) or version < 1:
        return Replayed(why="it names no version of the rules")
    if version != RULES_VERSION:
        return Replayed(unknown=f"version {version}")
    try:
        basis = Basis.from_documents(documents, str(entry.body.get("as_of")))
        return Replayed(recorded(basis.judge_as_read()))
    except UnknownRules as fault:
        return Replayed(unknown=str(fault))
    # Whatever stands in a document that was made up, verifying goes on to the next entry.
    except Exception as fault:  # noqa: BLE001
        return Replayed(why=f"its documents cannot be judged ({type(fault).__name__}: {fault})")
