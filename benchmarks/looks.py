"""Hundreds of pilots of twenty metrics, looked at daily for four hundred days.

First every interval and e-value from sums as they are kept between two commands, against the same numbers
computed one look at a time from the same sums (one pilot's, scaled up). Then whole reviews: a day arrives, or
nothing does, against the same review with nothing kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np
from timing import once
from wide_review import OUTCOME, PEOPLE, PORTFOLIO

from headway.aggregates.fuse import Query, fuse
from headway.aggregates.kept_sums import packed, unpacked
from headway.aggregates.request import Day, Request, Term, count, sum_of
from headway.aggregates.sums import Column, Parted, Sums
from headway.statistics.looks import MomentsByDay, boundaries, log_e_one_sided_of, welch_by_day
from headway.statistics.means import Moments, welch
from headway.statistics.sequential import boundary, log_e_one_sided, r_star

PILOTS, METRICS, DAYS = 500, 20, 400
# Pilots of the whole reviews, which also judge gates, sign evidence and write what they found.
REVIEWED = 100
# A quarter of the rows that `run.py --rows` asks for, in all days together.
_SHARE = 4
LEVEL, PLANNED = 0.95, 4000
NAMES = tuple(f"y{m:02d}" for m in range(METRICS))
_TOLERANCE = 1e-9
"""Relative difference of a number made one by one from the same number made all at once."""

Looks = tuple[Column, Column, Column]


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Both parts."""
    _from_sums(repeat)
    a_day = rows // _SHARE // DAYS
    _reviews(cache / f"looks-{a_day}", a_day, repeat)
    os.environ.pop("HEADWAY_CACHE", None)


def _from_sums(repeat: int) -> None:
    query = _query()
    kept = packed(_sums(query))
    ours, theirs = [], []
    for turn in range(repeat + 1):
        started = time.process_time()
        found = unpacked(kept, query)
        if found is None:
            raise SystemExit("the kept sums cannot be read back")
        parted = Parted(found[0])
        made = [_at_once(parted.answer(request)) for request in query.answers]
        middle = time.process_time()
        single = _one_by_one(parted.answer(query.answers[0]))
        ended = time.process_time()
        for mine, other in zip(made[0], single, strict=True):
            if not np.allclose(mine, other, rtol=_TOLERANCE, equal_nan=True):
                raise SystemExit("the two sides disagree")
        if turn:
            ours.append(middle - started)
            theirs.append((ended - middle) * PILOTS)
    print(f"{PILOTS} pilots x {METRICS} metrics x {DAYS} days, {len(kept) / 1e6:,.0f} MB of kept sums")
    print(f"{'headway, from kept sums to every look':<44} {median(ours):.3f} s of processor time")
    print(f"{'one look at a time (one pilot, times 500)':<44} {median(theirs):.3f} s of processor time")
    print(f"ratio headway / one at a time: {median(ours) / median(theirs):.4f}")


def _query() -> Query:
    terms: list[Term] = [count(), *(t for y in NAMES for t in (count(y), sum_of(y), sum_of(y, y)))]
    keys = ("variant", Day("closed_at"))
    (query,) = fuse(Request("units", keys, tuple(terms), (("key", f"p{i:03d}"),)) for i in range(PILOTS))
    return query


def _sums(query: Query) -> Sums:
    """Sums as rows would have given them: ten units an arm and day."""
    values = {"key": [f"p{i:03d}" for i in range(PILOTS)], "variant": ["control", "treated"]}
    groups = tuple(
        product(*(values[k] if isinstance(k, str) else range(20_000, 20_000 + DAYS) for k in query.keys))
    )
    draw = np.random.default_rng(1)
    made: dict[Term, Column] = {}
    n = draw.integers(5, 15, len(groups))
    for term in query.terms:
        if term.kind == "count":
            made[term] = n
        elif len(term.factors) == 1:
            made[term] = draw.normal(0, 2 * np.sqrt(n))
        else:
            made[term] = 4 * draw.chisquare(n)
    return Sums(query.keys, groups, made, dict.fromkeys(NAMES, 10.0))


def _running(sums: Sums) -> tuple[Column, Column, Column]:
    """(metrics, arms, days) counts, sums and squares up to each day."""
    arm, day = sums.keys.index("variant"), sums.keys.index(Day("closed_at"))
    first = min(g[day] for g in sums.groups)
    at = (
        np.array([int(g[arm] == "control") for g in sums.groups]),
        np.array([g[day] - first for g in sums.groups]),
    )
    made = np.zeros((3, METRICS, 2, DAYS))
    for m, y in enumerate(NAMES):
        for i, term in enumerate((count(y), sum_of(y), sum_of(y, y))):
            np.add.at(made[i, m], at, sums[term])
    n, first_, second = made.cumsum(axis=3)
    return n, first_, second


