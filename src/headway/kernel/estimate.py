"""The estimate: a number never alone (law L2)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from headway.kernel.identity import Json


class Grade(StrEnum):
    """How an estimate was identified, computed from facts and never typed.

    A randomised; B quasi-experimental; C before/after, observational or a census count; D asserted.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    def at_least(self, asked: Grade) -> bool:
        """Whether this grade is as good as the one asked.

        >>> Grade.A.at_least(Grade.B), Grade.D.at_least(Grade.C)
        (True, False)
        """
        return self.value <= asked.value


def worst(*grades: Grade) -> Grade:
    """The worst of several grades: a chain is as good as its weakest link.

    >>> worst(Grade.A, Grade.C)
    <Grade.C: 'C'>
    """
    return max(grades, key=lambda g: g.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its doubt.

    Attributes:
        value: the point estimate, in `unit`.
        low: lower end of the two-sided interval at `level`.
        high: upper end.
        level: coverage of the interval, 0 < level <= 1 (1 for a census count, where low = high).
        unit: the field's unit: ``share``, ``minutes``, ``EUR per year``, ``ratio`` ...
        n: units the estimate rests on.
        method: estimator in one line.
        grade: A to D.
        grade_reasons: why it is not better, in words.
        detail: further facts of the estimator (se, df, clusters ...), plain JSON values.
        looks: what was seen on each day before, oldest first. It is drawn, and nothing is decided by it, so
            it is no part of `as_json`, of which decisions keep a copy.
    """

    value: float
    low: float
    high: float
    level: float
    unit: str
    n: int
    method: str
    grade: Grade
    grade_reasons: tuple[str, ...] = ()
    detail: dict[str, Json] = field(default_factory=dict)
    looks: tuple[Json, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether value and both ends are finite numbers."""
        return all(math.isfinite(x) for x in (self.value, self.low, self.high))

    def rounded(self) -> Estimate:
        """Value and ends at 12 significant digits, as they are stored (threads may differ in the 13th)."""
        return Estimate(
            value=significant(self.value),
            low=significant(self.low),
            high=significant(self.high),
            level=self.level,
            unit=self.unit,
            n=self.n,
            method=self.method,
            grade=self.grade,
            grade_reasons=self.grade_reasons,
            detail={k: _rounded(v) for k, v in self.detail.items()},
            looks=self.looks,
        )

    def as_json(self) -> dict[str, Json]:
        """The estimate as plain JSON, the grade apart (the review prints it beside)."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "unit": self.unit,
            "n": self.n,
            "method": self.method,
            "detail": dict(self.detail),
        }


def _rounded(value: Json) -> Json:
    if isinstance(value, float):
        return significant(value)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list) else value


def significant(x: float, digits: int = 12) -> float:
    """Round to significant digits.

    >>> significant(0.17260782049999999, 6)
    0.172608
    """
    return float(f"{x:.{digits - 1}e}") if math.isfinite(x) else x
