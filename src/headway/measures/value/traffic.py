"""What rows tell of a pilot to come: how many units arrive, how much they vary, how alike clusters are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from headway.aggregates.request import Request, Term, count, sum_of
from headway.aggregates.sums import Sums
from headway.measures.value.effect.answers import ALL, answered, asked, observed
from headway.measures.value.effect.base import Setting, at_midnight
from headway.statistics.contrast import FloatArray
from headway.statistics.covariates import CrossMoments

_WEEK_DAYS = 7
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Traffic:
    """Rows of a pilot's source: those from before its start, or once it runs its own.

    Attributes:
        units: with the metric and every covariate.
        mean: of the metric, in the control arm where there is one.
        sd: within arms.
        df: degrees of freedom of `sd`.
        explained: share of that variance which the declared covariates explain.
        weekly: units that arrived in a week; None where nothing dates the rows.
        clusters: how many; None where the source names none.
        icc: how alike the units of a cluster are.
        cv: coefficient of variation of the cluster sizes.
        window: first and last moment of the rows.
    """

    units: int
    mean: float
    sd: float
    df: int
    explained: float = 0.0
    weekly: float | None = None
    clusters: int | None = None
    icc: float = 0.0
    cv: float = 0.0
    window: tuple[datetime, datetime] | None = None


def request_of(setting: Setting) -> Request | None:
    """The sums that tell it, of rows from before the start until it has begun; None without the columns."""
    pilot, bound = setting.pilot, setting.bound
    named = (pilot.metric, *pilot.covariates)
    if not bound.summed and not all(n in bound.columns and bound.is_number(n) for n in named):
        return None
    if "variant" not in bound.columns or (bound.summed and pilot.covariates):
        return None
    keys = ("variant", "cluster") if _clustered(setting) else ("variant",)
    request = asked(setting, keys, _terms(named))
    # Once it runs, its own units tell most, and one read serves the effect too.
    begun = pilot.dates is not None and setting.ask.today >= pilot.dates.starts
    return request if begun else replace(request, since=None)


def traffic_of(setting: Setting, request: Request, sums: Mapping[Request, Sums]) -> Traffic | None:
    """What the rows tell, or None where they are too few or do not vary."""
    answer = answered(setting, request, sums)
    named = (setting.pilot.metric, *setting.pilot.covariates)
    cells = [_cell(answer, named, at) for at in range(len(answer.groups))]
    arms = [str(group[0]) for group in answer.groups]
    whole = _within(cells, arms)
    df = sum(c.n for c in cells) - len(set(arms))
    if df < _LEAST - 1 or not whole[0, 0] > 0:
        return None
    control = [c for c, arm in zip(cells, arms, strict=True) if arm == setting.control] or cells
    made = Traffic(
        units=sum(c.n for c in cells),
        mean=float(_merged(control).mean[0]),
        sd=float(np.sqrt(whole[0, 0] / df)),
        df=df,
        explained=_explained(whole),
    )
    made = _dated(setting, request, sums, made)
    return _alike(made, cells, arms) if _clustered(setting) else made


def _clustered(setting: Setting) -> bool:
    return setting.pilot.design == "clusters" and "cluster" in setting.bound.columns


def _terms(named: Sequence[str]) -> list[Term]:
    terms = [ALL, count(*named)] + [sum_of(n, complete=tuple(named)) for n in named]
    return terms + [sum_of(a, b, complete=tuple(named)) for i, a in enumerate(named) for b in named[i:]]


def _cell(answer: Sums, named: Sequence[str], at: int) -> CrossMoments:
    complete = tuple(named)
    first = np.array([float(answer[sum_of(n, complete=complete)][at]) for n in named])
    second = np.array([[float(answer[sum_of(a, b, complete=complete)][at]) for b in named] for a in named])
    shift = np.array([answer.shift.get(n, 0.0) for n in named])
    return CrossMoments.from_sums(int(answer[count(*named)][at]), first, second, shift)


def _merged(cells: Sequence[CrossMoments]) -> CrossMoments:
    whole = cells[0]
    for cell in cells[1:]:
        whole = whole.merge(cell)
    return whole


def _within(cells: Sequence[CrossMoments], arms: Sequence[str]) -> FloatArray:
    """Cross-products of deviations from each arm's own mean."""
    by_arm: dict[str, list[CrossMoments]] = {}
    for cell, arm in zip(cells, arms, strict=True):
        by_arm.setdefault(arm, []).append(cell)
    scatters = [_merged(of).scatter for _, of in sorted(by_arm.items())]
    return np.sum(scatters, axis=0) if scatters else np.zeros((1, 1))


def _explained(scatter: FloatArray) -> float:
    """1 - RSS/TSS of the metric on the covariates; one that is constant or a copy explains nothing more."""
    if scatter.shape[0] == 1:
        return 0.0
    solved, *_ = np.linalg.lstsq(scatter[1:, 1:], scatter[1:, 0], rcond=1e-10)
    return float(np.clip(scatter[0, 1:] @ solved / scatter[0, 0], 0.0, 0.999))


def _dated(setting: Setting, request: Request, sums: Mapping[Request, Sums], made: Traffic) -> Traffic:
    ends = observed(setting, request, sums)
    first, last = (at_midnight(v) for v in ends) if ends else (None, None)
    if first is None or last is None:
        return made
    days = (last - first).total_seconds() / 86_400 + 1
    return replace(made, weekly=made.units / max(days, 1.0) * _WEEK_DAYS, window=(first, last))


def _alike(made: Traffic, cells: Sequence[CrossMoments], arms: Sequence[str]) -> Traffic:
    """Intraclass correlation by analysis of variance within arms (Donner, Koval, Biometrics 1980)."""
    kept = [(c, a) for c, a in zip(cells, arms, strict=True) if c.n > 0]
    sizes = np.array([c.n for c, _ in kept], dtype=float)
    clusters, units, groups = len(kept), float(sizes.sum()), len({a for _, a in kept})
    spread = float(np.std(sizes) / np.mean(sizes))
    made = replace(made, clusters=max(2, clusters), cv=spread)
    if clusters <= groups or units <= clusters:
        return made
    in_arm = {a: sum(c.n for c, b in kept if b == a) for a in {a for _, a in kept}}
    inside = sum(float(c.scatter[0, 0]) for c, _ in kept)
    between = made.sd**2 * made.df - inside
    mean_between, mean_within = between / (clusters - groups), inside / (units - clusters)
    size = (units - sum(c.n**2 / in_arm[a] for c, a in kept)) / (clusters - groups)
    variance = max(0.0, (mean_between - mean_within) / size)
    total = variance + mean_within
    return replace(made, icc=variance / total, sd=float(np.sqrt(total))) if total > 0 else made
