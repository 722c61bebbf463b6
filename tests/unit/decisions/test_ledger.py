"""Acts go into the ledger with their documents, and come out as they went in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.attacks.ledgers import NOW, SALT, House

from headway.decisions import head
from headway.decisions.head import Head
from headway.decisions.ledger import Act
from headway.decisions.text import FreeText
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import canonical, digest, digest_bytes
from headway.store.base import NO_ENTRY


def act(word: str = "hold", **pins: tuple[object, ...]) -> Act:
    """Something that happened."""
    return Act(at=NOW, actor="ann", act="import", subject="replies", body={"word": word}, pins=pins)  # type: ignore[arg-type]


def test_an_act_becomes_an_entry_that_names_its_documents(here: House) -> None:
    """The entry holds the digests of what was read; the documents are kept under them."""
    recorded = here.ledger.append(act(gate=({"name": "framed"},), evidence=(1, [2])))
    entry = recorded.entry
    assert recorded.behind is None
    assert (entry.seq, entry.prev, entry.at, entry.actor) == (1, NO_ENTRY, NOW, "ann")
    assert entry.pins == {"gate": (digest({"name": "framed"}),), "evidence": (digest(1), digest([2]))}
    assert here.store.pinned(entry.pins["evidence"][1]) == b"[2]"
    assert list(here.ledger.entries()) == [entry]


def test_entries_form_a_chain(here: House) -> None:
    """Each entry holds the digest of the bytes before it."""
    entries = [here.ledger.append(act(str(n))).entry for n in range(3)]
    assert [entry.prev for entry in entries[1:]] == [digest_bytes(entry.to_bytes()) for entry in entries[:2]]
    assert list(here.ledger.entries(since=1)) == entries[1:]


def test_a_text_lies_beside_the_entry(here: House) -> None:
    """The text is found by the digest that the entry holds, and may be gone."""
    text = FreeText("too early", SALT)
    body = {"comment": text.digest}
    happened = Act(at=NOW, actor="ann", act="review", subject="replies", body=body, texts=(text,))
    assert b"too early" not in here.ledger.append(happened).entry.to_bytes()
    assert here.ledger.text(text.digest) == "too early"
    with here.by_hand() as connection:
        connection.execute("delete from pinned")
    assert here.ledger.text(text.digest) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        Act(at=NOW, actor="ann", act="import", subject="replies", body={"share": float("nan")}),
        Act(at=NOW, actor="ann", act="import", subject="replies", body={}, pins={"evidence": (2**53,)}),
        Act(at=datetime(2026, 1, 1), actor="ann", act="import", subject="replies", body={}),  # noqa: DTZ001
        Act(at=NOW.astimezone(UTC), actor="ann", act="import", subject="\ud800", body={}),
    ],
)
def test_an_act_without_canonical_form_is_not_recorded(here: House, spoilt: Act) -> None:
    """Nothing is kept of an act that cannot be written down exactly."""
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        here.ledger.append(spoilt)
    assert here.store.size_and_head() == (0, NO_ENTRY)
    assert not here.head.exists()


def test_an_act_that_would_be_no_entry_is_not_recorded(here: House) -> None:
    """What could not be read back is refused before it is kept."""
    nameless = Act(at=NOW, actor="", act="import", subject="replies", body={}, pins={"gate": (1,)})
    with pytest.raises(LedgerFault, match="words"):
        here.ledger.append(nameless)
    assert here.store.size_and_head() == (0, NO_ENTRY)
    assert here.store.pinned(digest(1)) is None


def test_a_head_that_cannot_follow_does_not_undo_the_entry(
    here: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is safe; the caller is warned that the committed head is behind, and told how to mend it."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(head, "_replace", full)
    recorded = here.ledger.append(act())
    assert here.store.size_and_head()[0] == recorded.entry.seq == 1
    assert recorded.behind
    assert recorded.behind.code == "HW611"
    assert "the entry is in the ledger" in recorded.behind.what
    assert "--mend-head" in recorded.behind.mend


def test_nothing_is_added_to_a_ledger_that_lost_its_tail(here: House) -> None:
    """A head that is ahead is never written over: the act is refused, and the head still shows the loss."""
    here.fill(3)
    committed = here.head.read_bytes()
    here.remove(3)
    with pytest.raises(LedgerFault) as refused:
        here.ledger.append(act())
    assert refused.value.code == "HW605"
    assert here.store.size_and_head()[0] == 2
    assert here.head.read_bytes() == committed


def test_nothing_is_added_to_another_ledger(here: House) -> None:
    """A head from elsewhere, as after a checkout of a colleague's branch, refuses the act."""
    here.fill(1)
    here.head.write_bytes(Head(1, digest_bytes(canonical("theirs"))).to_bytes())
    with pytest.raises(LedgerFault, match="committed head names") as refused:
        here.ledger.append(act())
    assert refused.value.code == "HW605"
