"""Error counts of two arms: beta-binomial e-values and the intervals that hold at every look."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.special import betainc, betaln

UNDERFLOW = 1e-250
"""Beta tail below which its log is taken from a series, before a double runs out."""

SERIES_END = 1e-17
"""That series stops at terms below this share of its sum."""

SPAN = 60.0
"""Ratios from exp(-60) to exp(60) are searched; beyond them an end is 0 or infinite."""

STEPS = 200
"""Halvings of that span, more than a double can tell apart."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Units with at least one error, while the traffic was split in one way.

    Count units (a user, a session), not errors: errors that arrive in pairs
    raise a false alarm rate of 2 % to 7 %, in fives to 35 %.

    Args:
        treated: such units in the treated arm.
        control: such units in the control arm.
        share: planned share of the treated arm among both, between 0 and 1.

    Raises:
        ValueError: a count is negative, or `share` is not between 0 and 1.

    """

    treated: int
    control: int
    share: float

    def __post_init__(self) -> None:
        """Refuse counts and shares that no traffic has."""
        if self.treated < 0 or self.control < 0 or not 0 < self.share < 1:
            msg = f"counts {self.treated} and {self.control} must be >= 0, share {self.share} in (0, 1)"
            raise ValueError(msg)


def counts_log_e(epochs: Sequence[Counts], ratio: float = 1.0) -> float:
    """Log e-value of "the treated arm errs `ratio` times as often" against any other ratio.

    Given an error, it falls on the treated arm with probability
    s = ratio w / (ratio w + 1 - w) at share w; a uniform prior on s is mixed
    against that point (Robbins 1970). Where the split changes, epochs multiply.
    Errors may be as rare as one likes: 0 against 0 is no evidence.

    Args:
        epochs: counts per stretch of constant share.
        ratio: the ratio of the two error rates under the hypothesis, above zero.

    Returns:
        Natural log of the e-value.

    Raises:
        ValueError: `ratio` is not above zero.

    Example:
        >>> [round(math.exp(counts_log_e([Counts(k, 0, 0.5)])), 1) for k in (4, 11)]
        [3.2, 170.7]

    """
    return sum(_mixed(e) - _at(e, _log_odds(ratio, e.share)) for e in epochs)


def counts_log_e_below(epochs: Sequence[Counts], ratio: float) -> float:
    """Log e-value of "at least `ratio` times as many errors" against "fewer": non-inferiority.

    The uniform prior is cut at the hypothesis. Each likelihood ratio under the
    cut falls as the true share rises, so that the mean is 1 at the hypothesis and
    below 1 beyond it.

    Args:
        epochs: counts per stretch of constant share.
        ratio: the margin, for example 1.25, above zero.

    Returns:
        Natural log of the e-value.

    Raises:
        ValueError: `ratio` is not above zero.

    Example:
        >>> round(math.exp(counts_log_e_below([Counts(60, 90, 0.5)], 1.25)), 1)
        265.6

    """
    total = 0.0
    for epoch in epochs:
        odds = _log_odds(ratio, epoch.share)
        s = 1 / (1 + math.exp(-odds))
        tail = _log_betainc(1.0 + epoch.treated, 1.0 + epoch.control, s)
        total += tail - math.log(s) + _mixed(epoch) - _at(epoch, odds)
    return total


def ratio_interval(epochs: Sequence[Counts], alpha: float) -> tuple[float, float]:
    """Ratio of the two error rates, treated over control, that holds at every look.

    The ratios that no look has refuted: log E is convex in the log of the ratio,
    so both ends follow by bisection.

    Args:
        epochs: counts per stretch of constant share.
        alpha: 1 - level, between 0 and 1.

    Returns:
        Low and high end; 0 and infinity where nothing bounds them.

    Raises:
        ValueError: `alpha` is not between 0 and 1.

    Example:
        >>> low, high = ratio_interval([Counts(60, 20, 0.5)], 0.02)
        >>> round(low, 3), round(high, 3)
        (1.289, 8.003)

    """
    need = -math.log(_share(alpha))
    middle = _ridge(epochs)

    def refuted(log_ratio: float) -> bool:
        return counts_log_e(epochs, math.exp(log_ratio)) >= need

    low = _edge(refuted, -SPAN, middle) if refuted(-SPAN) else -math.inf
    high = _edge(refuted, SPAN, middle) if refuted(SPAN) else math.inf
    return math.exp(low), math.exp(high)


def highest_rate(hits: int, n: int, alpha: float) -> float:
    """Largest error rate of one arm that no look has refuted; serves a ceiling.

    Args:
        hits: units with an error.
        n: units of the arm.
        alpha: 1 - level, between 0 and 1.

    Returns:
        The upper end, at most 1.

    Raises:
        ValueError: `alpha` is not between 0 and 1, or hits exceed n.

    Example:
        >>> highest_rate(0, 1084, 0.02) > 0.01 > highest_rate(0, 1085, 0.02)
        True

    """
    if not 0 <= hits <= n:
        msg = f"{hits} hits of {n} units"
        raise ValueError(msg)
    need, arm = -math.log(_share(alpha)), Counts(hits, n - hits, 0.5)

    def refuted(log_odds: float) -> bool:
        return _mixed(arm) - _at(arm, log_odds) >= need

    if not refuted(SPAN):
        return 1.0
    peak = math.log(hits / (n - hits)) if hits else -SPAN
    return 1 / (1 + math.exp(-_edge(refuted, SPAN, peak)))


def _share(alpha: float) -> float:
    if not 0 < alpha < 1:
        msg = f"alpha {alpha} is not between 0 and 1"
        raise ValueError(msg)
    return alpha


def _log_odds(ratio: float, share: float) -> float:
    if not 0 < ratio < math.inf:
        msg = f"ratio {ratio} is not above zero"
        raise ValueError(msg)
    return math.log(ratio) + math.log(share) - math.log1p(-share)


def _mixed(epoch: Counts) -> float:
    return float(betaln(1.0 + epoch.treated, 1.0 + epoch.control))


def _at(epoch: Counts, log_odds: float) -> float:
    """Log likelihood at one share, without losing a share next to 0 or 1."""
    return -epoch.treated * _softplus(-log_odds) - epoch.control * _softplus(log_odds)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _ridge(epochs: Sequence[Counts]) -> float:
    """Log ratio of highest likelihood: where log E, convex, has its minimum."""
    low, high = -SPAN, SPAN
    for _ in range(STEPS):
        middle = (low + high) / 2
        expected = sum(
            (e.treated + e.control) / (1 + math.exp(-_log_odds(math.exp(middle), e.share))) for e in epochs
        )
        low, high = (middle, high) if expected < sum(e.treated for e in epochs) else (low, middle)
    return (low + high) / 2


def _edge(refuted: Callable[[float], bool], outside: float, inside: float) -> float:
    for _ in range(STEPS):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if refuted(middle) else (outside, middle)
    return inside


def _log_betainc(a: float, b: float, x: float) -> float:
    """Log of the regularised incomplete beta function, also where it underflows.

    I_x(a, b) = x^a (1 - x)^b / (a B(a, b)) times 2F1(a + b, 1; a + 1; x) (NIST DLMF
    8.17.8), whose terms fall by (a + b)/(a + 1) x < 1 in the tail.
    """
    value = float(betainc(a, b, x))
    if value > UNDERFLOW:
        return math.log(value)
    term = series = 1.0
    k = 0
    while term > SERIES_END * series:
        term *= x * (a + b + k) / (a + 1 + k)
        series += term
        k += 1
    front = a * math.log(x) + b * math.log1p(-x) - math.log(a) - float(betaln(a, b))
    return front + math.log(series)
