"""E-values are frozen with the decision that rests on them: once, by their evidence, under a lock."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.attacks.ledgers import HOUSE, NOW, SALT, House, decision, evidence
from tests.unit.gates.promoting import BUDGET, REGISTERED, before, effect, frozen
from tests.unit.gates.scenes import requirement

from headway.decisions.approvals import Refused, decide
from headway.decisions.decision import Decision, Kind
from headway.decisions.entry import Entry
from headway.decisions.freezing import AlreadyFrozen, freeze, freezing, frozen_in
from headway.decisions.ledger import Act
from headway.decisions.replay import Basis
from headway.evidence.frozen import ACT
from headway.evidence.record import Evidence
from headway.gates.model import Gate
from headway.gates.subject import Subject
from headway.kernel.estimate import Grade
from headway.kernel.identity import Json

ROW = "scale.value.promotion_budget"
APPROVED = Kind.APPROVE


def basis(
    *found: Evidence, on: Subject | None = None, mode: str = "block", row: Mapping[str, Any] | None = None
) -> Basis:
    """What a decision at the gate `scale` rests on, where that asks for the promotion budget alone."""
    asks = requirement(id=ROW, **(row or {"promotion_budget": "10 %"}))
    gate = Gate("scale", mode, "standard@1#abc", (asks,))
    return Basis(gate=gate, subject=on or before(), evidence=found, missing=(), as_of=NOW)


def deciding(kind: Kind, on: Basis) -> Decision:
    """A decision with a reason."""
    return decision(kind, comment="because", on=on)


def rows(here: House) -> list[dict[str, Any]]:
    """Every frozen row of the ledger, with the number of its entry."""
    return [{"seq": f.seq, **r.as_json()} for f in frozen_in(here.ledger.entries()) for r in f.rows]


def test_an_approval_freezes_the_e_value_it_rests_on(here: House) -> None:
    """The row names its evidence, its slot and its look, and goes before the decision."""
    found = effect(300)
    here.decide(APPROVED, "", basis(found))
    first, second = here.ledger.entries()
    assert (first.act, first.subject, first.actor, second.act) == (ACT, "replies", "ann", "decision")
    (row,) = rows(here)
    assert row == {
        "seq": 1, "initiative": "replies", "approach": "assisted", "approaches": 1,
        "metric": "handle_minutes", "null": 0.0, "side": "less", "log_e": pytest.approx(5.703782),
        "look_at": "2026-03-30T12:00:00.000000Z", "n": 400, "r": 7.9, "method": "means", "grade": "A",
        "registration": REGISTERED,
        "evidence": found.id, "slot": 1, "cost": "10",
    }  # fmt: skip
    assert first.body["budget"] == BUDGET.as_json()
    report = here.verify()
    assert (report.diagnostics, report.replayed, report.not_replayed) == ((), 1, 0)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_lets_a_running_pilot_go_on_freezes_nothing(here: House, kind: Kind) -> None:
    """Its e-value may still grow; every other decision is the last look at it."""
    goes_on = kind in (Kind.HOLD, Kind.RESUME, Kind.REQUEST_CHANGES)
    here.decide(kind, "because", basis(effect(300)))
    assert len(rows(here)) == (0 if goes_on else 1)


def test_any_decision_freezes_the_e_value_of_an_ended_pilot(here: House) -> None:
    """No further look will come, so that others can count with it from now on."""
    here.decide(Kind.HOLD, "waits", basis(effect(5, closed=True)))
    assert [r["seq"] for r in rows(here)] == [1]


def test_a_refused_decision_freezes_nothing(here: House) -> None:
    """What may not be recorded is no last look."""
    for on, kind, comment in (
        (basis(effect(3)), APPROVED, "we want it"),
        (basis(effect(3)), Kind.REJECT, ""),
    ):
        answer = decide(here.ledger, decision(kind, comment=comment, on=on), HOUSE, SALT)
        assert isinstance(answer, Refused)
    assert rows(here) == []


def test_nothing_is_frozen_that_does_not_ask(here: House) -> None:
    """No e-value, a poor grade, no budget, another gate, no slot, a row frozen before: no act."""
    declared = {"declared": {"paths": ["problem"]}}
    ours = before(rows=[frozen("replies", 9, 1)])
    for on in (
        basis(effect(None)),
        basis(effect(1e9, Grade.C)),
        basis(effect(300), on=replace(before(), facts={"people": {}})),
        basis(effect(300), row=declared, on=before()),
        basis(effect(300), on=before(slot=None)),
        basis(effect(300), on=ours),
        basis(),
    ):
        assert freezing(deciding(Kind.REJECT, on)) is None
    assert freezing(decision(Kind.HOLD, comment="because")) is None


def test_a_row_inside_a_group_freezes_too() -> None:
    """However deep in the gate the budget is asked for."""
    row = {"any": [{"owner": "accountable"}, {"all": [{"promotion_budget": "10 %"}]}]}
    act = freezing(deciding(APPROVED, basis(effect(300), row=row)))
    assert act is not None
    assert act.act == ACT


def test_all_approaches_of_an_initiative_are_frozen_at_once(here: House) -> None:
    """Two approaches share one slot and one entry."""
    on = basis(effect(900, arm="a"), effect(2, arm="b"), on=before(approaches=2))
    here.decide(APPROVED, "", on)
    assert [(r["seq"], r["approach"], r["slot"]) for r in rows(here)] == [(1, "a", 1), (1, "b", 1)]
    assert here.verify().diagnostics == ()


def test_two_deciders_at_once_freeze_one_row(here: House) -> None:
    """The second finds the slot frozen, is refused with HW427, and nothing of it is recorded."""
    on, answers, ready = basis(effect(300)), [], threading.Barrier(2)

    def decides() -> None:
        ready.wait()
        answers.append(decide(here.ledger, deciding(APPROVED, on), HOUSE, SALT))

    both = [threading.Thread(target=decides) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(rows(here)) == 1
    refused = [a for a in answers if isinstance(a, Refused)]
    assert [(r.code, r.what) for r in refused] == [
        ("HW427", "entry 1 has frozen the e-value of this slot meanwhile")
    ]
    assert here.verify().diagnostics == ()
    assert len(here.rows()) == 2


def test_a_slot_and_an_initiative_are_frozen_once_a_year(here: House) -> None:
    """Another slot of the initiative, or another initiative of the slot, is refused; next year is not."""
    act = freezing(deciding(APPROVED, basis(effect(300))))
    assert act
    freeze(here.ledger, act)
    other_slot = freezing(deciding(APPROVED, basis(effect(300), on=before(slot=7))))
    same_slot = freezing(deciding(APPROVED, basis(effect(300))))
    assert other_slot
    assert same_slot
    letters = {**same_slot.body, "rows": [{**r, "initiative": "letters"} for r in _rows(same_slot)]}
    for second in (other_slot, replace(same_slot, subject="letters", body=letters)):
        with pytest.raises(AlreadyFrozen):
            freeze(here.ledger, second)
    both_new = [{**r, "initiative": "letters", "slot": 2} for r in _rows(same_slot)]
    freeze(here.ledger, replace(same_slot, subject="letters", body={**same_slot.body, "rows": both_new}))
    next_year = {**act.body, "budget": {**BUDGET.as_json(), "year": 2027}}
    freeze(here.ledger, replace(act, body=next_year))
    assert len(rows(here)) == 3


def _rows(act: Act) -> list[dict[str, Json]]:
    made: Any = act.body["rows"]
    return list(made)


def test_a_frozen_row_that_is_not_that_of_its_evidence_is_found(here: House) -> None:
    """A forger who files a larger e-value under sound digests is told by the evidence (HW606)."""
    here.decide(APPROVED, "", basis(effect(300)))
    first, second = (Entry.from_bytes(s.entry) for s in here.rows())
    for field, value in (("log_e", 14.0), ("grade", "B"), ("evidence", "0" * 64), ("n", 4000)):
        forged = {k: v for k, v in {**rows(here)[0], field: value}.items() if k != "seq"}
        body: dict[str, Json] = {**first.body, "rows": [forged]}
        here.overwrite({1: replace(first, body=body).to_bytes()})
        codes = [c for c in here.codes() if c[0] == "HW606"]
        # The decision rests on the same evidence, not on the forged row: that alone is at fault.
        assert ("HW606", 1) in codes
        here.overwrite({1: first.to_bytes()})
    assert here.codes() == []
    assert second.act == "decision"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": []},
        {"rows": "none", "as_of": "x", "budget": {}},
        {"rows": [{"initiative": "letters"}], "as_of": "2026-03-31", "budget": BUDGET.as_json()},
    ],
)
def test_an_act_that_cannot_be_read_counts_for_nothing_and_is_told(
    here: House, body: dict[str, Json]
) -> None:
    """Reviews pass over it; verifying tells it as HW606."""
    here.ledger.append(Act(at=NOW, actor="ann", act=ACT, subject="replies", body=body))
    assert rows(here) == []
    (found,) = here.verify().diagnostics
    assert (found.code, "what it froze cannot be read" in found.what) == ("HW606", True)


def test_rows_of_another_initiative_are_no_act_of_this_one(here: House) -> None:
    """An entry about one initiative freezes nothing of another."""
    act = freezing(deciding(APPROVED, basis(effect(300))))
    assert act
    here.ledger.append(replace(act, subject="letters"))
    assert rows(here) == []
    assert here.codes() == [("HW606", 1)]


def test_a_slot_that_is_frozen_again_is_told(here: House) -> None:
    """Whoever appends past the check is found by verify, and the first row is the one that counts."""
    act = freezing(deciding(APPROVED, basis(effect(300))))
    assert act
    here.ledger.append(act)
    here.ledger.append(act)
    (found,) = here.verify().diagnostics
    assert (found.code, found.place.line) == ("HW427", 2)
    assert found.what == "entry 2 freezes slot 1 of 2026 again, after entry 1"


def test_an_act_whose_evidence_is_gone_is_told_once(here: House) -> None:
    """A pinned document that is absent is HW608; what it said can then not be compared."""
    here.decide(APPROVED, "", basis(effect(300)))
    (pin,) = next(here.ledger.entries()).pins["evidence"]
    with here.by_hand() as connection:
        connection.execute("delete from pinned where digest = ?", (pin,))
    assert [c for c in here.codes() if c[1] == 1] == [("HW608", 1)]


def test_a_decision_beside_frozen_rows_replays_offline(here: House) -> None:
    """The rows of others are pinned with the initiative, so that the same bytes come out."""
    here.decide(APPROVED, "", basis(effect(300)))
    (first,) = [f.rows[0] for f in frozen_in(here.ledger.entries())]
    letters = replace(before(rows=[first], slot=2), name="letters")
    mine = replace(effect(150), subject="letters")
    on = basis(mine, on=letters)
    theirs = replace(decision(APPROVED, comment="because"), initiative="letters", basis=on)
    answer = decide(here.ledger, theirs, HOUSE, SALT)
    assert not isinstance(answer, Refused)
    assert [r["initiative"] for r in rows(here)] == ["replies", "letters"]
    report = here.verify()
    assert (report.diagnostics, report.replayed) == ((), 2)


def test_a_decision_beside_rows_that_nobody_froze_is_found(here: House) -> None:
    """An approval that rests on made-up companions does not stand (HW606)."""
    made_up = [frozen("ghost", 1e6, 2), frozen("shade", 1e6, 3)]
    here.decide(APPROVED, "", basis(effect(70), on=before(rows=made_up)))
    report = here.verify()
    assert (report.replayed, report.not_replayed) == (0, 1)
    (found,) = report.diagnostics
    assert (found.code, found.place.line) == ("HW606", 2)
    assert "rests on an e-value of 'ghost' that no entry before it froze" in found.what


def test_a_later_look_does_not_move_a_frozen_e_value(here: House) -> None:
    """A second decision rests on the frozen row and freezes no other."""
    here.decide(Kind.REJECT, "no", basis(effect(5)))
    (row,) = [f.rows[0] for f in frozen_in(here.ledger.entries())]
    again = basis(effect(1e6, ago=timedelta(0)), on=before(rows=[row]), mode="observe")
    entry = here.decide(APPROVED, "all the same", again).entry
    assert (entry.body["state"], len(rows(here))) == ("inconclusive", 1)
    assert here.verify().diagnostics == ()


def test_evidence_of_other_measures_is_not_pinned_with_the_row(here: House) -> None:
    """The act rests on the effect alone."""
    act = freezing(deciding(APPROVED, basis(effect(300), evidence())))
    assert act
    assert len(act.pins["evidence"]) == 1
