"""Next moves: a decision where one is due, else the evidence that is missing, ordered by what waits."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.measures.test_spend import BILL, REPLIES, ROWS, bill
from tests.unit.small import FRAMED, RANDOMISED, Declare, reviewed, two_arms

from headway.app import totals
from headway.app.moves import moves_of
from headway.kernel.money import ZERO
from headway.measures.spend.allocation import Allocation

PROPOSED = (
    FRAMED.replace("stage: framed", "stage: proposed")
    + """\
risk: {eu_ai_act: minimal, reason: internal}
finance_partner: bob
forecast: {line: cost, per_year: [100 EUR, 200 EUR, 300 EUR]}
"""
)


def moves(made: Any) -> list[dict[str, Any]]:
    """The moves of a review."""
    found: Any = moves_of(made.portfolio, [r.verdict for r in made.initiatives if r.verdict])
    return list(found)


def test_missing_evidence_is_the_move_of_whoever_can_give_it(declare: Declare) -> None:
    """The risk tier is undecided: nobody else can settle it."""
    found = moves(reviewed(declare()))
    assert found[0]["requirement"] == "framed.risk.tier"
    assert found[0]["settles"] == ["trial"]


def test_a_missed_outcome_asks_the_sponsor_for_a_decision(declare: Declare) -> None:
    """Evidence is not what is lacking: somebody must stop it or change it."""
    pilot = RANDOMISED.replace('change: "-0.5"', 'change: "-3"')
    first = moves(reviewed(declare(pilot, two_arms())))[0]
    assert (first["who"], first["state"]) == ("bob", "missed")
    assert first["what"].startswith("decide whether to stop")


def test_a_met_gate_asks_the_sponsor_to_pass_it(declare: Declare) -> None:
    """Everything is met: the machine has judged, a person decides."""
    first = moves(reviewed(declare(initiative=PROPOSED)))[0]
    assert (first["requirement"], first["who"]) == ("framed: met", "bob")


def test_moves_are_ordered_by_the_money_that_waits(declare: Declare) -> None:
    """A declared cost of delay goes before none; at most three moves are shown."""
    late = (
        FRAMED.replace("trial", "urgent")
        .replace("accountable: ann", "accountable: bob")
        .replace("sponsor: bob", "sponsor: ann")
    )
    found = moves(reviewed(declare(other=f"{late}cost_of_delay: 4000 EUR per week\n")))
    assert len(found) == 3
    assert found[0]["waiting_per_week"] == pytest.approx(4000)
    assert "urgent" in found[0]["settles"]


def test_spend_is_shown_by_the_best_grade_behind_it(declare: Declare) -> None:
    """Nothing measured: all of it is `none`."""
    folder = declare(bill=BILL, initiative=REPLIES)
    bill(folder, ROWS)
    made = reviewed(folder)
    shown: Any = totals.totals_of(made.collected, [])["bill"]
    assert shown["EUR"]["by_grade"] == {"none": "20.100000000000000002"}
    assert (shown["EUR"]["from"], shown["EUR"]["to"]) == ("2026-03-01", "2026-03-31")


def test_a_bill_that_does_not_add_up_is_never_shown(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A residual is a bug of ours: the review ends instead of printing a number."""
    folder = declare(bill=BILL, initiative=REPLIES)
    bill(folder, ROWS)
    made = reviewed(folder)
    wrong = Allocation({"EUR": ZERO + 1}, {}, {}, (), {})
    monkeypatch.setattr(totals, "divide", lambda *_: (wrong, None, {}))
    monkeypatch.setattr(totals, "window_of", lambda *_: None)
    with pytest.raises(totals.Unreconciled):
        totals.totals_of(made.collected, [])
