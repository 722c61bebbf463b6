"""Staggered rollouts: cohort sums give what R and diff-diff get from rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna
from tests.unit.statistics.counties import YEARS, in_r, panel, rows

from headway.statistics.contrast import Degenerate
from headway.statistics.panel import Panel
from headway.statistics.staggered import (
    Cells,
    Controls,
    Over,
    averages,
    cells,
    simple,
    uniform_critical,
    wald,
)

SCENARIOS: list[tuple[Controls, str]] = [("never", "nev"), ("not_yet", "nyt")]


@pytest.fixture(params=SCENARIOS, ids=["never", "not_yet"])
def both(request: pytest.FixtureRequest) -> tuple[Cells, str]:
    """The cells of the counties with either kind of controls, and the name R's files have for it."""
    return cells(panel(), request.param[0]), request.param[1]


def test_every_cell_is_that_of_r(both: tuple[Cells, str]) -> None:
    """Each cohort in each year, placebos too: estimate and standard error to 1e-9."""
    found, scenario = both
    theirs = in_r(scenario, "cell")
    se = found.effects.se
    assert len(found.cells) == len(theirs) == 12
    for i, cell in enumerate(found.cells):
        att, their_se = theirs[str(YEARS[cell.start]), str(YEARS[cell.period])]
        assert found.effects.theta[i] == pytest.approx(att, abs=1e-9)
        assert se[i] == pytest.approx(their_se, abs=1e-9)


@pytest.mark.parametrize("over", ["group", "dynamic", "calendar"])
def test_every_average_is_that_of_r(both: tuple[Cells, str], over: Over) -> None:
    """By cohort, by years since the start and by year, and the average of each, to 1e-9."""
    found, scenario = both
    made, theirs = averages(found, over), in_r(scenario, over)
    assert len(theirs) == len(made.labels) + 1
    assert (made.overall.theta[0], made.overall.se[0]) == pytest.approx(theirs["overall", ""], abs=1e-9)
    for i, label in enumerate(made.labels):
        name = str(label if over == "dynamic" else YEARS[label])
        assert (made.effects.theta[i], made.effects.se[i]) == pytest.approx(theirs[name, ""], abs=1e-9)


def test_the_simple_average_is_that_of_r(both: tuple[Cells, str]) -> None:
    """Over all treated cells: -.0399512752 (.0120340128), and -.0397636256 (.0120524249)."""
    found, scenario = both
    made = simple(found)
    assert (made.theta[0], made.se[0]) == pytest.approx(in_r(scenario, "simple")["overall", ""], abs=1e-9)


def test_the_trend_before_the_start_is_tested_as_in_r() -> None:
    """The five placebos together: W 7.791237, p .168122."""
    found = cells(panel(), "never")
    test = wald(found.effects.at(found.before))
    assert test is not None
    assert test.df == 5
    assert test.w == pytest.approx(7.79123662720035, abs=1e-9)
    assert test.p_value == pytest.approx(0.168122, abs=1e-6)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(("controls", "theirs"), [("never", "never_treated"), ("not_yet", "not_yet_treated")])
def test_an_event_study_is_that_of_row_level_software(controls: Controls, theirs: str) -> None:
    """Unequal cohorts with trends of their own: diff-diff on the rows says the same to 1e-10."""
    draw = np.random.default_rng(3)
    starts = np.repeat([2, 3, 5, 8], [30, 41, 17, 60])
    y = draw.normal(0, 1, (148, 7)).cumsum(axis=1) + (np.arange(7) >= starts[:, None]) * 0.7
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(148), 7),
            "time": np.tile(np.arange(1, 8), 148),
            "y": y.ravel(),
            "first": np.repeat(np.where(starts < 7, starts + 1, 0), 7),
        }
    )
    fitted = CallawaySantAnna(control_group=theirs, estimation_method="reg").fit(
        frame, outcome="y", unit="unit", time="time", first_treat="first", aggregate="event_study"
    )
    found = cells(Panel.from_rows(y, starts), controls)
    study, all_in_one = averages(found, "dynamic"), simple(found)
    assert all_in_one.theta[0] == pytest.approx(fitted.overall_att, abs=1e-10)
    assert all_in_one.se[0] == pytest.approx(fitted.overall_se, abs=1e-10)
    assert study.labels == tuple(sorted(fitted.event_study_effects))
    for i, since in enumerate(study.labels):
        one = fitted.event_study_effects[since]
        assert (study.effects.theta[i], study.effects.se[i]) == pytest.approx((one["effect"], one["se"]))


