"""A staggered rollout of a million unit-periods: cohort sums made in the engine, against the rows themselves.

The rival is diff-diff's Callaway and Sant'Anna on the same Parquet file: read into a frame, fitted, averaged
by time since the start. Both sides must give the same estimates and standard errors, or the benchmark ends.
The whole processes are timed, imports too; the work alone is timed inside each, as processor seconds of the
best of three runs, since the machine may have other work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from timing import in_turn, report

_PERIODS = 10
# A twentieth of the rows that `run.py --rows` asks for: a million as it stands.
_SHARE = 20
_SLACK = 1e-9
_PORTFOLIO = (
    "headway: 1\nportfolio: bench\ncurrency: EUR\ntime_zone: UTC\nas_of: 2012-01-31\n"
    "operating_model: {extends: starter@1, mode: observe}\n"
)
_PEOPLE = "people: bench\npersons: [{id: ann}, {id: bob}]\n"
_OUTCOME = """outcome: waiting
customer: callers
metric: {name: y, unit: minutes, better: lower}
baseline: {value: 10, low: 9, high: 11, window: 2000-01-01/2001-01-01}
target: {value: 8, by: 2026-12-31}
drives: [{to: cost, kind: causal, slope: [1 EUR, 2 EUR, 3 EUR], per: 1 minute, volume: 9 per year}]
---
outcome: cost
line: cost
"""
_INITIATIVE = """initiative: rollout
problem: callers wait ten minutes on average before somebody answers, and one in five hangs up
outcome: waiting
accountable: ann
sponsor: bob
stage: piloting
pilot:
  design: staggered
  source: units
  unit: site
  metric: y
  objective: {change: "-0.5", scale: absolute}
  dates: {starts: 2003-01-01, ends: 2009-12-31}
"""
_SOURCE = "source: units\nkind: file\npath: panel.parquet\nfact: panel\n"
_ROWS = """
import duckdb, sys
units, periods, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
duckdb.sql("select setseed(0.5)")
duckdb.sql(f'''copy (
  with units as (select i, [2003, 2005, 2007, 2009, null][1 + (hash(i) % 5)::int] as starts,
                        3 * random() as level
                 from range({units}) t(i)),
       rows as (select i, starts, level, 2000 + t as period, random() as noise
                from units, range({periods}) p(t))
  select i as unit_id, period, starts,
         10 + level + 0.1 * (period - 2000) + noise - case when period >= starts then 0.5 else 0 end as y
  from rows order by i, period
) to '{file}' (format parquet, compression zstd)''')
"""
_ROW_LEVEL = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import pandas as pd
from diff_diff import CallawaySantAnna
seconds = []
for _ in range(3):
    began = time.process_time()
    frame = pd.read_parquet(sys.argv[1])
    frame["starts"] = frame["starts"].fillna(0).astype("int64")
    fit = CallawaySantAnna(control_group="not_yet_treated", estimation_method="reg").fit(
        frame, outcome="y", unit="unit_id", time="period", first_treat="starts", aggregate="event_study")
    seconds.append(time.process_time() - began)
study = {int(e): [float(v["effect"]), float(v["se"])] for e, v in fit.event_study_effects.items()}
print(json.dumps({"simple": [float(fit.overall_att), float(fit.overall_se)], "study": study,
                  "seconds": min(seconds)}))
"""
_PUSHED_DOWN = """
import json, sys, time
from pathlib import Path
from headway.app.check import check
from headway.app.review import review
seconds = []
for _ in range(3):
    began = time.process_time()
    made = review(check(Path(sys.argv[1])))
    seconds.append(time.process_time() - began)
found = next(e.estimate for e in made.collected.evidence["rollout"] if e.measure == "effect")
detail = found.detail
print(json.dumps({"simple": [detail["theta"], detail["se"]],
                  "study": {r["since"]: [r["value"], r["se"]] for r in detail["event_study"]},
                  "seconds": min(seconds)}))
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Generate the panel once; see that both sides say the same, then time them in turn."""
    units = rows // _SHARE // _PERIODS
    place = cache / f"panel-{units}"
    place.mkdir(parents=True, exist_ok=True)
    file = place / "panel.parquet"
    if not file.exists():
        subprocess.run([sys.executable, "-c", _ROWS, str(units), str(_PERIODS), str(file)], check=True)
    texts = {"portfolio": _PORTFOLIO, "people": _PEOPLE, "outcome": _OUTCOME, "initiative": _INITIATIVE}
    for name, text in {**texts, "source": _SOURCE}.items():
        (place / f"{name}.yaml").write_text(text)
    os.environ["HEADWAY_CACHE"] = "off"
    ours = [sys.executable, "-c", _PUSHED_DOWN, str(place)]
    rival = [sys.executable, "-c", _ROW_LEVEL, str(file)]
    off, alone = _same(_said(ours), _said(rival))
    print(f"{units:,} units x {_PERIODS} periods; largest difference between the two answers {off:.1e}")
    ratio = alone[0] / alone[1]
    print(f"processor seconds of the work: {alone[0]:.2f}, on rows {alone[1]:.2f}, ratio {ratio:.2f}")
    pushed, on_rows = "review, cohort sums from the engine", "diff-diff, rows in a frame"
    report(in_turn({pushed: ours, on_rows: rival}, repeat), pushed, on_rows)


def _said(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _same(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, tuple[float, float]]:
    """The largest difference of any estimate or standard error, and the seconds of both."""
    study, rival = ours["study"], theirs["study"]
    if study.keys() != rival.keys():
        raise SystemExit(f"not the same event times: {sorted(study)} and {sorted(rival)}")
    pairs = [(ours["simple"], theirs["simple"]), *((study[e], rival[e]) for e in study)]
    off = max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True))
    if off > _SLACK:
        raise SystemExit(f"the two answers differ by {off}")
    return off, (float(ours["seconds"]), float(theirs["seconds"]))
