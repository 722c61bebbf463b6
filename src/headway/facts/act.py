"""The fact ``act``: the ledger as rows, so that a measure can read what was done without its rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from headway.facts.base import Column, Fact
from headway.kernel.identity import Json

# No source file may fill it: what headway recorded comes from its own ledger alone.
ACT = Fact(
    name="act",
    meaning="one entry of the ledger: who did what to what, when, on which documents",
    columns=(
        Column("seq", "integer", "the number of the entry, from 1", required=True),
        Column("at", "moment", "when", required=True),
        Column("actor", "text", "the id of a person", required=True),
        Column("act", "text", "what was done: decision, design_registered ...", required=True),
        Column("subject", "text", "the initiative or rule it was done to", required=True),
        Column("body", "any", "the act's own fields", required=True),
        Column("pins", "any", "what was read, by name to the digests of the documents", required=True),
    ),
    key=("seq",),
    time="at",
    open=False,
    summed=(),
)


@dataclass(frozen=True, slots=True)
class Act:
    """One row of the fact ``act``; its fields are the columns."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    body: Mapping[str, Json]
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def acts_of(acts: Iterable[Act], act: str, subject: str, as_of: datetime) -> tuple[Act, ...]:
    """The acts of one kind on one subject that were known at a moment, in the order of the ledger."""
    return tuple(a for a in acts if a.act == act and a.subject == subject and a.at <= as_of)
