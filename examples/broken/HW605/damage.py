"""Damages the ledger as its expected.txt tells."""

import sqlite3

ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    # The tail is cut off: what is left is a sound chain, but not the one that was committed.
    ledger.execute("delete from ledger where seq = 3")
ledger.close()
