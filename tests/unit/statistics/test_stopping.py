"""What looking costs, by quadrature, agrees with simulated Brownian motion and with the design's figures."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import ndtri
from tests.unit.statistics.simulated import simulated

from headway.statistics.power import Deciding
from headway.statistics.sequential import boundary, r_star
from headway.statistics.stopping import Crossing, Rule, crossing

FIXED = 2.8015852


@pytest.mark.parametrize(("power", "k", "mean"), [(0.8, 1.659, 1.032), (0.9, 1.573, 0.842)])
def test_daily_looks_cost_two_thirds_more_units_and_on_average_almost_none(
    power: float, k: float, mean: float
) -> None:
    """k* two-sided, and the mean sample when the effect is real, both against the fixed design."""
    looking = Deciding(Rule())
    assert looking.price(power) == pytest.approx(k, abs=5e-4)
    assert looking.price(power) * looking.expected_share(looking.reach(power)) == pytest.approx(
        mean, abs=1e-3
    )


@pytest.mark.parametrize(("power", "k"), [(0.8, 1.767), (0.9, 1.656)])
def test_one_sided_looks_against_one_sided_fixed(power: float, k: float) -> None:
    """The same price for the promotion e-value at 20."""
    fixed = float(ndtri(0.95) + ndtri(power))
    assert (Deciding(Rule(20.0, "one")).reach(power) / fixed) ** 2 == pytest.approx(k, abs=5e-4)


@pytest.mark.parametrize(
    ("threshold", "k"), [(10, 1.113), (20, 1.392), (50, 1.745), (100, 2.004), (200, 2.258)]
)
def test_a_stricter_promotion_costs_more(threshold: float, k: float) -> None:
    """Units to pass a promotion threshold, against the fixed two-sided 5 % design at 80 %."""
    assert Deciding(Rule(threshold, "one")).price() == pytest.approx(k, abs=5e-4)


def test_one_look_at_the_end_is_the_last_point_rule() -> None:
    """With one look nothing is left of the path: t_b + z_power, which is 1.915 of the fixed sample."""
    last = boundary(math.inf, r_star(0.05), 0.05) + float(ndtri(0.8))
    assert Deciding(Rule(looks=1)).reach() == pytest.approx(last, abs=1e-7)
    assert (last / FIXED) ** 2 == pytest.approx(1.915, abs=1e-3)


@pytest.mark.parametrize("rule", [Rule(), Rule(100.0, "one"), Rule(looks=13), Rule(df=10.0)])
def test_quadrature_agrees_with_simulated_paths(rule: Rule) -> None:
    """Chances of a decision at half the plan, at the end and beyond, each within four standard errors."""
    path, runs = crossing(rule, 1.5), 20_000
    for effect in (0.0, 2.0, 3.6):
        for share, seen in simulated(rule, effect, 1.5, runs, seed=7).items():
            exact = path.decided(effect, share)
            assert seen == pytest.approx(exact, abs=4 * math.sqrt(0.25 * max(4 * exact, 0.001) / runs))


def test_the_error_of_peeking_daily_is_held() -> None:
    """Without an effect the interval excludes it at some look in 1.6 % of pilots, not 5 %."""
    assert crossing(Rule()).decided(0.0) == pytest.approx(0.0158, abs=1e-4)


def test_more_looks_decide_more_often() -> None:
    """Each finer set of looks decides an effect at least as often."""
    chances = [crossing(Rule(looks=looks)).decided(3.0) for looks in (1, 2, 4, 26, 199)]
    assert chances == sorted(chances)


def test_nothing_is_decided_before_the_first_look() -> None:
    """Half of the first of two looks is no look."""
    assert crossing(Rule(looks=2)).decided(5.0, 0.4) == 0.0


def test_a_boundary_that_no_statistic_reaches_is_infinite() -> None:
    """With 2 degrees of freedom the e-value is bounded, on both sides."""
    assert Rule(df=2.0).boundary(1.0) == math.inf
    assert Rule(200.0, "one", df=2.0).boundary(1.0) == math.inf
    assert Deciding(Rule(df=2.0)).reach(0.8, 2.0) == math.inf


@pytest.mark.parametrize(
    ("rule", "until"), [(Rule(looks=0), 1.0), (Rule(threshold=1.0), 1.0), (Rule(), 0.0), (Rule(), math.inf)]
)
def test_a_rule_has_looks_and_a_threshold(rule: Rule, until: float) -> None:
    """Anything else is a fault of the caller."""
    with pytest.raises(ValueError, match="looks"):
        crossing(rule, until)


def test_mass_is_never_made() -> None:
    """What is undecided falls from look to look, and a far effect leaves nothing."""
    path: Crossing = crossing(Rule())
    left = [path.undecided(2.0, look) for look in range(len(path.shares))]
    assert all(a >= b - 1e-6 for a, b in itertools.pairwise(left))
    assert path.undecided(9.0, len(left) - 1) < 1e-6
    assert np.all(path.shares > 0)
