"""Published experiments come out as printed in design/measurement.md, section 10."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from pytest import approx  # noqa: PT013
from scipy.stats import chisquare

from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Contrast, FloatArray
from headway.statistics.covariates import CrossMoments, cuped, lin
from headway.statistics.evalues import sample_ratio_log_e
from headway.statistics.means import Moments, log_ratio, welch
from headway.statistics.quantiles import median_difference, median_log_ratio
from headway.statistics.sequential import boundary, log_e_one_sided, log_e_two_sided, r_star

from .conftest import Regression

DIGITS = 1e-6
R = r_star(0.05)


def moments(y: FloatArray) -> Moments:
    """Moments of a column."""
    return Moments.from_sums(y.size, float(y.sum()), float(y @ y))


def crossed(*columns: FloatArray) -> CrossMoments:
    """Cross-moments of the outcome, first, and its covariates."""
    z = np.column_stack(columns)
    return CrossMoments.from_sums(len(z), z.sum(axis=0), z.T @ z, np.zeros(z.shape[1]))


def weight(position: int, of: int) -> FloatArray:
    """The contrast that picks one of the coefficients."""
    c = np.zeros(of)
    c[position] = 1.0
    return c


def daily(c: Contrast) -> tuple[float, float]:
    """Interval at the planned end when one looks every day."""
    reach = boundary(c.df, R, 0.05) * c.se
    return c.theta - reach, c.theta + reach


class TestMetr:
    """Does AI make experienced developers faster? 246 issues, 16 developers."""

    def test_each_variance_is_the_printed_one(self, metr: Regression) -> None:
        """Coefficient .17260782 with CR1 .07980921, CR2 .08072585, CR3 .08205959."""
        fitted = fit(metr.sums())
        assert (fitted.n, fitted.clusters, fitted.rank) == (246, 16, 3)
        expected = {"CR1": 0.07980921, "CR2": 0.08072585, "CR3": 0.08205959}
        for kind, se in expected.items():
            got = fitted.contrast(weight(1, 3), kind)  # type: ignore[arg-type]
            assert got.theta == approx(0.17260782, abs=1e-8)
            assert got.se == approx(se, abs=1e-8)

    def test_sixteen_developers_do_not_decide_it(self, metr: Regression) -> None:
        """With df 12.5 the interval at one look runs from -.25 % to +41.58 %, p .0529."""
        c = fit(metr.sums()).contrast(weight(1, 3))
        assert c.df == approx(12.503649, abs=DIGITS)
        assert c.p_value() == approx(0.0528735, abs=1e-7)
        low, high = (math.expm1(end) for end in c.interval(0.95))
        assert low == approx(-0.002493, abs=DIGITS)
        assert high == approx(0.415824, abs=DIGITS)

    def test_daily_looks_leave_it_wider(self, metr: Regression) -> None:
        """E is 2.09 two-sided, 4.06 for slower, .13 for faster; daily -11.27 % to +59.17 %."""
        c = fit(metr.sums()).contrast(weight(1, 3))
        t = c.theta / c.se
        assert math.exp(log_e_two_sided(t, c.df, R)) == approx(2.092227, abs=DIGITS)
        assert math.exp(log_e_one_sided(t, c.df, R)) == approx(4.058851, abs=DIGITS)
        assert math.exp(log_e_one_sided(-t, c.df, R)) == approx(0.125604, abs=DIGITS)
        low, high = (math.expm1(end) for end in daily(c))
        assert low == approx(-0.1127, abs=5e-5)
        assert high == approx(0.5917, abs=5e-5)


class TestTutor:
    """Does a chatbot help pupils? 2,848 rows, 44 classes, the class is assigned."""

    @pytest.mark.parametrize(
        ("outcome", "arm", "printed"),
        [
            ("Part2Tot", 1, (0.1370177, 0.030985, 0.0412197, 10.8643, 0.006893)),
            ("Part2Tot", 2, (0.3612809, 0.031729, 0.0400060, 13.7756, 3.69e-7)),
            ("Part3Tot", 1, (-0.0543463, 0.0224385, 0.0314602, 10.8643, 0.112363)),
            ("Part3Tot", 2, (-0.0043178, 0.013385, 0.017399, 13.7756, 0.807672)),
        ],
    )
    def test_each_coefficient_is_the_printed_one(
        self,
        tutor: Callable[[str], Regression],
        outcome: str,
        arm: int,
        printed: tuple[float, float, float, float, float],
    ) -> None:
        """Coefficient, CR1, CR2, df and p of both arms on practice and exam."""
        theta, cr1, cr2, df, p = printed
        rows = tutor(outcome)
        fitted = fit(rows.sums())
        assert (fitted.n, fitted.clusters) == (2848, 44)
        c = weight(arm, rows.x.shape[1])
        got = fitted.contrast(c)
        assert got.theta == approx(theta, abs=5.1e-8)
        assert fitted.contrast(c, "CR1").se == approx(cr1, abs=5.1e-7)
        assert got.se == approx(cr2, abs=5.1e-7)
        assert got.df == approx(df, abs=5.1e-5)
        assert got.p_value() == approx(p, abs=5.1e-7)

    def test_eight_classes_are_absorbed_by_fixed_effects(self, tutor: Callable[[str], Regression]) -> None:
        """Eight classes have a singular I - H, and CR2 still gives a number."""
        leverage = fit(tutor("Part3Tot").sums()).leverage
        smallest = np.linalg.eigvalsh(np.eye(leverage.shape[1]) - leverage)[:, 0]
        assert int((smallest <= 1e-8).sum()) == 8

    @pytest.mark.parametrize(
        ("outcome", "arm", "e", "digits"),
        [
            ("Part2Tot", 1, 11.333, 5.1e-4),
            ("Part2Tot", 2, 12591, 0.51),
            ("Part3Tot", 1, 1.179, 5.1e-4),
        ],
    )
    def test_the_e_value_is_the_printed_one(
        self, tutor: Callable[[str], Regression], outcome: str, arm: int, e: float, digits: float
    ) -> None:
        """The proxy has an e-value of 11 or 12,591, the exam it stands for 1.2."""
        rows = tutor(outcome)
        c = fit(rows.sums()).contrast(weight(arm, rows.x.shape[1]))
        assert math.exp(log_e_two_sided(c.theta / c.se, c.df, R)) == approx(e, abs=digits)

    def test_the_practice_score_moved_by_half(self, tutor: Callable[[str], Regression]) -> None:
        """Relative to the control mean the plain chatbot adds 48.1 %, the tutor 126.9 %."""
        rows = tutor("Part2Tot")
        control = float(rows.y[(rows.x[:, 1] == 0) & (rows.x[:, 2] == 0)].mean())
        fitted = fit(rows.sums())
        lift = [fitted.contrast(weight(j, rows.x.shape[1])).scaled_by(1 / control) for j in (1, 2)]
        assert [round(100 * c.theta, 1) for c in lift] == [48.1, 126.9]


class TestHillstrom:
    """Does an e-mail bring visits and sales? 64,000 customers."""

    @pytest.fixture
    def arms(
        self, hillstrom: dict[str, dict[str, FloatArray]]
    ) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """Women's e-mail against none."""
        return hillstrom["Womens E-Mail"], hillstrom["No E-Mail"]

    def test_visits(self, arms: tuple[dict[str, FloatArray], ...]) -> None:
        """Visits rise by .04523311 (SE .00323446)."""
        treated, control = arms
        c = welch(moments(treated["visit"]), moments(control["visit"]))
        assert c.theta == approx(0.04523311, abs=5.1e-9)
        assert c.se == approx(0.00323446, abs=5.1e-9)

    def test_spend(self, arms: tuple[dict[str, FloatArray], ...]) -> None:
        """Spend rises by .42441222 (.13033286), once .17 to .68, daily .03 to .82, E+ 74."""
        treated, control = arms
        c = welch(moments(treated["spend"]), moments(control["spend"]))
        assert c.theta == approx(0.42441222, abs=5.1e-9)
        assert c.se == approx(0.13033286, abs=5.1e-9)
        assert c.interval(0.95) == approx((0.168957, 0.679868), abs=DIGITS)
        assert daily(c) == approx((0.028804, 0.820020), abs=DIGITS)
        assert math.exp(log_e_one_sided(c.theta / c.se, c.df, R)) == approx(74.077, abs=5.1e-4)

    def test_relative_visits(self, arms: tuple[dict[str, FloatArray], ...]) -> None:
        """Relative to the control, visits rise by 42.606 % (35.617 to 49.954)."""
        treated, control = arms
        c = log_ratio(moments(treated["visit"]), moments(control["visit"]))
        shown = [100 * math.expm1(v) for v in (c.theta, *c.interval(0.95))]
        assert shown == approx([42.606, 35.617, 49.954], abs=5.1e-4)

    def test_adjusted_for_history(self, arms: tuple[dict[str, FloatArray], ...]) -> None:
        """CUPED on `history` gives .04509542 (.00322798), Lin .04509551."""
        treated, control = (crossed(arm["visit"], arm["history"]) for arm in arms)
        c = cuped(treated, control)
        assert c.theta == approx(0.04509542, abs=5.1e-9)
        assert c.se == approx(0.00322798, abs=5.1e-9)
        assert lin(treated, control).theta == approx(0.04509551, abs=5.1e-9)

    def test_arms_arrived_as_declared(self, hillstrom: dict[str, dict[str, FloatArray]]) -> None:
        """Three equal arms: the sample-ratio e-value is .147491, and chi-squared has p .903693: no alarm."""
        counts = [arm["visit"].size for arm in hillstrom.values()]
        assert sum(counts) == 64000
        assert math.exp(sample_ratio_log_e(counts, [1, 1, 1])) == approx(0.147491, abs=DIGITS)
        assert chisquare(counts).pvalue == approx(0.903693, abs=DIGITS)


