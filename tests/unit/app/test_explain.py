"""A person who meets a word, a code or a number is told what it is and where it came from."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.small import FRAMED, RANDOMISED, Declare, reviewed, two_arms

from headway.app import explain_field, explain_words
from headway.app.explain import Asking, explain
from headway.app.explain_row import all_rows
from headway.app.explanation import Answer, Explanation
from headway.gates.model import SHIPPED, shipped
from headway.kernel.codes import CODES
from headway.kernel.registry import names


def one(what: str, folder: Path) -> Explanation:
    """The only thing that a word means."""
    answer = explain(what, Asking(folder))
    assert len(answer.found) == 1, answer
    return answer.found[0]


def said(found: Explanation) -> dict[str, str]:
    """What is known of it, by name."""
    return {f.name: f.text for f in found.facts}


def asks(answer: Answer) -> list[str]:
    """What a word may mean."""
    return [c.ask for c in answer.candidates]


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code: str, tmp_path: Path) -> None:
    """Its meaning, its weight, when it comes and what mends it, in any case."""
    found = one(code.lower(), tmp_path)
    assert found.title == CODES[code].title
    assert said(found)["weight"].startswith(CODES[code].severity)
    assert {"when", "mend", "told"} <= set(said(found))


@pytest.mark.parametrize("row", sorted({r.id for m in SHIPPED for r in shipped(m).rows}))
def test_every_shipped_row_is_explained(row: str, tmp_path: Path) -> None:
    """What it asks in plain words, whose move it is, and what good evidence looks like."""
    found = said(one(row, tmp_path))
    assert {"asks", "mode", "whose move", "guidance", "good example", "shipped in"} <= set(found)
    assert "{" not in found["asks"]


def test_every_field_is_explained(tmp_path: Path) -> None:
    """By its whole path: its meaning and what it is."""
    assert len(explain_field.fields()) > 100
    for path in explain_field.fields():
        found = one(path, tmp_path)
        assert found.kind == "field"
        assert found.name == path
        assert found.title != "a field"
        assert said(found)["is"]


@pytest.mark.parametrize("port", explain_words.PORTS)
def test_every_registered_kind_is_explained(port: str, tmp_path: Path) -> None:
    """Measures, designs, sources, engines, rules and forms of output, by kind and name."""
    for name in names(f"headway.{port}"):
        assert one(f"{port.removesuffix('s')} {name}", tmp_path).text


def test_every_word_of_the_glossary_is_explained(tmp_path: Path) -> None:
    """Alone, or with what else bears the name."""
    for name in explain_words.words("glossary"):
        answer = explain(f"term {name}", Asking(tmp_path))
        assert answer.found[0].kind == "term", name
        assert answer.found[0].text


@pytest.mark.parametrize("kind", ["initiative", "initiatives", "sources", "portfolio", "people"])
def test_every_kind_of_document_shows_its_keys(kind: str, tmp_path: Path) -> None:
    """In the singular and the plural."""
    found = next(f for f in explain(kind, Asking(tmp_path)).found if f.kind == "kind")
    assert len(found.tables[0].rows) > 2


def test_a_field_says_default_choices_example_and_the_rows_that_read_it(tmp_path: Path) -> None:
    """By the shortest name that is its own."""
    assert one("looks", tmp_path) == one("pilot.looks", tmp_path) == one("initiative.pilot.looks", tmp_path)
    found = said(one("looks", tmp_path))
    assert (found["default"], found["one of"]) == ("once", "daily, weekly, once")
    objective = said(one("pilot.objective", tmp_path))
    assert "scale.value.effect" in objective["read by"]


def test_a_name_with_several_meanings_lists_words_that_mean_one_each(tmp_path: Path) -> None:
    """Each of the words listed is then understood."""
    answer = explain("title", Asking(tmp_path))
    assert not answer.found
    assert len(answer.candidates) > 3
    assert [one(ask, tmp_path).name for ask in asks(answer)] == asks(answer)


@pytest.mark.parametrize(
    ("typed", "near"),
    [("HW428", "HW429"), ("scale.value.efect", "scale.value.effect"), ("pilot.lokos", "looks")],
)
def test_what_nothing_is_called_names_the_nearest(typed: str, near: str, tmp_path: Path) -> None:
    """And says that a portfolio would know more."""
    answer = explain(typed, Asking(tmp_path))
    assert not answer.found
    assert any(near in name for name in answer.near) or typed == "HW428"


def test_an_exit_status_is_explained(tmp_path: Path) -> None:
    """Each of the five; there is no sixth."""
    assert [one(f"exit {n}", tmp_path).kind for n in range(5)] == ["exit status"] * 5
    assert not explain("exit 7", Asking(tmp_path)).found


# --- inside a portfolio


@pytest.fixture
def folder(declare: Declare) -> Path:
    """One randomised trial that lowers y by one."""
    return declare(RANDOMISED, two_arms())


def test_a_row_shows_how_each_initiative_stands_and_the_place_that_sets_its_mode(folder: Path) -> None:
    """The same answer as the gate's."""
    (reviewed_one,) = reviewed(folder).initiatives
    assert reviewed_one.verdict
    verdict = {j.id: j for j in reviewed_one.verdict.requirements}
    found = one("scale.value.effect", folder)
    (row,) = found.tables[0].rows
    assert row[:3] == ("trial", verdict["scale.value.effect"].state.value, verdict["scale.value.effect"].saw)
    assert "block" in said(found)["mode"]


