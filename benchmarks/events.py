"""A review of sixty days of events, in daily files: a day arrives, or nothing does.

Twenty metrics over windows of a week, adjusted for four weeks before. The rivals are the same review with
nothing kept (HEADWAY_CACHE=off), and the same answer in hand-written SQL over every file. Half of a review is
the start of its process, so the question alone is timed beside it, over sources that are open already.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from timing import once, report, summed
from wide_review import INITIATIVE, METRICS, OUTCOME, PEOPLE, PORTFOLIO

_DAYS = 60
# A tenth of the rows that `run.py --rows` asks for: two million by default.
_SHARE = 10
_SOURCES = """\
source: exposures
kind: file
path: data/exposures-*.parquet
fact: exposure
---
source: metrics
kind: file
path: data/metrics-*.parquet
fact: series
"""
_PILOT = f"""\
pilot:
  design: randomised
  key: trial
  arms: {{control: 50 %, treated: 50 %}}
  unit: call
  metric: y00
  objective: {{change: "-1", scale: absolute}}
  window: {{length: 7d, absent: zero}}
  covariates: [y00@-28d]
  proxies: [{", ".join(METRICS[1:])}]
"""
# Days before this one are generated once; the last arrives anew in every turn.
_DAY = """
import duckdb, sys
rows, last, turn, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
units = rows * 60 // 40
duckdb.sql(f"select setseed(0.{turn})")
for day in range(last, 60) if last else range(59):
    start = f"timestamp '2026-01-01' + interval {day} day"
    duckdb.sql(f'''copy (
      select 'trial' as key, unit_id,
             case hash(unit_id + 3) % 2 when 1 then 'treated' else 'control' end as variant,
             {start} + to_seconds((random() * 86399)::int) as ts
      from (select (random() * {units} * {day + 1} / 60)::int as unit_id from range({rows // 10}))
    ) to '{folder}/exposures-{day:03d}.parquet' (format parquet, compression zstd)''')
    duckdb.sql(f'''copy (
      select printf('y%02d', i % 20) as metric, (random() * {units})::int as unit_id,
             round(10 + 3 * random(), 4) as value,
             {start} + to_seconds((random() * 86399)::int) as ts from range({rows}) t(i)
    ) to '{folder}/metrics-{day:03d}.parquet' (format parquet, compression zstd)''')
"""
_SQL = """
import duckdb, sys
folder = sys.argv[1]
names = [f"y{i:02d}" for i in range(20)]
spans = ", ".join(f"coalesce(sum(value) filter (metric = '{n}' and ts >= t0), 0) as {n}" for n in names)
sums = ", ".join(f"sum({n}), sum({n} * {n}), sum({n} * x)" for n in names)
print(duckdb.sql(f'''
with first as (select unit_id, min(ts) as t0, arg_min(variant, ts) as arm from '{folder}/exposures-*.parquet'
               group by 1 having min(ts) + interval 7 day <= timestamp '2026-03-02'),
unit as (select f.unit_id, f.arm, coalesce(sum(value) filter (metric = 'y00' and ts < t0), 0) as x, {spans}
         from first f left join '{folder}/metrics-*.parquet' m
         on m.unit_id = f.unit_id and ts >= t0 - interval 28 day and ts < t0 + interval 7 day group by 1, 2)
select arm, count(*), sum(x), sum(x * x), {sums} from unit group by 1''').fetchall()[0][:2])
"""
_ASK = """
import sys, time
from datetime import datetime
from pathlib import Path
from headway.aggregates.ask import ask
from headway.aggregates.memory import Memory
from headway.app.check import check
from headway.measures.base import Ask
from headway.measures.value.effect.measure import EffectMeasure
from headway.sources.base import Context, bind
from headway.sources.derived import Making, derive
folder, kept, as_of, prime = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
portfolio = check(folder).portfolio
one = portfolio.initiatives["wide"]

