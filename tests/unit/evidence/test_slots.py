"""Slots go by registration, never by result; what is frozen keeps its own; terms hold for the year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.gates.promoting import BUDGET, frozen
from tests.unit.small import INITIATIVE, OUTCOME, PEOPLE, PORTFOLIO

from headway.evidence.slots import Frozen, Promotion, promotion_of, slot_faults
from headway.facts.act import Act
from headway.portfolio.load import Portfolio, load
from headway.portfolio.registration import digest_of

AS_OF = datetime(2026, 3, 31, 23, tzinfo=UTC)
BUDGETED = PORTFOLIO + "promotion_budget: {share: 10 %, slots: 2, envelope: 100 EUR}\n"
PILOT = """\
pilot:
  design: randomised
  source: units
  arms: [control, treated]
  metric: y
  objective: {change: "-0.5", scale: absolute}
"""
Write = Callable[..., Portfolio]


def pilot(registered: str = "", more: str = "", dates: str = "2026-01-01, 2026-03-01") -> str:
    """A pilot block, with the day of its registration."""
    starts, ends = dates.split(", ")
    made = f"{PILOT}  dates: {{starts: {starts}, ends: {ends}}}\n{more}"
    return made + (f"  registered: {{where: osf.io, on: {registered}}}\n" if registered else "")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write initiatives by name, each with its pilot block and more, and load the portfolio."""

    def made(settings: str = BUDGETED, **initiatives: str) -> Portfolio:
        texts = {"portfolio": settings, "people": PEOPLE, "outcome": OUTCOME}
        for name, block in initiatives.items():
            stage = "" if "stage:" in block else "stage: piloting\n"
            text = INITIATIVE.replace("trial", name).replace("stage: piloting\n", stage)
            texts[name] = text + block
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        found = load(tmp_path).portfolio
        assert found
        return found

    return made


def standing(
    portfolio: Portfolio, *kept: Frozen, acts: tuple[Act, ...] = (), as_of: datetime = AS_OF
) -> Promotion:
    """The budget as it stands."""
    made = promotion_of(portfolio, kept, acts, as_of)
    assert made
    return made


def slots(promotion: Promotion) -> dict[str, int | None]:
    """Initiative to its slot, in the order they are told."""
    return {n: h.slot for n, h in promotion.holders.items()}


def kept(name: str, slot: int, seq: int = 1, year: int = 2026, **row: object) -> Frozen:
    """An act of freezing under two slots and an envelope of 100."""
    budget = replace(BUDGET, slots=2, envelope="100", year=year)
    return Frozen(seq, AS_OF, budget, (frozen(name, 30, slot, **row),))


def registered(name: str, day: str, digest: str = "a", seq: int = 1) -> Act:
    """A design that entered the ledger."""
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Act(seq, at, "ann", "design_registered", name, {"digest": digest})


def codes(portfolio: Portfolio, promotion: Promotion) -> list[tuple[str, str | None]]:
    """What is told of it, and of whom."""
    return [(d.code, d.subject) for d in slot_faults(portfolio, promotion)]


def test_slots_go_in_the_order_of_registration(write: Write) -> None:
    """Who registered first asks first; who came after the last slot waits for next year (HW425)."""
    portfolio = write(
        one=pilot("2025-12-03"), two=pilot("2025-12-01"), three=pilot("2025-12-02"), idea="stage: framed\n"
    )
    made = standing(portfolio)
    assert slots(made) == {"two": 1, "three": 2, "one": None}
    assert codes(portfolio, made) == [("HW425", "one")]


def test_the_ledger_says_when_a_design_was_registered(write: Write) -> None:
    """An entry of the ledger goes before what a file says; without either the first day of the pilot does."""
    blocks = {
        "one": pilot("2025-12-01"),
        "two": pilot(dates="2025-12-20, 2026-02-01"),
        "four": pilot(dates="2025-12-30, 2026-02-01"),
    }
    acts = (registered("one", "2025-12-24"), registered("later", "2025-01-01"))
    portfolio = write(BUDGETED.replace("slots: 2", "slots: 9"), **blocks)
    assert slots(standing(portfolio, acts=acts)) == {"two": 1, "one": 2, "four": 3}
    # What was not recorded yet at the moment judged is not known then.
    late = (replace(acts[0], at=datetime(2026, 4, 1, tzinfo=UTC)),)
    assert slots(standing(portfolio, acts=late)) == {"one": 1, "two": 2, "four": 3}


