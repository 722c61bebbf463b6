"""Missing evidence under what would settle it: one bill, one table, one line in the files."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.measures.test_spend import BILL, REPLIES, ROWS, bill
from tests.unit.small import FRAMED, INITIATIVE, OUTCOME, RANDOMISED, Declare, reviewed, two_arms

from headway.app.gaps import missing_json
from headway.evidence.record import Missing

OPERATING = FRAMED.replace("stage: framed", "stage: operating")


def gaps(folder: Any) -> dict[str, dict[str, Any]]:
    """What would settle it, to the gap."""
    record: Any = reviewed(folder).as_json()
    return {g["settled_by"]: g for g in record["gaps"]}


def lacking(folder: Any, name: str = "trial") -> dict[tuple[str, str], dict[str, Any]]:
    """Missing evidence of an initiative by measure and metric."""
    record: Any = reviewed(folder).as_json()
    (one,) = [i for i in record["initiatives"] if i["name"] == name]
    return {(m["measure"], m["metric"]): m for m in one["missing"]}


def test_one_line_for_one_remedy_however_many_wait_for_it(declare: Declare) -> None:
    """Three initiatives without a pilot are one gap, and it comes before what helps one."""
    others = {f"o{n}": OPERATING.replace("trial", f"o{n}") for n in range(2)}
    found = gaps(declare(initiative=OPERATING, **others))
    pilot = found["a pilot with a table of its units"]
    assert pilot["initiatives"] == ["o0", "o1", "trial"]
    assert pilot["requirements"] == [{"id": "keep.value.effect", "initiatives": ["o0", "o1", "trial"]}]
    assert (pilot["fact"], pilot["keys"]) == ("unit", ["pilot"])
    assert "`headway doctor`" in pilot["mend"]
    counts = [len(g["initiatives"]) for g in found.values()]
    assert counts == sorted(counts, reverse=True)


def test_what_a_file_lacks_is_settled_by_a_line_in_it(declare: Declare) -> None:
    """The row's own example is the line, and whoever holds the role writes it."""
    found = gaps(declare())
    tier = found["in its file: decide the tier of the use and write down the reason for it"]
    assert tier["mend"].startswith("for instance risk: {eu_ai_act:")
    assert tier["fact"] is None
    assert tier["who"] == ["ann"]


@pytest.mark.parametrize(
    ("change", "by"),
    [
        (("control: 50 %, treated: 50 %", "control, treated"), "the planned share of every arm"),
        (("design: randomised", "design: observational"),
         "a comparison in which chance decides, registered before it starts"),
        (("ends: 2026-03-01}", "ends: 2026-09-01}\nlooks: once"), "the end of a comparison that runs"),
        (('change: "-0.5"', 'change: "-1"'), "more units in a comparison that runs"),
    ],
)  # fmt: skip
def test_a_pilot_that_falls_short_says_by_what(declare: Declare, change: tuple[str, str], by: str) -> None:
    """Shares that were not planned, chance that did not decide, units that are too few."""
    pilot = RANDOMISED.replace(*change).replace("{control, treated}", "[control, treated]")
    pilot = pilot if "design: randomised" in pilot else f"{pilot}control: control\n"
    pilot = pilot if "[control" not in pilot else f"{pilot}control: control\n"
    assert by in gaps(declare(pilot, two_arms()))


def test_a_source_that_cannot_be_read_is_named(declare: Declare) -> None:
    """The gap leads to the source, and so does the missing estimate."""
    folder = declare(RANDOMISED, two_arms())
    (folder / "units.parquet").unlink()
    assert gaps(folder)["source 'units', mended"]["source"] == "units"
    row = lacking(folder)["effect", "y"]
    assert (row["source"], row["would_settle"]) == ("units", ["scale.value.effect"])


def test_old_evidence_asks_for_newer_rows(declare: Declare) -> None:
    """A year later the result of the pilot no longer stands."""
    lasting = OUTCOME.replace("valid_until: 2027-01-01", "valid_until: 2030-01-01")
    folder = declare(RANDOMISED, two_arms(), outcome=lasting)
    made: Any = reviewed(folder, as_of="2028-03-31").as_json()
    assert "newer rows" in [g["settled_by"] for g in made["gaps"]]


