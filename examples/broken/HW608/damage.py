"""Damages the ledger as its expected.txt tells."""

import sqlite3

ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    # A pinned document is rewritten, the ledger itself is untouched.
    ledger.execute("update pinned set body = cast(replace(cast(body as text), 'claims-settled', 'claims-closed') as blob)")
ledger.close()
