"""Choose a face by name."""

from __future__ import annotations

from typing import Any

from headway.kernel.registry import load
from headway.render.base import Record, Renderer


def draw(record: Record, face: str, width: int, *, colour: bool = False) -> str:
    """Draw a review's record with a registered face; only the terminal's knows colour."""
    made: Any = load("headway.renderers", face)
    if face == "table":
        return str(made(record, width, colour=colour))
    renderer: Renderer = made
    return renderer(record, width)
