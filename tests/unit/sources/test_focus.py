"""A bill of any FOCUS version is one fact, and what is wrong in it is named without losing a row."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.unit.bills import CHARGES, USAGE, Charge, of_version, write

from headway.aggregates.engine import Bound
from headway.aggregates.memory import Memory
from headway.facts import COST
from headway.kernel.diagnostic import Remark
from headway.kernel.errors import SourceFault
from headway.portfolio.source import FOCUS_VERSIONS
from headway.sources import file_table
from headway.sources.base import Context
from headway.sources.focus_rules import every_rule

Bill = Callable[..., Bound]
Values = Callable[[Bound, str], list[Any]]


@pytest.fixture
def bill(tmp_path: Path, declared: Callable[..., Bound]) -> Bill:
    """Write charges to bill.csv and bind them; settings of the source by name."""

    def bound(*charges: Charge, of: str = "1.4", null: str = "", **settings: Any) -> Bound:
        if charges:
            write(tmp_path / "bill.csv", of_version(charges, of), null)
        return declared(**({"kind": "focus", "fact": "cost", "path": "bill.csv"} | settings))

    return bound


def told(bound: Bound, code: str) -> list[Remark]:
    """The findings of a code."""
    return [r for r in bound.remarks if r.code == code]


def refused(bind: Callable[[], Bound]) -> SourceFault:
    """Why a bill cannot be bound."""
    with pytest.raises(SourceFault) as found:
        bind()
    return found.value


@pytest.mark.parametrize("version", FOCUS_VERSIONS)
def test_every_version_fills_the_same_columns_with_the_same_totals(
    bill: Bill, values: Values, version: str
) -> None:
    """What a version renamed or does not have changes no sum, and a sound bill has nothing to be told of."""
    bound = bill(*CHARGES, of=version)
    assert bound.remarks == ()
    assert bound.noted["version"] == f"FOCUS {version}, told by its columns"
    sums = {c: sum(filter(None, values(bound, c))) for c in ("BilledCost", "EffectiveCost", "BasisCost")}
    assert sums["BilledCost"] == Decimal("11.740000000124")
    assert sums["EffectiveCost"] == sums["BasisCost"] == Decimal("14.900000000123")
    assert set(values(bound, "ServiceProviderName")) == {"Nimbus"}
    assert set(values(bound, "BasisOf")) == {"EffectiveCost"}
    assert not [c for c in bound.columns if "text" in c or c.startswith("headway")]
    assert {"BasisCost", "BasisOf", "ChargeFrequency"} <= set(bound.columns)
    if version != "1.4":
        assert set(values(bound, "x_PublisherName")) == {"Nimbus"}


def test_the_table_is_what_was_promised(bill: Bill) -> None:
    """Types told before a row is read are those of the table, so that a remembered bill is read alike."""
    bound = bill(*CHARGES, cost_basis={"Nimbus": "ListCost"})
    assert dict(bound.types) == bound.opened.types
    decimals = {c.name for c in COST.columns if c.type == "decimal"}
    assert {bound.types[c] for c in decimals & set(bound.columns)} == {"decimal(38, 18)"}


@pytest.mark.parametrize(
    ("shown", "said", "detected"),
    [("1.0", "1.2", "1.0"), ("1.2", "1.0", "1.2"), ("1.3", "1.4", "1.3"), ("1.4", "1.1", "1.4")],
)
def test_a_version_that_the_columns_do_not_show_is_named(
    bill: Bill, shown: str, said: str, detected: str
) -> None:
    """HW340; the same bill with its own version is sound."""
    assert told(bill(*CHARGES, of=shown, version=shown), "HW340") == []
    (remark,) = told(bill(version=said), "HW340")
    assert remark.what == f"FOCUS {said} is declared, and the columns are those of {detected}"
    assert remark.mend.startswith(f'write version: "{detected}"')


def test_what_a_version_gave_up_may_tell_it(bill: Bill) -> None:
    """The columns that only 1.4 has are conditional: without them it is told by the names that are gone."""
    bare = [{c: v for c, v in x.items() if not c.startswith("CommitmentProgram")} for x in CHARGES]
    assert told(bill(*bare, version="1.4"), "HW340") == []


def test_the_text_null_where_a_number_should_be_stops_the_bill(bill: Bill) -> None:
    """Its other columns would hold the text too: one line mends all of them."""
    fault = refused(lambda: bill(*CHARGES, null="NULL"))
    assert (fault.code, fault.mend) == ("HW304", 'add nullstr: "NULL"')
    assert "the text NULL stands in ConsumedQuantity and PricingQuantity, in 1 row" in fault.happened
    assert "such as row 6 of bill.csv" in fault.happened
    assert bill(nullstr="NULL").remarks == ()
    assert bill(nullstr=["NULL", "n/a"]).remarks == ()


@pytest.mark.parametrize(("column", "kind"), [("BilledCost", "amount"), ("ChargePeriodStart", "moment")])
def test_without_amounts_and_days_nothing_is_counted(bill: Bill, column: str, kind: str) -> None:
    """A sum that leaves out what could not be read would look like a sum."""
    fault = refused(lambda: bill(*CHARGES, USAGE | {column: "12,50 or so"}))
    assert fault.code == "HW304"
    assert fault.happened.startswith(f"{column} is no {kind} in 1 row (Nimbus 1; BilledCost ")


def test_another_number_that_cannot_be_read_is_absent_and_told(bill: Bill, values: Values) -> None:
    """The row keeps its money."""
    bound = bill(USAGE | {"ConsumedQuantity": "many", "EffectiveCost": "1,5"}, USAGE)
    assert [r.what.partition(" in ")[0] for r in told(bound, "HW304")] == [
        "ConsumedQuantity is no number",
        "EffectiveCost is no number",
    ]
    assert values(bound, "ConsumedQuantity") == [None, Decimal(8)]
    assert values(bound, "BasisOf") == ["BilledCost", "EffectiveCost"]


def test_amounts_keep_every_digit(bill: Bill, values: Values) -> None:
    """Eighteen decimals, and the short form that some exports write, without a float in between."""
    amounts = ["0.000000000000000001", "8E-7", "12345678901234567890.123456789012345678"]
    bound = bill(*(USAGE | {"BilledCost": a, "EffectiveCost": ""} for a in amounts))
    assert sorted(values(bound, "BasisCost")) == sorted(map(Decimal, amounts))


def test_a_needed_column_that_is_absent_is_named_with_the_nearest(bill: Bill) -> None:
    """HW341, and mapping it mends it."""
    charges = [{{"BilledCost": "BiledCost"}.get(c, c): v for c, v in x.items()} for x in CHARGES]
    fault = refused(lambda: bill(*charges))
    assert (fault.code, fault.happened) == ("HW341", "the bill has no column BilledCost")
    assert fault.mend == "map it under `columns`: {BilledCost: BiledCost}"
    assert bill(columns={"BilledCost": "BiledCost"}).remarks == ()
    assert refused(lambda: bill(columns={"BilledCost": "Cost"})).code == "HW303"


def test_columns_that_the_version_demands_are_missed_but_not_needed(bill: Bill) -> None:
    """A warning, and the bill counts."""
    bare = [{c: v for c, v in x.items() if c not in ("ServiceName", "ListCost")} for x in CHARGES]
    (remark,) = told(bill(*bare), "HW341")
    assert remark.what == "FOCUS 1.4 demands ListCost and ServiceName, and the bill has no such column"
    assert remark.severity == "warning"


@pytest.mark.parametrize("shape", ["lower", "snake"])
def test_names_that_an_engine_folded_are_found(bill: Bill, values: Values, shape: str) -> None:
    """Whatever their case, with or without underscores."""

    def named(column: str) -> str:
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in column).lstrip("_")
        return column.lower() if shape == "lower" else snake

    bound = bill(*({named(c): v for c, v in x.items()} for x in CHARGES))
    assert sum(values(bound, "BasisCost")) == Decimal("14.900000000123")
    assert bound.remarks == ()


# A row that breaks each rule and, but for what it says, no other.
BROKEN: dict[str, Charge] = {
    "BilledCost.filled": {"BilledCost": ""},
    "BillingAccountId.filled": {"BillingAccountId": ""},
    "BillingCurrency.filled": {"BillingCurrency": ""},
    "BillingPeriodStart.filled": {"BillingPeriodStart": ""},
    "BillingPeriodEnd.filled": {"BillingPeriodEnd": ""},
    "ChargeCategory.filled": {"ChargeCategory": ""},
    "ChargePeriodStart.filled": {"ChargePeriodStart": ""},
    "ChargePeriodEnd.filled": {"ChargePeriodEnd": ""},
    "ContractedCost.filled": {"ContractedCost": ""},
    "EffectiveCost.filled": {"EffectiveCost": ""},
    "InvoiceIssuerName.filled": {"InvoiceIssuerName": ""},
    "ListCost.filled": {"ListCost": ""},
    "ServiceProviderName.filled": {"ServiceProviderName": ""},
    "ServiceCategory.filled": {"ServiceCategory": ""},
    "ServiceName.filled": {"ServiceName": ""},
    "ChargeCategory.word": {"ChargeCategory": "usage"},
    "ChargeClass.word": {"ChargeClass": "Refund"},
    "ChargeFrequency.word": {"ChargeFrequency": "Usage-based"},
    "PricingCategory.word": {"PricingCategory": "On-Demand"},
    "CommitmentDiscountCategory.word": {
        "CommitmentDiscountId": "c", "CommitmentDiscountStatus": "Used", "CommitmentDiscountCategory": "Hours"
    },
    "CommitmentDiscountStatus.word": {
        "CommitmentDiscountId": "c", "CommitmentDiscountStatus": "Idle", "CommitmentDiscountCategory": "Spend"
    },
    "CapacityReservationStatus.word": {"CapacityReservationId": "r", "CapacityReservationStatus": "Idle"},
    "ServiceCategory.word": {"ServiceCategory": "AI"},
    "BillingPeriodEnd.order": {"BillingPeriodEnd": "2026-01-01 00:00:00"},
    "ChargePeriodEnd.order": {"ChargePeriodEnd": "2026-01-02 00:00:00"},
    "BillingCurrency.letters": {"BillingCurrency": "Eur"},
    "ListCost.least": {"ListCost": "11.499999999999999999"},
    "PricingCategory.tax": CHARGES[5] | {"PricingCategory": "Standard"},
    "PricingQuantity.tax": CHARGES[5] | {"PricingQuantity": "1"},
    "PricingUnit.tax": CHARGES[5] | {"PricingUnit": "Hours"},
    "SkuId.tax": CHARGES[5] | {"SkuId": "sku-1"},
    "SkuPriceId.tax": CHARGES[5] | {"SkuPriceId": "price-1"},
    "PricingCategory.charge": {"PricingCategory": ""},
    "PricingQuantity.charge": {"PricingQuantity": ""},
    "PricingUnit.charge": {"PricingUnit": ""},
    "SkuId.charge": {"SkuId": ""},
    "ChargeFrequency.purchase": {"ChargeCategory": "Purchase"},
    "EffectiveCost.purchase": {
        "ChargeCategory": "Purchase", "ChargeFrequency": "One-Time", "CommitmentDiscountId": "c",
        "CommitmentDiscountCategory": "Spend",
    },
    "CommitmentDiscountStatus.alone": {"CommitmentDiscountStatus": "Used"},
    "CommitmentDiscountCategory.alone": {"CommitmentDiscountCategory": "Spend"},
    "CommitmentDiscountUnit.alone": {"CommitmentDiscountUnit": "Hours"},
    "CapacityReservationStatus.alone": {"CapacityReservationStatus": "Used"},
    "CommitmentDiscountStatus.usage": {"CommitmentDiscountId": "c", "CommitmentDiscountCategory": "Spend"},
    "CapacityReservationStatus.usage": {"CapacityReservationId": "r"},
    "Tags.json": {"Tags": "app=replies"},
    "AllocatedTags.json": {"AllocatedTags": "{app}"},
    "SkuPriceDetails.json": {"SkuPriceDetails": "[1]"},
}  # fmt: skip
MORE = {"CommitmentDiscountQuantity": "", "CommitmentDiscountUnit": ""}


def test_each_rule_is_broken_by_its_row_and_by_no_other(bill: Bill, values: Values) -> None:
    """Named with its column and the row; every row keeps its money."""
    sound = USAGE | MORE
    bound = bill(sound, *(sound | broken for broken in BROKEN.values()))
    found = {
        r.what.rpartition("(")[2].rstrip(")"): r.what
        for r in bound.remarks
        if r.code in ("HW341", "HW344", "HW361") and r.what.endswith(")")
    }
    assert found.keys() == BROKEN.keys()
    for row, name in enumerate(BROKEN, 2):
        assert "in 1 row (" in found[name], found[name]
        assert f"such as row {row} of bill.csv" in found[name], found[name]
    assert len(values(bound, "BasisCost")) == 1 + len(BROKEN)


def test_every_rule_with_a_finding_is_tried() -> None:
    """Nobody adds a rule without a row that breaks it."""
    read = {n for n, r in every_rule().items() if r.code and not n.endswith((".null", ".read"))}
    assert read == BROKEN.keys()


def test_what_is_no_document_is_absent_and_a_lost_day_is_that_of_its_period(
    bill: Bill, values: Values
) -> None:
    """An engine would fail on tags that are no JSON, and a row without a day would be left out."""
    bound = bill(USAGE | {"Tags": "app=replies", "ChargePeriodStart": ""}, USAGE)
    assert values(bound, "Tags") == [None, USAGE["Tags"]]
    assert {f"{v:%Y-%m-%d}" for v in values(bound, "ChargePeriodStart")} == {"2026-01-01", "2026-01-03"}


ROUNDED = (
    USAGE | {"EffectiveCost": "12", "BilledCost": "12.4"},
    USAGE | {"EffectiveCost": "0", "BilledCost": "0.3"},
    USAGE | {"ServiceProviderName": "Other", "EffectiveCost": "0.4", "BilledCost": "0.3"},
    USAGE | {"ServiceProviderName": "Whole", "EffectiveCost": "2", "BilledCost": "2"},
)


def test_a_rounded_effective_cost_is_struck_until_the_basis_is_declared(bill: Bill, values: Values) -> None:
    """By provider: what another one writes stands, and whole numbers beside whole numbers are no fault."""
    bound = bill(*ROUNDED)
    (remark,) = told(bound, "HW342")
    assert "for Nimbus (2 rows, 1 of them 0, EffectiveCost 12 against BilledCost 12.7): it was" in remark.what
    assert remark.mend.startswith("add cost_basis: {Nimbus: BilledCost}")
    assert sum(values(bound, "BasisCost")) == Decimal("12.4") + Decimal("0.3") + Decimal("0.4") + 2
    assert values(bound, "BasisOf") == ["BilledCost"] * 2 + ["EffectiveCost"] * 2
    taken = bill(cost_basis={"Nimbus": "EffectiveCost", "Other": "ListCost"})
    assert told(taken, "HW342") == []
    assert sum(values(taken, "BasisCost")) == 12 + Decimal(14) + 2
    assert {bound.digest, taken.digest, bill(*CHARGES).digest} != {bound.digest}


def test_one_rounded_period_does_not_strike_another(bill: Bill, values: Values) -> None:
    """An export that was mended in February is usable in February."""
    later = {"BillingPeriodStart": "2026-02-01 00:00:00", "BillingPeriodEnd": "2026-03-01 00:00:00"}
    bound = bill(ROUNDED[0], ROUNDED[1], USAGE | later)
    assert values(bound, "BasisOf") == ["BilledCost"] * 2 + ["EffectiveCost"]
    assert "for Nimbus (2 rows" in told(bound, "HW342")[0].what


def test_a_bill_without_effective_cost_counts_with_what_is_billed(bill: Bill, values: Values) -> None:
    """Nothing is struck, and nothing is guessed."""
    bare = [{c: v for c, v in x.items() if c != "EffectiveCost"} for x in CHARGES]
    bound = bill(*bare)
    assert told(bound, "HW342") == []
    assert set(values(bound, "BasisOf")) == {"BilledCost"}


def test_a_basis_for_nobody_is_named(bill: Bill) -> None:
    """HW360: a typing mistake would do nothing, silently."""
    (remark,) = told(bill(*CHARGES, cost_basis={"Nimbs": "BilledCost"}), "HW360")
    assert (
        remark.what == "cost_basis names 'Nimbs', and the bill has no such provider; did you mean 'Nimbus'?"
    )
    bare = [{c: v for c, v in x.items() if c != "ListCost"} for x in CHARGES]
    (remark,) = told(bill(*bare, cost_basis={"Nimbus": "ListCost"}), "HW360")
    assert "the bill has no such column" in remark.what


@pytest.mark.parametrize(
    ("as_of", "is_open"), [("2026-01-20", True), ("2026-02-05", True), ("2026-02-06", False)]
)
def test_a_period_is_closed_five_days_after_its_end(
    bill: Bill, context: Context, as_of: str, *, is_open: bool
) -> None:
    """HW345, a note; what rests on the bill is provisional."""
    context.as_of = f"{as_of}T00:00:00.000000Z"
    bound = bill(*CHARGES)
    assert [r.what.partition(" is not")[0] for r in told(bound, "HW345")] == [
        "the billing period 2026-01 of Nimbus"
    ] * is_open
    assert (bound.open_until is not None) == is_open
    assert bound.noted["billing periods"] == ("2026-01, open: 2026-01" if is_open else "2026-01, closed")


@pytest.mark.parametrize(("status", "is_open"), [("Open", True), ("Closed", False)])
def test_a_bill_may_say_that_it_is_open(bill: Bill, status: str, *, is_open: bool) -> None:
    """The status of the period, where the bill has it, is not second-guessed."""
    bound = bill(*(c | {"BillingPeriodStatus": status} for c in CHARGES))
    assert bool(told(bound, "HW345")) == is_open


def files(folder: Path, **charges: list[Charge]) -> None:
    """Files of a folder `bills`, by name."""
    for name, some in charges.items():
        write(folder / "bills" / f"{name}.csv", some)


def test_two_exports_of_a_period_are_named(tmp_path: Path, bill: Bill) -> None:
    """HW346: a copy, and a newer export that holds what the older one held."""
    files(tmp_path, a=list(CHARGES), b=list(CHARGES))
    (remark,) = told(bill(path="bills/*.csv"), "HW346")
    assert remark.what == (
        "2026-01 of account acct-1 by Nimbus SARL comes from a.csv and b.csv, which hold the same charges:"
        " their money counts twice"
    )
    files(tmp_path, b=[*CHARGES, USAGE | {"ResourceId": "gpu/8"}])
    assert [r.what for r in told(bill(path="bills/*.csv"), "HW346")] == [remark.what]


def test_parts_of_one_export_are_no_two_exports(tmp_path: Path, bill: Bill) -> None:
    """Files of other days, periods or accounts are silent; files that meet in time are compared."""
    later = {"ChargePeriodStart": "2026-01-04 00:00:00", "ChargePeriodEnd": "2026-01-05 00:00:00"}
    files(
        tmp_path,
        a=list(CHARGES),
        b=[c | later for c in CHARGES],
        c=[c | {"BillingAccountId": "acct-2"} for c in CHARGES],
    )
    assert told(bill(path="bills/*.csv"), "HW346") == []
    files(tmp_path, d=[c | {"ResourceId": "gpu/9"} for c in CHARGES])
    (note,) = told(bill(path="bills/*.csv"), "HW346")
    assert (note.severity, note.what.rpartition(", ")[2]) == ("note", "which share no charge")


def test_a_bill_that_was_scanned_is_not_opened_again(
    tmp_path: Path, context: Context, bill: Bill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is remembered by content, and of a new file only that file is scanned."""
    context.memory = Memory(tmp_path / "memory.db")
    files(tmp_path, a=list(CHARGES), b=[c | {"BillingAccountId": "acct-2"} for c in ROUNDED])
    first = bill(path="bills/*.csv")
    context.close()
    again = bill(path="bills/*.csv")
    assert context.engines == {}
    assert list(map(str, again.remarks)) == list(map(str, first.remarks))
    assert (again.noted, again.parts, again.types) == (
        first.noted, first.parts, dict(first.types)
    )  # fmt: skip
    files(tmp_path, c=[c | {"BillingAccountId": "acct-3"} for c in CHARGES])
    scanned: list[str] = []
    numbered = file_table.numbered

    def counting(declared: Any, some: Any, context: Context) -> Any:
        scanned.extend(f.name for f in some)
        return numbered(declared, some, context)

    monkeypatch.setattr(file_table, "numbered", counting)
    more = bill(path="bills/*.csv")
    assert scanned == ["c.csv"]
    assert {k: more.parts[k] for k in first.parts} == first.parts
    context.close()


