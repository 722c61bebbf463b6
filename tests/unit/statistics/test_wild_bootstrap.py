"""The bootstrap from cluster sums is the one done row by row, and the one of an independent library."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from diff_diff.utils import wild_bootstrap_se

from headway.statistics import wild_bootstrap as module
from headway.statistics.clusters import ClusterSums, fit
from headway.statistics.contrast import Degenerate, FloatArray
from headway.statistics.wild_bootstrap import wild_bootstrap

from .conftest import Regression


def rows(clusters: int, seed: int, treated: float = 0.5) -> Regression:
    """Clusters of 3 to 9 rows; the arm is drawn inside them; one covariate."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), rng.integers(3, 10, clusters))
    arm = (rng.random(cluster.size) < treated).astype(np.float64)
    x = np.column_stack([np.ones(cluster.size), arm, rng.normal(size=cluster.size)])
    y = x @ [1.0, 0.3, 0.5] + rng.normal(size=clusters)[cluster] + rng.normal(size=cluster.size)
    return Regression(x, y, cluster)


def by_rows(data: Regression, null: float, weights: FloatArray) -> tuple[float, float]:
    """|t| of the data and the share of draws at least as large, refitting every made-up outcome on rows."""
    x, y, cluster = data.x, data.y, np.unique(data.cluster, return_inverse=True)[1]
    bread = np.linalg.inv(x.T @ x)

    def t(outcome: FloatArray) -> float:
        beta = bread @ (x.T @ outcome)
        residual = outcome - x @ beta
        reading = np.bincount(cluster, weights=(x @ bread[1]) * residual)
        return float((beta[1] - null) / np.sqrt((reading**2).sum()))

    others = np.delete(x, 1, axis=1)
    shifted = y - null * x[:, 1]
    restricted = null * x[:, 1] + others @ np.linalg.lstsq(others, shifted, rcond=None)[0]
    seen = abs(t(y))
    drawn = [abs(t(restricted + w[cluster] * (y - restricted))) for w in weights]
    return seen, float(np.mean([d >= seen * (1 - 1e-9) for d in drawn]))


@pytest.mark.parametrize("null", [0.0, 0.25])
def test_all_signs_are_those_of_refitted_rows(null: float) -> None:
    """With 12 clusters every one of 4,096 made-up outcomes, refitted on its rows, gives the same count."""
    data = rows(12, 4)
    found = wild_bootstrap(fit(data.sums()), np.array([0.0, 1.0, 0.0]), null)
    seen, share = by_rows(data, null, np.array(list(product([-1.0, 1.0], repeat=12))))
    assert abs(found.t) == pytest.approx(seen, rel=1e-10)
    assert (found.p, found.draws, found.weights) == (share, 4096, "all signs")


@pytest.mark.parametrize("clusters", [12, 14, 16])
def test_an_independent_library_goes_through_the_same_signs(clusters: int) -> None:
    """diff-diff, working on rows, counts the same draws but for two ties it leaves out: all signs alike."""
    data = rows(clusters, clusters)
    found = wild_bootstrap(fit(data.sums()), np.array([0.0, 1.0, 0.0]))
    oracle = wild_bootstrap_se(
        data.x, data.y, np.zeros(data.y.size), data.cluster, 1, n_bootstrap=2**clusters
    )
    assert oracle.n_bootstrap == found.draws == 2**clusters
    assert found.p == oracle.p_value + 2 / 2**clusters


