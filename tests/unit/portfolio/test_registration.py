"""What a registration freezes: all that could be chosen anew once the data are seen, and nothing else."""

from __future__ import annotations

import pytest

from headway.portfolio.pilot import Pilot
from headway.portfolio.registration import SCHEMA, digest_of, frozen
from headway.statistics.sequential import r_star

PILOT = {
    "design": "clusters",
    "source": "units",
    "unit": "call",
    "cluster": "team",
    "arms": {"control": "50 %", "treated": "50 %"},
    "metric": "minutes",
    "objective": {"change": "-10 %", "scale": "relative"},
    "promote_above": "0 %",
    "window": {"length": "14d"},
    "covariates": ["before", "age"],
    "dates": {"starts": "2026-01-12", "ends": "2026-04-12"},
    "looks": "daily",
    "plan": {"units": "2400", "icc": "0.1", "smallest_effect": "-8 %"},
    "guardrails": [{"metric": "errors", "kind": "mean", "worse": "up", "margin": {"relative": "0.05"}}],
}


def pilot(**changed: object) -> Pilot:
    """The pilot above with some keys written otherwise."""
    return Pilot.model_validate({**PILOT, **changed})


def test_it_holds_what_the_design_says() -> None:
    """Numbers are numbers, and level and r are in it."""
    made = frozen(pilot())
    assert made["schema"] == SCHEMA
    assert made["arms"] == {"control": 0.5, "treated": 0.5}
    assert made["objective"] == {"change": -0.1, "scale": "relative"}
    assert made["window"] == {"length": "14d", "absent": "missing"}
    assert made["plan"] == {"units": 2400, "icc": 0.1, "smallest_effect": -0.08}
    assert (made["alpha"], made["r"]) == (0.05, r_star(0.05))
    assert (made["starts"], made["ends"]) == ("2026-01-12", None)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"promote_above": "0"},
        {"objective": {"change": "-0.10", "scale": "relative"}},
        {"covariates": ["age", "before"]},
        {"arms": {"treated": "0.5", "control": "0.5"}, "control": "control"},
        {"source": "elsewhere"},
        {"proxies": ["clicks"]},
        {"stop": "after a complaint"},
        {"budget": "80000 EUR"},
        {"dates": {"starts": "2026-01-12", "ends": "2026-05-12"}},
        {"plan": {**PILOT["plan"], "weekly": "200", "sd": "3", "mean": "10", "clusters": "40"}},  # type: ignore[dict-item]
    ],
)
def test_the_same_design_has_the_same_digest(otherwise: dict[str, object]) -> None:
    """How it is written, where its rows lie, what it costs and when it ends change nothing."""
    assert digest_of(pilot(**otherwise)) == digest_of(pilot())


@pytest.mark.parametrize(
    "otherwise",
    [
        {"key": "calls"},
        {"design": "randomised"},
        {"unit": "caller"},
        {"cluster": "site"},
        {"arms": {"control": "60 %", "treated": "40 %"}},
        {"control": "treated"},
        {"metric": "hours"},
        {"statistic": "median"},
        {"objective": {"change": "10 %", "scale": "relative"}},
        {"objective": {"change": "-10 %", "scale": "log"}},
        {"promote_above": "-2 %"},
        {"window": {"length": "7d"}},
        {"window": {"length": "14d", "absent": "zero"}},
        {"window": None},
        {"covariates": ["before"]},
        {"fixed_effects": ["month"]},
        {"dates": {"starts": "2026-01-13", "ends": "2026-04-12"}},
        {"dates": None},
        {"looks": "weekly"},
        {"plan": {**PILOT["plan"], "units": "2500"}},  # type: ignore[dict-item]
        {"plan": {**PILOT["plan"], "icc": "0.2"}},  # type: ignore[dict-item]
        {"plan": None, "looks": "once"},
        {"guardrails": []},
        {"guardrails": [{"metric": "errors", "worse": "up", "margin": {"relative": "0.06"}}]},
    ],
)
def test_another_design_has_another_digest(otherwise: dict[str, object]) -> None:
    """Each part that could be chosen to make an effect appear is in it."""
    assert digest_of(pilot(**otherwise)) != digest_of(pilot())


def test_the_last_day_is_frozen_where_it_is_the_only_look() -> None:
    """Of a fixed look the day is part of the design."""
    once = pilot(looks="once")
    later = pilot(looks="once", dates={"starts": "2026-01-12", "ends": "2026-05-12"})
    assert frozen(once)["ends"] == "2026-04-12"
    assert digest_of(once) != digest_of(later)
