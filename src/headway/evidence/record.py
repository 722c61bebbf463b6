"""The evidence record: an estimate, what it is about, where it came from and how long it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json, digest, instant


@dataclass(frozen=True, slots=True)
class Provenance:
    """One source an estimate rests on: its fact, the digest of its content, and of what was asked of it."""

    source: str
    fact: str
    digest: str
    request: str
    rows: int | None = None
    citation: str = ""
    licence: str = ""

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "source": self.source,
            "fact": self.fact,
            "digest": self.digest,
            "request": self.request,
            "rows": self.rows,
            "citation": self.citation,
            "licence": self.licence,
        }


@dataclass(frozen=True)
class Evidence:
    """An accepted estimate.

    Attributes:
        subject: the initiative (or portfolio) it is about.
        measure: which measure made it.
        metric: what it measures, in the initiative's words.
        observed: first and last moment of the data; None where nothing dates them.
        received_at: when headway computed it; never changes.
        valid_until: until when it stands by its own grade; None where nothing dates it.
        closed: whether it is the result of a pilot that has ended; then a gate's `max_age` does not age it.
    """

    subject: str
    measure: str
    metric: str
    estimate: Estimate
    observed: tuple[datetime, datetime] | None
    received_at: datetime
    valid_until: datetime | None
    closed: bool
    provenance: tuple[Provenance, ...]
    asked: Mapping[str, Json] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """Digest of what was asked and on what; the numbers stand beside it (DESIGN.md 6.1)."""
        return digest(
            {
                "subject": self.subject,
                "measure": self.measure,
                "metric": self.metric,
                "observed": self._window(),
                "provenance": [[p.source, p.digest, p.request] for p in self.provenance],
                "asked": dict(self.asked),
            }
        )

    def as_json(self) -> dict[str, Json]:
        """As plain JSON, its id included; `from_json` reads it back."""
        return {
            "id": self.id,
            "subject": self.subject,
            "measure": self.measure,
            "metric": self.metric,
            "estimate": self.estimate.as_json(),
            "grade": self.estimate.grade.value,
            "grade_reasons": list(self.estimate.grade_reasons),
            "observed": self._window(),
            "received_at": instant(self.received_at),
            "valid_until": instant(self.valid_until) if self.valid_until else None,
            "closed": self.closed,
            "provenance": [p.as_json() for p in self.provenance],
            "asked": dict(self.asked),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """Read a record back.

        Raises:
            ValueError: the id does not name the content.
        """
        made = cls(
            subject=data["subject"],
            measure=data["measure"],
            metric=data["metric"],
            estimate=_estimate(data),
            observed=_moments(data["observed"]),
            received_at=datetime.fromisoformat(data["received_at"]),
            valid_until=datetime.fromisoformat(data["valid_until"]) if data["valid_until"] else None,
            closed=data["closed"],
            provenance=tuple(Provenance(**p) for p in data["provenance"]),
            asked=data["asked"],
        )
        if made.id != data["id"]:
            message = f"evidence {data['id'][:12]} does not name its content"
            raise ValueError(message)
        return made

    def _window(self) -> dict[str, Json] | None:
        return {"from": instant(self.observed[0]), "to": instant(self.observed[1])} if self.observed else None


@dataclass(frozen=True, slots=True)
class Missing:
    """Evidence that is not there: why, in a gate's word and in a person's."""

    subject: str
    measure: str
    metric: str
    reason: str
    why: str

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {
            "subject": self.subject,
            "measure": self.measure,
            "metric": self.metric,
            "reason": self.reason,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Missing:
        """Read a record back."""
        return cls(**data)


def _estimate(data: Mapping[str, Any]) -> Estimate:
    # Canonical JSON writes 1.0 as 1: read back, it is the number it was.
    numbers = {k: float(data["estimate"][k]) for k in ("value", "low", "high", "level")}
    return Estimate(
        **{**data["estimate"], **numbers},
        grade=Grade(data["grade"]),
        grade_reasons=tuple(data["grade_reasons"]),
    )


def _moments(window: Mapping[str, str] | None) -> tuple[datetime, datetime] | None:
    return (datetime.fromisoformat(window["from"]), datetime.fromisoformat(window["to"])) if window else None
