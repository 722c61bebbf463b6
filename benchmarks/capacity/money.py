"""Money in is money out: the published bill, and a million generated rows shared in every way there is.

The bill is added up row by row, without a key. Parts, platform and what nobody claims have to be that, to the
last digit, and their rounded column that to the cent. `HEADWAY_MONEY_ROWS` takes another number of rows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from headway.app.check import check
from headway.app.review import review
from headway.kernel.money import ZERO, add

from .bar import Bar

ROWS = 1_000_000
_PORTFOLIO = """\
headway: 1
portfolio: money
currency: USD
time_zone: UTC
as_of: 2026-12-31
---
people: money
persons: [{id: a}, {id: b}]
---
outcome: line
line: cost
---
source: bill
kind: file
path: bill.parquet
fact: cost
"""
_SHARED = """\
---
source: fleet
kind: file
path: fleet.parquet
fact: usage
---
component: owned
cost: {select: [{tag: {app: owned}}], shares: {i0: 33.3333 %, i1: 66.6667 %}}
---
component: used
usage: fleet
cost: {select: [{tag: {app: used}}]}
---
component: peaked
usage: fleet
cost: {select: [{column: {SubAccountId: s7}}]}
"""
_INITIATIVE = """\
initiative: {name}
problem: customers wait ten minutes longer than they were told, every second day of the week
outcome: line
accountable: a
sponsor: b
stage: framed
cost: {cost}
"""
# Amounts of every size and sign, rows that two claim, credits of what was never charged, unused commitments.
_BILL = """
    select case i % 7 when 0 then 0 when 1 then -random() when 2 then random() * 1e-15 when 3 then 1e19
             else random() * 1000 end::decimal(38, 18) as "BilledCost",
           'USD' as "BillingCurrency",
           timestamp '2026-01-01' + to_days((i % 365)::int) as "ChargePeriodStart",
           date_trunc('month', timestamp '2026-01-01' + to_days((i % 365)::int)) as "BillingPeriodStart",
           case hash(i) % 40 when 0 then 'Credit' when 1 then 'Tax' when 2 then 'Adjustment'
             when 3 then 'Purchase' when 4 then null else 'Usage' end as "ChargeCategory",
           case when i % 5 = 0 then null else 'r' || (hash(i, 1) % 5000) end as "ResourceId",
           case when i % 11 = 0 then null else 'k' || (hash(i, 2) % 40) end as "SkuId",
           case when i % 13 = 0 then null else 'v' || (hash(i, 3) % 20) end as "ServiceName",
           's' || (hash(i, 4) % 9) as "SubAccountId",
           case when i % 17 = 0 then 'Unused' end as "CommitmentDiscountStatus",
           '{{"app": "' || ['i0', 'i1', 'i2', 'owned', 'used', 'none'][1 + (hash(i, 5) % 6)::int] || '"}}'
             as "Tags"
    from range({rows}) t(i)
"""
_FLEET = """
    select 'w' || h as workload, 'gpu' as resource, timestamp '2026-02-01' + to_hours(t::int) as ts,
           1.0 as granted, random() as used, ['i0', 'i1', 'i2', 'x', null][1 + h::int] as holder
    from range(5) a(h), range(4000) b(t)
"""


def bars(data: Path) -> Iterator[Bar]:
    """The bars on money."""
    sample = data / "focus-billing" / "focus_1_0_sample.csv"
    with tempfile.TemporaryDirectory() as folder:
        yield from _bars(Path(folder), "published bill", _published(Path(folder), sample))
    with tempfile.TemporaryDirectory() as folder:
        rows = int(os.environ.get("HEADWAY_MONEY_ROWS", ROWS))
        yield from _bars(Path(folder), f"{rows:,} generated rows", generated(Path(folder), rows))


def generated(folder: Path, rows: int) -> Decimal:
    """Write a portfolio with a generated bill that is shared in every way; the bill's sum."""
    write = duckdb.connect()
    write.execute("select setseed(0.5)")
    write.execute(f"copy ({_BILL.format(rows=rows)}) to '{folder / 'bill.parquet'}' (format parquet)")
    write.execute(f"copy ({_FLEET}) to '{folder / 'fleet.parquet'}' (format parquet)")
    (folder / "portfolio.yaml").write_text(_PORTFOLIO + _SHARED)
    for n, also in enumerate(("", "", "{column: {SkuId: k3}}, ")):
        shared = "{component: used}, {component: peaked, driver: usage.gpu.peak}"
        cost = f"{{select: [{also}{{tag: {{app: i{n}}}}}], shared: [{shared}]}}"
        (folder / f"i{n}.yaml").write_text(_INITIATIVE.format(name=f"i{n}", cost=cost))
    return _counted(write, f"'{folder / 'bill.parquet'}'")


def reviewed(folder: Path) -> dict[str, Any]:
    """The bill of a portfolio as its review has it.

    Raises:
        ValueError: the portfolio's files are not sound.
    """
    found = check(folder)
    if found.wrong:
        raise ValueError(found.text())
    made: Any = review(found).as_json()["totals"]
    return dict(made["bill"]["USD"])


def out_of(bill: dict[str, Any]) -> Decimal:
    """What comes out of a bill: every initiative's paths, every component's platform, and the rest."""
    paths = [
        p for of in bill["paths"].values() for p in (of["direct"], of["followed"], *of["shared"].values())
    ]
    platform = [of["platform"] for of in bill["components"].values()]
    return add(ZERO, *map(Decimal, (*paths, *platform, bill["unclaimed"])))


def cents_out_of(bill: dict[str, Any]) -> Decimal:
    """The same of the rounded column."""
    cents = bill["rounded"]
    parts = (*cents["initiatives"].values(), *cents["platform"].values(), cents["unclaimed"])
    return add(ZERO, *map(Decimal, parts))


def _bars(folder: Path, name: str, whole: Decimal) -> Iterator[Bar]:
    bill = reviewed(folder)
    lost = add(whole, out_of(bill).copy_negate())
    yield Bar(f"residual of the {name}", float(lost), 0, 0, digits=18)
    cents = add(Decimal(round(Fraction(whole) * 100)).scaleb(-2), cents_out_of(bill).copy_negate())
    yield Bar("the same of its column in cents", float(cents), 0, 0)


def _published(folder: Path, sample: Path) -> Decimal:
    (folder / "data").symlink_to(sample.parent)
    told = _PORTFOLIO.replace("bill.parquet", f"data/{sample.name}\nnullstr: ['NULL']")
    (folder / "portfolio.yaml").write_text(told)
    for n, unit in enumerate(("PeoriaData", "ViennaAI")):
        cost = f"{{select: [{{tag: {{business_unit: {unit}}}}}]}}"
        (folder / f"i{n}.yaml").write_text(_INITIATIVE.format(name=f"i{n}", cost=cost))
    return _counted(duckdb.connect(), f"read_csv('{sample}', all_varchar = true, nullstr = 'NULL')")


def _counted(read: duckdb.DuckDBPyConnection, table: str) -> Decimal:
    rows = read.execute(f'select "BilledCost"::decimal(38, 18)::varchar from {table}').fetchall()
    return add(ZERO, *(Decimal(cost) for (cost,) in rows))
