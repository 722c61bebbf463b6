"""A pilot has what its design needs, or says what is absent."""

import math
from collections.abc import Mapping

import pytest
from tests.unit.portfolio.conftest import INITIATIVE, Declare

from headway.portfolio.pilot import Pilot

PILOT = {
    "design": "randomised",
    "source": "replies",
    "arms": {"control": "50 %", "assisted": "50 %"},
    "metric": "reopened",
    "objective": {"change": "-10 %", "scale": "relative"},
}
PUBLISHED = {
    "design": "published",
    "metric": "minutes",
    "objective": {"change": "-10 %", "scale": "relative"},
    "estimates": [{"metric": "minutes", "value": "0.19", "low": "0.02", "high": "0.39"}],
    "citation": "METR, 2025",
    "published": "2025-07-10",
}


def faults(base: Mapping[str, object], **changes: object) -> list[tuple[str, tuple[str | int, ...]]]:
    """Codes and paths of what is wrong with a pilot; a change to None takes the key away."""
    pilot = Pilot.model_validate({k: v for k, v in {**base, **changes}.items() if v is not None})
    return [(fault.code, fault.path) for fault in pilot.faults()]


def test_sound_pilots_have_no_fault() -> None:
    """Neither a running nor a published pilot is blamed for what its design does not need."""
    assert faults(PILOT) == []
    assert faults(PUBLISHED) == []
    assert faults(PILOT, source=None, window={"length": "14d"}, covariates=["reopened@-28d", "age"]) == []
    assert faults(PILOT, looks="daily", plan={"units": "2400"}) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"source": None}, ("HW432", ("source",))),
        ({"source": None, "key": "replies"}, ("HW432", ("window",))),
        ({"covariates": ["age", "reopened"]}, ("HW414", ("covariates", 1))),
        ({"proxies": ["drafts"], "covariates": ["drafts"]}, ("HW414", ("covariates", 0))),
        ({"arms": {"control": "100 %"}}, None),
        ({"arms": ["assisted"]}, ("HW432", ("arms",))),
        ({"arms": {"control": "50 %", "assisted": "60 %"}}, ("HW432", ("arms",))),
        ({"arms": {"control": "50 %", "assisted": None}}, ("HW432", ("arms",))),
        ({"control": "nobody"}, ("HW432", ("control",))),
        ({"looks": "daily"}, ("HW432", ("looks",))),
        ({"looks": "weekly", "plan": {"icc": "0.1"}}, ("HW432", ("looks",))),
        ({"proxies": ["drafts", "reopened"]}, ("HW408", ("metric",))),
        ({"dates": {"starts": "2026-02-01", "ends": "2026-02-01"}}, ("HW105", ("dates", "ends"))),
        ({"objective": {"change": "-100 %", "scale": "log"}}, ("HW105", ("objective", "change"))),
        ({"promote_above": "-200 %"}, ("HW105", ("promote_above",))),
    ],
)
def test_what_a_design_needs_is_asked_for(
    changes: dict[str, object], found: tuple[str, tuple[str | int, ...]] | None
) -> None:
    """One thing is wrong, and one fault says so, with the path of the culprit."""
    if found is None:
        with pytest.raises(ValueError, match="the share of units in this arm"):
            faults(PILOT, **changes)
    else:
        assert faults(PILOT, **changes) == [found]


@pytest.mark.parametrize("span", ["28d", "+28d", "-0d", "-28", ""])
def test_a_covariate_that_reaches_beyond_the_exposure_is_refused(span: str) -> None:
    """The treatment may have moved it; in a table of units the name of a column may hold anything."""
    events: dict[str, object] = {"source": None, "window": {"length": "14d"}}
    assert faults(PILOT, **events, covariates=[f"reopened@{span}"]) == [("HW414", ("covariates", 0))]
    assert faults(PILOT, covariates=[f"reopened@{span}"]) == []


