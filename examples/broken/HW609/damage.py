"""Damages the ledger as its expected.txt tells."""

import sqlite3

ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    # A blank more is the same JSON, and not the same bytes.
    spaced = "cast(replace(cast(entry as text), '{', '{ ') as blob)"
    ledger.execute(f"update ledger set entry = {spaced} where seq = 3")
ledger.close()
