"""Bar 1: the default policy beside krr's rule, a VPA-like rule and two bold ones, on what none had seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from headway.measures.spend.advice import Replayed
from headway.measures.spend.closed_loop import Loop
from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import follow
from headway.measures.spend.outcome import replayed
from headway.measures.spend.policies import LoadWeighted, Percentile, VpaLike
from headway.measures.spend.replay import STANDING, HeldOut, hindsight, rolling, static
from headway.statistics.contrast import FloatArray

from .bar import Bar
from .traces import Fold, by_tick, folds, from_file

OURS = "default"
BOLD = ("load-weighted P95 x 1.10", "P95 x 1.15, closed loop")
SHORT = 1.0
"""Violations allowed, in per cent."""
BELOW = 0.5
"""Points of saving that the default policy may stay below the better of the bold ones."""
LEAST = {"A": 47.1, "B": 43.6, "C": 42.9}


def bars(data: Path) -> Iterator[Bar]:
    """The three folds of GenTD26: saving at least as stated, at no more than one per cent of violations."""
    for fold in folds(by_tick(data)):
        found = table(fold)
        yield Bar(f"{fold.name}: violation %", 100 * found[OURS].violation.value, most=SHORT, digits=3)
        yield Bar(f"{fold.name}: saving %", 100 * found[OURS].saving.value, least=LEAST[fold.name])


def on_file(path: Path, names: Mapping[str, str]) -> Iterator[Bar]:
    """Bars of the same kind on any other trace, held out from its middle on."""
    for resource, loads in from_file(path, names).items():
        found = table(Fold(resource, loads, math.nan))
        within = [found[name].saving.value for name in BOLD if 100 * found[name].violation.value <= SHORT]
        yield Bar(f"{resource}: violation %", 100 * found[OURS].violation.value, most=SHORT, digits=3)
        # Where neither bold policy keeps within the budget there is no saving to be held against.
        least = 100 * max(within) - BELOW if within else -math.inf
        yield Bar(f"{resource}: saving %", 100 * found[OURS].saving.value, least=least)


def table(fold: Fold) -> dict[str, Replayed]:
    """Replay every policy on one fold and print what each would have done."""
    held = HeldOut.of(Cohort.of(fold.loads), None if math.isnan(fold.split) else fold.split)
    hours = (held.split - held.cohort.origin) / 3600
    print(
        f"{fold.name}: {len(fold.loads)} workloads, bins of {held.cohort.seconds:g} s,"
        f" {hours:.1f} h before the split"
    )
    print(f"  {'policy':<34}{'saving %':>24}{'violation %':>26}{'unserved %':>12}{'above %':>9}")
    found = {name: replayed(held.cohort, grants, held.first) for name, grants in _policies(held, fold.name)}
    for name, one in found.items():
        saving, violation = (
            f"{100 * x.value:.{d}f} [{100 * x.low:.{d}f}, {100 * x.high:.{d}f}]"
            for x, d in ((one.saving, 2), (one.violation, 3))
        )
        tail = f"{100 * one.unserved.value:>12.2f}{100 * one.above:>9.1f}"
        print(f"  {name:<34}{saving:>24}{violation:>26}{tail}")
    return found


def _policies(held: HeldOut, fold: str) -> Iterator[tuple[str, FloatArray]]:
    yield "oracle: max", hindsight(held, Percentile(1.0))
    yield "oracle: P99", hindsight(held, Percentile(0.99))
    if fold == "C":
        # Blocks that lie among each other have no order in time, so that nothing can be refitted.
        yield "krr simple (P95)", static(held, Percentile(0.95))
        yield "VPA-like", static(held, VpaLike())
        yield "max x 1.15", static(held, Percentile(1.0, 0.15))
        yield OURS, static(held, STANDING)
        return
    yield "krr simple (P95), static", static(held, Percentile(0.95))
    yield "VPA-like, static", static(held, VpaLike())
    yield "krr simple (P95)", rolling(held, Percentile(0.95))
    yield "VPA-like", rolling(held, VpaLike())
    yield BOLD[0], rolling(held, LoadWeighted())
    yield BOLD[1], rolling(held, Percentile(0.95, 0.15), Loop(held.clock.hold))
    yield OURS, follow(held).grants
