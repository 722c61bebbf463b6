"""A registration before the first exposure makes grade A; without it, or once it changed, the grade is C."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.registering import registered
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

from headway.portfolio.registration import digest_of

PILOT = "\n".join(line for line in RANDOMISED.splitlines() if not line.startswith("registered"))
DAILY = PILOT + "\nlooks: daily\nplan: {units: 400}"
BEFORE, AT_START, AFTER = "2025-12-20T10:00:00Z", "2026-01-01T09:00:00Z", "2026-01-20T10:00:00Z"


def dated(days: int = 40, *, assigned: bool = True, first: str = "2026-01-05") -> Rows:
    """400 units, ten a day from the first day on, each closed a week after it was assigned."""
    rows = two_arms(400)
    starts = datetime.fromisoformat(first) + timedelta(hours=8)
    moments = [starts + timedelta(days=days * n / 400) for n in range(400)]
    rows["closed_at"] = [m + timedelta(days=7) for m in moments]
    if assigned:
        rows["assigned_at"] = moments
    return rows


def effect(folder: Path, as_of: str | None = None) -> dict[str, Any]:
    """The effect on the outcome."""
    return estimates(reviewed(folder, as_of), "effect")["y"]


# Every line: what the files and the ledger say, when it was registered, the grade, the code.
GRADES = {
    "registered before the start": (PILOT, BEFORE, "A", None),
    "registered on the day of the start": (PILOT, AT_START, "A", None),
    "registered after the start, before the first exposure": (PILOT, "2026-01-04T10:00:00Z", "A", None),
    "registered after the first exposure": (PILOT, AFTER, "C", "HW400"),
    "not registered": (PILOT, None, "C", "HW400"),
    "registered elsewhere before": (RANDOMISED, None, "A", None),
    "registered elsewhere too late": (RANDOMISED.replace("2025-12-01", "2026-02-01"), None, "C", "HW400"),
    "registered elsewhere without a day": (RANDOMISED.replace(", on: 2025-12-01", ""), None, "C", "HW400"),
    "elsewhere too late, here in time": (RANDOMISED.replace("2025-12-01", "2026-02-01"), BEFORE, "A", None),
    "clusters, registered": (PILOT.replace("design: randomised", "design: clusters"), BEFORE, "A", None),
    "clusters, not registered": (PILOT.replace("design: randomised", "design: clusters"), None, "C", "HW400"),
    "medians, registered": (PILOT + "\nstatistic: median", BEFORE, "A", None),
    "medians, not registered": (PILOT + "\nstatistic: median", None, "C", "HW400"),
    "before and after, registered": (
        PILOT.replace("design: randomised", "design: before_after"), BEFORE, "C", None,
    ),
    "observational, registered": (
        PILOT.replace("design: randomised", "design: observational"), BEFORE, "C", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", GRADES)
def test_the_grade_follows_from_design_and_registration(declare: Declare, line: str) -> None:
    """The table of section 4 as far as a registration goes, every downgrade once."""
    pilot, at, grade, code = GRADES[line]
    rows = dated()
    if "clusters" in line:
        # Whole clusters: the assignment follows from the cluster.
        rows["cluster"] = [f"{'t' if n % 2 else 'c'}{n // 2 % 20}" for n in range(400)]
    folder = declare(pilot, rows)
    if at:
        registered(folder, at)
    made = reviewed(folder)
    assert estimates(made, "effect")["y"]["grade"] == grade
    found = [c for c in codes(made) if c in ("HW400", "HW401")]
    assert found == ([code] if code else [])


def test_the_reason_says_what_was_registered_when(declare: Declare) -> None:
    """The evidence carries day and digest, and a late registration its day."""
    folder = declare(PILOT, dated())
    late = reviewed(folder).collected.evidence["trial"][0].estimate
    assert late.grade_reasons == (
        "randomised, but not registered before the first exposure on 2026-01-05 (HW400)",
    )
    assert late.detail["registration"] is None
    registered(folder, BEFORE)
    made = reviewed(folder)
    (one,) = [e.estimate for e in made.collected.evidence["trial"] if e.measure == "effect"]
    pilot = made.portfolio.initiatives["trial"].pilot
    assert pilot is not None
    assert one.grade_reasons == ("randomised, registered on 2025-12-20",)
    assert one.detail["registration"] == digest_of(pilot)


def test_a_changed_design_is_hw401_and_has_no_e_value(declare: Declare) -> None:
    """The margin was moved after the registration: grade C, and nothing counts for a promotion."""
    folder = declare(PILOT, dated())
    registered(folder, BEFORE)
    assert effect(folder)["e"]["log_one_sided"] > 0
    folder = declare(PILOT + '\npromote_above: "-0.2"', dated())
    made = reviewed(folder)
    found = estimates(made, "effect")["y"]
    assert (found["grade"], found["e"], found["registration"]) == ("C", None, None)
    (told,) = [d for d in made.diagnostics if d.code == "HW401"]
    assert "changed after it was registered (entry 1 of the ledger)" in told.what


def test_a_design_registered_anew_counts_only_what_follows(declare: Declare) -> None:
    """Units from the new registration on are of grade A; those before it are left out."""
    folder = declare(PILOT, dated())
    registered(folder, BEFORE)
    folder = declare(PILOT + '\npromote_above: "-0.2"', dated())
    registered(folder, AFTER)
    made = reviewed(folder)
    found = estimates(made, "effect")["y"]
    # 2026-01-20 10:00 is 15 days and 2 hours after the first of 400 units at ten a day.
    assert found["n"] == 400 - 151
    assert found["grade"] == "A"
    (one,) = [e.estimate for e in made.collected.evidence["trial"] if e.measure == "effect"]
    assert one.grade_reasons == ("randomised, registered on 2026-01-20 anew; what went before is left out",)


def test_registered_anew_before_the_first_exposure_loses_nothing(declare: Declare) -> None:
    """A design may change as often as one likes while nobody is exposed."""
    folder = declare(PILOT, dated())
    registered(folder, "2025-12-01T10:00:00Z")
    folder = declare(PILOT + '\npromote_above: "-0.2"', dated())
    registered(folder, BEFORE)
    found = effect(folder)
    assert (found["n"], found["grade"]) == (400, "A")


def test_registered_anew_where_no_row_is_dated_is_grade_c(declare: Declare) -> None:
    """Nobody can tell which units came after the new registration."""
    folder = declare(PILOT, two_arms())
    registered(folder, BEFORE)
    folder = declare(PILOT + '\npromote_above: "-0.2"', two_arms())
    registered(folder, AFTER)
    made = reviewed(folder)
    assert estimates(made, "effect")["y"]["grade"] == "C"
    assert "no row is dated" in next(d.what for d in made.diagnostics if d.code == "HW401")


@pytest.mark.parametrize("assigned", [True, False])
def test_units_before_the_start_never_count(declare: Declare, assigned: bool) -> None:
    """Rows of before, or whose window began before, are left out; those after count each."""
    window = "" if assigned else "\nwindow: {length: 7d}"
    rows = dated(first="2025-12-27", assigned=assigned)
    folder = declare(DAILY + window, rows)
    registered(folder, BEFORE)
    # Five days at ten a day lie before the first of January, less the eight hours that a day is ahead.
    assert effect(folder, "2026-02-20")["n"] == 400 - 47
    assert estimates(reviewed(folder, "2026-02-20"), "srm")["srm"]["n"] == 400 - 47


def test_a_pilot_that_has_not_begun_has_no_effect(declare: Declare) -> None:
    """Rows from before the start tell its traffic, and nothing of its effect."""
    rows = dated(first="2025-11-01")
    folder = declare(PILOT, rows)
    made = reviewed(folder, "2025-12-20")
    assert missing(made, "effect")["y"] == ("none", "it starts on 2026-01-01")
    assert missing(made, "srm")["srm"] == ("none", "it starts on 2026-01-01")


def test_without_dates_any_registration_is_in_time(declare: Declare) -> None:
    """Where neither the pilot nor its rows have a day, a registration is taken at its word."""
    undated = "\n".join(line for line in PILOT.splitlines() if not line.startswith("dates"))
    folder = declare(undated, two_arms())
    assert effect(folder)["grade"] == "C"
    registered(folder, AFTER)
    assert effect(folder)["grade"] == "A"


def test_without_a_start_the_first_closed_window_tells_the_first_exposure(declare: Declare) -> None:
    """A week before the first window closed somebody was exposed."""
    undated = "\n".join(line for line in PILOT.splitlines() if not line.startswith("dates"))
    folder = declare(undated + "\nwindow: {length: 7d}", dated(assigned=False))
    registered(folder, "2026-01-05T07:00:00Z")
    assert effect(folder)["grade"] == "A"
    other = declare(undated + "\nwindow: {length: 6d}", dated(assigned=False))
    assert effect(other)["grade"] == "C"


def test_a_later_registration_is_not_known_earlier(declare: Declare) -> None:
    """Judged as of a day, what was registered after it does not count."""
    folder = declare(
        DAILY, dated(first="2026-01-02", days=10), portfolio=PORTFOLIO.replace("as_of: 2026-03-31\n", "")
    )
    registered(folder, "2026-01-01T10:00:00Z")
    assert effect(folder, "2026-02-20")["grade"] == "A"
    folder = declare(
        DAILY.replace("starts: 2026-01-01", "starts: 2026-01-02"), dated(first="2026-01-02", days=10)
    )
    registered(folder, "2026-02-25T10:00:00Z")
    assert "HW401" in codes(reviewed(folder, "2026-02-20"))


def test_the_e_value_is_that_of_the_units_that_count(declare: Declare) -> None:
    """A thousand times the effect before the start moves no e-value."""
    rows = dated(first="2025-12-27")
    folder = declare(DAILY, rows)
    registered(folder, BEFORE)
    plain = effect(folder, "2026-02-20")["e"]["log_one_sided"]
    early = [a.year == 2025 for a in rows["assigned_at"]]
    rows["y"] = [
        y - 1000 * (v == "treated") * e for y, v, e in zip(rows["y"], rows["variant"], early, strict=True)
    ]
    folder = declare(DAILY, rows)
    assert effect(folder, "2026-02-20")["e"]["log_one_sided"] == pytest.approx(plain, rel=1e-9)
    assert math.isfinite(plain)
