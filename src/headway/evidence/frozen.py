"""The frozen e-value: what one approach asks for promotion with, fixed at one look and never read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from headway.evidence.record import Evidence
from headway.kernel.identity import Json, instant

ACT = "e_value_frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The promotion budget of a year: how many may ask, for how much, and what share may be false.

    Attributes:
        year: in which it holds.
        share: of promotions, or of promoted money, that may be false.
        of: ``initiatives`` or ``money``.
        slots: how many initiatives may ask; 0 where that is not declared.
        envelope: the money of the year as exact text; None where none is declared.
        currency: of the envelope.
    """

    year: int
    share: float
    of: str
    slots: int
    envelope: str | None
    currency: str | None

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Budget:
        """Read it back; canonical JSON writes 1.0 as 1."""
        return cls(**{**data, "share": float(data["share"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenE:
    """The e-value of one approach at one look.

    Attributes:
        initiative: who asks.
        approach: the arm that would be scaled.
        approaches: how many approaches share the slot of the initiative.
        metric: the primary outcome.
        null: what the effect must exceed, on the scale of the estimate.
        side: ``greater`` or ``less``: the good direction.
        log_e: natural log of the one-sided e-value at that look, never of the largest so far.
        look_at: the newest moment of the data, UTC text.
        n: units it rests on.
        r: prior variance of the mixture, in squared standard errors; None where the form has none.
        method: the estimator.
        grade: of the evidence.
        registration: digest of the design as it was declared at that look.
        evidence: id of the evidence record.
        slot: the number of the slot in its year.
        cost: what is asked for, as exact text in the currency of the envelope; None where nothing is.
    """

    initiative: str
    approach: str
    approaches: int
    metric: str
    null: float
    side: str
    log_e: float
    look_at: str | None
    n: int
    r: float | None
    method: str
    grade: str
    registration: str
    evidence: str
    slot: int
    cost: str | None

    def as_json(self) -> dict[str, Json]:
        """As plain JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FrozenE:
        """Read a row back; canonical JSON writes 1.0 as 1.

        Raises:
            KeyError, TypeError, ValueError: this is no such row.
        """
        r = None if data["r"] is None else float(data["r"])
        return cls(**{**data, "null": float(data["null"]), "log_e": float(data["log_e"]), "r": r})


@dataclass(frozen=True, slots=True)
class Slot:
    """The slot of an initiative: what its rows bear beside their evidence."""

    approaches: int
    registration: str
    number: int
    cost: str | None


def asks(evidence: Evidence) -> bool:
    """Whether evidence is an effect on the pilot's outcome that has an e-value."""
    detail: Mapping[str, Any] = evidence.estimate.detail
    e = detail.get("e")
    return (
        evidence.measure == "effect"
        and detail.get("role") == "outcome"
        and isinstance(e, Mapping)
        and isinstance(e.get("log_one_sided"), int | float)
    )


def frozen_of(evidence: Evidence, slot: Slot) -> FrozenE:
    """The row that evidence becomes when it is frozen.

    Raises:
        KeyError, TypeError: it has no e-value (see `asks`).
    """
    detail: Mapping[str, Any] = evidence.estimate.detail
    e: Mapping[str, Any] = detail["e"]
    return FrozenE(
        initiative=evidence.subject,
        approach=str(detail["arm"]),
        approaches=slot.approaches,
        metric=evidence.metric.partition(" [")[0],
        null=float(e["null"]),
        side=str(e["side"]),
        log_e=float(e["log_one_sided"]),
        look_at=instant(evidence.observed[1]) if evidence.observed else None,
        n=evidence.estimate.n,
        r=None if e.get("r") is None else float(e["r"]),
        method=evidence.estimate.method,
        grade=evidence.estimate.grade.value,
        registration=slot.registration,
        evidence=evidence.id,
        slot=slot.number,
        cost=slot.cost,
    )
