"""What decisions looked at, as rows of the fact ``past_estimate``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from headway.decisions.decision import DECISION, Kind
from headway.decisions.entry import Entry, document
from headway.evidence.record import Evidence
from headway.facts.past_estimate import PastEstimate
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import digest_bytes

MEASURE = "effect"
# Documents are canonical JSON, so this tells an effect before it is parsed; most evidence is something else.
_TOLD = f'"measure":"{MEASURE}"'.encode()
Documents = Callable[[Collection[str]], Mapping[str, bytes]]


def past_estimates(entries: Iterable[Entry], documents: Documents) -> tuple[PastEstimate, ...]:
    """The effects on outcomes that decisions pinned, whatever was decided: winners alone would mislead.

    Args:
        entries: the ledger.
        documents: gives the bytes of documents by their digests.

    Returns:
        One row per decision and effect, in the order of the ledger; a document that is not there, was
        altered or cannot be read is left out, since `verify` tells of it.
    """
    decisions = [e for e in entries if e.act == DECISION]
    wanted = dict.fromkeys(digest for e in decisions for digest in e.pins.get("evidence", ()))
    effects = {d: found for d, data in documents(wanted).items() if (found := _effect(d, data))}
    return tuple(row for e in decisions for row in _rows(e, effects))


def _rows(entry: Entry, effects: Mapping[str, Evidence]) -> Iterator[PastEstimate]:
    for digest in entry.pins.get("evidence", ()):
        evidence = effects.get(digest)
        if evidence is None:
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


def _effect(digest: str, data: bytes) -> Evidence | None:
    """The effect on an outcome that a document holds, if it holds one."""
    if _TOLD not in data or digest_bytes(data) != digest:
        return None
    try:
        found = Evidence.from_json(document(data))
    except (LedgerFault, KeyError, TypeError, ValueError):
        return None
    outcome = found.estimate.detail.get("role") == "outcome"
    return found if outcome and found.measure == MEASURE else None
