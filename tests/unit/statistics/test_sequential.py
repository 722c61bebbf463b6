"""A running effect may be looked at every day without raising its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from headway.statistics.sequential import boundary, log_e_one_sided, log_e_two_sided, r_star

R = r_star(0.05)
LogE = Callable[[float, float, float], float]


def mean_under(log_e: LogE, df: float, r: float, gap: float = 0.0) -> float:
    """Expected e-value when t is Student (normal at infinite df), by quadrature."""

    def integrand(t: float) -> float:
        return math.exp(log_e(t, df, r) + float(stats.t.logpdf(t - gap, df)))

    edges = [-math.inf, -30.0, -8.0, 0.0, 8.0, 30.0, math.inf]
    pieces = (
        integrate.quad(integrand, a, b, epsabs=1e-12, epsrel=1e-10, limit=200)[0] for a, b in pairwise(edges)
    )
    return sum(pieces)


def test_r_star_is_the_design_figure() -> None:
    """At level .95 the prior variance is 7.936155."""
    assert r_star() == pytest.approx(7.936155, abs=1e-6)


@pytest.mark.parametrize("df", [5.0, 12.5, 59.0, math.inf])
@pytest.mark.parametrize("r", [0.4, R])
@pytest.mark.parametrize("log_e", [log_e_two_sided, log_e_one_sided])
def test_the_e_value_has_mean_one_at_the_hurdle(log_e: LogE, df: float, r: float) -> None:
    """Without an effect the e-value averages exactly 1, by quadrature."""
    assert mean_under(log_e, df, r) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("gap", [-0.1, -1.0, -4.0])
def test_below_the_hurdle_the_one_sided_mean_is_below_one(gap: float) -> None:
    """The worse the effect, the smaller the expected evidence that it is good."""
    assert mean_under(log_e_one_sided, math.inf, R, gap) < 1 - 0.05 * min(1.0, -gap)


@pytest.mark.parametrize("df", [5.0, 12.5, 59.0])
@pytest.mark.parametrize("gap", [-0.1, -1.0, -4.0])
def test_with_few_degrees_of_freedom_too_it_is_below_one(df: float, gap: float) -> None:
    """Below the hurdle t is noncentral, and the mean of the one-sided e-value is below 1, by quadrature."""

    def integrand(t: float) -> float:
        return math.exp(log_e_one_sided(t, df, R)) * float(stats.nct.pdf(t, df, gap))

    edges = [-200.0, -10.0, 0.0, 10.0, 500.0]
    mean = sum(integrate.quad(integrand, a, b, limit=200)[0] for a, b in pairwise(edges))
    assert mean < 1 - 0.1 * min(1.0, -gap)


@pytest.mark.parametrize(
    ("df", "expected"),
    [
        (4, 6.238),
        (6, 4.561),
        (8, 4.052),
        (10, 3.800),
        (15, 3.509),
        (20, 3.378),
        (30, 3.257),
        (60, 3.143),
        (100, 3.099),
        (math.inf, 3.035),
    ],
)
def test_the_boundary_is_the_printed_table(df: float, expected: float) -> None:
    """The half-width in standard errors at the planned end, and E there is exactly 20."""
    t = boundary(df, R, 0.05)
    assert t == pytest.approx(expected, abs=5.1e-4)
    assert log_e_two_sided(t, df, R) == pytest.approx(math.log(20), rel=1e-12)
    assert log_e_two_sided(-t, df, R) == pytest.approx(math.log(20), rel=1e-12)


def test_the_prior_is_tightest_at_the_planned_end() -> None:
    """No prior variance narrows the interval at the planned end by more than .1 %."""
    for alpha in (0.01, 0.05, 0.2):
        widths = [boundary(math.inf, f * r_star(alpha), alpha) for f in np.geomspace(0.1, 10, 201)]
        assert boundary(math.inf, r_star(alpha), alpha) <= 1.001 * min(widths)


def test_too_few_degrees_of_freedom_never_reach_the_boundary() -> None:
    """Where the e-value is bounded below 1/alpha the interval is the whole line."""
    assert boundary(2, 0.4, 0.05) == math.inf
    assert log_e_two_sided(1e150, 2, 0.4) < math.log(20)


@pytest.mark.parametrize("t", [-3.0, -0.5, 0.0, 0.5, 2.0, 6.0])
def test_large_df_is_the_normal_mixture(t: float) -> None:
    """At a billion degrees of freedom both e-values are those at infinity."""
    for log_e in (log_e_two_sided, log_e_one_sided):
        assert log_e(t, 1e9, R) == pytest.approx(log_e(t, math.inf, R), abs=1e-6)


@pytest.mark.parametrize("df", [3.0, 25.0, 1e3, 1e6, math.inf])
@pytest.mark.parametrize("t", [-1e6, -1e3, -40.0, -5.0, 5.0, 40.0, 1e3, 1e6])
def test_logs_hold_far_out(t: float, df: float) -> None:
    """Up to a million standard errors both logs equal 60 digits and quadrature of the tail."""
    two = exact_two_sided(t, df)
    assert log_e_two_sided(t, df, R) == pytest.approx(two, rel=1e-10)
    v = df if math.isfinite(df) else 1e30
    z = t * math.sqrt(R / (1 + R) * (v + 1) / (v + t * t / (1 + R)))
    # Where two logs of 1e11 cancel, the oracle itself keeps only their last place.
    own = max(1e-7, 4 * np.spacing(abs(two)))
    expected = math.log(2) + two + log_student(z, df + 1)
    assert log_e_one_sided(t, df, R) == pytest.approx(expected, rel=1e-7, abs=own)


def exact_two_sided(t: float, df: float) -> float:
    """The formula as printed, in 60 decimal digits."""
    with localcontext() as context:
        context.prec = 60
        x, r = Decimal(t), Decimal(R)
        if math.isinf(df):
            return float((x * x * r / (1 + r) - (1 + r).ln()) / 2)
        v = Decimal(df)
        gap = (1 + x * x / v).ln() - (1 + x * x / (v * (1 + r))).ln()
        return float(((v + 1) * gap - (1 + r).ln()) / 2)


def log_student(z: float, df: float) -> float:
    """Log of Student's cdf; far out, the tail over the density at its edge by quadrature."""
    if z > -5:
        return math.log(float(stats.t.cdf(z, df)))
    # In u = rate * ln(t/z) the tail falls like exp(-u), however far out it starts.
    rate = z * z if math.isinf(df) else (df + 1) * z * z / (df + z * z)

    def density(u: float) -> float:
        step = math.expm1(2 * u / rate) * z * z
        fall = step / 2 if math.isinf(df) else (df + 1) / 2 * math.log1p(step / (df + z * z))
        return math.exp(u / rate - fall)

    area = integrate.quad(density, 0, 100, epsrel=1e-11, limit=200)[0]
    return float(stats.t.logpdf(z, df)) + math.log(-z * area / rate)


