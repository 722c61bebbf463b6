"""Right size on GenTD26 (Lin and others, SoCC 2025): every policy of the manual on folds A, B and C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.capacity.traces import Fold, by_tick, folds, hourly

from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import follow
from headway.measures.spend.outcome import Scored, replayed, tally
from headway.measures.spend.policies import LoadWeighted, Percentile, VpaLike
from headway.measures.spend.replay import HeldOut, hindsight, refits, rolling, spread, static
from headway.statistics.contrast import FloatArray


@pytest.fixture(scope="module")
def shared_folds(shared_data: Path) -> Mapping[str, Fold]:
    """Folds A, B and C by name."""
    return {fold.name: fold for fold in folds(by_tick(shared_data))}


def held_out(fold: Fold) -> HeldOut:
    """A fold as the replay takes it."""
    return HeldOut.of(Cohort.of(fold.loads), fold.split)


POLICIES = {
    "oracle max": lambda h: hindsight(h, Percentile(1.0)),
    "oracle P99": lambda h: hindsight(h, Percentile(0.99)),
    "P95 static": lambda h: static(h, Percentile()),
    "VPA static": lambda h: static(h, VpaLike()),
    "P98 x 1.15 static": lambda h: static(h, Percentile(0.98, 0.15)),
    "load-weighted static": lambda h: static(h, LoadWeighted()),
    "max x 1.15 static": lambda h: static(h, Percentile(1.0, 0.15)),
    "max x 1.15 rolling": lambda h: rolling(h, Percentile(1.0, 0.15)),
    "P95 rolling": lambda h: rolling(h, Percentile()),
    "VPA rolling": lambda h: rolling(h, VpaLike()),
    "load-weighted rolling": lambda h: rolling(h, LoadWeighted()),
    "P93 rolling": lambda h: rolling(h, LoadWeighted(0.93)),
    "closed loop": lambda h: rolling(h, Percentile(0.95, 0.15), Loop(h.clock.hold)),
    "closed loop P85, an hour": lambda h: rolling(h, LoadWeighted(0.85), Loop(1.0)),
}
# Saving and violation, in per cent, of spend-and-capacity.md 6.2 and 6.3.
PUBLISHED = {
    "A": {
        "oracle max": (42.52, 0),
        "oracle P99": (63.44, 0.94),
        "P95 static": (60.83, 0.76),
        "VPA static": (60.90, 0.76),
        "P98 x 1.15 static": (49.23, 0.11),
        "load-weighted static": (45.88, 0.095),
        "max x 1.15 static": (23.15, 0.02),
        "max x 1.15 rolling": (26.66, 0.02),
        "P95 rolling": (65.88, 0.99),
        "VPA rolling": (69.99, 1.26),
        "load-weighted rolling": (43.99, 0.095),
        "P93 rolling": (47.64, 0.11),
        "closed loop": (47.58, 0.22),
        "closed loop P85, an hour": (52.77, 0.19),
    },
    "B": {
        "oracle max": (30.98, 0),
        "oracle P99": (50.41, 0.94),
        "P95 static": (81.32, 33.73),
        "VPA static": (90.48, 43.82),
        "P98 x 1.15 static": (62.32, 8.52),
        "load-weighted static": (40.52, 0.96),
        "max x 1.15 static": (36.42, 0.48),
        "max x 1.15 rolling": (27.63, 0.12),
        "P95 rolling": (67.18, 11.94),
        "VPA rolling": (70.59, 14.83),
        "load-weighted rolling": (44.09, 0.58),
        "P93 rolling": (47.56, 0.79),
        "closed loop": (36.01, 0.81),
        "closed loop P85, an hour": (44.81, 0.89),
    },
    "C": {
        "oracle max": (34.28, 0),
        "oracle P99": (53.53, 0.94),
        "P95 static": (64.76, 5.00),
        "VPA static": (68.36, 5.98),
        "P98 x 1.15 static": (51.53, 0.68),
        "load-weighted static": (43.40, 0.25),
        "max x 1.15 static": (24.97, 0.03),
    },
}
ROWS = [(fold, policy) for fold, rows in PUBLISHED.items() for policy in rows]


@pytest.mark.parametrize(("fold", "policy"), ROWS)
def test_the_table_of_policies(shared_folds: Mapping[str, Fold], fold: str, policy: str) -> None:
    """Saving and violation of every policy are those of the table, within 0.05 points."""
    held = held_out(shared_folds[fold])
    found = tally(held.cohort, POLICIES[policy](held), held.first)
    assert (100 * found.saving, 100 * found.violation) == pytest.approx(PUBLISHED[fold][policy], abs=0.05)


@pytest.mark.parametrize(
    ("fold", "pods", "samples", "before", "after"),
    [("A", 102, 71_751, 11.40, 2.17), ("B", 102, 72_421, 2.17, 11.40), ("C", 106, 73_818, 6.91, 7.36)],
)
def test_who_is_eligible(
    shared_folds: Mapping[str, Fold], fold: str, pods: int, samples: int, before: float, after: float
) -> None:
    """Pods with six hours on both sides, the samples scored, and the mean use that moves between them."""
    one = shared_folds[fold]
    held = held_out(one)
    assert len(one.loads) == pods
    assert Scored.of(held.cohort, held.first).count.sum() == samples
    use = np.concatenate([load.value for load in one.loads])
    late = np.concatenate([load.at >= one.split for load in one.loads])
    assert (use[~late].mean(), use[late].mean()) == pytest.approx((before, after), abs=0.005)


@pytest.mark.parametrize(
    ("fold", "policy", "saving", "violation"),
    [
        ("A", "load-weighted rolling", (39.6, 48.1), (0.07, 0.12)),
        ("B", "load-weighted rolling", (39.7, 48.3), (0.50, 0.67)),
        ("A", "closed loop", (42.9, 51.7), (0.20, 0.25)),
        ("B", "closed loop", (32.3, 39.8), (0.74, 0.88)),
    ],
)
def test_intervals(
    shared_folds: Mapping[str, Fold],
    fold: str,
    policy: str,
    saving: tuple[float, float],
    violation: tuple[float, float],
) -> None:
    """Two thousand fleets drawn from the pods give the intervals of the table."""
    held = held_out(shared_folds[fold])
    found = replayed(held.cohort, POLICIES[policy](held), held.first)
    assert (100 * found.saving.low, 100 * found.saving.high) == pytest.approx(saving, abs=0.05)
    assert (100 * found.violation.low, 100 * found.violation.high) == pytest.approx(violation, abs=0.0051)


def test_a_pooled_violation_hides_pods(shared_folds: Mapping[str, Fold]) -> None:
    """Of krr's rule on A, 0.76 % over all samples is more than 1 % for a fifth of the pods."""
    held = held_out(shared_folds["A"])
    assert 100 * replayed(held.cohort, static(held, Percentile()), held.first).above == pytest.approx(
        19.6, abs=0.05
    )


