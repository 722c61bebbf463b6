"""What other rules would say of a portfolio, before they say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.events import PILOT as EVENTS
from tests.unit.events import SOURCES
from tests.unit.small import FRAMED, INITIATIVE, PORTFOLIO, RANDOMISED, Declare, two_arms

from headway.app.adopt import adopt, under, write
from headway.app.check import check
from headway.app.review import review
from headway.portfolio.load import load

SETTINGS = PORTFOLIO.replace("operating_model: {extends: starter@1, mode: block}\n", "")
PILOT = "pilot:\n" + "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
TRIAL = INITIATIVE + PILOT
SCALING = TRIAL.replace("stage: piloting", "stage: scaling")
SECOND = SCALING.replace("initiative: trial", "initiative: second") + "  promote_above: -0.1\n"


def asked(folder: Path, *rows: str) -> Any:
    """The record of a dry run."""
    return adopt(check(folder), rows).as_json(written=False)


def test_a_dry_run_says_what_each_initiative_would_be(declare: Declare) -> None:
    """Those before the gate are judged by the row; nothing is said of the others."""
    first = SCALING.replace("initiative: trial", "initiative: first")
    folder = declare(rows=two_arms(), portfolio=SETTINGS, initiative=f"{first}---\n{SECOND}---\n{FRAMED}")
    made = asked(folder, "operate.value.effect")
    rows = {r["initiative"]: r for r in made["rows"]}
    assert {n: (r["before"], r["after"]) for n, r in rows.items()} == {
        "first": (None, "missing"),
        "second": (None, "met"),
    }
    assert "nothing is declared at initiative.pilot.promote_above" in rows["first"]["saw"]
    assert rows["first"]["who"] == "ann"
    assert {i["name"] for i in made["initiatives"]} == {"first", "second", "trial"}
    assert made["sources"] == [{"source": "source units (pilot)", "rows": 1, "initiatives": ["first"]}]
    assert [d["code"] for d in made["diagnostics"]] == ["HW505"]
    assert made["diagnostics"][0]["severity"] == "warning"


def test_the_verdicts_are_those_of_a_review_after_the_change(declare: Declare) -> None:
    """What the dry run foretold is what the next review says, to the digest of the rules."""
    folder = declare(rows=two_arms(), portfolio=SETTINGS, initiative=SECOND)
    before = check(folder)
    made = adopt(before, ["operate.value.effect"])
    assert review(before).initiatives[0].verdict == made.pairs[0].before
    assert write(made)
    after = check(folder)
    assert not after.wrong, after.text()
    assert review(after).initiatives[0].verdict == made.pairs[0].after
    assert after.model
    assert after.model.rules == made.after.rules


def test_a_dry_run_writes_nothing(declare: Declare) -> None:
    """Not a byte, and `--rules` has nothing to write."""
    folder = declare(rows=two_arms(), portfolio=SETTINGS, initiative=SECOND)
    before = (folder / "portfolio.yaml").read_bytes()
    adopt(check(folder), ["operate.value.effect"])
    assert not write(under(check(folder), "standard@1"))
    assert (folder / "portfolio.yaml").read_bytes() == before


def test_several_rows_are_adopted_whole_or_not_at_all(declare: Declare) -> None:
    """One that cannot be adopted keeps the others from being written."""
    folder = declare(portfolio=SETTINGS)
    before = (folder / "portfolio.yaml").read_bytes()
    made = adopt(check(folder), ["operate.value.effect", "scale.value.efect", "operate.data.drift"])
    assert sorted(d.code for d in made.refused) == ["HW506", "HW508"]
    assert (made.pairs, made.change, write(made)) == ((), None, False)
    assert (folder / "portfolio.yaml").read_bytes() == before
    both = adopt(check(folder), ["operate.value.effect", "keep.value.return"])
    assert write(both)
    portfolio = load(folder).portfolio
    assert portfolio
    assert [a.row for a in portfolio.settings.operating_model.adopt] == [
        "operate.value.effect",
        "keep.value.return",
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("scale.value.effect", "HW107"),
        ("standard@1:scale.value.effect", "HW107"),
        ("nothing", "HW506"),
        ("moon@1:scale.value.effect", "HW506"),
        ("operate.data.drift", "HW508"),
    ],
)
def test_what_cannot_be_adopted_is_refused(declare: Declare, row: str, code: str) -> None:
    """In the house form, and no source is read for it."""
    made = adopt(check(declare(portfolio=SETTINGS)), [row])
    assert [d.code for d in made.refused] == [code]
    assert made.made.initiatives == ()


def test_adopting_twice_is_answered_with_the_line_that_is_there(declare: Declare) -> None:
    """The second time nothing is changed."""
    folder = declare(portfolio=SETTINGS)
    assert write(adopt(check(folder), ["keep.value.return"]))
    (fault,) = adopt(check(folder), ["keep.value.return"]).refused
    assert (fault.code, str(fault.see[0][0])) == ("HW107", "portfolio.yaml:7:13")


HOUSE = """\
operating_model: house@1
extends: starter@1
mode: warn
add: [{id: scale.value.stop, declared: [pilot.stop]}, {id: scale.value.who, any: [{owner: accountable}]}]
"""


def test_a_row_of_the_house_is_found_by_its_id(declare: Declare) -> None:
    """Where standard@1 has none of that name; what is declared is missing from the initiative's own file."""
    folder = declare(rows=two_arms(), portfolio=SETTINGS, initiative=TRIAL, house=HOUSE)
    made = asked(folder, "scale.value.stop")
    assert made["adopted"][0]["from"] == "house@1"
    (row,) = made["rows"]
    assert (row["after"], row["sources"]) == ("missing", ["the initiative's file"])
    group = asked(folder, "house@1:scale.value.who")["rows"][0]
    assert (group["after"], group["sources"]) == ("met", [])