@pytest.mark.parametrize("df", [3.0, 30.0, 1e4, math.inf])
def test_one_sided_evidence_grows_with_t(df: float) -> None:
    """A better effect never has less evidence, also across the far-tail formula."""
    values = [log_e_one_sided(t, df, R) for t in np.linspace(-200, 60, 2001).tolist()]
    assert all(a < b for a, b in pairwise(values))


def test_both_sides_average_to_the_two_sided_e_value() -> None:
    """E+ of an effect and of its mirror image average to the two-sided E."""
    for df in (4.0, 40.0, math.inf):
        for t in (0.0, 1.0, 2.5):
            up, down = (math.exp(log_e_one_sided(s * t, df, R)) for s in (1, -1))
            assert (up + down) / 2 == pytest.approx(math.exp(log_e_two_sided(t, df, R)), rel=1e-12)


def test_daily_looks_keep_the_error() -> None:
    """199 looks on 2,000 null experiments cross 1/.05 in at most 5 %; peeking at z in over 30 %."""
    rng = np.random.default_rng(2)
    n = np.arange(2, 201) * 25
    steps = rng.normal(size=(2000, 200)) * 5.0
    path = steps.cumsum(axis=1)[:, 1:]
    z = path / np.sqrt(n)
    bounds = np.array([boundary(math.inf, R * m / n[-1], 0.05) for m in n.tolist()])
    assert (np.abs(z) >= bounds).any(axis=1).mean() <= 0.05
    assert (np.abs(z) >= 1.96).any(axis=1).mean() > 0.30


def test_arguments_out_of_range_are_refused() -> None:
    """NaN, no degrees of freedom, no prior variance and a level of 95 are faults of the caller."""
    for log_e in (log_e_two_sided, log_e_one_sided):
        for t, df, r in ((math.nan, 5.0, 1.0), (1.0, 0.0, 1.0), (1.0, 5.0, 0.0), (1.0, 5.0, math.inf)):
            with pytest.raises(ValueError, match="above zero"):
                log_e(t, df, r)
    for alpha in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match="alpha"):
            r_star(alpha)
        with pytest.raises(ValueError, match="alpha"):
            boundary(5.0, 1.0, alpha)
