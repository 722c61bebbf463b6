"""A load over time against what is granted, and what a replay would have granted on days it had not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from headway.render.base import Record
from headway.render.capacity_words import amount, bare
from headway.render.figures import share
from headway.render.scale import Scale, fitted
from headway.render.strokes import SIZE, Sheet, anchored, line, span_of, svg, tag, text

WIDE = Sheet("wide", 720.0, 64.0, 590.0, 0.0, 0.0, 0.0)
NARROW = Sheet("narrow", 328.0, 46.0, 322.0, 0.0, 0.0, 40.0)
_ROOM = 1.08
_MARK = 5.0
_APART = 15.0
_HOUR = 3600.0
_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEGEND = (
    "Filled: mean use. Thin line: the highest use of the hour. Dashed: what is granted. "
    "Strong line: what the policy would have granted on days that it had not seen. Marks under the axis: "
    "use was above it."
)


@dataclass(frozen=True, slots=True)
class LoadPicture:
    """What is drawn.

    Attributes:
        course: as the record holds it.
        unit: of its numbers.
        zone: the time zone of the axis.
        tall: how high the panel is.
        short: the share of bins in which use may be above a grant: only steps with more of them are marked.
    """

    course: Record
    unit: str
    zone: str = "UTC"
    tall: float = 170.0
    short: float = 0.0

    def values(self, name: str) -> list[tuple[float, float]]:
        """The moments and numbers of a series that are there."""
        start, step = self.course["starts"], self.course["step"]
        return [(start + step * i, v) for i, v in enumerate(self.course[name]) if v is not None]

    @property
    def ends(self) -> float:
        """Where its last step ends."""
        return float(self.course["starts"] + self.course["step"] * len(self.course["mean"]))

    @property
    def breaches(self) -> list[float]:
        """The steps in which use was above the replayed grant more often than it may."""
        return [at for at, v in self.values("short") if v > self.short]


def load_picture(of: LoadPicture, ident: str, title: str) -> str:
    """The picture, for a page and for a phone; nothing where nothing was seen."""
    if not of.values("mean"):
        return ""
    return "".join(_drawn(of, s, f"{ident}-{s.name}", title) for s in (WIDE, NARROW))


def _drawn(of: LoadPicture, sheet: Sheet, ident: str, title: str) -> str:
    top = 40.0 if sheet.narrow else 22.0
    bottom = top + of.tall
    most = max(v for n in ("peak", "granted", "replayed") for _, v in of.values(n) or [(0, 0.0)])
    height = Scale(0.0, (most or 1.0) * _ROOM, bottom, top)
    time = Scale(float(of.course["starts"]), of.ends, sheet.left, sheet.right)
    drawn = [
        *_seen(of, time, sheet, (top, bottom)),
        *_grid(height, sheet, of.unit),
        tag("path", "load", d=_area(of, time, height)),
        tag("path", "load-peak", d=_steps(of, "peak", time, height)),
        tag("path", "granted", d=_steps(of, "granted", time, height)),
        tag("path", "replayed", d=_steps(of, "replayed", time, height)),
        *(tag("rect", "breach", **_mark(of, at, time, bottom)) for at in of.breaches),
        *_labels(of, height, sheet),
        *_dates(of, time, sheet, bottom + _MARK + 2),
    ]
    return svg(drawn, sheet, bottom + 32, ident, title, told(of))


def _seen(of: LoadPicture, time: Scale, sheet: Sheet, panel: tuple[float, float]) -> Iterable[str]:
    """The part that the policy learned from, tinted, and the border to the part it was tried on."""
    split = of.course["split"]
    if split is None:
        return
    top, bottom = panel
    place = time.at(split)
    yield tag("rect", "seen", x=sheet.left, y=top, width=place - sheet.left, height=bottom - top)
    yield line("from", place, top, place, bottom)
    yield text("muted start", sheet.left + 4, top - 6, fitted("learned from", SIZE, place - sheet.left))
    yield text("muted start", place + 4, top - 6, fitted("tried on", SIZE, sheet.right - place))


def _grid(height: Scale, sheet: Sheet, unit: str) -> Iterable[str]:
    for value in height.ticks(4):
        at = height.at(value)
        yield line("zero" if value == 0 else "grid", sheet.left, at, sheet.right, at)
        words = bare(value, unit)
        yield text("tick-text end", sheet.left - 6, at + 4, words)


def _runs(of: LoadPicture, name: str) -> list[list[tuple[float, float]]]:
    """Steps without a gap between them."""
    start, step = of.course["starts"], of.course["step"]
    numbered = [(i, v) for i, v in enumerate(of.course[name]) if v is not None]
    return [
        [(start + step * i, v) for _, (i, v) in run]
        for _, run in groupby(enumerate(numbered), key=lambda pair: pair[1][0] - pair[0])
    ]


def _steps(of: LoadPicture, name: str, time: Scale, height: Scale) -> str:
    """A line that keeps its height over each step."""
    made = []
    for run in _runs(of, name):
        points = [p for at, v in run for p in _step(at, v, of.course["step"], time, height)]
        made.append("M" + " ".join(f"{x:g} {y:g}" for x, y in points))
    return "".join(made)


def _step(at: float, value: float, step: float, time: Scale, height: Scale) -> list[tuple[float, float]]:
    return [(time.at(at), height.at(value)), (time.at(at + step), height.at(value))]


def _area(of: LoadPicture, time: Scale, height: Scale) -> str:
    made = []
    for run in _runs(of, "mean"):
        points = [p for at, v in run for p in _step(at, v, of.course["step"], time, height)]
        floor = [(points[-1][0], height.left), (points[0][0], height.left)]
        made.append("M" + " ".join(f"{x:g} {y:g}" for x, y in (*points, *floor)) + "Z")
    return "".join(made)


def _mark(of: LoadPicture, at: float, time: Scale, bottom: float) -> dict[str, float]:
    left, right = time.at(at), time.at(at + of.course["step"])
    return {"x": left, "y": bottom + 1, "width": round(max(right - left, 1.5), 2), "height": _MARK}


def _labels(of: LoadPicture, height: Scale, sheet: Sheet) -> Iterable[str]:
    """What is granted and what the replay granted last, beside the panel, or over it on a phone."""
    ends = [
        (name, word, of.values(name)[-1][1])
        for name, word in (("granted", "granted"), ("replayed", "replay"))
        if of.values(name)
    ]
    if sheet.narrow:
        words = ", ".join(f"{word} {amount(value, of.unit)}" for _, word, value in ends)
        yield text("strong end", sheet.width, 12, fitted(words, SIZE, sheet.width))
        return
    places = [height.at(value) + 4 for _, _, value in ends]
    if len(places) > 1 and abs(places[1] - places[0]) < 2 * _APART:
        places[1] = places[0] + 2 * _APART * (1 if places[1] >= places[0] else -1)
    room = sheet.width - sheet.right - 10
    for (name, word, value), y in zip(ends, places, strict=True):
        strong = "strong" if name == "replayed" else ""
        yield text(strong, sheet.right + 10, y, fitted(amount(value, of.unit), SIZE * 1.08, room))
        yield text("muted", sheet.right + 10, y + _APART - 1, word)


def _dates(of: LoadPicture, time: Scale, sheet: Sheet, y: float) -> Iterable[str]:
    edge = -float("inf")
    for at, words in _marks(of, 4 if sheet.narrow else 8):
        x = time.at(at)
        place, anchor = anchored(x, words, sheet)
        left, right = span_of(place, anchor, words)
        yield line("tick", x, y, x, y + 4)
        if left > edge + 8:
            yield text(f"tick-text {anchor}", place, y + 17, words)
            edge = right


def _marks(of: LoadPicture, most: int) -> list[tuple[float, str]]:
    """Whole hours or days of the portfolio's time zone that are written under the axis."""
    first = datetime.fromtimestamp(of.course["starts"], UTC).astimezone(ZoneInfo(of.zone))
    hours = (of.ends - of.course["starts"]) / _HOUR
    step = next(
        (s for s in _STEPS if hours / s <= most), _STEPS[-1] * max(1, round(hours / _STEPS[-1] / most))
    )
    at = first.replace(hour=0, minute=0, second=0)
    made = []
    while at.timestamp() <= of.ends:
        if at >= first:
            day = f"{at.day} {_MONTHS[at.month - 1]}"
            made.append((at.timestamp(), f"{at:%H:%M}" if step < 24 and at.hour else day))  # noqa: PLR2004
        at += timedelta(hours=step)
    return made


def told(of: LoadPicture) -> list[str]:
    """The picture in words."""
    mean = [v for _, v in of.values("mean")]
    peak = max(v for _, v in of.values("peak"))
    granted = of.values("granted")
    usual, most = amount(sum(mean) / len(mean), of.unit), amount(peak, of.unit)
    now = amount(granted[-1][1], of.unit) if granted else "unknown"
    made = [f"Mean use {usual}, at most {most}, granted {now}."]
    tried, breaches = of.values("replayed"), len(of.breaches)
    if tried:
        least, most = (amount(end(v for _, v in tried), of.unit) for end in (min, max))
        made.append(
            f"The policy would have granted {least} to {most}; "
            f"use was above it in {breaches} of {len(tried)} steps ({share(breaches / len(tried))})."
        )
    return made
