"""Effects are regressed towards past ones as published methods do, and real winners shrink as promised."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.optimize import linprog
from scipy.special import ndtr
from statsmodels.stats.meta_analysis import combine_effects

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.shrinkage import FAT, Past, paule_mandel, robust_critical_value, shrink


def past_effects(n: int, tau: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Effects around .01 with spread tau, under errors that differ tenfold."""
    rng = np.random.default_rng(seed)
    errors = 0.01 * np.exp(0.6 * rng.normal(size=n))
    return 0.01 + tau * rng.normal(size=n) + errors * rng.normal(size=n), errors


class TestPauleMandel:
    @pytest.mark.parametrize(("n", "tau"), [(5, 0.02), (12, 0.01), (60, 0.03), (400, 0.005)])
    def test_spread_and_mean_are_statsmodels(self, n: int, tau: float) -> None:
        """Statsmodels' iterated random-effects estimate has the same tau^2, mean and error of the mean."""
        effects, errors = past_effects(n, tau, n)
        oracle = combine_effects(effects, errors**2, method_re="iterated", atol=1e-9)
        found = paule_mandel(effects, errors)
        assert found.tau > 0
        assert found.tau**2 == pytest.approx(oracle.tau2, rel=1e-6)
        assert found.mean == pytest.approx(oracle.mean_effect_re, rel=1e-6)
        assert found.mean_se == pytest.approx(oracle.sd_eff_w_re, rel=1e-6)
        assert found.n == n

    def test_noise_that_explains_all_leaves_no_spread(self) -> None:
        """Effects nearer to each other than their errors have tau 0 and the usual weighted mean."""
        effects, errors = np.array([0.01, 0.011, 0.009]), np.array([0.01, 0.02, 0.01])
        found = paule_mandel(effects, errors)
        w = errors**-2
        assert found.tau == 0.0
        assert found.mean == pytest.approx(float(w @ effects / w.sum()))

    @pytest.mark.parametrize("unit", [1e-9, 1e9])
    def test_the_unit_does_not_matter(self, unit: float) -> None:
        """Per cent or parts per billion: mean and spread change by the factor and no more."""
        effects, errors = past_effects(30, 0.02, 3)
        one, two = paule_mandel(effects, errors), paule_mandel(effects * unit, errors * unit)
        assert (two.mean / unit, two.tau / unit) == pytest.approx((one.mean, one.tau), rel=1e-9)

    @pytest.mark.parametrize(
        ("effects", "errors", "reason"),
        [
            ([0.1], [0.1], "too_few"),
            ([0.1, math.nan], [0.1, 0.1], "not_finite"),
            ([0.1, 0.2], [0.1, math.inf], "not_finite"),
            ([0.1, 0.2], [0.1, 0.0], "not_finite"),
        ],
    )
    def test_what_has_no_spread_is_named(
        self, effects: list[float], errors: list[float], reason: str
    ) -> None:
        """One effect, a NaN or an error of nought gives a reason and no number."""
        with pytest.raises(Degenerate) as caught:
            paule_mandel(np.array(effects), np.array(errors))
        assert caught.value.reason == reason

    def test_every_effect_has_its_error(self) -> None:
        """Lists of different length are a mistake of the caller."""
        with pytest.raises(ValueError, match="one error"):
            paule_mandel(np.ones(3), np.ones(2))


