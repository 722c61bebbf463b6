"""Staggered rollouts, order not random: Callaway and Sant'Anna (J. Econometrics 2021) from cohort sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.panel import Family, Panel, joined

Controls = Literal["never", "not_yet"]
"""Who is compared with: units never treated, or all not treated yet (the never-treated among them)."""

Base = Literal["varying", "universal"]
"""What a period before the start is compared with: the one before it, or the last one before the start."""

Over = Literal["group", "dynamic", "calendar"]
"""What the averages are by: cohort, periods since the start, or period."""

DRAWS = 100_000
"""Draws behind the critical value of a uniform band."""

_CHUNK = 10_000
_RANK = 1e-10


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The effect on one cohort in one period.

    Args:
        start: position of the cohort's first treated period.
        period: position of the period, compared with one before the start.

    """

    start: int
    period: int

    @property
    def since(self) -> int:
        """Periods since the start; below zero before it."""
        return self.period - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Every effect that the panel identifies, and what it does not.

    Args:
        cells: cohort and period, in order.
        effects: their estimates.
        without_control: cells that nobody is left to be compared with.
        from_start: cohorts that were treated in the first period, which have no before.

    """

    cells: tuple[Cell, ...]
    effects: Family
    without_control: tuple[Cell, ...]
    from_start: bool

    @property
    def after(self) -> tuple[int, ...]:
        """Positions of the cells from the start on."""
        return tuple(i for i, cell in enumerate(self.cells) if cell.since >= 0)

    @property
    def before(self) -> tuple[int, ...]:
        """Positions of the cells before the start: placebos."""
        return tuple(i for i, cell in enumerate(self.cells) if cell.since < 0)

    def cohorts(self, members: Sequence[int]) -> list[int]:
        """Position in the panel of the cohort of each cell."""
        at = {start: k for k, start in enumerate(self.effects.panel.starts)}
        return [at[self.cells[i].start] for i in members]


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Averages by one thing, and their own average.

    Args:
        labels: position of the cohort's start, periods since it, or position of the period.
        effects: one average per label.
        overall: the average of those from the start on, as a family of one.

    """

    labels: tuple[int, ...]
    effects: Family
    overall: Family


def cells(panel: Panel, controls: Controls = "not_yet", base: Base = "varying") -> Cells:
    """The effect on every cohort in every period, and the placebos before its start.

    Args:
        panel: cohort sums; cohorts treated in the first period are left out and told.
        controls: who is compared with.
        base: what the placebos before the start are compared with; periods from the start on always with
            the last one before it.

    Returns:
        The cells with their influence. There may be none.

    Raises:
        Degenerate: `too_few` when every unit was treated from the start.

    Example:
        >>> y = np.array([[1.0, 2.0], [2.0, 4.0], [1.0, 1.5], [2.0, 2.0]])
        >>> found = cells(Panel.from_rows(y, np.array([1, 1, 2, 2])))
        >>> found.effects.theta.tolist(), found.effects.se.round(6).tolist()
        ([1.25], [0.395285])

    """
    from_start = panel.starts[0] == 0
    panel = panel.only([start > 0 for start in panel.starts]) if from_start else panel
    starts = np.array(panel.starts)
    made: list[tuple[Cell, float, FloatArray, FloatArray]] = []
    alone: list[Cell] = []
    for k, start in enumerate(panel.starts):
        for period in range(panel.periods) if start < panel.periods else ():
            cell = Cell(start, period)
            against = start - 1 if base == "universal" else min(start, period) - 1
            if against in (-1, period):
                continue
            last = panel.periods - 1 if controls == "never" else max(period, against)
            beside = (starts > last) & (starts != start)
            if beside.any():
                made.append((cell, *_effect(panel, k, beside, (period, against))))
            else:
                alone.append(cell)
    shape = panel.mean.shape
    family = Family(
        panel,
        np.array([m[1] for m in made]),
        np.array([m[2] for m in made]).reshape(-1, *shape),
        np.array([m[3] for m in made]).reshape(-1, shape[0]),
    )
    return Cells(tuple(m[0] for m in made), family, tuple(alone), from_start)


