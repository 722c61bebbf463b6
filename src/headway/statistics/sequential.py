"""E-values and boundaries for a running effect that may be looked at every day."""

from __future__ import annotations

import math

from scipy.special import betaln, erfcx, log_ndtr, stdtr

UNDERFLOW = 1e-250
"""Student tail below which the log is taken from a series, before a double runs out."""

TERMS = 20
"""Terms of that series; each is below (2 TERMS / 1000) of the one before."""


def r_star(alpha: float = 0.05) -> float:
    """Prior variance that makes the interval tightest at the planned end, within .1 %.

    The closed form stands in for the root of r = ln(1 + r) - 2 ln(alpha):
    Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (Ann. Stat. 2024). At a look with
    share f of the planned units, r = r_star f.

    Args:
        alpha: 1 - level, between 0 and 1.

    Returns:
        r, in squared standard errors at the planned end.

    Raises:
        ValueError: `alpha` is not between 0 and 1.

    Example:
        >>> round(r_star(), 6)
        7.936155

    """
    if not 0 < alpha < 1:
        msg = f"alpha {alpha} is not between 0 and 1"
        raise ValueError(msg)
    cost = -2 * math.log(alpha)
    return cost + math.log1p(cost)


def log_e_two_sided(t: float, df: float, r: float) -> float:
    """Log e-value of "the effect equals the hurdle" against "it differs".

    Lindon, Ham, Tingley, Bojinov (arXiv 2210.08589); for infinite df the normal
    mixture of Robbins (1970), the mSPRT of Johari, Koomen, Pekelis, Walsh (2022).

    Args:
        t: (estimate - hurdle) / standard error.
        df: degrees of freedom of t, above zero, may be `math.inf`.
        r: prior variance in squared standard errors, above zero.

    Returns:
        Natural log of the e-value.

    Raises:
        ValueError: `t` is NaN, or `df` or `r` is not above zero.

    Example:
        >>> round(math.exp(log_e_two_sided(2.0, math.inf, 7.936155)), 6)
        1.976124

    """
    _check(t, df, r)
    if math.isinf(df):
        return 0.5 * (t * t * r / (1 + r) - math.log1p(r))
    # One log1p of the ratio: the difference of two logs loses digits at large t and df.
    growth = math.log1p(r / (df / t * (1 + r) / t + 1)) if t else 0.0
    return 0.5 * ((df + 1) * growth - math.log1p(r))


def log_e_one_sided(t: float, df: float, r: float) -> float:
    """Log e-value of "the effect is at most the hurdle" against "it is above".

    The two-sided mixture folded onto the good side: E+ = 2 E F(.), with F
    Student's cdf at df + 1. Mean 1 at the hurdle, below 1 under it (measurement
    5.4; right-Haar prior on the scale). This is the one promotion uses.

    Args:
        t: (estimate - hurdle) / standard error, signed so that good is positive.
        df: degrees of freedom of t, above zero, may be `math.inf`.
        r: prior variance in squared standard errors, above zero.

    Returns:
        Natural log of the e-value.

    Raises:
        ValueError: `t` is NaN, or `df` or `r` is not above zero.

    Example:
        >>> round(math.exp(log_e_one_sided(2.0, math.inf, 7.936155)), 6)
        3.834748

    """
    _check(t, df, r)
    q = r / (1 + r)
    if math.isinf(df):
        z = t * math.sqrt(q)
        # erfcx keeps exp(z^2/2) and the tail together: apart they cancel at z = -1e6.
        if z < 0:
            return math.log(float(erfcx(-z / math.sqrt(2)))) - 0.5 * math.log1p(r)
        return math.log(2) + 0.5 * (z * z - math.log1p(r)) + float(log_ndtr(z))
    z = t * math.sqrt(q * (df + 1) / (df + t * t / (1 + r)))
    return math.log(2) + log_e_two_sided(t, df, r) + _log_student(z, df + 1)


def boundary(df: float, r: float, alpha: float) -> float:
    """The t at which the two-sided e-value reaches 1/alpha: half-width in standard errors.

    theta +- boundary se is the interval that holds at every look. The equation
    log E(t) = -ln alpha solves in closed form.

    Args:
        df: degrees of freedom, above zero, may be `math.inf`.
        r: prior variance in squared standard errors, above zero.
        alpha: 1 - level, between 0 and 1.

    Returns:
        t_b; `math.inf` when so few degrees of freedom can never reach 1/alpha.

    Raises:
        ValueError: `df` or `r` is not above zero, or `alpha` not between 0 and 1.

    Example:
        >>> round(boundary(10, r_star(0.05), 0.05), 3)
        3.8

    """
    _check(0.0, df, r)
    if not 0 < alpha < 1:
        msg = f"alpha {alpha} is not between 0 and 1"
        raise ValueError(msg)
    need = math.log1p(r) - 2 * math.log(alpha)
    if math.isinf(df):
        return math.sqrt((1 + r) / r * need)
    if need / (df + 1) >= math.log1p(r):
        return math.inf
    growth = math.expm1(need / (df + 1))
    return math.sqrt(growth * df * (1 + r) / (r - growth))


def _check(t: float, df: float, r: float) -> None:
    if math.isnan(t) or not df > 0 or not 0 < r < math.inf:
        msg = f"t {t} must be a number, df {df} and r {r} above zero"
        raise ValueError(msg)


def _log_student(z: float, df: float) -> float:
    """Log of Student's cdf, also where the cdf itself underflows."""
    cdf = float(stdtr(df, z))
    return math.log(cdf) if cdf > UNDERFLOW else log_student_far(z, df)


def log_student_far(z: float, df: float) -> float:
    """Log of Student's cdf so far in its left tail that the cdf itself underflows.

    There F(z) = I_y(df/2, 1/2) / 2 with y = df / (df + z^2) is written, by Pfaff's
    transformation, as a closed form times 2F1(1/2, 1; df/2 + 1; -df/z^2), whose
    terms fall like (2k + 1)/z^2 (NIST DLMF 8.17.8, 15.8.1).

    Args:
        z: far below zero.
        df: degrees of freedom, finite.

    Returns:
        Natural log of the probability of less than `z`.

    """
    ratio = df / (z * z)
    term = series = 1.0
    for k in range(TERMS):
        term *= -ratio * (k + 0.5) / (df / 2 + 1 + k)
        series += term
    log_y, log_rest = -math.log1p(1 / ratio), -math.log1p(ratio)
    front = 0.5 * (df * log_y - log_rest) - float(betaln(df / 2, 0.5)) - math.log(df)
    return front + math.log(series)
