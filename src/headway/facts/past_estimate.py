"""The fact ``past_estimate``: effects that were measured before, as rows that new ones are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headway.facts.base import Column, Fact
from headway.kernel.estimate import Estimate

# What headway measured itself comes from its ledger; a source adds what was measured elsewhere or earlier.
PAST_ESTIMATE = Fact(
    name="past_estimate",
    meaning="one effect that was measured earlier, as a relative change of its metric",
    columns=(
        Column("subject", "text", "the initiative or experiment it was about", required=True),
        Column("metric", "text", "what was measured", required=True),
        Column(
            "claimed", "number", "the effect when it was told, 0.05 for +5 %", unit="share", required=True
        ),
        Column("se", "number", "its standard error", unit="share", required=True),
        Column("class", "text", "the class of initiatives it belongs to"),
        Column("better", "text", "the good direction of its metric: higher, which is the default, or lower"),
        Column("received_at", "moment", "when it was told; rows after the moment judged are not read"),
    ),
    key=("subject", "metric"),
    time="received_at",
    open=False,
    summed=(),
)


@dataclass(frozen=True, slots=True)
class PastEstimate:
    """One row that the ledger holds: what a decision looked at.

    Attributes:
        seq: the entry of the decision.
        subject: the initiative.
        measure: which measure made it.
        metric: what it measures, the arm in brackets.
        estimate: as it was claimed then, shrunk value and all in its detail.
        observed_to: the last moment of its data, where they were dated.
        received_at: when it was computed.
        decided_at: when the decision was taken.
        gate: the gate that was judged.
        approved: whether the decision let the initiative pass.
    """

    seq: int
    subject: str
    measure: str
    metric: str
    estimate: Estimate
    observed_to: datetime | None
    received_at: datetime
    decided_at: datetime
    gate: str
    approved: bool