@pytest.mark.parametrize(("clusters", "weights"), [(7, "six points"), (30, "signs")])
def test_drawn_weights_are_those_of_refitted_rows(
    clusters: int, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few or many clusters: the same draws, refitted on their rows, give the same count."""
    monkeypatch.setattr(module, "DRAWS", 499)
    data = rows(clusters, 1)
    found = wild_bootstrap(fit(data.sums()), np.array([0.0, 1.0, 0.0]))
    (drawn,) = module._weights(clusters, found.weights, 499, module.SEED)  # noqa: SLF001
    _, share = by_rows(data, 0.0, drawn)
    assert (found.weights, found.draws) == (weights, 499)
    assert found.p == pytest.approx((1 + 499 * share) / 500, abs=1e-12)


def test_webb_weights_have_mean_nought_and_variance_one() -> None:
    """Six values, each as often, with the first three moments of a sign."""
    six = module.SIX_POINTS
    assert len(set(six)) == 6
    assert [six.mean(), (six**2).mean(), (six**3).mean()] == pytest.approx([0.0, 1.0, 0.0])


@pytest.mark.parametrize("clusters", [8, 13, 40])
def test_the_same_data_give_the_same_answer_in_any_block(
    clusters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A p-value is a fact of the data: not of the run, nor of how many draws are held at once."""
    fitted, c = fit(rows(clusters, 3).sums()), np.array([0.0, 1.0, 0.0])
    once = wild_bootstrap(fitted, c)
    assert wild_bootstrap(fitted, c) == once
    monkeypatch.setattr(module, "BLOCK", 1000 * clusters)
    assert wild_bootstrap(fitted, c) == once


def test_a_seed_moves_a_drawn_p_value_within_its_noise() -> None:
    """Two seeds differ, by no more than 9,999 draws let them."""
    fitted, c = fit(rows(25, 6).sums()), np.array([0.0, 1.0, 0.0])
    p = [wild_bootstrap(fitted, c, seed=s).p for s in range(6)]
    assert len(set(p)) > 1
    assert max(p) - min(p) < 0.025


def test_a_hypothesis_at_the_estimate_is_never_rejected() -> None:
    """Where the null is the estimate itself, t is 0 and every draw is at least as far."""
    fitted, c = fit(rows(12, 2).sums()), np.array([0.0, 1.0, 0.0])
    assert wild_bootstrap(fitted, c, null=float(fitted.beta[1])).p == 1.0


def test_a_perfect_fit_has_no_bootstrap() -> None:
    """Without residuals there is nothing to redraw."""
    data = rows(12, 8)
    exact = ClusterSums.from_rows(data.x, data.x @ [1.0, 2.0, 3.0], data.cluster)
    with pytest.raises(Degenerate) as caught:
        wild_bootstrap(fit(exact), np.array([0.0, 1.0, 0.0]))
    assert caught.value.reason == "zero_variance"


def test_a_thousand_clusters_stay_small() -> None:
    """9,999 draws over 1,000 clusters hold a few blocks, not ten million weights."""
    fitted = fit(rows(1000, 5).sums())
    tracemalloc.start()
    try:
        wild_bootstrap(fitted, np.array([0.0, 1.0, 0.0]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * 8 * module.BLOCK


class TestPublished:
    """The printed figures of design/measurement.md, section 10."""

    def test_metr_over_all_signs(self, metr: Regression) -> None:
        """METR: t0 2.242858, p .0519714 over all 65,536 signs; so has diff-diff, less two ties."""
        found = wild_bootstrap(fit(metr.sums()), np.array([0.0, 1.0, 0.0]))
        assert found.t == pytest.approx(2.242858, abs=5.1e-7)
        assert found.p == pytest.approx(0.0519714, abs=5.1e-8)
        assert (found.draws, found.weights) == (65_536, "all signs")
        oracle = wild_bootstrap_se(metr.x, metr.y, np.zeros(metr.y.size), metr.cluster, 1, n_bootstrap=2**16)
        assert found.p == oracle.p_value + 2 / 2**16

    def test_the_exam_of_the_plain_chatbot(self, tutor: Callable[[str], Regression]) -> None:
        """Tutor study, exam, plain chatbot: p .11 +- .01 where the usual error (CR1) had .02."""
        data = tutor("Part3Tot")
        c = np.zeros(data.x.shape[1])
        c[1] = 1.0
        fitted = fit(data.sums())
        assert wild_bootstrap(fitted, c).p == pytest.approx(0.11, abs=0.01)
        assert fitted.contrast(c, "CR1").p_value() < 0.025
