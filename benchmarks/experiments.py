"""20 experiments of 10 metrics each, one table: effects through headway's sums against tea-tasting.

Both read the same Parquet file by DuckDB and both give a difference of means with its interval for every
metric of every experiment, in the same process; the answers must agree before a time is printed.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import duckdb
import ibis
import tea_tasting as tt

from headway.aggregates.ask import ask
from headway.aggregates.duckdb_engine import DuckDB
from headway.aggregates.engine import Opened, bound_at
from headway.aggregates.request import Request, Term, count, sum_of
from headway.facts import UNIT
from headway.statistics.means import Moments, welch

EXPERIMENTS, METRICS, UNITS = 20, 10, 100_000
_TOLERANCE = 1e-9


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Time both sides in turn."""
    del rows
    file = cache / "experiments.parquet"
    if not file.exists():
        _generate(file)
    ours, theirs, worst = [], [], 0.0
    for turn in range(repeat + 1):
        started = time.perf_counter()
        mine = _headway(file)
        middle = time.perf_counter()
        other = _tea_tasting(file)
        ended = time.perf_counter()
        worst = max(abs(mine[key] - other[key]) for key in other)
        if len(mine) != EXPERIMENTS * METRICS or worst > _TOLERANCE:
            raise SystemExit(f"the two sides disagree by {worst}")
        if turn:
            ours.append(middle - started)
            theirs.append(ended - middle)
    size = f"{EXPERIMENTS} experiments x {METRICS} metrics, {EXPERIMENTS * UNITS:,} rows"
    print(f"{size}; answers within {worst:.0e}")
    print(f"{'headway (one read)':<44} {median(ours):.3f} s")
    print(f"{'tea-tasting (one query an experiment)':<44} {median(theirs):.3f} s")
    print(f"ratio headway / tea-tasting: {median(ours) / median(theirs):.2f}")


def _generate(file: Path) -> None:
    metrics = ", ".join(f"10 + random() * {m + 1} + 0.01 * a as m{m}" for m in range(METRICS))
    duckdb.sql(f"""
        copy (select i as unit_id, 'e' || (i % {EXPERIMENTS})::varchar as key, a::varchar as variant,
                     {metrics}
              from (select i, (hash(i) % 2)::int as a from range({EXPERIMENTS * UNITS}) t(i)))
        to '{file}' (format parquet)
    """)


def _headway(file: Path) -> dict[tuple[str, str], float]:
    engine = DuckDB()
    table = engine.backend.read_parquet(str(file))
    opened = Opened(engine, table, engine.known_present(table, [str(file)]))
    bound = bound_at("units", UNIT, summed=False, opened=opened, digest="")
    terms: list[Term] = [
        t for m in range(METRICS) for t in (count(f"m{m}"), sum_of(f"m{m}"), sum_of(f"m{m}", f"m{m}"))
    ]
    requests = [Request("units", ("variant",), tuple(terms), (("key", f"e{e}"),)) for e in range(EXPERIMENTS)]
    answers = ask(requests, {"units": bound})
    found = {}
    for request in requests:
        sums = answers.sums[request]
        at = {g[0]: i for i, g in enumerate(sums.groups)}
        for m in range(METRICS):
            name = f"m{m}"
            arms = [
                Moments.from_sums(
                    int(sums[count(name)][at[a]]),
                    float(sums[sum_of(name)][at[a]]),
                    float(sums[sum_of(name, name)][at[a]]),
                    sums.shift.get(name, 0.0),
                )
                for a in ("1", "0")
            ]
            found[request.where[0][1], name] = welch(*arms).interval(0.95)[0]
    return found


def _tea_tasting(file: Path) -> dict[tuple[str, str], float]:
    connection = ibis.duckdb.connect()
    table = connection.read_parquet(str(file))
    experiment = tt.Experiment(
        {f"m{m}": tt.Mean(f"m{m}", use_t=True, equal_var=False) for m in range(METRICS)}
    )
    found = {}
    for e in range(EXPERIMENTS):
        result = experiment.analyze(table.filter(table.key == f"e{e}"), control="0")
        for m in range(METRICS):
            found[f"e{e}", f"m{m}"] = float(result[f"m{m}"].effect_size_ci_lower)
    return found
