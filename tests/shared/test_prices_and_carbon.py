"""Published prices, powers and carbon factors, and a published trace of requests, through ordinary files."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.small import FRAMED, OUTCOME, PEOPLE, PORTFOLIO, codes, estimates, reviewed

from headway.aggregates.ask import ask
from headway.aggregates.engine import Bound
from headway.aggregates.request import Request, Slot, count
from headway.facts.rate import Rate
from headway.measures.spend.rates import rate_request, rates_in
from headway.portfolio.source import Source
from headway.sources.base import Context, bind

# Lin and others, Splitwise (ISCA 2024), CC BY 4.0: one row a request, turned into tokens and requests.
TRACE = """\
source: trace
kind: file
path: data/llm-inference-trace/azure_llm_2023_{name}.csv
fact: usage
sql: >
  select '{name}' as workload, 'tokens.input' as resource, TIMESTAMP as ts, 0 as granted,
    ContextTokens as used from file
  union all select '{name}', 'tokens.output', TIMESTAMP, 0, GeneratedTokens from file
  union all select '{name}', 'requests', TIMESTAMP, 0, 1 from file
---
source: list
kind: price_list
path: data/ai-prices-and-carbon/litellm_model_prices.csv
dated: 2023-11-01
digest: 62e31a65e730cea86f09a3c7e4bda51ccb03e62e1f8dd9a2b4cc71c92c07e548
---
component: gateway
usage: trace
tokens: {{model: gpt-4o, prices: [list]}}
"""
USES = FRAMED + "uses: [gateway]\n"


def portfolio(folder: Path, data: Path, **files: str) -> Path:
    """Write a portfolio beside the shared rows."""
    texts = {"portfolio": PORTFOLIO, "people": PEOPLE, "outcome": OUTCOME, "initiative": USES, **files}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text.replace("EUR", "USD"))
    (folder / "data").symlink_to(data)
    return folder


@pytest.mark.parametrize(
    ("name", "cost", "per_thousand", "tokens"),
    [
        ("conv", "96.791325", 4.9980, 22_361_870 + 4_088_665),
        ("code", "47.608895", 5.3984, 18_059_974 + 245_896),
    ],
)
def test_a_trace_of_requests_costs_what_its_tokens_cost(
    tmp_path: Path, shared_data: Path, name: str, cost: str, per_thousand: float, tokens: int
) -> None:
    """An hour of conversations and one of code at the list's price of gpt-4o, to the last digit."""
    folder = portfolio(tmp_path, shared_data, gateway=TRACE.format(name=name))
    found = estimates(reviewed(folder), "token_bill")["token_bill [gateway]"]
    assert (found["exact"], found["tokens"]) == (cost, str(tokens))
    assert float(found["per_1000_requests"]) == pytest.approx(per_thousand, abs=5e-5)


@pytest.mark.parametrize(("name", "cv", "peak"), [("conv", 1.09, 1.6), ("code", 13.2, 3.0)])
def test_the_same_mean_hides_very_different_bursts(
    tmp_path: Path, shared_data: Path, name: str, cv: float, peak: float
) -> None:
    """Devices of one's own are sized for the peak, and a price per token is not: how far they lie apart."""
    file = shared_data / "llm-inference-trace" / f"azure_llm_2023_{name}.csv"
    with file.open() as rows:
        arrivals = np.array([row["TIMESTAMP"][:26] for row in csv.DictReader(rows)], dtype="datetime64[us]")
    gaps = np.diff(np.sort(arrivals)).astype(float)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=5e-3)
    sql = "select 'r' as workload, 'r' as resource, TIMESTAMP as ts, 0 as granted, 1 as used from file"
    declared = Source(source="trace", kind="file", path=str(file), fact="usage", sql=sql)
    request = Request("trace", (Slot("ts", 60),), (count(),))
    with_context = Context(tmp_path, "now", {}, tmp_path / "store")
    answer = ask([request], {"trace": bind(declared, with_context)}).sums[request]
    with_context.close()
    counts = answer[count()]
    assert counts.max() / counts.mean() == pytest.approx(peak, abs=0.05)


@pytest.fixture
def bound(tmp_path: Path, shared_data: Path) -> Any:
    """Binds a table of the shared folder."""
    context = Context(shared_data / "ai-prices-and-carbon", "now", {}, tmp_path / "store")

    def one(kind: str, path: str) -> Bound:
        return bind(Source(source=path.partition(".")[0].replace("_", "-"), kind=kind, path=path), context)

    yield one
    context.close()