def test_a_damaged_memory_costs_time_only(tmp_path: Path, context: Context, bill: Bill) -> None:
    """What was kept and is not in the form of it is found out again."""

    class Odd(Memory):
        def get(self, name: str) -> Any:
            return [{"alike": "x"}] if name else None

    before = bill(*CHARGES)
    context.memory = Odd(None)
    assert bill().noted == before.noted


def test_parquet_is_numbered_by_file_and_maps_are_documents(
    tmp_path: Path, bill: Bill, values: Values
) -> None:
    """The row of a finding is that of its own file; tags that came as a map are JSON."""
    one = write(tmp_path / "x.csv", [USAGE, USAGE | {"ServiceCategory": "AI"}])
    with duckdb.connect() as engine:
        for name in ("a", "b"):
            engine.execute(
                f"copy (select * replace (map {{'app': 'replies'}} as Tags, '{name}' as BillingAccountId,"
                f" BilledCost::decimal(20, 12) as BilledCost, ChargePeriodStart::date as ChargePeriodStart)"
                f" from read_csv('{one}', all_varchar = true, nullstr = '')) to '{tmp_path / name}.parquet'"
            )
    bound = bill(path="?.parquet")
    (remark,) = told(bound, "HW361")
    assert "in 2 rows (Nimbus 2; BilledCost 24.680000000002 EUR), such as row 2 of a.parquet" in remark.what
    assert set(values(bound, "Tags")) == {'{"app":"replies"}'}
    assert told(bound, "HW304") == []


