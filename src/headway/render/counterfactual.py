"""One treated group over time beside what it is compared with, and the gaps of groups nobody treated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway.render.base import LARGEST, Record
from headway.render.figures import figure, minus, significant
from headway.render.scale import Scale, fitted
from headway.render.strokes import SIZE, Sheet, anchored, caption, line, span_of, svg, tag, text

# The measures of the two drawings: courses above, gaps below, one axis of time.
WIDE = Sheet("wide", 720.0, 64.0, 566.0, 0.0, 0.0, 0.0)
NARROW = Sheet("narrow", 328.0, 46.0, 320.0, 0.0, 0.0, 40.0)
_TALL, _LOW, _BETWEEN = 200.0, 110.0, 44.0
_ROOM = 0.06
_LINE = 16.0
_WITHOUT = {
    "synthetic": "the mixture",
    "controlled": "others and trend",
    "trend": "earlier trend",
}
_AGAINST = {
    "synthetic": "a mixture of {n} groups that nobody treated",
    "controlled": "its earlier trend beside {n} groups that nobody treated",
    "trend": "its own earlier trend, continued",
}


def counterfactual(of: Record, ident: str, title: str) -> str:
    """The picture, for a page and for a phone; nothing where a value has no place on an axis.

    Args:
        of: the detail ``counterfactual`` of an effect.
        ident: what its names begin with; unique on the page.
        title: what it is about.
    """
    values = [*of["actual"], *of["without"], *(v for gap in of["placebos"] for v in gap)]
    if len(of["periods"]) < 2 or not all(abs(v) <= LARGEST for v in values):  # noqa: PLR2004  a line has two ends
        return ""
    return "".join(_drawn(of, s, f"{ident}-{s.name}", title) for s in (WIDE, NARROW))


def legend(of: Record) -> str:
    """What the lines are, in one or two sentences for below the picture."""
    words = f"The solid line is {of['treated']}; the dashed one is {against(of)}. "
    words += "Their mean distance after the dotted line is the effect."
    if of["placebos"]:
        words += (
            f" Below, this distance, and in grey that of groups without treatment: {len(of['placebos'])} "
        )
        words += f"of {of['donors']}, those that could be imitated too."
    return words


def against(of: Record) -> str:
    """What the treated group is compared with."""
    return _AGAINST[of["kind"]].format(n=of["donors"])


def _drawn(of: Record, sheet: Sheet, ident: str, title: str) -> str:
    top = 26.0 + (_LINE * 2 if sheet.narrow else 0.0)
    bottom = top + _TALL
    time = Scale(0.0, len(of["periods"]) - 1.0, sheet.left, sheet.right)
    height = _covering([*of["actual"], *of["without"]], top, bottom)
    drawn = [
        *_heights(height, sheet, of["unit"]),
        *_start(of, time, sheet, top, bottom),
        _path("without", time, height, of["without"]),
        _path("actual", time, height, of["actual"]),
        *_names(of, height, sheet, top),
    ]
    if of["placebos"]:
        first, bottom = bottom + _BETWEEN, bottom + _BETWEEN + _LOW
        drawn += _gaps(of, time, sheet, first, bottom)
    drawn += _periods(of, time, sheet, bottom)
    return svg(drawn, sheet, bottom + 26, ident, title, _told(of))


def _covering(values: Sequence[float], top: float, bottom: float) -> Scale:
    low, high = min(values), max(values)
    room = ((high - low) or abs(high) or 1.0) * _ROOM
    return Scale(low - room, high + room, bottom, top)


def _heights(height: Scale, sheet: Sheet, unit: str, *, signed: bool = False, most: int = 6) -> Iterable[str]:
    """Lines across with their numbers, and what they count above the topmost."""
    for value in height.ticks(most):
        at = height.at(value)
        yield line("grid", sheet.left, at, sheet.right, at)
        yield text("tick-text end", sheet.left - 6, at + 4, _tick(value, unit, signed=signed))
    if not signed:
        yield text("muted", 0, height.right - 12, fitted(unit, SIZE, sheet.right / 2))


def _tick(value: float, unit: str, *, signed: bool) -> str:
    if unit == "share":
        return minus(f"{value * 100:+g} %" if signed and value else f"{value * 100:g} %")
    return significant(value, signed=signed and value != 0)


def _start(of: Record, time: Scale, sheet: Sheet, top: float, bottom: float) -> Iterable[str]:
    """The moment between the last untreated period and the first treated one."""
    place = time.at(of["starts"] - 0.5)
    yield line("from", place, top, place, bottom)
    words = fitted(f"treated from {of['periods'][of['starts']]}", SIZE, sheet.width)
    yield caption("muted", place, top - 8, words, sheet)


def _path(kind: str, time: Scale, height: Scale, values: Sequence[float]) -> str:
    points = " ".join(f"{time.at(i):g},{height.at(v):g}" for i, v in enumerate(values))
    return tag("polyline", kind, points=points)


def _names(of: Record, height: Scale, sheet: Sheet, top: float) -> Iterable[str]:
    """The names of both lines: at their ends, or on a phone above the drawing."""
    pairs = [("actual", of["treated"]), ("without", _WITHOUT[of["kind"]])]
    if sheet.narrow:
        for at, (kind, name) in enumerate(pairs):
            y = top - 46 + at * _LINE
            yield line(kind, sheet.left, y - 4, sheet.left + 24, y - 4)
            yield text("strong" if kind == "actual" else "", sheet.left + 32, y, fitted(name, SIZE, 230))
        return
    ends = [height.at(of[kind][-1]) for kind, _ in pairs]
    if abs(ends[0] - ends[1]) < _LINE:
        upper = min(range(2), key=lambda i: (ends[i], i))
        middle = sum(ends) / 2
        ends[upper], ends[1 - upper] = middle - _LINE / 2, middle + _LINE / 2
    for (kind, name), y in zip(pairs, ends, strict=True):
        words = fitted(name, SIZE * 1.08, sheet.width - sheet.right - 10)
        yield text("strong" if kind == "actual" else "", sheet.right + 10, y + 4, words)


def _gaps(of: Record, time: Scale, sheet: Sheet, top: float, bottom: float) -> Iterable[str]:
    """Distance of the treated group, over those of the groups that nobody treated."""
    own = [a - w for a, w in zip(of["actual"], of["without"], strict=True)]
    height = _covering([*own, *(v for gap in of["placebos"] for v in gap), 0.0], top, bottom)
    yield from _heights(height, sheet, of["unit"], signed=True, most=4)
    yield from (_path("placebo", time, height, gap) for gap in of["placebos"])
    yield line("zero", sheet.left, height.at(0.0), sheet.right, height.at(0.0))
    place = time.at(of["starts"] - 0.5)
    yield line("from", place, top, place, bottom)
    yield _path("actual", time, height, own)
    yield text("muted", 0, top - 12, fitted("distance, and that of the others", SIZE, sheet.width))


def _periods(of: Record, time: Scale, sheet: Sheet, y: float) -> Iterable[str]:
    """As many periods as have room for their names; always the first, and the first treated one."""
    yield line("axis", sheet.left, y, sheet.right, y)
    placed: list[tuple[float, float]] = []
    last = len(of["periods"]) - 1
    for at in dict.fromkeys([0, of["starts"], last, *range(0, last + 1, max(1, last // 6))]):
        words = fitted(str(of["periods"][at]), SIZE, 90)
        x, anchor = anchored(time.at(at), words, sheet)
        left, right = span_of(x, anchor, words)
        if all(right + 8 <= a or b + 8 <= left for a, b in placed):
            placed.append((left, right))
            yield line("tick", time.at(at), y, time.at(at), y + 4)
            yield text(f"tick-text {anchor}", x, y + 17, words)


def _told(of: Record) -> list[str]:
    """The picture as words."""
    periods, starts = of["periods"], of["starts"]
    span = f"{of['treated']} from {periods[0]} to {periods[-1]}, treated from {periods[starts]}"
    told = [f"{span}, beside {against(of)}."]
    for at in dict.fromkeys([0, starts, len(periods) - 1]):
        actual, without = (figure(of[k][at], of["unit"]) for k in ("actual", "without"))
        told.append(f"{periods[at]}: {actual}, against {without}.")
    return told
