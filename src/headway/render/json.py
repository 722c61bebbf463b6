"""The review as JSON: the record itself, indented, keys in the schema's order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from headway.render.base import Record

# No text of a record holds this character: files and ledger refuse it.
_MARK = "\x00looks "


def review(record: Record, width: int) -> str:
    """The record as text; equal records give equal bytes.

    Past looks stand on one line an effect: hundreds of them, a number a line, would bury everything else.
    """
    del width
    kept: list[str] = []
    made = {**record, "initiatives": [_folded(one, kept) for one in record["initiatives"]]}
    text = json.dumps(made, ensure_ascii=False, indent=2)
    return "".join(_unfolded(text, kept))


def _folded(initiative: Record, kept: list[str]) -> Record:
    return {**initiative, "evidence": [_without_looks(row, kept) for row in initiative["evidence"]]}


def _without_looks(row: Record, kept: list[str]) -> Record:
    estimate: dict[str, Any] = row["estimate"]
    looks = estimate["detail"].get("looks")
    if not looks:
        return row
    kept.append(json.dumps(looks, ensure_ascii=False))
    detail = {**estimate["detail"], "looks": f"{_MARK}{len(kept) - 1}"}
    return {**row, "estimate": {**estimate, "detail": detail}}


def _unfolded(text: str, kept: list[str]) -> Iterator[str]:
    mark = json.dumps(_MARK)[:-1]
    for piece in text.split(mark):
        number, quote, rest = piece.partition('"')
        yield f"{kept[int(number)]}{rest}" if quote and number.isdigit() and kept else piece
