"""A review over wide unit rows against DuckDB's bare aggregate of the same columns.

20 metrics, one covariate, 200 clusters, two arms. The rival is one hand-written GROUP BY with the same
plain sums; the review also reads files, picks shifts, fits 20 cluster regressions and judges a gate.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from timing import in_turn, once, report

METRICS = [f"y{i:02d}" for i in range(20)]
CLUSTERS = 200

_BARE = """
import duckdb, sys
metrics = [f"y{i:02d}" for i in range(20)]
sums = ", ".join(f"count({m}), sum({m}), sum({m} * {m}), sum({m} * x)" for m in metrics)
query = f"select variant, cluster, count(*), sum(x), sum(x * x), {sums} from '{sys.argv[1]}' group by all"
rows = duckdb.sql(query).fetchall()
assert len(rows) == 400, len(rows)
"""

PORTFOLIO = """\
headway: 1
portfolio: bench
currency: EUR
time_zone: UTC
as_of: 2026-03-31
"""
PEOPLE = """\
people: bench
persons: [{id: a}, {id: b}]
"""
_SOURCE = """\
source: units
kind: file
path: ../{file}
fact: unit
"""
OUTCOME = """\
outcome: first
customer: customers
metric: {name: y00, unit: minutes, better: lower}
drives:
  - {to: cost, kind: causal, slope: [1 EUR, 2 EUR, 3 EUR], per: 1 minute, owner: a, valid_until: 2027-01-01}
---
outcome: cost
line: cost
"""
INITIATIVE = """\
initiative: wide
problem: customers wait ten minutes longer than they were told, every second day of the week
outcome: first
accountable: a
sponsor: b
stage: piloting
pilot:
  design: randomised
  source: units
  arms: {{control: 50 %, treated: 50 %}}
  unit: customer
  cluster: store
  metric: y00
  proxies: [{proxies}]
  covariates: [x]
  objective: {{change: "-1", scale: absolute}}
  dates: {{starts: 2026-01-01, ends: 2026-03-01}}
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Generate once, then time the first review, later reviews and the bare aggregate."""
    file = cache / f"units-{rows}.parquet"
    if not file.exists():
        _generate(file, rows)
    folder = cache / f"portfolio-{rows}"
    _declare(folder, file)
    review = [
        sys.executable,
        "-m",
        "headway",
        "review",
        str(folder),
        "--format",
        "json",
        "-o",
        str(folder / "out.json"),
        # The rows are read each time: what is remembered of them is another benchmark's matter.
        "--recompute",
    ]
    bare = [sys.executable, "-c", _BARE, str(file)]
    remembered = folder / ".headway" / "digests.json"
    remembered.unlink(missing_ok=True)
    once(bare)
    seconds, peak = once(review)
    print(f"{rows:,} rows, {file.stat().st_size / 1e9:.2f} GB of Parquet")
    print(f"{'first review (digest of every byte)':<44} {seconds:.3f} s, peak {peak:,.0f} MB")
    report(
        in_turn({"review": review, "DuckDB bare aggregate": bare}, repeat), "review", "DuckDB bare aggregate"
    )


def _generate(file: Path, rows: int) -> None:
    started = time.perf_counter()
    metrics = ", ".join(
        f"round(10 + 0.5 * x + 0.01 * arm + c * 0.01 + 3 * (random() + random() + random() - 1.5), 4) as {m}"
        for m in METRICS
    )
    part = file.with_suffix(".part")
    query = f"""
        copy (
          select i as unit_id, case arm when 1 then 'treated' else 'control' end as variant, c as cluster, x,
                 {metrics}
          from (select i, (hash(i) % 2)::int as arm, (hash(i + 7) % {CLUSTERS})::int as c,
                       round(random() * 10, 4) as x
                from range({rows}) t(i))
        ) to '{part}' (format parquet, compression zstd)
    """
    once(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; duckdb.sql('select setseed(0.42)'); duckdb.sql(sys.argv[1])",
            query,
        ]
    )
    part.replace(file)
    print(f"generated {rows:,} rows in {time.perf_counter() - started:.0f} s")


def _declare(folder: Path, file: Path) -> None:
    folder.mkdir(exist_ok=True)
    texts = {
        "portfolio.yaml": PORTFOLIO,
        "people.yaml": PEOPLE,
        "sources.yaml": _SOURCE.format(file=file.name),
        "outcomes.yaml": OUTCOME,
        "initiative.yaml": INITIATIVE.format(proxies=", ".join(METRICS[1:])),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
