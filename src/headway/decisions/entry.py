"""One entry of the ledger, and its bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.kernel.errors import LedgerFault
from headway.kernel.identity import MAX_EXACT_INTEGER, Json, canonical, instant

DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELDS = {"seq", "prev", "at", "actor", "act", "subject", "body", "pins"}
_WORDS = ("actor", "act", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what to what, when, and on which documents.

    Attributes:
        seq: the number of the entry, from 1.
        prev: SHA-256 of the bytes of the entry before it, in hex; zeros for the first.
        at: when.
        actor: the id of a person.
        act: what was done, for instance ``decision``.
        subject: the initiative or rule it was done to.
        body: the act's own fields.
        pins: what was read (``gate``, ``evidence`` ...) to the digests of those documents.
    """

    seq: int
    prev: str
    at: datetime
    actor: str
    act: str
    subject: str
    body: Mapping[str, Json]
    pins: Mapping[str, tuple[str, ...]]

    def to_bytes(self) -> bytes:
        """The canonical JSON (RFC 8785) of the entry.

        Raises:
            ValueError: a number has no JSON form, or `at` no time zone.
        """
        return canonical(
            {
                "seq": self.seq,
                "prev": self.prev,
                "at": instant(self.at),
                "actor": self.actor,
                "act": self.act,
                "subject": self.subject,
                "body": self.body,
                "pins": self.pins,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Read an entry back.

        Raises:
            LedgerFault: HW609, these are not the canonical bytes of an entry.
        """
        fields = document(data)
        if not isinstance(fields, dict) or set(fields) != _FIELDS:
            raise _refused("it has not the eight fields of an entry")
        if why := _misfit(fields):
            raise _refused(why)
        return cls(
            **{word: fields[word] for word in ("seq", "prev", *_WORDS, "body")},
            at=datetime.fromisoformat(fields["at"]),
            pins={name: tuple(digests) for name, digests in fields["pins"].items()},
        )


def document(data: bytes) -> Any:
    """Read canonical JSON, and nothing that merely means the same.

    Raises:
        LedgerFault: HW609, the bytes are not the canonical form of what they say.
    """
    try:
        value = json.loads(data.decode(), parse_int=_integer)
        if canonical(value) == data:
            return value
    except (ValueError, RecursionError):
        raise _refused("it is not JSON") from None
    raise _refused("the same content has other bytes in canonical form")


def _integer(digits: str) -> int | float:
    # A large number without a fraction is written without a point; beyond 2^53 only a float has those digits.
    number = int(digits)
    return number if abs(number) <= MAX_EXACT_INTEGER else float(digits)


def _misfit(fields: dict[str, Any]) -> str | None:
    """What keeps JSON of the right keys from being an entry."""
    if not _is_count(fields["seq"]):
        return "its number is not an integer from 1"
    if not _is_digest(fields["prev"]):
        return "prev is not a digest"
    if not _is_instant(fields["at"]):
        return "at is not a moment in UTC with microseconds"
    if not all(isinstance(fields[word], str) and fields[word] for word in _WORDS):
        return "actor, act and subject are not all words"
    if not isinstance(fields["body"], dict):
        return "its body is not an object"
    if not _are_pins(fields["pins"]):
        return "its pins are not lists of digests by name"
    return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and instant(datetime.fromisoformat(value)) == value
    except ValueError:
        return False


def _are_pins(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(digests, list) and all(_is_digest(digest) for digest in digests)
        for digests in value.values()
    )


def _refused(why: str) -> LedgerFault:
    return LedgerFault("HW609", "read an entry of", why, "restore the ledger from a backup")
