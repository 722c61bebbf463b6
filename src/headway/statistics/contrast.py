"""The one primitive every estimator returns: a difference, its standard error and its df."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr, stdtrit

FloatArray = npt.NDArray[np.float64]
"""Array of doubles; every array that enters or leaves this room."""

Reason = Literal[
    "too_few",
    "zero_variance",
    "near_zero_mean",
    "few_clusters",
    "few_blocks",
    "singular",
    "not_finite",
    "negative",
]
"""Why an estimate cannot be made; callers map each to a diagnostic code."""


class Degenerate(ValueError):
    """The data allow no estimate: too few units, no variance, nothing identified.

    Raised by every estimator of this room instead of returning NaN, so that a
    caller turns it into its diagnostic (HW406, HW413, HW415, HW422).

    Attributes:
        reason: one of `too_few`, `zero_variance`, `near_zero_mean`,
            `few_clusters`, `few_blocks`, `singular`, `not_finite`, `negative`.
        detail: one sentence with the numbers that were seen.

    """

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the machine's word and the reader's sentence apart."""
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Contrast:
    """A treated-minus-control estimate with what its interval needs.

    Interval, p-value and e-value all come from this record, so they can never
    disagree about the standard error or the degrees of freedom.

    Args:
        theta: the estimate, in the outcome's unit (or on the log scale for ratios).
        se: its standard error, same unit, above zero.
        df: degrees of freedom of Student's t; `math.inf` means normal.
        n: units (rows) behind the estimate.
        clusters: clusters behind it, when rows were not independent.
        method: the estimator's name, for the evidence record.

    Raises:
        Degenerate: `not_finite` when a figure is NaN or infinite or df is not
            above zero; `zero_variance` when `se` is not above zero.

    """

    theta: float
    se: float
    df: float
    n: int
    clusters: int | None = None
    method: str = ""

    def __post_init__(self) -> None:
        """Refuse what no interval can be made of."""
        if not (math.isfinite(self.theta) and math.isfinite(self.se)) or not self.df > 0:
            raise Degenerate(
                reason="not_finite",
                detail=f"estimate {self.theta}, standard error {self.se}, df {self.df}",
            )
        if self.se <= 0:
            raise Degenerate(reason="zero_variance", detail=f"standard error {self.se}")

    def interval(self, level: float) -> tuple[float, float]:
        """Two-sided interval for a look planned once (fixed horizon).

        Args:
            level: coverage, between 0 and 1, for example 0.95.

        Returns:
            Low and high end, in the unit of `theta`.

        Raises:
            ValueError: `level` is not between 0 and 1.

        Example:
            >>> low, high = Contrast(2.0, 1.0, 10.0, 12).interval(0.95)
            >>> round(low, 4), round(high, 4)
            (-0.2281, 4.2281)

        """
        if not 0 < level < 1:
            msg = f"level {level} is not between 0 and 1"
            raise ValueError(msg)
        tail = (1 - level) / 2
        quantile = -float(ndtri(tail) if math.isinf(self.df) else stdtrit(self.df, tail))
        return self.theta - quantile * self.se, self.theta + quantile * self.se

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided p-value against `null`, for a look planned once.

        Args:
            null: the value of `theta` under the hypothesis, same unit.

        Returns:
            Probability of an estimate at least as far from `null`.

        Example:
            >>> round(Contrast(2.0, 1.0, 10.0, 12).p_value(), 6)
            0.073388

        """
        t = -abs(self.theta - null) / self.se
        return 2 * float(ndtr(t) if math.isinf(self.df) else stdtr(self.df, t))

    def scaled_by(self, factor: float) -> Contrast:
        """The same contrast in another unit, for example per cent of the control mean.

        Args:
            factor: multiplier, not zero; a negative one turns the sign.

        Returns:
            Estimate times `factor`, standard error times its absolute value.

        Raises:
            Degenerate: `factor` is zero or not finite.

        Example:
            >>> Contrast(2.0, 1.0, 10.0, 12).scaled_by(-3.0).theta
            -6.0

        """
        return replace(self, theta=self.theta * factor, se=self.se * abs(factor))
