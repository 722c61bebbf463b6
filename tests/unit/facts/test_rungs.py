"""What each rung of a signal may carry."""

from __future__ import annotations

import pytest

from headway.facts.rungs import grade_by


@pytest.mark.parametrize(
    ("rung", "idle", "size"),
    [("", "C", "C"), ("R1", "C", "C"), ("R2", "C", "C"), ("R3", "C", "D"), ("R4", "D", "D")],
)
def test_a_poor_signal_lowers_the_grade(rung: str, idle: str, size: str) -> None:
    """Liveness may tell idleness, and no size; power neither. Why is said from R3 on."""
    assert [grade_by(rung, sizing=s)[0].value for s in (False, True)] == [idle, size]
    assert bool(grade_by(rung, sizing=True)[1]) == (rung in ("R3", "R4"))
