"""One treated group: California's tobacco law as published, and what placebos and shifts promise."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx  # noqa: PT013
from scipy.optimize import nnls

from headway.statistics.conformal import conformal_interval, conformal_p
from headway.statistics.contrast import Degenerate
from headway.statistics.synthetic import OneTreated, one_sided, placebos, synthetic_control
from headway.statistics.synthetic_did import difference_in_differences, synthetic_did


def factors(seed: int, donors: int = 12, periods: int = 30, starts: int = 24) -> OneTreated:
    """Groups that share two random walks, none of them treated."""
    draw = np.random.default_rng(seed)
    walks = draw.normal(size=(periods, 2)).cumsum(axis=0)
    y = walks @ draw.uniform(0, 1, size=(2, donors + 1)) + draw.normal(0, 0.5, size=(periods, donors + 1))
    return OneTreated(y[:, 0], y[:, 1:], starts)


class TestCalifornia:
    """Packs per person and year after the tax of 1989 (Abadie, Diamond, Hainmueller 2010)."""

    def test_the_mixture_is_the_exact_optimum(self, prop99: OneTreated) -> None:
        """-19.5136 with a pre-period error of 1.65640; the published -19.6 stopped its solver early."""
        found = synthetic_control(prop99)
        assert found.effect == approx(-19.5136, abs=5e-5)
        assert found.rmspe_before == approx(1.65640, abs=5e-6)
        assert found.unique
        points = prop99.donors[:19] - prop99.treated[:19, None]
        lifted = np.vstack([points / 100, np.ones(38)])
        oracle, _ = nnls(lifted, np.append(np.zeros(19), 1.0), maxiter=10_000)
        assert found.weights == approx(oracle / oracle.sum(), abs=1e-8)
        early = np.sqrt(((points @ np.round(found.weights, 2)) ** 2).mean())
        assert found.rmspe_before < early

    def test_two_states_show_as_much_without_a_law(self, prop99: OneTreated) -> None:
        """Rank 3 of 39, so p .0769 in both directions and 2 of 39 downwards."""
        tested = placebos(prop99, synthetic_control(prop99))
        assert (tested.rank, tested.ratios.size + 1) == (3, 39)
        assert tested.p_value == approx(3 / 39)
        assert one_sided(prop99, tested, 0.0, -1) == approx(2 / 39)
        assert one_sided(prop99, tested, 0.0, 1) > 0.9

    def test_the_best_possible_e_value_is_below_four(self, prop99: OneTreated) -> None:
        """The calibrator at p = 1/39 gives 3.12: this design informs and rarely promotes."""
        assert 0.5 * (prop99.donors.shape[1] + 1) ** 0.5 == approx(3.1225, abs=1e-4)

    def test_three_of_thirty_one_shifts_are_as_large(self, prop99: OneTreated) -> None:
        """Conformal p .09677 of no effect at all."""
        assert conformal_p(prop99, 0.0) == approx(0.09677, abs=5e-6)
        assert conformal_p(prop99, 0.0) == approx(3 / 31)

    def test_the_conformal_interval_ends_where_the_p_value_turns(self, prop99: OneTreated) -> None:
        """Just inside both ends an effect stands, just outside it is rejected; no effect is inside."""
        found = conformal_interval(prop99, -19.5136, 0.95)
        assert found is not None
        low, high = found
        assert low < 0 < high
        for end, sign in ((low, -1), (high, 1)):
            assert conformal_p(prop99, end - sign * 1e-4) > 0.05
            assert conformal_p(prop99, end + sign * 1e-4) <= 0.05

    def test_differences_in_differences_stand_beside_it(self, prop99: OneTreated) -> None:
        """Plain -27.34911; with weights -15.605, errors near the published 17.7 and 8.4."""
        plain, weighted = difference_in_differences(prop99), synthetic_did(prop99)
        assert plain.theta == approx(-27.34911, abs=5e-6)
        assert weighted.theta == approx(-15.605, abs=0.005)
        # The paper draws placebos at random; here every state is one, once.
        assert plain.se == approx(17.7, rel=0.1)
        assert weighted.se == approx(8.4, rel=0.15)


def test_a_planted_effect_comes_back() -> None:
    """Nine off every treated period moves the estimate by nine, exactly: the mixture never saw them."""
    panel = factors(1)
    treated = panel.treated - 9.0 * (np.arange(30) >= 24)
    moved = synthetic_control(OneTreated(treated, panel.donors, 24))
    assert moved.effect == approx(synthetic_control(panel).effect - 9.0, abs=1e-12)
    tested = placebos(OneTreated(treated, panel.donors, 24), moved)
    assert tested.p_value == approx(1 / 13)


def test_a_hurdle_is_an_effect_taken_off() -> None:
    """An effect of minus nine is beyond minus three and not beyond minus nine and a half."""
    panel = factors(1)
    planted = OneTreated(panel.treated - 9.0 * (np.arange(30) >= 24), panel.donors, 24)
    tested = placebos(planted, synthetic_control(planted))
    assert one_sided(planted, tested, -3.0, -1) == approx(1 / 13)
    assert one_sided(planted, tested, -12.0, -1) > 0.5
    assert one_sided(planted, tested, -3.0, 1) == 1.0


def test_placebo_ranks_are_uniform_without_an_effect() -> None:
    """Over 100 panels in which any group might be the treated one, p <= 2/13 in about 2 of 13."""
    panels = [factors(seed, periods=16, starts=12) for seed in range(100)]
    seen = np.array([placebos(p, synthetic_control(p)).p_value for p in panels])
    for rank in (1, 2, 6):
        expected = rank / 13
        spread = (expected * (1 - expected) / 100) ** 0.5
        assert np.mean(seen <= expected + 1e-12) == approx(expected, abs=3 * spread)


def test_a_true_constant_effect_is_seldom_rejected() -> None:
    """Exchangeable errors, 24 periods, two treated: of 300 true effects about 5 % fall out."""
    kept = []
    for seed in range(300):
        draw = np.random.default_rng(seed)
        donors = draw.normal(size=(24, 6))
        treated = donors @ np.full(6, 1 / 6) + draw.normal(0, 0.5, 24)
        treated[22:] += 3.0
        kept.append(conformal_p(OneTreated(treated, donors, 22), 3.0) > 0.05)
    assert np.mean(kept) >= 0.95 - 3 * (0.05 * 0.95 / 300) ** 0.5


def test_few_periods_reject_no_effect() -> None:
    """Below 20 periods p is above .05 everywhere, so the 95 % interval is all numbers."""
    found = conformal_interval(factors(1, periods=19, starts=15), 0.0, 0.95)
    assert found == (-np.inf, np.inf)


def test_an_effect_that_is_not_constant_has_no_conformal_interval() -> None:
    """Ten up and ten down: every constant effect is rejected, and no interval of no width is made of that."""
    panel = factors(1, periods=60, starts=54)
    swing = np.where(np.arange(60) < 54, 0.0, np.where(np.arange(60) % 2, 10.0, -10.0))
    assert conformal_interval(OneTreated(panel.treated + swing, panel.donors, 54), 0.0, 0.95) is None


def test_the_interval_holds_the_estimate() -> None:
    """Also where the estimate itself is rejected: the ends are then no nearer than it."""
    panel = factors(1)
    found = conformal_interval(panel, 50.0, 0.95)
    assert found is not None
    assert found[1] == 50.0


def test_a_level_is_a_share() -> None:
    """95 is not a level."""
    with pytest.raises(ValueError, match="level"):
        conformal_interval(factors(1), 0.0, 95)


def test_a_perfect_fit_has_a_rank_all_the_same() -> None:
    """Donors that imitate each other exactly give no division by zero; ties count against it."""
    line = np.arange(12.0)
    donors = np.stack([line, line + 1, line + 2, line * 1.0], axis=1)
    treated = line + 1.0
    treated[9:] += 5
    panel = OneTreated(treated, donors, 9)
    tested = placebos(panel, synthetic_control(panel))
    assert tested.rank == 1
    assert np.isfinite(tested.ratios).all()


def test_what_allows_no_comparison_is_refused() -> None:
    """One donor, one period before, none after, NaN, constant series, and shapes that do not fit."""
    good = factors(1)
    y, d = good.treated, good.donors
    for treated, donors, starts, reason in (
        (y, d[:, :1], 24, "too_few"),
        (y, d, 1, "too_few"),
        (y, d, 0, "too_few"),
        (y, d, 30, "too_few"),
        (np.where(np.arange(30) == 3, np.nan, y), d, 24, "not_finite"),
        (y, np.where(d == d[0, 0], np.inf, d), 24, "not_finite"),
        (np.zeros(30), d, 24, "zero_variance"),
        (y, np.zeros((30, 4)), 24, "zero_variance"),
    ):
        with pytest.raises(Degenerate, match=reason):
            OneTreated(treated, donors, starts)
    with pytest.raises(ValueError, match="treated"):
        OneTreated(y[1:], d, 3)


def test_equal_placebo_effects_have_no_spread() -> None:
    """Donors that all stay at their level give no standard error, and none is made up."""
    donors = np.repeat([[1.0, 2.0, 3.0]], 10, axis=0)
    donors[0] += 1
    panel = OneTreated(np.arange(10.0), donors, 6)
    for estimator in (synthetic_did, difference_in_differences):
        with pytest.raises(Degenerate, match="zero_variance"):
            estimator(panel)


def test_one_change_before_treatment_sets_no_ridge() -> None:
    """Weighted differences need a spread of changes: two donors and two periods have it, only just."""
    donors = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 3.0]])
    treated = np.array([1.0, 2.0, 5.0])
    assert np.isfinite(synthetic_did(OneTreated(treated, np.hstack([donors, donors + 0.5]), 2)).theta)
    with pytest.raises(Degenerate, match="too_few"):
        synthetic_did(OneTreated(treated, donors, 2))
