"""Compute every committed data file of this example from the published data sets.

    python make_data.py PATH_TO_SHARED_DATA

Deterministic: the same inputs give the same bytes. It needs duckdb and scipy, nothing of headway.
"""

# ruff: noqa: INP001, S608 - a script that stands alone; its queries read files that the caller names
from __future__ import annotations

import csv
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from scipy.special import stdtrit

HERE = Path(__file__).parent / "data"
GAMMA = 1.02
UNDERFLOW_BELOW = 1e-4
POD_GROUPS = 8
TICK_SECONDS = 57
BIN_SECONDS = 300
# The data set names the years 2019 and 2020; the first day that a stream can have begun.
FIRST_DAY = date(2019, 1, 1)
# Illustrative: the trace names neither the card nor its price.
GPU_HOUR_USD = Decimal("2.00")
# The trace's clock is shifted by its authors; the illustrative bill lies on the day of the other bill.
BILL_DAY = "2023-11-16"
Z = 1.959963984540054
TAIL = 0.025
LONG_ANSWER_TOKENS = 400


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file with one header line."""
    with (HERE / name).open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def assistant_study(shared: Path) -> None:
    """Echoes of AI: the few columns the comparison needs; every value as published."""
    for name, columns in (
        ("task1", ["github", "ai", "codehealth", "coverage", "clean_time"]),
        ("task2", ["github", "predecessor", "treatment", "codehealth", "coverage", "clean_time"]),
    ):
        with (shared / "echoes-developer-study" / f"{name}.csv").open(newline="") as file:
            rows = [[row[c] for c in columns] for row in csv.DictReader(file)]
        write(f"echoes_{name}.csv", columns, rows)


def online_experiment(db: duckdb.DuckDBPyConnection, shared: Path) -> None:
    """ASOS: one stream day by day, each row all that was there by then, as sums per arm and metric.

    The stream is the first one, by id, with one treatment, all variances stated, counts that fit 50:50
    (|z| < 2) and a first metric that is clearly decided (|z| > 4) at the end. Of the checkpoints of a day
    the last is kept. The data set counts days from a start that it does not date.
    """
    found = db.sql(f"""
        with stated as (
            select *, row_number() over (
                partition by experiment_id, variant_id, metric_id order by time_since_start desc) as back
            from '{shared}/online-experiments/asos_experiments.parquet'
            where variance_c > 0 and variance_t > 0),
        fit as (
            select experiment_id from stated where back = 1 group by 1
            having count(distinct variant_id) = 1 and count(*) = 4
               and max(abs(count_c - count_t) / sqrt(count_c + count_t)) < 2
               and max(case metric_id when 1 then abs(mean_t - mean_c)
                   / sqrt(variance_c / count_c + variance_t / count_t) end) > 4)
        select *, floor(round(time_since_start, 6))::int as day
        from stated where experiment_id = (select min(experiment_id) from fit)
        qualify row_number() over (partition by metric_id, day order by time_since_start desc) = 1
        order by day, metric_id
        """)
    columns = found.columns
    rows = []
    for values in found.fetchall():
        row = dict(zip(columns, values, strict=True))
        closed = (FIRST_DAY + timedelta(days=row["day"])).isoformat()
        for arm, end in (("control", "c"), ("treatment", "t")):
            n, mean, variance = (Decimal(row[f"{k}_{end}"]) for k in ("count", "mean", "variance"))
            total, squares = n * mean, (n - 1) * variance + n * mean * mean
            rows.append((closed, arm, f"metric_{row['metric_id']}", int(n), f"{total:.6f}", f"{squares:.6f}"))
    write("asos_stream.csv", ("closed_at", "variant", "metric", "n", "sum_x", "sum_xx"), rows)


def minimum_wage(shared: Path) -> None:
    """mpdta: log teen employment of 500 counties by year, and the year in which the minimum wage rose."""
    with (shared / "causal-classics" / "mpdta.csv").open(newline="") as file:
        rows = [[r[c] for c in ("countyreal", "year", "lemp", "first.treat")] for r in csv.DictReader(file)]
    write("county_employment.csv", ("county", "year", "log_employment", "first_treated"), rows)


def image_generation(db: duckdb.DuckDBPyConnection, shared: Path) -> None:
    """GenTD26: log-histograms of GPU use for eight groups of pods, and a bill at an illustrative price.

    No row of the trace is kept. A group holds 17 or 18 pods, ranked by their mean use.
    """
    rows = db.sql(f"""
        select container_ip, timestamp_anon, value
        from '{shared}/genai-serving-trace/pod_gpu_duty_cycle.parquet'
        where container_ip is not null and container_ip not in ('', 'NULL')
          and value is not null""").fetchall()
    by_pod: dict[str, list[float]] = defaultdict(list)
    for pod, _, duty in rows:
        by_pod[pod].append(duty / 100)
    groups = _groups(by_pod)
    gpu_groups(rows, groups)
    last = max(at for _, at, _ in rows)
    newest = datetime.fromtimestamp(last, UTC).date().isoformat()
    out = []
    for group, pods in enumerate(groups):
        shares = [x for pod in pods for x in by_pod[pod]]
        buckets: dict[str | int, list[float]] = defaultdict(list)
        for x in shares:
            buckets[_bucket(x)].append(x)
        for bucket in sorted(buckets, key=lambda b: (isinstance(b, int), b)):
            held = buckets[bucket]
            used = f"{math.fsum(held):.6f}"
            out.append(
                (f"pods-{group + 1}-of-{POD_GROUPS}", "gpu", bucket, len(held), used, len(held), "R3", newest)
            )
    write(
        "gpu_use.csv", ("workload", "resource", "bucket", "n", "sum_used", "sum_granted", "rung", "ts"), out
    )

    first = min(at for _, at, _ in rows)
    hours = Counter(int((at - first) // 3600) for _, at, _ in rows)
    header = (
        "BilledCost",
        "BillingCurrency",
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "ChargeCategory",
        "ServiceName",
        "Tags",
    )
    bill = []
    for hour in sorted(hours):
        cost = hours[hour] * Decimal(TICK_SECONDS) / 3600 * GPU_HOUR_USD
        start_at = f"{BILL_DAY}T{hour:02d}:00:00"
        end_at = f"{BILL_DAY}T{hour + 1:02d}:00:00"
        service = f"GPU time at an illustrative {GPU_HOUR_USD} USD per hour"
        bill.append(
            (f"{cost:.6f}", "USD", start_at, end_at, "Usage", service, '{"application": "image-generation"}')
        )
    write("gpu_bill.csv", header, bill)


def _groups(by_pod: dict[str, list[float]]) -> list[list[str]]:
    """Pods by their mean use, in groups of nearly one size."""
    ranked = sorted(by_pod, key=lambda pod: (math.fsum(by_pod[pod]) / len(by_pod[pod]), pod))
    size, extra = divmod(len(ranked), POD_GROUPS)
    starts = [group * size + min(group, extra) for group in range(POD_GROUPS + 1)]
    return [ranked[first:last] for first, last in pairwise(starts)]


def gpu_groups(rows: Sequence[tuple[str, float, float]], groups: Sequence[Sequence[str]]) -> None:
    """The same trace as sums over each group, by five minutes: GPUs busy on average and at most, and held.

    A tick of the trace is 57 seconds; the sums of a bin are means and maxima over its five or six ticks.
    """
    group_of = {pod: at for at, pods in enumerate(groups) for pod in pods}
    first = min(at for _, at, _ in rows)
    busy: dict[tuple[int, int], float] = defaultdict(float)
    held: Counter[tuple[int, int]] = Counter()
    for pod, at, duty in rows:
        key = group_of[pod], round((at - first) / TICK_SECONDS)
        busy[key] += duty / 100
        held[key] += 1
    bins: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for group, tick in sorted(busy):
        bins[group, tick * TICK_SECONDS // BIN_SECONDS].append((group, tick))
    out = []
    for (group, slot), ticks in sorted(bins.items()):
        start = datetime.fromtimestamp(first + slot * BIN_SECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        used = [busy[t] for t in ticks]
        granted = math.fsum(held[t] for t in ticks) / len(ticks)
        mean = f"{math.fsum(used) / len(used):.6f}"
        name = f"pods-{group + 1}-of-{POD_GROUPS}"
        out.append((name, "gpu", start, f"{granted:.3f}", mean, f"{max(used):.6f}", len(ticks), "R3"))
    header = ("workload", "resource", "ts", "granted", "used", "used_max", "samples", "rung")
    write("gpu_groups.csv", header, out)


def _bucket(x: float) -> str | int:
    if x == 0:
        return "zero"
    return "underflow" if x < UNDERFLOW_BELOW else math.floor(math.log(x) / math.log(GAMMA))


def llm_chat(db: duckdb.DuckDBPyConnection, shared: Path) -> None:
    """Azure 2023: both traces, every row and column, as compact Parquet."""
    for name in ("conv", "code"):
        source = shared / "llm-inference-trace" / f"azure_llm_2023_{name}.csv"
        db.sql(f"""copy (select "TIMESTAMP", ContextTokens::integer as ContextTokens,
                   GeneratedTokens::integer as GeneratedTokens from read_csv('{source}'))
                   to '{HERE}/azure_llm_2023_{name}.parquet' (format parquet, compression zstd)""")


def baselines(db: duckdb.DuckDBPyConnection, shared: Path) -> None:
    """Where every outcome stood: means of control groups with intervals, clustered where units repeat."""
    metr = db.sql(f"""
        select dev_id, total from (select *, initial_implementation_time + coalesce(
            post_review_implementation_time, avg(post_review_implementation_time)
            over (partition by ai_treatment)
            ) as total
        from '{shared}/metr-developer-rct/data_complete.csv') where ai_treatment = 0""").fetchall()
    tutor = db.sql(f"""
        select "Class", Part3Tot
        from read_csv('{shared}/genai-tutor-rct/final_data.csv', nullstr=['', 'NA'])
        where Honors = 0 and "Treatment arm" = 'control'
          and gpa_prev is not null and Grader is not null""").fetchall()
    second = db.sql(f"""
        select predecessor, clean_time / 60 from '{shared}/echoes-developer-study/task2.csv'
        where treatment = 'human' and clean_time is not null""").fetchall()
    alone = db.sql(f"""
        select clean_time / 60 from '{shared}/echoes-developer-study/task1.csv'
        where not ai and clean_time is not null order by 1""").fetchall()
    pictures = db.sql(f"""
        select container_ip, (value > 30000)::int
        from '{shared}/genai-serving-trace/pipeline_inference.parquet'
        where container_ip is not null""").fetchall()
    answers = db.sql(f"""
        select row_number() over (), (GeneratedTokens > {LONG_ANSWER_TOKENS})::int
        from '{shared}/llm-inference-trace/azure_llm_2023_conv.csv'""").fetchall()
    with (HERE / "asos_stream.csv").open(newline="") as file:
        control = [r for r in csv.DictReader(file) if r["variant"] + r["metric"] == "controlmetric_1"][-1]
    with (HERE / "county_employment.csv").open(newline="") as file:
        first_year = [
            (r["county"], float(r["log_employment"])) for r in csv.DictReader(file) if r["year"] == "2003"
        ]
    n, x, xx = int(control["n"]), float(control["sum_x"]), float(control["sum_xx"])
    mean = x / n
    half = Z * math.sqrt((xx - n * mean * mean) / (n - 1) / n)
    rows = [
        ("issues-settled-sooner", *_clustered(metr), "mean minutes without assistant; errors by developer"),
        ("exams-passed", *_clustered(tutor), "mean exam grade of the control classes; errors by class"),
        ("changes-made-sooner", *_clustered(second), "mean minutes on human code; errors by its author"),
        (
            "features-ready-sooner",
            *_median([minutes for (minutes,) in alone]),
            "median minutes without assistant; binomial ranks",
        ),
        ("shoppers-served", mean, mean - half, mean + half, n, n, "mean of metric 1 in the control arm"),
        ("teenagers-at-work", *_clustered(first_year), "mean log of teenagers at work in 2003, by county"),
        ("pictures-on-time", *_clustered(pictures), "share of readings above 30 seconds; errors by machine"),
        ("answers-short-enough", *_clustered(answers), "share of answers above 400 tokens, about 300 words"),
    ]
    shown = [(o, f"{v:.6g}", f"{low:.6g}", f"{high:.6g}", n, g, how) for o, v, low, high, n, g, how in rows]
    write("baselines.csv", ("outcome", "value", "low", "high", "n", "clusters", "how"), shown)


def _clustered(rows: Sequence[tuple[Any, float]]) -> tuple[float, float, float, int, int]:
    """Mean with a 95 % interval; residuals are summed by cluster, G/(G-1), Student's t with G-1."""
    n = len(rows)
    mean = math.fsum(y for _, y in rows) / n
    sums: dict[Any, float] = defaultdict(float)
    for cluster, y in rows:
        sums[cluster] += y - mean
    groups = len(sums)
    se = math.sqrt(groups / (groups - 1) * math.fsum(s * s for s in sums.values())) / n
    half = float(stdtrit(groups - 1, 0.975)) * se
    return mean, mean - half, mean + half, n, groups


def _median(ordered: Sequence[float]) -> tuple[float, float, float, int, int]:
    n = len(ordered)
    below = [math.comb(n, k) / 2**n for k in range(n + 1)]
    low = next(k for k in range(n + 1) if math.fsum(below[: k + 1]) >= TAIL)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return middle, ordered[low - 1], ordered[n - low], n, n


def main(shared: Path) -> None:
    """Write all files."""
    HERE.mkdir(exist_ok=True)
    db = duckdb.connect()
    db.sql("set threads = 1")
    assistant_study(shared)
    online_experiment(db, shared)
    minimum_wage(shared)
    image_generation(db, shared)
    llm_chat(db, shared)
    baselines(db, shared)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
