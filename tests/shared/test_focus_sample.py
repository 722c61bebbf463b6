"""A thousand real charges in FOCUS 1.0: every defect that is known of them is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, count, total
from headway.cli.main import cli
from headway.facts.cost import COSTS
from headway.kernel.errors import SourceFault
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

SAMPLE = "focus-billing/focus_1_0_sample.csv"
Bind = Callable[..., Bound]


@pytest.fixture(scope="module")
def sample(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bind]:
    """The sample bound as a bill, with further settings."""
    here = tmp_path_factory.mktemp("sample")
    context = Context(shared_data, "2024-12-01T00:00:00.000000Z", {}, here / ".headway")
    yield lambda **more: bind(Source(source="bill", kind="focus", path=SAMPLE, **more), context)
    context.close()


@pytest.fixture(scope="module")
def bill(sample: Bind) -> Bound:
    """The sample as its defects ask for: it writes NULL for no value."""
    return sample(nullstr="NULL")


def sums(bound: Bound, *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows and amounts by some keys."""
    request = Request("bill", keys, (count(), *(total(c) for c in (*COSTS, "BasisCost"))))
    answers = ask([request], {"bill": bound})
    assert answers.faults == {}
    found = answers.sums[request]
    return {
        group: {"rows": int(found[count()][i])} | {c: found[total(c)][i] for c in (*COSTS, "BasisCost")}
        for i, group in enumerate(found.groups)
    }


def said(bound: Bound, code: str) -> list[str]:
    """What is told under a code."""
    return [r.what for r in bound.remarks if r.code == code]


def test_the_sums_are_those_of_the_file(bill: Bound) -> None:
    """To the last digit."""
    (whole,) = sums(bill).values()
    assert whole["rows"] == 1000
    assert whole["BilledCost"] == Decimal("20.520226728990")
    assert round(whole["EffectiveCost"], 6) == Decimal("14.976514")
    assert round(whole["ListCost"], 6) == Decimal("20.390906")


def test_the_text_null_is_named(sample: Bind) -> None:
    """Undeclared, it is what stops the bill, with the line that mends it."""
    with pytest.raises(SourceFault) as stopped:
        sample()
    assert stopped.value.code == "HW304"
    assert "NULL stands in ConsumedQuantity and ContractedCost, in 8 rows" in stopped.value.happened
    assert stopped.value.mend == 'add nullstr: "NULL"'


def test_the_rounded_costs_are_struck_by_provider(bill: Bound, sample: Bind) -> None:
    """610 rows say 0 where something was billed; AWS and Oracle count with BilledCost, Microsoft does not."""
    (remark,) = said(bill, "HW342")
    assert "AWS (942 rows, 604 of them 0, EffectiveCost 13 against BilledCost 18.0066386184)" in remark
    assert "Oracle (7 rows, 6 of them 0, EffectiveCost 0 against BilledCost 0.53707392473)" in remark
    assert "Microsoft" not in remark
    by = {group: row["BasisCost"] for group, row in sums(bill, "ServiceProviderName", "BasisOf").items()}
    assert by == {
        ("AWS", "BilledCost"): Decimal("18.0066386184"),
        ("Oracle", "BilledCost"): Decimal("0.53707392473"),
        ("Microsoft", "EffectiveCost"): Decimal("1.97651418586"),
    }
    declared = sample(nullstr="NULL", cost_basis={"AWS": "BilledCost", "Oracle": "BilledCost"})
    assert said(declared, "HW342") == []
    assert sums(declared, "ServiceProviderName", "BasisOf") == sums(bill, "ServiceProviderName", "BasisOf")


def test_each_further_defect_is_named_with_its_rows(bill: Bound) -> None:
    """List below effective, what Oracle leaves out and how it writes a frequency; and nothing else."""
    assert [r.code for r in bill.remarks] == ["HW341", "HW342", "HW344", "HW361", "HW361"]
    assert said(bill, "HW344")[0].startswith("ListCost is below EffectiveCost in 7 rows (AWS 7; ")
    (empty,) = said(bill, "HW341")
    assert empty == (
        "ContractedCost is empty in 7 rows (Oracle 7; BilledCost 0.53707392473 USD), such as row 926 of"
        " focus_1_0_sample.csv (ContractedCost.filled)"
    )
    frequency, category = said(bill, "HW361")
    assert "ChargeFrequency is none of One-Time, Recurring, Usage-Based in 7 rows (Oracle 7; " in frequency
    assert "a usage or purchase has no PricingCategory in 5 rows (Oracle 5; " in category


def test_what_a_person_wants_to_know_is_noted(bill: Bound) -> None:
    """Version, currency, period, what is of AI, what nobody tagged, and which commitments are used."""
    assert dict(bill.noted) == {
        "version": "FOCUS 1.0, told by its columns",
        "billed": "20.52022672899 USD",
        "providers": "AWS, Microsoft, Oracle",
        "billing periods": "2024-09, 2024-10, closed",
        "AI and Machine Learning": "9 of 1,000 rows, -0.15189756178 USD",
        "without tags": "289 of 1,000 rows, -1.7023496992 USD",
        "commitments used": "4 of 1,000 rows, 0 USD",
    }


def test_a_new_source_is_a_bill_with_version_and_null_text(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`headway new source` proposes what the doctor then reads without a word about NULL."""
    (tmp_path / "portfolio.yaml").write_text(
        "headway: 1\nportfolio: harbour\ncurrency: USD\ntime_zone: UTC\nas_of: 2024-12-01\n"
    )
    (tmp_path / "bill.csv").write_bytes((shared_data / SAMPLE).read_bytes())
    monkeypatch.setenv("HEADWAY_CACHE", "off")
    words = ["new", "source", str(tmp_path / "bill.csv"), "--fact", "cost", "-p", str(tmp_path)]
    made = CliRunner().invoke(cli, words)
    assert made.exit_code == 0, made.output
    lines = (tmp_path / "sources" / "bill.yaml").read_text().splitlines()
    assert {"kind: focus", 'version: "1.0"', 'nullstr: "NULL"'} <= set(lines)
    told = CliRunner().invoke(cli, ["doctor", str(tmp_path), "--format", "json"])
    (source,) = json.loads(told.stdout)["sources"]
    assert (source["rows"], source["noted"]["version"]) == (1000, "FOCUS 1.0, declared")
    assert [f["code"] for f in source["findings"]] == ["HW342", "HW341", "HW344", "HW361", "HW361"]
    assert [f["state"] for f in source["findings"]] == ["wrong", *["warning"] * 4]
