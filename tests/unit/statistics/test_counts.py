"""Error counts of two arms may be watched from the first error on."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from scipy import integrate, stats

from headway.statistics.counts import Counts, counts_log_e, counts_log_e_below, highest_rate, ratio_interval

ALPHA = 0.02


def even(treated: int, control: int) -> list[Counts]:
    """One epoch in which half of the traffic went to each arm."""
    return [Counts(treated, control, 0.5)]


@pytest.mark.parametrize(
    ("epochs", "e", "low", "high"),
    [
        (even(4, 0), 3.2, 0.336, math.inf),
        (even(11, 0), 170.67, 1.268, math.inf),
        (even(60, 20), 4222.0, 1.289, 8.003),
        (even(400, 400), 0.0443, 0.767, 1.304),
        ([Counts(3, 30, 0.05), Counts(40, 40, 0.5)], 0.0279, 0.455, 2.463),
        (even(0, 0), 1.0, 0.0, math.inf),
    ],
)
def test_the_printed_cases_come_out(epochs: list[Counts], e: float, low: float, high: float) -> None:
    """E-value of equal rates and the interval of the ratio at 98 %, as the design prints them."""
    assert math.exp(counts_log_e(epochs)) == pytest.approx(e, rel=2e-3)
    assert ratio_interval(epochs, ALPHA) == pytest.approx((low, high), abs=5.1e-4)


@pytest.mark.parametrize("share", [0.5, 0.05])
@pytest.mark.parametrize("ratio", [1.0, 1.25])
def test_the_mean_is_one_at_the_hypothesis(share: float, ratio: float) -> None:
    """Over every split of 60 errors, both e-values average exactly 1 where the ratio holds."""
    s = ratio * share / (ratio * share + 1 - share)
    for log_e in (counts_log_e, counts_log_e_below):
        total = sum(
            math.exp(log_e([Counts(k, 60 - k, share)], ratio) + float(stats.binom.logpmf(k, 60, s)))
            for k in range(61)
        )
        assert total == pytest.approx(1.0, rel=1e-11)


def test_a_worse_arm_has_less_evidence_of_being_no_worse() -> None:
    """Beyond the margin the mean of the non-inferiority e-value is below 1, the further the less."""
    means = []
    for s in (0.556, 0.6, 0.7, 0.9):
        chances = [float(stats.binom.pmf(k, 40, s)) for k in range(41)]
        logs = [counts_log_e_below(even(k, 40 - k), 1.25) for k in range(41)]
        means.append(sum(math.exp(log_e) * p for log_e, p in zip(logs, chances, strict=True)))
    assert means[0] < 1
    assert all(a > b for a, b in pairwise(means))


@pytest.mark.parametrize(("k", "m"), [(60, 90), (3, 0), (500, 500)])
def test_non_inferiority_is_the_prior_cut_at_the_margin(k: int, m: int) -> None:
    """It equals the integral over shares below the margin, by quadrature."""
    s0 = 1.25 / 2.25

    def integrand(s: float) -> float:
        return math.exp(k * math.log(s / s0) + m * math.log((1 - s) / (1 - s0)))

    mean = integrate.quad(integrand, 0, s0, epsabs=0, epsrel=1e-10, limit=400)[0] / s0
    assert math.exp(counts_log_e_below(even(k, m), 1.25)) == pytest.approx(mean, rel=1e-8)


def test_far_out_the_tail_is_that_of_the_beta_distribution() -> None:
    """Where the tail is too small for a double, its log still equals quadrature over the margin's edge."""
    k, m, s0 = 4000, 100, 0.5 / 1.5

    def integrand(u: float) -> float:
        return math.exp(k * math.log1p(-u) + m * math.log1p(u * s0 / (1 - s0)))

    mean = integrate.quad(integrand, 0, 0.05, epsabs=0, epsrel=1e-11)[0]
    assert counts_log_e_below(even(k, m), 0.5) == pytest.approx(math.log(mean), rel=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (0, 400), (3, 3), (7, 1200), (0, 0)])
def test_the_highest_rate_is_the_edge_of_what_is_refuted(hits: int, n: int) -> None:
    """At that rate the beta-binomial e-value is 1/alpha, or every rate is still possible."""
    rate = highest_rate(hits, n, ALPHA)
    if rate < 1:
        log_e = float(stats.betabinom.logpmf(hits, n, 1, 1) - stats.binom.logpmf(hits, n, rate))
        assert log_e == pytest.approx(-math.log(ALPHA), rel=1e-9)
    else:
        assert hits == n


def test_no_error_in_1085_units_meets_a_ceiling_of_one_per_cent() -> None:
    """The first size at which 0 errors show a rate below .01 at 98 %."""
    assert highest_rate(0, 1084, ALPHA) > 0.01 > highest_rate(0, 1085, ALPHA)


def test_millions_of_errors_stay_finite() -> None:
    """A million errors an arm give finite logs and a narrow interval around the ratio."""
    epochs = even(1_000_000, 900_000)
    assert counts_log_e(epochs) > 2000
    assert ratio_interval(epochs, ALPHA) == pytest.approx((10 / 9, 10 / 9), rel=0.01)
    assert math.isfinite(counts_log_e_below(epochs, 1.0))


def test_what_no_traffic_has_is_refused() -> None:
    """Negative counts, shares of none or all, and rates and levels out of range."""
    for counts in ((-1, 0, 0.5), (0, -1, 0.5), (0, 0, 0.0), (0, 0, 1.0)):
        with pytest.raises(ValueError, match="share"):
            Counts(*counts)
    for ratio in (0.0, math.inf):
        with pytest.raises(ValueError, match="ratio"):
            counts_log_e(even(1, 1), ratio)
    with pytest.raises(ValueError, match="alpha"):
        ratio_interval(even(1, 1), 1.0)
    with pytest.raises(ValueError, match="hits"):
        highest_rate(3, 2, ALPHA)
