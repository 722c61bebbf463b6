"""The ledger: acts go in one at a time, each with the documents it rests on, and never come out changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from headway.decisions import head
from headway.decisions.entry import Entry
from headway.decisions.text import FreeText
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import Json, canonical, digest_bytes
from headway.store.base import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is to be recorded.

    Attributes:
        at: when; from the clock, or from the data that caused the act.
        actor: the id of a person.
        act: what was done, for instance ``decision``.
        subject: what it was done to.
        body: the act's own fields; free text only as the digest of one of `texts`.
        pins: what was read, by name, to the documents themselves.
        texts: free text kept beside the ledger.
    """

    at: datetime
    actor: str
    act: str
    subject: str
    body: Mapping[str, Json]
    pins: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    texts: tuple[FreeText, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry that is safe in the ledger.

    Attributes:
        entry: as it was recorded.
        behind: the warning HW611 if the committed head could not follow.
        after: an entry that had to go before it.
    """

    entry: Entry
    behind: Diagnostic | None = None
    after: Entry | None = None


class Ledger:
    """One store and the head file that is committed for it.

    Args:
        store: where entries and documents are kept.
        path: the head file.
    """

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._path = path

    def append(self, act: Act, check: Callable[[], None] | None = None) -> Recorded:
        """Record an act and its documents in one transaction, then bring the head up to it.

        Args:
            act: what is to be recorded.
            check: looked at while no other process can add an entry; what it raises is passed on, and
                nothing is recorded.

        Raises:
            LedgerFault: nothing was recorded: HW605, the ledger is not the one whose head was committed;
                HW608, a document is kept with other bytes; HW609, it would be no entry; HW610, the store
                did not take it.
            ValueError: nothing was recorded, because the act has no canonical form.
        """
        documents = {name: [canonical(value) for value in values] for name, values in act.pins.items()}
        pins = {name: tuple(digest_bytes(body) for body in bodies) for name, bodies in documents.items()}
        kept = {digest_bytes(body): body for bodies in documents.values() for body in bodies}
        kept |= {text.digest: text.to_bytes() for text in act.texts}

        def build(seq: int, prev: str) -> bytes:
            # Here no other process can add an entry, and a head that was ahead must not be written over.
            head.refuse_other(self._store, self._path)
            if check:
                check()
            data = Entry(
                seq=seq,
                prev=prev,
                at=act.at,
                actor=act.actor,
                act=act.act,
                subject=act.subject,
                body=act.body,
                pins=pins,
            ).to_bytes()
            # What could not be read back would make every later verification fail.
            Entry.from_bytes(data)
            return data

        stored = self._store.append(build, kept)
        return Recorded(Entry.from_bytes(stored.entry), self._follow())

    def entries(self, since: int = 0) -> Iterator[Entry]:
        """The entries after a number, in order and one at a time.

        Raises:
            LedgerFault: HW601, the store cannot be read; HW609, an entry is not in canonical form.
        """
        for stored in self._store.entries(since):
            yield Entry.from_bytes(stored.entry)

    def text(self, digest: str) -> str | None:
        """The free text behind a digest; None when it was erased.

        Raises:
            LedgerFault: HW601, the store cannot be read; HW608, what is kept is not that text.
        """
        data = self._store.pinned(digest)
        return None if data is None else FreeText.from_bytes(data, digest).text

    def _follow(self) -> Diagnostic | None:
        try:
            head.publish(self._store, self._path)
        except LedgerFault as fault:
            # The entry stands: a fault here must not read as if it did not.
            what = f"the entry is in the ledger, but its head is behind: {fault.happened}"
            return Diagnostic("HW611", what, Place(self._path.name), fault.mend)
        return None
