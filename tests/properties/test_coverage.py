"""Laws of the coverage gate: any samples, in any order, told any number of times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.measures.loads import START, at

from headway.measures.spend.coverage import Terms, coverage, direction, is_saturated
from headway.measures.spend.load import Load

LATE = at(100_000)
SAMPLES = st.lists(
    st.tuples(st.integers(0, 2000), st.floats(0, 1e6, allow_subnormal=False)),
    max_size=60,
    unique_by=lambda s: s[0],
)


def made(samples: list[tuple[int, float]], granted: float, bin_seconds: float) -> Load:
    """A load of exact samples, in the order given."""
    step, used = np.array([s for s, _ in samples], float), np.array([u for _, u in samples], float)
    ones = np.ones(len(samples))
    return Load("w", "gpu", "", START + bin_seconds * step, used, ones, granted * ones, bin_seconds, granted)


@given(
    SAMPLES,
    st.floats(1e-3, 1e6),
    st.sampled_from([60.0, 3600.0, 86_400.0]),
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_change_nothing(
    samples: list[tuple[int, float]], granted: float, bin_seconds: float, chance: object
) -> None:
    """The answer is that of the samples sorted and told once."""
    mixed = [*samples, *samples[: len(samples) // 2]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    clean = coverage(made(sorted(samples), granted, bin_seconds), LATE, Terms("static"))
    assert coverage(made(mixed, granted, bin_seconds), LATE, Terms("static")) == replace(
        clean, saturated=is_saturated(made(mixed, granted, bin_seconds))
    )


@given(SAMPLES, st.floats(1e-3, 1e6), st.floats(0, 2e6))
def test_a_saturated_workload_is_never_advised_less(
    samples: list[tuple[int, float]], granted: float, proposed: float
) -> None:
    """Whatever is proposed."""
    load = made(sorted(samples), granted, 60.0)
    told = direction(load, granted, proposed)
    assert told == "up" if is_saturated(load) else told in ("up", "down", "keep")


@given(SAMPLES, st.floats(1e-3, 1e6), st.integers(0, 3000))
def test_a_level_below_static_always_says_why_and_when(
    samples: list[tuple[int, float]], granted: float, hours: int
) -> None:
    """A refusal has a code, a reason, and a day if there was any sample."""
    load = made(sorted(samples), granted, 3600.0)
    found = coverage(load, at(hours), Terms("static"))
    seen = bool((load.at < at(hours).timestamp()).any())
    if found.level == "static":
        assert (found.code, found.sufficient_on) == ("", None)
    else:
        assert found.code in ("HW440", "HW441", "HW442", "HW443")
        assert found.reason
        assert (found.sufficient_on is not None) == seen
