"""An entry has exactly one form in bytes, and nothing else is read as one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from headway.decisions.entry import Entry, document
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import canonical
from headway.store.base import NO_ENTRY

ENTRY = Entry(
    seq=1,
    prev=NO_ENTRY,
    at=datetime(2026, 3, 31, 14, 0, 0, 5, timezone(timedelta(hours=2))),
    actor="ann",
    act="decision",
    subject="replies",
    body={"kind": "hold", "comment": None},
    pins={"gate": ("a" * 64,), "evidence": ("b" * 64, "c" * 64)},
)


def with_(**changed: Any) -> bytes:
    """The entry's bytes with other fields in them, still canonical."""
    return canonical({**json.loads(ENTRY.to_bytes()), **changed})


def test_the_bytes_of_an_entry() -> None:
    """An entry is canonical JSON: sorted keys, no spaces, a moment in UTC with microseconds."""
    assert ENTRY.to_bytes() == (
        b'{"act":"decision","actor":"ann","at":"2026-03-31T12:00:00.000005Z",'
        b'"body":{"comment":null,"kind":"hold"},'
        b'"pins":{"evidence":["' + b"b" * 64 + b'","' + b"c" * 64 + b'"],"gate":["' + b"a" * 64 + b'"]},'
        b'"prev":"' + b"0" * 64 + b'","seq":1,"subject":"replies"}'
    )


def test_an_entry_is_read_back_as_it_was() -> None:
    """What is written is what is read."""
    assert Entry.from_bytes(ENTRY.to_bytes()) == ENTRY


def test_a_moment_without_a_time_zone_is_not_recorded() -> None:
    """Nobody could say when it was."""
    bare = datetime(2026, 3, 31, 12, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        Entry(seq=1, prev=NO_ENTRY, at=bare, actor="a", act="b", subject="c", body={}, pins={}).to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        ENTRY.to_bytes() + b"\n",
        ENTRY.to_bytes().replace(b":", b": ", 1),
        ENTRY.to_bytes().replace(b'"ann"', b'"\\u0061nn"'),
        ENTRY.to_bytes().replace(b'"seq":1', b'"seq":1.0'),
        ENTRY.to_bytes().replace(b'"seq":1', b'"seq":1,"seq":1'),
        ENTRY.to_bytes().replace(b'"ann"', b'"\\ud800"'),
        ENTRY.to_bytes().replace(b"null", b"NaN"),
        ENTRY.to_bytes().replace(b"null", b"9007199254740993"),
        ENTRY.to_bytes().decode().encode("utf-16"),
        b"\xff",
        b"",
        b"[" * 100_000,
    ],
)
def test_bytes_that_only_mean_the_same_are_refused(data: bytes) -> None:
    """Other bytes than the canonical ones are HW609, whatever they mean."""
    with pytest.raises(LedgerFault) as refused:
        Entry.from_bytes(data)
    assert (refused.value.code, refused.value.mend) == ("HW609", "restore the ledger from a backup")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[]", "eight fields"),
        (b"1", "eight fields"),
        (with_(more=1), "eight fields"),
        (with_(seq=0), "number"),
        (with_(seq=True), "number"),
        (with_(seq="1"), "number"),
        (with_(prev="A" * 64), "prev"),
        (with_(prev=1), "prev"),
        (with_(at="2026-03-31T12:00:00Z"), "moment"),
        (with_(at="2026-03-31"), "moment"),
        (with_(at="soon"), "moment"),
        (with_(at=1), "moment"),
        (with_(actor=""), "words"),
        (with_(act=1), "words"),
        (with_(subject=None), "words"),
        (with_(body=[]), "body"),
        (with_(pins=[]), "pins"),
        (with_(pins={"gate": "a" * 64}), "pins"),
        (with_(pins={"gate": ["a"]}), "pins"),
    ],
)
def test_canonical_json_that_is_no_entry_is_refused(data: bytes, why: str) -> None:
    """An entry has its eight fields, each of its own kind."""
    with pytest.raises(LedgerFault, match=why) as refused:
        Entry.from_bytes(data)
    assert refused.value.code == "HW609"


@pytest.mark.parametrize("number", [1e17, 1e20, -1e17, 2.0**53, 1e21, 1e-7, 0.1, 2**53 - 1])
def test_a_number_is_read_back_to_the_same_bytes(number: float) -> None:
    """Large floats are written without a point, and still are read as what they were."""
    read = document(canonical([number]))
    assert read == [number]
    assert canonical(read) == canonical([number])
