"""The course of a running effect: every past look, as it would have been seen on its day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.small import (
    PORTFOLIO,
    RANDOMISED,
    Declare,
    Rows,
    codes,
    estimates,
    missing,
    reviewed,
    two_arms,
)

from headway.app.review import Review

DAILY = RANDOMISED.replace("ends: 2026-03-01", "ends: 2026-05-01") + "looks: daily\nplan: {units: 2400}\n"
RELATIVE = DAILY.replace('{change: "-0.5", scale: absolute}', "{change: -5 %, scale: relative}")
BY_TEAM = DAILY.replace("design: randomised", "design: clusters").replace("unit: call", "cluster: team")
NUMBERS = ("value", "low", "high", "low_once", "high_once")


def closing(rows: Rows, last: str = "2026-03-30T22:00", hours: int = 3) -> Rows:
    """The rows with a moment each at which its window closed, evenly spaced."""
    n = len(rows["unit_id"])
    ends = np.datetime64(last) - np.timedelta64(hours, "h") * np.arange(n)[::-1]
    return {**rows, "closed_at": ends.astype("datetime64[us]")}


def looks(folder: Path, as_of: str | None = None, metric: str = "y") -> list[dict[str, Any]]:
    """The looks of a record."""
    return past(reviewed(folder, as_of), metric)


def past(made: Review, metric: str = "y") -> list[dict[str, Any]]:
    """The looks at one metric as the review tells them."""
    record: Any = made.as_json()
    rows = record["initiatives"][0]["evidence"]
    found = next(r for r in rows if (r["measure"], r["metric"]) == ("effect", metric))
    told: list[dict[str, Any]] = found["estimate"]["detail"].get("looks", [])
    return told


def seen_on(folder: Path, day: str) -> Mapping[str, Any]:
    """The record of the evening of a day."""
    found = estimates(reviewed(folder, f"{day}T23:59:59Z"), "effect")["y"]
    return {**found, "log_e_one_sided": found["e"]["log_one_sided"]}


@pytest.mark.parametrize(
    "pilot",
    [DAILY, RELATIVE, DAILY + "covariates: [x]\n", RELATIVE + "covariates: [x]\n", BY_TEAM],
    ids=["difference", "ratio", "covariate", "relative covariate", "clusters"],
)
def test_a_past_look_is_what_a_review_said_on_that_day(declare: Declare, pilot: str) -> None:
    """Estimate, both intervals, count and e-value of each look are those of a review on its evening."""
    folder = declare(pilot, closing(two_arms(600, cluster=np.arange(600) % 24)))
    found = looks(folder)
    told = [look for look in found if "value" in look]
    for look in (told[0], told[len(told) // 2], told[-1]):
        then = seen_on(folder, look["day"])
        assert look["n"] == then["n"]
        for number in (*NUMBERS, "log_e_one_sided"):
            assert look[number] == pytest.approx(then[number], rel=1e-6)


def test_a_look_before_a_hundred_units_an_arm_tells_its_count_alone(declare: Declare) -> None:
    """The large-sample interval is not looked at before."""
    found = looks(declare(DAILY, closing(two_arms(600))))
    early = [look for look in found if "value" not in look]
    assert early == found[: len(early)]
    assert max(look["n"] for look in early) < 200 <= found[len(early)]["n"]
    assert set(early[0]) == {"day", "n"}


def test_a_rare_event_waits_for_ten_events(declare: Declare) -> None:
    """With three per cent of calls repeated, a hundred units an arm hold too few."""
    rows = closing(two_arms(1200), hours=1)
    rows["y"] = (np.random.default_rng(5).random(1200) < 0.05).astype(float)
    found = looks(declare(DAILY, rows))
    first = next(look for look in found if "value" in look)
    y, arm = np.asarray(rows["y"])[: first["n"]], np.asarray(rows["variant"])[: first["n"]]
    before = slice(0, first["n"] - 24)
    assert min(y[arm == name].sum() for name in ("treated", "control")) >= 10
    assert min(y[before][arm[before] == name].sum() for name in ("treated", "control")) < 10


def test_days_are_cut_in_the_time_zone_of_the_portfolio(declare: Declare) -> None:
    """At 22:30 in UTC the next day has begun in Berlin in summer."""
    rows = closing(two_arms(400), last="2026-03-30T22:30", hours=5)
    text = PORTFOLIO.replace("time_zone: UTC", "time_zone: Europe/Berlin")
    found = looks(declare(DAILY, rows, portfolio=text))
    assert [(look["day"], look["n"]) for look in found[-2:]] == [("2026-03-30", 399), ("2026-03-31", 400)]


def test_weekly_looks_are_the_last_days_of_weeks_and_today(declare: Declare) -> None:
    """Weeks are counted from the first day of the pilot."""
    found = looks(declare(DAILY.replace("looks: daily", "looks: weekly"), closing(two_arms(600))))
    days = np.array([np.datetime64(look["day"]) for look in found])
    since = (days - np.datetime64("2026-01-01")).astype(int)
    assert (since[:-1] % 7 == 6).all()
    assert str(days[-1]) == "2026-03-30"


def test_of_many_days_a_record_keeps_four_hundred_and_of_a_proxy_a_sketch(declare: Declare) -> None:
    """The newest look always stands, and it is the record itself."""
    rows = closing(two_arms(6000), hours=3)
    pilot = DAILY.replace("starts: 2026-01-01", "starts: 2023-01-01") + "proxies: [x]\n"
    folder = declare(pilot, rows)
    found = looks(folder)
    assert len(found) == 400
    made = reviewed(folder)
    assert found[-1]["low"] == pytest.approx(estimates(made, "effect")["y"]["low"], rel=1e-6)
    beside = past(made, "x")
    assert (len(beside), beside[-1]["day"]) == (12, "2026-03-30")


def test_rows_without_a_closing_day_have_no_course(declare: Declare) -> None:
    """Nothing tells one day from the next; today's interval stands."""
    made = reviewed(declare(DAILY, two_arms()))
    assert past(made) == []
    assert estimates(made, "effect")["y"]["interval"] == "anytime"


