"""Cluster-robust errors come from cluster sums as from rows."""

from __future__ import annotations

import tracemalloc
from itertools import starmap
from typing import NamedTuple

import numpy as np
import pytest
import statsmodels.api as sm
from diff_diff.linalg import compute_robust_vcov

from headway.statistics.clusters import ClusterSums, fit, least_clusters
from headway.statistics.contrast import Degenerate, FloatArray


class Data(NamedTuple):
    x: FloatArray
    y: FloatArray
    cluster: np.typing.NDArray[np.int64]

    def sums(self) -> ClusterSums:
        """Cross-products per cluster."""
        return ClusterSums.from_rows(self.x, self.y, self.cluster)


@pytest.fixture
def data() -> Data:
    """Twelve clusters of unequal size, treatment by cluster, one covariate."""
    rng = np.random.default_rng(42)
    sizes = rng.integers(3, 30, 12)
    cluster = np.repeat(np.arange(12), sizes)
    treated = (cluster % 3 == 0).astype(np.float64)
    x = np.column_stack([np.ones(cluster.size), treated, rng.normal(size=cluster.size)])
    y = x @ [1.0, 0.4, 0.7] + rng.normal(size=12)[cluster] + rng.normal(size=cluster.size)
    return Data(x, y, cluster)


TREATED = np.array([0.0, 1.0, 0.0])


def textbook_cr2(data: Data, c: FloatArray) -> tuple[float, float]:
    """CR2 standard error and Bell-McCaffrey df the long way, with n x n matrices."""
    x, y, cluster = data
    bread = np.linalg.pinv(x.T @ x)
    hat = x @ bread @ x.T
    rest = np.eye(len(y)) - hat
    residual = rest @ y
    meat, columns = 0.0, []
    for g in np.unique(cluster):
        rows = cluster == g
        values, vectors = np.linalg.eigh(rest[np.ix_(rows, rows)])
        root = np.where(values > 1e-8, np.abs(values).clip(1e-8) ** -0.5, 0.0)
        adjust = vectors @ np.diag(root) @ vectors.T
        reading = adjust @ x[rows] @ bread @ c
        meat += float(reading @ residual[rows]) ** 2
        columns.append(rest[:, rows] @ reading)
    gram = np.array(columns) @ np.array(columns).T
    return meat**0.5, float(np.trace(gram) ** 2 / np.trace(gram @ gram))


def test_cr1_is_statsmodels_cluster_error(data: Data) -> None:
    """Coefficients and CR1 equal statsmodels' cluster covariance."""
    oracle = sm.OLS(data.y, data.x).fit(cov_type="cluster", cov_kwds={"groups": data.cluster})
    fitted = fit(data.sums())
    assert fitted.beta == pytest.approx(oracle.params, rel=1e-10)
    for j in range(3):
        got = fitted.contrast(np.eye(3)[j], "CR1")
        assert got.se == pytest.approx(oracle.bse[j], rel=1e-10)
        assert (got.df, got.clusters, got.n) == (11.0, 12, len(data.y))


def test_cr2_and_its_df_are_diff_diffs(data: Data) -> None:
    """CR2 and Satterthwaite df equal diff-diff's clustered Bell-McCaffrey."""
    fitted = fit(data.sums())
    vcov, df = compute_robust_vcov(
        data.x,
        data.y - data.x @ fitted.beta,
        cluster_ids=data.cluster,
        vcov_type="hc2_bm",
        return_dof=True,
    )
    for j in range(3):
        got = fitted.contrast(np.eye(3)[j])
        assert got.se == pytest.approx(vcov[j, j] ** 0.5, rel=1e-9)
        assert got.df == pytest.approx(df[j], rel=1e-9)


def test_cr2_is_the_textbook_form_on_rows(data: Data) -> None:
    """From sums comes what n x n matrices give, for any contrast."""
    for c in (TREATED, np.array([1.0, 1.0, -0.5])):
        got = fit(data.sums()).contrast(c)
        assert (got.se, got.df) == pytest.approx(textbook_cr2(data, c), rel=1e-9)


def test_fixed_effects_of_clusters_are_absorbed(data: Data) -> None:
    """With a dummy per cluster, I - H is singular in each, and CR2 still equals the textbook's."""
    dummies = (data.cluster[:, None] == np.arange(12)).astype(np.float64)
    within = data._replace(x=np.column_stack([dummies, data.x[:, 2]]))
    # The second contrast reads the absorbed directions, where rounding must not be inverted.
    for c in (np.eye(13)[12], np.append(np.full(12, 1 / 12), 1.0)):
        got = fit(within.sums()).contrast(c)
        assert (got.se, got.df) == pytest.approx(textbook_cr2(within, c), rel=1e-7)