class TestRobust:
    @pytest.mark.parametrize(("m2", "printed"), [(0, 1.95996), (0.25, 2.22665), (1, 3.25920), (4, 7.21635)])
    def test_the_critical_value_is_the_printed_one(self, m2: float, printed: float) -> None:
        """cva(0, .25, 1, 4) = 1.95996, 2.22665, 3.25920, 7.21635 at 95 %."""
        assert robust_critical_value(m2) == pytest.approx(printed, abs=5.1e-6)

    @pytest.mark.parametrize(("m2", "alpha"), [(0.1, 0.05), (1.0, 0.05), (4.0, 0.05), (30.0, 0.1)])
    def test_no_distribution_of_biases_does_worse(self, m2: float, alpha: float) -> None:
        """A linear programme over distributions on 4,000 biases finds the same worst chance, alpha."""
        c = robust_critical_value(m2, alpha)
        b = np.linspace(0, c + 6, 4000)
        beyond = ndtr(b - c) + ndtr(-b - c)
        worst = linprog(-beyond, A_eq=np.vstack([np.ones(4000), b**2]), b_eq=[1, m2])
        assert worst.fun == pytest.approx(-alpha, abs=1e-5)

    def test_it_grows_with_the_bias(self) -> None:
        """More bias needs more room, up to Chebyshev's bound."""
        values = [robust_critical_value(m2) for m2 in (0.0, 0.01, 0.1, 0.5, 1, 3, 10, 100, 1e4)]
        assert values == sorted(values)
        assert values[-1] == pytest.approx(math.sqrt(1e4 / 0.05), rel=0.02)

    @pytest.mark.parametrize(("m2", "alpha"), [(-1.0, 0.05), (math.inf, 0.05), (math.nan, 0.05), (1.0, 1.0)])
    def test_nonsense_is_refused(self, m2: float, alpha: float) -> None:
        """A negative moment, none at all, or a level of nought is a mistake of the caller."""
        with pytest.raises(ValueError, match="m2"):
            robust_critical_value(m2, alpha)


class TestShrink:
    def test_the_value_lies_between_itself_and_the_past(self) -> None:
        """Half the noise of the past's spread keeps four fifths; the weight says so."""
        found = shrink(0.06, 0.01, Past(0.01, 0.02, 40))
        assert found.weight == pytest.approx(0.8)
        assert found.value == pytest.approx(0.01 + 0.8 * 0.05)
        half = robust_critical_value(0.25) * 0.8 * 0.01
        assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))
        assert not found.fat

    def test_a_noisy_effect_warns_of_fat_tails(self) -> None:
        """Where the error is twice the spread, the robust interval is over 1.25 times the normal one."""
        found = shrink(0.06, 0.04, Past(0.01, 0.02, 40))
        normal = 1.959964 * math.sqrt(0.2) * 0.04
        assert found.fat
        assert found.high - found.value > FAT * normal

    def test_without_spread_only_the_past_is_left(self) -> None:
        """Past effects that do not differ pull everything to their mean, known as well as they are."""
        found = shrink(0.06, 0.01, Past(0.01, 0.0, 40, mean_se=0.002))
        assert (found.value, found.weight, found.fat) == (0.01, 0.0, False)
        assert found.high - 0.01 == pytest.approx(1.959964 * 0.002, rel=1e-6)

    def test_an_interval_is_never_narrower_than_its_aim_is_known(self) -> None:
        """A tiny spread may not feign certainty about a mean that is itself uncertain."""
        found = shrink(0.06, 0.01, Past(0.01, 0.0001, 12, mean_se=0.005))
        assert found.high - found.value == pytest.approx(1.959964 * 0.005, rel=1e-6)

    @pytest.mark.parametrize(("theta", "se"), [(math.nan, 0.1), (0.1, math.inf), (0.1, 0.0)])
    def test_what_is_no_estimate_is_not_shrunk(self, theta: float, se: float) -> None:
        """A NaN or an error of nought gives a reason."""
        with pytest.raises(Degenerate) as caught:
            shrink(theta, se, Past(0.0, 0.1, 20))
        assert caught.value.reason == "not_finite"

    def test_the_robust_interval_holds_where_the_normal_one_fails(self) -> None:
        """One effect in twenty is large, the rest nought; seed 4: robust holds 95 %, normal not."""
        rng = np.random.default_rng(4)
        tau, se, n = 0.02, 0.02, 20_000
        true = np.where(rng.random(n) < 0.05, tau * math.sqrt(20), 0.0)
        seen = true + se * rng.normal(size=n)
        past = Past(0.0, tau, n)
        one = shrink(0.0, se, past)
        off = np.abs(one.weight * seen - true)
        assert np.mean(off <= one.high) >= 0.95
        assert np.mean(off <= 1.959964 * math.sqrt(one.weight) * se) < 0.95


