"""Unit-level comparison of arms: Welch, log ratio, and Lin's regression adjustment, all from sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from headway.aggregates.request import Factor, Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Grade
from headway.measures.value.effect.answers import ALL, answered, asked
from headway.measures.value.effect.base import Arm, Compared, Refused, Scale, Setting, randomised_grade
from headway.measures.value.effect.course import Course
from headway.measures.value.effect.means_by_day import courses_of_means
from headway.statistics.contrast import Contrast, Degenerate, FloatArray
from headway.statistics.covariates import CrossMoments, lin
from headway.statistics.means import Moments, log_ratio, welch

# A variance needs two.
LEAST_UNITS = 2


class Means:
    """Arms compared unit by unit; how they came about decides the grade, not the arithmetic."""

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: per arm the sums of every metric and covariate."""
        terms: set[Term] = {ALL}
        for metric, _ in setting.metrics():
            terms |= set(_terms(metric, _factors(setting)))
        return (asked(setting, ("variant",), sorted(terms), days=1),)

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """Every treated arm against control on every metric."""
        answer = answered(setting, self.needs(setting)[0], sums)
        arms = self.arms(setting, sums)
        return [
            _compare(setting, metric, arm, answer, arms)
            for metric, _ in setting.metrics()
            for arm in setting.treated
        ]

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """Counts per arm."""
        answer = answered(setting, self.needs(setting)[0], sums)
        measured = answer[count(setting.pilot.metric)]
        return {
            str(group[0]): Arm(int(answer[ALL][i]), int(measured[i])) for i, group in enumerate(answer.groups)
        }

    def courses(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Course]:
        """Every past look."""
        return courses_of_means(setting, self.needs(setting)[0], sums, _factors(setting))

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """A for registered randomisation."""
        return randomised_grade(setting)


class Observed(Means):
    """Groups that nobody randomised: before and after, or users and non-users."""

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """Never better than C."""
        words = {
            "before_after": "before against after, with nothing beside it",
            "observational": "groups were not randomised",
        }
        return Grade.C, (words[setting.pilot.design],)


def _factors(setting: Setting) -> tuple[Factor, ...]:
    """Covariates imputed at their mean, with an indicator where one may be empty (measurement.md 5.2)."""
    made: list[Factor] = []
    for name in setting.pilot.covariates:
        made.append(Factor(name, "zero"))
        if name not in setting.bound.present:
            made.append(Factor(name, "flag"))
    return tuple(made)


def _terms(metric: str, factors: Sequence[Factor]) -> list[Term]:
    outcome = Factor(metric)
    terms = [count(metric), sum_of(outcome), sum_of(outcome, outcome)]
    for at, factor in enumerate(factors):
        terms += [sum_of(outcome, factor), sum_of(factor, complete=(metric,))]
        terms += [sum_of(factor, other, complete=(metric,)) for other in factors[at:]]
    return terms


def _compare(
    setting: Setting, metric: str, arm: str, answer: Sums, arms: Mapping[str, Arm]
) -> Compared | Refused:
    rows = {str(g[0]): i for i, g in enumerate(answer.groups)}
    shift = answer.shift.get(metric, 0.0)
    try:
        treated, control = (_moments(answer, metric, _row(rows, name)) for name in (arm, setting.control))
        if setting.pilot.covariates:
            contrast, scale = _adjusted(setting, metric, answer, (rows[arm], rows[setting.control]))
        elif setting.scale_of(metric) == "relative":
            contrast, scale = log_ratio(_lifted(treated, shift), _lifted(control, shift)), "log"
        else:
            contrast, scale = welch(treated, control), setting.scale_of(metric)
    except Degenerate as fault:
        return Refused(metric, arm, fault)
    return Compared(metric, arm, contrast, scale, shift + control.mean, arms)


def _adjusted(setting: Setting, metric: str, answer: Sums, rows: tuple[int, int]) -> tuple[Contrast, Scale]:
    """Lin's estimator; on the relative scale, its difference over the control mean."""
    factors = _factors(setting)
    contrast = lin(*(_cross(answer, metric, factors, at) for at in rows))
    scale = setting.scale_of(metric)
    if scale != "relative":
        return contrast, scale
    shift = answer.shift.get(metric, 0.0)
    treated, control = (_lifted(_moments(answer, metric, at), shift) for at in rows)
    log_ratio(treated, control)
    return contrast.scaled_by(1 / control.mean), "relative"


def _row(rows: Mapping[str, int], arm: str) -> int:
    if arm not in rows:
        raise Degenerate("too_few", f"arm '{arm}' has no unit")
    return rows[arm]


def _lifted(moments: Moments, shift: float) -> Moments:
    """The moments of the values themselves, where a ratio needs them."""
    return replace(moments, mean=moments.mean + shift)


def _moments(answer: Sums, metric: str, at: int) -> Moments:
    """Moments about the shift: at 10^12 a mean has no digits left for a difference of one."""
    n = int(answer[count(metric)][at])
    if n < LEAST_UNITS:
        raise Degenerate("too_few", f"{n} units with '{metric}' in arm '{answer.groups[at][0]}'")
    first, second = answer[sum_of(metric)][at], answer[sum_of(metric, metric)][at]
    found = Moments.from_sums(n, float(first), float(second))
    if found.m2 == 0:
        # Welch's error would come from the other arm alone: no event in 200 units is not "never".
        raise Degenerate("zero_variance", f"all {n} units of arm '{answer.groups[at][0]}' have one value")
    return found


def _cross(answer: Sums, metric: str, factors: Sequence[Factor], at: int) -> CrossMoments:
    """Moments of outcome and covariates about their shifts, which no difference between arms feels."""
    names = (Factor(metric), *factors)
    first: FloatArray = np.array([_first(answer, metric, f, at) for f in names])
    second: FloatArray = np.array([[_second(answer, metric, f, g, at) for g in names] for f in names])
    return CrossMoments.from_sums(int(answer[count(metric)][at]), first, second, np.zeros(len(names)))


def _first(answer: Sums, metric: str, factor: Factor, at: int) -> float:
    complete = () if factor == Factor(metric) else (metric,)
    return float(answer[sum_of(factor, complete=complete)][at])


def _second(answer: Sums, metric: str, one: Factor, other: Factor, at: int) -> float:
    complete = () if Factor(metric) in (one, other) else (metric,)
    return float(answer[sum_of(one, other, complete=complete)][at])
