"""The strokes of every picture: tags, words kept inside the drawing, and the frame that names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from headway.render.scale import width_of

SIZE = 12.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measures of a drawing: a page's has three columns, on a phone's words stand above their bar.

    Attributes:
        name: what the style knows it by.
        width: of the whole.
        left: where the axis starts.
        right: where it ends.
        row: height of a row.
        bar: where in a row the interval lies.
        strip: where in a row the part without words starts.
    """

    name: str
    width: float
    left: float
    right: float
    row: float
    bar: float
    strip: float

    @property
    def narrow(self) -> bool:
        """Whether words stand above their bar and not beside it."""
        return self.strip > 0


def svg(
    parts: Iterable[str], sheet: Sheet, height: float, ident: str, title: str, told: Sequence[str]
) -> str:
    """A whole drawing, named and told in words for those who do not see it."""
    head = (
        f'<svg class="picture {sheet.name}" viewBox="0 0 {sheet.width:g} {height:g}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(title)}</title>'
        f'<desc id="{ident}-desc">{escape(" ".join(told))}</desc>'
    )
    return head + "".join(parts) + "</svg>"


def tag(name: str, kind: str, **attributes: float | str) -> str:
    """An empty element; numbers are written as short as they are."""
    words = "".join(
        f' {k}="{v:g}"' if not isinstance(v, str) else f' {k}="{v}"' for k, v in attributes.items()
    )
    return f'<{name} class="{kind}"{words}/>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return tag("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)


def text(kind: str, x: float, y: float, words: str) -> str:
    """Words at a place, escaped."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


def caption(kind: str, x: float, y: float, words: str, sheet: Sheet) -> str:
    """A word over a line, kept inside the drawing."""
    at, anchor = anchored(x, words, sheet)
    return text(f"{kind} {anchor}", at, y, words)


def anchored(x: float, words: str, sheet: Sheet) -> tuple[float, str]:
    """Where a centred word stands, or at which edge when it would leave the drawing."""
    half = width_of(words, SIZE) / 2
    if x - half < 0:
        return 0.0, "start"
    if x + half > sheet.width:
        return sheet.width, "end"
    return x, "middle"


def head(x: float, y: float, sign: int) -> str:
    """An arrow head whose tip is at a point and that looks right for +1, left for -1."""
    return f"M{x - sign * 6:g} {y - 4:g} L{x:g} {y:g} L{x - sign * 6:g} {y + 4:g} M{x:g} {y:g}"


def span_of(at: float, anchor: str, words: str) -> tuple[float, float]:
    """Where a word starts and ends."""
    wide = width_of(words, SIZE)
    start = at - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    return start, start + wide