def test_a_design_changed_once_it_ran_has_spent_its_slot(write: Write) -> None:
    """Changed before the start it keeps its place; changed after, it begins anew in a slot of its own."""
    settings = BUDGETED.replace("slots: 2", "slots: 3")
    portfolio = write(settings, one=pilot("2025-12-01"), two=pilot("2025-12-15"))
    before = (registered("one", "2025-12-01"), registered("one", "2025-12-31", "b"))
    assert slots(standing(portfolio, acts=before)) == {"one": 1, "two": 2}
    after = (registered("one", "2025-12-01"), registered("one", "2026-02-01", "b"))
    assert slots(standing(portfolio, acts=after)) == {"two": 2, "one": 3}
    same = (registered("one", "2025-12-01"), registered("one", "2026-02-01", "a"))
    assert slots(standing(portfolio, acts=same)) == {"one": 1, "two": 2}


def test_a_stopped_pilot_keeps_its_slot(write: Write) -> None:
    """A slot given back because of a poor result would be one more try for somebody else."""
    portfolio = write(
        one=pilot("2025-12-01") + "status: rejected\n",
        two=pilot("2025-12-02") + "stage: retired\n",
        three=pilot("2025-12-03"),
    )
    assert slots(standing(portfolio)) == {"one": 1, "two": 2, "three": None}


def test_pilots_of_other_years_and_what_was_promoted_before_hold_none(write: Write) -> None:
    """A pilot that starts next year, one stopped years ago, and a scaled one do not ask this year."""
    portfolio = write(
        ahead=pilot("2025-12-01", dates="2027-01-01, 2027-03-01") + "stage: framed\n",
        stopped=pilot("2025-12-01", dates="2024-01-01, 2024-03-01") + "status: rejected\n",
        scaled=pilot("2025-12-01") + "stage: scaling\n",
        undated=PILOT + "status: rejected\n",
        open=PILOT,
    )
    assert slots(standing(portfolio)) == {"open": 1}


def test_what_is_frozen_keeps_its_slot_and_its_cost(write: Write) -> None:
    """Whatever the files say later; an initiative that is gone from them included."""
    portfolio = write(one=pilot("2025-12-01", "  asks: 70 EUR\n"), two=pilot("2025-12-02"))
    made = standing(portfolio, kept("two", 1, cost="40"), kept("gone", 2, seq=2))
    assert slots(made) == {"two": 1, "gone": 2, "one": None}
    assert (str(made.holders["two"].cost), str(made.holders["gone"].cost)) == ("40", "10")
    assert [r.initiative for r in made.rows] == ["two", "gone"]
    assert made.of("two")[0].slot == 1


def test_only_what_was_frozen_by_then_in_that_year_counts(write: Write) -> None:
    """A row of another year, and one frozen after the moment judged, are no part of it."""
    portfolio = write(one=pilot("2025-12-01"))
    later = replace(kept("two", 1), as_of=datetime(2026, 4, 1, tzinfo=UTC))
    empty = replace(kept("two", 1), rows=())
    assert standing(portfolio, kept("two", 1, year=2025), later, empty).rows == ()


def test_asks_are_counted_in_order_while_the_envelope_holds_them(write: Write) -> None:
    """Who does not fit waits (HW426), a smaller ask behind it still fits; other currencies do not count."""
    settings = BUDGETED.replace("slots: 2", "slots: 9")
    asks = {"one": "60 EUR", "two": "50 EUR", "three": "40 EUR", "four": "10 USD"}
    blocks = {
        name: pilot(f"2025-12-0{at}", f"  asks: {ask}\n") for at, (name, ask) in enumerate(asks.items(), 1)
    }
    portfolio = write(settings, **blocks)
    made = standing(portfolio)
    assert {n: (h.cost and int(h.cost), h.within) for n, h in made.holders.items()} == {
        "one": (60, True), "two": (50, False), "three": (40, True), "four": (None, True),
    }  # fmt: skip
    assert codes(portfolio, made) == [("HW426", "two")]
    assert made.fact("two")["within"] is False
    assert (made.fact("three")["cost"], made.fact("four")["cost"]) == ("40", None)


def test_each_treated_arm_is_an_approach(write: Write) -> None:
    """As declared, so that no approach disappears from the count once its result is known."""
    arms = pilot("2025-12-01").replace("[control, treated]", "[control, a, b, c]")
    printed = """\
pilot:
  design: published
  metric: y
  objective: {change: "-0.5", scale: absolute}
  citation: somebody, something, 2025
  published: 2025-07-10
  estimates:
    - {metric: y, arm: a, value: -1, low: -2, high: -0.5}
    - {metric: y, arm: b, value: -1, low: -2, high: -0.5}
    - {metric: z, arm: c, value: -1, low: -2, high: -0.5}
"""
    made = standing(write(several=arms, printed=printed))
    assert {n: h.approaches for n, h in made.holders.items()} == {"printed": 2, "several": 3}


