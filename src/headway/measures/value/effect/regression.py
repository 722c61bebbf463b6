"""Cluster designs: least squares with fixed effects from cell sums, CR2 errors, Satterthwaite df."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from headway.aggregates.request import Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.kernel.estimate import Grade
from headway.measures.value.effect.answers import ALL, answered, asked
from headway.measures.value.effect.base import Arm, Compared, Design, Refused, Setting, randomised_grade
from headway.measures.value.effect.clusters_by_day import courses_of_clusters, days_apart
from headway.measures.value.effect.course import Course
from headway.measures.value.effect.resampled import (
    Regressed,
    believable,
    enough_clusters,
    more_clusters,
    with_resampled,
)
from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Contrast, Degenerate, FloatArray

# What varies between clusters takes two of them in an arm.
LEAST_CLUSTERS = 2
# Levels of all fixed effects together; beyond it the normal equations no longer are small.
MAX_LEVELS = 50


class TooManyLevels(ValueError):
    """More fixed-effect levels than `MAX_LEVELS` (HW430)."""


class Clusters:
    """Arms assigned by cluster, or units that move together: one regression per metric.

    The sums are asked per cell (arm, cluster, levels of the fixed effects); in a cell every dummy is
    constant, so the cross-products of the whole design follow from counts, and no level has to be known
    beforehand. Rows with an empty covariate or outcome take no part, as in published analyses.

    Args:
        graded: the design whose grade counts where units, not clusters, were assigned but clusters are
            what the decision generalises to (measurement.md 2, cluster rule).
    """

    def __init__(self, graded: Design | None = None) -> None:
        self._graded = graded

    def needs(self, setting: Setting) -> tuple[Request, ...]:
        """One request: sums per cell of every metric."""
        terms: set[Term] = {ALL}
        for metric, _ in setting.metrics():
            terms |= set(_terms(metric, setting.pilot.covariates))
        keys = ("variant", _cluster(setting), *setting.pilot.fixed_effects)
        return (asked(setting, keys, sorted(terms), days=days_apart(setting)),)

    def compare(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Compared | Refused]:
        """Every treated arm against control on every metric."""
        answer = answered(setting, self.needs(setting)[0], sums)
        arms = self.arms(setting, sums)
        return [row for metric, _ in setting.metrics() for row in _metric(setting, metric, answer, arms)]

    def arms(self, setting: Setting, sums: Mapping[Request, Sums]) -> Mapping[str, Arm]:
        """Counts per arm, of units and of clusters."""
        answer = answered(setting, self.needs(setting)[0], sums)
        measured = answer[count(setting.pilot.metric, *setting.pilot.covariates)]
        found: dict[str, Arm] = {}
        for name in dict.fromkeys(str(v) for v in answer.column("variant")):
            inside = [i for i, g in enumerate(answer.groups) if str(g[0]) == name]
            clusters = len({answer.groups[i][1] for i in inside})
            there = len({answer.groups[i][1] for i in inside if measured[i]})
            found[name] = Arm(int(answer[ALL][inside].sum()), int(measured[inside].sum()), clusters, there)
        return found

    def courses(self, setting: Setting, sums: Mapping[Request, Sums]) -> Sequence[Course]:
        """Past looks, as many as regressions are cheap."""
        return courses_of_clusters(setting, self.needs(setting)[0], sums, partial(_contrasts, setting))

    def grade(self, setting: Setting, sums: Mapping[Request, Sums]) -> tuple[Grade, tuple[str, ...]]:
        """A for registered randomisation of clusters, else that of the design that assigned units."""
        return self._graded.grade(setting, sums) if self._graded else randomised_grade(setting)


def straddling(setting: Setting, answer: Sums) -> list[Any]:
    """Clusters with units in more than one declared arm."""
    arms: dict[Any, set[str]] = {}
    for group in answer.groups:
        arms.setdefault(group[1], set()).add(str(group[0]))
    return sorted((c for c, seen in arms.items() if len(seen & set(setting.pilot.arms)) > 1), key=str)


def _cluster(setting: Setting) -> str:
    return "cluster" if "cluster" in setting.bound.columns else "unit_id"


def _terms(metric: str, covariates: Sequence[str]) -> list[Term]:
    complete = (metric, *covariates)
    names = (metric, *covariates)
    terms = [count(*complete)] + [sum_of(n, complete=complete) for n in names]
    return terms + [sum_of(a, b, complete=complete) for i, a in enumerate(names) for b in names[i:]]


def _metric(setting: Setting, metric: str, answer: Sums, arms: Mapping[str, Arm]) -> list[Compared | Refused]:
    try:
        design = _design(setting, metric, answer)
        of = Regressed(design.sums, fit(design.sums), setting.treated)
    except Degenerate as fault:
        return [Refused(metric, arm, fault) for arm in setting.treated]
    return [_arm(setting, metric, arm, of, design.control_mean, arms) for arm in setting.treated]


def _contrasts(setting: Setting, metric: str, answer: Sums) -> dict[str, Contrast]:
    """What each arm differs by, of those that can be told."""
    design = _design(setting, metric, answer)
    of = Regressed(design.sums, fit(design.sums), setting.treated)
    found: dict[str, Contrast] = {}
    for arm in setting.treated:
        with suppress(Degenerate):
            contrast = believable(of.fitted.contrast(of.weights(arm)))
            relative = setting.scale_of(metric) == "relative"
            found[arm] = (
                contrast.scaled_by(1 / _away_from_zero(design.control_mean)) if relative else contrast
            )
    return found


def _arm(
    setting: Setting, metric: str, arm: str, of: Regressed, mean: float, arms: Mapping[str, Arm]
) -> Compared | Refused:
    weights, scale = of.weights(arm), setting.scale_of(metric)
    for one in (arm, setting.control):
        if (arms[one].clusters or 0) < LEAST_CLUSTERS:
            fault = Degenerate("few_clusters", f"{arms[one].clusters} cluster in arm '{one}': none to vary")
            return Refused(metric, arm, fault, enough_clusters())
    try:
        found = of.fitted.contrast(weights)
        contrast, usual = believable(found), of.fitted.contrast(weights, "CR1")
        if scale == "relative":
            contrast = contrast.scaled_by(1 / _away_from_zero(mean))
        beside = {"cr1_se": usual.se, "cr1_p_value": usual.p_value(), "coefficient": usual.theta}
        note = "coefficient over the control mean" if scale == "relative" else ""
        compared = Compared(metric, arm, contrast, scale, mean, arms, note, beside)
        return with_resampled(setting, of, compared, found.p_value())
    except Degenerate as fault:
        few = fault.reason == "few_clusters"
        return Refused(metric, arm, fault, more_clusters(of.fitted, weights) if few else "")


def _away_from_zero(mean: float) -> float:
    if not mean or not np.isfinite(mean):
        raise Degenerate("near_zero_mean", f"the control mean is {mean}")
    return mean


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cluster sums of a design: intercept, treated arms, covariates, then fixed-effect dummies."""

    sums: ClusterSums
    control_mean: float


