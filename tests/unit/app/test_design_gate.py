"""The rows of `standard@1` that stand before a pilot read its registration and its outlook."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.app.test_design import PLAN
from tests.unit.registering import registered
from tests.unit.small import INITIATIVE, PORTFOLIO, SOURCE, Declare, reviewed

from headway.gates.verdict import Judged

STANDARD = PORTFOLIO.replace("starter@1", "standard@1")
BLOCK = PLAN.replace("objective:", 'promote_above: "0"\nobjective:') + (
    "guardrails: [{metric: errors, kind: mean, worse: up, margin: {relative: 0.05}}]\n"
)


def row(declare: Declare, name: str, pilot: str = BLOCK, at: tuple[str, ...] = ()) -> Judged:
    """One row of the gate before the pilot."""
    block = "pilot:\n" + "\n".join(f"  {line}" for line in pilot.strip().splitlines()) + "\n"
    initiative = INITIATIVE.replace("piloting", "framed") + block
    folder = declare("", None, source=SOURCE, portfolio=STANDARD, initiative=initiative)
    for moment in at:
        registered(folder, moment)
    verdict = reviewed(folder).initiatives[0].verdict
    assert verdict is not None
    return next(r for r in verdict.requirements if r.id == name)


def test_the_design_is_missing_until_it_is_registered(declare: Declare) -> None:
    """Declared is not enough; registered as it stands it is met; changed since it is missing again."""
    before = row(declare, "pilot.value.design")
    assert (before.state.value, before.reason) == ("missing", "none")
    assert "`headway design trial --register`" in before.saw
    met = row(declare, "pilot.value.design", at=("2026-03-01T10:00:00Z",))
    assert met.state.value == "met"
    changed = row(declare, "pilot.value.design", BLOCK.replace("-0.6", "-0.7"))
    assert (changed.state.value, changed.reason) == ("missing", "subject_changed")


def test_a_registration_of_later_is_not_known_yet(declare: Declare) -> None:
    """Judged at the end of March, one of April does not count."""
    assert row(declare, "pilot.value.design", at=("2026-04-02T10:00:00Z",)).state.value == "missing"


@pytest.mark.parametrize(("smallest", "state"), [("-0.6", "met"), ("-0.4", "missed")])
def test_the_chance_of_a_decision_is_judged(declare: Declare, smallest: str, state: str) -> None:
    """80 % at the smallest effect worth having, from the plan alone where no row is there yet."""
    judged: Any = row(declare, "pilot.value.power", BLOCK.replace("-0.6", smallest))
    assert judged.state.value == state
    assert "≥ 80 %" in judged.need


def test_without_a_plan_the_chance_is_missing(declare: Declare) -> None:
    """What nobody planned has not been shown."""
    judged = row(declare, "pilot.value.power", BLOCK.replace(", sd: 2", ""))
    assert (judged.state.value, judged.reason) == ("missing", "none")
    assert "declare plan.sd" in judged.saw
