"""A published bill divided by its tags, and the joint peak of a published GPU fleet divided by its pods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from tests.unit.small import FRAMED, OUTCOME, PEOPLE, PORTFOLIO

from headway.app.check import check
from headway.app.review import Review, review
from headway.kernel.money import settle
from headway.measures.spend.cost import divide
from headway.measures.spend.division import Divided
from headway.statistics.shapley import sampled_peak

UNITS = 301
SOURCE = """\
source: bill
kind: file
path: data/focus-billing/focus_1_0_sample.csv
fact: cost
nullstr: ["NULL"]
"""
Tagged = Callable[[str], tuple[Review, Divided]]


@pytest.fixture(scope="module")
def tagged(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tagged:
    """The review of a portfolio with an initiative for every value of a tag."""

    @cache
    def made(tag: str) -> tuple[Review, Divided]:
        folder = tmp_path_factory.mktemp(tag)
        (folder / "data").symlink_to(shared_data)
        settings = PORTFOLIO.replace("EUR", "USD").replace("2026-03-31", "2024-12-31")
        (folder / "portfolio.yaml").write_text(settings)
        for name, text in (("people", PEOPLE), ("outcomes", OUTCOME.replace("EUR", "USD")), ("bill", SOURCE)):
            (folder / f"{name}.yaml").write_text(text)
        for at, value in enumerate(values(shared_data, tag)):
            one = FRAMED.replace("trial", f"unit-{at}")
            (folder / f"unit-{at}.yaml").write_text(f"{one}cost: {{select: [{{tag: {{{tag}: {value}}}}}]}}\n")
        found = check(folder)
        assert not found.wrong, found.text()
        reviewed = review(found)
        divided = divide(next(iter(reviewed.collected.asks.values())), reviewed.collected.answers.sums)
        assert divided is not None
        return reviewed, divided

    return made


def values(shared_data: Path, tag: str) -> list[str]:
    """The values of a tag in the bill, sorted, by an engine of its own."""
    file = shared_data / "focus-billing" / "focus_1_0_sample.csv"
    rows = duckdb.execute(
        f"select distinct json_extract_string(Tags, '/{tag}') v "
        f"from read_csv('{file}', all_varchar = true, nullstr = 'NULL') where v is not null order by v"
    ).fetchall()
    return [str(v) for (v,) in rows]


def test_every_unit_of_a_published_bill_gets_its_rows_and_the_rest_is_nobodys(
    tagged: Tagged, shared_data: Path
) -> None:
    """660 rows of 301 units by their tag; what is left is 340 rows, and together the bill."""
    reviewed, divided = tagged("business_unit")
    claimed = [x for x in divided.lines if x.bearers]
    left = [x for x in divided.lines if not x.bearers]
    parts = {n: b.direct for n, b in divided.cost.parts["USD"].items()}
    assert (len(parts), sum(x.rows for x in claimed)) == (UNITS, 660)
    assert sum(parts.values()) == Decimal("20.246062242330")
    assert sum(x.rows for x in left) == 340
    assert sum(x.cost for x in left) == Decimal("0.274164486660")
    peoria = f"unit-{values(shared_data, 'business_unit').index('PeoriaData')}"
    assert parts[peoria] == Decimal("15.958099318200")
    assert sum(x.rows for x in divided.lines_of(peoria)) == 176
    cents = settle({"units": Fraction(sum(parts.values())), "rest": Fraction(sum(x.cost for x in left))})
    assert cents == {"units": Decimal("20.25"), "rest": Decimal("0.27")}
    bill: Any = reviewed.as_json()["totals"]
    assert (bill["bill"]["USD"]["bill"], bill["bill"]["USD"]["rounded"]["bill"]) == (
        "20.52022672899",
        "20.52",
    )


def test_the_credit_that_no_unit_claims_follows_the_machines_it_is_about(tagged: Tagged) -> None:
    """One credit of 2.6137 has no tag, resource or partner in price: it goes to its account's machines."""
    _, divided = tagged("business_unit")
    followed = sum(b.followed for b in divided.cost.parts["USD"].values())
    assert followed == Decimal("-2.6137")
    assert divided.cost.unclaimed["USD"] == Decimal("2.887864486660")
    assert divided.cost.residual() == {"USD": 0}


def test_environments_of_a_published_bill_cost_what_is_known(tagged: Tagged) -> None:
    """The same bill by another tag."""
    _, divided = tagged("environment")
    direct = [b.direct for _, b in sorted(divided.cost.parts["USD"].items())]
    assert direct == [Decimal("18.203241400130"), Decimal("2.042820842200")]


def test_mean_use_comes_nearest_to_who_causes_the_peak_of_a_published_fleet(shared_data: Path) -> None:
    """Of four keys to divide by, half the sum of differences to the Shapley value is least for mean use."""
    file = shared_data / "genai-serving-trace" / "pod_gpu_duty_cycle.parquet"
    pods, ticks, duty = (
        np.array(c)
        for c in zip(
            *duckdb.execute(
                "select container_ip, round((timestamp_anon - 1662858720) / 57)::int, avg(value) / 100 "
                f"from '{file}' where container_ip not in ('', 'NULL') group by 1, 2 order by 1, 2"
            ).fetchall(),
            strict=True,
        )
    )
    names, at = np.unique(pods, return_inverse=True)
    demand, held = np.zeros((len(names), 1441)), np.zeros((len(names), 1441))
    demand[at, ticks], held[at, ticks] = duty, 1
    found = sampled_peak(demand, 500, 11)
    assert len(names) == 143
    assert found.peak == pytest.approx(29.72, abs=0.005)
    assert demand.max(axis=1).sum() == pytest.approx(88.47, abs=0.005)
    keys = (demand.sum(1), demand[:, demand.sum(0).argmax()], demand.max(1), held.sum(1))
    fair = found.values / found.values.sum()
    gaps = [float(np.abs(key / key.sum() - fair).sum() / 2) for key in keys]
    assert gaps == pytest.approx([0.125, 0.166, 0.191, 0.204], abs=0.005)