def test_a_lower_ceiling_is_told_with_file_and_line(declare: Declare) -> None:
    """Why a row that says block does not block."""
    settings = "headway: 1\nportfolio: small\ncurrency: EUR\ntime_zone: UTC\nas_of: 2026-03-31\n"
    here = declare(portfolio=f"{settings}operating_model:\n  extends: starter@1\n  mode: observe\n")
    mode = said(one("framed.value.problem", here))["mode"]
    assert mode.startswith("observe")
    assert "portfolio.yaml:8:9" in mode


def test_a_row_that_is_not_in_force_names_the_command_that_adopts_it(declare: Declare) -> None:
    """It is explained as headway ships it."""
    settings = "headway: 1\nportfolio: small\ncurrency: EUR\ntime_zone: UTC\nas_of: 2026-03-31\n"
    here = declare(
        portfolio=f"{settings}operating_model: {{extends: starter@1, drop: [scale.spend.reconciled]}}\n"
    )
    found = one("scale.spend.reconciled", here)
    assert "not in force" in found.title
    assert found.see == ("headway gate --adopt scale.spend.reconciled --write",)
    assert not found.tables


def test_evidence_is_found_by_id_by_address_and_as_printed(folder: Path) -> None:
    """All three lead to the same number, down to the query that was sent."""
    made = reviewed(folder)
    evidence = next(e for e in made.collected.evidence["trial"] if e.measure == "effect")
    by_id = one(evidence.id[:12], folder)
    by_address = one("trial/effect/y", folder)
    assert said(by_id)["id"] == said(by_address)["id"] == evidence.id
    assert "SELECT" in by_address.query
    where = by_address.tables[0].rows[0]
    assert where[0] == "units"
    assert where[2] == "400"
    assert where[4] == evidence.provenance[0].digest[:12]
    shown = said(by_address)["value"]
    printed = explain(shown, Asking(folder))
    assert evidence.id in {said(f).get("id") for f in printed.found}


def test_a_printed_number_is_found_with_any_minus_and_any_blanks(folder: Path) -> None:
    """As a person types it from a report."""
    shown = said(one("trial/effect/y", folder))["value"]
    typed = shown.replace("−", "-").replace(" ", "")
    assert "trial/effect/y" in {f.name for f in explain(typed, Asking(folder)).found}


def test_an_address_of_several_numbers_lists_each(folder: Path) -> None:
    """Returns have a value and a probability."""
    answer = explain("trial/effect", Asking(folder))
    assert len(answer.found) == 1
    assert not explain("trial/nonsense", Asking(folder)).found


def test_missing_evidence_is_told_with_its_reason(folder: Path) -> None:
    """A number that is not there has a reason."""
    found = one("trial/cost", folder)
    assert found.kind == "missing evidence"
    assert "no source" in found.tables[0].rows[0][2]


def test_the_bill_adds_up_to_the_last_digit(declare: Declare) -> None:
    """Its parts and what nobody claims, under an address of their own."""
    rows = "BilledCost,BillingCurrency,ChargePeriodStart,Tags\n"
    rows += '0.1,EUR,2026-01-01,"{""app"":""x""}"\n0.2,EUR,2026-01-02,\n'
    here = declare(
        initiative=FRAMED + "cost: {select: [{tag: {app: x}}]}\n",
        source="source: bill\nkind: file\npath: bill.csv\nfact: cost\n",
    )
    (here / "bill.csv").write_text(rows)
    found = one("totals/bill/EUR", here)
    assert dict(found.tables[0].rows) == {"trial": "0.1", "nobody": "0.2", "bill": "0.3"}
    assert found.title.startswith("0.3 EUR")
    assert one("totals/bill/EUR/unallocated", here).title.startswith("0.2 EUR")
    assert [f.name for f in explain("0.30 EUR", Asking(here)).found] == ["totals/bill/EUR"]


def test_an_initiative_says_where_it_stands_who_answers_and_its_way_to_the_line(folder: Path) -> None:
    """And every number it has, by an address that is understood."""
    found = one("trial", folder)
    assert said(found)["answers for it"] == "ann"
    assert said(found)["way to the P&L"] == "waiting → cost (grade C)"
    numbers = next(t for t in found.tables if t.title.startswith("numbers"))
    for address, *_ in numbers.rows:
        assert one(address, folder).name == address


def test_an_outcome_says_where_it_leads_and_who_moves_it(folder: Path) -> None:
    """By its name."""
    found = said(one("waiting", folder))
    assert found["moved by"] == "trial"
    assert found["way to the P&L"] == "waiting → cost (grade C)"
    assert said(one("outcome cost", folder))["P&L line"] == "cost"


def test_sources_and_people_are_explained(folder: Path) -> None:
    """What uses a source, and what a person answers for."""
    assert said(one("units", folder))["used by"] == "trial"
    assert said(one("ann", folder))["answers for"] == "trial"


def test_nothing_but_a_review_reads_a_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes, fields and terms are answered though every source is broken."""

    def broken(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("headway.app.review.review", broken)
    for what in ("HW429", "looks", "exit 4", "grade", "measure effect", "units"):
        assert explain(what, Asking(folder)).found


def test_the_record_is_json(folder: Path) -> None:
    """Whatever is asked."""
    for what in ("HW429", "trial", "trial/effect/y", "scale.value.effect", "title"):
        assert json.loads(json.dumps(explain(what, Asking(folder)).as_json()))["asked"] == what


def test_every_row_that_is_named_as_a_reader_is_there() -> None:
    """A field names the rows that read it, and each of them is explained."""
    from headway.app.explain_row import readers_of_field

    named = {row for path in explain_field.fields() for row in readers_of_field(path)}
    assert {"scale.value.effect", "framed.people.owner"} <= named <= set(all_rows())
