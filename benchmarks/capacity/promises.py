"""Bars 2, 3 and 6: what is not advised, who needs more, and whether promised savings are found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from headway.measures.spend.coverage import Terms, coverage, direction, is_saturated
from headway.measures.spend.load import Load
from headway.measures.spend.memory import margin_of, peak_grants
from headway.measures.spend.promise import promise
from headway.measures.spend.right_size import right_size
from headway.measures.spend.watching import Watching
from headway.portfolio.capacity import Capacity

from .bar import Bar
from .traces import TICKS, Fold, Ticks, by_tick, folds, from_file, load

SECONDS = 60.0
DAY = TICKS * SECONDS
LATE = datetime(2030, 1, 1, tzinfo=UTC)
INSIDE, WIDTH = 0.90, 0.80
SHIFTED = ("A", "B")


def bars(data: Path) -> Iterator[Bar]:
    """The coverage gate and the promises on the folds of GenTD26, and who is saturated on all of its day."""
    duty = by_tick(data)
    cut = list(folds(duty))
    for fold in cut:
        yield from _refused(fold)
    yield from _saturated(duty, by_tick(data, "pod_memory_util"))
    for fold in cut:
        if fold.name in SHIFTED:
            yield from _promised(fold.name, fold.loads, fold.split, DAY / 2)


def on_file(path: Path, names: Mapping[str, str]) -> Iterator[Bar]:
    """Bars 3 and 6 on any other trace: who is saturated, and what is promised in its middle for the rest."""
    for resource, loads in from_file(path, names).items():
        near = [one for one in loads if is_saturated(one)]
        print(f"{resource}: saturated: {', '.join(one.workload for one in near) or 'none'}")
        down = sum(direction(one, float(one.granted[-1]), 0.0) == "down" for one in near)
        yield Bar(f"{resource}: saturated workloads advised less", down, most=0, digits=0)
        first = min(float(one.at[0]) for one in loads)
        last = max(float(one.at[-1]) for one in loads)
        yield from _promised(resource, loads, (first + last) / 2, (last - first) / 2)


def _refused(fold: Fold) -> Iterator[Bar]:
    terms = Terms("static", split=fold.split)
    apart = [coverage(one, LATE, terms) for one in fold.loads]
    allowed = sum(found.level == "static" for found in apart)
    yield Bar(f"{fold.name}: workloads with standing advice or commitments", allowed, most=0, digits=0)
    if fold.name in SHIFTED:
        whole = coverage(fold.loads, LATE, terms)
        found = whole.shift
        if found:
            print(
                f"  shift of the level {found.value:.2f} [{found.low:.2f}, {found.high:.2f}]; {whole.reason}"
            )
        yield Bar(f"{fold.name}: shift of the level is named", "HW441" in whole.codes, least=1, digits=0)


def _saturated(duty: Ticks, memory: Ticks) -> Iterator[Bar]:
    """Containers at their memory are told to grow, whatever a policy proposes; no GPU is."""
    held = [load(pod, tick * SECONDS, np.maximum(value, 0.0), 1.0) for pod, (tick, value) in memory.items()]
    near = [one for one in held if is_saturated(one)]
    print(f"  saturated: {', '.join(one.workload[:8] for one in near)}")
    yield Bar("memory: containers named as saturated", len(near), least=2, most=2, digits=0)
    grants = peak_grants(held, DAY, margin_of(held, DAY, 24).share)
    down = [
        one.workload
        for one, grant in zip(held, grants, strict=True)
        if direction(one, 1.0, float(grant)) == "down" and is_saturated(one)
    ]
    yield Bar("memory: saturated containers advised less", len(down), most=0, digits=0)
    pods = [load(pod, tick * SECONDS, value, 100.0) for pod, (tick, value) in duty.items()]
    sized = right_size(pods, Capacity(), datetime.fromtimestamp(DAY + SECONDS, UTC))
    up = [one for one in sized.proposals if one.direction == "up"]
    yield Bar(f"GPU: advised more, of {len(sized.proposals)}", len(up), most=0, digits=0)


def _promised(name: str, loads: list[Load], split: float, seconds: float) -> Iterator[Bar]:
    watching = Watching(Capacity())
    made = promise(loads, split, seconds / 3600, watching)
    known = [i for i, one in enumerate(made.intervals) if one]
    found = watching.on([loads[i] for i in known], split).saved(split, split + seconds)
    ends = np.array([(i.low, i.high) for i in made.intervals if i]).reshape(-1, 2)
    there = np.isfinite(found)
    inside = (found >= ends[:, 0] - 1e-9) & (found <= ends[:, 1] + 1e-9)
    yield Bar(
        f"{name}: promised savings found again, share", float(inside[there].mean()), least=INSIDE, digits=3
    )
    width = float((ends[:, 1] - ends[:, 0])[there].mean())
    yield Bar(f"{name}: mean width of the promises", width, most=WIDTH, digits=3)
