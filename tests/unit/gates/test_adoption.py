"""A requirement taken over from another model: from which day it holds, how strictly, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests.unit.gates.conftest import SETTINGS, Declare

from headway.gates.adoption import planned
from headway.gates.model import OperatingModel, in_force, named_model, shipped
from headway.kernel.diagnostic import Diagnostic

EFFECT = (
    "{row: operate.value.effect, from: standard@1, observe: 2026-04-01, warn: 2026-05-01, block: 2026-05-31}"
)
BILL = "{row: scale.spend.reconciled, from: standard@1, observe: 2026-04-01, warn: 2026-05-01}"


def held(
    declare: Declare, changes: str, day: str = "2026-06-01T12:00:00Z", **files: str
) -> tuple[OperatingModel, tuple[Diagnostic, ...]]:
    """The model in force at a moment."""
    own = {f"gates/{name}.yaml": text for name, text in files.items()}
    portfolio = declare({"portfolio.yaml": f"{SETTINGS}operating_model: {changes}\n", **own})
    return in_force(portfolio, datetime.fromisoformat(day))


def modes(model: OperatingModel) -> dict[str, str]:
    """The mode of each row."""
    return {r.id: r.mode for r in model.rows}


@pytest.mark.parametrize(
    ("moment", "mode"),
    [
        ("2026-03-31T21:59:59Z", None),  # in Berlin still the last of March
        ("2026-03-31T22:00:00Z", "observe"),
        ("2026-04-30T21:59:59Z", "observe"),
        ("2026-04-30T22:00:00Z", "warn"),
        ("2026-05-30T22:00:00Z", "block"),
        ("2036-01-01T00:00:00Z", "block"),
    ],
)
def test_the_mode_in_force_follows_from_the_file_and_the_day(
    declare: Declare, moment: str, mode: str | None
) -> None:
    """Days are cut in the portfolio's time zone; before the first the row is not there."""
    model, found = held(declare, f"{{adopt: [{EFFECT}]}}", moment)
    assert found == ()
    assert modes(model).get("operate.value.effect") == mode


def test_the_digest_of_the_rules_changes_with_the_mode_in_force(declare: Declare) -> None:
    """And with nothing else: two days of one mode have the same rules."""
    days = ("2026-03-01", "2026-04-02", "2026-04-20", "2026-05-02", "2026-06-02")
    rules = [held(declare, f"{{adopt: [{EFFECT}]}}", f"{d}T12:00:00Z")[0].rules for d in days]
    assert rules[1] == rules[2]
    assert len(set(rules)) == 4
    assert all(r.startswith("harbour(starter@1)#") for r in rules)


def test_the_order_of_the_entries_is_no_other_model(declare: Declare) -> None:
    """A line put in before or behind the others is the same adoption."""
    rest = "drop: [scale.spend.reconciled]"
    one, _ = held(declare, f"{{adopt: [{EFFECT}, {BILL}], {rest}}}")
    other, _ = held(declare, f"{{adopt: [{BILL}, {EFFECT}], {rest}}}")
    assert one.rules == other.rules


def test_a_row_is_never_stricter_than_it_is_written(declare: Declare) -> None:
    """Dates lower a row's own mode; they do not raise it."""
    changes = "{drop: [scale.spend.reconciled], adopt: [" + BILL.replace("}", ", block: 2026-05-02}") + "]}"
    model, found = held(declare, changes)
    assert (found, modes(model)["scale.spend.reconciled"]) == ((), "warn")


def test_a_row_that_was_dropped_comes_back_with_dates(declare: Declare) -> None:
    """It is dropped from the model that is taken over, and adopted from the other."""
    model, found = held(
        declare, f"{{drop: [scale.spend.reconciled], adopt: [{BILL}]}}", "2026-04-02T12:00:00Z"
    )
    assert (found, modes(model)["scale.spend.reconciled"]) == ((), "observe")


def test_what_is_adopted_can_be_changed(declare: Declare) -> None:
    """`set` knows it, before its first day too; its own dates still hold."""
    changes = f"{{adopt: [{EFFECT}], set: {{operate.value.effect: {{grade: A, mode: warn}}}}}}"
    model, found = held(declare, changes)
    row = next(r for r in model.rows if r.id == "operate.value.effect")
    assert (found, row.grade, row.mode) == ((), "A", "warn")
    early, found = held(declare, changes, "2026-01-01T12:00:00Z")
    assert (found, "operate.value.effect" in modes(early)) == ((), False)


