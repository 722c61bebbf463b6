"""What decisions looked at, as rows of the fact ``past_estimate``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from headway.decisions.decision import DECISION, Kind
from headway.decisions.entry import Entry, document
from headway.evidence.record import Evidence
from headway.facts.past_estimate import PastEstimate

MEASURE = "effect"
Pinned = Callable[[str], bytes | None]


def past_estimates(entries: Iterable[Entry], pinned: Pinned) -> tuple[PastEstimate, ...]:
    """The effects on outcomes that decisions pinned, whatever was decided: winners alone would mislead.

    Args:
        entries: the ledger.
        pinned: gives the bytes of a document by its digest.

    Returns:
        One row per decision and effect, in the order of the ledger; a document that is not there or cannot
        be read is left out, since `verify` tells of it.
    """
    return tuple(row for e in entries if e.act == DECISION for row in _rows(e, pinned))


def _rows(entry: Entry, pinned: Pinned) -> Iterator[PastEstimate]:
    for digest in entry.pins.get("evidence", ()):
        evidence = _evidence(pinned(digest))
        if evidence is None or evidence.measure != MEASURE:
            continue
        if evidence.estimate.detail.get("role") != "outcome":
            continue
        yield PastEstimate(
            seq=entry.seq,
            subject=evidence.subject,
            measure=evidence.measure,
            metric=evidence.metric,
            estimate=evidence.estimate,
            observed_to=evidence.observed[1] if evidence.observed else None,
            received_at=evidence.received_at,
            decided_at=entry.at,
            gate=str(entry.body.get("gate") or ""),
            approved=Kind(str(entry.body["kind"])).approves,
        )


def _evidence(data: bytes | None) -> Evidence | None:
    if data is None:
        return None
    try:
        return Evidence.from_json(document(data))
    except (KeyError, TypeError, ValueError):
        return None
