"""Is the ledger whole: entries, documents and head are checked, and every decision is judged again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from headway.decisions import head
from headway.decisions.applied import other_advice
from headway.decisions.decision import DECISION, Kind
from headway.decisions.entry import Entry, document
from headway.decisions.freezing import frozen_in, misfit
from headway.decisions.registration import other_design
from headway.decisions.replay import Documents, JudgeAgain
from headway.decisions.text import FreeText
from headway.evidence.frozen import ACT
from headway.gates.verdict import State
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import Json, digest_bytes
from headway.kernel.identity import digest as digest_of
from headway.measures.spend import realised
from headway.portfolio import registration
from headway.store.base import NO_ENTRY, Store, Stored

FILE = "ledger.db"
_PINNED = {registration.ACT: other_design, realised.ACT: other_advice}
_APPROVALS = {kind.value for kind in Kind if kind.approves}
_ALTERED = "report it: either the record was made up, or this headway judges differently than it says"
_RESTORE = "restore ledger.db from the last backup in which `headway verify` finds nothing"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    Attributes:
        entries: how many entries were read.
        diagnostics: findings in the order of the ledger, the head's last; the line is the entry's number.
        replayed: decisions that came to the verdict they recorded.
        not_replayed: decisions that came to another one, or could not be judged.
    """

    entries: int
    diagnostics: tuple[Diagnostic, ...]
    replayed: int
    not_replayed: int


def verify(store: Store, path: Path, judge_again: JudgeAgain) -> Report:
    """Check a ledger from its first entry to its committed head, holding one entry at a time.

    Args:
        store: the ledger's store.
        path: the head file.
        judge_again: judges a decision from its documents, offline.
    """
    reading = _Reading(store, judge_again)
    committed, found = None, None
    try:
        # Before the entries: the ledger may grow while it is read, and must not seem cut for that.
        committed = head.read(path)
    except LedgerFault as fault:
        found = Diagnostic(fault.code, fault.happened, Place(path.name), fault.mend)
    try:
        for stored in store.entries():
            reading.take(stored)
        if committed:
            found = head.compare(committed, store, path)
    except LedgerFault as fault:
        reading.find(
            fault.code, f"the ledger cannot be read on: {fault.happened}", fault.mend, reading.seq + 1
        )
    last = (found,) if found else ()
    return Report(reading.entries, (*reading.found, *last), reading.replayed, reading.not_replayed)


