"""The review as JSON: the record itself, indented, keys in the schema's order."""

from __future__ import annotations

import json

from headway.render.base import Record


def review(record: Record, width: int) -> str:
    """The record as text; equal records give equal bytes."""
    del width
    return json.dumps(record, ensure_ascii=False, indent=2)
