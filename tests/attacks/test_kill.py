"""A process that is killed while it appends."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.killing import kill
from tests.attacks.killing_decide import kill_decide


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After a kill at any moment each acknowledged entry is there, none is half there, the chain verifies."""
    assert kill(10, 20260331, tmp_path).acknowledged > 0


def test_ten_kills_of_the_command_lose_nothing(tmp_path: Path) -> None:
    """`headway decide` itself, killed with -9: what it acknowledged is there, and every entry is whole."""
    kept, acknowledged = kill_decide(10, 3, tmp_path)
    assert 0 < acknowledged <= kept
