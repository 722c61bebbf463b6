"""Pictures as inline SVG: intervals against zero and an objective, and shares as bars.

Every picture is drawn twice, for a page and for a phone, because its letters must not shrink with it.
Colours come from the page's style; words and numbers stand beside every mark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from headway.render.base import LARGEST
from headway.render.scale import Scale, covering, fitted, tick_text, width_of, wrapped
from headway.render.strokes import SIZE, Sheet, anchored, caption, head, line, span_of, svg, tag, text

_BOLD = 1.08
_AXIS_ROOM = 40.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a picture.

    Attributes:
        label: what it is about.
        note: a second line under the label.
        low: lower end of the interval.
        value: the point.
        high: upper end.
        number: the point in words.
        ends: the interval in words.
        grade: its grade in words.
        kind: ``outcome``, ``proxy``, ``guardrail`` or ``plain``: how strongly it is drawn.
    """

    label: str
    note: str
    low: float
    value: float
    high: float
    number: str
    ends: str
    grade: str = ""
    kind: str = "plain"

    @property
    def finite(self) -> bool:
        """Whether it has a place on an axis."""
        return all(abs(x) <= LARGEST for x in (self.low, self.value, self.high))

    @property
    def told(self) -> str:
        """The row as words."""
        about = f"{self.label}, {self.note}" if self.note else self.label
        return ", ".join(w for w in (f"{about}: {self.number}", self.ends, self.grade) if w)


@dataclass(frozen=True, slots=True)
class Axis:
    """What a picture's axis means.

    Attributes:
        unit: the unit of its numbers.
        words: what is written under it.
        objective: the promised change, drawn across the outcomes.
        objective_text: the same in words.
        good: +1 where more is better, -1 where less is, 0 where neither is known.
        zero_text: what zero means.
    """

    unit: str
    words: str
    objective: float | None = None
    objective_text: str = ""
    good: int = 0
    zero_text: str = "no change"


WIDE = Sheet("wide", 720.0, 176.0, 496.0, 44.0, 22.0, 0.0)
NARROW = Sheet("narrow", 328.0, 8.0, 320.0, 70.0, 54.0, 40.0)
SHEETS = (WIDE, NARROW)


def forest(marks: Sequence[Mark], axis: Axis, ident: str, title: str) -> str:
    """Intervals on one axis, outcomes first; nothing where no row is finite."""
    rows = [m for m in marks if m.finite]
    if axis.objective is not None and not abs(axis.objective) <= LARGEST:
        axis = replace(axis, objective=None)
    return "".join(_forest(rows, axis, s, f"{ident}-{s.name}", title) for s in SHEETS) if rows else ""


def bars(marks: Sequence[Mark], ident: str, title: str) -> str:
    """Shares of one as bars from nothing to all, with their intervals."""
    rows = [m for m in marks if m.finite]
    return "".join(_bars(rows, s, f"{ident}-{s.name}", title) for s in SHEETS) if rows else ""


def _forest(rows: Sequence[Mark], axis: Axis, sheet: Sheet, ident: str, title: str) -> str:
    fixed = [0.0] + ([axis.objective] if axis.objective is not None else [])
    scale = covering([(m.low, m.value, m.high) for m in rows], fixed, sheet.left, sheet.right)
    top = 36.0 if axis.objective is not None else 20.0
    bottom = top + sheet.row * len(rows)
    tops = [top + sheet.row * i for i in range(len(rows))]
    outcomes = [y for y, m in zip(tops, rows, strict=True) if m.kind == "outcome"]
    drawn = [
        *_objective(axis, scale, sheet, top, outcomes),
        *_zero(axis, scale, sheet, tops),
        *(p for y, m in zip(tops, rows, strict=True) for p in _row(m, scale, sheet, y)),
        *_axis(scale, sheet, bottom, lambda v: tick_text(v, axis.unit)),
        *_axis_words(axis, sheet, bottom),
    ]
    ends = f"{tick_text(scale.low, axis.unit)} to {tick_text(scale.high, axis.unit)}"
    told = [f"{axis.words}; the axis runs from {ends}.", *(m.told + "." for m in rows)]
    if axis.objective_text:
        told.insert(1, f"{axis.objective_text}.")
    return svg(drawn, sheet, bottom + _AXIS_ROOM, ident, title, told)


