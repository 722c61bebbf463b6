"""Ninety-nine online experiments at every checkpoint: what peeking finds, and what an e-value leaves of it.

ASOS Digital Experiments Dataset (Liu, Cardoso, Couturier, McCoy, NeurIPS 2021, CC BY 4.0): cumulative count,
mean and sample variance of two arms at every checkpoint, for four metrics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from headway.statistics.contrast import Contrast, FloatArray
from headway.statistics.evalues import sample_ratio_log_e
from headway.statistics.means import Moments, welch
from headway.statistics.promotion import accepted_by_count
from headway.statistics.sequential import log_e_two_sided, r_star

PLANS = (5_000, 50_000, 500_000)


@dataclass(frozen=True)
class Series:
    """One metric of one treatment: the difference at every checkpoint, oldest first."""

    metric: int
    rows: int
    looks: tuple[Contrast, ...]

    @cached_property
    def p_values(self) -> list[float]:
        """Two-sided z test at every checkpoint."""
        return [float(2 * stats.norm.sf(abs(c.theta / c.se))) for c in self.looks]

    def log_e(self, plan: int) -> list[float]:
        """Two-sided e-value at every checkpoint, tuned to a planned number of units in both arms."""
        r = [r_star() * c.n / plan for c in self.looks]
        return [log_e_two_sided(c.theta / c.se, c.df, x) for c, x in zip(self.looks, r, strict=True)]

    def ends_undecided(self) -> bool:
        """Whether the last z test would not call it."""
        return self.p_values[-1] >= 0.05


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> FloatArray:
    """Experiment (numbered), variant, metric, time, then count, mean and variance of control and treated."""
    path = shared_data / "online-experiments" / "asos_experiments.parquet"
    found = (
        duckdb.connect()
        .execute(
            f"""select dense_rank() over (order by experiment_id), variant_id, metric_id,
        round(time_since_start, 6), count_c, mean_c, variance_c, count_t, mean_t, variance_t
        from '{path}' order by 1, 2, 3, 4"""
        )
        .fetchnumpy()
    )
    return np.column_stack([np.ma.filled(c.astype(float), np.nan) for c in found.values()])


@pytest.fixture(scope="module")
def series(rows: FloatArray) -> Mapping[tuple[int, int, int], Series]:
    """Every series, without the checkpoints at which a variance is missing or not above zero."""
    made: dict[tuple[int, int, int], Series] = {}
    for key in np.unique(rows[:, :3], axis=0):
        mine = rows[(rows[:, :3] == key).all(axis=1)]
        usable = (mine[:, 6] > 0) & (mine[:, 9] > 0)
        looks = [_welch(row) for row in mine[usable]]
        made[int(key[0]), int(key[1]), int(key[2])] = Series(int(key[2]), len(mine), tuple(looks))
    return made


def _welch(row: npt.NDArray[np.float64]) -> Contrast:
    n_c, mean_c, var_c, n_t, mean_t, var_t = row[4:].tolist()
    return welch(Moments.from_summary(int(n_t), mean_t, var_t), Moments.from_summary(int(n_c), mean_c, var_c))


@pytest.fixture(scope="module")
def usable(series: Mapping[tuple[int, int, int], Series]) -> list[Series]:
    """The series with at least one usable checkpoint."""
    return [s for s in series.values() if s.looks]


def test_381_of_396_series_can_be_used(
    series: Mapping[tuple[int, int, int], Series], usable: list[Series]
) -> None:
    """15 series never have both variances, and 28 of the others lose some checkpoints."""
    lost = [s for s in usable if len(s.looks) < s.rows]
    assert (len(series), len(usable), len(lost)) == (396, 381, 28)


def test_peeking_doubles_what_is_found(usable: list[Series]) -> None:
    """|z| beyond .05 at some checkpoint: 224; at the end: 105 (26, 27, 25, 27 by metric); 119 come and go."""
    ever = [s for s in usable if min(s.p_values) < 0.05]
    end = [s for s in usable if not s.ends_undecided()]
    assert (len(ever), len(end)) == (224, 105)
    assert [sum(s.metric == m for s in end) for m in (1, 2, 3, 4)] == [26, 27, 25, 27]
    assert sum(s.ends_undecided() for s in ever) == 119


@pytest.mark.parametrize(
    ("plan", "ever", "end", "left", "promoted"),
    [(5_000, 71, 42, 19, 39), (50_000, 85, 46, 24, 41), (500_000, 96, 53, 28, 43)],
)
def test_an_e_value_may_be_looked_at_every_day(
    usable: list[Series], plan: int, ever: int, end: int, left: int, promoted: int
) -> None:
    """E >= 20 at some checkpoint, and at the end, by planned size; e-BH at .1 over the last e-values.

    Of those that crossed once, some end where a z test would not call them: effects move, so the running
    interval is reported and not the crossing alone.
    """
    logs = [s.log_e(plan) for s in usable]
    crossed = [max(e) >= math.log(20) for e in logs]
    last = [e[-1] for e in logs]
    assert (sum(crossed), sum(e >= math.log(20) for e in last)) == (ever, end)
    assert sum(c and s.ends_undecided() for c, s in zip(crossed, usable, strict=True)) == left
    assert sum(accepted_by_count(last, [1 / len(last)] * len(last), 0.1)) == promoted


def test_a_single_look_at_the_end_finds_68_by_benjamini_hochberg(usable: list[Series]) -> None:
    """BH at .05 over the last p-values, for one look and no more."""
    adjusted = stats.false_discovery_control([s.p_values[-1] for s in usable])
    assert int((adjusted <= 0.05).sum()) == 68


def test_eleven_splits_are_not_even(rows: FloatArray) -> None:
    """Against 50:50: p < .001 at the end in 12 of 99, E >= 100 at some checkpoint in 14 and at the end in 11.

    The counts of a checkpoint are the largest over its metrics. A split may be uneven by design.
    """
    alarms: list[tuple[bool, bool, bool]] = []
    for pair in np.unique(rows[:, :2], axis=0):
        mine = rows[(rows[:, :2] == pair).all(axis=1)]
        counts = [mine[mine[:, 3] == t][:, [7, 4]].max(axis=0) for t in np.unique(mine[:, 3])]
        log_e = [sample_ratio_log_e([int(n) for n in look], [0.5, 0.5]) for look in counts]
        uneven = float(stats.chisquare(counts[-1]).pvalue) < 0.001
        alarms.append((uneven, max(log_e) >= math.log(100), log_e[-1] >= math.log(100)))
    assert len(alarms) == 99
    assert np.array(alarms).sum(axis=0).tolist() == [12, 14, 11]
