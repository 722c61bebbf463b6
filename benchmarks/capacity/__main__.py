"""Words of the command line."""

from __future__ import annotations

import argparse

from . import groups, run


def main() -> int:
    """Run every group of bars, or one."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", description="The bars of capacity."
    )
    parser.add_argument("--only", choices=sorted(groups()), help="run one group")
    words = parser.parse_args()
    return int(run(words.only) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
