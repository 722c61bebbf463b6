"""A FOCUS bill from its declaration to what review and doctor say of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from docs.schemas import schemas
from jsonschema import Draft202012Validator
from tests.unit.bills import CHARGES, USAGE, Charge, of_version, write
from tests.unit.small import FRAMED, PEOPLE, PORTFOLIO

from headway.app.check import check
from headway.app.doctor import doctor
from headway.app.new import New, new_source
from headway.app.review import Review, review
from headway.cli.main import cli
from headway.portfolio.load import load
from headway.sources.propose import propose

BILL = "source: bill\nkind: focus\npath: bill.csv\n"


def declared(folder: Path, sources: str, **bills: list[Charge]) -> Path:
    """A portfolio with an initiative that claims a tag, its sources, and bills by name of file."""
    for name, charges in bills.items():
        write(folder / f"{name}.csv", charges)
    (folder / "portfolio.yaml").write_text(PORTFOLIO)
    (folder / "people.yaml").write_text(PEOPLE)
    (folder / "initiative.yaml").write_text(FRAMED + "cost: {select: [{tag: {app: replies}}]}\n")
    (folder / "sources.yaml").write_text(sources)
    return folder


def codes(made: Review) -> list[str]:
    """Codes of what is said of sources."""
    return [d.code for d in made.diagnostics if d.place.file == "sources.yaml"]


def test_a_sound_bill_is_divided_and_nothing_is_said(tmp_path: Path) -> None:
    """The literal text for no value may be given alone."""
    bill = [{c: v or "NULL" for c, v in x.items()} for x in of_version(CHARGES, "1.2")]
    made = review(check(declared(tmp_path, BILL + 'nullstr: "NULL"\nversion: "1.2"\n', bill=bill)))
    assert codes(made) == []
    (cost,) = [e for e in made.collected.evidence["trial"] if e.metric == "cost"]
    assert "provisional" not in cost.estimate.detail


@pytest.mark.parametrize(
    ("line", "code", "what"),
    [
        ('version: "2.0"', "HW340", "FOCUS has no version '2.0' that this headway reads"),
        ("engine: ${URL}", "HW104", "'path' and 'engine' are both given: a bill lies in files or in a table"),
        ("fact: usage", "HW308", "a source of kind 'focus' fills the fact cost, not usage"),
        ("cost_basis: {AWS: Cost}", "HW105", ""),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_told_by_check(
    tmp_path: Path, line: str, code: str, what: str
) -> None:
    """Before a row is read."""
    found = check(declared(tmp_path, f"{BILL}{line}\n")).diagnostics
    told = [d for d in found if d.place.file == "sources.yaml"]
    assert code in [d.code for d in told]
    assert what in told[0].what
    assert [d.place.line for d in told] == [3 if code == "HW104" else 4]


@pytest.mark.parametrize(
    ("sources", "lacks"),
    [
        ("source: bill\nkind: focus\n", "path"),
        ("source: bill\nkind: focus\nengine: ${URL}\n", "table"),
    ],
)
def test_a_bill_lies_somewhere(tmp_path: Path, sources: str, lacks: str) -> None:
    """In files, or in a table of an engine."""
    found = check(declared(tmp_path, sources)).diagnostics
    assert [d.what.split("'")[1] for d in found if d.place.file == "sources.yaml"] == [lacks]


def test_a_period_in_two_sources_is_named_at_the_second(tmp_path: Path) -> None:
    """With the place of the first; by review and by doctor alike."""
    charges = list(CHARGES)
    two = f"{BILL}---\nsource: copy\nkind: focus\npath: copy.csv\n"
    folder = declared(tmp_path, two, bill=charges, copy=charges[:1])
    (told,) = [d for d in review(check(folder)).diagnostics if d.code == "HW346"]
    assert told.what == (
        "source 'copy': 2026-01 of account acct-1 by Nimbus SARL (12.340000000001 EUR) comes from source"
        " 'bill' too: its money counts twice"
    )
    assert [(str(p), w) for p, w in told.see] == [("sources.yaml:1:1", "there it is 11.740000000124 EUR")]
    (finding,) = [f for s in doctor(folder).sources for f in s.findings if f.code == "HW346"]
    assert (finding.name, finding.state, finding.place) == ("copy", "wrong", "sources.yaml:5:1")


def test_what_rests_on_an_open_period_says_so(tmp_path: Path) -> None:
    """Evidence is provisional, and the note is no warning."""
    march = {"BillingPeriodStart": "2026-03-01 00:00:00", "BillingPeriodEnd": "2026-04-01 00:00:00"}
    made = review(check(declared(tmp_path, BILL, bill=[c | march for c in CHARGES])))
    assert codes(made) == ["HW345"]
    (cost,) = [e for e in made.collected.evidence["trial"] if e.metric == "cost"]
    why = "the billing period that ends on 2026-04-01 is not closed"
    assert cost.estimate.detail["provisional"] == why


def test_a_bill_that_cannot_be_read_costs_its_own_evidence_only(tmp_path: Path) -> None:
    """The review goes on, and says what mends it."""
    null = [{c: v or "NULL" for c, v in x.items()} for x in CHARGES]
    made = review(check(declared(tmp_path, BILL, bill=null)))
    assert codes(made) == ["HW304"]
    assert {m.reason for m in made.collected.missing["trial"] if m.metric == "cost"} == {"source_failed"}


def test_the_doctor_shows_a_bill(tmp_path: Path) -> None:
    """What it is, then what is wrong with it, the worst first; the record keeps to its schema."""
    charges = [USAGE | {"EffectiveCost": "12", "ListCost": "11"}, USAGE | {"EffectiveCost": "0"}]
    found = doctor(declared(tmp_path, BILL, bill=charges))
    (source,) = found.sources
    assert [(f.code, f.state) for f in source.findings] == [("HW342", "wrong"), ("HW344", "warning")]
    Draft202012Validator(schemas()["doctor"]).validate(json.loads(json.dumps(found.as_json())))
    said = CliRunner().invoke(cli, ["doctor", str(tmp_path)], env={"COLUMNS": "200"}).output
    assert "✗ bill: cost, 2 rows" in said
    assert "version: FOCUS 1.4, told by its columns" in said
    assert "billed: 24.680000000002 EUR" in said


def test_a_file_with_the_columns_of_focus_is_proposed_as_such(tmp_path: Path) -> None:
    """Version and text for no value are those of the file; other bills stay files."""
    folder = declared(tmp_path, "")
    file = write(folder / "bill.csv", of_version(CHARGES, "1.1"), null="NULL")
    found = propose(file)
    assert (found.fact, found.version, found.nullstr) == ("cost", "1.1", "NULL")
    portfolio = load(folder).portfolio
    assert portfolio is not None
    made = new_source(portfolio, file, "cost", None, {})
    assert isinstance(made, New)
    lines = (folder / made.file).read_text().splitlines()
    assert {"kind: focus", 'version: "1.1"', 'nullstr: "NULL"'} <= set(lines)
    assert not [line for line in lines if "Other columns" in line]
    write(file, of_version(CHARGES, "1.3"))
    assert (propose(file).version, propose(file).nullstr) == ("1.3", "")
    file.write_text("BilledCost,BillingCurrency,ChargePeriodStart\n1,EUR,2026-01-01\n")
    assert propose(file).version == ""
