"""A decision and the act it becomes."""

from __future__ import annotations

import pytest
from tests.attacks.ledgers import NOW, SALT, House, basis, decision

from headway import __version__
from headway.decisions.decision import Kind
from headway.decisions.text import FreeText
from headway.gates.judge import RULES_VERSION
from headway.kernel.identity import digest


def test_the_kinds_are_those_of_the_design() -> None:
    """Eight things may be decided."""
    assert (
        " ".join(Kind) == "approve approve_with_conditions request_changes reject withdraw hold resume retire"
    )


def test_an_approval_pins_what_it_rests_on(here: House) -> None:
    """Gate, initiative, each piece of evidence, what is missing and the verdict are pinned by digest."""
    on = basis()
    verdict = on.judge().as_json()
    entry = here.decide(Kind.APPROVE, "", on).entry
    assert entry.body == {
        "kind": "approve",
        "against": False,
        "comment": None,
        "headway": __version__,
        "rules_version": RULES_VERSION,
        "gate": "framed",
        "state": "met",
        "enforced": "met",
        "mode": "block",
        "rules": "starter@1#abc",
        "as_of": "2026-03-31T12:00:00.000000Z",
        "verdict": digest(verdict),
    }
    assert entry.pins == {
        "gate": (digest(on.gate.as_json()),),
        "initiative": (digest(on.subject.as_json()),),
        "evidence": tuple(digest(row.as_json()) for row in on.evidence),
        "missing": tuple(digest(row.as_json()) for row in on.missing),
        "verdict": (digest(verdict),),
    }
    assert (entry.actor, entry.act, entry.subject, entry.at) == ("ann", "decision", "replies", NOW)


def test_a_hold_needs_no_verdict(here: House) -> None:
    """A decision that lets nothing pass may rest on a reason alone."""
    entry = here.decide(Kind.HOLD, " wait \n").entry
    assert entry.pins == {}
    assert entry.body["comment"] == FreeText("wait", SALT).digest
    assert here.ledger.text(FreeText("wait", SALT).digest) == "wait"


def test_what_a_person_wrote_is_not_in_the_entry(here: House) -> None:
    """Only the digest of the comment is in the chain."""
    assert b"Meyer" not in here.decide(Kind.REJECT, "Meyer objects").entry.to_bytes()


def test_a_decision_rests_on_its_own_initiative() -> None:
    """A verdict about another initiative cannot carry a decision."""
    with pytest.raises(ValueError, match="replies cannot rest on chats"):
        decision(on=basis(name="chats"))
