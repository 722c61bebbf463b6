"""What each rule grants, against the same rule written out for one workload."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.measures.spend.cohort import Cohort
from headway.measures.spend.load import Load
from headway.measures.spend.policies import LoadWeighted, Percentile, Policy, VpaLike
from headway.measures.spend.replay import HeldOut, fitted

from .cohorts import START, load

USES = st.lists(st.floats(0, 100), min_size=31, max_size=80)


def grant(policy: Policy, *loads: Load) -> list[float]:
    """What a policy grants when the loads end."""
    found: list[float] = fitted(HeldOut.of(Cohort.of(loads)), policy).tolist()
    return found


def load_weighted_by_hand(used: list[float], q: float) -> float:
    """As in the manual: the smallest v with the load up to it at least q of all load."""
    weights = [2 ** (-(len(used) - i) / 60 / 12) for i in range(len(used))]
    mass = [w * u for w, u in zip(weights, used, strict=True)]
    mass = mass if sum(mass) > 0 else weights
    for value in sorted(set(used)):
        if sum(m for m, u in zip(mass, used, strict=True) if u <= value) >= q * sum(mass) * (1 - 1e-12):
            return value
    raise AssertionError


@given(used=USES, q=st.sampled_from([0.5, 0.8, 0.95]))
def test_load_weighted_covers_a_share_of_the_load(used: list[float], q: float) -> None:
    """A sample weighs as much as it used, halved every twelve hours."""
    expected = max(1.1 * load_weighted_by_hand(used, q), 5.0)
    assert grant(LoadWeighted(q), load(used)) == [pytest.approx(expected)]


@given(used=USES, q=st.sampled_from([0.5, 0.95, 1.0]))
def test_percentile_is_numpys_with_a_margin(used: list[float], q: float) -> None:
    """Krr's rule for CPU is the 95th percentile, its rule for memory the peak and 15 %."""
    expected = max(1.15 * np.quantile(used, q, method="higher"), 5.0)
    assert grant(Percentile(q, 0.15), load(used)) == [pytest.approx(expected)]


@given(used=USES)
def test_vpa_like_is_a_decayed_bucket_and_a_margin(used: list[float]) -> None:
    """The bucket in which the decayed weights reach 90 %, its upper edge, and 15 %."""
    weights = [2 ** (-(len(used) - i) / 60 / 24) for i in range(len(used))]
    edges = [(1.05**i - 1) / 0.05 for i in range(200)]
    bucket = [max(i for i in range(200) if edges[i] <= u + 1e-9) for u in used]
    need = 0.9 * sum(weights) * (1 - 1e-12)
    least = min(b for b in bucket if sum(w for w, c in zip(weights, bucket, strict=True) if c <= b) >= need)
    # More than the 100 held is granted only where use came near it.
    most = 100.0 if max(used) < 95 else math.inf
    assert grant(VpaLike(), load(used)) == [pytest.approx(max(min(1.15 * edges[least + 1], most), 5.0))]


def test_workloads_do_not_touch_each_other() -> None:
    """A short row beside a long one grants what it grants alone."""
    long, short = load(np.arange(80.0) + 20), load([np.nan] * 20 + [7.0] * 40 + [np.nan] * 20)
    for policy in (LoadWeighted(), Percentile(), VpaLike()):
        assert grant(policy, long, short) == [*grant(policy, long), pytest.approx(grant(policy, short)[0])]


def test_a_histogram_is_the_samples_that_it_counts() -> None:
    """Bins of one slot and value, counted, grant what the bins grant one by one."""
    used = np.tile([10.0, 10.0, 30.0], 40)
    at = START + 3600.0 * np.repeat(np.arange(12.0), 2)
    slots = Load(
        "pod",
        "cpu",
        "cores",
        at,
        np.tile([10.0, 30.0], 12),
        np.tile([20.0, 10.0], 12),
        np.full(24, 100.0),
        120.0,
    )
    for policy in (Percentile(0.6, 0.0), LoadWeighted(0.5, 0.0)):
        assert grant(policy, slots) == grant(policy, load(np.tile(used, 3), seconds=120.0))


@given(
    used=USES,
    q=st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)),
    m=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_more_is_asked_more_is_granted(
    used: list[float], q: tuple[float, float], m: tuple[float, float]
) -> None:
    """A grant never falls as its quantile or its margin rises."""
    for rule in (Percentile, LoadWeighted):
        (small,), (large,) = (grant(rule(f(q), f(m)), load(used)) for f in (min, max))
        assert small <= large


def test_an_idle_workload_gets_the_least() -> None:
    """No use at all leaves a twentieth of what is held: something must answer the first request."""
    for policy in (LoadWeighted(), Percentile()):
        assert grant(policy, load(np.zeros(60), granted=8.0)) == [pytest.approx(0.4)]


def test_too_few_bins_grant_nothing() -> None:
    """Twenty-nine bins are no history."""
    assert np.isnan(grant(LoadWeighted(), load(np.ones(29)))[0])


def test_a_name_says_quantile_and_margin() -> None:
    """Reports call a rule by what it does."""
    named = [p.name for p in (Percentile(), Percentile(1.0, 0.15), LoadWeighted(), VpaLike())]
    assert named == ["P95", "max x 1.15", "load-weighted P95 x 1.10", "VPA-like"]


def test_a_cohort_needs_loads() -> None:
    """Nothing cannot be put side by side."""
    with pytest.raises(ValueError, match="needs loads"):
        Cohort.of([])
