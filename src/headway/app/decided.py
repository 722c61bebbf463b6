"""What was recorded: the ledger as rows of the fact ``act``, and its decisions as the review shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headway.app.wiring import head_file, open_store, store_folder
from headway.decisions.decision import DECISION
from headway.decisions.entry import Entry
from headway.facts.act import Act
from headway.facts.past_estimate import PastEstimate
from headway.kernel.diagnostic import Diagnostic, Place
from headway.kernel.errors import LedgerFault
from headway.kernel.identity import Json, instant
from headway.portfolio.load import Portfolio

_FILE = "ledger.db"


@dataclass(frozen=True, slots=True)
class Decisions:
    """Every decision in order, and why there are none where the ledger cannot be read.

    Attributes:
        entries: the decisions.
        diagnostics: why there are none.
        acts: every entry, as rows that measures read.
        past: every effect on an outcome that a decision looked at, likewise.
    """

    entries: tuple[Entry, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    acts: tuple[Act, ...] = ()
    past: tuple[PastEstimate, ...] = ()

    def last(self) -> Mapping[str, Mapping[str, Json]]:
        """The last decision about each initiative."""
        return {e.subject: decision_json(e) for e in self.entries}


def decisions_of(portfolio: Portfolio) -> Decisions:
    """Read the decisions of a portfolio; a ledger that cannot be read is told and costs no review.

    Raises:
        HeadwayError: the store is not to be had.
    """
    if not (store_folder(portfolio) / _FILE).exists():
        return Decisions()
    # A review without a ledger need not wait for the database library.
    from headway.decisions.ledger import Ledger
    from headway.decisions.past import past_estimates

    path = head_file(portfolio)
    try:
        with open_store(portfolio) as store:
            entries = tuple(Ledger(store, path).entries())
            decisions = tuple(e for e in entries if e.act == DECISION)
            past = past_estimates(entries, store.documents)
            return Decisions(decisions, acts=tuple(map(act_of, entries)), past=past)
    except LedgerFault as fault:
        return Decisions((), (Diagnostic(fault.code, str(fault), Place(path.name), fault.mend),))


def act_of(entry: Entry) -> Act:
    """An entry as a row of the fact ``act``."""
    return Act(entry.seq, entry.at, entry.actor, entry.act, entry.subject, entry.body, entry.pins)


def decision_json(entry: Entry) -> dict[str, Json]:
    """A decision as the record shows it."""
    return {
        "seq": entry.seq,
        "at": instant(entry.at),
        "initiative": entry.subject,
        "actor": entry.actor,
        "kind": entry.body["kind"],
        "gate": entry.body.get("gate"),
        "state": entry.body.get("state"),
        "against": entry.body["against"],
    }
