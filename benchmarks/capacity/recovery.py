"""After a shift that nothing foretold: how many minutes until the grants hold again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headway.measures.spend.cohort import Cohort
from headway.measures.spend.follow import follow
from headway.measures.spend.load import Load
from headway.measures.spend.replay import HeldOut

from .bar import Bar

_WORKLOADS, _SEED = 20, 5
_SHORT = 0.01
_TIMES = (2, 3, 6)
_MOST = 90.0
"""Minutes allowed: a raise takes at least five or two bins, and is a fifth, then a half at a time."""


def bars(_data: Path) -> Iterator[Bar]:
    """All workloads need two, three and six times as much from one bin to the next."""
    for seconds, days in ((60.0, 1), (300.0, 8)):
        for times in _TIMES:
            bins = round(days * 86_400 / seconds)
            found = minutes(seconds, bins, times)
            yield Bar(f"x {times}, bins of {seconds:g} s: minutes to recover", found, most=_MOST, digits=0)


def minutes(seconds: float, bins: int, times: float) -> float:
    """Minutes until at most one bin in a hundred of the hour that follows lies above the grant."""
    draw = np.random.default_rng(_SEED)
    at = bins * 3 // 4
    used = np.where(np.arange(bins) >= at, times, 1.0) * (1 + draw.normal(0, 0.05, (_WORKLOADS, bins)))
    moments, one = seconds * np.arange(bins), np.ones(bins)
    loads = [Load(f"w{i}", "used", "", moments, row, one, 20 * one, seconds) for i, row in enumerate(used)]
    held = HeldOut.of(Cohort.of(loads))
    above = (held.cohort.peak[held.first :] > follow(held).grants)[at - held.first :].mean(axis=1)
    hour = round(3600 / seconds)
    following = np.convolve(above, np.ones(hour) / hour, mode="valid")
    return float(np.argmax(following <= _SHORT)) * seconds / 60