def test_a_pilot_looked_at_once_has_no_course(declare: Declare) -> None:
    """Its days are not even asked for."""
    made = reviewed(declare(RANDOMISED, closing(two_arms())))
    assert past(made) == []
    assert all("Day" not in repr(r.keys) for r in made.collected.answers.sums)


SNAPSHOTS = """\
source: units
kind: file
path: sums.csv
fact: unit
summed: yes
cumulative: yes
"""
SUMMED = SNAPSHOTS.replace("cumulative: yes\n", "")
WINDOWED = DAILY + "window: {length: 14d}\n"
HEAD = "closed_at,variant,metric,n,sum_x,sum_xx\n"
# 0.1 a day lower in the treated arm; the control mean stands at 10 and every variance is about 4.
FLAT = [(20, 300, 10.0, 9.8), (21, 600, 10.0, 9.7), (22, 900, 10.01, 9.6)]


def states(days: list[tuple[int, int, float, float]]) -> str:
    """Snapshots of two arms: day in March, units an arm, mean of control and of treated."""
    rows = [
        f"2026-03-{day}T12:00:00,{arm},y,{n},{n * mean},{(n - 1) * 4 + n * mean * mean}"
        for day, n, control, treated in days
        for arm, mean in (("control", control), ("treated", treated))
    ]
    return "\n".join([HEAD.strip(), *rows, ""])


def summed(declare: Declare, pilot: str, text: str, source: str = SNAPSHOTS) -> Path:
    """A portfolio over sums."""
    folder = declare(pilot, source=source)
    (folder / "sums.csv").write_text(text)
    return folder


def test_the_newest_snapshot_is_the_result_and_all_of_them_are_looks(declare: Declare) -> None:
    """States are never added: 900 units an arm, not 1,800."""
    made = reviewed(summed(declare, WINDOWED, states(FLAT)))
    found, told = estimates(made, "effect")["y"], past(made)
    assert (found["n"], found["value"]) == (1800, pytest.approx(-0.41))
    assert [(look["day"], look["n"]) for look in told] == [
        ("2026-03-20", 600), ("2026-03-21", 1200), ("2026-03-22", 1800)
    ]  # fmt: skip
    assert told[-1]["high"] == pytest.approx(found["high"], rel=1e-6)


def test_a_snapshot_after_the_moment_asked_is_not_known_yet(declare: Declare) -> None:
    """Of an earlier day the earlier snapshot is the newest, and its look is what was seen."""
    folder = summed(declare, WINDOWED, states(FLAT))
    then = seen_on(folder, "2026-03-21")
    assert then["n"] == 1200
    look = looks(folder)[1]
    for number in (*NUMBERS, "log_e_one_sided"):
        assert look[number] == pytest.approx(then[number], rel=1e-6)


def test_a_snapshot_that_one_arm_or_a_variance_misses_is_passed_over(declare: Declare) -> None:
    """Arms of different days are not compared; rows without a sum of squares are counted (HW412)."""
    text = (
        states(FLAT) + "2026-03-23T12:00:00,control,y,1200,12000,\n2026-03-24T12:00:00,control,y,1300,1,2\n"
    )
    made = reviewed(summed(declare, WINDOWED, text))
    found = estimates(made, "effect")["y"]
    assert found["n"] == 1800
    assert [d.what for d in made.diagnostics if d.code == "HW412"] == [
        "1 summed rows state no sum of squares"
    ]


def test_sums_of_closed_days_add_up(declare: Declare) -> None:
    """The same file without `cumulative` holds three days of their own."""
    made = reviewed(summed(declare, WINDOWED, states(FLAT), SUMMED))
    assert estimates(made, "effect")["y"]["n"] == 3600
    assert [look["n"] for look in past(made)] == [600, 1800, 3600]


def test_snapshots_that_bear_no_date_are_refused(declare: Declare) -> None:
    """Nothing would say which is the newest, and adding them would count units again."""
    text = states(FLAT).replace("closed_at", "when")
    made = reviewed(summed(declare, WINDOWED, text))
    assert codes(made) == ["HW303"]
    assert "y" in missing(made, "effect")


@pytest.mark.parametrize(
    ("pilot", "days", "told"),
    [
        (WINDOWED, FLAT, False),
        (DAILY, FLAT, True),
        (WINDOWED, [(20, 300, 10.0, 9.8), (22, 900, 13.0, 12.6)], True),
        (
            RANDOMISED.replace("2026-03-01", "2026-03-21"),
            [(20, 300, 10.0, 9.8), (22, 900, 13.0, 12.6)],
            False,
        ),
    ],
    ids=["closed windows", "no window", "a mean that drifts", "looked at once"],
)
def test_an_open_ended_metric_loses_its_grade_and_says_why(
    declare: Declare, pilot: str, days: list[tuple[int, int, float, float]], told: bool
) -> None:
    """No interval is proven for many looks at a metric that goes on growing (HW409)."""
    made = reviewed(summed(declare, pilot, states(days)))
    found = estimates(made, "effect")["y"]
    assert ("HW409" in codes(made)) is told
    assert found["grade"] == ("C" if told else "A")
    assert found.get("notes", []) == (["HW409"] if told else [])
