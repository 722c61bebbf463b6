"""`headway --help` against the bare interpreter."""

from __future__ import annotations

import compileall
import importlib.util
import sys
from pathlib import Path

from timing import in_turn, report

_RUNS = 15


def bench(cache: Path, rows: int, repeat: int) -> None:
    """Time both; bytecode is compiled first, as an installer does."""
    del cache, rows
    found = importlib.util.find_spec("headway")
    for folder in (found.submodule_search_locations or []) if found else []:
        compileall.compile_dir(folder, quiet=2)
    sides = {
        "headway --help": [sys.executable, "-m", "headway", "--help"],
        "bare interpreter": [sys.executable, "-c", "pass"],
    }
    report(in_turn(sides, max(repeat, _RUNS)), "headway --help", "bare interpreter")
