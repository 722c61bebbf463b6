"""Choose a face by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headway.kernel.registry import load
from headway.render.base import Record, Renderer


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader wants to see a record.

    Attributes:
        width: columns of the place it is shown in.
        colour: whether that place has colour; only the terminal's face knows any.
        full: everything, however much it is.
        alone: only the initiatives, each in full.
        folder: the portfolio's folder from where the command ran, for formats that name files.
    """

    width: int
    colour: bool = False
    full: bool = False
    alone: bool = False
    folder: str = ""


def draw(record: Record, face: str, look: Look) -> str:
    """Draw a review's record with a registered face."""
    if face == "table":
        from headway.render import table

        if look.alone:
            return table.block(record, look.width, colour=look.colour)
        return table.review(record, look.width, colour=look.colour, full=look.full)
    made: Any = load("headway.renderers", face)
    if face in ("sarif", "junit"):
        return str(made(record, look.width, look.folder))
    renderer: Renderer = made
    return renderer(record, look.width)
