"""Any sequence of acts goes in, comes out and verifies; any change of a byte is found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attacks.ledgers import House, house

from headway.decisions.entry import Entry, document
from headway.decisions.ledger import Act
from headway.decisions.text import FreeText
from headway.kernel.identity import MAX_EXACT_INTEGER, canonical, digest
from headway.store.base import NO_ENTRY

letters = st.characters(codec="utf-8")
words = st.text(letters, max_size=12)
names = st.text(letters, min_size=1, max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER),
    st.floats(allow_nan=False, allow_infinity=False),
    words,
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
acts = st.builds(
    Act,
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as asked for
    actor=names,
    act=names.filter(lambda word: word != "decision"),
    subject=names,
    body=st.dictionaries(names.filter(lambda word: word != "comment"), values, max_size=3),
    pins=st.dictionaries(names, st.lists(values, max_size=2), max_size=2),
    texts=st.lists(st.builds(FreeText, words, st.binary(min_size=16, max_size=16)), max_size=1).map(tuple),
)


@contextmanager
def filled(happened: list[Act]) -> Iterator[House]:
    """A house in which the acts were recorded."""
    with tempfile.TemporaryDirectory() as name, house(Path(name)) as here:
        for act in happened:
            here.ledger.append(act)
        yield here


@given(values)
def test_canonical_json_is_read_back_to_the_same_bytes(value: object) -> None:
    """Whatever JSON is pinned, reading and writing it again changes no byte."""
    data = canonical(value)  # type: ignore[arg-type]
    assert canonical(document(data)) == data


@settings(max_examples=40)
@given(st.lists(acts, max_size=5))
def test_any_acts_come_out_as_they_went_in(happened: list[Act]) -> None:
    """Acts keep their order and content, their documents and texts are there, and the ledger verifies."""
    with filled(happened) as here:
        prev = NO_ENTRY
        for seq, (act, entry) in enumerate(zip(happened, here.ledger.entries(), strict=True), 1):
            assert (entry.seq, entry.prev) == (seq, prev)
            assert (entry.at, entry.actor, entry.act, entry.subject) == (
                act.at,
                act.actor,
                act.act,
                act.subject,
            )
            assert canonical(entry.body) == canonical(act.body)
            assert entry.pins == {name: tuple(map(digest, rows)) for name, rows in act.pins.items()}
            for rows in act.pins.values():
                assert [here.store.pinned(digest(row)) for row in rows] == [canonical(row) for row in rows]
            assert [here.ledger.text(text.digest) for text in act.texts] == [text.text for text in act.texts]
            assert Entry.from_bytes(entry.to_bytes()) == entry
            prev = digest_of(entry)
        report = here.verify()
        assert (report.entries, report.diagnostics) == (len(happened), ())


def digest_of(entry: Entry) -> str:
    """SHA-256 of the entry's bytes, by the other way: through its JSON value."""
    return digest(document(entry.to_bytes()))


@settings(max_examples=40)
@given(st.lists(acts, min_size=1, max_size=4), st.data())
def test_any_changed_byte_of_an_entry_is_found(happened: list[Act], data: st.DataObject) -> None:
    """One byte of one entry, changed to any other value and filed anew, leaves a finding."""
    with filled(happened) as here:
        row = data.draw(st.sampled_from(here.rows()))
        here.overwrite({row.seq: changed(row.entry, data)})
        assert here.codes() != []


@settings(max_examples=40)
@given(st.lists(acts, min_size=1, max_size=3), values, st.data())
def test_any_changed_byte_of_a_document_is_found(
    happened: list[Act], value: object, data: st.DataObject
) -> None:
    """One byte of one pinned document, changed to any other value, is HW608."""
    with filled(happened) as here:
        last = happened[-1]
        here.ledger.append(
            Act(at=last.at, actor="a", act="import", subject="s", body={}, pins={"row": [value]})  # type: ignore[list-item]
        )
        spoilt = changed(canonical(value), data)  # type: ignore[arg-type]
        with here.by_hand() as connection:
            connection.execute("update pinned set body = ? where digest = ?", (spoilt, digest(value)))  # type: ignore[arg-type]
        assert ("HW608", len(happened) + 1) in here.codes()


def changed(whole: bytes, data: st.DataObject) -> bytes:
    """The bytes with one of them changed."""
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(1, 255))
    return whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :]