def test_terms_that_change_after_the_first_frozen_e_value_do_not_hold(write: Write) -> None:
    """The year goes on under the terms that were frozen with it (HW436)."""
    portfolio = write(BUDGETED.replace("slots: 2", "slots: 7"), one=pilot("2025-12-01"))
    made = standing(portfolio, kept("two", 1, seq=5))
    assert (made.budget.slots, made.declared.slots) == (2, 7)
    (found,) = slot_faults(portfolio, made)
    assert (found.code, found.place.file, found.subject) == ("HW436", "portfolio.yaml", None)
    assert "after entry 5 froze" in found.what
    assert found.mend == ("write {share: 10 %, of: initiatives, slots: 2, envelope: 100 EUR} until 2026 ends")
    bare = BUDGETED.replace(", envelope: 100 EUR", "")
    free = replace(kept("two", 1), budget=replace(BUDGET, slots=3, envelope=None, currency=None))
    (found,) = slot_faults(write(bare), standing(write(bare), free))
    assert found.mend == "write {share: 10 %, of: initiatives, slots: 3} until 2026 ends"


def test_a_pilot_changed_after_freezing_is_told(write: Write) -> None:
    """HW427: its slot holds the answer to another question."""
    portfolio = write(one=pilot("2025-12-01"))
    declared = portfolio.initiatives["one"].pilot
    assert declared
    same = kept("one", 1, registration=digest_of(declared))
    assert codes(portfolio, standing(portfolio, same)) == []
    assert codes(portfolio, standing(portfolio, kept("one", 1))) == [("HW427", "one")]


def test_without_a_declared_budget_there_is_none(write: Write) -> None:
    """Slots, year and envelope may be left open; then the year is that of the moment judged."""
    assert promotion_of(write(PORTFOLIO), (), (), AS_OF) is None
    made = standing(write(PORTFOLIO + "promotion_budget: {share: 5 %}\n"))
    assert (made.budget.year, made.budget.slots, made.budget.envelope, made.judged) == (2026, 0, None, 2026)
    other = standing(write(PORTFOLIO + "promotion_budget: {year: 2025, of: money, envelope: 9 EUR}\n"))
    assert (other.budget.year, other.budget.of, other.judged) == (2025, "money", 2026)
    assert made.fact("nobody") == {
        "budget": made.budget.as_json(), "judged": 2026, "slot": None, "approaches": 1, "registration": None,
        "cost": None, "within": True, "shares_units_with": [], "frozen": [],
    }  # fmt: skip


def test_of_a_slot_that_is_frozen_twice_the_first_counts(write: Write) -> None:
    """Whoever appends past the check, for the slot or for the initiative, gains nothing."""
    portfolio = write(one=pilot("2025-12-01"))
    again = (kept("one", 1, 2), kept("other", 1, 3), kept("one", 2, 4))
    made = standing(portfolio, kept("one", 1), *again)
    assert [f.seq for f in made.frozen] == [1]


@pytest.mark.parametrize(
    ("budget", "path"),
    [
        ("share: 0 %", "share"),
        ("share: 100 %", "share"),
        ("slots: 0", "slots"),
        ("envelope: 0 EUR", "envelope"),
        ("of: money", "of"),
    ],
)
def test_terms_that_promise_nothing_are_told(tmp_path: Path, budget: str, path: str) -> None:
    """Nobody could be accepted under them, or everybody: HW105 at the key."""
    (tmp_path / "portfolio.yaml").write_text(f"{PORTFOLIO}promotion_budget:\n  {budget}\n")
    (found,) = load(tmp_path).diagnostics
    assert (found.code, f"'{path}' is" in found.what or path == "of") == ("HW105", True)
    assert found.place.line == len(PORTFOLIO.splitlines()) + 2


def test_nobody_asks_for_less_than_nothing(tmp_path: Path) -> None:
    """An ask below 0 would leave more for the others."""
    (tmp_path / "portfolio.yaml").write_text(BUDGETED)
    (tmp_path / "one.yaml").write_text(INITIATIVE + pilot("2025-12-01", "  asks: -5 EUR\n"))
    (found,) = [d for d in load(tmp_path).diagnostics if d.code == "HW105"]
    assert found.what == "the pilot asks for -5 EUR"
