"""A running effect over time: its interval at every look, what was promised, and how strongly it speaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from headway.render.base import LARGEST, Record
from headway.render.figures import change
from headway.render.pictures import Axis
from headway.render.scale import Scale, fitted, tick_text, width_of
from headway.render.strokes import SIZE, Sheet, anchored, line, span_of, svg, tag, text

# The measures of the two drawings: the effect's panel above, the e-value's below, one axis of time.
WIDE = Sheet("wide", 720.0, 64.0, 578.0, 0.0, 0.0, 0.0)
NARROW = Sheet("narrow", 328.0, 46.0, 320.0, 0.0, 0.0, 40.0)
_TALL, _LOW, _GAP = 210.0, 72.0, 44.0
# E-values beyond are told as this; nobody decides by more.
_MOST_E = 12
_LN10 = math.log(10)
# Powers of ten that are written out.
_PLAIN = 3
_ROOM = 0.06
# Of the first looks, whose intervals are wide, this share may be cut at the edge of the panel.
_CUT = 0.1
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Course:
    """What is drawn of one effect.

    Attributes:
        looks: as the record keeps them, oldest first; those without a value were too early.
        axis: what the numbers mean, and what was promised.
        void: whether the proof behind the interval does not hold (HW409).
        bar: the e-value that promotion asks for, where it is known.
    """

    looks: Sequence[Record]
    axis: Axis
    void: bool = False
    bar: float | None = None

    @property
    def told(self) -> list[Record]:
        """The looks that have an interval and a place on an axis."""
        return [k for k in self.looks if "value" in k and all(abs(k[n]) <= LARGEST for n in ("low", "high"))]

    @property
    def early(self) -> bool:
        """Whether some looks had too few units."""
        return "value" not in self.looks[0]


def course(of: Course, ident: str, title: str) -> str:
    """The picture, for a page and for a phone; nothing where fewer than two looks have an interval."""
    if len(of.told) < 2:  # noqa: PLR2004  one look is a point, which the forest shows
        return ""
    return "".join(_drawn(of, s, f"{ident}-{s.name}", title) for s in (WIDE, NARROW))


def _drawn(of: Course, sheet: Sheet, ident: str, title: str) -> str:
    top = 44.0 + (18.0 if sheet.narrow else 0.0)
    bottom = top + _TALL
    days = [date.fromisoformat(k["day"]).toordinal() for k in of.looks]
    time = Scale(days[0], max(days[-1], days[0] + 1), sheet.left, sheet.right)
    height = _heights(of, top, bottom)
    drawn = [
        *_promised(of.axis, height, sheet),
        *_early(of, time, top, bottom),
        *_bands(of, time, height),
        *_lines(of.axis, height, sheet),
        *_estimates(of, time, height),
        *_newest(of, time, height, sheet),
        *_heading(of.axis, sheet, top),
    ]
    strong = [k for k in of.told if "log_e_one_sided" in k and not of.void]
    if strong:
        first, bottom = bottom + _GAP, bottom + _GAP + _LOW
        drawn += _strength(of, strong, time, sheet, (first, bottom))
    drawn += _dates(time, sheet, bottom)
    return svg(drawn, sheet, bottom + 26, ident, title, _words(of))


def _x(time: Scale, look: Record) -> float:
    return time.at(date.fromisoformat(look["day"]).toordinal())


def _heights(of: Course, top: float, bottom: float) -> Scale:
    """An axis on which the newest interval, zero, the objective and most of the past can be seen."""
    told = of.told
    kept = told[math.ceil(len(told) * _CUT) if len(told) > 5 else 0 :]  # noqa: PLR2004
    shown = [0.0, *(k[n] for k in kept for n in ("low", "high")), *(k["value"] for k in told)]
    if of.axis.objective is not None and abs(of.axis.objective) <= LARGEST:
        shown.append(of.axis.objective)
    low, high = min(shown), max(shown)
    room = ((high - low) or abs(high) or 1.0) * _ROOM
    return Scale(low - room, high + room, bottom, top)


def _promised(axis: Axis, height: Scale, sheet: Sheet) -> Iterable[str]:
    """The side of the objective that was promised, and heights with their numbers."""
    if axis.objective is not None and axis.good:
        place = height.at(axis.objective)
        first, last = (height.right, place) if axis.good > 0 else (place, height.left)
        yield tag("rect", "good", x=sheet.left, y=first, width=sheet.right - sheet.left, height=last - first)
    for value in height.ticks(6):
        at = height.at(value)
        yield line("grid", sheet.left, at, sheet.right, at)
        yield text("tick-text end", sheet.left - 6, at + 4, tick_text(value, axis.unit))


def _lines(axis: Axis, height: Scale, sheet: Sheet) -> Iterable[str]:
    """No change, and the objective: over the bands, so that they are seen through them."""
    for kind, value in (("zero", 0.0), ("objective", axis.objective)):
        if value is not None:
            at = height.at(value)
            yield line(kind, sheet.left, at, sheet.right, at)


def _early(of: Course, time: Scale, top: float, bottom: float) -> Iterable[str]:
    """Where the first look that was allowed lies; before it nothing is drawn."""
    first = _x(time, of.told[0])
    if first > time.left:
        yield line("first-look", first, top, first, bottom)
        words = "too few units to look"
        if width_of(words, SIZE) < first - time.left - 8:
            yield text("muted middle", (time.left + first) / 2, top + 18, words)


def _bands(of: Course, time: Scale, height: Scale) -> Iterable[str]:
    """The interval for every look, and inside it the one for a single look."""
    for kind, low, high in (("band", "low", "high"), ("once", "low_once", "high_once")):
        lower, upper = ([(_x(time, k), height.at(k[n])) for k in of.told] for n in (low, high))
        if kind == "band" and of.void:
            yield from (_inside("band-edge", of, time, height, n) for n in (low, high))
        else:
            yield tag("path", kind, d=_path([*upper, *lower[::-1]]) + "Z")


def _estimates(of: Course, time: Scale, height: Scale) -> Iterable[str]:
    yield _inside("course", of, time, height, "value")


def _inside(kind: str, of: Course, time: Scale, height: Scale, name: str) -> str:
    """A line through the looks whose number lies on the axis; it does not run along the edge."""
    runs = [
        [(_x(time, k), height.at(k[name])) for k in run]
        for seen, run in groupby(of.told, key=lambda k: height.low <= k[name] <= height.high)
        if seen
    ]
    return tag("path", kind, d="".join(_path(run) for run in runs))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:g} {y:g}" for x, y in points)


def _newest(of: Course, time: Scale, height: Scale, sheet: Sheet) -> Iterable[str]:
    """The newest estimate as a point, and its words beside the panel, or over it on a phone."""
    newest = of.told[-1]
    x, y, unit = _x(time, newest), height.at(newest["value"]), of.axis.unit
    yield tag("circle", "newest", cx=x, cy=y, r=4)
    number = change(newest["value"], unit)
    ends = f"{change(newest['low'], unit, bare=True)} to {change(newest['high'], unit)}"
    if sheet.narrow:
        top = height.right
        yield text("strong end", sheet.width, top - 10, fitted(f"{number} ({ends})", SIZE, sheet.width))
        return
    room = sheet.width - sheet.right - 12
    middle = min(max(y, height.right + 10), height.left - 20)
    yield text("strong", sheet.right + 12, middle + 2, fitted(number, SIZE * 1.08, room))
    yield text("muted", sheet.right + 12, middle + 18, fitted(ends, SIZE, room))


def _heading(axis: Axis, sheet: Sheet, top: float) -> Iterable[str]:
    """What the height means, which way is better, and what was promised."""
    words = f"{axis.words}{_better(axis)}"
    x, y = (0.0, 14.0) if sheet.narrow else (0.0, top - 20)
    yield text("muted", x, y, words)
    if axis.objective_text:
        x, y = (0.0, 32.0) if sheet.narrow else (width_of(words, SIZE) + 20, y)
        yield line("objective", x, y - 4, x + 22, y - 4)
        yield text("objective-text", x + 28, y, axis.objective_text)


def _better(axis: Axis) -> str:
    return {1: ", ↑ better", -1: ", ↓ better"}.get(axis.good, "")


def _strength(
    of: Course, looks: Sequence[Record], time: Scale, sheet: Sheet, panel: tuple[float, float]
) -> Iterable[str]:
    """The e-value on a logarithmic height: 1 is nothing, each line is ten times as much."""
    top, bottom = panel
    powers = [min(k["log_e_one_sided"] / _LN10, _MOST_E) for k in looks]
    bar = math.log10(of.bar) if of.bar else None
    last = max(2, math.ceil(max(powers)), math.ceil(bar or 0))
    height = Scale(max(-2, math.floor(min(0, *powers))), last, bottom, top)
    for power in _powers(height):
        at = height.at(power)
        yield line("zero" if power == 0 else "grid", sheet.left, at, sheet.right, at)
        yield text("tick-text end", sheet.left - 6, at + 4, _power(power))
    if bar is not None:
        at = height.at(bar)
        yield line("objective", sheet.left, at, sheet.right, at)
        words = f"promotion asks {of.bar:,.0f}"
        yield text("objective-text start", sheet.left + 6, at + (14 if at < top + 16 else -5), words)
    points = [(_x(time, k), height.at(p)) for k, p in zip(looks, powers, strict=True)]
    yield tag("path", "course", d=_path(points))
    yield tag("circle", "newest", cx=points[-1][0], cy=points[-1][1], r=3)
    yield text("muted", 0, top - 14, "e-value, log scale")
    told = e_words(looks[-1]["log_e_one_sided"])
    if sheet.narrow:
        yield text("strong end", sheet.width, top - 14, told)
    else:
        yield text("strong", sheet.right + 12, min(max(points[-1][1] + 4, top + 8), bottom), told)


def _powers(height: Scale) -> list[int]:
    """Powers of ten with room for their names."""
    reach = int(height.high - height.low)
    step = next(s for s in (1, 2, 3, 4, 7, 14) if reach / s <= 4)  # noqa: PLR2004  so many names have room
    return [p for p in range(int(height.low), int(height.high) + 1) if p % step == 0]


def _power(power: int) -> str:
    if -_PLAIN < power <= _PLAIN:
        return f"{10.0**power:,g}"
    return f"10{_raised(power)}"


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def e_words(log_e: float) -> str:
    """An e-value in words: plainly to a thousand, then its power of ten, and never more than is told.

    >>> e_words(math.log(4.06)), e_words(math.log(12591)), e_words(900.0), e_words(-3.0)
    ('e 4.06', 'e 12,591', 'e > 10¹²', 'e 0.05')
    """
    power = log_e / _LN10
    if power > _MOST_E:
        return f"e > 10{_raised(_MOST_E)}"
    if power >= 6:  # noqa: PLR2004  a million is the last that is read at a glance
        return f"e 10{_raised(math.floor(power))}"
    value = math.exp(log_e)
    return f"e {value:,.0f}" if value >= 100 else f"e {value:.3g}" if value >= 1 else f"e {value:.1g}"  # noqa: PLR2004


def _dates(time: Scale, sheet: Sheet, y: float) -> Iterable[str]:
    yield line("axis", sheet.left, y, sheet.right, y)
    edge = -math.inf
    for day, words in _marks(date.fromordinal(int(time.low)), date.fromordinal(int(time.high)), sheet):
        x = time.at(day.toordinal())
        at, anchor = anchored(x, words, sheet)
        left, right = span_of(at, anchor, words)
        yield line("tick", x, y, x, y + 4)
        if left > edge + 8:
            yield text(f"tick-text {anchor}", at, y + 17, words)
            edge = right


def _marks(first: date, last: date, sheet: Sheet) -> list[tuple[date, str]]:
    """Days or months that are written under the axis."""
    most, reach = (4 if sheet.narrow else 8), (last - first).days
    for step in (1, 2, 7, 14):
        if reach / step <= most:
            days = [first + timedelta(days=n) for n in range(0, reach + 1, step)]
            return [(d, f"{d.day} {_MONTHS[d.month - 1]}{f' {d.year}' if d == first else ''}") for d in days]
    start, end = first.year * 12 + first.month, last.year * 12 + last.month - 1
    step = next((s for s in (1, 2, 3, 6, 12) if (end - start + 1) / s <= most), 24)
    months = [m for m in range(start, end + 1) if m % step == 0]
    made = []
    for m in months:
        year, month = divmod(m, 12)
        named = month == 0 or m == months[0]
        made.append((date(year, month + 1, 1), f"{_MONTHS[month]} {year}" if named else _MONTHS[month]))
    return made


def _words(of: Course) -> list[str]:
    """The picture told: when, what today says, and since when it has said so."""
    first, last, unit = of.told[0], of.told[-1], of.axis.unit
    ends = f"{change(last['low'], unit, bare=True)} to {change(last['high'], unit)}"
    told = [
        f"{of.axis.words}, {len(of.told)} looks from {first['day']} to {last['day']}.",
        f"On the last day {change(last['value'], unit)}, interval {ends}.",
    ]
    told += [f"{of.axis.objective_text}."] if of.axis.objective_text else []
    told += ["The proof for many looks does not hold here."] if of.void else []
    return told


def rows(of: Course, most: int = 10) -> list[dict[str, Any]]:
    """The newest looks as words, newest first."""
    unit = of.axis.unit
    return [
        {
            "day": look["day"],
            "n": f"{look['n']:,}",
            "value": change(look["value"], unit),
            "every": f"{change(look['low'], unit, bare=True)} to {change(look['high'], unit)}",
            "once": f"{change(look['low_once'], unit, bare=True)} to {change(look['high_once'], unit)}",
            "e": e_words(look["log_e_one_sided"])[2:] if "log_e_one_sided" in look and not of.void else "",
        }
        for look in reversed(of.told[-most:])
    ]
