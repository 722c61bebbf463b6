"""One series and a moment: what the design interrupted says of it, alone and beside others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from pytest import approx  # noqa: PT013
from tests.unit.measures.panels import (
    INTERRUPTED,
    RELATIVE,
    courses,
    panel,
    seen,
    told,
)
from tests.unit.small import Declare, Rows, codes, estimates, reviewed


def test_no_effect_is_shown_before_the_end(declare: Declare) -> None:
    """Neither the number nor a warning that tells it."""
    pilot = INTERRUPTED.replace("2026-03-01", "2026-05-01")
    made = seen(declare, pilot, panel(courses(donors=0)))
    assert estimates(made, "effect") == {}
    assert "HW421" not in codes(made)


def test_an_interrupted_series_alone_is_grade_c_without_an_e_value(declare: Declare) -> None:
    """Statsmodels at the same memory gives the same effect and error; nothing may promote it."""
    y = 50 + np.tile([0.4, -0.3, 0.1, -0.5, 0.3], 6)[:, None] + 0.0
    y[22:] -= 6
    made = seen(declare, INTERRUPTED, panel(y))
    found = estimates(made, "effect")["y"]
    t = np.arange(30.0)
    after = t >= 22
    design = np.stack([np.ones(30), t, after, (t - 21) * after], axis=1)
    distance = np.abs(t[:, None] - t[None, :])
    oracle = sm.GLS(y[:, 0], design, sigma=found["memory"] ** distance).fit()
    weights = np.array([0, 0, 1, (t - 21)[after].mean()])
    assert found["value"] == approx(float(weights @ oracle.params), abs=1e-8)
    assert found["se"] == approx(float(np.sqrt(weights @ oracle.cov_params() @ weights)), abs=1e-8)
    assert (found["low"], found["high"]) == approx(
        tuple(np.ravel(oracle.t_test(weights).conf_int())), abs=1e-8
    )
    assert (found["grade"], found["e"], found["counterfactual"]["kind"]) == ("C", None, "trend")
    assert "HW421" not in codes(made)


def test_a_series_that_drifts_is_shown_with_its_doubt(declare: Declare) -> None:
    """A random walk: made-up dates move it as much, HW421 names them, and the number stays visible."""
    y = np.random.default_rng(8).normal(size=(40, 1)).cumsum(axis=0) + 50
    made = seen(declare, INTERRUPTED, panel(y, 30))
    assert "may be drift" in told(made, "HW421")
    found = estimates(made, "effect")["y"]
    assert found["grade"] == "C"
    assert len(found["placebo_dates"]) == 4


def test_controls_lift_an_interrupted_series_to_b(declare: Declare) -> None:
    """Less the mean of twelve offices that move alike: grade B, ranked among them."""
    draw = np.random.default_rng(3)
    y = 40 + draw.normal(size=(30, 1)).cumsum(axis=0) * 2 + draw.normal(0, 0.2, (30, 13))
    y[22:, 0] -= 4
    made = seen(declare, INTERRUPTED, panel(y))
    found = estimates(made, "effect")["y"]
    assert found["value"] == approx(-4, abs=0.6)
    assert (found["grade"], found["groups"], found["counterfactual"]["kind"]) == ("B", 13, "controlled")
    assert np.exp(found["e"]["log_one_sided"]) == approx(13**0.5 / 2)


def test_a_drift_beside_controls_is_grade_c(declare: Declare) -> None:
    """Enough offices and a close fit, but made-up dates move the difference as much: that is the reason."""
    draw = np.random.default_rng(2)
    y = 40 + 3 * draw.normal(size=(30, 1)).cumsum(axis=0) + draw.normal(0, 0.05, (30, 13))
    y[:, 0] += 0.3 * draw.normal(size=30).cumsum()
    made = seen(declare, INTERRUPTED, panel(y))
    record = made.collected.evidence["trial"][0].estimate
    assert "HW421" in codes(made)
    assert record.grade.value == "C"
    assert [r.split()[0] for r in record.grade_reasons] == ["made-up"]


def test_one_control_ranks_nothing(declare: Declare) -> None:
    """With a single other series there is an effect, grade C, and no e-value."""
    y = courses(donors=1)
    found = estimates(seen(declare, INTERRUPTED, panel(y + np.arange(30)[:, None] * 0)), "effect")["y"]
    assert (found["grade"], found["e"]) == ("C", None)


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (panel(courses(donors=0, periods=11, starts=8), 8), "HW419", "11 periods"),
        (panel(courses(donors=0), 1), "HW419", "1 period before"),
        (panel(courses(donors=0), 0), "HW419", "0 periods before"),
        (panel(courses(donors=0) * 0), "HW406", "without error"),
        (panel(np.arange(30.0)[:, None]), "HW406", "without error"),
    ],
)
def test_what_allows_no_trend_has_its_code(declare: Declare, rows: Rows, code: str, words: str) -> None:
    """Too short, treated from the start, all zero, a straight line: no number."""
    made = seen(declare, INTERRUPTED, rows)
    assert estimates(made, "effect") == {}
    assert words in told(made, code)


def test_a_relative_interrupted_effect_is_over_the_continued_trend(declare: Declare) -> None:
    """The mean of the trend after the date is what the effect is a share of."""
    plain = estimates(seen(declare, INTERRUPTED, panel(courses())), "effect")["y"]
    pilot = RELATIVE.replace("synthetic", "interrupted")
    found = estimates(seen(declare, pilot, panel(courses())), "effect")["y"]
    assert found["value"] == approx(plain["value"] / plain["control_mean"], abs=1e-9)


def test_california_alone_is_told_with_its_doubt(declare: Declare, shared_data: Path) -> None:
    """-16.9 packs, grade C, no e-value, and HW421 with the four years in which no law was made."""
    source = """\
source: units
kind: file
path: prop99.csv
fact: panel
sql: >
  select State as unit_id, Year as period, 1989 as starts, PacksPerCapita as y from file
  where State = 'California'
"""
    folder = declare(INTERRUPTED, source=source)
    shutil.copy(shared_data / "causal-classics" / "prop99_california.csv", folder / "prop99.csv")
    made = reviewed(folder)
    found = estimates(made, "effect")["y"]
    assert (found["value"], found["se"]) == approx((-16.93, 6.23), abs=0.005)
    assert (found["grade"], found["e"]) == ("C", None)
    assert "1978 −22.4, 1980 −16.3, 1982 −14.4, 1984 −10.8" in told(made, "HW421")
