"""The course of a running effect: every past look, as it would have been seen on its day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.small import PORTFOLIO, RANDOMISED, Declare, Rows, estimates, reviewed, two_arms

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
    found: list[dict[str, Any]] = estimates(reviewed(folder, as_of), "effect")[metric]["looks"]
    return found


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
    rows = closing(two_arms(400), last="2026-03-30T22:30", hours=24)
    text = PORTFOLIO.replace("time_zone: UTC", "time_zone: Europe/Berlin")
    found = looks(declare(DAILY, rows, portfolio=text))
    assert found[-1]["day"] == "2026-03-31"
    assert found[-3]["day"] == "2026-03-28"


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
    whole = estimates(reviewed(folder), "effect")
    assert found[-1]["low"] == pytest.approx(whole["y"]["low"], rel=1e-6)
    assert len(whole["x"]["looks"]) == 24
    assert whole["x"]["looks"][-1]["day"] == "2026-03-30"


def test_rows_without_a_closing_day_have_no_course(declare: Declare) -> None:
    """Nothing tells one day from the next; today's interval stands."""
    found = estimates(reviewed(declare(DAILY, two_arms())), "effect")["y"]
    assert "looks" not in found
    assert found["interval"] == "anytime"


def test_a_pilot_looked_at_once_has_no_course(declare: Declare) -> None:
    """Its days are not even asked for."""
    made = reviewed(declare(RANDOMISED, closing(two_arms())))
    assert "looks" not in estimates(made, "effect")["y"]
    assert all("Day" not in repr(r.keys) for r in made.collected.answers.sums)
