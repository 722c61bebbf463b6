"""One group was treated, others were not: what the design synthetic says of a panel, and what it refuses."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest import approx  # noqa: PT013
from tests.unit.measures.panels import (
    PILOT,
    RELATIVE,
    SOURCE,
    courses,
    panel,
    seen,
    told,
    without,
)
from tests.unit.small import OUTCOME, Declare, Rows, codes, estimates, missing, reviewed

from headway.app.explain import explain
from headway.statistics.synthetic import OneTreated, synthetic_control


def test_a_synthetic_control_is_that_of_the_rows(declare: Declare) -> None:
    """Through the engine and its sums comes the mixture of the arrays, with grade B and its reasons."""
    y = courses()
    found = estimates(seen(declare, PILOT, panel(y)), "effect")["y"]
    twin = synthetic_control(OneTreated(y[:, 0], y[:, 1:], 22))
    assert found["value"] == approx(twin.effect, abs=1e-9)
    assert found["rmspe_before"] == approx(twin.rmspe_before, abs=1e-9)
    assert found["control_mean"] == approx(twin.counterfactual[22:].mean(), abs=1e-9)
    assert sum(found["weights"].values()) == approx(1)
    assert (found["grade"], found["arm"], found["placebo_rank"], found["groups"]) == ("B", "office 00", 1, 13)
    assert found["low"] < found["value"] < found["high"]


def test_rows_of_persons_are_sums_of_their_group(declare: Declare, tmp_path: Any) -> None:
    """Seven persons a cell give, to 1e-9, what one row a cell gives."""
    one = estimates(seen(declare, PILOT, panel(courses())), "effect")["y"]
    many = estimates(seen(declare, PILOT, panel(courses(), each=7)), "effect")["y"]
    for key in ("value", "low", "high", "rmspe_before", "se"):
        assert many[key] == approx(one[key], abs=1e-9)


def test_the_e_value_is_the_calibrated_rank(declare: Declare) -> None:
    """First of 13 in the good direction: E = sqrt(13)/2 = 1.80, and the record says it can hardly be more."""
    made = seen(declare, PILOT, panel(courses()))
    e = estimates(made, "effect")["y"]["e"]
    assert (e["form"], e["side"]) == ("calibrator", "less")
    assert np.exp(e["log_one_sided"]) == approx(13**0.5 / 2)
    reasons = made.collected.evidence["trial"][0].estimate.grade_reasons
    assert "an e-value cannot exceed 1.8: it informs and rarely promotes" in reasons[1]


def test_a_relative_effect_is_over_the_mean_of_the_mixture(declare: Declare) -> None:
    """Point and ends: what each says the mean would have been without treatment."""
    plain = estimates(seen(declare, PILOT, panel(courses())), "effect")["y"]
    found = estimates(seen(declare, RELATIVE, panel(courses())), "effect")["y"]
    actual = plain["control_mean"] + plain["value"]
    for key in ("value", "low", "high"):
        assert found[key] == approx(plain[key] / (actual - plain[key]), abs=1e-9)
    assert found["unit"] == "relative change"


def test_a_hurdle_weighs_on_every_scale(declare: Declare) -> None:
    """An effect of about -10 % is first of 13 beyond -5 % and not beyond -20 %, and so it is in units."""
    for pilot, near, far in ((RELATIVE, "-5 %", "-20 %"), (PILOT, "-2", "-8")):
        for above, ranked in ((near, 1 / 13), (far, 1.0)):
            rows = panel(courses())
            made = seen(declare, pilot + f'promote_above: "{above}"\n', rows)
            e = estimates(made, "effect")["y"]["e"]
            assert np.exp(-2 * (e["log_one_sided"] + np.log(2))) == approx(ranked, abs=0.1), (pilot, above)


def test_an_estimator_beside_it_that_has_no_answer_says_why(declare: Declare) -> None:
    """Donors that move in parallel leave plain differences without a spread; the mixture has one."""
    y = courses()
    y[:, 1:] = y[:, 1:2] + np.arange(12.0)
    found = estimates(seen(declare, PILOT, panel(y)), "effect")["y"]
    assert found["se"] > 0
    assert found["difference_in_differences"] == "standard error 0.0"


def test_few_periods_fall_back_to_the_placebos(declare: Declare) -> None:
    """Fourteen periods allow no conformal end: the spread of the placebo effects gives the interval."""
    made = seen(declare, PILOT, panel(courses(periods=14, starts=10), 10))
    found = estimates(made, "effect")["y"]
    assert "placebo interval" in found["method"]
    assert found["conformal_ends"] is None
    assert [found["low"], found["high"]] == approx(found["placebo_ends"])


def test_a_weak_comparison_is_grade_c_with_every_reason(declare: Declare) -> None:
    """Seven periods before, five donors, and a mixture that misses: three reasons."""
    y = courses(donors=5, periods=12, starts=7)
    y[:7, 0] += np.tile([3.0, -3.0], 4)[:7]
    made = seen(declare, PILOT, panel(y, 7))
    record = made.collected.evidence["trial"][0].estimate
    assert record.grade.value == "C"
    assert [r.split()[0] for r in record.grade_reasons[-3:]] == ["7", "5", "the"]


def test_a_mixture_that_is_not_the_only_one_is_said(declare: Declare) -> None:
    """More donors than periods, and the treated group among them: no number pretends to be the only one."""
    y = courses(donors=30, periods=24, starts=8)
    y[:, 0] = y[:, 1:].mean(axis=1)
    made = seen(declare, PILOT, panel(y + 0.0, 8))
    record = made.collected.evidence["trial"][0].estimate
    assert "several mixtures imitate it equally well before treatment" in record.grade_reasons


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (panel(courses(donors=1)), "HW908", "1 group to compare"),
        (panel(courses(), 1), "HW419", "1 period before"),
        (panel(courses(), 0), "HW419", "0 periods before"),
        (panel(courses(), 30), "HW908", "after the last period"),
        (without(panel(courses()), "office 00", 5, 6), "HW908", "no value in 5 and in 1 more"),
        (without(panel(courses()), "office 00"), "HW908", "no group has a first treated period"),
        (panel(courses() * 0), "HW406", "one value"),
        (panel(np.where(np.arange(13) == 0, 7.0, courses())), "HW406", "one value"),
        (panel(np.where(courses() > 35, np.nan, courses())), "HW411", "not finite"),
        (panel(courses(), each=3), "HW908", "fewer than 5 rows"),
        ({**panel(courses()), "starts": [20, 21, None] * 130}, "HW908", "starts at"),
        ({**panel(courses()), "starts": ["2020-01-01"] + [None] * 389}, "HW908", "starts at"),
        ({**panel(courses()), "period": [None] * 13 + list(np.repeat(np.arange(29), 13))}, "HW908", "period"),
        ({**panel(courses()), "period": [f"w{p}" for p in panel(courses())["period"]]}, "HW908", "no order"),
        ({**panel(courses()), "period": [p if p < 9 else p + 3 for p in panel(courses())["period"]]}, "HW908",
         "between 8 and 12 no group"),
    ],
)  # fmt: skip
def test_what_allows_no_comparison_has_its_code_and_no_number(
    declare: Declare, rows: Rows, code: str, words: str
) -> None:
    """One fault, its mend, and nothing that looks like an effect."""
    made = seen(declare, PILOT, rows)
    assert estimates(made, "effect") == {}
    assert words in told(made, code)
    assert [c for c in codes(made) if c in ("HW406", "HW411", "HW419", "HW908")] == [code]
    assert missing(made, "effect")["y"][0] in ("source_failed", "below_min_n")


def test_two_treated_groups_are_refused(declare: Declare) -> None:
    """Their average has no placebo rank of its own: one group in `sql`, or the design staggered."""
    rows = panel(courses())
    rows["starts"] = [23 if u in ("office 00", "office 03") else None for u in rows["unit_id"]]
    made = seen(declare, PILOT, rows)
    assert "2 groups are treated: 'office 00', 'office 03'" in told(made, "HW908")
    assert estimates(made, "effect") == {}


def test_a_group_whose_start_is_written_otherwise_is_refused(declare: Declare) -> None:
    """A start that is text cannot be put among periods that are numbers."""
    rows = panel(courses())
    rows["starts"] = ["week 22" if u == "office 00" else None for u in rows["unit_id"]]
    assert "write both in the same way" in next(
        d.mend for d in seen(declare, PILOT, rows).diagnostics if d.code == "HW908"
    )


def test_donors_with_gaps_are_left_out_and_named(declare: Declare) -> None:
    """Four donors lack a period: three are named, none is filled in, and the rest give the estimate."""
    rows = panel(courses())
    for donor in ("04", "05", "06", "07"):
        rows = without(rows, f"office {donor}", 3)
    made = seen(declare, PILOT, rows)
    y = courses()
    kept = y[:, [1, 2, 3, 8, 9, 10, 11, 12]]
    assert estimates(made, "effect")["y"]["value"] == approx(
        synthetic_control(OneTreated(y[:, 0], kept, 22)).effect, abs=1e-9
    )
    assert "4 groups are left out" in told(made, "HW909")
    assert "'office 04' has no value in 3" in told(made, "HW909")
    assert "and 1 more" in told(made, "HW909")


def test_periods_may_be_dates_and_later_ones_are_not_known(declare: Declare) -> None:
    """Months after the day that is judged take no part, as if they were not in the file."""
    rows = panel(courses())
    day = [dt.date(2024 + (int(p) - 1) // 12, (int(p) - 1) % 12 + 1, 1) for p in rows["period"]]
    from_day = day[22 * 13]
    dated: Rows = {
        **rows,
        "period": day,
        "starts": [from_day if u == "office 00" else None for u in rows["unit_id"]],
    }
    found = estimates(seen(declare, PILOT, dated), "effect")["y"]
    y = courses()[:27]
    assert found["counterfactual"]["periods"][-1] == "2026-03-01"
    assert found["value"] == approx(synthetic_control(OneTreated(y[:, 0], y[:, 1:], 22)).effect, abs=1e-9)


def test_periods_may_be_hours(declare: Declare) -> None:
    """Two periods of one day stay two, hours after the moment that is judged take no part, gaps are seen."""
    rows = panel(courses())
    first = dt.datetime(2026, 3, 30, 6, tzinfo=dt.UTC)
    hour = [first + dt.timedelta(hours=int(p) - 1) for p in rows["period"]]
    starts = [hour[22 * 13] if u == "office 00" else None for u in rows["unit_id"]]
    found = estimates(seen(declare, PILOT, {**rows, "period": hour, "starts": starts}), "effect")["y"]
    y = courses()[: len(found["counterfactual"]["periods"])]
    assert len(y) > 22
    assert found["counterfactual"]["periods"][1] == "2026-03-30 07:00"
    assert found["value"] == approx(synthetic_control(OneTreated(y[:, 0], y[:, 1:], 22)).effect, abs=1e-9)


def test_an_effect_that_swings_has_the_interval_of_the_placebos(declare: Declare) -> None:
    """No constant effect stands, so that its absence is not told as certainty."""
    y = courses(periods=60, starts=54)
    y[54:, 0] += np.tile([15.0, -15.0], 3)
    found = estimates(seen(declare, PILOT, panel(y, 54)), "effect")["y"]
    assert "placebo interval" in found["method"]
    assert found["conformal_ends"] is None


def test_no_row_in_time_is_no_panel(declare: Declare) -> None:
    """All periods lie after the moment that is judged."""
    rows = panel(courses())
    later = [dt.date(2027, 1, 1) + dt.timedelta(weeks=int(p)) for p in rows["period"]]
    starts = [later[22 * 13] if u == "office 00" else None for u in rows["unit_id"]]
    made = seen(declare, PILOT, {**rows, "period": later, "starts": starts})
    assert "no row yet" in told(made, "HW908")


def test_weeks_may_be_text_of_one_length(declare: Declare) -> None:
    """2026-W05 sorts as it should; the effect is that of the numbers."""
    rows = panel(courses())
    weeks = [f"2025-W{int(p):02}" for p in rows["period"]]
    starts = ["2025-W23" if u == "office 00" else None for u in rows["unit_id"]]
    found = estimates(seen(declare, PILOT, {**rows, "period": weeks, "starts": starts}), "effect")["y"]
    y = courses()
    assert found["value"] == approx(synthetic_control(OneTreated(y[:, 0], y[:, 1:], 22)).effect, abs=1e-9)


def test_a_whole_number_is_a_period_however_it_is_stored(declare: Declare) -> None:
    """Floating-point years beside whole ones in `starts` are the same years."""
    rows = panel(courses())
    found = estimates(seen(declare, PILOT, {**rows, "period": [float(p) for p in rows["period"]]}), "effect")[
        "y"
    ]
    assert found["counterfactual"]["periods"][:2] == ["1", "2"]


def test_a_relative_effect_needs_something_to_compare_with(declare: Declare) -> None:
    """A mean that may be nought without treatment gives HW413, not a huge number."""
    made = seen(declare, RELATIVE, panel(courses() - 40))
    assert "HW413" in codes(made)
    assert estimates(made, "effect") == {}


def test_a_logarithm_is_shown_as_a_change(declare: Declare) -> None:
    """On the scale log the difference is of logarithms already."""
    pilot = PILOT.replace('"-2", scale: absolute', "-1 %, scale: log")
    y = np.log(courses())
    found = estimates(seen(declare, pilot, panel(y)), "effect")["y"]
    twin = synthetic_control(OneTreated(y[:, 0], y[:, 1:], 22))
    assert found["value"] == approx(np.expm1(twin.effect), abs=1e-9)


def test_a_panel_of_too_many_cells_is_refused(declare: Declare) -> None:
    """Beyond 20,000 groups times periods the groups are single persons, and the design another one."""
    y = np.random.default_rng(1).normal(size=(21, 1000))
    made = seen(declare, PILOT, panel(y, 15))
    assert "21,000" in told(made, "HW420")
    assert estimates(made, "effect") == {}


def test_the_source_must_be_a_panel_with_its_metric(declare: Declare) -> None:
    """Rows of another fact have no periods, and a metric that is not there has no mean."""
    rows = panel(courses())
    wrong = reviewed(declare(PILOT, {**rows, "variant": ["a"] * 390}))
    assert "fact unit" in told(wrong, "HW432")
    assert "HW303" in codes(seen(declare, PILOT.replace("metric: y", "metric: z"), rows))


def test_the_sentence_counts_groups_and_periods(declare: Declare) -> None:
    """Nobody is told that so many more units would settle it."""
    record: Any = seen(declare, PILOT, panel(courses())).as_json()
    (sentence,) = [e["sentence"] for e in record["initiatives"][0]["evidence"] if e["measure"] == "effect"]
    assert sentence.endswith("13 groups over 30 periods, grade B")
    assert "would settle" not in sentence


def test_a_fault_of_the_rows_is_told_once_for_all_metrics(declare: Declare) -> None:
    """Two metrics, one missing start: one finding, two metrics missing."""
    rows = {**panel(courses()), "z": panel(courses())["y"]}
    made = seen(declare, PILOT + "proxies: [z]\n", without(rows, "office 00"))
    assert codes(made).count("HW908") == 1
    assert set(missing(made, "effect")) == {"y", "z"}


def test_an_outcome_of_minutes_keeps_its_unit(declare: Declare) -> None:
    """The unit of the outcome stands beside the number."""
    assert "unit: minutes" in OUTCOME
    assert estimates(seen(declare, PILOT, panel(courses())), "effect")["y"]["unit"] == "minutes"


def test_explain_tells_the_tests_and_leaves_the_courses_to_the_picture(declare: Declare) -> None:
    """Rank, intervals and the other estimators in words; a hundred values a line are nobody's reading."""
    folder = declare(PILOT, panel(courses()), source=SOURCE)
    text = dict(explain("trial/effect/y", folder).facts)["estimator"]
    for name in ("placebo_rank", "conformal_ends", "placebo_ends", "synthetic_did", "weights"):
        assert name in text
    assert "counterfactual" not in text


def test_california_comes_out_of_its_published_file(declare: Declare, shared_data: Path) -> None:
    """From the file as it was published: -19.5 packs, rank 3 of 39, grade B, and not decided."""
    source = """\
source: units
kind: file
path: prop99.csv
fact: panel
sql: >
  select State as unit_id, Year as period, case when State = 'California' then 1989 end as starts,
  PacksPerCapita as y from file
"""
    folder = declare(PILOT, source=source)
    shutil.copy(shared_data / "causal-classics" / "prop99_california.csv", folder / "prop99.csv")
    found = estimates(reviewed(folder), "effect")["y"]
    assert found["value"] == approx(-19.5136, abs=5e-5)
    assert (found["grade"], found["placebo_rank"], found["groups"]) == ("B", 3, 39)
    assert found["synthetic_did"]["value"] == approx(-15.605, abs=0.005)
    assert found["difference_in_differences"]["value"] == approx(-27.34911, abs=5e-6)
    assert next(iter(found["weights"])) == "Utah"
    assert found["low"] < 0 < found["high"]
    assert len(found["counterfactual"]["placebos"]) == 34
