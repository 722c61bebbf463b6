"""Records that an advice was applied on 28 March, whose promise the grants after it do not keep."""

from datetime import UTC, datetime
from pathlib import Path

from headway.app.check import check
from headway.app.wiring import head_file, open_store
from headway.decisions.applied import Applying, apply
from headway.decisions.ledger import Ledger
from headway.measures.spend.advice import Interval
from headway.measures.spend.realised import Applied

portfolio = check(Path()).portfolio
applied = Applied(
    "drafting-service",
    "draft-a",
    "cpu",
    "cores",
    4.0,
    2.0,
    Interval(0.5, 0.4, 0.6),
    24,
    "headway",
    randomised=False,
    at=datetime(2026, 3, 28, tzinfo=UTC),
)
with open_store(portfolio) as store:
    apply(
        Ledger(store, head_file(portfolio)),
        Applying("ann", applied, applied.as_body()),
        portfolio.people,
    )
