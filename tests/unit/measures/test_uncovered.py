"""What a component's histories lack is told once per code, with how many workloads it is true of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.unit.measures.loads import at
from tests.unit.small import Declare

from headway.app.check import check
from headway.measures.spend.advice import Advice, Coverage
from headway.measures.spend.uncovered import uncovered

FINE = Advice("w", "gpu", "devices", 1.0, 0.5, "down", Coverage("static"), (at(0), at(400)), at(424))
SHORT = replace(
    FINE,
    coverage=Coverage(
        "none",
        "HW440",
        "both",
        date(2026, 1, 3),
        codes=("HW440", "HW442"),
        reasons=("12.0 h of history", "50 % of its bins are there"),
    ),
)


def told(declare: Declare, *advices: Advice) -> list[str]:
    """First lines of what is told."""
    portfolio = check(declare(component="component: pool\nusage: use\n")).portfolio
    assert portfolio is not None
    return [str(d).splitlines()[0] for d in uncovered(portfolio, "pool", "gpu", advices)]


def test_each_code_is_told_once_with_its_own_reason(declare: Declare) -> None:
    """Two of three workloads lack days and bins."""
    later = replace(SHORT, coverage=replace(SHORT.coverage, sufficient_on=date(2026, 1, 2)))
    first, second = told(declare, FINE, SHORT, later)
    many, day = "2 of 3 workloads of 'pool' [gpu]", "enough on 2026-01-02"
    assert first == f"component.yaml:1:1: warning[HW440] {many}: 12.0 h of history; {day}"
    assert second == f"component.yaml:1:1: warning[HW442] {many}: 50 % of its bins are there; {day}"


def test_a_poor_signal_is_told(declare: Declare) -> None:
    """R3 and R4 see that a device runs; R1 and R2 are enough."""
    poor = [replace(FINE, rung=rung) for rung in ("R1", "R2", "R3", "R4")]
    (one,) = told(declare, *poor)
    assert "warning[HW451] 2 of 4 workloads of 'pool' [gpu]: R3, R4 sees" in one


def test_without_a_day_none_is_promised(declare: Declare) -> None:
    """Nothing is said of a day that is not known, and nothing at all where nothing lacks."""
    unknown = replace(SHORT, coverage=replace(SHORT.coverage, codes=("HW443",), sufficient_on=None))
    assert told(declare, unknown) == [
        "component.yaml:1:1: warning[HW443] 1 of 1 workload of 'pool' [gpu]: 12.0 h of history"
    ]
    assert told(declare, FINE) == []
