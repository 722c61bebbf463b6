"""Records an order that was drawn in December; two teams then started otherwise."""

from datetime import UTC, datetime
from pathlib import Path

from headway.decisions.ledger import Act, Ledger
from headway.store.sqlite_store import SqliteStore

STARTS = ("2026-03-01", "2026-05-01", "")
starts = {f"team-{i:02d}": STARTS[i % 3] for i in range(12)}
starts |= {"team-00": "", "team-02": "2026-03-01"}
store = SqliteStore(Path(".headway"))
act = Act(
    at=datetime(2025, 12, 1, tzinfo=UTC),
    actor="ann",
    act="order_drawn",
    subject="reply-assistant",
    body={"seed": "4711", "starts": starts},
)
Ledger(store, Path("ledger.head")).append(act)
store.close()
