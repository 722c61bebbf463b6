"""What a pilot can detect and how many units it needs, checked against statsmodels and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower, TTestIndPower, normal_sample_size_one_tail

from headway.statistics.power import Deciding, Variation, design_effect, share_sd, units_needed
from headway.statistics.stopping import Rule


@pytest.mark.parametrize("effect", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("power", [0.8, 0.9])
@pytest.mark.parametrize("ratio", [1.0, 4.0])
def test_units_of_a_single_look_are_those_of_statsmodels(effect: float, power: float, ratio: float) -> None:
    """Means, equal and unequal arms, to the unit; the far tail that it counts is below a unit."""
    first = NormalIndPower().solve_power(effect, power=power, alpha=0.05, ratio=ratio)
    shares = (1 / (1 + ratio), ratio / (1 + ratio))
    needed = units_needed(effect, Variation(1.0), shares, power=power)
    assert needed == pytest.approx(first * (1 + ratio), abs=1.001)


def test_units_of_a_share_are_those_of_statsmodels() -> None:
    """From 20 % to 16 %, each arm with its own variance."""
    control, treated = share_sd(0.20), share_sd(0.16)
    needed = units_needed(-0.04, Variation(control, treated))
    both = math.sqrt(control**2 + treated**2)
    first = normal_sample_size_one_tail(0.04, 0.8, 0.025, std_null=both, std_alternative=both)
    assert needed == pytest.approx(2 * first, abs=1.001)


@pytest.mark.parametrize("df", [8, 20, 60])
def test_few_degrees_of_freedom_are_priced(df: int) -> None:
    """(t_q + t_p) s is within 4 % of the noncentral t of statsmodels, and never below the normal."""
    reach = Deciding().reach(0.8, float(df))
    n = (df + 2) / 2
    noncentral = TTestIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8) * math.sqrt(n / 2)
    assert reach == pytest.approx(noncentral, rel=0.04)
    assert reach > Deciding().reach(0.8)


def test_covariates_take_their_share_off() -> None:
    """A correlation of .7 halves the units."""
    plain, adjusted = (units_needed(0.1, Variation(1.0, explained=r2)) for r2 in (0.0, 0.5))
    assert plain == 3140
    assert adjusted == 1570


def test_the_design_effect_is_that_of_eldridge() -> None:
    """1 + ((1 + cv^2) m - 1) icc; one unit a cluster costs nothing."""
    assert design_effect(20, 0.05, 0.5) == pytest.approx(1 + (1.25 * 20 - 1) * 0.05)
    assert Variation(1.0, icc=0.3, clusters=50).standard_error(40) == Variation(1.0).standard_error(40)


@pytest.mark.parametrize("cv", [0.0, 0.6])
@pytest.mark.parametrize("deciding", [Deciding(), Deciding(Rule())])
@pytest.mark.parametrize("effect", [0.2, 0.5, 1.2])
def test_the_units_named_are_the_fewest(effect: float, deciding: Deciding, cv: float) -> None:
    """At n the standard error allows the effect; at one unit less it does not."""
    varies = Variation(1.0, explained=0.2, icc=0.05, clusters=100, cv=cv)
    needed = units_needed(effect, varies, deciding=deciding)
    assert needed is not None
    reach = deciding.reach(0.8, varies.df)
    assert reach * varies.standard_error(needed) <= effect * (1 + 1e-9)
    if needed - 1 > 100 or needed < 100:
        assert reach * varies.standard_error(needed - 1) > effect


def test_too_few_clusters_are_not_made_up_for_by_units() -> None:
    """The variance between clusters stays, however many units they hold."""
    assert units_needed(0.2, Variation(1.0, icc=0.1, clusters=10)) is None
    assert units_needed(0.2, Variation(1.0, icc=0.1, clusters=2)) is None
    assert units_needed(9.0, Variation(1.0, icc=0.1, clusters=30)) is not None


def test_the_design_effect_is_the_variance_of_simulated_clusters() -> None:
    """40 clusters of 25, icc .2: the spread of 4,000 simulated differences, within 3 %."""
    draw = np.random.default_rng(11)
    between = draw.normal(0, math.sqrt(0.2), (4_000, 40))
    within = draw.normal(0, math.sqrt(0.8 / 25), (4_000, 40))
    means = between + within
    spread = float(np.std(means[:, :20].mean(axis=1) - means[:, 20:].mean(axis=1)))
    assert Variation(1.0, icc=0.2, clusters=40).standard_error(1_000) == pytest.approx(spread, rel=0.03)


def test_a_single_look_decides_with_the_power_it_was_planned_for() -> None:
    """The chance at the planned end is the power, for one look and for daily ones, and less before it."""
    for deciding in (Deciding(), Deciding(Rule())):
        reach = deciding.reach(0.8)
        assert deciding.decided(reach) == pytest.approx(0.8, abs=1e-6)
        assert deciding.decided(reach, share=0.5) < 0.6
        assert deciding.decided(reach, share=1.4) > 0.8
    assert Deciding().decided(Deciding().reach(0.8, 9.0), 9.0) == pytest.approx(0.8, abs=1e-6)


def test_a_plan_that_is_outgrown_is_followed_to_three_times_its_size() -> None:
    """A plan of two units must not make a million looks."""
    looking = Deciding(Rule())
    assert looking.decided(0.5, share=1e6) == looking.decided(0.5, share=3.0)


def test_nothing_is_saved_by_one_look_and_nothing_decided_by_two_df() -> None:
    """One look uses the whole plan; a boundary that is never reached decides nothing."""
    assert Deciding().expected_share(3.0) == 1.0
    assert Deciding(Rule()).decided(50.0, 2.0) == 0.0
    assert Deciding(Rule()).expected_share(3.6) == pytest.approx(0.624, abs=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [{"sd": 0.0}, {"sd": math.inf}, {"sd": 1.0, "sd_treated": -1.0}, {"sd": 1.0, "explained": 1.0},
     {"sd": 1.0, "icc": 1.1}, {"sd": 1.0, "clusters": 1}, {"sd": 1.0, "cv": -0.1}],
)  # fmt: skip
def test_a_variation_is_positive(wrong: dict[str, float]) -> None:
    """Anything else is a fault of the caller."""
    with pytest.raises(ValueError, match="variation"):
        Variation(**wrong)  # type: ignore[arg-type]


def test_figures_outside_their_range_are_refused() -> None:
    """No effect, no units, no share."""
    with pytest.raises(ValueError, match="effect"):
        units_needed(0.0, Variation(1.0))
    with pytest.raises(ValueError, match="units"):
        Variation(1.0).standard_error(0)
    with pytest.raises(ValueError, match="units"):
        Variation(1.0).standard_error(10, (1.0, 0.0))
    with pytest.raises(ValueError, match="share"):
        share_sd(1.0)