def test_each_kind_of_evidence_comes_from_its_own_place(declare: Declare) -> None:
    """Pilot source, bill, people, the initiative's file, or a version to come."""
    house = (
        HOUSE.replace("mode: warn", "drop: [scale.value.effect, scale.value.return]")
        + """\
---
operating_model: asks@1
extends: house@1
add:
  - {id: scale.people.alone, owner: accountable}
  - {id: scale.spend.used, measure: utilisation, metric: idle_share, bound: {op: "<", value: 0.5}}
  - {id: scale.value.either, all: [{to_come: {by: oracle, need: an answer}}, {owner: accountable}]}
"""
    )
    lonely = FRAMED.replace("sponsor: bob\n", "").replace("stage: framed", "stage: piloting")
    folder = declare(portfolio=SETTINGS, initiative=lonely, house=house)
    made = under(check(folder), "asks@1").as_json(written=False)
    rows: Any = made["rows"]
    sources = {r["requirement"]: r["sources"] for r in rows if r["after"] == "missing"}
    assert sources["scale.people.alone"] == ["people.yaml"]
    assert sources["scale.spend.used"] == ["a source of fact usage, and none is declared"]
    assert sources["scale.value.either"] == ["a later version of headway", "people.yaml"]
    back = asked(
        declare(portfolio=SETTINGS + "operating_model: {extends: asks@1}\n", initiative=lonely, house=house),
        "scale.value.effect",
    )
    assert [r["sources"] for r in back["rows"]] == [["the initiative's file, under pilot.source"]]
    events = lonely + "pilot:\n" + "".join(f"  {line}\n" for line in EVENTS.splitlines())
    settings = SETTINGS + "operating_model: {extends: asks@1}\n"
    read = ["source exposures (exposure)", "source metrics (series)"]
    for text, named in (("", ["a source of fact exposure"]), (SOURCES, read)):
        folder = declare(portfolio=settings, initiative=events, house=house, sources=text)
        assert [r["sources"] for r in asked(folder, "scale.value.effect")["rows"]] == [named]


SELECT = "cost: {select: [{tag: {app: trial}}]}\n"
PEOPLE = "cost: {people: [{role: engineer, share: 50 %, of: 1, rate: 9500 EUR per month}]}\n"


@pytest.mark.parametrize(
    ("more", "sources"),
    [
        ("", ["the initiative's file, under cost.select", "the initiative's file, under pilot.source"]),
        (
            SELECT,
            ["a source of fact cost, and none is declared", "the initiative's file, under pilot.source"],
        ),
        (PEOPLE, ["the initiative's file, under pilot.source"]),
    ],
)
def test_a_return_lacks_its_effect_or_its_cost(declare: Declare, more: str, sources: list[str]) -> None:
    """Each is named only where it is what is missing."""
    folder = declare(
        portfolio=SETTINGS, initiative=FRAMED.replace("stage: framed", "stage: operating") + more
    )
    (row,) = asked(folder, "keep.value.return")["rows"]
    assert row["sources"] == sources


def test_rows_that_would_go_are_shown_as_gone(declare: Declare) -> None:
    """A model that asks for less takes its rows away; the portfolio's own changes stay."""
    folder = declare(
        rows=two_arms(), initiative=TRIAL, house=HOUSE.replace("add:", "drop: [scale.value.return]\nadd:")
    )
    made: Any = under(check(folder), "house@1").as_json(written=False)
    rows = {r["requirement"]: (r["before"], r["after"]) for r in made["rows"]}
    assert rows["scale.value.return"] == ("missing", None)
    assert rows["scale.value.stop"] == (None, "missing")
    assert made["after"]["mode"] == "block"
    assert [d.code for d in under(check(folder), "moon@1").refused] == ["HW506"]


@pytest.mark.parametrize(
    ("changes", "mode", "place"),
    [
        ("", "observe", "starter@1"),
        ("operating_model: {mode: warn}\n", "warn", "portfolio.yaml line 6"),
        ("operating_model: {extends: house@1}\n", "warn", "house.yaml line 3"),
        ("operating_model: {extends: mild@1}\n", "warn", "house.yaml line 3"),
    ],
)
def test_the_ceiling_is_named_with_its_line(declare: Declare, changes: str, mode: str, place: str) -> None:
    """Whoever wonders why an adopted row does not block is shown where that is said."""
    house = f"{HOUSE}---\noperating_model: mild@1\nextends: house@1\n"
    (one,) = asked(declare(portfolio=SETTINGS + changes, house=house), "operate.value.effect")["adopted"]
    assert (one["ceiling"], one["ceiling_from"]) == (mode, place)
    assert one["days"] == {"observe": "2026-03-31", "warn": "2026-04-30", "block": "2026-05-30"}


def test_a_file_in_braces_is_left_alone(declare: Declare) -> None:
    """HW509 shows the entry to put in."""
    text = "{headway: 1, portfolio: small, currency: EUR, time_zone: UTC, as_of: 2026-03-31}\n"
    made = adopt(check(declare(portfolio=text)), ["operate.value.effect"])
    (fault,) = made.refused
    assert fault.code == "HW509"
    assert "{row: operate.value.effect, from: standard@1, observe: 2026-03-31," in fault.mend


def test_without_a_portfolio_there_is_no_comparison(tmp_path: Path) -> None:
    """A folder without portfolio.yaml has no operating model."""
    with pytest.raises(ValueError, match="no operating model"):
        adopt(check(tmp_path), ["operate.value.effect"])
