"""An explanation on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

_LABELS = {"mend": "mend", "examples": "example", "keys": "keys", "choices": "one of"}


def text(record: Mapping[str, Any], width: int) -> str:
    """Title, meaning, and whatever else is known, no line wider than ``width``."""
    lines = [str(record["title"])]
    if record.get("when"):
        lines += textwrap.wrap(str(record["when"]), width, initial_indent="  ", subsequent_indent="  ")
    for key, label in _LABELS.items():
        if value := record.get(key):
            said = value if isinstance(value, str) else ", ".join(value)
            lines += textwrap.wrap(f"{label}: {said}", width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)
