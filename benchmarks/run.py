"""Run every benchmark and print each as a ratio against its rival, timed in the same run.

    python benchmarks/run.py [--rows N] [--only NAME] [--repeat K]

Whole processes are timed, with the peak memory the operating system counted for them. Data are generated
once into build/bench. Absolute times depend on the machine; the ratios are what is claimed.
"""

from __future__ import annotations

import argparse
import importlib
import platform
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / "build" / "bench"
# Imported when they run: a child's peak memory counts what this process held when it was started.
BENCHES = {
    "startup": "startup",
    "check": "check",
    "warm-review": "warm_review",
    "wide-review": "wide_review",
    "wide-days": "wide_days",
    "events": "events",
    "panel": "panel",
    "experiments": "experiments",
    "looks": "looks",
    "capacity": "capacity",
    "spend": "spend",
}


def main() -> None:
    """Parse the words, run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the wide review")
    parser.add_argument("--only", choices=sorted(BENCHES), help="run one")
    parser.add_argument("--repeat", type=int, default=3, help="timed runs of each side; the median counts")
    words = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    for name, module in BENCHES.items():
        if words.only in (None, name):
            print(f"\n== {name}")
            importlib.import_module(module).bench(CACHE, words.rows, words.repeat)


if __name__ == "__main__":
    main()
