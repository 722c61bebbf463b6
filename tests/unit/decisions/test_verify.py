"""Verifying finds what is wrong, says where, and goes on to the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.attacks.ledgers import NOW, House, basis

from headway.decisions.decision import Kind
from headway.decisions.entry import Entry
from headway.decisions.ledger import Act
from headway.decisions.replay import Documents, Replayed, judge_again
from headway.decisions.verify import Report, verify
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import Json, canonical, digest_bytes


def test_an_empty_ledger_is_whole(here: House) -> None:
    """Where nothing was decided there is nothing to find."""
    assert here.verify() == Report(0, (), 0, 0)


def test_a_ledger_that_nobody_touched_is_whole(here: House) -> None:
    """Every entry is counted and every judged decision replays; a hold has nothing to replay."""
    here.fill(5)
    assert here.verify() == Report(5, (), 3, 0)


def test_other_acts_are_not_replayed(here: House) -> None:
    """Only decisions rest on a verdict."""
    here.ledger.append(Act(at=NOW, actor="ann", act="import", subject="harbour", body={"verdict": "x"}))
    assert here.verify() == Report(1, (), 0, 0)


def test_a_decision_that_comes_out_otherwise_is_found(here: House) -> None:
    """A decision whose documents give another verdict is HW606, at its entry."""
    here.fill(3)

    def another(entry: Entry, documents: Documents) -> Replayed:
        came = judge_again(entry, documents)
        return Replayed({**came.fields, "verdict": "0" * 64}) if entry.seq == 3 else came

    report = verify(here.store, here.head, another)
    assert (report.replayed, report.not_replayed) == (1, 1)
    (found,) = report.diagnostics
    assert str(found).splitlines()[0] == (
        "ledger.db:3:1: error[HW606] entry 3: the same documents give another verdict"
    )


@pytest.mark.parametrize(
    ("came", "code", "word"),
    [
        (Replayed(unknown="version 0"), "HW607", "lacks its rules, version 0"),
        (Replayed(why="it cannot be judged"), "HW606", "it cannot be judged"),
        (Replayed(), "HW606", "another verdict"),
    ],
)
def test_a_decision_that_cannot_be_judged_is_not_called_replayed(
    here: House, came: Replayed, code: str, word: str
) -> None:
    """Rules that this build lacks are a warning; whatever else keeps one from replaying is an error."""
    here.fill(1)
    report = verify(here.store, here.head, lambda *_: came)
    assert (report.replayed, report.not_replayed) == (0, 1)
    assert report.diagnostics[0].code == code
    assert word in report.diagnostics[0].what


@pytest.mark.parametrize(
    ("field", "value"), [("state", "met"), ("against", None), ("gate", "keep"), ("as_of", "x")]
)
def test_the_words_of_a_decision_follow_from_its_verdict(here: House, field: str, value: str | None) -> None:
    """A made-up state, gate or moment beside a true verdict is found."""
    here.decide(Kind.APPROVE, "in a hurry", basis(met=False, mode="warn"))
    (row,) = here.rows()
    entry = Entry.from_bytes(row.entry)
    forged = replace(entry, body={**entry.body, field: value}).to_bytes()
    here.overwrite({1: forged})
    assert ("HW606", 1) in here.codes()


@pytest.mark.parametrize(
    "body", [{"kind": "approve"}, {"kind": "approve_with_conditions", "rules_version": 1}, {"verdict": None}]
)
def test_an_approval_without_a_verdict_is_found(here: House, body: dict[str, Json]) -> None:
    """What `admit` would have refused is no decision because somebody wrote it into the file."""
    here.ledger.append(Act(at=NOW, actor="ann", act="decision", subject="replies", body=body))
    report = here.verify()
    assert report.not_replayed == 1
    assert [found.code for found in report.diagnostics] == ["HW606"]


def test_an_erased_comment_is_no_finding(here: House) -> None:
    """Free text may be erased; the chain stays whole."""
    here.decide(comment="Meyer objects")
    with here.by_hand() as connection:
        connection.execute("delete from pinned")
    assert here.verify() == Report(1, (), 0, 0)


@pytest.mark.parametrize("other", [canonical({"salt": "00" * 16, "text": "Meyer agrees"}), b"", b"{}"])
def test_an_altered_comment_is_found(here: House, other: bytes) -> None:
    """Words that somebody put in a person's mouth are HW608."""
    here.decide(comment="Meyer objects")
    with here.by_hand() as connection:
        connection.execute("update pinned set body = ?", (other,))
    assert here.codes() == [("HW608", 1)]


