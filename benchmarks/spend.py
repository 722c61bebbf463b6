"""All spend measures in one review of a year: use of a thousand workloads and the bill of twenty initiatives.

365 daily files each. The rival is DuckDB's bare aggregate of the columns that the review reads: no groups, no
tags taken apart, no histograms, no replay. What a day costs is the same review with a day that was not there.
`run.py --rows` rows of each kind, so that `--rows 100000000` is a year of 274,000 rows a day.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from timing import in_turn, once, report, summed

_DAYS, _WORKLOADS, _INITIATIVES = 365, 1000, 20

_GENERATE = """
import sys
from pathlib import Path

import duckdb

workloads, first, last, rows, bins, folder = (*map(int, sys.argv[1:6]), Path(sys.argv[6]))
con = duckdb.connect()


def write(select, file):
    if not file.exists():
        con.execute(f"copy ({select}) to '{file}.tmp' (format parquet, compression zstd)")
        Path(f"{file}.tmp").rename(file)


for day in range(first, last):
    at = f"timestamp '2025-01-01' + interval {day} day"
    write(f'''
      select 'w' || lpad(w::varchar, 4, '0') as workload, 'gpu' as resource,
             {at} + interval (b * {1440 // bins}) minute as ts, 1.0 as granted,
             round(greatest(0, case when hash(w, b // 12, {day}) % 3 = 0 then 0 else
               0.05 + 0.5 * (0.6 + 0.4 * sin(b / {bins}.0 * 6.2832)) * ((hash(w) % 100) / 100.0)
               + 0.1 * random() end), 3) as used,
             'i' || (w % 20)::varchar as holder, 'R1' as rung
      from range({workloads}) a(w), range({bins}) c(b) order by w, b
    ''', folder / "usage" / f"d{day:03d}.parquet")
    write(f'''
      select cast(round(random() * 3, 6) as decimal(18,6)) as "BilledCost",
             cast(round(random() * 3, 6) as decimal(18,6)) as "EffectiveCost",
             cast(3 as decimal(18,6)) as "ListCost", 'USD' as "BillingCurrency",
             'A' || (i % 20)::varchar as "BillingAccountId",
             date_trunc('month', {at}) as "BillingPeriodStart",
             date_trunc('month', {at}) + interval 1 month as "BillingPeriodEnd",
             {at} + interval (i % 24) hour as "ChargePeriodStart",
             {at} + interval (i % 24 + 1) hour as "ChargePeriodEnd",
             case when i % 1000 = 0 then 'Credit' else 'Usage' end as "ChargeCategory",
             'Cloud' as "ProviderName", 'Cloud' as "InvoiceIssuerName",
             'Service ' || (i % 40)::varchar as "ServiceName",
             'AI and Machine Learning' as "ServiceCategory",
             'r' || (hash(i) % 50000)::varchar as "ResourceId", 'sku' || (i % 500)::varchar as "SkuId",
             '{{"application": "i' || (hash(i) % 24)::varchar || '", "team": "t' || (i % 7)::varchar || '"}}'
               as "Tags"
      from range({rows}) t(i)
    ''', folder / "bill" / f"d{day:03d}.parquet")
"""

_BARE = """
import sys

import duckdb

