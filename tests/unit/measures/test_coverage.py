"""No advice before a history has seen a whole cycle, and none without the day on which it will have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.unit.measures.loads import HOUR, at, daily, load

from headway.measures.spend.advice import Coverage, Level
from headway.measures.spend.coverage import Terms, coverage, direction, is_saturated, suffices
from headway.measures.spend.load import Load
from headway.statistics.contrast import FloatArray

LATE = at(10_000)
STATIC = Terms("static")


def judged(used: list[float] | FloatArray, terms: Terms | None = None, bin_seconds: float = HOUR) -> Coverage:
    """The coverage of one workload."""
    return coverage(load(used, bin_seconds), LATE, terms)


@pytest.mark.parametrize(
    ("days", "level", "code", "day"),
    [
        (1.9, "none", "HW440", date(2026, 1, 3)),
        (2.0, "rolling", "", date(2026, 1, 15)),
        (13.9, "rolling", "", date(2026, 1, 15)),
        (14.0, "static", "", None),
    ],
)
def test_advice_waits_for_a_day_in_each_part_and_a_standing_grant_for_two_weeks(
    days: float, level: Level, code: str, day: date | None
) -> None:
    """The next level comes with the day on which it is reached."""
    found = judged(daily(days))
    assert (found.level, found.code, found.sufficient_on) == (level, code, day)


def test_a_standing_grant_is_refused_with_the_reason_where_a_rolling_one_is_not() -> None:
    """Two days carry advice that is renewed daily, and no commitment."""
    found = judged(daily(3), STATIC)
    assert (found.level, found.code) == ("rolling", "HW440")
    assert "336 h" in found.reason
    assert suffices(found, "rolling")
    assert not suffices(found, "static")


def test_a_load_that_is_declared_daily_needs_no_weeks() -> None:
    """`season: daily` opens the standing grant after two days, `weekly` after two weeks only."""
    assert judged(daily(2), Terms("static", "daily")).level == "static"
    assert judged(daily(5), Terms("static", "weekly")).level == "rolling"
    assert judged(daily(0.5, per_hour=12), Terms("static", "none"), 300.0).level == "static"


def test_a_load_that_follows_the_week_must_have_shown_one_in_each_part() -> None:
    """Three weeks of which the policy has seen two days are not two weeks."""
    weekend = np.tile([1, 1, 1, 1, 1, 0.2, 0.2], 3).repeat(24)
    used = daily(21) * weekend
    whole = judged(used, STATIC)
    assert (whole.level, whole.season_hours) == ("static", 168)
    early = judged(used, Terms("static", split=at(48).timestamp()))
    assert (early.level, early.code) == ("rolling", "HW440")


def test_the_clock_of_a_source_counts() -> None:
    """A day that was told in 22.8 h is a day once the source says so."""
    used = daily(1.9)
    assert judged(used).level == "none"
    assert judged(used, Terms(clock_scale=1 / 0.95)).level == "rolling"


def test_gaps_are_named() -> None:
    """A load of which every fifth bin is missing carries no advice, however long it is."""
    used = daily(20)
    used[::5] = np.nan
    found = judged(used)
    assert (found.level, found.code) == ("none", "HW442")
    assert found.sufficient_on == date(2026, 1, 23)


def test_a_bin_that_is_missing_is_not_idle() -> None:
    """Gaps change neither the level of a load nor its cycle."""
    used = daily(20, level=0.6)
    gappy = used.copy()
    gappy[100:110] = np.nan
    full, some = judged(used), judged(gappy)
    assert full.shift is not None
    assert some.shift is not None
    assert some.shift.value == pytest.approx(full.shift.value, abs=0.01)


def test_a_shift_of_the_level_is_named_and_refuses_a_standing_grant() -> None:
    """What was learnt before the shift does not hold after it; a policy that refits goes on."""
    used = np.concatenate([daily(16, level=0.2), daily(4, level=0.6)])
    found = judged(used, STATIC)
    assert (found.level, found.code) == ("rolling", "HW441")
    assert found.shift is not None
    assert 2.5 < found.shift.value < 3.2
    assert found.sufficient_on == date(2026, 1, 31), "two weeks of the new level"
    assert judged(used, Terms("static", "daily")).sufficient_on == date(2026, 1, 19), "two days of it"
    assert judged(used).code == "HW441", "named where it is not refused"


def test_a_shift_after_the_split_is_not_known_before_it() -> None:
    """Only what the policy is fitted on is looked at."""
    used = np.concatenate([daily(16, level=0.2), daily(4, level=0.6)])
    assert judged(used, Terms("static", split=at(12 * 24).timestamp())).code == ""


@pytest.mark.parametrize(
    ("used", "code", "level"),
    [
        ([0.3], "HW443", "none"),
        ([0.3] * 29, "HW443", "none"),
        ([0.0] * 400, "", "static"),
    ],
)
def test_few_samples_and_no_load(used: list[float], code: str, level: Level) -> None:
    """One sample is no history; a long history without any load is one."""
    found = judged(used, STATIC)
    assert (found.code, found.level) == (code, level)


def test_no_sample_at_all() -> None:
    """A workload that never reported carries no advice."""
    assert judged([]).code == "HW443"
    assert coverage([], LATE).code == "HW443"
    assert coverage(load(daily(20)), at(-1)).code == "HW443", "nothing was known yet"


def test_what_came_later_is_not_read() -> None:
    """The same history, judged at an earlier moment, is shorter."""
    assert coverage(load(daily(20)), at(30)).level == "none"


def _mixed_up(one: Load) -> Load:
    """The same samples in another order, and the first half of them twice."""
    order = np.random.default_rng(3).permutation(one.at.size)
    order = np.concatenate([order, np.arange(one.at.size // 2)])
    return replace(
        one, at=one.at[order], value=one.value[order], count=one.count[order], granted=one.granted[order]
    )


def test_order_and_repetition_of_samples_change_nothing() -> None:
    """Unsorted and doubled samples give the same answer as clean ones."""
    clean = load(daily(20))
    assert coverage(_mixed_up(clean), LATE, STATIC) == coverage(clean, LATE, STATIC)


def test_bins_off_the_clock_change_nothing() -> None:
    """Samples that come some seconds late belong to their bin."""
    clean = load(daily(20))
    late = replace(clean, at=clean.at + np.random.default_rng(2).uniform(0, 600, clean.at.size))
    assert coverage(late, LATE, STATIC).level == "static"


def test_a_histogram_by_slot_is_judged_as_the_samples_it_was_made_of() -> None:
    """Rows of one moment are buckets, not repetitions."""
    used = daily(20, per_hour=12)
    exact = load(used, 300.0)
    slot = np.arange(used.size) // 3
    summed = replace(exact, at=exact.at[3 * slot])
    one, other = coverage(exact, LATE, STATIC), coverage(summed, LATE, STATIC)
    assert (one.level, one.season_hours) == (other.level, other.season_hours)
    assert one.shift is not None
    assert other.shift is not None
    assert other.shift.value == pytest.approx(one.shift.value, rel=0.01)


def test_bins_of_a_day() -> None:
    """A bin may be longer than the hour that cycles are looked at by."""
    used = np.tile([1, 1, 1, 1, 1, 0.2, 0.2], 8)
    found = judged(used, STATIC, 24 * HOUR)
    assert (found.level, found.season_hours) == ("static", 168)


def test_use_at_the_grant_is_saturated_and_advised_more() -> None:
    """Six per cent of bins at the grant hide the demand; whatever the policy says, less is not advised."""
    used = daily(20)
    used[:30] = 0.96
    near = load(used)
    assert is_saturated(near)
    assert coverage(near, LATE).saturated
    assert direction(near, 1.0, 0.4) == "up"
    used[:20] = 0.5
    assert not is_saturated(load(used))


def test_what_is_not_granted_cannot_be_saturated() -> None:
    """Requests have no grant."""
    assert not is_saturated(load(daily(20), granted=0.0))


@pytest.mark.parametrize(
    ("proposed", "expected"), [(0.5, "down"), (0.97, "keep"), (1.04, "keep"), (1.5, "up"), (None, "keep")]
)
def test_small_changes_are_not_advised(proposed: float | None, expected: str) -> None:
    """Within five per cent a grant stays as it is."""
    assert direction(load(daily(20)), 1.0, proposed) == expected
