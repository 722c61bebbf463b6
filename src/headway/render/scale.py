"""From numbers to places on an axis: where it starts and ends, its ticks, and how wide a word is."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from headway.render.figures import minus, significant

# An interval so many times wider than the usual one is cut, or the others could not be told from points.
_TOO_WIDE = 25.0
_ROOM = 0.05
# What is closer together than this cannot be told apart in steps.
_LEAST = 1e-290
_NARROW_LETTERS = frozenset("ijltfrI.,:;'|!()[]- ")
_WIDE_LETTERS = frozenset("mwMW%@—")
_NAMES = ((1e12, " tn"), (1e9, " bn"), (1e6, " m"))


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis.

    Attributes:
        low: the number at its left end.
        high: the number at its right end.
        left: the place of `low`.
        right: the place of `high`.
    """

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """The place of a number; beyond an end it is the end's.

        >>> Scale(-1, 1, 100, 300).at(0.5), Scale(-1, 1, 100, 300).at(7)
        (250.0, 300.0)
        """
        part = (value - self.low) / (self.high - self.low)
        return round(self.left + min(max(part, 0.0), 1.0) * (self.right - self.left), 2)

    def ticks(self, most: int) -> list[float]:
        """At most so many round numbers along it.

        >>> Scale(-0.12, 0.42, 0, 1).ticks(6)
        [-0.1, 0.0, 0.1, 0.2, 0.3, 0.4]
        """
        step = _step(self.high - self.low, most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        places = max(0, -math.floor(math.log10(step)) + 1)
        return [round(i * step, places) + 0.0 for i in range(first, last + 1)]


def _step(reach: float, most: int) -> float:
    """The least of 1, 2 and 5 times a power of ten that divides a reach into few enough parts."""
    power = 10.0 ** math.floor(math.log10(reach / most))
    return next((m * power for m in (1, 2, 5, 10, 20) if reach / (m * power) < most - 1e-6), 50 * power)


def covering(
    intervals: Sequence[tuple[float, float, float]], fixed: Sequence[float], left: float, right: float
) -> Scale:
    """A scale that shows every point and, but for outsized ones, every interval.

    Args:
        intervals: low, value and high of each row, all finite.
        fixed: numbers that must be seen as well, such as zero and the objective.
        left: the place of its left end.
        right: the place of its right end.
    """
    widths = sorted(high - low for low, _, high in intervals)
    usual = widths[(len(widths) - 1) // 2] if widths else 0.0
    shown = list(fixed)
    for low, value, high in intervals:
        shown += [low, value, high] if not usual or high - low <= _TOO_WIDE * usual else [value]
    first, last = min(shown), max(shown)
    if last - first < _LEAST:
        reach = abs(first) if abs(first) > _LEAST else 1.0
        first, last = first - reach, last + reach
    room = (last - first) * _ROOM
    return Scale(first - room, last + room, left, right)


def tick_text(value: float, unit: str) -> str:
    """A tick's label: per cent for shares and relative changes, short names for large numbers.

    >>> tick_text(-0.2, "relative change"), tick_text(0, "EUR"), tick_text(2_500_000, "EUR per year")
    ('−20 %', '0', '+2.5 m')
    """
    if value == 0:
        return "0"
    if unit in ("relative change", "share"):
        percent = value * 100
        if abs(percent) < 1e6:  # noqa: PLR2004  beyond, per cent are no longer read as such
            return minus(f"{percent:+,.4g}" if abs(percent) < 1000 else f"{percent:+,.0f}") + " %"  # noqa: PLR2004
    for size, name in _NAMES:
        if size <= abs(value) < size * 1000:
            return minus(f"{value / size:+.4g}{name}")
    return significant(value, signed=True)


def width_of(text: str, size: float) -> float:
    """About how wide a text is in a usual sans-serif face, rather too wide than too narrow."""
    return round(sum(_letter(c) for c in text) * size, 2)


def _letter(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if char in _NARROW_LETTERS:
        return 0.4
    if char in _WIDE_LETTERS or char.isupper():
        return 0.85
    return 0.62


def fitted(text: str, size: float, room: float) -> str:
    """A text cut so that it fits, with an ellipsis where something is left out."""
    if width_of(text, size) <= room:
        return text
    kept = ""
    for char in text:
        if width_of(kept + char + "…", size) > room:
            break
        kept += char
    return kept.rstrip() + "…"


def wrapped(text: str, size: float, room: float, lines: int) -> list[str]:
    """A text on a few lines, broken between words where it can be; the last is cut when it must be."""
    made: list[str] = []
    words = text.split()
    while words and len(made) < lines - 1:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size) <= room:
            line += f" {words.pop(0)}"
        made.append(fitted(line, size, room))
    if words:
        made.append(fitted(" ".join(words), size, room))
    return made
