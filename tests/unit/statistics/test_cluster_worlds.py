"""Error control with few clusters, in small; `make soak` runs it in full."""

from __future__ import annotations

import pytest

from .cluster_worlds import Assigned, coverage, crossed


@pytest.mark.parametrize("assigned", ["within", "between"])
@pytest.mark.parametrize("clusters", [6, 12])
def test_intervals_of_few_clusters_hold_the_truth(clusters: int, assigned: Assigned) -> None:
    """300 worlds of like-sized clusters, seed 7: CR2 covers in 91 to 99 %, so does the bootstrap."""
    found = coverage(clusters, assigned, 300, seed=7, equal=True)
    assert 0.91 <= found.cr2 <= 0.99
    assert 0.90 <= found.bootstrap <= 0.99
    assert found.refused == 0


def test_unequal_clusters_are_refused_before_they_mislead() -> None:
    """Six unequal clusters with a covariate, three treated, reach df 4 in hardly any of 100 worlds."""
    assert coverage(6, "between", 100, seed=7).refused > 0.9


def test_eight_looks_fool_the_e_value_seldom_and_the_usual_z_often() -> None:
    """Ten clusters, 100 worlds, seed 8: at most 3 reach an e-value of 20; peeking at z fools 15 or more."""
    anytime, peeked = crossed(10, "within", 100, seed=8)
    assert anytime <= 0.03
    assert peeked >= 0.15