@pytest.mark.parametrize("what", ["gate", "initiative", "evidence", "missing", "verdict"])
def test_an_absent_document_is_found_and_its_decision_not_replayed(here: House, what: str) -> None:
    """Each kind of pinned document is looked for: HW608 says which is gone."""
    entry = here.decide(Kind.APPROVE, "", basis()).entry
    with here.by_hand() as connection:
        connection.execute("delete from pinned where digest = ?", (entry.pins[what][0],))
    report = here.verify()
    assert (report.replayed, report.not_replayed) == (0, 1)
    (found,) = report.diagnostics
    assert found.code == "HW608"
    assert found.what == f"entry 1: the pinned {what} {entry.pins[what][0]} is absent"


def forge(here: House, body: bytes) -> None:
    """Add a copy of the last decision that pins other bytes as its gate, past every check."""
    entry = Entry.from_bytes(here.rows()[-1].entry)
    pins = {**entry.pins, "gate": (digest_bytes(body),)}
    here.store.append(
        lambda seq, prev: replace(entry, seq=seq, prev=prev, pins=pins).to_bytes(), {digest_bytes(body): body}
    )


@pytest.mark.parametrize(
    ("body", "code"), [(canonical("x"), "HW606"), (b"no JSON", "HW609"), (b"[ ]", "HW609")]
)
def test_a_document_that_is_none_is_found_and_the_reading_goes_on(
    here: House, body: bytes, code: str
) -> None:
    """Bytes that are kept under their own digest but are no document end one replay, not the verification."""
    here.decide(Kind.APPROVE, "", basis())
    forge(here, body)
    here.decide(Kind.APPROVE, "", basis())
    report = here.verify()
    assert [(found.code, found.place.line) for found in report.diagnostics] == [(code, 2)]
    assert (report.entries, report.replayed, report.not_replayed) == (3, 2, 1)


def test_a_verdict_pinned_beside_another_is_found(here: House) -> None:
    """The pinned verdict is the one whose digest the body holds."""
    here.decide(Kind.APPROVE, "", basis())
    entry = Entry.from_bytes(here.rows()[0].entry)
    forged = replace(entry, pins={**entry.pins, "verdict": entry.pins["gate"]}).to_bytes()
    here.overwrite({1: forged})
    assert ("HW606", 1) in here.codes()


def test_a_spoilt_head_is_told_and_the_entries_are_still_read(here: House) -> None:
    """A head file that holds no head is HW605; the ledger is verified all the same."""
    here.fill(2)
    here.head.write_text("<<<<<<< ours\n")
    report = here.verify()
    assert (report.entries, report.replayed) == (2, 1)
    (found,) = report.diagnostics
    assert (found.code, found.place.file, found.mend) == (
        "HW605",
        "ledger.head",
        "restore ledger.head from Git",
    )


def test_a_store_that_fails_midway_is_told_where(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the machine ends the reading with a finding at the entry it could not reach."""
    here.fill(3)
    entries = here.store.entries

    def failing(since: int = 0) -> object:
        for stored in entries(since):
            if stored.seq == 3:
                raise LedgerFault("HW601", "read", "its file is damaged", "restore it")
            yield stored

    monkeypatch.setattr(here.store, "entries", failing)
    report = here.verify()
    assert report.entries == 2
    assert [(found.code, found.place.line) for found in report.diagnostics] == [("HW601", 3)]


def test_verifying_writes_nothing(here: House, tmp_path: Path) -> None:
    """Whoever verifies a portfolio leaves it as it was."""
    here.head.write_text('{"size": 0, "head": "' + "0" * 64 + '"}\n')
    here.verify()
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.head"]
