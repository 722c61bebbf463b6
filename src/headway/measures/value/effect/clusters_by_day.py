"""Running comparisons of clusters: a regression on the cells as they stood on each look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headway.aggregates.days import number_of
from headway.aggregates.groups import Group
from headway.aggregates.request import Day, Request
from headway.aggregates.sums import Sums
from headway.measures.value.effect.answers import by_day, day_key
from headway.measures.value.effect.base import Compared, Setting
from headway.measures.value.effect.course import Course, pilot_days
from headway.measures.value.effect.record import progress
from headway.statistics.contrast import Contrast, Degenerate
from headway.statistics.looks import Looks

# A regression a look: so many looks are enough to see the course of a pilot, and fewer beside the outcome.
MOST, MOST_BESIDE = 60, 12
# Clusters times looks of one metric; beyond it fewer looks are taken.
_WORK = 60_000
_WEEK = 7

Contrasts = Callable[[str, Sums], Mapping[str, Contrast]]
"""What the arms differ by on one metric, by arm, from the cells of one moment."""


def days_apart(setting: Setting) -> int:
    """Days between two looks: cells by cluster and day are many, and each look is a regression.

    >>> [math.ceil(days / MOST) for days in (30, 90, 365)]
    [1, 2, 7]
    """
    apart = math.ceil(pilot_days(setting) / MOST)
    weekly = setting.pilot.looks == "weekly"
    return _WEEK * math.ceil(apart / _WEEK) if weekly else apart


def courses_of_clusters(
    setting: Setting, request: Request, sums: Mapping[Request, Sums], contrasts: Contrasts
) -> list[Course]:
    """The looks at every metric and treated arm; none where the rows are not dated."""
    per = None if setting.cumulative else by_day(setting, request, sums)
    key = day_key(per) if per else None
    if per is None or key is None:
        return []
    states = list(_states(per, key))
    clusters = len({g[1] for g in per.groups})
    found = []
    for metric, role in setting.metrics():
        most = min(MOST if role == "outcome" else MOST_BESIDE, max(2, _WORK // max(clusters, 1)))
        taken = sorted({round(x) for x in np.linspace(0, len(states) - 1, most)}) if states else []
        seen = [(states[i][0], _tried(contrasts, metric, states[i][1])) for i in taken]
        found += [_course(setting, metric, arm, seen) for arm in setting.treated]
    return found


def _states(per: Sums, key: Day) -> Iterator[tuple[int, Sums]]:
    """The cells up to the end of each group of days, with the last day of that group."""
    position = per.keys.index(key)
    keys = tuple(k for k in per.keys if k != key)
    cells: dict[Group, int] = {}
    at = np.array([cells.setdefault(_without(g, position), len(cells)) for g in per.groups], dtype=np.intp)
    groups = np.array([-1 if g[position] is None else int(g[position]) for g in per.groups])
    running = {t: np.zeros(len(cells), dtype=c.dtype) for t, c in per.values.items() if c.dtype != object}
    for group in np.unique(groups[groups >= 0]):
        rows = np.flatnonzero(groups == group)
        for term, column in running.items():
            np.add.at(column, at[rows], per.values[term][rows])
        values: dict[Any, Any] = {t: c.copy() for t, c in running.items()}
        yield (
            (int(group) + 1) * key.every - 1,
            replace(per, keys=keys, groups=tuple(cells), values=values, excluded={}, strange={}),
        )


def _without(group: Group, position: int) -> Group:
    return (*group[:position], *group[position + 1 :])


def _tried(contrasts: Contrasts, metric: str, cells: Sums) -> Mapping[str, Contrast]:
    try:
        return contrasts(metric, cells)
    except (Degenerate, ValueError):
        return {}


def _course(
    setting: Setting, metric: str, arm: str, seen: list[tuple[int, Mapping[str, Contrast]]]
) -> Course:
    last = number_of(setting.ask.today)
    days = np.array([min(day, last) for day, _ in seen], dtype=np.int64)
    made = [of.get(arm) for _, of in seen]
    columns = np.array(
        [(c.theta, c.se, c.df, c.n) if c else (np.nan, np.nan, np.nan, 0) for c in made], dtype=float
    ).reshape(-1, 4)
    shares = [
        progress(setting, Compared(metric, arm, c, setting.scale, None, {})) if c else np.nan for c in made
    ]
    allowed = np.array([c is not None for c in made], dtype=bool)
    theta, se, df, n = columns.T
    return Course(metric, arm, days, Looks(theta, se, df, n), np.array(shares, dtype=float), allowed)
