"""The one place where ports are bound to adapters."""

from __future__ import annotations

import os
import re
from pathlib import Path

from headway.kernel.errors import HeadwayError
from headway.portfolio.load import Portfolio
from headway.store.base import Store

_VARIABLE = re.compile(r"^\$\{([A-Z][A-Z0-9_]*)\}$")


def store_folder(portfolio: Portfolio) -> Path:
    """The folder of the embedded store.

    Raises:
        HeadwayError: the store is named by a variable that is not set, or is a database server.
    """
    named = portfolio.settings.store
    variable = _VARIABLE.match(named)
    if variable:
        if variable[1] not in os.environ:
            raise HeadwayError("open", "the store", f"{variable[1]} is not set", f"export {variable[1]}=…")
        named = os.environ[variable[1]]
    if "://" in named:
        raise HeadwayError("open", named, "this build keeps its store in a folder", "set store: .headway")
    return portfolio.root / named


def open_store(portfolio: Portfolio) -> Store:
    """The ledger's store.

    Raises:
        HeadwayError: see `store_folder`.
        LedgerFault: it cannot be opened.
    """
    # A review that decides nothing need not wait for the database library.
    from headway.store.sqlite_store import SqliteStore

    return SqliteStore(store_folder(portfolio))


def head_file(portfolio: Portfolio) -> Path:
    """The committed head of the ledger."""
    return portfolio.root / portfolio.settings.ledger.head
