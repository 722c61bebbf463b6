"""After the win: what approvals rested on, what past effects left of it, and what it is today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headway.evidence.record import Evidence
from headway.facts.past_estimate import PastEstimate
from headway.kernel.identity import Json, instant, plain

if TYPE_CHECKING:
    from headway.app.review import Review


def wins_json(review: Review) -> list[Json]:
    """Every effect that an approval rested on, in the order of the ledger; the last approval of each gate."""
    last: dict[tuple[str, str, str], PastEstimate] = {}
    for row in review.decisions.past:
        if row.approved and row.decided_at <= review.as_of and row.subject in review.collected.asks:
            last[row.subject, row.metric, row.gate] = row
    return [_win(review, row) for row in sorted(last.values(), key=lambda r: r.seq)]


def _win(review: Review, row: PastEstimate) -> Json:
    estimate, today = row.estimate, _today(review, row)
    shrunk = estimate.detail.get("shrunk")
    return plain(
        {
            "initiative": row.subject,
            "metric": row.metric,
            "gate": row.gate,
            "seq": row.seq,
            "decided_at": instant(row.decided_at),
            "unit": estimate.unit,
            "claimed": _figures({"value": estimate.value, "low": estimate.low, "high": estimate.high}),
            "shrunk": _figures(shrunk) if isinstance(shrunk, dict) else None,
            "realised": _figures(today.estimate.as_json()) if today else None,
            "observed_to": instant(today.observed[1]) if today and today.observed else None,
        }
    )


def _today(review: Review, row: PastEstimate) -> Evidence | None:
    """The same effect as this review finds it; none where it is no longer measured, or in another unit."""
    for one in review.collected.evidence.get(row.subject, ()):
        alike = (one.measure, one.metric, one.estimate.unit) == (row.measure, row.metric, row.estimate.unit)
        if alike and one.estimate.detail.get("role") == "outcome":
            return one
    return None


def _figures(of: Mapping[str, Any]) -> dict[str, Json]:
    return {k: of[k] for k in ("value", "low", "high")}