class Halves(NamedTuple):
    """Each ASOS series at half time and at its end."""

    early: FloatArray
    error: FloatArray
    final: FloatArray

    def shrunk(self) -> tuple[Past, FloatArray]:
        """The past that the early effects show, and each after shrinkage."""
        past = paule_mandel(self.early, self.error)
        pairs = zip(self.early, self.error, strict=True)
        return past, np.array([shrink(v, s, past).value for v, s in pairs])

    def cut(self) -> float:
        """By how much shrinkage lowers the squared error about the end; negative where it raises it."""
        _, shrunk = self.shrunk()
        return 1 - float(((shrunk - self.final) ** 2).sum() / ((self.early - self.final) ** 2).sum())


def asos(shared: Path, metric: int, *, relative: bool) -> Halves:
    """Effects of one metric at the last row up to half time and at the end, series of five rows or more."""
    table = pq.read_table(shared / "online-experiments" / "asos_experiments.parquet").to_pylist()
    series: dict[tuple[str, int], list[dict[str, float]]] = {}
    for row in table:
        if row["metric_id"] == metric and (row["variance_c"] or 0) > 0 and (row["variance_t"] or 0) > 0:
            series.setdefault((row["experiment_id"], row["variant_id"]), []).append(row)
    found = []
    for rows in series.values():
        rows.sort(key=lambda r: r["time_since_start"])
        last = round(rows[-1]["time_since_start"], 6)
        half = [r for r in rows if round(r["time_since_start"], 6) <= last / 2]
        if len(rows) >= 5 and half:
            found.append((*lift(half[-1], relative=relative), lift(rows[-1], relative=relative)[0]))
    return Halves(*(np.array(column) for column in zip(*found, strict=True)))


def lift(row: dict[str, float], *, relative: bool) -> tuple[float, float]:
    """Treated over control, less 1, with its delta-method error; or their difference."""
    c, t = row["variance_c"] / row["count_c"], row["variance_t"] / row["count_t"]
    if not relative:
        return row["mean_t"] - row["mean_c"], math.sqrt(c + t)
    ratio = row["mean_t"] / row["mean_c"]
    return ratio - 1, math.sqrt(t + ratio**2 * c) / row["mean_c"]


class TestAsos:
    """Published online experiments at half time and at their end: design/measurement.md, section 10."""

    @pytest.mark.parametrize(
        ("metric", "n", "tau", "cut"),
        [(1, 89, 0.00794, 0.483), (2, 84, 0.00895, 0.742), (3, 84, 0.00939, 0.361), (4, 84, 0.00860, 0.421)],
    )
    def test_shrinkage_comes_nearer_to_the_end(
        self, shared: Path, metric: int, n: int, tau: float, cut: float
    ) -> None:
        """Relative lifts shrunk at half time have 36 to 74 % less squared error about the end."""
        halves = asos(shared, metric, relative=True)
        past, _ = halves.shrunk()
        assert past.n == n
        assert past.tau == pytest.approx(tau, abs=5.1e-6)
        assert halves.cut() == pytest.approx(cut, abs=5.1e-4)
        oracle = combine_effects(halves.early, halves.error**2, method_re="iterated", atol=1e-9)
        assert past.tau**2 == pytest.approx(oracle.tau2, rel=1e-5)

    def test_winners_fade_and_shrinkage_sees_it_coming(self, shared: Path) -> None:
        """Metric 1: 21 beyond 1.96 at half time promise 1.357 %, are shrunk to 1.222 % and end at 1.028 %."""
        halves = asos(shared, 1, relative=True)
        _, shrunk = halves.shrunk()
        winners = np.abs(halves.early / halves.error) > 1.96
        sign = np.sign(halves.early[winners])
        means = [float((sign * v[winners]).mean()) for v in (halves.early, shrunk, halves.final)]
        assert int(winners.sum()) == 21
        assert means == pytest.approx([0.01357, 0.01222, 0.01028], abs=5.1e-6)

    def test_on_the_absolute_scale_it_does_harm(self, shared: Path) -> None:
        """Values that grow as one looks share no scale: shrinking them raises the error by 25 to 88 %."""
        rises = [-asos(shared, metric, relative=False).cut() for metric in (1, 2, 3, 4)]
        assert (min(rises), max(rises)) == pytest.approx((0.25, 0.88), abs=0.006)
