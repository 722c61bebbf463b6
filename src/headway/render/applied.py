"""Advice that was recorded as applied, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from headway.render.base import Record
from headway.render.terminal import cleaned


def table(record: Record, head: str) -> str:
    """One line for each entry, or why there is none."""
    return "\n".join(_lines(cleaned(record), head))


def _lines(record: Record, head: str) -> Iterator[str]:
    for one in record["recorded"]:
        what = f"{one['workload']} [{one['resource']}] {one['granted']:.3g} to {one['proposed']:.3g}"
        unit = f" {one['unit']}" if one["unit"] else ""
        said = "" if one["new"] else " (it was recorded before)"
        yield f"entry {one['entry']}: {one['actor']} applied {what}{unit}, by {one['recommender']}{said}"
        yield f"  {_promise(one['promised'])}; measured on {one['due'][:10]}"
        if one["head_behind"]:
            yield one["head_behind"]
    no = record["refused"]
    if no:
        yield f"not recorded: error[{no['code']}] {no['what']}\n  mend: {no['mend']}"
    elif any(one["new"] for one in record["recorded"]):
        yield f"commit {head}"


def _promise(ends: list[float] | None) -> str:
    if ends is None:
        return "no saving was promised"
    value, low, high = (100 * end for end in ends)
    return f"promised: a saving of {value:.0f} % ({low:.0f} to {high:.0f} %)"