def test_single_rows_are_their_own_clusters(data: Data) -> None:
    """One row per cluster turns CR2 into HC2 and CR3 into HC3 (less its factor)."""
    single = data._replace(cluster=np.arange(len(data.y)))
    fitted, n = fit(single.sums()), len(data.y)
    oracle = sm.OLS(data.y, data.x).fit()
    for j in range(3):
        c = np.eye(3)[j]
        assert fitted.contrast(c).se == pytest.approx(oracle.HC2_se[j], rel=1e-9)
        hc3 = fitted.contrast(c, "CR3").se * (n / (n - 1)) ** 0.5
        assert hc3 == pytest.approx(oracle.HC3_se[j], rel=1e-9)
        assert fitted.contrast(c, "CR0").se == pytest.approx(oracle.HC0_se[j], rel=1e-9)


def test_cr3_is_the_jackknife(data: Data) -> None:
    """CR3 equals refitting with each cluster left out."""
    full = fit(data.sums())
    gaps = []
    for g in range(12):
        rest = data.cluster != g
        left = fit(Data(data.x[rest], data.y[rest], data.cluster[rest]).sums())
        gaps.append(left.beta[1] - full.beta[1])
    jackknife = (11 / 12 * np.sum(np.square(gaps))) ** 0.5
    assert full.contrast(TREATED, "CR3").se == pytest.approx(jackknife, rel=1e-9)


