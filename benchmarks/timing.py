"""Time whole processes: wall seconds and peak memory of each, the sides in turn so that drift is shared."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timed:
    """Median wall seconds, their range, and the largest peak memory in MB."""

    median: float
    low: float
    high: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.median:.3f} s ({self.low:.3f} to {self.high:.3f}), peak {self.peak_mb:,.0f} MB"


def once(command: Sequence[str], folder: Path | None = None) -> tuple[float, float]:
    """Run a command; seconds and peak MB. Ends the benchmark when the command fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, used.ru_maxrss / 1024


def in_turn(sides: dict[str, Sequence[str]], repeat: int, folder: Path | None = None) -> dict[str, Timed]:
    """Time several commands A B A B ..., after one warm-up of each."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for turn in range(repeat + 1):
        for name, command in sides.items():
            seen = once(command, folder)
            if turn:
                runs[name].append(seen)
    return {name: summed(seen) for name, seen in runs.items()}


def summed(seen: list[tuple[float, float]]) -> Timed:
    """The median of several runs, and their range."""
    seconds = [s for s, _ in seen]
    return Timed(statistics.median(seconds), min(seconds), max(seconds), max(m for _, m in seen))


def report(timed: dict[str, Timed], ours: str, rival: str) -> None:
    """Print both sides and the ratio."""
    for name, one in timed.items():
        print(f"{name:<44} {one}")
    print(f"ratio {ours} / {rival}: {timed[ours].median / timed[rival].median:.2f}")
