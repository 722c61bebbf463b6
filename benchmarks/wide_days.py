"""A review of a hundred daily files of wide unit rows: a day arrives, or nothing does.

Sums of twenty metrics by arm and cluster are nearly as many numbers as a small day has rows, so this is the
hard case for what is kept: reading it back must cost less than reading the rows.

The rival is the same review with nothing kept (HEADWAY_CACHE=off). Digests of files that stand still are
known to both sides.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from timing import once, report, summed
from wide_review import INITIATIVE, METRICS, OUTCOME, PEOPLE, PORTFOLIO

_DAYS = 100
# A quarter of the rows that `run.py --rows` asks for, in all days together.
_SHARE = 4
_SOURCE = "source: units\nkind: file\npath: data/*.parquet\nfact: unit\n"
# Days before this one are generated once; the last arrives anew in every turn.
_DAY = """
import duckdb, sys
rows, last, turn, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
metrics = ", ".join(f"round(10 + 0.01 * arm + 3 * (random() + random()), 4) as y{i:02d}" for i in range(20))
duckdb.sql(f"select setseed(0.{turn})")
for day in range(last, 100) if last else range(99):
    duckdb.sql(f'''copy (
      select i + {day} * {rows} as unit_id, case arm when 1 then 'treated' else 'control' end as variant,
             (hash(i) % 200)::int as cluster, round(random() * 10, 4) as x, {metrics},
             timestamp '2025-11-01' + interval {day} day as closed_at
      from (select i, (hash(i + 3) % 2)::int as arm from range({rows}) t(i))
    ) to '{folder}/d{day:03d}.parquet' (format parquet, compression zstd)''')
"""


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Generate all days but the last once; in each turn that one arrives anew."""
    _days(cache / "wide-days", rows // _SHARE // _DAYS, repeat)
    os.environ.pop("HEADWAY_CACHE", None)


def _days(folder: Path, rows: int, repeat: int) -> None:
    place = folder / f"days-{rows}"
    data, kept = place / "data", folder / "kept-days"
    if not (data / f"d{_DAYS - 2:03d}.parquet").exists():
        data.mkdir(parents=True, exist_ok=True)
        _arrive(rows, 0, 1, data)
    _declare(place)
    newest = data / f"d{_DAYS - 1:03d}.parquet"
    full, new, same = "every day read", "one day new", "no day new"
    runs: dict[str, list[tuple[float, float]]] = {full: [], new: [], same: []}
    shutil.rmtree(kept, ignore_errors=True)
    for turn in range(repeat + 1):
        newest.unlink(missing_ok=True)
        os.environ["HEADWAY_CACHE"] = str(kept)
        once(_review(place))
        _arrive(rows, _DAYS - 1, turn + 2, data)
        for side, where in ((full, "off"), (new, str(kept)), (same, str(kept))):
            os.environ["HEADWAY_CACHE"] = where
            seen = once(_review(place))
            if turn:
                runs[side].append(seen)
    print(f"{_DAYS} files of {rows:,} rows, {len(METRICS)} metrics")
    timed = {side: summed(seen) for side, seen in runs.items()}
    report({full: timed[full], new: timed[new]}, new, full)
    report({full: timed[full], same: timed[same]}, same, full)


def _review(folder: Path) -> list[str]:
    words = [sys.executable, "-m", "headway", "review", str(folder), "--format", "json"]
    return [*words, "-o", str(folder / "out.json")]


def _arrive(rows: int, day: int, turn: int, data: Path) -> None:
    once([sys.executable, "-c", _DAY, str(rows), str(day), str(turn), str(data)])


def _declare(folder: Path) -> None:
    texts = {
        "portfolio.yaml": PORTFOLIO,
        "people.yaml": PEOPLE,
        "sources.yaml": _SOURCE,
        "outcomes.yaml": OUTCOME,
        "initiative.yaml": INITIATIVE.format(proxies=", ".join(METRICS[1:])),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
