"""How a bound and an estimate read to a board."""

from __future__ import annotations

import math

from headway.evidence.record import Evidence
from headway.kernel.estimate import Estimate

# Units whose numbers are shown times a hundred.
PERCENT = ("relative change", "share", "probability")
SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}
_NAMES = {
    "srm": "sample-ratio e-value",
    "return_probability": "probability of a positive return",
    "unit_cost_to_target": "unit cost at the planned volume, of its target",
}
_HUNDRED = 100
_DIGITS = 10
_LARGEST_E = 1e12
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def metric_words(metric: str) -> str:
    """A metric as a person reads it; its arm or resource stays beside it.

    >>> metric_words("log_minutes [ai]"), metric_words("return_probability")
    ('log minutes [ai]', 'probability of a positive return')
    """
    base, bracket, rest = metric.partition(" [")
    return _NAMES.get(base, base.replace("_", " ")) + bracket + rest


def bound_words(
    name: str, op: str, needed: float, unit: str, *, percent: bool = False, points: bool = False
) -> str:
    """What a requirement needs, in the unit a person reads.

    Args:
        name: of the metric, in words.
        op: the comparison.
        needed: the bound.
        unit: of the estimate.
        percent: the bound was written in per cent.
        points: it is a difference of shares.

    >>> bound_words("effect", "<", -0.1, "relative change")
    'effect < −10 %'
    """
    shown, word = needed, "" if unit == "e-value" else f" {unit}"
    if percent or points or unit in PERCENT:
        shown, word = needed * 100, " points" if points else " %"
    return f"{name} {SIGNS[op]} " + f"{shown:,.{_DIGITS}g}".replace("-", "−") + word.rstrip()


def estimate_words(evidence: Evidence) -> str:
    """An estimate in words: name, value, interval, level, grade."""
    estimate = evidence.estimate
    name = metric_words(evidence.metric)
    if estimate.low == estimate.high:
        return f"{name} {_amount(estimate.value, estimate)}, grade {estimate.grade}"
    ends = f"{_number(estimate.low, estimate)} to {_number(estimate.high, estimate)}, {level_words(estimate)}"
    return f"{name} {_amount(estimate.value, estimate)} ({ends}), grade {estimate.grade}"


def e_words(log_e: float) -> str:
    """An e-value from its natural log; beyond 1e12 its size no longer tells anything.

    >>> import math
    >>> [e_words(math.log(e)) for e in (0.1256, 4.0588, 66.67, 12591)], e_words(700)
    (['0.126', '4.06', '66.7', '12,591'], 'over 1,000,000,000,000')
    """
    if log_e > math.log(_LARGEST_E):
        return f"over {_LARGEST_E:,.0f}"
    e = math.exp(log_e)
    return f"{e:,.0f}" if e >= _HUNDRED else f"{e:.3g}"


def count_words(count: int) -> str:
    """A count as it is said: in words up to ten.

    >>> count_words(2), count_words(11)
    ('two', '11')
    """
    return _COUNTS[count] if count < len(_COUNTS) else str(count)


def level_words(estimate: Estimate) -> str:
    """The level of an interval: ``95 %``."""
    return f"{estimate.level * 100:g} %"


def _amount(x: float, estimate: Estimate) -> str:
    # An e-value has no unit but its name.
    unit = "" if estimate.unit in (*PERCENT, "e-value") else f" {estimate.unit}"
    return f"{_number(x, estimate)}{unit.rstrip()}"


def _number(x: float, estimate: Estimate) -> str:
    """Shares in per cent with one decimal; other numbers with three digits, from a hundred on whole."""
    if estimate.unit in PERCENT:
        return f"{x * 100:.1f} %".replace("-", "−")
    return (f"{x:,.0f}" if abs(x) >= _HUNDRED else f"{x:.3g}").replace("-", "−")
