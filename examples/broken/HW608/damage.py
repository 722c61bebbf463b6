"""Damages the ledger as its expected.txt tells."""

import sqlite3

ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    # A pinned document is rewritten, the ledger itself is untouched.
    altered = "cast(replace(cast(body as text), 'claims-settled', 'claims-closed') as blob)"
    ledger.execute(f"update pinned set body = {altered}")
ledger.close()