HARBOUR = f"""\
operating_model: harbour@1
extends: starter@1
adopt: [{EFFECT}]
add: [{{id: scale.value.own, owner: accountable}}]
"""


def test_a_house_adopts_for_all_its_portfolios(declare: Declare) -> None:
    """Its dates hold where it is extended; a portfolio may still change or drop the row."""
    model, found = held(declare, "{extends: harbour@1}", "2026-05-02T12:00:00Z", harbour=HARBOUR)
    assert (found, model.name, modes(model)["operate.value.effect"]) == ((), "harbour@1", "warn")
    changes = "{extends: harbour@1, set: {operate.value.effect: {mode: observe}}}"
    model, found = held(declare, changes, harbour=HARBOUR)
    assert (found, modes(model)["operate.value.effect"]) == ((), "observe")
    model, found = held(declare, "{extends: harbour@1, drop: [operate.value.effect]}", harbour=HARBOUR)
    assert (found, model.dated) == ((), {})


def test_a_row_of_the_house_can_be_adopted(declare: Declare) -> None:
    """From any model that the portfolio declares."""
    entry = "{row: scale.value.own, from: harbour@1, observe: 2026-04-01}"
    model, found = held(declare, f"{{adopt: [{entry}]}}", harbour=HARBOUR)
    assert (found, modes(model)["scale.value.own"]) == ((), "observe")
    assert str(model.places["scale.value.own"]).startswith("gates/harbour.yaml:4:")


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (EFFECT.replace("value.effect", "value.efect"), ["HW506 operate.value.effect"]),
        (EFFECT.replace("operate.value.effect", "x"), ["HW506 write the id"]),
        (EFFECT.replace("standard@1", "standrd@1"), ["HW506 standard@1"]),
        (EFFECT.replace("standard@1", "moon@1"), ["HW506 extend one of"]),
        (EFFECT.replace("operate.value.effect", "operate.data.drift"), ["HW508 'drift' is still to come"]),
        (f"{EFFECT}, {EFFECT}", ["HW107 is there already"]),
        (EFFECT.replace("operate", "scale"), ["HW107 is there already"]),
        (EFFECT.replace("2026-05-01", "2026-04-01"), ["HW507 a day after 2026-04-01"]),
        (EFFECT.replace("2026-04-01", "2027-04-01"), ["HW507 observe on 2027", "HW507 warn on 2027"]),
    ],
)
def test_an_entry_that_cannot_hold_is_told(declare: Declare, entries: str, told: list[str]) -> None:
    """At its place, with the nearest name where there is one; the other rows stay as they are."""
    model, found = held(declare, f"{{adopt: [{entries}]}}")
    assert len(found) == len(told), found
    for diagnostic, words in zip(found, told, strict=True):
        code, _, text = words.partition(" ")
        assert (diagnostic.code, diagnostic.place.file) == (code, "portfolio.yaml")
        assert diagnostic.place.line == 5
        assert text in str(diagnostic)
    kept = {r.id: r for r in model.rows}
    assert all(kept[r.id] == r for r in shipped("starter@1").rows)


def test_a_group_with_a_member_to_come_cannot_be_adopted(declare: Declare) -> None:
    """It could be missing for ever."""
    house = """\
operating_model: harbour@1
extends: starter@1
add: [{id: scale.value.own, any: [{owner: accountable}, {to_come: {by: oracle, need: an answer}}]}]
"""
    entry = "{row: scale.value.own, from: harbour@1, observe: 2026-04-01}"
    _, found = held(declare, f"{{adopt: [{entry}]}}", harbour=house)
    assert [d.code for d in found] == ["HW508"]


def test_adoption_takes_a_month_of_each_mode(declare: Declare) -> None:
    """Up to the mode of the row itself."""
    rows = {r.id: r for r in shipped("standard@1").rows}
    start = date(2026, 11, 24)
    full = planned(rows["operate.value.effect"], "standard@1", start)
    assert (full.observe, full.warn, full.block) == (start, date(2026, 12, 24), date(2027, 1, 23))
    warns = planned(rows["scale.spend.reconciled"], "standard@1", start)
    assert (warns.warn, warns.block) == (start + timedelta(days=30), None)
    model = named_model(declare({"portfolio.yaml": SETTINGS}), "moon@1")
    assert model is None


def test_a_model_that_adopts_from_itself_is_told(declare: Declare) -> None:
    """A circle of models is no model."""
    house = HARBOUR.replace("standard@1", "harbour@1")
    _, found = held(declare, "{extends: harbour@1}", harbour=house)
    assert {d.code for d in found} == {"HW506"}
    assert any("extends itself" in d.what for d in found)
