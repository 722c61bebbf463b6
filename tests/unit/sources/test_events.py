"""What becomes of exposures and series: one row per unit, on the day its window closes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.unit.events import PEOPLE_SOURCE, PILOT, SOURCES, declared, measured, parquet, shown, units

from headway.facts.unit import CROSSED
from headway.kernel.errors import SourceFault

ONE = [shown(1, "treated", "2026-01-05T12:00")]


def test_a_unit_is_watched_from_its_first_exposure_for_the_length_of_the_window(tmp_path: Path) -> None:
    """The moment of exposure counts, the moment in which the window closes does not."""
    rows = [
        measured(1, "2026-01-05T11:59:59", 100),
        measured(1, "2026-01-05T12:00", 1),
        measured(1, "2026-01-07T11:59:59", 2),
        measured(1, "2026-01-07T12:00", 100),
    ]
    parquet(tmp_path, exposures=[*ONE, shown(1, "treated", "2026-01-06T12:00")], metrics=rows)
    assert units(declared(tmp_path)) == [(1, "treated", 3)]


def test_only_closed_windows_count(tmp_path: Path) -> None:
    """On the second of two days a unit is still watched; in the moment its window closes it counts."""
    parquet(tmp_path, exposures=ONE, metrics=[measured(1, "2026-01-05T12:00", 1)])
    folder = declared(tmp_path)
    assert units(folder, as_of="2026-01-07T11:59:59Z") == []
    assert units(folder, as_of="2026-01-07T12:00:00Z") == [(1, "treated", 1)]


def test_windows_that_end_after_the_pilot_do_not_count(tmp_path: Path) -> None:
    """After the last day everybody may be given either arm; before the first one nobody was in the pilot."""
    late = [shown(2, "control", "2026-02-26T23:59"), shown(3, "control", "2026-02-27T00:01")]
    early = [shown(4, "treated", "2025-12-31T23:59"), shown(4, "control", "2026-01-09T00:00")]
    parquet(tmp_path, exposures=[*late, *early], metrics=[measured(2, "2026-02-27T00:00", 1)])
    assert units(declared(tmp_path)) == [(2, "control", 1), (4, "control", None)]


def test_days_are_cut_in_the_time_zone_of_the_portfolio(tmp_path: Path) -> None:
    """The first day of a pilot in Tokyo begins nine hours before that of Greenwich."""
    parquet(
        tmp_path,
        exposures=[shown(1, "treated", "2025-12-31T15:00")],
        metrics=[measured(1, "2026-01-01T00:00", 1)],
    )
    folder = declared(tmp_path)
    text = (folder / "portfolio.yaml").read_text()
    (folder / "portfolio.yaml").write_text(text.replace("time_zone: UTC", "time_zone: Asia/Tokyo"))
    assert units(folder) == [(1, "treated", 1)]


def test_a_unit_without_rows_is_missing_or_nought_as_declared(tmp_path: Path) -> None:
    """Somebody who never calls has spent no minutes; somebody who was never measured has no value."""
    parquet(tmp_path, exposures=ONE, metrics=[measured(2, "2026-01-05T12:00", 1)])
    assert units(declared(tmp_path)) == [(1, "treated", None)]
    zero = PILOT.replace("{length: 2d}", "{length: 2d, absent: zero}")
    assert units(declared(tmp_path, zero)) == [(1, "treated", 0)]


@pytest.mark.parametrize(
    ("kind", "value"), [("sum", 6), ("mean", 2), ("any", 1), ("last", 0)], ids=["sum", "mean", "any", "last"]
)
def test_the_values_of_a_unit_become_one(tmp_path: Path, kind: str, value: float) -> None:
    """Their sum, unless the pilot says: their mean, whether any is not nought, or the newest."""
    days = ("2026-01-05T12:00", "2026-01-06T12:00", "2026-01-07T11:00")
    rows = [measured(1, day, v) for day, v in zip(days, (4, 2, 0), strict=True)]
    parquet(tmp_path, exposures=ONE, metrics=[*rows, measured(1, "2026-01-07T12:00", 9)])
    pilot = PILOT.replace("{length: 2d}", f"{{length: 2d, aggregate: {{y: {kind}}}}}")
    assert units(declared(tmp_path, pilot)) == [(1, "treated", value)]


def test_of_two_values_at_one_moment_the_larger_is_the_last(tmp_path: Path) -> None:
    """A tie is broken by what is there, never by the order of rows."""
    rows = [measured(1, "2026-01-06T12:00", v) for v in (3, 7, 5)]
    parquet(tmp_path, exposures=ONE, metrics=rows)
    pilot = PILOT.replace("{length: 2d}", "{length: 2d, aggregate: {y: last}}")
    assert units(declared(tmp_path, pilot)) == [(1, "treated", 7)]


def test_any_keeps_what_is_no_number_apart(tmp_path: Path) -> None:
    """NaN is neither yes nor no."""
    parquet(tmp_path, exposures=ONE, metrics=[measured(1, "2026-01-06T12:00", v) for v in (1, math.nan)])
    pilot = PILOT.replace("{length: 2d}", "{length: 2d, aggregate: {y: any}}")
    ((_, _, value),) = units(declared(tmp_path, pilot))
    assert math.isnan(value)


def test_of_two_arms_at_one_moment_the_first_by_name_counts(tmp_path: Path) -> None:
    """And the unit is counted as one that met two arms."""
    both = [shown(1, "treated", "2026-01-05T12:00"), shown(1, "control", "2026-01-05T12:00")]
    parquet(tmp_path, exposures=both, metrics=[measured(1, "2026-01-05T12:00", 1)])
    assert units(declared(tmp_path), ("y", CROSSED)) == [(1, "control", 1, 1)]


def test_a_unit_that_meets_another_arm_after_its_window_has_not_crossed(tmp_path: Path) -> None:
    """What a closed window says is final."""
    rows = [shown(u, "treated", "2026-01-05T12:00") for u in (1, 2)]
    rows += [shown(1, "control", "2026-01-07T11:59"), shown(2, "control", "2026-01-07T12:00")]
    parquet(tmp_path, exposures=rows, metrics=[measured(1, "2026-01-05T12:00", 1)])
    assert units(declared(tmp_path), (CROSSED,)) == [(1, "treated", 1), (2, "treated", None)]


def test_rows_that_name_no_unit_no_arm_or_no_value_say_nothing(tmp_path: Path) -> None:
    """Nor do the exposures of other pilots."""
    other = {**shown(9, "treated", "2026-01-05T12:00"), "key": "another"}
    rows = [*ONE, other, {**ONE[0], "unit_id": None}, {**ONE[0], "unit_id": 2, "variant": None}]
    metrics = [
        measured(1, "2026-01-05T12:00", None),
        measured(1, "2026-01-05T12:00", 2),
        measured(None, "2026-01-05T12:00", 1),
    ]
    parquet(tmp_path, exposures=rows, metrics=metrics)
    assert units(declared(tmp_path)) == [(1, "treated", 2)]


def test_a_value_written_twice_counts_twice_and_an_exposure_once(tmp_path: Path) -> None:
    """Two equal values at one moment are two events: nothing tells them from one that was sent again."""
    parquet(tmp_path, exposures=ONE * 3, metrics=[measured(1, "2026-01-05T12:00", 2)] * 2)
    assert units(declared(tmp_path)) == [(1, "treated", 4)]


def test_covariates_come_from_the_time_before_exposure(tmp_path: Path) -> None:
    """From as far back as they say up to the exposure, made of values in the way the metric is."""
    days = {"2026-01-02T11:59": 100, "2026-01-02T12:00": 1, "2026-01-05T11:59": 3, "2026-01-05T12:00": 50}
    parquet(tmp_path, exposures=ONE, metrics=[measured(1, day, v) for day, v in days.items()])
    names = ("y", "y@-3d", "y@-1d")
    pilot = f"{PILOT}covariates: [y@-3d, y@-1d]\n"
    assert units(declared(tmp_path, pilot), names) == [(1, "treated", 50, 4, 3)]
    pilot = pilot.replace("{length: 2d}", "{length: 2d, aggregate: {y: mean}}")
    assert units(declared(tmp_path, pilot), names) == [(1, "treated", 50, 2, 3)]
    pilot = pilot.replace("y: mean", "y: last")
    assert units(declared(tmp_path, pilot), names) == [(1, "treated", 50, 3, 3)]


def test_what_is_fixed_comes_from_the_first_exposure_or_from_a_source_of_attributes(tmp_path: Path) -> None:
    """A unit that changes its team stays with the first; a second row of attributes counts nobody twice."""
    rows = [
        shown(1, "treated", "2026-01-05T12:00", team="b"),
        shown(1, "treated", "2026-01-06T12:00", team="a"),
    ]
    people = [{"unit_id": 1, "age": 30, "new": True}, {"unit_id": 1, "age": 30, "new": True}]
    parquet(tmp_path, exposures=rows, metrics=[measured(1, "2026-01-05T12:00", 1)], people=people)
    pilot = f"{PILOT}cluster: team\ncovariates: [age]\nfixed_effects: [new]\n"
    folder = declared(tmp_path, pilot, attributes=PEOPLE_SOURCE)
    assert units(folder, ("y", "cluster", "age", "new")) == [(1, "treated", 1, "b", 30, 1)]


def test_moments_with_and_without_a_zone_are_compared_in_utc(tmp_path: Path) -> None:
    """A flag engine writes its offset, a log does not; names of units may be whole numbers or not."""
    shown_at = shown(1, "treated", "2026-01-05T14:00+02:00")
    parquet(
        tmp_path, exposures=[shown_at], metrics=[measured(1.0, f"2026-01-0{d}T11:59:59", 1) for d in (5, 7)]
    )
    assert units(declared(tmp_path)) == [(1, "treated", 1)]
    later = [measured(1, f"2026-01-0{d}T13:59:59+02:00", 1) for d in (5, 7)]
    parquet(tmp_path, exposures=[shown(1, "treated", "2026-01-05T12:00")], metrics=later)
    assert units(declared(tmp_path)) == [(1, "treated", 1)]


def test_text_files_give_the_same_table(tmp_path: Path) -> None:
    """CSV, as a flag engine exports it."""
    (tmp_path / "exposures.csv").write_text("key,unit_id,variant,ts\ntrial,c1,treated,2026-01-05T12:00:00Z\n")
    lines = "".join(f"y,c1,2026-01-0{day},{day}\n" for day in range(4, 9))
    (tmp_path / "metrics.csv").write_text(f"metric,unit_id,ts,value\n{lines}")
    folder = declared(tmp_path, sources=SOURCES.replace("parquet", "csv"))
    assert units(folder) == [("c1", "treated", 6 + 7)]


@pytest.mark.parametrize("fact", ["exposure", "series"])
def test_a_pilot_without_source_needs_both_facts(tmp_path: Path, fact: str) -> None:
    """The mend says which one to declare."""
    parquet(tmp_path, exposures=ONE, metrics=[measured(1, "2026-01-05T12:00", 1)])
    folder = declared(tmp_path)
    kept = [text for text in SOURCES.split("---\n") if f"fact: {fact}" not in text]
    (folder / "sources.yaml").write_text("---\n".join(kept))
    with pytest.raises(SourceFault, match=f"no source fills the fact '{fact}'") as found:
        units(folder)
    assert (found.value.code, found.value.mend) == ("HW314", f"declare a source with fact: {fact}")


def test_what_an_engine_says_of_a_source_is_a_fault_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every driver raises its own kind."""

    def breaks(*_: object) -> None:
        message = "disk is gone"
        raise OSError(message)

    monkeypatch.setattr("headway.sources.events.seen", breaks)
    parquet(tmp_path, exposures=ONE, metrics=[measured(1, "2026-01-05T12:00", 1)])
    with pytest.raises(SourceFault, match="disk is gone"):
        units(declared(tmp_path))