def asked(as_of, memory):
    context = Context(folder, as_of, {}, folder / ".headway", memory)
    bound = {n: bind(s, context) for n, s in portfolio.sources.items()}
    for source in bound.values():
        source.opened
    started = time.process_time()
    made = derive(Making(portfolio, one, bound, as_of, memory))
    requests = EffectMeasure().needs(Ask(portfolio, one, datetime.fromisoformat(as_of), {made.source: made}))
    answers = ask(requests, {made.source: made}, memory=memory)
    assert not answers.faults, answers.faults
    seconds = time.process_time() - started
    context.close()
    return seconds

asked(as_of, Memory())
full = asked(as_of, Memory())
asked(prime, Memory(kept))
print(f"{full:.4f} {asked(as_of, Memory(kept)):.4f}")
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Generate all days but the last once; in each turn that one arrives anew."""
    _days(cache / "events", rows // _SHARE // _DAYS, repeat)
    os.environ.pop("HEADWAY_CACHE", None)


def _days(folder: Path, rows: int, repeat: int) -> None:
    place = folder / f"days-{rows}"
    data, kept = place / "data", folder / "kept-days"
    if not (data / f"metrics-{_DAYS - 2:03d}.parquet").exists():
        data.mkdir(parents=True, exist_ok=True)
        _arrive(rows, 0, 1, data)
    _declare(place)
    sql, full, new, same = "SQL over every day", "every day read", "one day new", "no day new"
    runs: dict[str, list[tuple[float, float]]] = {sql: [], full: [], new: [], same: []}
    shutil.rmtree(kept, ignore_errors=True)
    for turn in range(repeat + 1):
        for newest in data.glob(f"*-{_DAYS - 1:03d}.parquet"):
            newest.unlink()
        os.environ["HEADWAY_CACHE"] = str(kept)
        once(_review(place, _DAYS - 1))
        _arrive(rows, _DAYS - 1, turn + 2, data)
        for side, where in ((full, "off"), (new, str(kept)), (same, str(kept))):
            os.environ["HEADWAY_CACHE"] = where
            seen = once(_review(place, _DAYS))
            if turn:
                runs[side].append(seen)
        if turn:
            runs[sql].append(once([sys.executable, "-c", _SQL, str(data)]))
    print(f"{_DAYS} files of {rows:,} values and {rows // 10:,} exposures, {len(METRICS)} metrics")
    timed = {side: summed(seen) for side, seen in runs.items()}
    for side, rival in ((full, sql), (new, full), (same, full)):
        report({rival: timed[rival], side: timed[side]}, side, rival)
    _questions(place, folder / "kept-question.db", repeat)


def _questions(place: Path, kept: Path, repeat: int) -> None:
    """The question alone: over every day, and when all but the last are remembered."""
    words = [sys.executable, "-c", _ASK, str(place), str(kept), _end(_DAYS), _end(_DAYS - 1)]
    pairs = []
    for _ in range(repeat):
        kept.unlink(missing_ok=True)
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        pairs.append([float(seconds) for seconds in said.split()[-2:]])
    full, new = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"the question over every day, CPU             {full:.3f} s")
    print(f"the question, one day new, CPU               {new:.3f} s")
    print(f"ratio one day new / every day: {new / full:.2f}")


def _end(days: int) -> str:
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)).isoformat()


def _review(folder: Path, days: int) -> list[str]:
    """The review at the end of so many days."""
    as_of = _end(days)
    words = [sys.executable, "-m", "headway", "review", str(folder), "--as-of", as_of, "--format", "json"]
    return [*words, "-o", str(folder / "out.json")]


def _arrive(rows: int, day: int, turn: int, data: Path) -> None:
    once([sys.executable, "-c", _DAY, str(rows), str(day), str(turn), str(data)])


def _declare(folder: Path) -> None:
    pilot = INITIATIVE.format(proxies=", ".join(METRICS[1:])).partition("pilot:")[0] + _PILOT
    texts = {
        "portfolio.yaml": PORTFOLIO,
        "people.yaml": PEOPLE,
        "sources.yaml": _SOURCES,
        "outcomes.yaml": OUTCOME,
        "initiative.yaml": pilot,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
