"""Registers the design of a folder's trial at a moment, as `headway design --register` does now."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from headway.app.check import check
from headway.app.wiring import head_file, open_store
from headway.decisions.ledger import Ledger
from headway.decisions.registration import Registering, Standing, register


def registered(folder: Path, at: str, name: str = "trial") -> Standing:
    """Ann registers the design as it is declared now."""
    portfolio = check(folder).portfolio
    assert portfolio is not None
    pilot = portfolio.initiatives[name].pilot
    assert pilot is not None
    with open_store(portfolio) as store:
        registering = Registering("ann", name, datetime.fromisoformat(at), pilot)
        made = register(Ledger(store, head_file(portfolio)), registering, portfolio.people)
    assert isinstance(made, Standing), made
    return made