def rates(table: Bound, kind: str) -> list[Rate]:
    """Every rate of a kind."""
    request = rate_request(table, kind)
    return list(rates_in(ask([request], {table.source: table}).sums[request]))


def test_a_blank_price_is_not_nought(bound: Any, shared_data: Path) -> None:
    """847 rows have no input price and 149 say 0; 1,749 chat models have no price of a cache read."""
    found = rates(bound("price_list", "litellm_model_prices.csv"), "price")
    by_unit = {
        u: {r.key: r.value for r in found if r.unit == u} for u in ("tokens.input", "tokens.cache_read")
    }
    assert len(by_unit["tokens.input"]) == 4552
    assert sum(v is None for v in by_unit["tokens.input"].values()) == 847
    assert sum(v is not None and v == 0 for v in by_unit["tokens.input"].values()) == 149
    with (shared_data / "ai-prices-and-carbon" / "litellm_model_prices.csv").open() as file:
        chat = [row["model"] for row in csv.DictReader(file) if row["mode"] == "chat"]
    assert sum(by_unit["tokens.cache_read"][model] is None for model in chat) == 1749


def test_prices_keep_every_digit_of_the_list(bound: Any, shared_data: Path) -> None:
    """Twenty-four decimals stand in it, and none is lost on the way."""
    kept = {
        r.key: r.value
        for r in rates(bound("price_list", "litellm_model_prices.csv"), "price")
        if r.unit == "tokens.output" and r.value is not None
    }
    with (shared_data / "ai-prices-and-carbon" / "litellm_model_prices.csv").open() as file:
        written = {
            row["model"]: Decimal(row["output_cost_per_token"])
            for row in csv.DictReader(file)
            if row["output_cost_per_token"]
        }
    assert kept == written


def test_powers_and_factors_are_those_of_the_tables(bound: Any) -> None:
    """With year and source; what is no number in a table is not stated, whatever else the table holds."""
    powers = {r.key: r.value for r in rates(bound("carbon_factors", "gpu_tdp.csv"), "power")}
    assert [powers[device] for device in ("A100 SXM4 80 GB", "H100 SXM")] == [400, 700]
    grids = {r.key: r for r in rates(bound("carbon_factors", "country_energy_mix.csv"), "carbon")}
    assert [(grids[c].value, grids[c].year) for c in ("DEU", "FRA")] == [
        (Decimal("380.950"), 2023),
        (Decimal("56.039"), 2023),
    ]
    processors = rates(bound("carbon_factors", "cpu_tdp.csv"), "power")
    assert any(r.value is None for r in processors)


def test_two_published_tables_disagree_on_one_region_and_both_are_shown(
    tmp_path: Path, shared_data: Path
) -> None:
    """asia-east1 is 451 g/kWh in one and 557 in the other: the one declared first holds."""
    energy = """\
source: meter
kind: file
path: meter.csv
fact: usage
---
source: google
kind: carbon_factors
path: data/ai-prices-and-carbon/cloud_region_carbon.csv
dated: 2025-01-01
---
source: mlco2
kind: carbon_factors
path: data/ai-prices-and-carbon/mlco2_cloud_region_carbon.csv
---
source: powers
kind: carbon_factors
path: data/ai-prices-and-carbon/gpu_tdp.csv
---
component: gateway
usage: meter
energy: {device: A100 SXM4 80 GB, pue: 1.2, grid: gcp/asia-east1, factors: [google, mlco2, powers]}
"""
    folder = portfolio(tmp_path, shared_data, energy=energy)
    rows = [f"w,gpu,2026-03-01 {h:02d}:00:00,1,0.5" for h in range(24)]
    (folder / "meter.csv").write_text("\n".join(["workload,resource,ts,granted,used", *rows]) + "\n")
    made = reviewed(folder)
    found = estimates(made, "energy")["carbon [gateway]"]
    assert (found["kwh"], found["g_per_kwh"]) == (pytest.approx(6.624), 451)
    assert len(found["other_factors"]) == 1
    assert found["other_factors"][0].startswith("557 g/kWh, measured on  July 2, 2019")
    assert "HW449" not in codes(made)