def _objective(
    axis: Axis, scale: Scale, sheet: Sheet, top: float, outcomes: Sequence[float]
) -> Iterable[str]:
    """The objective's line and the side of it that was promised, across the outcomes alone."""
    if axis.objective is None or not outcomes:
        return
    place = scale.at(axis.objective)
    edges = sorted((place, sheet.right if axis.good > 0 else sheet.left))
    for y in outcomes:
        start, end = y + sheet.strip, y + sheet.row
        if axis.good:
            yield tag("rect", "good", x=edges[0], y=start, width=edges[1] - edges[0], height=end - start)
        yield line("objective", place, start, place, end)
    if not sheet.narrow:
        yield line("objective", place, top - 20, place, top)
    yield caption("objective-text", place, top - 24, axis.objective_text, sheet)


def _zero(axis: Axis, scale: Scale, sheet: Sheet, tops: Sequence[float]) -> Iterable[str]:
    """The line of no change, and its name where the objective's line does not cross it."""
    place = scale.at(0)
    for y in tops:
        yield line("zero", place, y + sheet.strip, place, y + sheet.row)
    yield line("zero", place, tops[0] - 4, place, tops[0])
    away = scale.at(axis.objective) - place if axis.objective is not None else math.inf
    if not sheet.narrow and abs(away) < width_of(axis.zero_text, SIZE) / 2 + 4:
        aside, anchor = (place - 5, "end") if away > 0 else (place + 5, "start")
        yield text(f"muted {anchor}", aside, tops[0] - 8, axis.zero_text)
    else:
        yield caption("muted", place, tops[0] - 8, axis.zero_text, sheet)


def _row(mark: Mark, scale: Scale, sheet: Sheet, top: float) -> Iterable[str]:
    """A row's words, interval and point; an interval cut by the axis ends in an arrow head."""
    middle = top + sheet.bar
    yield from _words(mark, sheet, top)
    yield line(f"interval {mark.kind}", scale.at(mark.low), middle, scale.at(mark.high), middle)
    for end, sign in ((mark.low, -1), (mark.high, 1)):
        cut = end < scale.low if sign < 0 else end > scale.high
        at = scale.at(end)
        if cut:
            yield tag("path", f"cut {mark.kind}", d=head(at, middle, sign))
        else:
            yield line(f"cap {mark.kind}", at, middle - 4, at, middle + 4)
    place = scale.at(mark.value)
    if mark.kind == "proxy":
        yield tag("circle", "point proxy", cx=place, cy=middle, r=4)
    else:
        yield tag("rect", f"point {mark.kind}", x=round(place - 4.5, 2), y=middle - 4.5, width=9, height=9)


def _words(mark: Mark, sheet: Sheet, top: float) -> Iterable[str]:
    """Label and note on the left; number, grade and interval beside the axis or at a phone's right edge."""
    strong = "strong" if mark.kind in ("outcome", "plain") else ""
    room = sheet.width * 0.44 if sheet.narrow else sheet.left - 16
    first, second = (16, 32) if sheet.narrow else (18, 34)
    lines = wrapped(mark.label, SIZE * _BOLD, room, 1 if mark.note else 2)
    single = not mark.note and len(lines) == 1 and not sheet.narrow
    for words, y in zip(lines, (26 if single else first, second), strict=False):
        yield text(strong, 0, top + y, words)
    if mark.note:
        yield text("muted", 0, top + second, fitted(mark.note, SIZE, room))
    at, end = (sheet.width, " end") if sheet.narrow else (sheet.right + 14, "")
    beside = sheet.width - (room + 8 if sheet.narrow else at)
    y = first if mark.ends or sheet.narrow else 26
    yield f'<text class="number{end}" x="{at:g}" y="{top + y:g}">{_number(mark, beside)}</text>'
    if mark.ends:
        yield text(f"muted{end}", at, top + second, fitted(mark.ends, SIZE, beside))


