"""Use case ``verify``: is the ledger whole, and does every decision replay to its verdict."""

from __future__ import annotations

from headway.app.check import diagnostic_json
from headway.app.wiring import head_file, open_store
from headway.decisions import head
from headway.decisions.replay import judge_again
from headway.decisions.verify import Report
from headway.decisions.verify import verify as verify_ledger
from headway.kernel.identity import Json
from headway.portfolio.load import Portfolio

SCHEMA = "headway.verify/1"


def verify(portfolio: Portfolio, *, mend_head: bool = False) -> Report:
    """Check the ledger of a portfolio offline.

    Args:
        portfolio: whose ledger.
        mend_head: write the head anew first, after an interrupted `decide`; a cut or foreign ledger is
            refused.

    Raises:
        LedgerFault: the head may not be written (HW605), or the store cannot be opened.
    """
    path = head_file(portfolio)
    with open_store(portfolio) as store:
        if mend_head:
            head.publish(store, path)
        return verify_ledger(store, path, judge_again)


def verify_json(report: Report) -> dict[str, Json]:
    """The schema ``headway.verify/1``."""
    return {
        "schema": SCHEMA,
        "entries": report.entries,
        "replayed": report.replayed,
        "not_replayed": report.not_replayed,
        "diagnostics": [diagnostic_json(d) for d in report.diagnostics],
    }
