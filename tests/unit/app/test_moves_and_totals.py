"""Next moves: a decision where one is due, else the evidence that is missing, ordered by what waits."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.measures.test_spend import BILL, REPLIES, ROWS, bill
from tests.unit.small import FRAMED, PORTFOLIO, RANDOMISED, Declare, reviewed, two_arms

from headway.app import totals
from headway.app.moves import moves_of
from headway.kernel.money import ZERO
from headway.measures.spend.allocation import Allocation
from headway.measures.spend.division import Divided

PILOTING = (
    FRAMED.replace("stage: framed", "stage: piloting") + "risk: {eu_ai_act: minimal, reason: internal}\n"
)
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


def test_a_decision_goes_before_evidence_and_says_what_goes_on_being_spent(declare: Declare) -> None:
    """Nothing more is needed for it; until then the people are paid, so that is what waiting costs."""
    block = "".join(
        f"  {line}\n" for line in RANDOMISED.replace('change: "-0.5"', 'change: "-3"').splitlines()
    )
    team = "cost: {people: [{role: engineer, rate: 4333.333 EUR per month}]}\n"
    missed = f"{PILOTING}{team}pilot:\n{block}"
    dear = FRAMED.replace("trial", "dear") + "cost_of_delay: 9000 EUR per week\n"
    first, second, _ = moves(reviewed(declare(rows=two_arms(), initiative=missed, other=dear)))
    assert (first["settles"], first["waiting_basis"]) == (["trial"], {"declared_spend": 1000.0})
    assert second["waiting_basis"] == {"cost_of_delay": 9000.0}


def test_the_one_step_that_opens_a_gate_goes_before_one_of_many(declare: Declare) -> None:
    """Waiting is shared over the steps that are needed; a forecast's week stands in for a cost of delay."""
    one = PROPOSED.replace("risk: {eu_ai_act: minimal, reason: internal}\n", "").replace("trial", "near")
    many = FRAMED.replace("trial", "far").replace("sponsor: bob", "sponsor: bob\nrisk_manager: bob")
    many += "forecast: {line: cost, per_year: [100 EUR, 300 EUR, 400 EUR]}\n"
    found = moves(reviewed(declare(initiative=one, other=many)))
    assert found[0]["settles"] == ["near"]
    assert found[0]["waiting_basis"] == {"forecast": round(200 / 52, 2)}
    assert found[1]["settles"] == ["far"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (('change: "-0.5"', 'change: "-1"'), "decide whether to measure on or to stop: "),
        (("ends: 2026-03-01}", "ends: 2026-09-01}\nlooks: once"), "bring the comparison to its end: "),
        (("registered: {where: osf.io, id: abc, on: 2025-12-01}", ""), "repeat the comparison with chance"),
    ],
)
def test_an_effect_says_what_stands_in_its_way(declare: Declare, change: tuple[str, str], what: str) -> None:
    """Not the row's general words: more data, a better comparison, or a first one."""
    found = moves(reviewed(declare(RANDOMISED.replace(*change), two_arms())))
    assert any(m["what"].startswith(what) for m in found), [m["what"] for m in found]


def test_what_runs_without_a_comparison_is_asked_for_one(declare: Declare) -> None:
    """Or for the word that it goes on without knowing."""
    found = moves(reviewed(declare(initiative=FRAMED.replace("stage: framed", "stage: operating"))))
    what = "start a comparison that can tell, or decide to go on without knowing"
    assert what in [m["what"] for m in found]


def test_what_is_on_hold_has_no_move(declare: Declare) -> None:
    """Nobody is asked for what was put aside."""
    assert moves(reviewed(declare(initiative=FRAMED + "status: on-hold\n"))) == []


def test_a_return_that_is_probably_negative_asks_for_a_decision(declare: Declare) -> None:
    """The outcome moved, and it does not pay."""
    rules = PORTFOLIO + "  set: {scale.value.return: {grade: D}}\n"
    rules = rules.replace("{extends: starter@1, mode: block}", "\n  extends: starter@1\n  mode: block")
    block = "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    team = "cost: {people: [{role: engineer, of: 40, rate: 4000 EUR per month}]}\n"
    folder = declare(portfolio=rules, rows=two_arms(), initiative=f"{PILOTING}{team}pilot:\n{block}")
    first = moves(reviewed(folder))[0]
    assert first["requirement"] == "scale.value.return"
    assert first["what"].endswith("its return is probably not positive")


@pytest.mark.parametrize(
    ("kind", "gate", "line"),
    [
        ("approve", "framed", "stage: framed"),
        ("hold", None, "status: on-hold"),
        ("retire", None, "stage: retired"),
        ("request_changes", None, ""),
    ],
)
def test_a_decision_that_was_taken_is_to_be_written_down(
    declare: Declare, kind: str, gate: str | None, line: str
) -> None:
    """The ledger has it and the file does not: that is whoever is accountable's move."""
    made = reviewed(declare(initiative=PROPOSED))
    verdicts = [r.verdict for r in made.initiatives if r.verdict]
    found: Any = moves_of(made.portfolio, verdicts, {"trial": {"kind": kind, "gate": gate}})
    asked = f"write into its file what was decided: {line}"
    assert (found[0]["what"] == asked) is bool(line)
    assert found[0]["who"] == ("ann" if line else "bob")


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
    wrong = Allocation({"EUR": ZERO + 1}, {}, {}, {})
    monkeypatch.setattr(totals, "divide", lambda *_: Divided(wrong, wrong, ()))
    with pytest.raises(totals.Unreconciled, match=r"HW444 .*: it is off by 1 EUR"):
        totals.totals_of(made.collected, [])
