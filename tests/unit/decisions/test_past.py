"""What decisions looked at is the past that later effects are held against."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headway.decisions.entry import Entry
from headway.decisions.past import Documents, past_estimates
from headway.evidence.record import Evidence
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import canonical, digest

AT = datetime(2026, 3, 1, tzinfo=UTC)
ESTIMATE = Estimate(
    value=0.04,
    low=0.01,
    high=0.07,
    level=0.95,
    unit="relative change",
    n=400,
    method="Welch",
    grade=Grade.A,
    detail={"role": "outcome", "scale": "log", "theta": 0.039, "se": 0.015},
)
EFFECT = Evidence(
    subject="trial",
    measure="effect",
    metric="y",
    estimate=ESTIMATE,
    observed=(AT - timedelta(days=30), AT),
    received_at=AT,
    valid_until=None,
    closed=True,
    provenance=(),
)


def entry(*evidence: Any, kind: str = "approve", act: str = "decision", seq: int = 1) -> Entry:
    """A decision that pins these documents."""
    return Entry(
        seq=seq,
        prev="0" * 64,
        at=AT + timedelta(days=seq),
        actor="ann",
        act=act,
        subject="trial",
        body={"kind": kind, "gate": "scale"},
        pins={"evidence": tuple(digest(e) for e in evidence)},
    )


def kept(*documents: Any) -> Documents:
    """A store of these documents."""
    every = {digest(d): canonical(d) for d in documents}
    return lambda digests: {d: every[d] for d in digests if d in every}


def test_every_decision_tells_what_it_looked_at() -> None:
    """An approval and a refusal alike: a past of winners alone would promise too much."""
    document = EFFECT.as_json()
    entries = [entry(document, kind=k, seq=i) for i, k in enumerate(("approve", "reject", "hold"), 1)]
    found = past_estimates(entries, kept(document))
    assert [(r.seq, r.approved) for r in found] == [(1, True), (2, False), (3, False)]
    one = found[0]
    assert (one.subject, one.measure, one.metric, one.gate) == ("trial", "effect", "y", "scale")
    assert (one.estimate.value, one.observed_to, one.received_at) == (0.04, AT, AT)
    assert one.decided_at == AT + timedelta(days=1)


def test_an_effect_without_dates_is_one_all_the_same() -> None:
    """A published study may not say when its data end."""
    document = replace(EFFECT, observed=None).as_json()
    (found,) = past_estimates([entry(document)], kept(document))
    assert found.observed_to is None


@pytest.mark.parametrize(
    "other",
    [
        replace(EFFECT, measure="srm"),
        # What a document says of others is not what it is.
        replace(EFFECT, measure="srm", asked={"measure": "effect"}),
        replace(EFFECT, estimate=replace(ESTIMATE, detail={"role": "proxy"})),
    ],
)
def test_only_effects_on_outcomes_count(other: Evidence) -> None:
    """A sample ratio is no effect, and a proxy no outcome."""
    document = other.as_json()
    assert past_estimates([entry(document)], kept(document)) == ()


def test_other_acts_are_passed_over() -> None:
    """A registration pins no effect."""
    document = EFFECT.as_json()
    assert past_estimates([entry(document, act="design_registered")], kept(document)) == ()


def test_an_altered_document_is_no_past() -> None:
    """A claim that somebody made larger has another digest, and counts for nothing."""
    good = EFFECT.as_json()
    larger = canonical(good).replace(b"0.04", b"0.94")
    assert larger != canonical(good)
    assert past_estimates([entry(good)], lambda _: {digest(good): larger}) == ()


@pytest.mark.parametrize(
    "document", [{"measure": "effect"}, ["nothing"], {**EFFECT.as_json(), "observed": 3}]
)
def test_what_cannot_be_read_is_left_to_verify(document: Any) -> None:
    """A document that is gone or no evidence costs its own row only."""
    good = EFFECT.as_json()
    store = kept(document, good)
    assert len(past_estimates([entry(document, good)], store)) == 1
    assert past_estimates([entry(good)], kept()) == ()