def test_a_select_may_shape_a_bill(bill: Bill, values: Values) -> None:
    """What it makes is scanned as one part."""
    bound = bill(*CHARGES, sql="select * replace ('2' as BilledCost) from file")
    assert sum(values(bound, "BilledCost")) == 12
    assert bound.parts == {}


def test_many_providers_are_counted_together(bill: Bill) -> None:
    """A finding stays one line, whoever resells what."""
    many = [USAGE | {"ServiceProviderName": f"p{i}", "ServiceCategory": "AI"} for i in range(9)]
    (remark,) = told(bill(*many), "HW361")
    assert "p5 1, 3 more providers; BilledCost" in remark.what


def test_an_empty_bill_is_a_bill(bill: Bill, tmp_path: Path) -> None:
    """A header without a row: nothing billed, nothing open, nothing wrong."""
    write(tmp_path / "bill.csv", list(CHARGES[:1]))
    text = (tmp_path / "bill.csv").read_text().splitlines()[0]
    (tmp_path / "bill.csv").write_text(f"{text}\n")
    bound = bill()
    assert (bound.rows, bound.remarks, bound.noted["billed"]) == (0, (), "no row")


def test_a_bill_that_names_no_provider_has_one_basis(bill: Bill, values: Values) -> None:
    """What was rounded is struck all the same, and a basis by name finds nobody."""
    bare = [{c: v for c, v in x.items() if c != "ServiceProviderName"} for x in ROUNDED[:2]]
    bound = bill(*bare, cost_basis={"Nimbus": "ListCost"})
    assert values(bound, "BasisOf") == ["BilledCost"] * 2
    assert "for rows without a provider (2 rows" in told(bound, "HW342")[0].what
    assert told(bound, "HW360")[0].mend == "use one of: none is named in the bill"


def test_a_bill_that_fails_while_it_is_scanned_is_told(
    bill: Bill, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of the file, not as a traceback."""
    bill(*CHARGES)
    engine: Any = context.engine("duckdb:")
    fetch = engine.fetch

    def broken(expression: Any) -> Any:
        if "headway_mask0" in expression.columns:
            raise duckdb.InvalidInputException("the disk is gone")
        return fetch(expression)

    monkeypatch.setattr(engine, "fetch", broken)
    fault = refused(bill)
    assert (fault.code, fault.happened) == ("HW302", "the disk is gone")
