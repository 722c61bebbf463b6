"""A decision is judged again from what it pinned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.attacks.ledgers import NOW, House, basis, evidence

from headway.decisions.decision import Kind
from headway.decisions.entry import Entry, document
from headway.decisions.replay import Basis, Documents, Replayed, judge_again, recorded
from headway.gates.judge import RULES_VERSION
from headway.kernel.identity import canonical, instant

ON = basis()


def kept(on: Basis = ON) -> dict[str, tuple[Any, ...]]:
    """The documents as they come back from the store."""
    return {name: tuple(document(canonical(row)) for row in rows) for name, rows in on.as_documents().items()}


@pytest.fixture
def entry(here: House) -> Entry:
    """An approval that rests on the basis."""
    return here.decide(Kind.APPROVE, "", ON).entry


def test_the_documents_give_the_basis_back() -> None:
    """What is pinned is everything the judge looks at."""
    assert Basis.from_documents(kept(), instant(NOW)) == ON


def test_a_replay_comes_to_what_was_recorded(entry: Entry) -> None:
    """Offline, from the documents alone, the verdict is the same."""
    came = judge_again(entry, kept())
    assert came == Replayed(recorded(ON.judge()))
    assert entry.body.items() >= came.fields.items()


@pytest.mark.parametrize("value", [1.0, 0.1, 1e17, 1e-9, -0.0])
def test_numbers_of_evidence_survive(value: float) -> None:
    """Whole, large and small numbers judge the same after they were written and read."""
    on = replace(ON, evidence=(evidence(value),))
    assert canonical(on.judge().as_json()) == canonical(
        Basis.from_documents(kept(on), instant(NOW)).judge_as_read().as_json()
    )


def test_rules_of_another_version_are_not_judged(entry: Entry) -> None:
    """A decision of other rules is told apart from one that does not replay."""
    newer = replace(entry, body={**entry.body, "rules_version": RULES_VERSION + 1})
    assert judge_again(newer, kept()).unknown == f"version {RULES_VERSION + 1}"


@pytest.mark.parametrize("version", [0, None, "1", 1.5])
def test_a_version_that_never_was_is_no_excuse(entry: Entry, version: float | str | None) -> None:
    """A decision does not escape its replay by naming rules that no headway had."""
    made_up = replace(entry, body={**entry.body, "rules_version": version})
    came = judge_again(made_up, kept())
    assert (came.unknown, came.why) == ("", "it names no version of the rules")


def test_a_gate_that_this_build_cannot_judge_is_told_apart(entry: Entry) -> None:
    """A requirement of an unknown kind is a lack of this build, not a mismatch."""
    documents = kept()
    documents["gate"][0]["requirements"][0] = {"id": "framed.value.problem", "horoscope": "good"}
    came = judge_again(entry, documents)
    assert came.unknown.startswith("starter@1#abc (")
    assert not came.fields


@pytest.mark.parametrize(
    "documents",
    [{}, {**kept(), "gate": ()}, {**kept(), "evidence": ({},)}, {**kept(), "initiative": (1,)}],
)
def test_documents_that_are_none_are_an_answer_not_a_crash(entry: Entry, documents: Documents) -> None:
    """Whatever was pinned, replaying ends with a word about it."""
    assert "cannot be judged" in judge_again(entry, documents).why