def _design(setting: Setting, metric: str, answer: Sums) -> _Cells:
    covariates = setting.pilot.covariates
    complete = (metric, *covariates)
    n = answer[count(*complete)].astype(float)
    kept = [i for i, g in enumerate(answer.groups) if n[i] > 0 and str(g[0]) in setting.pilot.arms]
    if not kept:
        raise Degenerate("too_few", f"no complete row with '{metric}'")
    fixed, dummies = _dummies(setting, [answer.groups[i] for i in kept])
    n = n[kept]
    first = {c: answer[sum_of(c, complete=complete)][kept] for c in complete}
    names = sorted({str(answer.groups[i][1]) for i in kept})
    at = {name: i for i, name in enumerate(names)}
    where = np.array([at[str(answer.groups[i][1])] for i in kept])
    p, k = len(covariates), fixed.shape[1]
    lead = k - dummies
    # Order: constants of the cell (intercept, arms), covariates, dummies: all but the covariates are
    # constant inside a cell, so their products are counts.
    order = [*range(lead), *range(k, k + p), *range(lead, k)]
    sx = np.stack([first[c] for c in covariates], axis=1) if p else np.zeros((len(kept), 0))
    sxx = np.zeros((len(kept), p, p))
    for i, a in enumerate(covariates):
        for j, b in enumerate(covariates):
            sxx[:, i, j] = answer[sum_of(a, b, complete=complete)][kept]
    xx = np.zeros((len(names), k + p, k + p))
    xy = np.zeros((len(names), k + p))
    np.add.at(xx[:, :k, :k], where, np.einsum("c,ci,cj->cij", n, fixed, fixed))
    np.add.at(xx[:, :k, k:], where, np.einsum("ci,cj->cij", fixed, sx))
    np.add.at(xx[:, k:, :k], where, np.einsum("ci,cj->cij", sx, fixed))
    np.add.at(xx[:, k:, k:], where, sxx)
    np.add.at(xy[:, :k], where, fixed * first[metric][:, None])
    for j, b in enumerate(covariates):
        np.add.at(xy[:, k + j], where, answer[sum_of(metric, b, complete=complete)][kept])
    made = ClusterSums(
        n=np.bincount(where, weights=n).astype(float),
        xx=xx[:, order][:, :, order],
        xy=xy[:, order],
        yy=np.bincount(where, weights=answer[sum_of(metric, metric, complete=complete)][kept]).astype(float),
    )
    return _Cells(made, _control_mean(setting, metric, answer, kept))


def _dummies(setting: Setting, groups: Sequence[tuple[Any, ...]]) -> tuple[FloatArray, int]:
    """Intercept, treated-arm indicators and level indicators per cell, and how many of the last."""
    columns = [np.ones(len(groups))]
    columns += [np.array([float(str(g[0]) == arm) for g in groups]) for arm in setting.treated]
    levels = 0
    for position in range(2, 2 + len(setting.pilot.fixed_effects)):
        values = sorted({str(g[position]) for g in groups})
        levels += len(values)
        columns += [np.array([float(str(g[position]) == v) for g in groups]) for v in values[1:]]
    if levels > MAX_LEVELS:
        raise TooManyLevels(levels)
    return np.stack(columns, axis=1), len(columns) - 1 - len(setting.treated)


def _control_mean(setting: Setting, metric: str, answer: Sums, kept: Sequence[int]) -> float:
    complete = (metric, *setting.pilot.covariates)
    control = [i for i in kept if str(answer.groups[i][0]) == setting.control]
    n = float(answer[count(*complete)][control].sum())
    if not n:
        return float("nan")
    return float(answer[sum_of(metric, complete=complete)][control].sum()) / n + answer.shift.get(metric, 0.0)
