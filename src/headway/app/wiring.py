"""The one place where ports are bound to adapters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


@contextmanager
def open_store(portfolio: Portfolio) -> Iterator[Store]:
    """The ledger's store, and its file let go of in the end.

    Raises:
        HeadwayError: see `store_folder`.
        LedgerFault: it cannot be opened.
    """
    # A review that decides nothing need not wait for the database library.
    from headway.store.sqlite_store import SqliteStore

    with closing(SqliteStore(store_folder(portfolio))) as store:
        yield store


def head_file(portfolio: Portfolio) -> Path:
    """The committed head of the ledger."""
    return portfolio.root / portfolio.settings.ledger.head