def _effect(
    panel: Panel, k: int, beside: npt.NDArray[np.bool_], between: tuple[int, int]
) -> tuple[float, FloatArray, FloatArray]:
    """Change of a cohort less that of its controls, and the influence of a unit on it."""
    change = np.zeros(panel.periods)
    change[between[0]] += 1.0
    change[between[1]] -= 1.0
    moved = panel.mean @ change
    share = np.where(beside, panel.n, 0.0)
    share /= share.sum()
    theirs = float(share @ moved)
    sign = np.where(beside, -share, 0.0) / panel.n
    sign[k] = 1 / panel.n[k]
    per_unit = float(panel.n.sum()) * sign
    levels = np.where(beside, per_unit * (moved - theirs), 0.0)
    return float(moved[k]) - theirs, per_unit[:, None] * change, levels


def simple(found: Cells) -> Family:
    """The average effect over all cells from the start on, weighted by the size of their cohorts.

    Raises:
        Degenerate: `too_few` when no such cell has a control.
    """
    members = _some(found)
    return found.effects.at(members).by_size(found.cohorts(members))


def averages(found: Cells, over: Over) -> Averages:
    """Averages by cohort, by periods since the start (an event study) or by period.

    Cells of one label are weighted by cohort size; the overall figure weights cohorts by size, and event
    times and periods evenly.

    Raises:
        Degenerate: `too_few` when no cell from the start on has a control.
    """
    after = _some(found)
    label: dict[Over, Callable[[Cell], int]] = {
        "group": lambda cell: cell.start,
        "dynamic": lambda cell: cell.since,
        "calendar": lambda cell: cell.period,
    }
    taken = range(len(found.cells)) if over == "dynamic" else after
    by: dict[int, list[int]] = {}
    for i in taken:
        by.setdefault(label[over](found.cells[i]), []).append(i)
    labels = tuple(sorted(by))
    rows = [found.effects.at(by[key]).by_size(found.cohorts(by[key])) for key in labels]
    effects = joined(rows)
    if over == "group":
        overall = effects.by_size([found.cohorts(by[key])[0] for key in labels])
    else:
        overall = effects.at([i for i, key in enumerate(labels) if over == "calendar" or key >= 0]).evenly()
    return Averages(labels, effects, overall)


def _some(found: Cells) -> tuple[int, ...]:
    if not found.after:
        raise Degenerate("too_few", "no cohort has units to be compared with after its start")
    return found.after


@dataclass(frozen=True, slots=True)
class Wald:
    """A test that several estimates are all zero.

    Args:
        w: the statistic.
        df: independent estimates behind it.
        p_value: probability of one as large, from the chi-squared distribution.

    """

    w: float
    df: int
    p_value: float


def wald(effects: Family) -> Wald | None:
    """Whether estimates are all zero: the test of trends before the start, on the placebo cells.

    Estimates that are sums of others count once.

    Returns:
        The test, or None where there is no estimate, or none with a variance.
    """
    covariance = effects.covariance
    values, vectors = np.linalg.eigh(covariance) if covariance.size else (np.zeros(0), covariance)
    kept = values > _RANK * values.max(initial=0.0)
    df = int(kept.sum())
    if not df:
        return None
    turned = effects.theta @ vectors[:, kept]
    w = float((turned**2 / values[kept]).sum())
    return Wald(w, df, float(gammaincc(df / 2, w / 2)))


def uniform_critical(covariance: FloatArray, level: float = 0.95, seed: int = 0) -> float:
    """How many standard errors an interval needs to hold for all estimates at once.

    Args:
        covariance: (J, J) of the estimates; those without variance take no part.
        level: the share of repetitions in which all intervals hold.
        seed: of the draws; the same seed gives the same value.

    Returns:
        The quantile of the largest of J correlated normal values, by `DRAWS` seeded draws.

    Example:
        >>> round(uniform_critical(np.eye(1)), 1)
        2.0

    """
    sd = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    kept = sd > 0
    if not kept.any():
        return 0.0
    correlation = covariance[np.ix_(kept, kept)] / np.outer(sd[kept], sd[kept])
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    random = np.random.default_rng(seed)
    largest = [
        np.abs(random.standard_normal((_CHUNK, root.shape[1])) @ root.T).max(axis=1)
        for _ in range(DRAWS // _CHUNK)
    ]
    return float(np.quantile(np.concatenate(largest), level))