@dataclass(slots=True)
class _Reading:
    """How far the reading has come."""

    store: Store
    judge_again: JudgeAgain
    entries: int = 0
    seq: int = 0
    prev: str = NO_ENTRY
    replayed: int = 0
    not_replayed: int = 0
    found: list[Diagnostic] = field(default_factory=list)
    frozen: dict[tuple[int, int], int] = field(default_factory=dict)
    rows: set[str] = field(default_factory=set)

    def find(self, code: str, what: str, mend: str = _RESTORE, seq: int | None = None) -> None:
        self.found.append(Diagnostic(code, what, Place(FILE, self.seq if seq is None else seq), mend))

    def take(self, stored: Stored) -> None:
        """Check one entry against the one before it and against its documents."""
        if stored.seq != self.seq + 1:
            self.find("HW601", f"entries {self.seq + 1} to {stored.seq - 1} are absent", seq=stored.seq)
        self.entries, self.seq = self.entries + 1, stored.seq
        digest = digest_bytes(stored.entry)
        if stored.digest != digest:
            self.find("HW601", f"entry {self.seq} is not filed under the digest of its bytes")
        try:
            entry = Entry.from_bytes(stored.entry)
        except LedgerFault as fault:
            self.find(fault.code, f"entry {self.seq}: {fault.happened}", fault.mend)
        else:
            self._chain(entry)
            self._rests_on(entry)
        self.prev = digest

    def _chain(self, entry: Entry) -> None:
        if entry.seq != self.seq:
            self.find("HW601", f"entry {self.seq} says it is entry {entry.seq}")
        if entry.prev != self.prev:
            self.find("HW601", f"entry {self.seq} does not continue the entry before it")

    def _rests_on(self, entry: Entry) -> None:
        absent = list(self._faults_of_pins(entry))
        for what in absent:
            self.find("HW608", f"entry {self.seq}: {what}")
        self._comment(entry.body.get("comment"))
        if entry.act == DECISION:
            self._replay(entry, whole=not absent)
        elif entry.act == ACT and not absent:
            self._freezes(entry)
        elif entry.act in _PINNED and (why := _PINNED[entry.act](entry)):
            self.find("HW608", f"entry {self.seq}: {why}", _ALTERED)

    def _comment(self, digest: object) -> None:
        text = self.store.pinned(digest) if isinstance(digest, str) else None
        # An absent text was erased, as it may be; an altered one puts words into somebody's mouth.
        if text is not None:
            try:
                FreeText.from_bytes(text, str(digest))
            except LedgerFault as fault:
                self.find(fault.code, f"entry {self.seq}: its comment was altered")

    def _faults_of_pins(self, entry: Entry) -> Iterator[str]:
        for name, digests in entry.pins.items():
            for digest in digests:
                body = self.store.pinned(digest)
                if body is None:
                    yield f"the pinned {name} {digest} is absent"
                elif digest_bytes(body) != digest:
                    yield f"the pinned {name} {digest} was altered"

    def _freezes(self, entry: Entry) -> None:
        """An e-value is that of its pinned evidence, and the only one of its slot."""
        why = misfit(entry, self._documents(entry).get("evidence", ()))
        if why:
            self.find("HW606", f"entry {self.seq}: {why}", _ALTERED)
            return
        for one in frozen_in([entry]):
            first = self.frozen.setdefault((one.budget.year, one.slot), self.seq)
            self.rows |= {digest_of(row.as_json()) for row in one.rows}
            if first != self.seq:
                slot = f"slot {one.slot} of {one.budget.year}"
                what = f"entry {self.seq} freezes {slot} again, after entry {first}"
                self.find("HW427", what, f"cite the row of entry {first}: the later one does not count")

    def _unfrozen(self, basis: Documents) -> str | None:
        """Why the frozen rows that a decision rests on are not those of the ledger before it."""
        for subject in basis.get("initiative", ()):
            promotion = subject.get("facts", {}).get("promotion")
            for row in promotion["frozen"] if promotion else ():
                if digest_of(row) not in self.rows:
                    return f"it rests on an e-value of '{row['initiative']}' that no entry before it froze"
        return None

    def _replay(self, entry: Entry, *, whole: bool) -> None:
        """Judge a decision again from its documents; one that rests on no verdict has nothing to replay."""
        if "verdict" not in entry.body and entry.body.get("kind") not in _APPROVALS:
            return
        try:
            documents = self._documents(entry) if whole else {}
            came = self.judge_again(entry, documents) if whole else None
        except LedgerFault as fault:
            self.not_replayed += 1
            self.find(fault.code, f"entry {self.seq}: a pinned document: {fault.happened}", _ALTERED)
            return
        unfrozen = self._unfrozen(documents) if came and came.fields else None
        if came and came.fields and _follows(entry, came.fields) and not unfrozen:
            self.replayed += 1
            return
        self.not_replayed += 1
        if came and came.unknown:
            what = f"entry {self.seq} cannot be replayed: this headway lacks its rules, {came.unknown}"
            self.find("HW607", what, "run `headway verify` of the version that recorded it")
        elif came:
            why = came.why or unfrozen or "the same documents give another verdict"
            self.find("HW606", f"entry {self.seq}: {why}", _ALTERED)

    def _documents(self, entry: Entry) -> Documents:
        """The pinned documents by name; `_faults_of_pins` has found each of them there and unaltered."""
        return {
            name: tuple(document(self.store.pinned(digest) or b"") for digest in digests)
            for name, digests in entry.pins.items()
        }


def _follows(entry: Entry, fields: Mapping[str, Json]) -> bool:
    """Whether a decision says what its verdict says: in words too, because people read those."""
    approves = entry.body.get("kind") in _APPROVALS
    expected = {**fields, "against": approves and fields.get("state") != State.MET.value}
    says = all(entry.body.get(key) == value for key, value in expected.items())
    return says and entry.pins.get("verdict") == (fields.get("verdict"),)
