"""A process that is killed while it appends."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.killing import kill


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After a kill at any moment each acknowledged entry is there, none is half there, the chain verifies."""
    assert kill(10, 20260331, tmp_path).acknowledged > 0