def test_a_pilot_has_one_primary_metric(declare: Declare) -> None:
    """Of two, the one that moved would be picked afterwards."""
    pilot = (
        "pilot: {design: randomised, source: a, arms: [a, b], metric: [a, b], objective: {change: '-1'}}\n"
    )
    found = {d.code: d.what for d in declare({"initiatives.yaml": INITIATIVE + pilot}).diagnostics}
    assert found["HW407"] == "'metric' is a list; expected one primary metric"
    number = pilot.replace("[a, b], objective", "{a: b}, objective")
    assert "HW105" in {d.code for d in declare({"initiatives.yaml": INITIATIVE + number}).diagnostics}


@pytest.mark.parametrize("design", ["synthetic", "interrupted", "staggered", "rollout_order"])
def test_a_design_over_time_has_no_arms(design: str) -> None:
    """Who is treated, and from when, stands in the rows; arms beside it would contradict them."""
    assert faults(PILOT, design=design, arms=None) == []
    assert faults(PILOT, design=design) == [("HW432", ("arms",))]


@pytest.mark.parametrize("design", ["synthetic", "interrupted"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cluster", "team"),
        ("covariates", ["size"]),
        ("fixed_effects", ["region"]),
        ("statistic", "median"),
        ("looks", "daily"),
    ],
)
def test_one_treated_group_is_compared_by_means_and_once(design: str, key: str, value: object) -> None:
    """A setting that the design would not heed is refused, not passed over."""
    assert faults(PILOT, design=design, arms=None, **{key: value}) == [("HW432", (key,))]


@pytest.mark.parametrize("key", ["estimates", "citation", "published"])
def test_a_published_pilot_carries_its_publication(key: str) -> None:
    """Without figures, citation or date nobody could look it up."""
    assert faults(PUBLISHED, **{key: None}) == [("HW432", (key,))]


def test_a_published_value_lies_inside_its_interval() -> None:
    """A slip in copying is found."""
    wrong = [{"metric": "minutes", "value": "0.91", "low": "0.02", "high": "0.39"}]
    assert faults(PUBLISHED, estimates=wrong) == [("HW105", ("estimates", 0, "value"))]


def test_arms_are_named_with_or_without_shares() -> None:
    """A list of names plans no shares; the control is the arm of that name, else the first."""
    listed = Pilot.model_validate({**PILOT, "arms": ["none", "ai"]})
    assert (listed.control, listed.treatments, listed.shares) == ("none", ("ai",), None)
    shared = Pilot.model_validate({**PILOT, "arms": {"assisted": "0.25", "control": "0.75"}})
    assert (shared.control, shared.treatments) == ("control", ("assisted",))
    assert shared.shares == {"assisted": 0.25, "control": 0.75}


@pytest.mark.parametrize(
    ("change", "scale", "bound"),
    [("-10 %", "relative", math.log(0.9)), ("0.5", "log", math.log(1.5)), ("-10 %", "absolute", -0.1)],
)
def test_an_objective_is_compared_on_the_scale_of_the_estimate(change: str, scale: str, bound: float) -> None:
    """A relative change is a difference of logarithms; an absolute one is itself."""
    pilot = Pilot.model_validate(
        {**PILOT, "objective": {"change": change, "scale": scale}, "promote_above": "0 %"}
    )
    assert pilot.objective.bound == pytest.approx(bound)
    assert pilot.hurdle == 0


def test_a_fault_of_a_pilot_stands_at_its_value(declare: Declare) -> None:
    """The initiative's file, line and column are named, not only the initiative."""
    text = INITIATIVE + (
        "pilot:\n"
        "  design: randomised\n"
        "  source: replies\n"
        "  arms: {control: much, assisted: 50 %}\n"
        "  metric: reopened\n"
        "  objective: {change: a lot}\n"
        "  covariates: [a, b, c, d, e, f, g, h, i]\n"
    )
    found = declare({"initiatives/reply-assistant.yaml": text}).diagnostics
    assert [(f.code, f.place.line, f.place.column) for f in found] == [
        ("HW105", 9, 19),
        ("HW105", 11, 23),
        ("HW105", 12, 15),
    ]