def test_missing_money_says_which_part_is_missing(declare: Declare) -> None:
    """No bill, no key into it, no row with the key: three remedies."""
    folder = declare(bill=BILL, initiative=REPLIES, other=FRAMED)
    bill(folder, ROWS)
    assert lacking(folder)["cost", "cost"]["settled_by"] == "a key into the bill"
    (folder / "bill.csv").write_text((folder / "bill.csv").read_text().replace("replies", "others"))
    tagged = lacking(folder, "replies")["cost", "cost"]
    assert tagged["settled_by"] == "rows of the bill that bear the declared key"
    for name in ("bill.yaml", "bill.csv"):
        (folder / name).unlink()
    bound = lacking(folder)["cost", "cost"]
    assert (bound["settled_by"], bound["fact"], bound["would_settle"]) == ("a bill", "cost", [])


def test_who_waits_for_a_decision_needs_no_evidence(declare: Declare) -> None:
    """A missed outcome and a portfolio on hold ask nobody for data."""
    missed = RANDOMISED.replace('change: "-0.5"', 'change: "-3"')
    assert gaps(declare(missed, two_arms())) == {}
    assert gaps(declare(initiative=FRAMED + "status: on-hold\n")) == {}


def test_a_requirement_of_a_group_is_settled_by_its_first_measure(declare: Declare) -> None:
    """`any` of an effect and a return: the effect's source is named."""
    rules = (
        "headway: 1\nportfolio: small\ncurrency: EUR\ntime_zone: UTC\nas_of: 2026-03-31\n"
        "operating_model:\n  extends: starter@1\n  add:\n"
        "    - id: scale.value.either\n      guidance: one of both\n      any:\n"
        '        - {measure: effect, bound: {use: low, op: ">", value: 0}}\n'
        '        - {measure: return_probability, bound: {use: value, op: ">=", value: 0.9}}\n'
    )
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    folder = declare(portfolio=rules, initiative=INITIATIVE + block, rows=two_arms())
    (folder / "units.parquet").unlink()
    gap = gaps(folder)["source 'units', mended"]
    assert "scale.value.either" in [r["id"] for r in gap["requirements"]]


@pytest.mark.parametrize(
    ("change", "by"),
    [
        (
            ("ends: 2026-03-01}", "ends: 2026-09-01}\nlooks: daily\nplan: {units: 2400}"),
            "more units in a comparison that runs",
        ),
        (("metric: y", "metric: z"), "source 'units', mended"),
    ],
)
def test_too_little_data_and_wrong_columns_are_different_gaps(
    declare: Declare, change: tuple[str, str], by: str
) -> None:
    """The first waits for units, the second for whoever keeps the source."""
    assert by in gaps(declare(RANDOMISED.replace(*change), two_arms(8)))


def test_what_no_table_knows_is_said_in_its_own_words(declare: Declare) -> None:
    """A reason without a remedy of ours stays the measure's, and leads to the gate."""
    strange = Missing("trial", "energy", "co2", "none", "no meter reads its electricity")
    portfolio = reviewed(declare()).portfolio
    (row,) = missing_json(portfolio.initiatives["trial"], [strange], {})
    assert isinstance(row, dict)
    assert (row["settled_by"], row["mend"]) == (strange.why, "see `headway gate trial`")


def test_a_return_without_its_cost_waits_for_what_the_cost_waits_for(declare: Declare) -> None:
    """No bill is bound: the return is settled by a bill too, not by a key into one."""
    block = "pilot:\n" + "".join(f"  {line}\n" for line in RANDOMISED.splitlines())
    keys = "cost: {select: [{tag: {app: replies}}]}\n"
    found = gaps(declare(initiative=INITIATIVE + keys + block, rows=two_arms()))
    assert {r["id"] for r in found["a bill"]["requirements"]} == {
        "scale.value.return",
        "scale.spend.reconciled",
    }
