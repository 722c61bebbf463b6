"""Laws of the judge: weaker evidence never helps, another requirement never helps, order never matters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gates.scenes import AS_OF, absent, arm, evidence, requirement, verdict

from headway.evidence.record import Evidence, Missing
from headway.gates.requirement import MODES, Requirement
from headway.gates.verdict import State, Verdict
from headway.kernel.estimate import Grade
from headway.kernel.identity import canonical

GRADES = st.sampled_from(list(Grade))
ORDER = (State.MET, State.INCONCLUSIVE, State.MISSING, State.MISSED)
# Few numbers, so that ends often meet bounds.
points = st.sampled_from([-0.3, -0.2, -0.1, 0.0, 0.1, 0.2])
ages = st.integers(0, 60).map(lambda days: timedelta(days=days))
given_by = {
    "grade": st.sampled_from(["A", "B", "C", "D"]),
    "max_age": st.sampled_from(["10d", "30d"]),
    "min_n": st.sampled_from(["100", "300"]),
    "stands": st.sampled_from(["20d", "50d"]),
}
PROXIES = ("calls", "letters")


@st.composite
def effects(draw: st.DrawFn) -> Evidence:
    """An effect of an arm on the outcome, or on a proxy."""
    low, high = sorted((draw(points), draw(points)))
    age, closed = draw(ages), draw(st.booleans())
    rest: dict[str, Any] = {
        "ago": age, "closed": closed, "grade": draw(GRADES), "n": draw(st.sampled_from([50, 200, 400])),
        "level": draw(st.sampled_from([0.9, 0.95])),
        "valid_until": AS_OF - age + timedelta(days=draw(st.sampled_from([7, 90]))),
    }  # fmt: skip
    which = draw(st.sampled_from(("draft", "quick", *PROXIES)))
    if which in PROXIES:
        return evidence(low, high, metric=which, detail={"role": "proxy"}, **rest)
    return arm(which, low, high, **rest)


@st.composite
def bounds(draw: st.DrawFn) -> dict[str, Any]:
    """A predicate on the outcome or on a proxy."""
    metric = draw(st.sampled_from((None, *PROXIES)))
    bound = {"op": draw(st.sampled_from([">", ">=", "<", "<="])), "value": str(draw(points)), "level": "0.95",
             "use": draw(st.sampled_from(["low", "high"]))}  # fmt: skip
    asked = draw(st.fixed_dictionaries({}, optional=given_by))
    return {"measure": "effect", **({"metric": metric} if metric else {}), "bound": bound, **asked}


def grouped(members: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Groups of predicates."""
    lists = st.lists(members, min_size=1, max_size=3)
    return st.one_of(
        st.sampled_from(["all", "any", "none"]).flatmap(lambda word: lists.map(lambda of: {word: of})),
        lists.flatmap(lambda of: st.integers(1, len(of)).map(lambda k: {"at_least": str(k), "of": of})),
    )


predicates = st.recursive(st.one_of(bounds(), st.just({"owner": "accountable"})), grouped, max_leaves=5)
rows = st.tuples(predicates, st.sampled_from(MODES)).map(lambda p: requirement(**p[0], mode=p[1]))


def distinct(found: list[Evidence]) -> list[Evidence]:
    """One record per metric, as measures give them."""
    return list({e.metric: e for e in found}.values())


seen = st.lists(effects(), max_size=4).map(distinct)
lacking = st.lists(
    st.builds(
        absent,
        st.sampled_from(["none", "source_failed"]),
        metric=st.sampled_from(["handle_minutes", "calls"]),
    ),
    max_size=2,
)


@st.composite
def weakened(draw: st.DrawFn) -> tuple[list[Evidence], list[Missing], list[Evidence], list[Missing]]:
    """Evidence, and the same evidence older, fewer, of lower grade, or on fewer units."""
    before, lacks = draw(seen), draw(lacking)
    after: list[Evidence] = []
    lost: list[Missing] = []
    for one in before:
        match draw(st.sampled_from(["keep", "older", "lower", "smaller", "gone", "lost"])):
            case "older":
                assert one.observed
                assert one.valid_until
                by = draw(ages)
                window = (one.observed[0] - by, one.observed[1] - by)
                after.append(replace(one, observed=window, valid_until=one.valid_until - by))
            case "lower":
                grade = max(one.estimate.grade, draw(GRADES), key=lambda g: g.value)
                after.append(replace(one, estimate=replace(one.estimate, grade=grade)))
            case "smaller":
                fewer = draw(st.integers(0, one.estimate.n))
                after.append(replace(one, estimate=replace(one.estimate, n=fewer)))
            case "gone":
                pass
            case "lost":
                lost.append(absent("none", "the rows are gone", one.metric))
            case _:
                after.append(one)
    return before, lacks, after, [*lacks, *lost]


@given(rows, weakened())
def test_weaker_evidence_never_lets_pass(
    row: Requirement, scene: tuple[list[Evidence], list[Missing], list[Evidence], list[Missing]]
) -> None:
    """Older, fewer or lower-graded evidence never turns missed or missing into met, in any group."""
    before, lacks, after, more = scene
    first, then = verdict([row], before, lacks), verdict([row], after, more)
    assert not (first.state in (State.MISSED, State.MISSING) and then.state is State.MET)


@given(st.lists(rows, min_size=1, max_size=3), rows, seen, lacking)
def test_another_requirement_never_improves_a_gate(
    asked: list[Requirement], more: Requirement, found: list[Evidence], lacks: list[Missing]
) -> None:
    """A gate that asks for more is as bad as it was, or worse."""
    before, after = verdict(asked, found, lacks), verdict([*asked, more], found, lacks)
    assert ORDER.index(after.state) >= ORDER.index(before.state)
    assert ORDER.index(after.enforced) >= ORDER.index(before.enforced)


@given(st.lists(rows, min_size=1, max_size=3), seen, lacking, st.randoms(use_true_random=False))
def test_the_order_of_evidence_never_matters(
    asked: list[Requirement], found: list[Evidence], lacks: list[Missing], random: Any
) -> None:
    """Shuffled evidence gives the same bytes, and the verdict reads back from them."""
    made = verdict(asked, found, lacks)
    shuffled, absences = random.sample(found, len(found)), random.sample(lacks, len(lacks))
    assert verdict(asked, shuffled, absences).digest == made.digest
    assert Verdict.from_json(json.loads(canonical(made.as_json()))) == made


@given(predicates, seen, lacking)
def test_none_is_the_opposite_of_any(
    found_by: dict[str, Any], found: list[Evidence], lacks: list[Missing]
) -> None:
    """`none` turns met and missed, and leaves what is not known unknown."""
    state = verdict([requirement(any=[found_by])], found, lacks).state
    turned = {State.MET: State.MISSED, State.MISSED: State.MET}.get(state, state)
    assert verdict([requirement(none=[found_by])], found, lacks).state is turned
