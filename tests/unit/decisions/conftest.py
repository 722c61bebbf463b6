"""A made-up house with an empty ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.attacks.ledgers import House, house


@pytest.fixture
def here(tmp_path: Path) -> Iterator[House]:
    """The house; writers wait a moment only."""
    with house(tmp_path, wait=0.2) as made:
        yield made