def test_collinear_columns_leave_estimable_contrasts_alone(data: Data) -> None:
    """A complete set of dummies beside the constant changes no identified contrast."""
    block = (data.cluster // 3 % 4)[:, None] == np.arange(4)
    every = data._replace(x=np.column_stack([data.x, block]))
    dropped = data._replace(x=np.column_stack([data.x, block[:, 1:]]))
    a, b = fit(every.sums()), fit(dropped.sums())
    assert a.rank == b.rank == 6
    for kind in ("CR0", "CR1", "CR2", "CR3"):
        one = a.contrast(np.eye(7)[1], kind)
        two = b.contrast(np.eye(6)[1], kind)
        assert (one.theta, one.se, one.df) == pytest.approx((two.theta, two.se, two.df), rel=1e-8)


def test_what_the_data_do_not_identify_is_refused(data: Data) -> None:
    """The effect of one dummy of a complete set is not a number."""
    block = (data.cluster // 3 % 4)[:, None] == np.arange(4)
    fitted = fit(data._replace(x=np.column_stack([data.x, block])).sums())
    for c in (np.eye(7)[3], np.zeros(7)):
        with pytest.raises(Degenerate) as caught:
            fitted.contrast(c)
        assert caught.value.reason == "singular"


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_the_unit_of_a_column_does_not_matter(data: Data, factor: float) -> None:
    """Minutes or microseconds in a covariate leave the treated contrast as it was."""
    scaled = data._replace(x=data.x * [1.0, 1.0, factor])
    one, two = (fit(d.sums()).contrast(TREATED) for d in (data, scaled))
    assert (one.theta, one.se, one.df) == pytest.approx((two.theta, two.se, two.df), rel=1e-9)


def test_satterthwaite_covers_where_the_usual_df_does_not() -> None:
    """Three of fifteen clusters treated: CR2 covers in 93 to 98 % of 1,500 runs, CR1 below 92 %."""
    rng = np.random.default_rng(9)
    cluster = np.repeat(np.arange(15), 8)
    x = np.column_stack([np.ones(120), cluster < 3])
    hits = {"CR1": 0, "CR2": 0}
    for _ in range(1500):
        y = rng.normal(size=15)[cluster] + rng.normal(size=120)
        fitted = fit(ClusterSums.from_rows(x, y, cluster))
        for kind in hits:
            low, high = fitted.contrast(np.array([0.0, 1.0]), kind).interval(0.95)  # type: ignore[arg-type]
            hits[kind] += low <= 0 <= high
    assert 0.93 <= hits["CR2"] / 1500 <= 0.98
    assert hits["CR1"] / 1500 < 0.92


def test_empty_clusters_count_for_nothing(data: Data) -> None:
    """A cluster without rows changes neither estimate nor number of clusters."""
    s = data.sums()
    padded = ClusterSums(
        np.append(s.n, 0.0),
        np.concatenate([s.xx, np.zeros((1, 3, 3))]),
        np.concatenate([s.xy, np.zeros((1, 3))]),
        np.append(s.yy, 0.0),
    )
    assert fit(padded).contrast(TREATED) == fit(s).contrast(TREATED)


@pytest.mark.parametrize(("clusters", "k"), [(20_000, 12), (500, 80)])
def test_large_experiments_stay_small(clusters: int, k: int) -> None:
    """20,000 clusters of 12 columns, or 500 of 80, take a few copies of their sums, never G x G."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(clusters, 2 * k // 3, k))
    y = rng.normal(size=(clusters, 2 * k // 3))
    sums = ClusterSums(
        np.full(clusters, 2.0 * k // 3),
        x.transpose(0, 2, 1) @ x,
        np.einsum("gnk,gn->gk", x, y),
        (y * y).sum(axis=1),
    )
    tracemalloc.start()
    try:
        c = fit(sums).contrast(np.eye(k)[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 15 * sums.xx.nbytes
    # Independent rows: the robust error must come near the plain one.
    assert c.se == pytest.approx((clusters * (2 * k // 3)) ** -0.5, rel=0.1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (([1.0, 2.0, 3.0], [1, 1, 1]), "few_clusters"),
        (([1.0, 2.0], [1, 2]), "too_few"),
        (([2.0, 2.0, 4.0, 4.0], [1, 2, 3, 4]), "zero_variance"),
    ],
)
def test_degenerate_clusters_are_named(rows: tuple[list[float], list[int]], reason: str) -> None:
    """One cluster, no spare row, or a perfect fit gives a reason and no number."""
    y, cluster = rows
    x = np.column_stack([np.ones(len(y)), np.array(y) > 2])
    if reason == "too_few":
        x = np.eye(2)
    with pytest.raises(Degenerate) as caught:
        fit(ClusterSums.from_rows(x.astype(np.float64), np.array(y), np.array(cluster))).contrast(
            np.array([0.0, 1.0])
        )
    assert caught.value.reason == reason


def test_a_treatment_its_clusters_absorb_has_no_error() -> None:
    """When every cluster of a design is absorbed, nothing is left to judge by."""
    x = np.column_stack([np.repeat([1.0, 0.0], 4), np.repeat([0.0, 1.0], 4)])
    sums = ClusterSums.from_rows(x, np.arange(8.0), np.repeat([0, 1], 4))
    with pytest.raises(Degenerate) as caught:
        fit(sums).contrast(np.array([-1.0, 1.0]))
    assert caught.value.reason == "zero_variance"


def test_an_empty_design_is_singular() -> None:
    """A design of zeros identifies nothing."""
    with pytest.raises(Degenerate) as caught:
        fit(ClusterSums.from_rows(np.zeros((4, 1)), np.ones(4), np.array([1, 1, 2, 2])))
    assert caught.value.reason == "singular"


@pytest.mark.parametrize(("within", "least"), [(True, {1: 2, 4: 5, 11: 12}), (False, {2: 4, 4: 6, 10: 12})])
def test_clusters_of_like_size_are_counted_from_the_df_rule(within: bool, least: dict[int, int]) -> None:
    """G - 1 where every cluster holds both arms, G - 2 where each is in one."""
    assert {df: least_clusters(df, within=within) for df in least} == least


def test_no_more_clusters_are_counted_than_anybody_has() -> None:
    """Beyond 200 degrees of freedom the normal holds, and nobody asks."""
    with pytest.raises(ValueError, match="500 degrees"):
        least_clusters(500, within=True)


def test_shapes_and_numbers_must_fit(data: Data) -> None:
    """Blocks of different shapes, a NaN and a contrast of the wrong length are refused."""
    s = data.sums()
    for parts in (
        (s.n[1:], s.xx, s.xy, s.yy),
        (s.n, s.xx[:, :2], s.xy, s.yy),
        (s.n, s.xx, s.xy, s.yy[1:]),
    ):
        with pytest.raises(ValueError, match="xx"):
            list(starmap(ClusterSums, [parts]))
    with pytest.raises(Degenerate):
        ClusterSums(s.n, s.xx, s.xy * np.nan, s.yy)
    with pytest.raises(ValueError, match="contrast"):
        fit(s).contrast(np.ones(2))
