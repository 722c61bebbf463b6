"""Reviews of what was reviewed before: nothing changed, and one new day among a hundred.

The rival of the new day is headway itself without its memory, over the same files: what is claimed is how
much of a full read an increment costs.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import duckdb
from timing import once, report, summed

_EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "public-evidence"
_DAYS, _ROWS = 100, 200_000
_PORTFOLIO = """\
headway: 1
portfolio: days
currency: EUR
time_zone: UTC
"""
_DOCUMENTS = """\
outcome: cost
line: cost
---
outcome: tokens-paid
customer: the firm
metric: {name: tokens, unit: tokens, better: lower}
baseline: {value: 10}
target: {value: 5, by: 2027-12-31}
drives: [{to: cost, kind: identity, slope: "[1, 1, 1] EUR", per: 1 token, owner: ann, attested_by: ben}]
---
people: days
persons: [{id: ann}, {id: ben}]
---
source: bill
kind: file
path: data/*.parquet
fact: cost
---
initiative: trial
problem: tokens are paid for that nobody uses, about one in five of them
outcome: tokens-paid
accountable: ann
sponsor: ben
stage: framed
cost: {select: [{column: {SubAccountId: a7}}]}
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """The example cold and warm; then a hundred daily files, a new day, and all of them read anew."""
    del rows
    kept = cache / "warm-kept"
    os.environ["HEADWAY_CACHE"] = str(kept)
    cold, warm = [], []
    for _ in range(repeat):
        shutil.rmtree(kept, ignore_errors=True)
        cold.append(once(_review(_EXAMPLE)))
        warm.append(once(_review(_EXAMPLE)))
    sides = {"review of the example, cold": summed(cold), "review of the example, warm": summed(warm)}
    report(sides, "review of the example, warm", "review of the example, cold")
    folder = cache / "days"
    _days(folder)
    whole, day, same = [], [], []
    for turn in range(repeat):
        shutil.rmtree(kept, ignore_errors=True)
        whole.append(once(_review(folder)))
        _write(folder, _DAYS, turn)
        day.append(once(_review(folder)))
        same.append(once(_review(folder)))
        _file(folder, _DAYS).unlink()
    full = f"{_DAYS} days of {_ROWS:,} rows, all read"
    for name, seen in (("one new day read", day), ("nothing new", same)):
        report({full: summed(whole), name: summed(seen)}, name, full)
    del os.environ["HEADWAY_CACHE"]


def _review(folder: Path) -> list[str]:
    return [sys.executable, "-m", "headway", "review", str(folder)]


def _days(folder: Path) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "portfolio.yaml").write_text(_PORTFOLIO)
    (folder / "documents.yaml").write_text(_DOCUMENTS)
    _file(folder, _DAYS).unlink(missing_ok=True)
    for at in range(_DAYS):
        if not _file(folder, at).exists():
            _write(folder, at, 0)


def _file(folder: Path, at: int) -> Path:
    return folder / "data" / f"d{at:03d}.parquet"


def _write(folder: Path, at: int, turn: int) -> None:
    duckdb.sql(f"""
        copy (select 'EUR' as BillingCurrency,
                     ((i * 7919 + {at + turn}) % 100000)::decimal(18, 6) / 1000 as BilledCost,
                     timestamp '2026-01-01' + interval ({at}) day as ChargePeriodStart,
                     'a' || (i % 50)::varchar as SubAccountId
              from range({_ROWS}) t(i)) to '{_file(folder, at)}' (format parquet)
    """)