def _at_once(sums: Sums) -> Looks:
    n, first, second = _running(sums)
    treated, control = (
        MomentsByDay.from_sums(n[:, a], first[:, a], second[:, a], np.array(10.0)) for a in (0, 1)
    )
    looks = welch_by_day(treated, control)
    r = r_star(1 - LEVEL) * looks.n / PLANNED
    reach = boundaries(looks.df, r, 1 - LEVEL) * looks.se
    return looks.theta, reach, log_e_one_sided_of(looks.theta / looks.se, looks.df, r)


def _one_by_one(sums: Sums) -> Looks:
    n, first, second = _running(sums)
    made = np.empty((3, METRICS, DAYS))
    for m, d in product(range(METRICS), range(DAYS)):
        arms = [
            Moments.from_sums(int(n[m, a, d]), float(first[m, a, d]), float(second[m, a, d]), 10.0)
            for a in (0, 1)
        ]
        look = welch(*arms)
        r = r_star(1 - LEVEL) * look.n / PLANNED
        reach = boundary(look.df, r, 1 - LEVEL) * look.se
        made[:, m, d] = look.theta, reach, log_e_one_sided(look.theta / look.se, look.df, r)
    return made[0], made[1], made[2]


# A hundred pilots; the last of the days arrives anew in every turn.
_DAY = """
import duckdb, sys
first, last, turn, folder, rows = sys.argv[1:]
metrics = ", ".join(f"round(10 - 0.1 * arm + 3 * (random() + random()), 4) as y{i:02d}" for i in range(20))
duckdb.sql("set threads = 1")
duckdb.sql(f"select setseed(0.{turn})")
for day in range(int(first), int(last)):
    duckdb.sql(f'''copy (
      select i * 1000 + {day} as unit_id, case arm when 1 then 'treated' else 'control' end as variant,
             'p' || lpad((i // 2 % 100)::varchar, 3, '0') as key, {metrics},
             timestamp '2024-09-01' + interval {day} day as closed_at
      from (select i, (i % 2)::int as arm from range({rows}) t(i))
    ) to '{folder}/d{day:03d}.parquet' (format parquet, compression zstd)''')
"""
_SOURCE = "source: units\nkind: file\npath: data/*.parquet\nfact: unit\n"
_INITIATIVE = """\
initiative: {name}
problem: callers wait ten minutes on average before somebody answers, and one in five hangs up
outcome: first
accountable: a
sponsor: b
stage: piloting
pilot:
  design: randomised
  source: units
  arms: {{control: 50 %, treated: 50 %}}
  unit: call
  metric: y00
  objective: {{change: "-0.5", scale: absolute}}
  dates: {{starts: 2024-09-01, ends: 2026-12-31}}
  registered: {{where: osf.io, id: abc, on: 2024-08-01}}
  looks: daily
  plan: {{units: 4000}}
  proxies: [{proxies}]
"""


def _reviews(place: Path, a_day: int, repeat: int) -> None:
    data, kept = place / "data", place.parent / "kept-looks"
    if not (data / f"d{DAYS - 1:03d}.parquet").exists():
        data.mkdir(parents=True, exist_ok=True)
        once([sys.executable, "-c", _DAY, "0", str(DAYS), "1", str(data), str(a_day)])
    _declare(place)
    newest = data / f"d{DAYS:03d}.parquet"
    full, new, same = "every day read", "one day new", "no day new"
    runs: dict[str, list[float]] = {full: [], new: [], same: []}
    shutil.rmtree(kept, ignore_errors=True)
    for turn in range(repeat):
        newest.unlink(missing_ok=True)
        os.environ["HEADWAY_CACHE"] = str(kept)
        _spent(_review(place))
        once([sys.executable, "-c", _DAY, str(DAYS), str(DAYS + 1), str(turn + 2), str(data), str(a_day)])
        for side, where in ((full, "off"), (new, str(kept)), (same, str(kept))):
            os.environ["HEADWAY_CACHE"] = where
            runs[side].append(_spent(_review(place)))
    newest.unlink(missing_ok=True)
    print(
        f"review of {REVIEWED} pilots x {METRICS} metrics, {DAYS} daily files of {a_day:,} rows and one more"
    )
    for side, seen in runs.items():
        print(f"{side:<44} {median(seen):.1f} s of processor time")
    for side in (new, same):
        print(f"ratio {side} / {full}: {median(runs[side]) / median(runs[full]):.2f}")


def _spent(command: list[str]) -> float:
    """Processor seconds of a command, which other work on the machine does not stretch."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def _review(folder: Path) -> list[str]:
    words = [sys.executable, "-m", "headway", "review", str(folder), "--format", "json"]
    return [*words, "-o", str(folder / "out.json")]


def _declare(folder: Path) -> None:
    texts = {
        "portfolio.yaml": PORTFOLIO,
        "people.yaml": PEOPLE,
        "sources.yaml": _SOURCE,
        "outcomes.yaml": OUTCOME,
    }
    for i in range(REVIEWED):
        name = f"p{i:03d}"
        texts[f"initiatives/{name}.yaml"] = _INITIATIVE.format(name=name, proxies=", ".join(NAMES[1:]))
    (folder / "initiatives").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