def test_sources_are_taken_by_what_they_hold(tmp_path: Path) -> None:
    """Metrics may lie in several sources, flags in several logs, and names be text or numbers."""
    more = "---\n".join((SOURCES, SOURCES.replace("exposures", "shown").replace("metrics", "sums")))
    parquet(
        tmp_path,
        exposures=ONE,
        shown=[shown("1", "treated", "2026-01-04T12:00"), shown("2", "control", "2026-01-05T12:00")],
        metrics=[measured(1, "2026-01-05T12:00", 5)],
        sums=[measured("2", "2026-01-05T12:00", 7, "z"), measured("2", "2026-01-06T12:00", 1)],
    )
    pilot = f"{PILOT}proxies: [z]\n"
    folder = declared(tmp_path, pilot, sources=more)
    assert units(folder, ("y", "z")) == [("1", "treated", 5, None), ("2", "control", 1, 7)]


@pytest.mark.parametrize(
    ("pilot", "code", "words"),
    [
        (PILOT.replace("metric: y", "metric: hours"), "HW314", "no series of metric 'hours'"),
        (PILOT.replace("key: trial", "key: tryal"), "HW314", "no exposure under key 'tryal'"),
        (f"{PILOT}cluster: team\n", "HW303", "no column 'team' in 'exposures'"),
        (PILOT.replace("metric: y", "metric: variant"), "HW303", "no metric can be called 'variant'"),
    ],
)
def test_a_name_that_nothing_carries_is_said(tmp_path: Path, pilot: str, code: str, words: str) -> None:
    """A misspelt metric must not look like a pilot in which nobody ever did anything."""
    rows = [measured(1, "2026-01-05T12:00", 1), measured(1, "2026-01-05T12:00", 1, "variant")]
    parquet(tmp_path, exposures=ONE, metrics=rows)
    with pytest.raises(SourceFault) as found:
        units(declared(tmp_path, pilot))
    assert (found.value.code, words in found.value.happened) == (code, True)
