"""The bars of spend and capacity, each beside the figure that must be reached.

    python -m benchmarks.capacity [--only GROUP]     every bar, on the shared traces
    python benchmarks/run.py --only capacity         the same

A module of this package that has a function ``bars(data: Path) -> Iterable[Bar]`` is a group of bars; it
takes part by being there. `data` is the folder of the shared data sets (HEADWAY_SHARED_DATA). What is printed
before the last line is the same on every run.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .bar import Bar

Group = Callable[[Path], Iterable[Bar]]
_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SECONDS = 60.0
"""Processor time that the whole benchmark may take, which other work on the machine does not stretch."""


def shared_data() -> Path:
    """The folder of the shared data sets."""
    return Path(os.environ.get("HEADWAY_SHARED_DATA", _SHARED))


def groups() -> dict[str, Group]:
    """The groups of bars, by the name of their module."""
    found = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        if module != "__main__":
            bars = getattr(importlib.import_module(f".{module}", __name__), "bars", None)
            if bars is not None:
                found[module] = bars
    return found


def bench(_cache: Path, _rows: int, _repeat: int) -> None:
    """Every bar; ends the process with status 1 where one is missed."""
    if run():
        raise SystemExit(1)


def run(only: str | None = None) -> int:
    """Print the bars of one group or of all; how many were missed."""
    data = shared_data()
    started = time.process_time()
    missed = 0
    for name, bars in groups().items():
        if only in (None, name):
            print(f"\n-- {name}")
            for bar in bars(data):
                print(bar.line)
                missed += not bar.met
    took = Bar("processor seconds for all of it", time.process_time() - started, most=SECONDS)
    missed += not took.met
    print(f"\n{missed or 'no'} bar{'' if missed == 1 else 's'} missed\n{took.line}")
    return missed
