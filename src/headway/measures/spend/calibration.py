"""Earlier moments at which the same statement would have been made, and what would have covered it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from headway.statistics.contrast import FloatArray

LEAST_SAMPLES = 30
"""A workload says nothing about a moment before which it has fewer."""

_MOST, _LEAST = 12, 3
_EARLIEST, _LONGEST = 1 / 3, 1 / 3
_LEAST_APART = 1 / 6


def origins(first: float, start: float, horizon: float, enough: int = 12) -> Iterator[tuple[float, float]]:
    """Moments of the past, and how far ahead each looks: as far as now, or as far as history goes on.

    The earliest has a third of the history before it, the latest at least a third of it, or the horizon,
    behind it; there are at most twelve, and no more than three or `enough`.

    Args:
        first: where history begins, in seconds.
        start: now.
        horizon: how far one looks ahead now, in seconds.
        enough: moments that suffice.

    Example:
        >>> [(round(at), round(ahead)) for at, ahead in origins(0, 720, 720)]
        [(240, 480), (360, 360), (480, 240)]

    """
    past = start - first
    earliest, latest = first + past * _EARLIEST, start - min(horizon, past * _LONGEST)
    apart = min(horizon, past * _LEAST_APART)
    most = min(_MOST, max(_LEAST, enough))
    number = min(most, 1 + round((latest - earliest) / apart)) if apart > 0 else 0
    for origin in np.linspace(earliest, latest, number):
        yield float(origin), min(horizon, start - float(origin))


def further(horizon: float, past: float, ahead: float, seen: float) -> float:
    """How much less is known now than at an earlier moment: the root of the ratio of the relative horizons.

    Load that moves on all scales of time is as uncertain an hour after an hour as a day after a day: what
    counts is how far one looks ahead over how far one looked back. Never below 1.

    Args:
        horizon: how far one looks ahead now.
        past: how far back.
        ahead: how far one looked ahead then.
        seen: how far back then.

    Example:
        >>> further(12, 12, 4, 8)
        1.4142135623730951

    """
    return math.sqrt(max(1.0, (horizon / past) / (ahead / seen)))


def conformal(scores: FloatArray, level: float) -> float:
    """What covers one more score with the level, if all are alike; the largest where there are too few.

    Vovk, Gammerman, Shafer, "Algorithmic learning in a random world" (2005): the ⌈level (n + 1)⌉-th smallest.

    Args:
        scores: one per workload, at least one.
        level: between 0 and 1.

    Example:
        >>> conformal(np.arange(1.0, 20.0), 0.95)
        19.0

    """
    rank = math.ceil(level * (scores.size + 1))
    return float(np.sort(scores)[min(rank, scores.size) - 1])
