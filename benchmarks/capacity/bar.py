"""One figure and what it has to be."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that must be reached, or must not be passed; one that is not a number misses.

    Attributes:
        name: what is measured, with its unit.
        found: what was measured.
        least: the least it may be.
        most: the most it may be.
        digits: after the point, in what is printed.
    """

    name: str
    found: float
    least: float = -math.inf
    most: float = math.inf
    digits: int = 2

    @property
    def met(self) -> bool:
        """Whether it lies between its ends."""
        return self.least <= self.found <= self.most

    @property
    def line(self) -> str:
        """One line of the report."""
        ends = [
            f"{sign} {end:.{self.digits}f}"
            for sign, end in (("≥", self.least), ("≤", self.most))
            if math.isfinite(end)
        ]
        verdict = "met" if self.met else "MISSED"
        return f"{self.name:<60} {self.found:>10.{self.digits}f}  {' '.join(ends):<18} {verdict}"
