"""Damages the ledger as its expected.txt tells."""

import sqlite3

ledger = sqlite3.connect(".headway/ledger.db")
with ledger:
    # The second entry is taken out, and the third moves up.
    ledger.execute("delete from ledger where seq = 2")
ledger.close()
