"""A rollout by time since each unit's start: what moved before it, and what it did after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from headway.render.base import LARGEST, Record
from headway.render.figures import change
from headway.render.pictures import Axis
from headway.render.scale import Scale, tick_text, width_of
from headway.render.strokes import SIZE, Sheet, line, svg, tag, text

WIDE = Sheet("wide", 720.0, 64.0, 700.0, 0.0, 0.0, 0.0)
NARROW = Sheet("narrow", 328.0, 46.0, 320.0, 0.0, 0.0, 40.0)
_TALL = 220.0
_ROOM = 0.06
# Half the width of the stretch in which a point, its interval and its band lie.
_HALF = 0.32
_LEAST = 2
_ENDS = ("band_low", "band_high")


@dataclass(frozen=True, slots=True)
class Study:
    """What is drawn.

    Attributes:
        steps: the record's rows, by time since the start; below zero is before it.
        axis: what the heights mean, and what was promised.
    """

    steps: Sequence[Record]
    axis: Axis

    @property
    def told(self) -> list[Record]:
        """The steps that have an interval and a place on an axis."""
        names = ("value", *_ENDS)
        return [s for s in self.steps if "low" in s and all(abs(s[n]) <= LARGEST for n in names)]


def event_study(of: Study, ident: str, title: str) -> str:
    """The picture, for a page and for a phone; nothing where fewer than two steps have an interval."""
    if len(of.told) < _LEAST:
        return ""
    return "".join(_drawn(of, s, f"{ident}-{s.name}", title) for s in (WIDE, NARROW))


def _drawn(of: Study, sheet: Sheet, ident: str, title: str) -> str:
    steps = of.told
    top = 62.0 if sheet.narrow else 44.0
    bottom = top + _TALL
    time = Scale(steps[0]["since"] - 0.6, steps[-1]["since"] + 0.6, sheet.left, sheet.right)
    height = _heights(of, top, bottom)
    drawn = [
        *_grid(of.axis, height, sheet),
        *_start(time, top, bottom),
        *(part for s in steps for part in _step(s, time, height)),
        *_heading(of.axis, sheet, top),
        *_times(steps, time, sheet, bottom),
    ]
    return svg(drawn, sheet, bottom + 44, ident, title, _words(of))


def _heights(of: Study, top: float, bottom: float) -> Scale:
    """An axis on which zero and every band can be seen; nothing was promised of single periods."""
    shown = [0.0, *(s[n] for s in of.told for n in _ENDS)]
    low, high = min(shown), max(shown)
    room = ((high - low) or 1.0) * _ROOM
    return Scale(low - room, high + room, bottom, top)


def _grid(axis: Axis, height: Scale, sheet: Sheet) -> Iterable[str]:
    for value in height.ticks(6):
        at = height.at(value)
        yield line("study-grid", sheet.left, at, sheet.right, at)
        yield text("tick-text end", sheet.left - 6, at + 4, tick_text(value, axis.unit))
    yield line("zero", sheet.left, height.at(0), sheet.right, height.at(0))


def _start(time: Scale, top: float, bottom: float) -> Iterable[str]:
    """Where units start: left of it lies what nothing was done to yet."""
    if time.low < -1:
        at = time.at(-0.5)
        yield line("study-start", at, top - 6, at, bottom)
        yield text("muted end", at - 6, top + 6, "before")
        yield text("muted start", at + 6, top + 6, "from the start on")


def _step(step: Record, time: Scale, height: Scale) -> Iterable[str]:
    """The band that holds for all steps at once, the interval of this one, and its point."""
    since, kind = step["since"], "" if step["since"] >= 0 else " placebo"
    left, middle, right = (time.at(since + d) for d in (-_HALF, 0, _HALF))
    high, low = height.at(step["band_high"]), height.at(step["band_low"])
    yield tag(
        "rect", f"study-band{kind}", x=left, y=high, width=round(right - left, 2), height=round(low - high, 2)
    )
    yield line(f"study-interval{kind}", middle, height.at(step["low"]), middle, height.at(step["high"]))
    yield tag("circle", f"study-point{kind}", cx=middle, cy=height.at(step["value"]), r=4)


def _heading(axis: Axis, sheet: Sheet, top: float) -> Iterable[str]:
    better = {1: ", ↑ better", -1: ", ↓ better"}.get(axis.good, "")
    yield text("muted", 0.0, 14.0 if sheet.narrow else top - 24, f"{axis.words}{better}")


def _times(steps: Sequence[Record], time: Scale, sheet: Sheet, y: float) -> Iterable[str]:
    """The axis of time, with as many steps named as have room."""
    yield line("axis", sheet.left, y, sheet.right, y)
    room = (sheet.right - sheet.left) / (time.high - time.low)
    widest = max(width_of(_since(s["since"]), SIZE) for s in steps) + 8
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if n * room >= widest)
    for step in steps:
        since = step["since"]
        if since % every == 0:
            at = time.at(since)
            yield line("tick", at, y, at, y + 4)
            yield text("tick-text middle", at, y + 17, _since(since))
    yield text("muted start", sheet.left, y + 36, "periods since each unit's start")


def _since(since: int) -> str:
    """Periods since the start, with a true minus.

    >>> _since(-2), _since(0), _since(3)
    ('−2', '0', '3')
    """
    return str(since).replace("-", "−")


def _words(of: Study) -> list[str]:
    """The picture told."""
    told = [f"{of.axis.words}, by periods since each unit's start."]
    return [*told, *(f"{_since(s['since'])}: {_ends(s, of.axis.unit)}." for s in of.told)]


def _ends(step: Record, unit: str) -> str:
    value, low, high = (change(step[n], unit) for n in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def rows(of: Study) -> list[dict[str, Any]]:
    """Every step as words."""
    unit = of.axis.unit
    return [
        {
            "since": _since(s["since"]),
            "value": change(s["value"], unit),
            "own": f"{change(s['low'], unit)} to {change(s['high'], unit)}",
            "all": f"{change(s['band_low'], unit)} to {change(s['band_high'], unit)}",
        }
        for s in of.told
    ]
