"""Makes a record up: the third decision is rewritten with sound bytes, digests and head."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from headway.decisions import head
from headway.decisions.entry import Entry
from headway.kernel.identity import digest_bytes
from headway.store.sqlite_store import SqliteStore

store = SqliteStore(Path(".headway"))
entry = [Entry.from_bytes(s.entry) for s in store.entries()][-1]
store.close()
made = replace(entry, body={**entry.body, "state": "met"}).to_bytes()
ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    ledger.execute("update ledger set entry = ?, digest = ? where seq = 3", (made, digest_bytes(made)))
ledger.close()
Path("ledger.head").write_bytes(head.Head(3, digest_bytes(made)).to_bytes())