@pytest.mark.parametrize(("fold", "expected"), [("A", (43.67, 0.093)), ("B", (43.72, 0.555))])
def test_hourly_histograms_cost_a_third_of_a_point(
    shared_folds: Mapping[str, Fold], fold: str, expected: tuple[float, float]
) -> None:
    """Grants fitted on histograms by the hour, scored on the samples themselves."""
    one = shared_folds[fold]
    # Slots begin on the hour: of the reversed trace the split is a minute past one.
    past = one.split % 3600
    loads = [replace(load, at=load.at - past) for load in one.loads]
    exact = HeldOut.of(Cohort.of(loads), one.split - past)
    slots = HeldOut.of(Cohort.of([hourly(load) for load in loads]), one.split - past)
    made = refits(slots, [LoadWeighted()], slots.all_at_once)[0]
    grants: FloatArray = spread(exact, made, exact.all_at_once, exact.first)
    found = tally(exact.cohort, grants, exact.first)
    assert (100 * found.saving, 100 * found.violation) == pytest.approx(expected, abs=0.05)
    assert tally(slots.cohort, follow(slots).grants, slots.first).violation <= 0.01


@pytest.mark.parametrize(("fold", "least"), [("A", 47.1), ("B", 43.6)])
def test_the_default_policy_meets_its_bar(shared_folds: Mapping[str, Fold], fold: str, least: float) -> None:
    """At most one per cent of samples above the grant, at the saving asked, with one setting."""
    held = held_out(shared_folds[fold])
    found = tally(held.cohort, follow(held).grants, held.first)
    assert 100 * found.violation <= 1.0
    assert 100 * found.saving >= least
