"""Two hundred kills of a process that appends."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attacks.killing import kill
from tests.attacks.killing_decide import kill_decide


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """Kills hit the creation of a ledger, a commit, and the gap before its head; nothing is ever lost."""
    seen = kill(200, 7, tmp_path)
    assert seen.acknowledged > 100
    assert seen.before_the_first > 0
    assert seen.unacknowledged > 0
    assert seen.behind > 0


@pytest.mark.soak
def test_two_hundred_kills_of_the_command_lose_nothing(tmp_path: Path) -> None:
    """`headway decide` itself, killed with -9: what it acknowledged is there, and every entry is whole."""
    kept, acknowledged = kill_decide(200, 11, tmp_path)
    assert 0 < acknowledged <= kept
    # Many were killed before they wrote, so the kills did not all come too late.
    assert kept < 180
