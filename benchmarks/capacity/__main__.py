"""Words of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import groups, run
from .right_size import on_file

_COLUMNS = "name=column ..., where the file names workload, ts, used, granted, resource or capacity otherwise"


def main() -> int:
    """Run every group of bars, one of them, or the bar on right size for a trace of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="Bars of capacity.")
    parser.add_argument("--only", choices=sorted(groups()), help="run one group")
    parser.add_argument("--trace", type=Path, help="a Parquet or CSV file, one row per workload and bin")
    parser.add_argument("--columns", nargs="*", default=[], metavar="NAME=COLUMN", help=_COLUMNS)
    words = parser.parse_args()
    if words.trace is None:
        return int(run(words.only) > 0)
    missed = 0
    for bar in on_file(words.trace, dict(pair.split("=", 1) for pair in words.columns)):
        print(bar.line)
        missed += not bar.met
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