def test_a_universal_base_counts_every_placebo_from_the_last_period_before() -> None:
    """With never-treated controls, a placebo from the last period back is the varying ones, added up."""
    stepwise, from_last = cells(panel(), "never"), cells(panel(), "never", base="universal")
    at = {(c.start, c.period): t for c, t in zip(stepwise.cells, stepwise.effects.theta, strict=True)}
    back = {(c.start, c.period): t for c, t in zip(from_last.cells, from_last.effects.theta, strict=True)}
    assert back[4, 1] == pytest.approx(-(at[4, 2] + at[4, 3]))
    assert back[4, 0] == pytest.approx(-(at[4, 1] + at[4, 2] + at[4, 3]))
    assert (4, 3) not in back
    assert back[4, 4] == at[4, 4]


def test_a_cell_without_a_control_is_named_and_left_out() -> None:
    """When all are treated at last, nobody is left to be compared with the last cohort."""
    draw = np.random.default_rng(1)
    y, starts = draw.normal(size=(20, 4)), np.repeat([1, 3], 10)
    found = cells(Panel.from_rows(y, starts))
    assert [(c.start, c.period) for c in found.without_control] == [(1, 3), (3, 1), (3, 2), (3, 3)]
    assert [(c.start, c.period) for c in found.cells] == [(1, 1), (1, 2)]
    assert not cells(Panel.from_rows(y, starts), "never").cells


def test_who_was_treated_from_the_start_takes_no_part() -> None:
    """Without a before there is no change to see; the others' effects stay what they are."""
    y, starts = rows()
    more = np.vstack([y, y[:7] + 3]), np.append(starts, np.zeros(7, dtype=np.intp))
    found = cells(Panel.from_rows(*more), "never")
    assert found.from_start
    assert found.effects.theta.tolist() == pytest.approx(cells(panel(), "never").effects.theta.tolist())


@pytest.mark.parametrize(
    ("starts", "words"), [([0, 0], "cohort"), ([1, 1], "compared"), ([9, 9], "compared")]
)
def test_a_rollout_without_comparison_has_no_estimate(starts: list[int], words: str) -> None:
    """All from the start, all at once, or nobody: a reason, not a number."""
    y = np.random.default_rng(2).normal(size=(4, 3))
    with pytest.raises(Degenerate, match=words):
        simple(cells(Panel.from_rows(y, np.repeat(starts, 2))))


def test_a_uniform_band_is_wider_than_one_interval_and_as_wide_as_it_must_be() -> None:
    """Independent estimates need the Sidak quantile, copies of one estimate need no more than one does."""
    assert uniform_critical(np.eye(1)) == pytest.approx(1.96, abs=0.02)
    assert uniform_critical(np.eye(5)) == pytest.approx(2.569, abs=0.02)
    assert uniform_critical(np.full((5, 5), 4.0)) == pytest.approx(1.96, abs=0.02)
    assert uniform_critical(np.zeros((2, 2))) == 0
    assert uniform_critical(np.eye(3), seed=4) == uniform_critical(np.eye(3), seed=4)


def test_placebos_that_say_the_same_count_once() -> None:
    """A rollout with one placebo told twice has one degree of freedom, and none without a variance."""
    found = cells(panel(), "never")
    one = found.effects.at([4])
    twice = wald(found.effects.at([4, 4]))
    alone = wald(one)
    assert twice is not None
    assert alone is not None
    assert twice.df == 1
    assert twice.w == pytest.approx(alone.w)
    assert wald(found.effects.at([])) is None