class TestNsw:
    """Does training raise earnings? LaLonde's experiment, 445 men."""

    def test_earnings_rose(self, nsw: dict[float, FloatArray]) -> None:
        """Earnings rise by 1,794.3424 (Welch 670.9965, df 307.13), E+ 15.4424."""
        c = welch(moments(nsw[1.0][:, 0]), moments(nsw[0.0][:, 0]))
        assert c.theta == approx(1794.3424, abs=5.1e-5)
        assert c.se == approx(670.9965, abs=5.1e-5)
        assert c.df == approx(307.13, abs=5.1e-3)
        e = math.exp(log_e_one_sided(c.theta / c.se, c.df, R))
        assert e == approx(15.4424, abs=5.1e-5)

    def test_adjusted_for_eight_covariates(self, nsw: dict[float, FloatArray]) -> None:
        """Lin gives 1,621.583 with the standard error 671.307 from sums alone."""
        c = lin(crossed(nsw[1.0]), crossed(nsw[0.0]))
        assert c.theta == approx(1621.583, abs=5.1e-4)
        assert c.se == approx(671.307, abs=5.1e-4)
        assert c.df == 445 - 2 * 9

    def test_rows_as_clusters_give_hc2(self, nsw: dict[float, FloatArray]) -> None:
        """With every man his own cluster the same regression has the HC2 error 694.722."""
        z = np.vstack([nsw[1.0], nsw[0.0]])
        arm = np.repeat([1.0, 0.0], [185, 260])
        x = z[:, 1:] - z[:, 1:].mean(axis=0)
        design = np.column_stack([np.ones(445), arm, x, x * arm[:, None]])
        c = fit(ClusterSums.from_rows(design, z[:, 0], np.arange(445))).contrast(weight(1, 18))
        assert c.theta == approx(1621.583, abs=5.1e-4)
        assert c.se == approx(694.722, abs=5.1e-4)

    def test_without_random_assignment_the_sign_is_wrong(
        self, nsw: dict[float, FloatArray], cps: FloatArray
    ) -> None:
        """Against 15,992 outsiders the same training "costs" 8,497.52."""
        c = welch(moments(nsw[1.0][:, 0]), moments(cps))
        assert c.n == 185 + 15992
        assert c.theta == approx(-8497.52, abs=5.1e-3)


class TestEchoes:
    """Is a feature finished sooner with an assistant? 68 developers, phase 1."""

    def test_median_time_fell(self, echoes: dict[str, FloatArray]) -> None:
        """Median time is 9,120.5 s with and 13,167.5 s without an assistant: -30.73 %."""
        assert (echoes["True"].size, echoes["False"].size) == (36, 32)
        assert median_difference(echoes["True"], echoes["False"]).theta == 9120.5 - 13167.5
        c = median_log_ratio(echoes["True"], echoes["False"])
        assert 100 * math.expm1(c.theta) == approx(-30.73, abs=5.1e-3)
        assert c.interval(0.95)[1] < 0
