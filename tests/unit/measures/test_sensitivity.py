"""How far trends may drift is asked of diff-diff with cohort sums, and comes out as from rows."""

from __future__ import annotations

import diff_diff
import numpy as np
import pytest
from tests.unit.statistics.counties import panel

from headway.measures.value.effect.sensitivity import Breakdown, breakdown, coefficients, results
from headway.statistics.panel import Panel
from headway.statistics.staggered import averages, cells


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_counties_with_drift_as_large_as_before() -> None:
    """M = 1 on placebos period by period: −.194 to .040; on placebos from the last period: −.176 to .022."""
    honest = diff_diff.HonestDiD(method="relative_magnitude", M=1.0)
    stepwise = averages(cells(panel(), "never"), "dynamic")
    given = results(diff_diff, stepwise.labels, stepwise.effects.theta, stepwise.effects.covariance)
    found = honest.fit(given)
    assert (found.ci_lb, found.ci_ub) == pytest.approx((-0.194, 0.040), abs=5e-4)
    study = coefficients(cells(panel()))
    assert study is not None
    assert study[0] == (-4, -3, -2, 0, 1, 2, 3)
    found = honest.fit(results(diff_diff, *study))
    assert (found.ci_lb, found.ci_ub) == pytest.approx((-0.176, 0.022), abs=1e-3)


def test_the_counties_withstand_two_thirds_of_it() -> None:
    """The average over time since the start is in doubt from M = .64 on."""
    found = breakdown(cells(panel()))
    assert found is not None
    assert found.m == pytest.approx(0.64, abs=0.02)
    assert found.words == "withstands trends that drift up to 0.64 times as fast as before the start"
    assert found.as_json()["m"] == found.m


@pytest.mark.parametrize(
    ("m", "words"),
    [
        (0.0, "the average over time since the start is in doubt even if trends do not drift"),
        (None, "withstands trends that drift 10 times as fast as before the start"),
    ],
)
def test_the_ends_of_the_scale_have_words_of_their_own(m: float | None, words: str) -> None:
    """Nothing withstood, or more than is asked for."""
    assert Breakdown(m).words == words


def test_without_two_periods_before_a_start_there_is_nothing_to_compare_with() -> None:
    """One period before the first start and no later one: no bound; gaps in event time end what is used."""
    y = np.random.default_rng(0).normal(size=(12, 3))
    assert breakdown(cells(Panel.from_rows(y, np.repeat([1, 3], 6)))) is None
    assert coefficients(cells(Panel.from_rows(y, np.repeat([3, 3], 6)))) is None