def _number(mark: Mark, room: float) -> str:
    """The number, and its grade where there is room for both."""
    number = fitted(mark.number, SIZE * _BOLD, room)
    made = f'<tspan class="strong">{escape(number)}</tspan>'
    if mark.grade and width_of(number, SIZE * _BOLD) + width_of(f" {mark.grade}", SIZE) <= room:
        made += f'<tspan class="muted" dx="5">{escape(mark.grade)}</tspan>'
    return made


def _axis(scale: Scale, sheet: Sheet, y: float, write: Callable[[float], str]) -> Iterable[str]:
    """The axis with as many ticks as have room for their labels."""
    yield line("axis", sheet.left, y, sheet.right, y)
    for value, at, anchor, words in labelled(scale, sheet, write):
        yield line("tick", scale.at(value), y, scale.at(value), y + 4)
        yield text(f"tick-text {anchor}", at, y + 17, words)


def labelled(
    scale: Scale, sheet: Sheet, write: Callable[[float], str]
) -> list[tuple[float, float, str, str]]:
    """The most ticks whose labels stand apart, and at least one: number, place, anchor and words of each."""
    tried = [
        [(v, *anchored(scale.at(v), write(v), sheet), write(v)) for v in scale.ticks(most)]
        for most in (5 if sheet.narrow else 7, 4, 3, 2)
    ]
    return next((ticks for ticks in tried if _apart(ticks)), tried[-1][:1])


def _apart(ticks: Sequence[tuple[float, float, str, str]]) -> bool:
    edges = [span_of(at, anchor, words) for _, at, anchor, words in ticks]
    return all(right + 6 <= left for (_, right), (left, _) in pairwise(edges))


def _axis_words(axis: Axis, sheet: Sheet, y: float) -> Iterable[str]:
    """What the axis measures, and an arrow to the side that is better."""
    better = width_of("better", SIZE) + 22
    room = sheet.right - sheet.left - (better + 10 if axis.good else 0)
    words = fitted(axis.words, SIZE, room)
    left_is_better = axis.good < 0
    at, anchor = (sheet.right, "end") if left_is_better else (sheet.left, "start")
    yield text(f"muted {anchor}", at, y + 34, words)
    if axis.good:
        tip = sheet.left if left_is_better else sheet.right
        yield tag("path", "better", d=f"{head(tip, y + 30, axis.good)} m0 0 h{-axis.good * 14}")
        yield text(f"muted {'start' if left_is_better else 'end'}", tip - axis.good * 20, y + 34, "better")


def _bars(rows: Sequence[Mark], sheet: Sheet, ident: str, title: str) -> str:
    scale, top = Scale(0.0, 1.0, sheet.left, sheet.right), 4.0
    bottom = top + sheet.row * len(rows)
    drawn: list[str] = []
    for i, mark in enumerate(rows):
        y = top + i * sheet.row
        middle = y + sheet.bar
        drawn += _words(mark, sheet, y)
        drawn.append(
            tag("rect", "track", x=sheet.left, y=middle - 6, width=sheet.right - sheet.left, height=12)
        )
        width = round(scale.at(mark.value) - sheet.left, 2)
        drawn.append(tag("rect", f"bar {mark.kind}", x=sheet.left, y=middle - 6, width=width, height=12))
        if mark.low < mark.high:
            low, high = scale.at(mark.low), scale.at(mark.high)
            drawn.append(line("whisker", low, middle, high, middle))
            drawn += [line("whisker", x, middle - 4, x, middle + 4) for x in (low, high)]
    drawn += _axis(scale, sheet, bottom, lambda v: f"{v * 100:g} %")
    return svg(
        drawn, sheet, bottom + 22, ident, title, ["Shares from 0 to 100 %.", *(m.told + "." for m in rows)]
    )
