"""A small ledger of a made-up house, its files by hand, and what may be decided there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from headway.decisions.approvals import Refused, decide
from headway.decisions.decision import Decision, Kind
from headway.decisions.entry import Entry
from headway.decisions.ledger import Ledger, Recorded
from headway.decisions.replay import Basis, judge_again
from headway.decisions.verify import Report, verify
from headway.evidence.record import Evidence, Missing, Provenance
from headway.gates.model import Gate
from headway.gates.requirement import Requirement
from headway.gates.subject import Subject
from headway.kernel.estimate import Estimate, Grade
from headway.kernel.identity import Json, digest_bytes
from headway.portfolio.people import People, Person
from headway.store.base import Stored
from headway.store.sqlite_store import SqliteStore

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
SALT = bytes(range(16))
HOUSE = People(
    people="harbour",
    persons=(Person(id="ann"), Person(id="bob", active_until=date(2026, 3, 31)), Person(id="cy")),
)


def gate(*paths: str, mode: str = "block", row_mode: str = "block") -> Gate:
    """A gate that asks for paths to be declared."""
    rows = tuple(
        Requirement(f"framed.value.{path}", "declared", {"declared": [path]}, mode=row_mode) for path in paths
    )
    return Gate("framed", mode, "starter@1#abc", rows)


def subject(name: str = "replies", **declared: str) -> Subject:
    """An initiative that declares what is given."""
    facts: dict[str, Json] = {"people": {"accountable": "ann"}, "left": False, "findings": {}, "paths": []}
    return Subject(name, "proposed", {"initiative": dict(declared)}, {**facts, "better": "lower"})


def evidence(value: float = 1.0) -> Evidence:
    """An estimate whose numbers are whole, large and small."""
    return Evidence(
        subject="replies",
        measure="effect",
        metric="reopened",
        estimate=Estimate(
            value=value, low=1e-7, high=1e17, level=0.95, unit="share", n=40, method="means", grade=Grade.A
        ),
        observed=(NOW - timedelta(days=30), NOW),
        received_at=NOW,
        valid_until=None,
        closed=False,
        provenance=(Provenance("pilot", "unit", "d" * 64, "r" * 64, 40),),
    )


def basis(*, met: bool = True, mode: str = "block", name: str = "replies") -> Basis:
    """What a decision rests on, at a gate that asks for a problem."""
    return Basis(
        gate=gate("problem", mode=mode),
        subject=subject(name, **({"problem": "one claim in five is reopened"} if met else {})),
        evidence=(evidence(), evidence(2.5)),
        missing=(Missing("replies", "returns", "year", "none", "no P&L line"),),
        as_of=NOW,
    )


def decision(kind: Kind = Kind.APPROVE, *, comment: str = "", on: Basis | None = None) -> Decision:
    """Ann's decision about the replies."""
    return Decision(kind=kind, actor="ann", initiative="replies", at=NOW, comment=comment, basis=on)


@dataclass(frozen=True)
class House:
    """A portfolio folder with a ledger in it."""

    folder: Path
    store: SqliteStore
    ledger: Ledger

    @property
    def head(self) -> Path:
        """The committed head."""
        return self.folder / "ledger.head"

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / ".headway" / "ledger.db"

    def decide(self, kind: Kind = Kind.HOLD, comment: str = "wait", on: Basis | None = None) -> Recorded:
        """Record a decision that nothing stands against."""
        answer = decide(self.ledger, decision(kind, comment=comment, on=on), HOUSE, SALT)
        assert not isinstance(answer, Refused), answer
        return answer

    def fill(self, size: int) -> list[Entry]:
        """Record holds and judged approvals in turn."""
        return [
            self.decide(Kind.APPROVE, f"{n}", basis()).entry
            if n % 2
            else self.decide(comment=f"because of {n}").entry
            for n in range(1, size + 1)
        ]

    def verify(self) -> Report:
        """Verify as the command does."""
        return verify(self.store, self.head, judge_again)

    def codes(self) -> list[tuple[str, int]]:
        """What verifying finds: code and number of the entry (1 for the head)."""
        return [(found.code, found.place.line) for found in self.verify().diagnostics]

    def rows(self) -> list[Stored]:
        """The entries as they lie there."""
        return list(self.store.entries())

    @contextmanager
    def by_hand(self) -> Iterator[sqlite3.Connection]:
        """Change the database behind headway's back."""
        connection = sqlite3.connect(self.file)
        try:
            yield connection
            connection.commit()
        finally:
            connection.close()

    def overwrite(self, entries: Mapping[int, bytes]) -> None:
        """Put other bytes in place of entries, and file them under their own digest as a forger would."""
        with self.by_hand() as connection:
            for seq, data in entries.items():
                connection.execute("delete from ledger where seq = ?", (seq,))
                connection.execute("insert into ledger values (?, ?, ?)", (seq, digest_bytes(data), data))

    def remove(self, *seqs: int) -> None:
        """Take entries out."""
        with self.by_hand() as connection:
            connection.executemany("delete from ledger where seq = ?", [(seq,) for seq in seqs])


@contextmanager
def house(folder: Path, wait: float = 30.0) -> Iterator[House]:
    """A house in a folder, closed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    store = SqliteStore(folder / ".headway", wait)
    try:
        yield House(folder, store, Ledger(store, folder / "ledger.head"))
    finally:
        store.close()
