"""The predicate `measure` as written: every fault is told at its place before anything is judged."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.gates.scenes import faults

from headway.gates.rules.measure import number


@pytest.mark.parametrize(
    ("measure", "metric", "allowed"),
    [
        ("return_probability", None, True),
        ("returns", "return_probability", True),
        ("srm", None, True),
        ("cost", "unallocated_share", True),
        ("effect", None, False),
        ("return", None, False),
        ("returns", None, False),
        ("utilisation", "used_share", False),
    ],
)
def test_a_point_value_is_judged_only_where_it_is_the_whole_truth(
    measure: str, metric: str | None, allowed: bool
) -> None:
    """`use: value` hides the doubt of everything but probabilities and census counts (HW503)."""
    named = {"metric": metric} if metric else {}
    found = faults({"id": "scale.value.x", "measure": measure, **named,
                    "bound": {"use": "value", "op": ">", "value": "0"}})  # fmt: skip
    assert [(d.code, d.place.file) for d in found] == ([] if allowed else [("HW503", "bound.use")])


@pytest.mark.parametrize("text", ["nan", "-inf", "1e999", "", "a", "10 EUR", None, ["1"], {"a": "b"}])
def test_what_is_no_number_is_none(text: object) -> None:
    """Neither NaN nor infinity ever becomes a bound."""
    assert number(text) is None


SOUND: dict[str, Any] = {"id": "scale.value.x", "measure": "effect", "bound": {"op": ">", "value": "0"}}


@pytest.mark.parametrize(
    ("change", "code", "place", "words"),
    [
        ({"measure": "velocity"}, "HW502", "measure", "no measure is called 'velocity'"),
        ({"measure": "return_probability", "metric": "return"}, "HW105", "metric", "takes no metric"),
        ({"metric": ["a"]}, "HW105", "metric", "is not a text"),
        ({"measure": "utilisation"}, "HW105", "measure", "has several metrics"),
        ({"bound": None}, "HW105", "bound", "needs a bound"),
        ({"bound": {"op": ">"}}, "HW105", "bound", "needs a bound"),
        ({"bound": {"op": ">", "value": "0", "levl": "1"}}, "HW103", "bound.levl", "no part of a bound"),
        ({"bound": {"op": "~", "value": "0"}}, "HW105", "bound.op", "is no comparison"),
        ({"bound": {"op": ["<"], "value": "0"}}, "HW105", "bound.op", "is no comparison"),
        ({"bound": {"op": ">", "value": "0", "use": "mid"}}, "HW105", "bound.use", "no part of an interval"),
        ({"bound": {"op": ">", "value": "much"}}, "HW105", "bound.value", "is not a number"),
        ({"bound": {"op": ">", "value": "nan"}}, "HW105", "bound.value", "is not a number"),
        ({"bound": {"op": ">", "value": {"initiative.pilot.x": ""}}}, "HW105", "bound.value", "is a mapping"),
        ({"bound": {"op": ">", "value": "{outcome.target.value}"}}, "HW505", "bound.value", "no path into"),
        ({"bound": {"op": ">", "value": "{initiative}"}}, "HW505", "bound.value", "no path into"),
        ({"bound": {"op": ">", "value": "0", "level": "95"}}, "HW105", "bound.level", "is no level"),
        ({"bound": {"op": ">", "value": "0", "level": "0"}}, "HW105", "bound.level", "is no level"),
        ({"bound": {"op": ">", "value": "0", "level": "high"}}, "HW105", "bound.level", "is no level"),
    ],
)
def test_a_faulty_bound_is_told_at_its_place(
    change: dict[str, Any], code: str, place: str, words: str
) -> None:
    """Every part of a bound that cannot be read has its own line."""
    assert faults(SOUND) == []
    found = faults({**SOUND, **change})
    assert [(d.code, d.place.file) for d in found] == [(code, place)]
    assert words in found[0].what


def test_a_path_without_quotes_is_told_how_to_mend() -> None:
    """YAML reads braces as a mapping: the mend is the quotes."""
    (found,) = faults({**SOUND, "bound": {"op": ">", "value": {"initiative.pilot.promote_above": ""}}})
    assert "in quotes" in found.mend
