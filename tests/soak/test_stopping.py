"""The price of looking against 400,000 simulated paths: the figures of the design, to three digits."""

from __future__ import annotations

import math

import pytest
from tests.unit.statistics.simulated import simulated

from headway.statistics.power import Deciding
from headway.statistics.stopping import Rule, crossing

RUNS = 400_000
RULES = [Rule(), *(Rule(float(e), "one") for e in (10, 20, 50, 100, 200))]

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("power", [0.8, 0.9])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.sides}-{rule.threshold:g}")
def test_the_planned_effect_is_decided_as_often_as_planned(rule: Rule, power: float) -> None:
    """At k* times the fixed sample the simulated chance is the power, within four standard errors (.0025)."""
    effect = Deciding(rule).reach(power)
    seen = simulated(rule, effect, 1.5, RUNS, seed=2026)
    for share, chance in seen.items():
        exact = crossing(rule, 1.5).decided(effect, share)
        assert chance == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / RUNS))
    assert seen[1.0] == pytest.approx(power, abs=4 * math.sqrt(power * (1 - power) / RUNS))
