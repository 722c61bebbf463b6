"""Laws of adoption: it changes no other row, and it only ever gets stricter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.properties.test_gates_judge import bounds, effects
from tests.unit.gates.scenes import AS_OF, gate, requirement, subject

from headway.evidence.record import Evidence
from headway.gates.adoption import Dated, lowered, planned
from headway.gates.judge import judge
from headway.gates.model import OperatingModel
from headway.gates.requirement import MODES, Requirement
from headway.gates.verdict import Judged
from headway.kernel.diagnostic import Place

DAY = date(2026, 3, 31)
STRICTNESS = {None: -1, "observe": 0, "warn": 1, "block": 2}
days = st.integers(-100, 100).map(lambda n: DAY + timedelta(days=n))
rows = st.builds(lambda body, mode: requirement(**body, mode=mode), bounds(), st.sampled_from(MODES))


def judged(held: list[Requirement], found: list[Evidence]) -> dict[str, Judged]:
    """Each row's answer by id."""
    answers = judge(gate(*held), subject(), found, (), AS_OF).requirements
    return {a.id: a for a in answers}


@given(st.lists(rows, max_size=4), rows, st.lists(effects(), max_size=5), st.integers(0, 4), days)
def test_adopting_a_row_never_changes_another(
    others: list[Requirement], row: Requirement, found: list[Evidence], at: int, day: date
) -> None:
    """State, mode, what was seen and needed: all of them stay, wherever the new row stands, on any day."""
    held = [replace(r, id=f"scale.value.own-{n}") for n, r in enumerate(others)]
    new = replace(row, id="scale.value.new")
    dated = Dated(
        "standard@1", (DAY, DAY + timedelta(days=30), DAY + timedelta(days=60)), Place("portfolio.yaml")
    )
    model = OperatingModel("own@1", "block", (*held[:at], new, *held[at:]), dated={new.id: dated}).on(day)
    before, after = judged(held, found), judged(list(model.rows), found)
    assert {k: after[k] for k in before} == before
    assert set(after) - set(before) == ({new.id} if day >= DAY else set())


@given(
    rows,
    st.lists(days, min_size=3, max_size=3, unique=True),
    st.lists(st.booleans(), min_size=2, max_size=2),
    days,
    days,
)
def test_an_adopted_row_never_gets_milder(
    row: Requirement, starts: list[date], left_out: list[bool], one: date, other: date
) -> None:
    """A later day is as strict or stricter, whatever the dates, and never stricter than the row itself."""
    first, *rest = sorted(starts)
    steps = (first, *(None if out else day for day, out in zip(rest, left_out, strict=True)))
    dated = Dated("standard@1", steps, Place("portfolio.yaml"))
    sooner, later = (lowered(row, dated, day) for day in sorted((one, other)))
    strict = [STRICTNESS[r.mode if r else None] for r in (sooner, later)]
    assert strict[0] <= strict[1] <= STRICTNESS[row.mode]


@given(rows, days)
def test_what_is_planned_ends_at_the_rows_own_mode(row: Requirement, start: date) -> None:
    """It observes on its first day, and a year later it is as strict as it is written."""
    made = planned(row, "standard@1", start)
    dated = Dated("standard@1", (made.observe, made.warn, made.block), Place("portfolio.yaml"))
    assert dated.mode(start - timedelta(days=1)) is None
    assert dated.mode(start) == "observe"
    assert dated.mode(start + timedelta(days=365)) == row.mode