folder = sys.argv[1]
print(duckdb.sql(f'''
  select count(*), min(workload), max(workload), min(resource), min(ts), max(ts), sum(granted), sum(used),
         max(used), min(holder), min(rung)
  from '{folder}/usage/*.parquet'
''').fetchall())
print(duckdb.sql(f'''
  select count(*), sum("BilledCost"), sum("EffectiveCost"), min("BillingCurrency"), min("ChargePeriodStart"),
         max("ChargePeriodStart"), min("ChargeCategory"), min("ResourceId"), min("SkuId"), max("Tags"),
         sum("ListCost"), min("BillingAccountId"), min("BillingPeriodStart"), max("BillingPeriodEnd"),
         max("ChargePeriodEnd"), min("ProviderName"), min("InvoiceIssuerName"), min("ServiceName"),
         min("ServiceCategory")
  from '{folder}/bill/*.parquet'
''').fetchall())
"""

_PORTFOLIO = """\
headway: 1
portfolio: bench
currency: USD
time_zone: UTC
as_of: 2026-01-01
---
people: bench
persons: [{id: a}, {id: b}]
---
source: usage
kind: file
path: ../usage/*.parquet
fact: usage
---
source: bill
kind: focus
path: ../bill/*.parquet
---
component: fleet
usage: usage
---
outcome: first
customer: customers
metric: {name: y, unit: minutes, better: lower}
drives:
  - {to: cost, kind: causal, slope: [1 USD, 2 USD, 3 USD], per: 1 minute, owner: a, valid_until: 2027-01-01}
---
outcome: cost
line: cost
"""
_INITIATIVE = """\
initiative: i{n}
problem: customers wait ten minutes longer than they were told, every second day of the week
outcome: first
accountable: a
sponsor: b
stage: operating
uses: [fleet]
cost: {{select: [{{tag: {{application: i{n}}}}}]}}
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Generate a year once; in each turn its last day arrives anew."""
    data = cache / f"spend-{rows}"
    _generate(data, rows, 0, _DAYS)
    folder = data / "portfolio"
    folder.mkdir(exist_ok=True)
    (folder / "portfolio.yaml").write_text(_PORTFOLIO)
    for n in range(_INITIATIVES):
        (folder / f"i{n}.yaml").write_text(_INITIATIVE.format(n=n))
    print(f"{rows:,} rows of use, {rows:,} of bills, {_DAYS} files each, {_INITIATIVES} initiatives")
    ours, rival = "review, nothing remembered", "DuckDB, bare aggregate of the columns"
    sides = {ours: _command("review", folder, "off"), rival: [sys.executable, "-c", _BARE, str(data)]}
    report(in_turn(sides, repeat), ours, rival)
    _new_day(data, folder, rows, repeat)
    _sized(data, folder, repeat)


def _new_day(data: Path, folder: Path, rows: int, repeat: int) -> None:
    kept = data / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    full, new, same = "every day read", "one day new", "no day new"
    runs: dict[str, list[tuple[float, float]]] = {full: [], new: [], same: []}
    for turn in range(repeat + 1):
        for kind in ("usage", "bill"):
            (data / kind / f"d{_DAYS - 1:03d}.parquet").unlink()
        once(_command("review", folder, str(kept)))
        _generate(data, rows, _DAYS - 1, _DAYS)
        for side, where in ((full, "off"), (new, str(kept)), (same, str(kept))):
            seen = once(_command("review", folder, where))
            if turn:
                runs[side].append(seen)
    timed = {side: summed(seen) for side, seen in runs.items()}
    report({full: timed[full], new: timed[new]}, new, full)
    report({full: timed[full], same: timed[same]}, same, full)


def _sized(data: Path, folder: Path, repeat: int) -> None:
    """Right size and replay of every workload from sums that are remembered."""
    kept = str(data / "kept")
    ours, rival = (
        f"{_WORKLOADS} workloads sized and replayed, sums remembered",
        "the same, nothing remembered",
    )
    sides = {ours: _command("capacity", folder, kept), rival: _command("capacity", folder, "off")}
    report(in_turn(sides, repeat), ours, rival)


def _command(name: str, folder: Path, cache: str) -> list[str]:
    """A command of headway as a whole process, with what it remembers in a place of its own."""
    run = [sys.executable, "-m", "headway", name, str(folder), "--format", "json", "-o", os.devnull]
    return ["env", f"HEADWAY_CACHE={cache}", *run]


def _generate(data: Path, rows: int, first: int, last: int) -> None:
    for kind in ("usage", "bill"):
        (data / kind).mkdir(parents=True, exist_ok=True)
    a_day = max(1, rows // _DAYS)
    bins = max(1, min(1440, a_day // _WORKLOADS))
    words = [_WORKLOADS, first, last, a_day, bins, data]
    once([sys.executable, "-c", _GENERATE, *map(str, words)])
