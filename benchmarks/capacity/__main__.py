"""Words of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import groups, promises, right_size, run, shared_data
from .fleets import compare

_COLUMNS = "name=column ..., where the file names workload, ts, used, granted, resource or capacity otherwise"


def main() -> int:
    """Run every group of bars, one of them, or the bars on a trace of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="Bars of capacity.")
    parser.add_argument("--only", choices=sorted(groups()), help="run one group")
    parser.add_argument("--trace", type=Path, help="a Parquet or CSV file, one row per workload and bin")
    parser.add_argument("--columns", nargs="*", default=[], metavar="NAME=COLUMN", help=_COLUMNS)
    parser.add_argument("--fleets", type=int, metavar="SEED", help="compare policies on seeded fleets")
    words = parser.parse_args()
    if words.fleets is not None:
        return int(compare(words.fleets, shared_data()) > 0)
    if words.trace is None:
        return int(run(words.only) > 0)
    missed = 0
    names = dict(pair.split("=", 1) for pair in words.columns)
    for group in (right_size, promises):
        for bar in group.on_file(words.trace, names):
            print(bar.line)
            missed += not bar.met
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
