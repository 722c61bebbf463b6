"""A contrast gives interval and p-value of one estimate."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from headway.statistics.contrast import Contrast, Degenerate


@pytest.mark.parametrize("df", [1.0, 4.2, 30.0, 1e7, math.inf])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_interval_uses_the_student_quantile(df: float, level: float) -> None:
    """The half-width is the t quantile (normal at infinite df) times the standard error."""
    low, high = Contrast(3.0, 0.5, df, 10).interval(level)
    expected = stats.t.interval(level, df, 3.0, 0.5)
    assert (low, high) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("df", [1.0, 4.2, 30.0, math.inf])
def test_p_value_agrees_with_the_interval(df: float) -> None:
    """A null at the end of the 95 % interval has p = .05, on either side."""
    c = Contrast(-2.0, 0.7, df, 10)
    assert [c.p_value(end) for end in c.interval(0.95)] == pytest.approx([0.05, 0.05], rel=1e-9)
    assert c.p_value() == pytest.approx(2 * stats.t.sf(2.0 / 0.7, df), rel=1e-10)


def test_scaling_changes_the_unit_only() -> None:
    """A factor scales estimate and standard error; df, n and p-value stay."""
    c = Contrast(2.0, 0.5, 7.0, 9, clusters=4, method="CR2")
    assert c.scaled_by(-10) == Contrast(-20.0, 5.0, 7.0, 9, clusters=4, method="CR2")
    assert c.scaled_by(-10).p_value() == c.p_value()


@pytest.mark.parametrize(
    ("theta", "se", "df", "reason"),
    [
        (math.nan, 1.0, 5.0, "not_finite"),
        (1.0, math.inf, 5.0, "not_finite"),
        (1.0, 1.0, math.nan, "not_finite"),
        (1.0, 1.0, 0.0, "not_finite"),
        (1.0, 0.0, 5.0, "zero_variance"),
    ],
)
def test_no_contrast_without_a_standard_error(theta: float, se: float, df: float, reason: str) -> None:
    """NaN, infinity and a zero standard error are refused by name."""
    with pytest.raises(Degenerate) as caught:
        Contrast(theta, se, df, 10)
    assert caught.value.reason == reason
    assert caught.value.detail in str(caught.value)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_level_is_a_share(level: float) -> None:
    """A level of 95 is a mistake, not an interval."""
    with pytest.raises(ValueError, match="level"):
        Contrast(1.0, 1.0, 5.0, 10).interval(level)
