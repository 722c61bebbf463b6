"""Groups of predicates: three-valued logic, however they are nested."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from tests.unit.gates.scenes import absent, evidence, judged, requirement

from headway.gates.requirement import Requirement
from headway.gates.verdict import State, at_least, negated

# One metric per answer: what is judged as what is seen in the evidence below.
ROLES = {"met": (-0.3, -0.2), "missed": (0.1, 0.2), "inconclusive": (-0.2, 0.1)}
FOUND = [
    evidence(low, high, metric=f"is_{state}", detail={"role": "proxy"})
    for state, (low, high) in ROLES.items()
]
LACKS = [absent("source_failed", "the source does not answer", "is_missing")]
TRUTH = {"met": 1, "missed": 0}


def member(state: str) -> dict[str, Any]:
    """A predicate that is answered with this state."""
    return {"measure": "effect", "metric": f"is_{state}", "bound": {"op": "<", "value": "0"}}


def answer(**group: Any) -> tuple[str, str]:
    """State and reason of a group over the evidence."""
    found = judged(requirement(**group), *FOUND, missing=LACKS)
    return found.state.value, found.reason


def kleene(low: int, high: int, wanted: int, states: tuple[str, ...]) -> str:
    """The oracle: how many can be true at least and at most."""
    if low >= wanted:
        return "met"
    if high < wanted:
        return "missed"
    return "missing" if "missing" in states else "inconclusive"


STATES = ("met", "missed", "inconclusive", "missing")


@pytest.mark.parametrize("states", list(product(STATES, repeat=2)) + list(product(STATES, repeat=3)))
def test_groups_follow_the_strong_logic_of_kleene(states: tuple[str, ...]) -> None:
    """An unknown member matters exactly when it could turn the answer."""
    members = [member(s) for s in states]
    low, high = (sum(TRUTH.get(s, other) for s in states) for other in (0, 1))
    n = len(states)
    assert answer(all=members)[0] == kleene(low, high, n, states)
    assert answer(any=members)[0] == kleene(low, high, 1, states)
    assert answer(none=members)[0] == kleene(n - high, n - low, n, states)
    assert answer(at_least="2", of=members)[0] == kleene(low, high, 2, states)


def test_groups_nest() -> None:
    """A group is a predicate like any other."""
    assert answer(all=[member("met"), {"none": [member("missed")]}]) == ("met", "")
    assert answer(any=[member("missed"), {"all": [member("met"), member("missing")]}]) == (
        "missing",
        "source_failed",
    )
    assert answer(none=[{"any": [member("missed"), member("inconclusive")]}]) == ("inconclusive", "")
    assert answer(at_least="1", of=[{"none": [member("met")]}, member("met")]) == ("met", "")


def test_waived_counts_as_met() -> None:
    """What was let go with a reason holds in a group, and speaks against a `none`."""
    assert at_least(1, [State.WAIVED, State.MISSED]) is State.MET
    assert negated([State.WAIVED]) == [State.MISSED]


def test_a_group_says_what_each_member_saw_and_needs() -> None:
    """The words of the members stand side by side under the word of the group, ids once."""
    found = judged(requirement(any=[member("met"), member("missed"), member("met")]), *FOUND)
    assert found.need == "any of: is met < 0 % | is missed < 0 % | is met < 0 %"
    assert found.saw.split(" | ")[1].startswith("is missed 15.0 %")
    assert found.evidence_ids == (FOUND[0].id, FOUND[1].id)
    assert judged(requirement(at_least="2", of=[member("met")] * 3)).need.startswith("at least 2 of: ")
    assert judged(requirement(none=[member("met")])).need.startswith("none of: ")


def test_a_group_of_nothing_is_no_pass() -> None:
    """Law L3 holds for rows that were made by hand, too."""
    for predicate in ("all", "none"):
        found = judged(Requirement("scale.value.x", predicate, {predicate: []}))
        assert (found.state, found.reason) == (State.MISSING, "none")


def test_a_member_asks_for_its_own_age() -> None:
    """Two kinds of evidence in one row may be asked for in two ages."""
    strict = requirement(any=[{**member("met"), "max_age": "1h"}, member("missed")])
    loose = requirement(any=[{**member("met"), "max_age": "2d"}, member("missed")])
    assert judged(loose, *FOUND).state is State.MET
    assert judged(strict, *FOUND).state is State.MISSING
