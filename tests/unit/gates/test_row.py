"""A row as written: every fault at its own place, and the way back to what was written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.gates.scenes import faults, requirement

from headway.gates.row import typed
from headway.kernel.diagnostic import Place
from headway.kernel.estimate import Grade

ROW: dict[str, Any] = {"id": "scale.risk.works-council", "owner": "accountable"}
BOUND = {"op": ">", "value": "0"}


def told(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Codes and the paths they point at."""
    return [(d.code, d.place.file) for d in faults(row)]


def test_everything_a_row_may_say_is_kept() -> None:
    """Typed and written again, a row is the same row."""
    row = {
        "id": "scale.value.x", "measure": "effect", "metric": "complaints", "bound": BOUND, "grade": "B",
        "max_age": "6h", "stands": "365d", "min_n": "40", "mode": "warn", "move": "hr", "standing": "yes",
        "waivable": "false", "guidance": "g", "law": "L2", "why": "w", "good_example": "e",
    }  # fmt: skip
    made = requirement(**row)
    assert (made.grade, made.max_age, made.stands, made.min_n) == (
        Grade.B,
        timedelta(hours=6),
        timedelta(days=365),
        40,
    )
    assert (made.standing, made.waivable, made.gate) == (True, False, "scale")
    again, found = typed(made.as_json(), lambda *_: Place("again"))
    assert (again, found) == (made, [])
    assert made.as_json() == {**row, "standing": "true"}


def test_a_grade_can_be_taken_back() -> None:
    """A dash asks for no grade, as in the table of the operating model."""
    assert requirement(**{**ROW, "grade": "-"}).grade is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": "works-council"}, [("HW105", "id")]),
        ({"id": "ship.risk.x"}, [("HW105", "id")]),
        ({"id": "scale.luck.x"}, [("HW105", "id")]),
        ({"id": "scale.risk."}, [("HW105", "id")]),
        ({"mode": "strict"}, [("HW105", "mode")]),
        ({"grade": "E"}, [("HW105", "grade")]),
        ({"max_age": "a month"}, [("HW105", "max_age")]),
        ({"max_age": "{initiative.pilot.window.length}"}, [("HW105", "max_age")]),
        ({"max_age": {"days": "3"}}, [("HW105", "max_age")]),
        ({"max_age": "9999999999999d"}, [("HW105", "max_age")]),
        ({"min_n": "-1"}, [("HW105", "min_n")]),
        ({"standing": "sometimes"}, [("HW105", "standing")]),
        ({"move": ["hr"]}, [("HW105", "move")]),
        ({"levle": "0.95"}, [("HW103", "levle")]),
        ({"bound": BOUND}, [("HW103", "bound")]),
        ({"owner": "sponsor"}, [("HW105", "owner")]),
        ({"declared": ["problem"]}, [("HW502", "declared")]),
        (
            {"mode": "strict", "grade": "E", "levle": "1"},
            [("HW103", "levle"), ("HW105", "mode"), ("HW105", "grade")],
        ),
    ],
)
def test_a_fault_is_told_at_its_place(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """All faults of a row in one run, each where it stands."""
    assert told(ROW) == []
    assert told({**ROW, **change}) == expected


def test_a_predicate_that_nothing_registers_is_told_with_the_nearest() -> None:
    """A slip of the pen gets its hint; a row without a predicate is told so."""
    (slip,) = faults({"id": "scale.value.x", "mesure": "effect", "bound": BOUND})
    assert (slip.code, slip.place.file) == ("HW502", "mesure")
    assert "did you mean 'measure'?" in slip.what
    (none,) = faults({"id": "scale.value.x", "mode": "warn"})
    assert (none.code, none.place.file, none.what) == ("HW502", "", "no predicate is given")
    (odd,) = faults({"id": "scale.value.x", "horoscope": "good"})
    assert odd.what == "'horoscope' is no predicate that this build knows"


GROUP: dict[str, Any] = {"id": "scale.value.x"}
OWNER = {"owner": "accountable"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"all": []}, [("HW105", "all")]),
        ({"any": "owner"}, [("HW105", "any")]),
        ({"none": {"owner": "accountable"}}, [("HW105", "none")]),
        ({"at_least": "2"}, [("HW105", "")]),
        ({"at_least": "1", "of": []}, [("HW105", "of")]),
        ({"at_least": "0", "of": [OWNER]}, [("HW105", "at_least")]),
        ({"at_least": "2", "of": [OWNER]}, [("HW105", "at_least")]),
        ({"at_least": "-1", "of": [OWNER]}, [("HW105", "at_least")]),
        ({"at_least": "most", "of": [OWNER]}, [("HW105", "at_least")]),
        ({"at_least": ["1"], "of": [OWNER]}, [("HW105", "at_least")]),
        ({"all": [OWNER], "of": [OWNER]}, [("HW103", "of")]),
        ({"all": ["owner"]}, [("HW105", "all.0")]),
        ({"all": [OWNER, {"ownr": "accountable"}]}, [("HW502", "all.1.ownr")]),
        ({"all": [{**OWNER, "declared": ["problem"]}]}, [("HW502", "all.0.declared")]),
        ({"all": [{**OWNER, "mode": "warn"}]}, [("HW103", "all.0.mode")]),
        ({"all": [{**OWNER, "grade": "E"}]}, [("HW105", "all.0.grade")]),
        ({"any": [{"none": [{"measure": "speed", "bound": BOUND}]}]}, [("HW502", "any.0.none.0.measure")]),
        (
            {
                "at_least": "1",
                "of": [OWNER, {"all": [{"measure": "effect", "bound": {"op": ">", "value": "x"}}]}],
            },
            [("HW105", "of.1.all.0.bound.value")],
        ),
        ({"any": [{"ownr": "a"}, {"measrue": "b"}]}, [("HW502", "any.0.ownr"), ("HW502", "any.1.measrue")]),
    ],
)
def test_every_member_of_a_group_is_checked(row: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """However deep it lies, a faulty member is told at its own place before anything is judged by it."""
    assert told({**GROUP, "any": [OWNER, {"none": [OWNER]}]}) == []
    assert told({**GROUP, **row}) == expected


def test_members_take_over_what_the_group_asks_of_evidence() -> None:
    """Grade and ages of a group hold inside it, unless a member says otherwise."""
    effect = {"measure": "effect", "bound": BOUND}
    made = requirement(
        any=[effect, {"all": [{**effect, "grade": "C"}, effect]}], grade="A", max_age="30d", mode="warn"
    )
    one, inner = made.members
    assert (one.grade, one.max_age) == (Grade.A, timedelta(days=30))
    assert [m.grade for m in inner.members] == [Grade.C, Grade.A]
    assert all(m.max_age == timedelta(days=30) for m in inner.members)
    again, _ = typed(made.as_json(), lambda *_: Place("again"))
    assert again == made
