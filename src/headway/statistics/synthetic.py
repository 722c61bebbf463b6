"""One treated group against a mixture of untreated ones: synthetic control and its placebo ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.simplex import nearest_shares

PERFECT = 1e-9
"""Error before treatment, as a share of the panel's range, below which all fits are equally perfect."""

LEAST_DONORS = 2
"""A placebo needs another donor to be compared with."""

LEAST_BEFORE = 2
"""Periods before treatment without which a mixture imitates one number, not a course."""


@dataclass(frozen=True, slots=True, eq=False)
class OneTreated:
    """A balanced panel with one treated group.

    Args:
        treated: (T,) the treated group's outcome by period.
        donors: (T, J) the same of groups that were never treated.
        starts: periods before the first treated one, T0.

    Raises:
        Degenerate: `too_few` with fewer than 2 donors, fewer than 2 periods before
            treatment or none after; `not_finite` on NaN or infinity; `zero_variance`
            when the treated group or every donor keeps one value throughout.
        ValueError: the shapes do not fit each other.

    """

    treated: FloatArray
    donors: FloatArray
    starts: int

    def __post_init__(self) -> None:
        """Refuse what allows no comparison."""
        periods, donors = self.donors.shape
        if self.treated.shape != (periods,):
            msg = f"treated {self.treated.shape}, donors {self.donors.shape}"
            raise ValueError(msg)
        if donors < LEAST_DONORS:
            raise Degenerate("too_few", f"{donors} donors, needs {LEAST_DONORS}")
        if not LEAST_BEFORE <= self.starts < periods:
            detail = f"{self.starts} periods before treatment and {periods - self.starts} from it on"
            raise Degenerate("too_few", f"{detail}, needs {LEAST_BEFORE} and 1")
        if not (np.isfinite(self.treated).all() and np.isfinite(self.donors).all()):
            raise Degenerate("not_finite", "a value of the panel is NaN or infinite")
        if np.ptp(self.treated) == 0:
            raise Degenerate("zero_variance", "the treated group keeps one value in every period")
        if not np.ptp(self.donors, axis=0).any():
            raise Degenerate("zero_variance", "every donor keeps one value in every period")

    @property
    def range(self) -> float:
        """Largest distance between two values of the panel."""
        return float(max(self.treated.max(), self.donors.max()) - min(self.treated.min(), self.donors.min()))

    def placebo(self, donor: int) -> tuple[FloatArray, FloatArray]:
        """One donor as if it had been treated, and the other donors; the treated group stays out."""
        return self.donors[:, donor], np.delete(self.donors, donor, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticControl:
    """A fitted mixture and what it says.

    Args:
        weights: (J,) share of each donor.
        counterfactual: (T,) the mixture by period: what the treated group is compared with.
        gap: (T,) treated minus mixture.
        effect: mean gap from the first treated period on, in the outcome's unit.
        rmspe_before: root mean squared gap before treatment.
        rmspe_after: the same from treatment on.
        unique: whether no other mixture fits as well.

    """

    weights: FloatArray
    counterfactual: FloatArray
    gap: FloatArray
    effect: float
    rmspe_before: float
    rmspe_after: float
    unique: bool


def synthetic_control(panel: OneTreated) -> SyntheticControl:
    """Fit the mixture of donors that imitates the treated group before treatment.

    Abadie, Diamond, Hainmueller (JASA 2010) on outcomes alone: shares of the donors,
    least squares over the periods before treatment, solved exactly.

    Args:
        panel: one treated group and its donors.

    Returns:
        The mixture, its course, and the effect.

    Example:
        >>> donors = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 5.0]])
        >>> found = synthetic_control(OneTreated(np.array([2.0, 2.0, 7.0]), donors, 2))
        >>> found.weights.round(6).tolist(), round(found.effect, 6)
        ([0.5, 0.5], 3.0)

    """
    return _fit(panel.treated, panel.donors, panel.starts)


def _fit(treated: FloatArray, donors: FloatArray, starts: int) -> SyntheticControl:
    shares = nearest_shares(donors[:starts], treated[:starts])
    counterfactual = np.asarray(donors @ shares.weights, dtype=np.float64)
    gap = treated - counterfactual
    return SyntheticControl(
        weights=shares.weights,
        counterfactual=counterfactual,
        gap=gap,
        effect=float(gap[starts:].mean()),
        rmspe_before=float(np.sqrt((gap[:starts] ** 2).mean())),
        rmspe_after=float(np.sqrt((gap[starts:] ** 2).mean())),
        unique=shares.unique,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """Every donor treated in turn on paper, beside the group that really was.

    Args:
        fits: one synthetic control per donor, from the other donors.
        ratio: error after over error before treatment, of the treated group.
        ratios: (J,) the same of every donor.
        contrast: the effect with the spread of the placebo effects as standard error
            and one degree of freedom less than donors.

    """

    fits: tuple[SyntheticControl, ...]
    ratio: float
    ratios: FloatArray
    contrast: Contrast

    @property
    def rank(self) -> int:
        """Place of the treated group, 1 for the largest ratio; ties count against it."""
        return 1 + int((self.ratios >= self.ratio).sum())

    @property
    def p_value(self) -> float:
        """Rank over J + 1: two-sided, exact when any group might have been the treated one."""
        return self.rank / (self.ratios.size + 1)


def placebos(panel: OneTreated, found: SyntheticControl) -> Placebos:
    """Placebo test in space (Abadie, Diamond, Hainmueller 2010).

    Args:
        panel: one treated group and its donors.
        found: its synthetic control.

    Returns:
        The placebo fits with the treated group's place among them. The p-value is
        never below 1/(J + 1).

    Raises:
        Degenerate: `zero_variance` when all placebo effects are equal.

    Example:
        >>> donors = np.array([[1.0, 3.0, 2.0], [2.0, 2.0, 4.0], [3.0, 5.0, 3.0]])
        >>> panel = OneTreated(np.array([2.0, 2.0, 9.0]), donors, 2)
        >>> placebos(panel, synthetic_control(panel)).p_value
        0.25

    """
    donors = range(panel.donors.shape[1])
    fits = tuple(_fit(*panel.placebo(d), panel.starts) for d in donors)
    floor = PERFECT * panel.range
    spread = float(np.std([f.effect for f in fits], ddof=1))
    contrast = Contrast(
        theta=found.effect,
        se=spread if spread > floor else 0.0,
        df=float(len(fits) - 1),
        n=panel.donors.size + panel.treated.size,
        method="synthetic control",
    )
    return Placebos(fits, _ratio(found, floor), np.array([_ratio(f, floor) for f in fits]), contrast)


def _ratio(fit: SyntheticControl, floor: float) -> float:
    return fit.rmspe_after / max(fit.rmspe_before, floor)


def one_sided(panel: OneTreated, tested: Placebos, hurdle: float, good: int) -> float:
    """Placebo p-value of "the effect is not beyond the hurdle", in the good direction.

    The ratio of errors takes the sign of its effect, and the hurdle is taken off
    the treated group after treatment; then the treated group is ranked as before.

    Args:
        panel: one treated group and its donors.
        tested: its placebos.
        hurdle: the effect under the hypothesis, in the outcome's unit.
        good: +1 where more is better, -1 where less is.

    Returns:
        Rank over J + 1.

    Example:
        >>> donors = np.array([[1.0, 3.0, 2.0], [2.0, 2.0, 4.0], [3.0, 5.0, 3.0]])
        >>> panel = OneTreated(np.array([2.0, 2.0, 9.0]), donors, 2)
        >>> tested = placebos(panel, synthetic_control(panel))
        >>> one_sided(panel, tested, 0.0, 1), one_sided(panel, tested, 0.0, -1)
        (0.25, 1.0)

    """
    less = panel.treated - hurdle * (np.arange(panel.treated.size) >= panel.starts)
    found, floor = _fit(less, panel.donors, panel.starts), PERFECT * panel.range
    signs = [good * np.sign(f.effect) for f in tested.fits]
    seen = good * float(np.sign(found.effect)) * _ratio(found, floor)
    return (1 + int((tested.ratios * np.array(signs) >= seen).sum())) / (tested.ratios.size + 1)
